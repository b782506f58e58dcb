"""How many cases a second a cluster trains, by a model: compute, bytes moved, speed of the link.

    .venv/bin/python benchmarks/cluster_scaling.py
    .venv/bin/python benchmarks/cluster_scaling.py --measure build/cohort/training

The first draws docs/cluster_scaling.png from the model. With --measure it trains first: one worker
by plain `islesedu train`, then one and two workers on a cluster of this machine, and prints the
ratios. Times depend on the machine and what else it does; ratios less so.

The model. A worker needs `compute` seconds for a case. Each update moves 2 x parameters x 4 bytes
between a worker and the parameter servers, over the worker's link and over the servers' links:

    asynchronous   cases a second = 1 / max((compute + move) / workers, move / servers)
    synchronous    seconds an update = compute x slowest + max(move, workers x move / servers)
                   cases a second = workers / seconds an update

`slowest` is how much longer the slowest of the workers takes than the mean: with exponential tails
of a tenth of the mean, 1 + 0.1 ln(workers). The model leaves out the chief (a few hundred bytes an
update), reading the case (workers do it from their own disks), and what the network shares with
others.
"""

import argparse
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

PARAMETERS = {4: 2_749_933, 16: 43_945_969}
"""Of the V-Net with its defaults, by filters of the first level."""
COMPUTE = {4: 0.17, 16: 1.05}
"""Seconds a case (77 x 77 x 19 voxels, six maps) on a worker of two cores: half of the processor
time of a training step (0.34 and 2.10 s), so that what else the machine did does not count."""
LINK = 10e9 / 8
"""Bytes a second of each machine's link: 10 gigabit a second."""
WORKERS = np.array([1, 2, 4, 8, 16, 32, 64])


def move(parameters: int, link: float = LINK) -> float:
    """Return the seconds that pull and push of one update take on a link (bytes a second)."""
    return 2 * parameters * 4 / link


def asynchronous(workers, compute: float, moved: float, servers: int = 1):
    """Return cases a second when nobody waits."""
    return 1 / np.maximum((compute + moved) / workers, moved / servers)


def synchronous(workers, compute: float, moved: float, servers: int = 1, spread: float = 0.1):
    """Return cases a second when all wait for the slowest."""
    slowest = 1 + spread * np.log(workers)
    return workers / (compute * slowest + np.maximum(moved, workers * moved / servers))


def laws(filters: int) -> dict[str, np.ndarray]:
    """Return throughput for each number of workers, by one worker's that moves nothing."""
    compute, parameters = COMPUTE[filters], PARAMETERS[filters]
    fast, slow = move(parameters), move(parameters, LINK / 10)
    servers = np.maximum(1, WORKERS // 4)
    return {
        "async, 10 Gbit/s, a server for every 4 workers": compute
        * asynchronous(WORKERS, compute, fast, servers),
        "async, 10 Gbit/s, 1 server": compute * asynchronous(WORKERS, compute, fast),
        "sync, 10 Gbit/s, 1 server": compute * synchronous(WORKERS, compute, fast),
        "async, 1 Gbit/s, 1 server": compute * asynchronous(WORKERS, compute, slow),
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
    axes[0].set_ylabel("cases a second, by those of one\nworker that moves nothing")
    axes[0].legend(fontsize=8)
    figure.savefig(file, dpi=110)
    print(f"drawn: {file}")


def table() -> None:
    """Print throughput by the model, by one worker's that moves nothing."""
    print("| filters | cluster | " + " | ".join(f"{w}" for w in WORKERS) + " |")
    print("|---|---|" + "---:|" * len(WORKERS))
    for filters in PARAMETERS:
        for label, rates in laws(filters).items():
            numbers = " | ".join(f"{rate:.1f}" for rate in rates)
            print(f"| {filters} | {label} | {numbers} |")


def measure(folder: str, steps: int, filters: int) -> None:
    """Print cases a second of plain training and of clusters on this machine, as ratios."""
    from islesedu import quiet

    quiet.import_keras()
    import time

    from islesedu.callbacks import Watch
    from islesedu.cluster_local import train_locally
    from islesedu.cluster_log import read_updates
    from islesedu.experiments import train

    network = {"kernel_size": 3, "convolutions": [1, 2], "bottom_convolutions": 2}
    shared = {"filters": filters, "network": network, "steps": steps, "progress": False}
    shared["checkpoint_every"] = steps
    rates = {}
    with tempfile.TemporaryDirectory() as place:
        times = []
        watch = Watch(lambda step: times.append(time.time()))
        train(folder, f"{place}/plain", callbacks=[watch], **shared)
        rates["plain islesedu train"] = rate(np.array(times))
        for workers, mode in ((1, "async"), (2, "async"), (2, "sync")):
            how = {"workers": workers, "mode": mode, "threads": 1}
            run = train_locally(folder, f"{place}/{mode}{workers}", **shared, **how)
            rates[f"{mode}, {workers} workers"] = rate(read_updates(run)["end"].to_numpy())
    for name, one in rates.items():
        print(f"{name:24s} {one / rates['plain islesedu train']:.2f} of plain")


def rate(ends: np.ndarray) -> float:
    """Return cases a second, without the first fifth, in which TensorFlow builds its graphs."""
    skip = len(ends) // 5
    return (len(ends) - 1 - skip) / (ends[-1] - ends[skip])


def main() -> None:
    """Measure if asked to; print and draw the model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--measure", metavar="FOLDER")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--filters", type=int, default=4)
    parser.add_argument("--output", default="docs/cluster_scaling.png")
    options = parser.parse_args()
    if options.measure:
        measure(options.measure, options.steps, options.filters)
    table()
    draw(Path(options.output))


if __name__ == "__main__":
    main()
