"""Draw docs/phantom_maps.png and docs/phantom_values.png: what the synthetic patients look like.

.venv/bin/islesedu data make build/calibration/2017 --jobs 2
.venv/bin/python docs/phantom.py build/calibration/2017/training
"""

import sys

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np

from islesedu import CHANNELS, figures
from islesedu.isles import UNITS, find_cases, read_case

REAL = {"CBF": (4.9, 19.0, 46.0), "CBV": (0.45, 1.4, 3.2), "MTT": (2.6, 5.0, 10.3)}
"""Lowest, median and highest brain median of ISLES 2017."""
SHARES = {5: 0.04, 25: 0.40, 50: 1.25, 75: 4.6, 95: 10.3}
"""Quantiles of the lesion's share of the brain in ISLES 2017, %."""


def draw_maps(patients) -> None:
    """Draw the six maps of a small, a medium and a large lesion."""
    by_size = sorted(patients, key=lambda patient: patient.lesion.mean())
    chosen = [by_size[round(q * (len(by_size) - 1))] for q in (0.25, 0.5, 0.8)]
    figure = plt.figure(figsize=(9, 16), layout="constrained")
    titles = ("small lesion", "medium lesion", "large lesion")
    for patient, title, part in zip(chosen, titles, figure.subfigures(3), strict=True):
        part.suptitle(title)
        axes = part.subplots(2, 3).flat
        figures.montage(patient, axes, figures.best_slice(patient.lesion))
    figure.savefig("docs/phantom_maps.png", dpi=80, bbox_inches="tight")  # with every unit


def draw_values(patients) -> None:
    """Draw histograms of the maps and the quantiles of the lesions, with the real ones."""
    names = *CHANNELS, "shares", "medians"
    wide = {"shares": 3, "medians": 3}
    cells = np.repeat(names, [wide.get(name, 2) for name in names]).reshape(3, 6)
    figure, axes = plt.subplot_mosaic(cells, figsize=(9, 8.5), layout="constrained")
    for channel in CHANNELS:
        ax = axes[channel]
        values = [p.image[..., p.channels.index(channel)][p.brain] for p in patients]
        low, high = np.percentile(np.concatenate(values), [0.5, 99.5])
        bins = np.linspace(low, high, 60)
        lesions = [p.image[..., p.channels.index(channel)][p.lesion] for p in patients]
        ax.hist(np.concatenate(values), bins, density=True, color="#999999", label="brain")
        ax.hist(
            np.concatenate(lesions),
            bins,
            density=True,
            histtype="step",
            color=figures.ORANGE,
            label="later lesion",
        )
        ax.set(title=channel, xlabel=UNITS[channel], yticks=[])
    axes["ADC"].legend()
    draw_shares(patients, axes["shares"])
    draw_medians(patients, axes["medians"])
    figure.savefig("docs/phantom_values.png", dpi=80)


def draw_shares(patients, ax) -> None:
    """Draw the lesion's share of the brain, patient by patient, and the real quantiles."""
    shares = np.sort([100 * p.lesion.sum() / p.brain.sum() for p in patients])
    ax.plot(np.linspace(0, 100, len(shares)), shares, color=figures.BLUE, label="synthetic")
    ax.plot(list(SHARES), list(SHARES.values()), "o", color=figures.ORANGE, label="ISLES 2017")
    ax.set(
        yscale="log", xlabel="patients with a smaller lesion (%)", title="lesion, % of the brain"
    )
    ax.legend()


def draw_medians(patients, ax) -> None:
    """Draw the brain median of each patient by the real median, and the real range."""
    for place, (channel, (lowest, median, highest)) in enumerate(REAL.items()):
        each = [np.median(p.image[..., p.channels.index(channel)][p.brain]) for p in patients]
        jitter = np.linspace(-0.2, 0.2, len(each))
        ax.plot(place + jitter, np.array(each) / median, ".", color=figures.BLUE)
        ax.vlines(place + 0.3, lowest / median, highest / median, color=figures.ORANGE, lw=3)
        ax.plot(place + 0.3, 1, "o", color=figures.ORANGE)
    ax.set(yscale="log", xticks=range(3), xticklabels=list(REAL))
    ax.set_title("brain median / median of ISLES 2017")


if __name__ == "__main__":
    people = [read_case(case) for case in find_cases(sys.argv[1])]
    draw_maps(people)
    draw_values(people)
