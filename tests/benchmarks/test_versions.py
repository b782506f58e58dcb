import subprocess
import sys
from pathlib import Path

from benchmarks.versions import count

ROOT = Path(__file__).resolve().parents[2]
REPORT = """<testsuites><testsuite>
<testcase classname="tests.test_a" name="test_good"/>
<testcase classname="tests.test_a" name="test_other"><system-out>said</system-out></testcase>
<testcase classname="tests.test_a" name="test_left_out"><skipped message="no chromium"/></testcase>
<testcase classname="tests.test_a" name="test_bad[1]"><failure message="1 != 2"/></testcase>
<testcase classname="tests.test_b" name="test_b"><error message="no fixture"/></testcase>
</testsuite></testsuites>"""


def test_tests_of_a_report_are_counted_and_bad_ones_named(tmp_path):
    file = tmp_path / "report.xml"
    file.write_text(REPORT, encoding="utf-8")
    assert count(file) == (2, 1, ["tests.test_a::test_bad[1]", "tests.test_b::test_b"])


def test_the_quick_suite_leaves_out_browser_and_wheel():
    files = ["tests/test_wheel.py", "tests/course/test_slides.py"]
    command = [sys.executable, "-m", "pytest", "--quick", "--collect-only", "-q"]
    command += ["-p", "no:cacheprovider", *files]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "test_wheel.py::" not in said and "test_a_deck_fits" not in said
    assert "test_slides.py::" in said and "3 deselected" in said
