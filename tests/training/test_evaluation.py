import hashlib
import json
import shutil

import nibabel
import numpy as np
import pandas as pd
import pytest

from islesedu.cli import main
from islesedu.errors import IslesError, TrainingError
from islesedu.isles.find import find_cases
from islesedu.isles.read import read_case
from islesedu.isles.write import read_prediction, write_prediction
from islesedu.phantom.cohort import make_cohort
from islesedu.training import evaluation, prediction, provenance
from islesedu.training.fitting import train
from islesedu.training.preprocess import head_box, standardize
from islesedu.training.run_folder import RunFolder, find_runs


@pytest.fixture(scope="module")
def run(cohort, tmp_path_factory):
    """A short training, enough to predict something."""
    return train(
        cohort,
        tmp_path_factory.mktemp("runs") / "run",
        filters=2,
        network={"kernel_size": 3, "convolutions": (1,), "bottom_convolutions": 1},
        steps=8,
        progress=False,
    )


def write_truth_as_prediction(cohort, folder):
    for case in find_cases(cohort):
        if case.lesion:
            patient = read_case(case)
            write_prediction(patient, patient.lesion, folder)


def test_predict_writes_one_mask_a_case_where_probability_is_above_the_threshold(
    run, cohort, tmp_path
):
    files = prediction.predict(
        run, cohort, tmp_path, threshold=0.3, probabilities=True, progress=False
    )
    cases = find_cases(cohort)
    assert len(files) == len(cases) == 6
    patient = read_case(cases[0])
    probability = prediction.predict_probability(run.load_model(), patient.image)
    assert probability.shape == patient.image.shape[:3]
    np.testing.assert_array_equal(read_prediction(tmp_path, cases[0]), probability > 0.3)
    header = nibabel.load(tmp_path / f"{cases[0].name}_probability.nii.gz").header
    mask, geometry = nibabel.load(files[0]).header, ("srow_x", "quatern_b", "qoffset_x", "pixdim")
    for field in ("qform_code", "sform_code", "xyzt_units", *geometry):
        np.testing.assert_array_equal(header[field], mask[field], err_msg=field)


def test_perfect_masks_score_perfectly(cohort, tmp_path):
    write_truth_as_prediction(cohort, tmp_path)
    table = evaluation.evaluate(tmp_path, cohort, csv=tmp_path / "scores.csv")
    assert (table[["dice", "precision", "recall"]] == 1).all(axis=None)
    assert (table[["hausdorff_mm", "assd_voxels"]] == 0).all(axis=None)
    np.testing.assert_allclose(table["predicted_ml"], table["true_ml"])
    assert list(pd.read_csv(tmp_path / "scores.csv")["case"]) == list(table["case"])


def test_the_folder_of_masks_is_listed_once_and_one_patient_is_in_memory_at_a_time(
    cohort, tmp_path, listed, most_alive
):
    write_truth_as_prediction(cohort, tmp_path / "masks")
    patients, masks = most_alive(evaluation, "read_case"), most_alive(evaluation, "read_prediction")
    listed.clear()
    table = evaluation.evaluate(tmp_path / "masks", cohort)
    assert listed.count(str(tmp_path / "masks")) == 1
    assert len(patients) == len(masks) == len(table) == 4
    assert max(patients) <= 2 and max(masks) <= 2  # the next is read, then the last goes


def test_an_empty_mask_is_a_failed_case_with_the_penalty_in_voxels(cohort, tmp_path):
    write_truth_as_prediction(cohort, tmp_path)
    case = find_cases(cohort)[0]
    patient = read_case(case)
    write_prediction(patient, np.zeros_like(patient.lesion), tmp_path)
    row = evaluation.evaluate(tmp_path, cohort).iloc[0]
    assert row["failed"] and row["dice"] == 0
    assert np.isnan(row["hausdorff_mm"])
    assert row["hausdorff_voxels"] == max(patient.lesion.shape)


def test_summary_keeps_seen_and_held_out_cases_apart(run, cohort, tmp_path):
    prediction.predict(run, cohort, tmp_path, progress=False)
    prediction.predict(run, cohort / "test", tmp_path, progress=False)
    table = pd.concat(
        [evaluation.evaluate(tmp_path, cohort), evaluation.evaluate(tmp_path, cohort / "truth")]
    )
    words = evaluation.summarize(table)
    assert "2 cases (held out)" in words and "4 cases (seen in training" in words


