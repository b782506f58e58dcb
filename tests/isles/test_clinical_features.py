import json
import shutil

import numpy as np
import pytest

from islesedu.cli import main
from islesedu.comparison.cross_validation import compare
from islesedu.comparison.folder import CompareFolder
from islesedu.errors import ClinicalError
from islesedu.isles.clinical_features import (
    GRADES,
    as_number,
    check_columns,
    clinical_vector,
    fit_scale,
)
from islesedu.isles.find import find_cases
from islesedu.isles.read import read_case
from islesedu.training import evaluation, prediction
from islesedu.training.dataset import case_dataset, case_stream, cases_with_lesion
from islesedu.training.fitting import train
from islesedu.training.provenance import read_record
from islesedu.training.run_folder import RunFolder, TrainingError, find_runs

COLUMNS = ["TICI", "TSS", "TTT"]
NETWORK = {"kernel_size": 3, "convolutions": (1,), "bottom_convolutions": 1}
TINY = {"filters": 1, "network": NETWORK, "progress": False}


@pytest.fixture(scope="module")
def run(cohort, tmp_path_factory):
    """A short training that is told TICI, TSS and TTT."""
    place = tmp_path_factory.mktemp("runs") / "told"
    return train(cohort, place, steps=6, clinical=COLUMNS, optimizer="adam", **TINY)


@pytest.mark.parametrize("outcome", ["mRS", "days_to_mRS"])
def test_outcomes_are_refused_with_the_reason(outcome, cohort, tmp_path):
    for attempt in (
        lambda: check_columns(["TICI", outcome]),
        lambda: clinical_vector({outcome: 3}, [outcome]),
        lambda: train(cohort, tmp_path / "run", steps=2, clinical=[outcome], **TINY),
    ):
        with pytest.raises(ClinicalError, match=f"{outcome} is an outcome .*inputs are TICI, TSS"):
            attempt()
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("columns", [["NIHSS"], [], ["TICI", "TICI"]])
def test_columns_that_cannot_be_used(columns):
    with pytest.raises(ClinicalError, match="TICI, TSS, TTT"):
        check_columns(columns)


def test_grades_keep_their_order():
    order = ["0", "1", "2a", "2", "2b", "2c", "3"]
    assert sorted(GRADES, key=GRADES.get) == order
    assert [as_number("TICI", grade) for grade in order] == sorted(GRADES.values())
    assert as_number("TICI", 3) == as_number("TICI", " 3 ") == 4.0


@pytest.mark.parametrize(
    ("column", "value"),
    [("TICI", "2d"), ("TICI", 7), ("TSS", -5), ("TTT", "soon"), ("TTT", np.inf), ("TSS", True)],
)
def test_cells_that_make_no_sense_are_named(column, value):
    with pytest.raises(ClinicalError, match=f"training_9 has {column} "):
        clinical_vector({column: value}, [column], "training_9")


def test_what_is_not_known_is_nan():
    vector = clinical_vector({"TICI": "2a", "TTT": 90, "mRS": 4}, COLUMNS)
    np.testing.assert_array_equal(vector, np.array([2, np.nan, 90], np.float32))


def test_the_scale_is_that_of_the_known_values():
    vectors = np.array([[1, 60, 5], [3, np.nan, 5], [2, 120, 5]], float)
    assert fit_scale(vectors, COLUMNS) == {
        "mean": [2.0, 90.0, 5.0],
        "std": [pytest.approx(np.sqrt(2 / 3)), 30.0, 1.0],  # all alike: 1, not 0
        "low": [1.0, 60.0, 5.0],
        "high": [3.0, 120.0, 5.0],
    }
    with pytest.raises(ClinicalError, match="none of the 2 training cases has TSS"):
        fit_scale([np.array([1, np.nan, 3])] * 2, COLUMNS)


def test_the_stream_brings_the_table_beside_the_image(cohort):
    cases = cases_with_lesion(cohort)
    (image, told), lesion = next(case_stream(cases, shuffle=False, clinical=COLUMNS))
    assert image.shape[:4] == lesion.shape[:4] and told.shape == (1, 3)
    np.testing.assert_array_equal(told[0], clinical_vector(cases[0].clinical, COLUMNS))
    plain, _ = next(case_stream(cases, shuffle=False))
    np.testing.assert_array_equal(image, plain)
    (_, from_dataset), _ = next(iter(case_dataset(cases, shuffle=False, clinical=COLUMNS)))
    np.testing.assert_array_equal(from_dataset, told)


def test_a_run_says_what_its_network_is_told(run, cohort):
    told = run.settings["clinical"]
    vectors = [clinical_vector(c.clinical, COLUMNS) for c in cases_with_lesion(cohort)]
    assert told == {"columns": COLUMNS, "fusion": "film"} | fit_scale(vectors, COLUMNS)
    layer = run.load_model().get_layer("clinical_scale")
    np.testing.assert_allclose(layer.mean, told["mean"], rtol=1e-6)
    np.testing.assert_allclose(layer.high, told["high"])


def test_the_plain_network_is_told_nothing(cohort, tmp_path):
    plain = train(cohort, tmp_path / "plain", steps=2, **TINY)
    assert plain.settings["clinical"] is None and len(plain.load_model().inputs) == 1


def test_training_uses_what_it_is_told(run, cohort):
    """The weights that start at nothing have moved, and the answer depends on the table."""
    model = run.load_model()
    weights = [w.numpy() for w in model.trainable_weights if "film" in w.path]
    assert weights and all(np.abs(w).max() > 0 for w in weights)
    patient = read_case(find_cases(cohort)[0])
    answers = [
        prediction.predict_probability(model, patient.image, clinical=np.float32([grade, 100, 60]))
        for grade in (0, 4)
    ]
    assert np.abs(answers[0] - answers[1]).max() > 1e-5


