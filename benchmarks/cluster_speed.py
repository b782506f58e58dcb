"""Cases a second on this machine: plain training against clusters, three networks, twice each.

    .venv/bin/islesedu data make build/experiment --scale 0.4 --jobs 2
    .venv/bin/python benchmarks/cluster_speed.py build/experiment/training

Writes data/results/cluster_speed.csv, which `benchmarks/cluster_scaling.py` fits its model to.
Plain training runs with one core and with all; each worker of a cluster has one. All ways are taken
in turn, twice, so that what else the machine does falls on all alike; each is timed without its
first fifth, in which TensorFlow builds its graphs.
"""

import argparse
import multiprocessing
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from islesedu.networks import backend

SMALL = {"kernel_size": 3, "convolutions": [1, 2], "bottom_convolutions": 2}
NETWORKS = {"lesson 15": (4, SMALL, 60), "4 filters": (4, {}, 40), "16 filters": (16, {}, 15)}
"""Filters of the first level, further arguments of the network, steps timed."""
WAYS = {
    "plain, 1 core": {"workers": 0, "threads": 1},
    "plain, all cores": {"workers": 0, "threads": None},
    "async, 1 worker": {"workers": 1, "mode": "async", "threads": 1},
    "async, 2 workers": {"workers": 2, "mode": "async", "threads": 1},
    "sync, 2 workers": {"workers": 2, "mode": "sync", "threads": 1},
}
FILE = Path(__file__).resolve().parents[1] / "data" / "results" / "cluster_speed.csv"


def plain(folder: str, output: str, threads: int | None, shared: dict, times) -> None:
    """Train as `islesedu train` does, and put down when each step ended; to be run in a process."""
    if threads:
        os.environ["TF_NUM_INTRAOP_THREADS"] = str(
            threads
        )  # as a worker of a cluster limits itself
    backend.import_keras()
    from islesedu.training.fitting import train

    train(folder, output, on_step=lambda step: times.append(time.time()), **shared)


def ends_of(
    folder: str, output: str, shared: dict, *, workers: int, threads, mode=""
) -> np.ndarray:
    """Return when each case of a training was done (s)."""
    if workers:
        from islesedu.cluster.local import train_locally
        from islesedu.cluster.update_log import read_updates

        how = {"workers": workers, "mode": mode, "threads": threads}
        steps = shared["steps"] // (2 if mode == "sync" else 1)  # an update of both workers' cases
        shared = shared | {"steps": steps, "checkpoint_every": steps}
        return read_updates(train_locally(folder, output, **shared, **how))["end"].to_numpy()
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        times = manager.list()
        process = context.Process(target=plain, args=(folder, output, threads, shared, times))
        process.start()
        process.join()
        return np.array(times)


def rate(ends: np.ndarray) -> float:
    """Return cases a second, without the first fifth."""
    skip = max(2, len(ends) // 5)
    return (len(ends) - 1 - skip) / (ends[-1] - ends[skip])


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", help="ISLES folder with lesions")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--output", type=Path, default=FILE)
    options = parser.parse_args()
    rows = []
    for number in range(1, options.rounds + 1):
        for name, (filters, network, steps) in NETWORKS.items():
            shared = {"filters": filters, "network": network, "steps": steps, "progress": False}
            shared["checkpoint_every"] = steps
            for way, how in WAYS.items():
                with tempfile.TemporaryDirectory() as place:
                    ends = ends_of(options.folder, f"{place}/run", shared, **how)
                row = {"network": name, "way": way, "round": number, "cases_a_second": rate(ends)}
                print(row, flush=True)
                rows.append(row)
                pd.DataFrame(rows).round(4).to_csv(options.output, index=False)


if __name__ == "__main__":
    main()
