"""Every script behind a recorded figure can still be started."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for file in (ROOT / "benchmarks").rglob("*.py")
    if file.name != "__init__.py"
)


def test_every_benchmark_finds_what_it_imports():
    program = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    done = subprocess.run(  # in a process of its own: some of them set what TensorFlow reads
        [sys.executable, "-c", program, *SCRIPTS], cwd=ROOT, capture_output=True, text=True
    )
    assert len(SCRIPTS) > 30 and done.returncode == 0, done.stderr[-2000:]
