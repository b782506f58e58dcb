"""A worker that takes three times as long: staleness and throughput, by theory and from the log.

    .venv/bin/islesedu data make build/small --scale 0.25 --jobs 2
    .venv/bin/python -m benchmarks.cluster_slow build/small/training

Two asynchronous workers with a parameter server on this machine; worker 1 sleeps before it pushes
(``--slow 1=3``). Writes data/results/cluster_slow.csv: worker, start, pulled, end (s) and staleness
of each update, without the first fifth, in which TensorFlow builds its graphs; and puts the table
into docs/cluster.md.
"""

import argparse
import tempfile
from pathlib import Path

import pandas as pd

from benchmarks.held_out import put_table
from islesedu.common.files import write_text

FILE = Path(__file__).resolve().parents[1] / "data" / "results" / "cluster_slow.csv"
PAGE = FILE.parents[2] / "docs" / "cluster.md"
FACTOR, UPDATES = 3, 150


def summary(log: pd.DataFrame) -> str:
    """Return a table in Markdown: the ideal, what the times of the log predict, what it counted."""
    held = (log["end"] - log["pulled"]).groupby(log["worker"]).mean()
    cycle = (log["end"] - log["start"]).groupby(log["worker"]).mean()
    seconds = log["end"].max() - log["start"].min()
    rate = log.groupby("worker").size() / seconds
    counted = log.groupby("worker")["staleness"].mean()
    ideal = {0: (1 / FACTOR, FACTOR / (1 + FACTOR)), 1: (float(FACTOR), 1 / (1 + FACTOR))}
    lines = [
        "| worker | seconds a case | share of the updates (ideal) | staleness: ideal "
        "| from the times | counted |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for worker in (0, 1):
        stale, share = ideal[worker]
        lines.append(
            f"| {worker} | {cycle[worker]:.2f} | {rate[worker] / rate.sum():.2f} ({share:.2f}) "
            f"| {stale:.2f} | {rate[1 - worker] * held[worker]:.2f} | {counted[worker]:.2f} |"
        )
    mean = log["staleness"].mean()
    return "\n".join([*lines, f"| both | | | 1.00 | | {mean:.2f} |"])


def main() -> None:
    """Train, and write the log."""
    from islesedu.cluster.local import train_locally
    from islesedu.cluster.update_log import read_updates

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="ISLES folder with lesions")
    options = parser.parse_args()
    how = {"steps": UPDATES, "checkpoint_every": UPDATES, "threads": 1, "slow": f"1={FACTOR}"}
    with tempfile.TemporaryDirectory() as place:
        log = read_updates(train_locally(options.folder, f"{place}/run", progress=False, **how))
    log, times = log.iloc[UPDATES // 5 :].copy(), ["start", "pulled", "end"]
    log[times] = (log[times] - log["start"].min()).round(3)
    write_text(FILE, log[["worker", "start", "pulled", "end", "staleness"]].to_csv(index=False))
    put_table(PAGE, summary(log))
    print(summary(log))


if __name__ == "__main__":
    main()