def test_predict_and_evaluate_follow(run, cohort, tmp_path):
    prediction.predict(run, cohort, tmp_path, probabilities=True, progress=False)
    model, record = run.load_model(), read_record(tmp_path)
    for case in find_cases(cohort):
        patient = read_case(case)
        told = clinical_vector(case.clinical, COLUMNS)
        expected = prediction.predict_probability(model, patient.image, clinical=told)
        np.testing.assert_array_equal(
            prediction.predict_mean([model], patient, clinical=COLUMNS), expected
        )
        assert record[case.name]["clinical"] == {name: case.clinical.get(name) for name in COLUMNS}
    table = evaluation.evaluate(tmp_path, cohort)
    assert set(table["status"]) == {"seen in training"}


def test_the_mirrored_image_is_asked_about_with_the_same_table(run, cohort):
    model, patient = run.load_model(), read_case(find_cases(cohort)[0])
    told = np.float32([0, np.nan, 60])
    one = prediction.predict_probability(model, patient.image, clinical=told)
    other = prediction.predict_probability(model, patient.image[::-1], clinical=told)[::-1]
    both = prediction.predict_probability(model, patient.image, 0, told)
    np.testing.assert_allclose(both, (one + other) / 2, atol=1e-6)


def test_a_run_is_resumed_with_the_same_columns_only(run, cohort, tmp_path):
    place = tmp_path / "run"
    how = {"clinical": COLUMNS, "optimizer": "adam", **TINY}
    train(cohort, place, steps=4, checkpoint_every=2, **how)
    with pytest.raises(TrainingError, match="was begun with clinical"):
        train(cohort, place, steps=6, checkpoint_every=2, resume=True, **how | {"clinical": None})
    whole = train(cohort, tmp_path / "whole", steps=6, checkpoint_every=2, **how)
    resumed = train(cohort, place, steps=6, checkpoint_every=2, resume=True, **how)
    for mine, its in zip(
        resumed.load_model().get_weights(), whole.load_model().get_weights(), strict=True
    ):
        np.testing.assert_array_equal(mine, its)


def test_networks_that_are_told_different_things_are_not_averaged(run, cohort, tmp_path):
    for name, told in (("a", run.settings["clinical"]), ("b", None)):
        shutil.copytree(run, tmp_path / name)
        settings = run.settings | {"clinical": told}
        (tmp_path / name / "run.json").write_text(json.dumps(settings))
    with pytest.raises(
        TrainingError, match="b was trained with the clinical none, .*a with TICI, TSS, TTT"
    ):
        find_runs(tmp_path)


def test_a_table_without_the_columns_ends_before_anything_is_written(cohort, tmp_path):
    shutil.copytree(cohort / "training", tmp_path / "elsewhere" / "training")
    with pytest.raises(ClinicalError, match="none of the 4 training cases has TICI"):
        train(tmp_path / "elsewhere", tmp_path / "run", steps=2, clinical=COLUMNS, **TINY)
    assert not (tmp_path / "run").exists()


def test_compare_tells_every_training_and_every_prediction(cohort, tmp_path):
    how = TINY | {"losses": ["combined"], "steps": 2, "folds": 2, "report": False}
    how |= {"clinical": ["TICI"], "fusion": "concat"}
    result = compare(cohort, tmp_path / "told", **how)
    place = CompareFolder(result.path)
    assert [place.run(task).settings["clinical"]["columns"] for task in place.tasks] == [
        ["TICI"]
    ] * 2
    for task in place.tasks:
        model = place.run(task).load_model()
        assert model.get_layer("bottom_append")
        for case in cases_with_lesion(cohort, task.fold.held_out):
            patient = read_case(case)
            expected = prediction.predict_mean([model], patient, clinical=["TICI"])
            _, kept = result.prediction("combined", case.name)
            np.testing.assert_allclose(kept, expected, atol=0.5 / 255 + 1e-6)
    with pytest.raises(TrainingError, match="was begun with clinical"):
        compare(cohort, tmp_path / "told", **how | {"fusion": "film"})
    assert compare(cohort, tmp_path / "told", **how).missing == []


def run_command(*arguments):
    """Return the exit status of ``islesedu ...``."""
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return ended.value.code


def test_the_command_line_tells_too(cohort, tmp_path, capsys):
    run, masks = tmp_path / "run", tmp_path / "masks"
    short = ["--steps", 2, "--filters", 1, "--network", json.dumps(NETWORK), "--output", run]
    told = ["--clinical", "TICI, TTT", "--fusion", "concat"]
    assert run_command("train", cohort, *short, *told) == 0
    assert RunFolder(run).settings["clinical"]["columns"] == ["TICI", "TTT"]
    assert run_command("predict", run, cohort, "--output", masks) == 0
    assert run_command("evaluate", masks, cohort / "training") == 0
    assert "as missing" not in capsys.readouterr().out
    shutil.copytree(cohort / "test", tmp_path / "no table" / "test")
    assert run_command("predict", run, tmp_path / "no table", "--output", tmp_path / "blind") == 0
    assert "2 of 2 cases have none of TICI, TTT" in capsys.readouterr().out
    other = ["--steps", 2, "--output", tmp_path / "other"]
    assert run_command("train", cohort, *other, "--clinical", "TICI,mRS") == 2
    assert "mRS is an outcome" in capsys.readouterr().err
    assert run_command("train", cohort, *other, "--clinical", "TICI", "--fusion", "glue") == 2
    assert "choose one of film, concat" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()
