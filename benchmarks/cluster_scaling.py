"""How many cases a second a cluster trains: a model, and what it predicts of measurements.

    .venv/bin/python -m benchmarks.cluster_scaling

Draws docs/cluster_scaling.png and prints the tables of docs/cluster.md. The model of asynchronous
training is `islesedu.cluster.updates_per_second`: workers that pull, compute, push and wait, and
share the server's link and, on one machine, its processors.

Against measurements of two workers that share two cores: how much they hinder each other is fitted
on the smallest network of data/results/cluster_speed.csv and predicts the two others. Links of a
limited rate are measured and predicted by `benchmarks/cluster_links.py`.

For machines of their own (measured by nobody): compute and the fixed price of an update come from
data/results/cluster_speed.csv (`benchmarks/cluster_speed.py`). Synchronous training is a formula:

    cases a second = workers / seconds an update, which takes
                     (compute + price) x slowest + max(moved, workers x moved / servers)

where an update moves 2 x parameters x 4 bytes in `moved` seconds, and `slowest` is how much longer
the slowest of the workers takes than the mean: with exponential tails of a tenth of the mean,
1 + 0.1 ln(workers).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from islesedu.cluster import UpdateCost, updates_per_second

RESULTS = Path(__file__).resolve().parents[1] / "data" / "results"
SPEED = RESULTS / "cluster_speed.csv"
PARAMETERS = {4: 2_749_933, 16: 43_945_969}
"""Of the V-Net with its defaults, by filters of the first level."""
LINK = 10e9
"""Bits a second of each machine's link."""
WORKERS = np.array([1, 2, 4, 8, 16, 32, 64])


def speeds() -> pd.DataFrame:
    """Return measured cases a second: a row a network, a column a way, the mean of all rounds."""
    table = pd.read_csv(SPEED)
    found = table.pivot_table(index="network", columns="way", values="cases_a_second", sort=False)
    return found[list(dict.fromkeys(table["way"]))]


def compute(filters: int) -> float:
    """Return the seconds that plain training takes for a case on this machine, with all cores."""
    return 1 / speeds().loc[f"{filters} filters", "plain, all cores"]


def price() -> float:
    """Return what an update of one worker costs beyond computing (s): the mean of the networks."""
    found = speeds()
    return float((1 / found["async, 1 worker"] - 1 / found["plain, 1 core"]).mean())


def move(parameters: int, link: float = LINK) -> float:
    """Return the seconds that pull and push of one update take on a link (bits a second)."""
    return 2 * 32 * parameters / link


def asynchronous(
    filters: int, link: float = LINK, servers: Sequence[int] | None = None
) -> np.ndarray:
    """Return cases a second for each number of workers, when nobody waits."""
    cost = UpdateCost.of(PARAMETERS[filters], link, compute=compute(filters), wait=price())
    servers = np.ones_like(WORKERS) if servers is None else servers
    return np.array(
        [
            updates_per_second(int(w), cost, servers=int(s), cycles=60)
            for w, s in zip(WORKERS, servers, strict=True)
        ]
    )


def synchronous(workers, own: float, moved: float, servers: int = 1, spread: float = 0.1):
    """Return cases a second when all wait for the slowest."""
    slowest = 1 + spread * np.log(workers)
    return workers / (own * slowest + np.maximum(moved, workers * moved / servers))


