"""The usual slips of Adagrad, early stopping and the paired interval: what each of them returns.

`islesedu.course.gradient_slips` does the same for gradients, `islesedu.course.slips` for
convolution.
"""

import numpy as np
from scipy import stats


def adagrad(w: np.ndarray, gradients: np.ndarray, rate: float, start: float = 0.1) -> np.ndarray:
    """Return the weights after one Adagrad update for each gradient.

    Parameters
    ----------
    w : float or ndarray
        Initial weights.
    gradients : ndarray, (T, ...)
        One for each update, each of the shape of `w`.
    rate : float
        Learning rate, constant.
    start : float
        What each accumulator begins with.

    Examples
    --------
    >>> round(float(adagrad(1.0, [0.3], 0.1)), 4)  # 1 - 0.1 x 0.3 / sqrt(0.1 + 0.09)
    0.9312
    """
    accumulator = start
    for gradient in gradients:
        accumulator = accumulator + gradient**2
        w = w - rate * gradient / np.sqrt(accumulator)
    return w


def adagrad_slips(w: np.ndarray, gradients: np.ndarray, rate: float) -> dict:
    """Return what the usual mistakes give."""
    late, root = w, w
    before = after = 0.1
    for gradient in gradients:
        late = late - rate * gradient / np.sqrt(before)
        before = before + gradient**2
        after = after + gradient**2
        root = root - rate * gradient / after
    alone = sum(gradient / np.sqrt(0.1 + gradient**2) for gradient in gradients)
    return {
        "the accumulator begins at 0.1, not at 0": adagrad(w, gradients, rate, start=0.0),
        "that is plain gradient descent; divide by the root of the accumulator": (
            w - rate * np.sum(gradients, axis=0)
        ),
        "subtract the step; you have added it": 2 * w - adagrad(w, gradients, rate),
        "add to the accumulator first, then take the step": late,
        "divide by the square root of the accumulator": root,
        "the accumulator must be kept from one update to the next": w - rate * alone,
    }


def early_stopping(val_dice: list[float], patience: int) -> tuple[int, int]:
    """Return the epoch that is kept and the last epoch, both counted from 1.

    Parameters
    ----------
    val_dice : list of float
        Validation Dice that each epoch would give.
    patience : int
        Epochs without a higher value after which the training ends.

    Examples
    --------
    >>> early_stopping([0.1, 0.3, 0.2, 0.2, 0.4], patience=2)
    (2, 4)
    """
    best = 0
    for epoch, dice in enumerate(val_dice):
        if dice > val_dice[best]:
            best = epoch
        if epoch - best == patience:
            return best + 1, epoch + 1
    return best + 1, len(val_dice)


def early_stopping_slips(val_dice: list[float], patience: int) -> dict:
    """Return what the usual mistakes give."""
    best, last = early_stopping(val_dice, patience)
    falls, fallen = 0, 1
    while falls < patience and fallen < len(val_dice):
        falls = falls + 1 if val_dice[fallen] < val_dice[fallen - 1] else 0
        fallen += 1
    longer = early_stopping(val_dice, patience + 1)
    return {
        "epochs are counted from 1": (best - 1, last - 1),
        "the epoch that is kept is not the one in which the training ends": (last, last),
        "the later epochs are never trained; the rule cannot look at them": (
            int(np.argmax(val_dice)) + 1,
            last,
        ),
        "that training ends one epoch too late": longer,
        "compare with the best epoch so far, not with the epoch before": (
            int(np.argmax(val_dice[:fallen])) + 1,
            fallen,
        ),
    }


def paired_interval(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Return the 95 % t-interval of the mean difference of paired values.

    Parameters
    ----------
    first, second : ndarray, (N,)
        One value a patient under each of two methods.

    Examples
    --------
    >>> low, high = paired_interval([0.5, 0.4, 0.6], [0.3, 0.3, 0.3])
    >>> round(low, 3), round(high, 3)  # 0.2 -+ 4.303 x 0.1 / sqrt(3)
    (-0.048, 0.448)
    """
    differences = np.asarray(first) - np.asarray(second)
    low, high = stats.ttest_1samp(differences, 0).confidence_interval()
    return float(low), float(high)


def paired_interval_slips(first: np.ndarray, second: np.ndarray) -> dict:
    """Return what the usual mistakes give."""
    differences = np.asarray(first) - np.asarray(second)
    n, mean = len(differences), differences.mean()
    t, deviation = stats.t.ppf(0.975, n - 1), differences.std(ddof=1)
    apart = np.sqrt((np.var(first, ddof=1) + np.var(second, ddof=1)) / n)
    halves = {
        "that holds 95 % of the patients; the standard error of a mean is smaller": t * deviation,
        "with so few patients use the t-distribution, not the normal one": (
            1.96 * deviation / np.sqrt(n)
        ),
        "divide by n - 1 in the standard deviation (ddof=1)": (
            t * differences.std(ddof=0) / np.sqrt(n)
        ),
        "the values are paired: take the difference of each patient first": t * apart,
        "of both tails together 5 % are outside, so 2.5 % of each": (
            stats.t.ppf(0.95, n - 1) * deviation / np.sqrt(n)
        ),
    }
    return {name: (float(mean - half), float(mean + half)) for name, half in halves.items()}