def test_the_patient_counts_not_the_name_of_the_case(run, cohort, tmp_path):
    other = make_cohort(tmp_path / "c", training=4, test=0, scale=0.1, seed=7, progress=False)
    prediction.predict(run, other, tmp_path / "masks", progress=False)
    assert set(evaluation.evaluate(tmp_path / "masks", other)["status"]) == {"held out"}
    moved = shutil.copytree(cohort / "training", tmp_path / "moved")
    prediction.predict(run, moved, tmp_path / "masks", progress=False)
    assert set(evaluation.evaluate(tmp_path / "masks", moved)["status"]) == {"seen in training"}
    record = provenance.read_record(tmp_path / "masks")
    assert {provenance.status(record, case) for case in find_cases(other)} == {"unknown"}


def test_a_run_of_an_earlier_version_calls_nobody_held_out(run, cohort, tmp_path, capsys):
    old = RunFolder(shutil.copytree(run.path, tmp_path / "old"))
    text = old.settings_file.read_text()
    for case in find_cases(cohort / "training"):
        bytes_of = hashlib.sha256(case.maps["ADC"].read_bytes()).hexdigest()[:16]
        text = text.replace(provenance.fingerprint(case), bytes_of)
    old.settings_file.write_text(text)
    patients = shutil.copytree(cohort / "training", tmp_path / "patients")
    file = next((patients / "training_1").rglob("*MR_ADC*.nii"))
    nibabel.save(
        nibabel.Nifti1Image(nibabel.load(file).get_fdata(), nibabel.load(file).affine), file
    )
    with pytest.raises(SystemExit, match="^0$"):
        main(["predict", str(old.path), str(patients), "--output", str(tmp_path / "masks")])
    assert "was recorded by an earlier version" in capsys.readouterr().out
    status = evaluation.evaluate(tmp_path / "masks", patients).set_index("case")["status"]
    assert status.pop("training_1") == "unknown" and set(status) == {"seen in training"}
    prediction.predict(run, patients, tmp_path / "masks", progress=False)
    status = evaluation.evaluate(tmp_path / "masks", patients)["status"]
    assert set(status) == {"seen in training"}


def test_masks_of_several_runs_in_one_folder_keep_their_records(run, cohort, tmp_path):
    prediction.predict(run, cohort / "training", tmp_path, progress=False)
    prediction.predict(run, cohort / "test", tmp_path, threshold=0.9, progress=False)
    table = evaluation.evaluate(tmp_path, cohort / "training")
    assert set(table["status"]) == {"seen in training"}


def test_without_a_record_nothing_is_called_held_out(run, cohort, tmp_path):
    prediction.predict(run, cohort / "training", tmp_path, progress=False)
    (tmp_path / "predictions.json").unlink()
    table = evaluation.evaluate(tmp_path, cohort / "training")
    assert set(table["status"]) == {"unknown"}
    assert "4 cases (no record" in evaluation.summarize(table)
    (tmp_path / "predictions.json").write_text("{")
    with pytest.raises(IslesError, match="predictions.json is damaged"):
        evaluation.evaluate(tmp_path, cohort / "training")


@pytest.mark.parametrize("what, words", [("affine", "voxels away"), ("grid", "has the grid")])
def test_a_mask_in_another_place_is_refused(cohort, tmp_path, what, words):
    write_truth_as_prediction(cohort, tmp_path)
    file = sorted(tmp_path.glob("SMIR.*.nii"))[0]
    image = nibabel.load(file)
    data, affine = np.asarray(image.dataobj).copy(), image.affine.copy()
    if what == "affine":
        affine[0] *= -1
    else:
        data = data[:-1]
    nibabel.save(nibabel.Nifti1Image(data, affine), file)
    with pytest.raises(IslesError, match=words):
        evaluation.evaluate(tmp_path, cohort)


def test_a_threshold_that_is_no_probability_is_refused_first(run, cohort, tmp_path):
    with pytest.raises(ValueError, match="threshold is 2"):
        prediction.predict(run, cohort, tmp_path / "out", threshold=2)
    assert not (tmp_path / "out").exists()


def test_summary_counts_what_it_averages():
    table = pd.DataFrame(
        {
            "dice": [0.5, 0.0],
            "precision": [0.5, 0.0],
            "recall": [0.5, 0.0],
            "hausdorff_mm": [10.0, np.nan],
            "assd_mm": [2.0, np.nan],
            "hausdorff_voxels": [5.0, 19.0],
            "assd_voxels": [1.0, 19.0],
            "failed": [False, True],
            "status": ["held out", "held out"],
        }
    )
    words = evaluation.summarize(table)
    assert "2 cases (held out), 1 failed" in words
    assert "HD (mm)          10.000 +- 0.000  (1 case)" in words
    assert "HD (voxels)      12.000 +- 7.000  (2 cases)" in words


def test_a_missing_prediction_is_named(cohort, tmp_path):
    write_truth_as_prediction(cohort, tmp_path)
    sorted(tmp_path.glob("SMIR.*.nii"))[0].unlink()
    with pytest.raises(IslesError, match="training_"):
        evaluation.evaluate(tmp_path, cohort)