def laws(filters: int) -> dict[str, np.ndarray]:
    """Return throughput for each number of workers, by that of plain training on one machine."""
    plain = compute(filters)
    several, own, moved = np.maximum(1, WORKERS // 4), plain + price(), move(PARAMETERS[filters])
    return {
        "async, 10 Gbit/s, a server for every 4 workers": plain
        * asynchronous(filters, servers=several),
        "async, 10 Gbit/s, 1 server": plain * asynchronous(filters),
        "sync, 10 Gbit/s, 1 server": plain * synchronous(WORKERS, own, moved),
        "async, 1 Gbit/s, 1 server": plain * asynchronous(filters, LINK / 10),
    }


def contention() -> float:
    """Return how much longer a process takes here while another one computes beside it.

    Fitted on the smallest network: two workers make less than twice the updates of one.
    """
    first = speeds().iloc[0]
    return float(2 * first["async, 1 worker"] / first["async, 2 workers"])


def two_workers() -> pd.DataFrame:
    """Return cases a second of two workers that share two cores, measured and by the model."""
    found, factor, rows = speeds(), contention(), []
    for name, row in found.iterrows():
        alone, plain = 1 / row["async, 1 worker"], 1 / row["plain, 1 core"]
        cost = UpdateCost(compute=plain, serve=alone - plain)
        predicted = updates_per_second(2, cost, cores=2, contention=factor)
        rows.append((name, row["async, 2 workers"], predicted, row["plain, all cores"]))
    return pd.DataFrame(rows, columns=["network", "measured", "predicted", "plain"])


def comparison() -> str:
    """Return a table in Markdown: two workers, by plain training with both cores."""
    lines = [
        "| network | two workers, measured | by the model | off by | by plain training: measured "
        "| model |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in two_workers().itertuples():
        off = f"{row.predicted / row.measured - 1:+.0%}"
        ratios = f"{row.measured / row.plain:.2f} | {row.predicted / row.plain:.2f}"
        lines.append(
            f"| {row.network} | {row.measured:.2f} | {row.predicted:.2f} | {off} | {ratios} |"
        )
    return "\n".join(lines)


def draw(file: Path) -> None:
    """Draw throughput against workers for both networks."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained", sharey=True)
    looks = (("#009E73", "-.", "^"), ("#0072B2", "-", "o"), ("#D55E00", "--", "s"))
    for ax, filters in zip(axes, PARAMETERS, strict=True):
        curves = laws(filters).items()
        for (label, rate), (color, style, sign) in zip(
            curves, (*looks, ("#CC79A7", ":", "D")), strict=True
        ):
            ax.loglog(WORKERS, rate, style, color=color, marker=sign, ms=4, label=label)
        ax.loglog(WORKERS, WORKERS, color="gray", lw=0.6, label="ideal")
        ax.set(
            title=f"{filters} filters, {PARAMETERS[filters]:,} parameters",
            xlabel="workers",
            xticks=WORKERS,
            xticklabels=WORKERS,
        )
    axes[0].set_ylabel("cases a second, by those of\nplain training on one machine")
    axes[0].legend(fontsize=8)
    figure.savefig(file, dpi=110)
    print(f"drawn: {file}")


def table() -> None:
    """Print throughput by the model, by that of plain training on one machine."""
    print("| filters | cluster | " + " | ".join(f"{w}" for w in WORKERS) + " |")
    print("|---|---|" + "---:|" * len(WORKERS))
    for filters in PARAMETERS:
        for label, rates in laws(filters).items():
            numbers = " | ".join(f"{rate:.1f}" for rate in rates)
            print(f"| {filters} | {label} | {numbers} |")


def measured() -> None:
    """Print what was measured, and what the model takes from it."""
    found = speeds()
    print("| network | " + " | ".join(found.columns) + " |")
    print("|---|" + "---:|" * len(found.columns))
    for network, row in found.iterrows():
        plain = row["plain, all cores"]
        numbers = " | ".join(f"{rate:.2f} ({rate / plain:.2f})" for rate in row)
        print(f"| {network} | {numbers} |")
    costs = 1 / found["async, 1 worker"] - 1 / found["plain, 1 core"]
    print("seconds an update beyond computing:", costs.round(3).to_dict())
    print({f: f"compute {compute(f):.3f} s" for f in PARAMETERS}, f"price {price():.3f} s")


def main() -> None:
    """Print what was measured and the model; draw it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", default="docs/cluster_scaling.png")
    options = parser.parse_args()
    measured()
    table()
    print(f"contention of two cores: {contention():.2f}")
    print(comparison())
    draw(Path(options.output))


if __name__ == "__main__":
    main()
