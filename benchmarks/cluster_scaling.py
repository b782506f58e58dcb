"""How many cases a second a cluster trains, by a model: compute, bytes moved, speed of the link.

    .venv/bin/python -m benchmarks.cluster_scaling

Draws docs/cluster_scaling.png and prints the tables of docs/cluster.md. Compute and the fixed price
of an update come from data/results/cluster_speed.csv, which `benchmarks/cluster_speed.py` measures.

The model. A worker needs `compute` seconds for a case, and every update costs `price` seconds
besides: calls to the servers and the chief, taking values in and out of messages. Each update moves
2 x parameters x 4 bytes between a worker and the parameter servers, over the worker's link and over
the servers' links, which takes `moved` seconds:

    asynchronous   cases a second = 1 / max((compute + price + moved) / workers, moved / servers)
    synchronous    cases a second = workers / seconds an update, which takes
                   (compute + price) x slowest + max(moved, workers x moved / servers)

`slowest` is how much longer the slowest of the workers takes than the mean: with exponential tails
of a tenth of the mean, 1 + 0.1 ln(workers). The model leaves out the chief (a few hundred bytes an
update), reading the case (workers do it from their own disks), and what the network shares with
others.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

SPEED = Path(__file__).resolve().parents[1] / "data" / "results" / "cluster_speed.csv"
PARAMETERS = {4: 2_749_933, 16: 43_945_969}
"""Of the V-Net with its defaults, by filters of the first level."""
LINK = 10e9 / 8
"""Bytes a second of each machine's link: 10 gigabit a second."""
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
    """Return the seconds that pull and push of one update take on a link (bytes a second)."""
    return 2 * parameters * 4 / link


def asynchronous(workers, own: float, moved: float, servers: int = 1):
    """Return cases a second when nobody waits; `own` is a worker's compute and price."""
    return 1 / np.maximum((own + moved) / workers, moved / servers)


def synchronous(workers, own: float, moved: float, servers: int = 1, spread: float = 0.1):
    """Return cases a second when all wait for the slowest."""
    slowest = 1 + spread * np.log(workers)
    return workers / (own * slowest + np.maximum(moved, workers * moved / servers))


def laws(filters: int) -> dict[str, np.ndarray]:
    """Return throughput for each number of workers, by that of plain training on one machine."""
    plain, parameters = compute(filters), PARAMETERS[filters]
    own = plain + price()
    fast, slow = move(parameters), move(parameters, LINK / 10)
    servers = np.maximum(1, WORKERS // 4)
    return {
        "async, 10 Gbit/s, a server for every 4 workers": plain
        * asynchronous(WORKERS, own, fast, servers),
        "async, 10 Gbit/s, 1 server": plain * asynchronous(WORKERS, own, fast),
        "sync, 10 Gbit/s, 1 server": plain * synchronous(WORKERS, own, fast),
        "async, 1 Gbit/s, 1 server": plain * asynchronous(WORKERS, own, slow),
    }


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
    draw(Path(options.output))


if __name__ == "__main__":
    main()
