"""The usual slips of asynchronous updates and their staleness: what each of them returns."""

from collections.abc import Sequence


def update(history: Sequence[float], rate: float, delay: int, curvature: float) -> float:
    """Return the weight after an update on a parabola whose gradient is old.

    Parameters
    ----------
    history : sequence of float
        All weights so far, the newest last.
    rate : float
        Learning rate.
    delay : int
        Updates since the weight at which the gradient was computed.
    curvature : float
        Of the parabola.

    Examples
    --------
    >>> update([1.0, 0.5], 0.5, delay=1, curvature=1.0)
    0.0
    """
    return history[-1] - rate * curvature * history[-1 - delay]


def update_slips(
    history: Sequence[float], rate: float, delay: int, curvature: float
) -> dict[str, float]:
    """Return what the usual mistakes give; without a delay some of them are none."""
    newest, stale = history[-1], history[-1 - delay]
    slips = {
        "the gradient is taken at an older weight than the newest": newest
        - rate * curvature * newest,
        "history[-delay] is one update too young: history[-1] has the delay 0": newest
        - rate * curvature * history[-delay],
        "the server applies the gradient to its newest weight, not to the old one": stale
        - rate * curvature * stale,
        "descend: go against the gradient": newest + rate * curvature * stale,
        "the gradient of the parabola is curvature times weight": newest - rate * stale,
    }
    if delay:
        return slips
    right, (_, first, _, *others) = update(history, rate, 0, curvature), slips.items()
    oldest = "without a delay, history[-delay] is history[0], the oldest weight"
    return {
        name: wrong for name, wrong in ((oldest, first[1]), *others) if abs(wrong - right) > 1e-6
    }


def staleness(pulled: Sequence[float], ended: Sequence[float]) -> list[int]:
    """Return the staleness of each update.

    Parameters
    ----------
    pulled, ended : sequence of float
        When each update had its weights, and when it had been pushed (s).

    Examples
    --------
    >>> staleness([0.0, 0.5], [1.0, 2.0])
    [0, 1]
    """
    pairs = zip(pulled, ended, strict=True)
    return [sum(begin < other < end for other in ended) for begin, end in pairs]


def staleness_slips(pulled: Sequence[float], ended: Sequence[float]) -> dict[str, list]:
    """Return what the usual mistakes give."""
    pairs, right = list(zip(pulled, ended, strict=True)), staleness(pulled, ended)
    return {
        "the update itself does not count": [n + 1 for n in right],
        "count the updates that ended in between, not those that were pulled in between": [
            sum(begin < other < end for other in pulled) for begin, end in pairs
        ],
        "an update that ended before the pull is in the weights already": [
            sum(other < end for other in ended) for _, end in pairs
        ],
        "an update that ends later does not make this one stale": [
            sum(other > begin for other in ended) - 1 for begin, _ in pairs
        ],
        "that is the mean; give the staleness of each update": [sum(right) / len(right)]
        * len(right),
    }
