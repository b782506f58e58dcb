"""What staleness does, in theory: delayed gradient descent, its limit, and workers that race."""

import heapq
from collections.abc import Sequence

import numpy as np
import pandas as pd


def delayed_descent(
    rate: float, delay: int, steps: int = 60, curvature: float = 1.0, start: float = 1.0
) -> np.ndarray:
    """Return w after 0, 1, ..., `steps` gradient steps on a parabola, each gradient `delay` old.

    The loss is ``curvature * w**2 / 2``; an update is ``w[t + 1] = w[t] - rate * curvature *
    w[t - delay]``. Before the first update w was `start`, too.

    Examples
    --------
    >>> delayed_descent(rate=0.5, delay=0, steps=2).tolist()
    [1.0, 0.5, 0.25]
    """
    w = [start] * (delay + 1)
    for _ in range(steps):
        w.append(w[-1] - rate * curvature * w[-1 - delay])
    return np.array(w[delay:])


def largest_rate(delay: float, curvature: float = 1.0) -> float:
    """Return the learning rate from which on `delayed_descent` does not converge.

    ``2 sin(pi / (2 (2 d + 1))) / curvature`` (Levin and May 1976, for the recursion of above).

    Examples
    --------
    >>> round(largest_rate(0), 3), round(largest_rate(1), 3), round(largest_rate(0, 4.0), 3)
    (2.0, 1.0, 0.5)
    """
    return float(2 * np.sin(np.pi / (2 * (2 * delay + 1))) / curvature)


def simulate_async(seconds_per_case: Sequence[float], until: float) -> pd.DataFrame:
    """Let workers pull, compute for their own time, push, and pull again at once.

    Parameters
    ----------
    seconds_per_case : sequence of float
        One a worker.
    until : float
        Seconds to simulate; all workers begin at 0.

    Returns
    -------
    DataFrame
        A row a push: worker, pulled and end (s), and staleness: pushes of others in between.

    Examples
    --------
    >>> simulate_async([1.0, 2.5], until=4.0)[["worker", "end", "staleness"]].values.tolist()
    [[0.0, 1.0, 0.0], [0.0, 2.0, 0.0], [1.0, 2.5, 2.0], [0.0, 3.0, 1.0], [0.0, 4.0, 0.0]]
    """
    pulled = [(0.0, 0)] * len(seconds_per_case)  # when, and the number of updates by then
    pushes = [(seconds, worker) for worker, seconds in enumerate(seconds_per_case)]
    heapq.heapify(pushes)
    rows = []
    while pushes[0][0] <= until:
        now, worker = heapq.heappop(pushes)
        when, before = pulled[worker]
        rows.append((worker, when, now, len(rows) - before))
        pulled[worker] = now, len(rows)
        heapq.heappush(pushes, (now + seconds_per_case[worker], worker))
    return pd.DataFrame(rows, columns=["worker", "pulled", "end", "staleness"])
