"""Most memory and time of two training steps of the original's size, by volume.

    .venv/bin/python -m benchmarks.memory

Makes one synthetic patient of each size, and trains for two steps with 16 filters
(`islesedu train --filters 16`) in a process of its own: on whole volumes as the original, and on
the box around the head.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from islesedu.isles import find_cases, read_case
from islesedu.phantom import make_cohort

SIZES = ((192, 192, 19), (256, 256, 24))
STEPS = 2


def main() -> None:
    """Print a Markdown table."""
    print(f"| volume | steps see | most memory | {STEPS} steps, start-up included |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        make_cohort(f"{folder}/cohort", training=8, test=0, progress=False)
        cases = {}
        for case in find_cases(f"{folder}/cohort/training"):
            cases.setdefault(read_case(case, ["ADC"]).image.shape[:3], case)
        for size in SIZES:
            alone = Path(folder) / "x".join(map(str, size))
            alone.mkdir()
            (alone / cases[size].name).symlink_to(cases[size].folder)
            for recipe in ("original", "crop=true"):
                command = [sys.executable, "-m", "islesedu", "train", alone, "--filters", 16]
                command += ["--steps", STEPS, "--output", f"{alone}-{recipe}", "--recipe", recipe]
                begin = time.perf_counter()
                child = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
                _, status, usage = os.wait4(child.pid, 0)
                if status:
                    raise SystemExit(f"{' '.join(map(str, command))} ended with {status}")
                seconds = time.perf_counter() - begin
                what = "the whole volume" if recipe == "original" else "the box around the head"
                memory = f"{usage.ru_maxrss / 2**20:.1f} GB"
                print(f"| {' x '.join(map(str, size))} | {what} | {memory} | {seconds:.0f} s |")


if __name__ == "__main__":
    main()
