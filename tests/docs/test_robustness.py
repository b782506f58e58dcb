"""docs/robustness.md names a test for each promise; every one of them exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "robustness.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)


def test_every_promise_has_a_test_that_exists():
    promises = TEXT.split("## Fault campaign")[0]
    rows = re.findall(r"^\| (?!kind|-)[^|]+\|[^|]+\|[^|]+\|$", promises, re.MULTILINE)
    assert len(rows) == len(NAMED) > 100
    for file, name in NAMED:
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{name}"
