"""How long the three ways of deconvolution take, by the time of the block-circulant one.

Run with ``python benchmarks/deconvolution.py``. They take turns (A B C A B C ...) in one process,
on noise in a quarter of a scan of the commonest size: the worst case for the oscillation index,
which then tries every threshold. The ratios of the medians are printed, since machines are shared.
"""

import statistics
import time

import numpy as np

from islesedu.perfusion import deconvolve, gamma_variate

ROUNDS = 3
SHAPE = (96, 96, 19, 60)
DT = 1.5


def main() -> None:
    """Time the three methods in turn and print medians and ratios."""
    noise = np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)
    artery = gamma_variate(np.arange(SHAPE[-1]) * DT)
    times: dict[str, list[float]] = {"circulant": [], "truncated": [], "oscillation": []}
    for _ in range(ROUNDS):
        for method, own in times.items():
            start = time.perf_counter()
            deconvolve(noise, artery, DT, method)
            own.append(time.perf_counter() - start)
    medians = {method: statistics.median(own) for method, own in times.items()}
    for method, median in medians.items():
        ratio = median / medians["circulant"]
        print(f"{method:12s} {median:6.2f} s, {ratio:5.1f} times circulant, {SHAPE} values")


if __name__ == "__main__":
    main()
