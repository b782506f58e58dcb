"""How many updates a second a cluster makes: a model of workers that share links and processors.

Each worker goes through the same phases again and again: pull the weights, compute, push the
gradient, have it applied, and some waiting that nobody else feels. Whoever is in the same phase at
the same time shares what the phase needs: the server's link in one direction, or the processors.
The phases of the workers are moved on together, from one end of a phase to the next.
"""

from dataclasses import astuple, dataclass

import numpy as np

_PHASES = 5
_PULL, _COMPUTE, _PUSH, _SERVE, _WAIT = range(_PHASES)
_SPREAD = 0.1
"""Standard deviation of the logarithm of how long a phase takes."""


@dataclass(frozen=True)
class UpdateCost:
    """What an update of one worker takes, were it alone (s).

    Attributes
    ----------
    pull, push : float
        On the link, in one direction each.
    compute : float
        Of a processor of the worker.
    serve : float
        Of a processor of the server.
    wait : float
        Neither of both, such as calls that take a while to arrive.

    Examples
    --------
    >>> UpdateCost.of(parameters=2_749_933, link=1e9, compute=0.3).pull
    0.087997856
    """

    pull: float = 0.0
    compute: float = 0.0
    push: float = 0.0
    serve: float = 0.0
    wait: float = 0.0

    @classmethod
    def of(cls, parameters: int, link: float | None, **rest: float) -> "UpdateCost":
        """Return the cost for a network of so many parameters and a link (bits a second)."""
        moved = 32 * parameters / link if link else 0.0
        return cls(pull=moved, push=moved, **rest)


def updates_per_second(
    workers: int,
    cost: UpdateCost,
    *,
    servers: int = 1,
    cores: int | None = None,
    contention: float = 1.0,
    cycles: int = 150,
    seed: int = 0,
) -> float:
    """Return how many asynchronous updates a second some workers make together.

    Parameters
    ----------
    workers, servers : int
        A link carries both directions at once; the weights are spread evenly over the servers.
    cost : UpdateCost
        Of one update.
    cores : int, optional
        Processors that all workers and servers share; each has its own if None.
    contention : float
        How much longer a process takes while another one computes beside it (memory bandwidth, the
        clock, parts of a core that two share); of shared cores only.
    cycles : int
        Updates of a worker to simulate; the first fifth is left out.
    seed : int
        How long a phase takes varies by 10 percent.

    Examples
    --------
    >>> alone = UpdateCost(pull=0.1, compute=0.7, push=0.1, serve=0.1)
    >>> [round(updates_per_second(w, alone)) for w in (1, 2, 100)]
    [1, 2, 10]
    >>> 2.3 < updates_per_second(4, alone, cores=2) < 2 / (0.7 + 0.1)
    True
    """
    rng = np.random.default_rng(seed)
    amounts = np.array(astuple(cost))
    phase = rng.integers(len(amounts), size=workers)
    left = amounts[phase] * rng.random(workers)
    now, ends = 0.0, []
    while len(ends) < cycles * workers:
        speed = _speeds(phase, servers, cores, contention)
        step = (left / speed).min()
        now += step
        left -= step * speed
        for worker in np.flatnonzero(left <= 1e-12):
            ends += [now] if phase[worker] == _WAIT else []
            phase[worker] = (phase[worker] + 1) % len(amounts)
            left[worker] = amounts[phase[worker]] * rng.lognormal(0, _SPREAD)
    ends = np.array(ends[len(ends) // 5 :])
    return float((len(ends) - 1) / (ends[-1] - ends[0]))


def _speeds(phase: np.ndarray, servers: int, cores: int | None, contention: float) -> np.ndarray:
    """Return how fast each worker goes through its phase; 1 is as if it were alone."""
    users = np.bincount(phase, minlength=_PHASES).tolist()
    rate = [1.0] * _PHASES
    for link in (_PULL, _PUSH):
        rate[link] = min(1.0, servers / max(1, users[link]))
    if cores:
        count = users[_COMPUTE] + users[_SERVE]
        shared = min(1.0, cores / max(1, count)) / (contention if count > 1 else 1.0)
        rate[_COMPUTE] = rate[_SERVE] = shared
    else:
        rate[_SERVE] = min(1.0, servers / max(1, users[_SERVE]))
    return np.array(rate)[phase]
