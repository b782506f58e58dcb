"""Populations: the one of the challenge stays as it was, and a trial in which treatment decides."""

import json

import numpy as np
import pytest
from scipy import stats

from islesedu.isles import find_cases, read_case
from islesedu.phantom import Stroke, make_cohort, make_patient, read_outcome, read_state, read_truth
from islesedu.phantom.patient import quantiles
from islesedu.phantom.population import POPULATIONS, assign_by_severity

NUMBERS = range(1, 201)


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    folder = tmp_path_factory.mktemp("population") / "trial"
    return make_cohort(folder, 2, 3, scale=0.1, progress=False, population="trial")


@pytest.mark.parametrize("population", POPULATIONS.values(), ids=POPULATIONS)
def test_shares_sum_to_one(population):
    assert sum(population.territories.values()) == pytest.approx(1)
    assert sum(population.tici.values()) == pytest.approx(1)
    assert set(population.missing) == {"TICI", "TSS", "TTT"}


def test_a_trial_is_scanned_early_and_treated_at_random():
    strokes = [Stroke.of(quantiles(2017, "test", n), "trial") for n in NUMBERS]
    assert {stroke.tici for stroke in strokes} == {"0", "3"}
    assert all(30 <= s.onset <= 90 and 20 <= s.treatment <= 120 for s in strokes)
    reopened = np.array([s.tici == "3" for s in strokes])
    assert reopened.mean() == pytest.approx(0.5, abs=0.02)
    for name in ("collaterals", "extent", "onset", "resilience"):
        values = [getattr(s, name) for s in strokes]
        assert (
            stats.ranksums(np.compress(reopened, values), np.compress(~reopened, values)).pvalue
            > 0.05
        )


def test_by_severity_good_collaterals_are_reopened_and_large_strokes_treated_early():
    drawn = [assign_by_severity(quantiles(2017, "test", n)) for n in NUMBERS]
    strokes = [Stroke.of(u, "trial") for u in drawn]
    reopened = np.array([s.tici == "3" for s in strokes])
    assert reopened.mean() == pytest.approx(0.5, abs=0.05)
    collaterals = np.array([s.collaterals for s in strokes])
    assert np.median(collaterals[reopened]) > 1.5 * np.median(collaterals[~reopened])
    of_size = stats.spearmanr([s.extent for s in strokes], [s.treatment for s in strokes])
    assert -0.8 < of_size.statistic < -0.55
    uniform = stats.kstest([u["treatment"] for u in drawn], "uniform")
    assert uniform.pvalue > 0.05  # over all patients the times are spread as before


@pytest.mark.parametrize("population", POPULATIONS)
def test_the_lesion_under_the_own_treatment_is_the_lesion(population):
    patient = make_patient(2017, "test", 2, 0.1, population)
    np.testing.assert_array_equal(patient.lesion_under(), patient.maps["lesion"])
    again = patient.lesion_under(patient.stroke.tici, patient.stroke.treatment)
    np.testing.assert_array_equal(again, patient.maps["lesion"])


def test_more_is_saved_by_better_and_earlier_treatment():
    patient = make_patient(2017, "test", 2, 0.1, "trial")
    failed, late, early = (
        patient.lesion_under(*how).sum() for how in (("0", 60), ("3", 300), ("3", 20))
    )
    assert early < late < failed


def test_scans_do_not_know_the_treatment():
    """What decides the treatment is drawn apart, so the maps are those of the same brain."""
    random, severe = (
        make_patient(2017, "test", 5, 0.1, "trial", how) for how in ("random", "severity")
    )
    assert random.stroke.treatment != severe.stroke.treatment
    np.testing.assert_array_equal(random.maps["Tmax"], severe.maps["Tmax"])


def test_in_a_trial_much_can_be_saved():
    def share(population):
        """Share of the tissue doomed without treatment that is alive at the scan, median."""
        found = []
        for number in (1, 2, 4, 5, 6, 7, 8):
            patient = make_patient(2017, "test", number, 0.1, population)
            doomed = patient.fate.dead(patient.stroke, tici="0")
            core = (patient.fate.damage_at_scan(patient.stroke) > 1) & patient.fate.tissue
            found.append(1 - core.sum() / doomed.sum())
        return np.median(found)

    assert share("trial") > 0.4 > 2 * share("isles")


def test_a_trial_on_disk_keeps_both_outcomes_of_its_test_patients(trial):
    assert json.loads((trial / "cohort.json").read_text())["population"] == "trial"
    table = (trial / "ISLES2017_Test.csv").read_text()
    assert ",," not in table  # nothing is missing
    for case in find_cases(trial / "truth"):
        lesion = read_case(case, (case.reference,)).lesion
        outcomes = {tici: read_outcome(trial, case.name, tici) for tici in ("0", "3")}
        np.testing.assert_array_equal(outcomes[read_truth(trial, case.name)["TICI"]], lesion)
        assert outcomes["3"].sum() < outcomes["0"].sum()
        assert outcomes["0"].shape == read_state(trial, case.name).shape


def test_an_outcome_that_was_cut_off_is_made_again(trial):
    file = trial / "physiology" / "test_1.TICI3.nii.gz"
    before = file.read_bytes()
    file.write_bytes(before[:-30])
    make_cohort(trial, 2, 3, scale=0.1, progress=False, population="trial")
    assert file.read_bytes() == before


def test_the_marker_of_the_challenge_does_not_change(tmp_path):
    folder = make_cohort(tmp_path / "c", 0, 1, scale=0.05, progress=False)
    marker = json.loads((folder / "cohort.json").read_text())
    assert "population" not in marker and "assignment" not in marker
    assert not list((folder / "physiology").glob("*.TICI*"))
    with pytest.raises(ValueError, match="population = 'isles', not 'trial'"):
        make_cohort(folder, 0, 1, scale=0.05, progress=False, population="trial")
    with pytest.raises(ValueError, match="test patients of population='trial' only"):
        read_outcome(folder, "test_1", "0")


def test_an_outcome_that_was_not_simulated_is_named(trial):
    with pytest.raises(ValueError, match="lesions under TICI 0 and 3"):
        read_outcome(trial, "test_1", "2b")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"population": "hospital"}, "choose one of isles, trial"),
        ({"population": "trial", "assignment": "by lot"}, "choose one of random, severity"),
        ({"assignment": "severity"}, "give population='trial'"),
    ],
)
def test_what_is_no_population_is_refused(tmp_path, wrong, words):
    with pytest.raises(ValueError, match=words):
        make_cohort(tmp_path / "c", 1, 0, scale=0.05, progress=False, **wrong)
    assert not (tmp_path / "c").exists()
