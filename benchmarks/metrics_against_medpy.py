"""How much faster the metrics are than medpy's, at equal numbers.

    .venv/bin/python -m benchmarks.metrics_against_medpy

Two ragged lesions in a volume of the commonest real size. Each metric of both is timed in turn, A B
A B, in one process; the ratio of the medians is printed, because machines are shared and noisy,
and the ratio for the whole set of six.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
from medpy.metric import binary

from islesedu import metrics

SPACING = (1.25, 1.25, 6.5)
PAIRS = {
    "dice": (metrics.dice, binary.dc, False),
    "precision": (metrics.precision, binary.precision, False),
    "recall": (metrics.recall, binary.recall, False),
    "hausdorff": (metrics.hausdorff, binary.hd, True),
    "hausdorff95": (metrics.hausdorff95, binary.hd95, True),
    "assd": (metrics.assd, binary.assd, True),
}
"""Ours, medpy's, and whether it is a distance in mm."""


def lesions(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return a ragged lesion and a prediction in a volume of the commonest real size."""
    truth, prediction = np.zeros((2, 192, 192, 19), bool)
    truth[60:90, 100:130, 8:13] = rng.random((30, 30, 5)) > 0.3
    prediction[64:94, 104:134, 8:13] = rng.random((30, 30, 5)) > 0.3
    return prediction, truth


def seconds(call: Callable[[], float]) -> float:
    """Return how long a call takes."""
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def main(rounds: int = 9) -> None:
    """Print a table: difference of the values, times, ratio."""
    pair = lesions(np.random.default_rng(2017))
    print("| metric | difference | ours | medpy | medpy by ours |\n|---|---|---|---|---|")
    totals = np.zeros(2)
    for name, (ours, medpy, distance) in PAIRS.items():
        how = {"voxelspacing": SPACING} if distance else {}
        calls = (
            lambda ours=ours: ours(*pair, SPACING),
            lambda medpy=medpy, how=how: medpy(*pair, **how),
        )
        difference = abs(calls[0]() - calls[1]())
        times = [[seconds(call) for call in calls] for _ in range(rounds)]
        medians = np.array([statistics.median(column) for column in zip(*times, strict=True)])
        totals += medians
        ms = " | ".join(f"{1e3 * value:.2f} ms" for value in medians)
        print(f"| {name} | {difference:.0e} | {ms} | {medians[1] / medians[0]:.1f} |")
    ms = " | ".join(f"{1e3 * value:.1f} ms" for value in totals)
    print(f"| the six | | {ms} | {totals[1] / totals[0]:.1f} |")


if __name__ == "__main__":
    main()
