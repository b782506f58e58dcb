import subprocess
import sys

import numpy as np
import pytest

from benchmarks import cohort_calibration
from benchmarks.cohort_calibration import Row, calibrate, overlap, table
from islesedu import CHANNELS
from islesedu.isles.case import Patient


def test_every_row_of_the_table_is_there(cohort):
    rows = calibrate(cohort / "training")
    assert len(rows) == 5 + 6 + 3 + 2 * 3 + 2  # no numbers of voxels on small grids
    assert all(np.isfinite(row.found) for row in rows)
    assert sum(row.is_baseline for row in rows) == 1
    head, line, *body = table({"one": rows, "other": rows}).splitlines()
    assert len(body) == len(rows) and {row.count("|") for row in (head, line, *body)} == {7}


@pytest.mark.parametrize("found, accepted", [(0.9, False), (1.0, True), (2.0, True), (2.1, False)])
def test_a_row_is_accepted_within_its_range(found, accepted):
    row = Row("x", "1.5", found, 1.0, 2.0)
    assert row.accepted == accepted
    assert table({"a": [row]}).endswith("| yes |" if accepted else "| NO |")


def test_one_cohort_that_is_not_accepted_is_enough():
    good, bad = Row("x", "1.5", 1.5, 1.0, 2.0), Row("x", "1.5", 3.0, 1.0, 2.0)
    assert table({"a": [good], "b": [good]}).endswith("| yes |")
    assert table({"a": [good], "b": [bad]}).endswith("| 1.5 | **3** | 1 to 2 | NO |")


def test_not_a_number_is_never_accepted():
    assert not Row("x", "1.5", float("nan"), 1.0, 2.0).accepted


def test_a_map_that_is_the_lesion_has_auc_1_and_one_that_is_its_opposite_too_if_low(rng):
    lesion = rng.random((6, 6, 6)) < 0.2
    noise = rng.uniform(1, 2, (6, 6, 6))
    image = np.stack([noise, noise, noise - 5 * lesion, noise, noise, noise + 5 * lesion], axis=-1)
    patient = Patient("one", image, lesion, (1.0, 1.0, 1.0), np.eye(4), {}, CHANNELS)
    found = {row.what: row.found for row in cohort_calibration.separations([patient])}
    assert found["AUC of CBF, all voxels"] == found["AUC of Tmax, all voxels"] == 1
    assert 0.3 < found["AUC of ADC, all voxels"] < 0.7


def test_ranges_overlap():
    assert overlap((0, 1), (2, 3)) == 0 and overlap((0, 1), (0, 1)) == 1
    assert overlap((0.4, 0.6), (0, 1)) == pytest.approx(0.2)


def test_the_command_prints_the_table_and_says_by_its_status_whether_all_is_accepted(cohort):
    def run(*arguments):
        command = [sys.executable, "-m", "benchmarks.cohort_calibration", *arguments]
        return subprocess.run(command, capture_output=True, text=True)

    folder = cohort / "training"
    done = run(folder)
    assert done.stdout.startswith(f"| quantity | real ISLES 2017 | {folder} | accepted | inside |")
    assert done.returncode == int("| NO |" in done.stdout)
    wrong = run("nowhere")
    assert wrong.returncode == 1 and wrong.stderr.startswith("islesedu: nowhere")
    assert "usage" in run().stderr
    assert "one FOLDER" in run(folder, folder, "--network", "a", "b").stderr
