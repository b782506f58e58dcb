"""Cost of a training step against the number of voxels and of filters: time and memory.

    .venv/bin/python -m benchmarks.step_scale

Each V-Net trains on noise in a process of its own: two steps that do not count, then the median of
some. The multiply-adds of the network are counted, too. What is measured follows ``c * x ** slope``
between two points where the slope of log time against log x is stated: 1 is a cost in proportion.
Printed as Markdown.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from typing import NamedTuple

import numpy as np

SIZES = ((48, 48, 19), (77, 77, 19), (110, 110, 19), (154, 154, 19), (192, 192, 19))
FILTERS = (2, 4, 8, 16)
LESSON = (77, 77, 19), 4
"""Size and filters of the lessons, which the others are compared with."""


class Cost(NamedTuple):
    """Multiply-adds (GFLOP), seconds and peak memory (MB) of a step."""

    work: float
    seconds: float
    memory: float


def child(size: tuple[int, ...], filters: int, steps: int) -> None:
    """Print the median seconds of a step, and its GFLOP."""
    from benchmarks.vnet_step import build, convolutions, seconds

    rng, model = np.random.default_rng(0), build("packed", filters)
    image = rng.normal(size=(1, *size, 6)).astype(np.float32)
    lesion = (rng.random((1, *size, 1)) < 0.05).astype(np.float32)
    times = [seconds(lambda: model.train_on_batch(image, lesion)) for _ in range(steps + 2)]
    work = 3 * sum(flop for _, flop, _ in convolutions(model, size)) / 1e9  # and two gradients
    print(json.dumps([work, statistics.median(times[2:])]))


def measure(size: tuple[int, ...], filters: int, steps: int) -> Cost:
    """Return what a step costs, taken in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.step_scale", "--steps", str(steps)]
    command += ["--child", *map(str, size), str(filters)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {status}")
    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, KiB elsewhere
    return Cost(*json.loads(said.splitlines()[-1]), usage.ru_maxrss / unit)


def slope(x: list[float], y: list[float]) -> float:
    """Return the slope of log(y) against log(x)."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def table(name: str, costs: dict[float, Cost]) -> str:
    """Return points in Markdown, and the law: slopes of time against x and against the work."""
    lines = [f"| {name} | GFLOP | ms | GFLOP/s | most memory |", "|---:|---:|---:|---:|---:|"]
    for x, cost in costs.items():
        rate = cost.work / cost.seconds
        lines.append(
            f"| {x:,} | {cost.work:.1f} | {1e3 * cost.seconds:.0f} | {rate:.0f} "
            f"| {cost.memory:,.0f} MB |"
        )
    x, seconds = list(costs), [cost.seconds for cost in costs.values()]
    by_work = slope([cost.work for cost in costs.values()], seconds)
    lines += ["", f"Slope of time: {slope(x, seconds):.2f} by {name}, {by_work:.2f} by GFLOP."]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--child", type=int, nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        *size, filters = options.child
        return child(tuple(size), filters, options.steps)
    size, filters = LESSON
    by_voxels = {int(np.prod(s)): measure(s, filters, options.steps) for s in SIZES}
    print(table("voxels", by_voxels), end="\n\n", flush=True)
    print(table("filters", {n: measure(size, n, options.steps) for n in FILTERS}))


if __name__ == "__main__":
    main()