def test_predict_needs_a_run(cohort, tmp_path):
    with pytest.raises(ValueError, match="is not a run folder"):
        prediction.predict(tmp_path, cohort, tmp_path / "out")


def test_a_mirrored_answer_is_the_answer_to_the_mirror_image_mirrored_back(run, cohort):
    patient = read_case(find_cases(cohort)[0])
    model = run.load_model()
    plain = prediction.predict_probability(model, patient.image)
    other = prediction.predict_probability(model, patient.image[::-1])[::-1]
    both = prediction.predict_mean([model], patient, mirror=True)
    np.testing.assert_allclose(both, (plain + other) / 2, atol=1e-6)
    np.testing.assert_array_equal(prediction.predict_mean([model], patient), plain)


def test_a_folder_of_runs_is_averaged_and_a_case_any_of_them_saw_is_seen(run, cohort, tmp_path):
    changes = {"fold_1": run.settings, "fold_2": run.settings | {"fingerprints": []}}
    for name, settings in changes.items():
        shutil.copytree(run, tmp_path / "runs" / name)
        (tmp_path / "runs" / name / "run.json").write_text(json.dumps(settings))
    model = RunFolder(tmp_path / "runs" / "fold_2").load_model()
    model.set_weights([1.01 * w for w in model.get_weights()])
    model.save(tmp_path / "runs" / "fold_2" / "model.keras")
    prediction.predict(
        tmp_path / "runs", cohort, tmp_path / "masks", probabilities=True, progress=False
    )
    case = find_cases(cohort)[0]
    patient = read_case(case)
    found = nibabel.load(tmp_path / "masks" / f"{case.name}_probability.nii.gz").get_fdata()
    single = [prediction.predict_probability(m, patient.image) for m in (run.load_model(), model)]
    assert not np.allclose(single[0], single[1])
    np.testing.assert_allclose(found, np.mean(single, axis=0), atol=1e-6)
    entry = provenance.read_record(tmp_path / "masks")[case.name]
    assert entry["networks"] == 2 and entry["seen"] == (case.lesion is not None)


def test_the_mirror_follows_the_recipe_of_the_run_unless_told_otherwise(run, cohort, tmp_path):
    shutil.copytree(run, tmp_path / "run")
    settings = run.settings | {"recipe": {"mirror": True}}
    (tmp_path / "run" / "run.json").write_text(json.dumps(settings))
    for name, how in (("as it says", {}), ("without", {"mirror": False})):
        prediction.predict(tmp_path / "run", cohort, tmp_path / name, progress=False, **how)
    record = {name: provenance.read_record(tmp_path / name) for name in ("as it says", "without")}
    assert all(entry["mirror"] for entry in record["as it says"].values())
    assert not any(entry["mirror"] for entry in record["without"].values())


def test_a_run_on_cropped_volumes_predicts_on_cropped_volumes(run, cohort, tmp_path):
    shutil.copytree(run, tmp_path / "run")
    settings = run.settings | {"recipe": {"crop": True}}
    (tmp_path / "run" / "run.json").write_text(json.dumps(settings))
    folder = tmp_path / "masks"
    prediction.predict(tmp_path / "run", cohort, folder, probabilities=True, progress=False)
    case = find_cases(cohort)[0]
    patient, model = read_case(case), run.load_model()
    box = head_box(patient.image)
    inside = np.asarray(model(standardize(patient.image)[box][None]))[0, ..., 0]
    found = nibabel.load(folder / f"{case.name}_probability.nii.gz").get_fdata()
    np.testing.assert_allclose(found[box], inside, atol=1e-6)
    found[box] = 0
    assert inside.size < found.size and not found.any()
    assert provenance.read_record(folder)[case.name]["crop"]


def test_a_mirrored_answer_to_a_crop_is_mirrored_back_too(run, cohort):
    patient = read_case(find_cases(cohort)[0])
    model = run.load_model()
    plain = prediction.predict_probability(model, patient.image, crop=True)
    other = prediction.predict_probability(model, patient.image[::-1], crop=True)[::-1]
    both = prediction.predict_mean([model], patient, mirror=True, crop=True)
    np.testing.assert_allclose(both, (plain + other) / 2, atol=1e-6)


def test_networks_that_see_different_maps_cannot_be_averaged(run, cohort, tmp_path):
    for name, channels in (("a", ["ADC"]), ("b", ["CBF"])):
        (tmp_path / name).mkdir()
        settings = json.dumps(run.settings | {"channels": channels})
        (tmp_path / name / "run.json").write_text(settings)
    with pytest.raises(
        TrainingError, match="b was trained with the channels CBF, .*a with ADC; only networks that"
    ):
        find_runs(tmp_path)
