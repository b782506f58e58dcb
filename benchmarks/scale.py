"""Cost against the number of patients: checking a folder, scoring masks, planning a comparison.

    .venv/bin/python -m benchmarks.scale

Small synthetic cases (24 x 24 x 8 voxels, ISLES 2017 layout, with a clinical table) lie in a
temporary folder, a prediction for each beside them. For each number of patients the commands
``islesedu data check`` and ``islesedu evaluate``, and what ``islesedu compare --stratify`` does
before its first training, run in a child process of their own: first on `SMALLEST` patients, so
that imports are not counted, then on those that are measured. The cost with `SMALLEST` patients is
subtracted; what remains follows ``c * patients ** slope``, where 1 is linear and 2 quadratic. The
least of several rounds counts, because machines are shared and noisy; processor time (user and
system) is less noisy than wall time.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from islesedu.isles.save import write_map

SIZES = 125, 250, 500, 1000
SMALLEST = 5
COMMANDS = "data check", "evaluate", "plan of compare"
GRID, SPACING = (24, 24, 8), (2.0, 2.0, 6.0)
MEDIANS = {"ADC": 800.0, "rCBF": 19.0, "rCBV": 1.4, "MTT": 5.0, "TTP": 30.0, "Tmax": 3.0}
"""Of the maps, so that the check has nothing to report."""


class Cost(NamedTuple):
    """What a command took: seconds of wall and of processor time, and peak memory."""

    wall: float
    cpu: float
    memory: float
    """Of the whole process, in MB."""


def make_patients(folder: Path, patients: int) -> None:
    """Write cases with lesions and a clinical table into a folder, predictions into another."""
    rng, affine, record = np.random.default_rng(2017), np.diag([*SPACING, 1]), {}
    rows = ["case,mRS,days to mRS,TICI,TSS,TTT"]
    for number in range(1, patients + 1):
        name, first = f"training_{number}", 127014 + 20 * number
        lesion = np.zeros(GRID, np.uint8)
        x, y = rng.integers(2, 12, 2)
        lesion[x : x + 7, y : y + 7, 2:6] = 1
        maps = {f"MR_{field}": median * image(rng) for field, median in MEDIANS.items()}
        for count, (field, values) in enumerate([*maps.items(), ("OT", lesion)]):
            stem = f"VSD.Brain.XX.O.{field}.{first + count}"
            file = folder / "training" / name / stem / f"{stem}.nii"
            write_map(file, values, affine, SPACING, values.dtype)
            if field == "MR_MTT":
                file = folder / "masks" / f"SMIR.benchmark.{first + count}.nii"
                write_map(file, np.roll(lesion, 2, axis=0), affine, SPACING, np.uint8)
        rows.append(f"{name},2,90,2b,180,95")
        record[name] = {"fingerprint": "", "seen": False}
    (folder / "ISLES2017_Training.csv").write_text("\n".join(rows) + "\n")
    (folder / "masks" / "predictions.json").write_text(json.dumps(record))


def image(rng: np.random.Generator) -> np.ndarray:
    """Return a map (X, Y, Z) with air around a brain whose median is about 1."""
    values = np.zeros(GRID, np.float32)
    values[1:-1, 1:-1] = rng.normal(1, 0.1, (GRID[0] - 2, GRID[1] - 2, GRID[2]))
    return values


def first_patients(source: Path, folder: Path, patients: int) -> None:
    """Give a folder the first patients of another, by hard links: real files, quickly made."""
    for number in range(1, patients + 1):
        case = f"training/training_{number}"
        shutil.copytree(source / case, folder / case, copy_function=os.link)
        (folder / "masks").mkdir(exist_ok=True)
        for mtt in (folder / case).glob("*MTT*"):
            name = f"SMIR.benchmark.{mtt.name.split('.')[-1]}.nii"
            os.link(source / "masks" / name, folder / "masks" / name)
    for name in ("ISLES2017_Training.csv", "masks/predictions.json"):
        os.link(source / name, folder / name)


def run_command(command: str, folder: Path) -> None:
    """Run a command on a folder of `make_patients` in this process; SystemExit if it fails."""
    from islesedu.cli import main as islesedu

    training, masks = str(folder / "training"), str(folder / "masks")
    arguments = {
        "data check": ["data", "check", training],
        "evaluate": ["evaluate", masks, training, "--csv", str(folder / "scores.csv")],
    }
    if command not in arguments:
        return plan(training)
    try:
        islesedu(arguments[command])
    except SystemExit as end:
        if end.code:
            raise


def plan(folder: str) -> None:
    """Do what a comparison does before its first training."""
    from islesedu.comparison import cross_validation, workers
    from islesedu.errors import TrainingError

    workers.work = lambda *arguments: None
    with tempfile.TemporaryDirectory() as output:
        try:
            cross_validation.compare(folder, output, filters=2, stratify=True, progress=False)
        except TrainingError as error:
            if "holds no results yet" not in str(error):
                raise


def child(command: str, small: Path, folder: Path) -> None:
    """Run a command on a small folder, then on the one that is measured; print the latter's cost.

    So imports, and whatever else is done once in a process, are not counted.
    """
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        run_command(command, small)
        wall, cpu = time.perf_counter(), time.process_time()
        run_command(command, folder)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, KiB elsewhere
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    print(json.dumps([wall, cpu, memory]))


def run(command: str, small: Path, folder: Path) -> Cost:
    """Return what a command costs, run in a process of its own."""
    arguments = [sys.executable, "-m", "benchmarks.scale", "--child", command, small, folder]
    ended = subprocess.run(arguments, stdout=subprocess.PIPE, text=True, check=True)
    return Cost(*json.loads(ended.stdout))


def measure(sizes: Sequence[int], rounds: int) -> dict[str, dict[int, Cost]]:
    """Return the least cost of each command for each number of patients."""
    costs: dict[str, dict[int, Cost]] = {}
    with tempfile.TemporaryDirectory() as name:
        everyone = Path(name) / "everyone"
        make_patients(everyone, max(sizes))
        for size in sizes:
            first_patients(everyone, Path(name) / str(size), size)
        for _ in range(rounds):
            for size in sizes:
                for command in COMMANDS:
                    new = run(command, Path(name) / str(SMALLEST), Path(name) / str(size))
                    kept = costs.setdefault(command, {})
                    kept[size] = Cost(*map(min, new, kept.get(size, new)))
                    print(f"{command}, {size} patients: {new}", file=sys.stderr, flush=True)
    return costs


def slope(costs: dict[int, Cost], quantity: str) -> float:
    """Return the slope of log(cost above that of the smallest) against log(patients)."""
    start = getattr(costs[SMALLEST], quantity)
    sizes = [size for size in costs if size != SMALLEST]
    above = [max(getattr(costs[size], quantity) - start, 1e-9) for size in sizes]
    return float(np.polyfit(np.log(sizes), np.log(above), 1)[0])


def table(costs: dict[str, dict[int, Cost]]) -> str:
    """Return measured points and laws in Markdown."""
    lines = [
        "| command | patients | wall (s) | processor (s) | peak memory (MB) |",
        "|---|---:|---:|---:|---:|",
    ]
    laws = []
    for command, points in costs.items():
        start, most = points[SMALLEST], max(points)
        for size, cost in points.items():
            lines.append(
                f"| {command} | {size:,} | {cost.wall:.2f} | {cost.cpu:.2f} | {cost.memory:.0f} |"
            )
        each = (points[most].cpu - start.cpu) / (most - SMALLEST)
        grown = (points[most].memory - start.memory) / (most - SMALLEST)
        laws.append(
            f"- {command}: slope {slope(points, 'cpu'):.2f} (processor), "
            f"{slope(points, 'wall'):.2f} (wall); {1000 * each:.1f} ms of processor and "
            f"{1024 * grown:.0f} KB of memory a patient"
        )
    return "\n".join([*lines, "", *laws])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        command, small, folder = options.child
        child(command, Path(small), Path(folder))
    else:
        print(table(measure([SMALLEST, *options.sizes], options.rounds)))


if __name__ == "__main__":
    main()
