"""How many cases a second a cluster trains: a model, and what it predicts of measurements.

    .venv/bin/python -m benchmarks.cluster_scaling

Draws docs/cluster_scaling.png and prints the tables of docs/cluster.md. The model of asynchronous
training is `islesedu.cluster.updates_per_second`: workers that pull, compute, push and wait, and
share the server's link and, on one machine, its processors.

Against measurements: what `benchmarks/cluster_machines.py` has measured of plain training (alone
and two at once) and of one worker without a limited link gives the model its numbers; all other
clusters are predicted. Writes data/results/cluster_machines_model.csv and puts the table into
docs/cluster.md.

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

from benchmarks.held_out import put_table
from islesedu.cluster import UpdateCost, updates_per_second
from islesedu.common.files import write_text

RESULTS = Path(__file__).resolve().parents[1] / "data" / "results"
SPEED, MACHINES = RESULTS / "cluster_speed.csv", RESULTS / "cluster_machines.csv"
PAGE = RESULTS.parents[1] / "docs" / "cluster.md"
PREDICTED = RESULTS / "cluster_machines_model.csv"
PAYLOAD = 0.95
"""Of the bits that a limited link counts, what is no header of a packet."""
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


def machines() -> pd.DataFrame:
    """Return what was measured of clusters of namespaces, mean over rounds, by link and workers."""
    table = pd.read_csv(MACHINES)
    table["link"] = table["mbit"].map(lambda mbit: "no limit" if np.isnan(mbit) else f"{mbit:.0f}")
    keys = ["way", "link", "mbit", "count"]
    return table.groupby(keys, dropna=False, sort=False).mean(numeric_only=True).reset_index()


def calibrate(found: pd.DataFrame) -> tuple[dict[str, float], float]:
    """Return what an update of one worker takes besides the link (s), and the contention.

    Contention is from plain training alone and two at once; processor seconds of worker, server and
    chief are from one worker without a limit, and what is left of its time is waiting.
    """
    alone, together = found[found["way"] == "plain"].set_index("count")["updates_a_minute"]
    (one,) = (
        found[(found["way"] == "cluster") & (found["link"] == "no limit")]
        .query("count == 1")
        .to_dict("records")
    )
    cycle, serve = 60 / one["updates_a_minute"], one["ps_cpu_s"] + one["chief_cpu_s"]
    computed = min(one["worker_cpu_s"], cycle - serve)
    rest = {"compute": computed, "serve": serve, "wait": cycle - serve - computed}
    return rest, max(1.0, 2 * alone / together)


def predict(cores: int = 2) -> pd.DataFrame:
    """Return updates a minute, measured and predicted, for each cluster of namespaces."""
    found = machines()
    rest, contention = calibrate(found)
    rows = []
    for one in found[found["way"] == "cluster"].to_dict("records"):
        link = None if np.isnan(one["mbit"]) else PAYLOAD * 1e6 * one["mbit"]
        cost = UpdateCost.of(PARAMETERS[4], link, **rest)
        how = {"cores": cores, "contention": contention}
        predicted = 60 * updates_per_second(int(one["count"]), cost, **how)
        rows.append((one["link"], one["count"], one["updates_a_minute"], predicted))
    return pd.DataFrame(rows, columns=["link", "workers", "measured", "predicted"]).round(1)


def comparison(table: pd.DataFrame) -> str:
    """Return the table of predictions in Markdown."""
    lines = [
        "| link (Mbit/s) | workers | measured (updates a minute) | model | off by |",
        "|---|---:|---:|---:|---:|",
    ]
    for row in table.itertuples():
        off = f"{row.predicted / row.measured - 1:+.0%}"
        lines.append(
            f"| {row.link} | {row.workers} | {row.measured:.0f} | {row.predicted:.0f} | {off} |"
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
    predicted = predict()
    write_text(PREDICTED, predicted.to_csv(index=False))
    print("without the link (s), and contention:", calibrate(machines()))
    put_table(PAGE, comparison(predicted))
    print(comparison(predicted))
    draw(Path(options.output))


if __name__ == "__main__":
    main()
