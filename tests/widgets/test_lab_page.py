"""NetworkLab in Chromium predicts what Keras predicts, whatever is done to the patient."""

import base64
import gzip
import os
import re
import time
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from islesedu import CHANNELS, data_folder
from islesedu.errors import IslesError
from islesedu.isles import find_cases, read_case
from islesedu.metrics import dice
from islesedu.network_lab import page_network
from islesedu.training.prediction import predict_probability
from islesedu.training.preprocess import standardize
from islesedu.training.run_folder import RunFolder
from islesedu.widgets.lab.page import write_page
from tests.browser import brightness, violations
from tests.small_runs import made_run
from tests.widgets.lab_pages import (
    DIST,
    LAB,
    array_of,
    edit,
    needs_lab,
    normal_numbers,
    open_tools,
    page_with_kernel,
    probability,
    served,
    wait_ready,
)

pytestmark = needs_lab
SHOTS = os.environ.get("ISLESEDU_SHOTS")
NEAR = 1e-4


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A small network, and one that is conditioned."""
    folder = tmp_path_factory.mktemp("runs")
    clinical = {"columns": ["TICI", "TSS", "TTT"], "fusion": "film"}
    return [made_run(folder / "plain"), made_run(folder / "told", clinical=clinical)]


@pytest.fixture(scope="module")
def model(runs):
    return runs[0].load_model()


@pytest.fixture(scope="module")
def cases(cohort):
    return find_cases(cohort / "training")


@pytest.fixture(scope="module")
def patients(cases):
    return [read_case(case) for case in cases]


@pytest.fixture(scope="module")
def folder(runs, cases, tmp_path_factory):
    """The page: both networks, the patients of the small cohort, no runtime for WebGPU."""
    networks = [page_network(run.path, number) for number, run in enumerate(runs)]
    return write_page(tmp_path_factory.mktemp("lab") / "a lab", networks, cases, DIST, ["wasm"])


@pytest.fixture(scope="module")
def open_lab(pages, folder):
    """One page for all tests that can go on where others have stopped."""
    with pages() as page:
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto((folder / "index.html").as_uri())
        wait_ready(page)
        open_tools(page)
        page.requests = requests
        yield page


@pytest.fixture
def lab(open_lab, patients):
    """The page with the first patient as it is."""
    open_lab.get_by_label("Patient").select_option("0")
    wait_ready(open_lab)
    open_lab.evaluate(f"(() => {{ {LAB}.host.tried().length = 0; }})()")
    return open_lab


def predicted(model, image, **how):
    return predict_probability(model, image, **how)


def near(page, wanted):
    np.testing.assert_allclose(probability(page, wanted.shape), wanted, atol=NEAR)


def choose(page, number):
    page.get_by_label("Patient").select_option(str(number))
    page.wait_for_timeout(50)
    wait_ready(page)


def test_the_kits_network_predicts_what_keras_does_on_every_grid(pages, cases, patients, tmp_path):
    network = [page_network(data_folder("network"), 0)]
    place = write_page(tmp_path / "lab", network, cases, DIST, ["wasm"])
    model = RunFolder(data_folder("network")).load_model()
    assert len({patient.image.shape for patient in patients}) > 1
    with pages() as page:
        page.goto((place / "index.html").as_uri())
        wait_ready(page)
        for number, patient in enumerate(patients):
            choose(page, number)
            wanted = predicted(model, patient.image)
            near(page, wanted)
            said = page.locator(".isl-result").inner_text()
            assert f"Dice {dice(wanted > 0.5, patient.lesion):.3f}" in said


def test_the_page_standardizes_as_the_kit_does(lab, patients):
    image = patients[0].image.copy()
    image[..., 1] = 7.0
    maps = [base64.b64encode(image[..., c].tobytes("F")).decode() for c in range(6)]
    script = f"""(() => {{
        const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
        const arrays = {maps}.map((text) => new Float32Array(bytes(text).buffer));
        return {LAB}.standardize(arrays, {list(image.shape[:3])}); }})()"""
    found = array_of(lab, script).reshape(image.shape)
    np.testing.assert_allclose(found, standardize(image), atol=1e-6)


def off(image):
    image[..., 5] = image[..., 5].mean()


def noise(image):
    numbers = normal_numbers(3, image[..., 0].size) * 0.7 * image[..., 0].std()
    image[..., 0] += numbers.reshape(image.shape[:3], order="F")


def scale(image):
    image[..., 2] = image[..., 2] * 3 - 4


def flip(image):
    image[:] = image[::-1].copy()


EDITS = {
    "off": ("{ kind: 'off', channel: 5 }", off),
    "noise": ("{ kind: 'noise', channel: 0, amount: 0.7, seed: 3 }", noise),
    "scale": ("{ kind: 'scale', channel: 2, factor: 3, shift: -4 }", scale),
    "flip": ("{ kind: 'flip' }", flip),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_changes_the_prediction_as_keras_says(lab, model, patients, name):
    what, change = EDITS[name]
    edit(lab, what)
    image = patients[0].image.astype(np.float64)
    change(image)
    near(lab, predicted(model, image.astype(np.float32)))
    if name == "scale":  # z-scores undo it
        near(lab, predicted(model, patients[0].image))
    if name == "flip":
        lesion = patients[0].lesion[::-1]
        np.testing.assert_array_equal(
            np.reshape(array_of(lab, f"{LAB}.now.lesion"), lesion.shape, order="F").astype(bool),
            lesion,
        )


def test_with_fixed_statistics_a_scaled_map_is_another_input(lab, model, patients):
    edit(lab, "{ kind: 'keep', on: true }")
    edit(lab, "{ kind: 'scale', channel: 5, factor: 10, shift: 0 }")
    image = patients[0].image.astype(np.float64)
    mean, std = image.mean((0, 1, 2)), image.std((0, 1, 2))
    image[..., 5] *= 10
    inputs = ((image - mean) / std).astype(np.float32)[None]
    wanted = np.asarray(model(inputs, training=False))[0, ..., 0]
    near(lab, wanted)
    assert np.abs(wanted - predicted(model, patients[0].image)).max() > 0.01


def test_what_is_hidden_may_get_the_mean_of_the_head(lab, model, patients):
    lab.get_by_label("Occluded voxels get the mean of").select_option("head")
    wait_ready(lab)
    near(lab, predicted(model, patients[0].image))
    edit(lab, "{ kind: 'off', channel: 0 }")
    edit(lab, "{ kind: 'off', channel: 3 }")
    image = patients[0].image.copy()
    for channel in (0, 3):
        image[..., channel] = image[patients[0].brain, channel].astype(float).mean()
    near(lab, predicted(model, image))


def marked(page, patient):
    """Mark a ball at the crosshair by the key; return it as a mask, and the crosshair."""
    page.locator(".isl-stage").focus()
    page.keyboard.press("b")
    mask = array_of(page, f"{LAB}.region")
    mask = np.reshape(mask, patient.lesion.shape, order="F").astype(bool)
    where = page.evaluate(f"{LAB}.view.get('position')")
    far = [
        (np.arange(n) - at) * mm
        for n, at, mm in zip(mask.shape, where, patient.spacing, strict=True)
    ]
    far = np.sqrt(sum(d**2 for d in np.meshgrid(*far, indexing="ij")))
    np.testing.assert_array_equal(mask, (far <= 12) & patient.brain)
    return mask, where


def other_side(patient):
    """The image in which each voxel has the value of its mirror voxel, or its own where none is."""
    inside = np.flatnonzero(patient.brain.any((1, 2)))
    x = np.arange(patient.image.shape[0])
    mirrored = inside[0] + inside[-1] - x
    return patient.image[np.where((mirrored >= 0) & (mirrored < len(x)), mirrored, x)]


def test_a_marked_region_is_occluded_replaced_and_moved_as_keras_says(lab, model, patients):
    patient = patients[0]
    mask, _ = marked(lab, patient)
    lab.get_by_role("button", name="Occlude").click()
    wait_ready(lab)
    image = patient.image.copy()
    image[mask] = patient.image.astype(float).mean((0, 1, 2))
    near(lab, predicted(model, image))
    lab.get_by_role("button", name="Undo").click()
    wait_ready(lab)
    near(lab, predicted(model, patient.image))
    marked(lab, patient)
    lab.get_by_role("button", name="Replace by the other side").click()
    wait_ready(lab)
    image = np.where(mask[..., None], other_side(patient), patient.image)
    near(lab, predicted(model, image))
    assert not np.reshape(array_of(lab, f"{LAB}.now.lesion"), mask.shape, order="F")[mask].any()
    lab.get_by_role("button", name="Reset all").click()
    wait_ready(lab)
    edit(
        lab,
        f"{{ kind: 'move', by: [-2, 1, 0], channels: [0, 1, 2, 3, 4, 5], size: {mask.sum()}, "
        f"region: Uint8Array.from({mask.ravel('F').astype(int).tolist()}) }}",
    )
    places = np.argwhere(mask)
    to = places + [-2, 1, 0]
    kept = ((to >= 0) & (to < mask.shape)).all(1)
    image[tuple(to[kept].T)] = patient.image[tuple(places[kept].T)]
    near(lab, predicted(model, image))


def test_the_average_with_the_mirror_image_is_the_kits(lab, model, patients):
    box = lab.get_by_label("Average with the mirror image")
    box.check()
    wait_ready(lab)
    near(lab, predicted(model, patients[0].image, mirror_axis=0))
    tried = lab.locator("tbody tr").first.locator("[data-label=input]").inner_text()
    assert tried == "averaged with the mirror image"
    box.uncheck()
    wait_ready(lab)


def test_the_threshold_moves_the_dice_and_the_log_keeps_what_was_tried(lab, model, patients):
    lab.get_by_label("Tmax", exact=True).first.uncheck()
    wait_ready(lab)
    lab.get_by_label("Threshold").fill("0.2")
    wanted = np.where([*[True] * 5, False], patients[0].image, patients[0].image.mean((0, 1, 2)))
    found = dice(predicted(model, wanted.astype(np.float32)) > 0.2, patients[0].lesion)
    lab.get_by_text(f"Dice {found:.3f}").first.wait_for()
    lab.get_by_role("cell", name="threshold 0.200").first.wait_for()
    rows = lab.locator("tbody tr").all_inner_texts()
    assert "Tmax off" in rows[1] and f"{found:.3f}" in rows[0]
    lab.get_by_role("button", name="Undo").click()
    wait_ready(lab)
    assert lab.get_by_label("Tmax", exact=True).first.is_checked()
    lab.get_by_role("button", name="Redo").click()
    wait_ready(lab)
    assert not lab.get_by_label("Tmax", exact=True).first.is_checked()
    lab.get_by_label("Threshold").fill("0.5")


def test_a_radius_beyond_what_the_brush_can_is_seen_to_be_another(lab):
    lab.get_by_text("Mark a region: occlude").evaluate("e => e.parentNode.open = true")
    radius = lab.get_by_label("Radius")
    for given, counts in (("999", "60"), ("0.2", "1"), ("", "12"), ("7.5", "7.5")):
        radius.fill(given)
        radius.blur()
        assert radius.input_value() == counts
    radius.fill("12")


def test_a_sweep_measures_what_occluding_a_block_does(lab, model, patients):
    patient = next(p for p in patients if (predicted(model, p.image) > 0.5).sum() > 5)
    choose(lab, patients.index(patient))
    lab.get_by_label("Block").select_option("16")
    lab.get_by_role("button", name="Sweep").click()
    lab.get_by_role("img", name="sensitivity").first.wait_for()
    values = array_of(lab, f"{LAB}.sensitivity.values")
    values = np.reshape(values, patient.lesion.shape, order="F")
    before = predicted(model, patient.image)
    first = [np.flatnonzero(patient.brain.any(tuple({0, 1, 2} - {a})))[0] for a in range(3)]
    block = tuple(
        slice(start, start + size) for start, size in zip(first, (16, 16, 8), strict=True)
    )
    image = patient.image.copy()
    image[block] = patient.image.astype(float).mean((0, 1, 2))
    drop = (before - predicted(model, image))[before > 0.5].mean()
    assert values[block].max() == pytest.approx(drop, abs=NEAR)
    assert values[block].min() == values[block].max()


def test_a_sweep_of_one_map_leaves_the_others_and_tells_its_time(lab, model, patients):
    patient = next(p for p in patients if (predicted(model, p.image) > 0.5).sum() > 5)
    choose(lab, patients.index(patient))
    sweep = lab.locator("details", has_text="Sweep").last
    for _ in range(3):
        lab.get_by_role("button", name="Predict again").click()
        wait_ready(lab)
    lab.get_by_label("Block").select_option("24")
    count, seconds = map(int, re.findall(r"[0-9]+", sweep.locator(".isl-done").inner_text()))
    sweep.get_by_label("in", exact=True).select_option("5")
    start = time.perf_counter()
    lab.evaluate(f"(() => {{ {LAB}.sensitivity = null; }})()")
    lab.get_by_role("button", name="Sweep").click()
    lab.get_by_role("button", name="Sweep", disabled=False).wait_for()
    spent = time.perf_counter() - start
    assert spent / 3 < seconds + 1 and seconds < 3 * spent + 1, (count, seconds, spent)
    values = array_of(lab, f"{LAB}.sensitivity.values")
    values = np.reshape(values, patient.lesion.shape, order="F")
    where = [np.flatnonzero(patient.brain.any(tuple({0, 1, 2} - {a})))[0] for a in range(3)]
    block = tuple(slice(at, at + size) for at, size in zip(where, (24, 24, 12), strict=True))
    image, before = patient.image.copy(), predicted(model, patient.image)
    image[(*block, 5)] = patient.image[..., 5].astype(float).mean()
    drop = (before - predicted(model, image))[before > 0.5].mean()
    assert values[block].max() == pytest.approx(drop, abs=NEAR)
    sweep.get_by_label("in", exact=True).select_option("all")


def said(page):
    return page.locator(".isl-result").inner_text()


def test_why_a_prediction_stays_the_same_is_said_where_the_result_is(lab):
    reason = lab.locator(".isl-bar-top .isl-why")
    keep = lab.get_by_label("Standardize with the unchanged map's mean and SD")
    assert reason.inner_text() == ""
    edit(lab, "{ kind: 'scale', channel: 0, factor: 10, shift: 0 }")
    assert "removes a constant factor or shift" in reason.inner_text()
    keep.check()
    wait_ready(lab)
    assert reason.inner_text() == ""  # this is another input, and another prediction
    lab.get_by_role("button", name="Reset all").click()
    wait_ready(lab)
    edit(lab, "{ kind: 'off', channel: 0 }")
    assert reason.inner_text() == ""
    lab.get_by_label("Occluded voxels get the mean of").select_option("head")
    wait_ready(lab)
    assert "every constant map the z-score 0" in reason.inner_text()
    edit(lab, "{ kind: 'noise', channel: 0, amount: 2, seed: 1 }")
    assert "is off" in reason.inner_text()
    lab.get_by_role("button", name="Undo").click()
    wait_ready(lab)
    edit(lab, "{ kind: 'flip' }")
    assert reason.inner_text() == ""


def test_the_unchanged_patient_is_scored_at_the_same_threshold(lab, model, patients):
    patient = patients[0]
    edit(lab, "{ kind: 'off', channel: 0 }")
    image = patient.image.copy()
    image[..., 0] = image[..., 0].mean()
    unchanged, changed = predicted(model, patient.image), predicted(model, image)
    for threshold in (0.5, 0.2, 0.05):
        lab.get_by_label("Threshold").fill(str(threshold))
        was, now = (dice(p > threshold, patient.lesion) for p in (unchanged, changed))
        wanted = f"Dice {now:.3f} (unchanged patient: {was:.3f}) at threshold {threshold:.3f}"
        assert wanted in said(lab)
    lab.get_by_label("Average with the mirror image").check()
    wait_ready(lab)
    assert "unchanged patient" not in said(lab)  # nobody has predicted it in this way
    lab.get_by_label("Average with the mirror image").uncheck()
    wait_ready(lab)
    lab.get_by_role("button", name="Reset all").click()
    wait_ready(lab)


def test_reset_takes_threshold_tick_and_mark_and_undo_brings_them_back(lab, model, patients):
    keep = lab.get_by_label("Standardize with the unchanged map's mean and SD")
    threshold, reset = lab.get_by_label("Threshold"), lab.get_by_role("button", name="Reset all")
    assert reset.is_disabled()
    threshold.fill("0.3")
    assert reset.is_enabled()
    keep.check()
    wait_ready(lab)
    edit(lab, "{ kind: 'scale', channel: 5, factor: 3, shift: 0 }")
    mask, _ = marked(lab, patients[0])
    before = probability(lab, mask.shape)
    reset.click()
    wait_ready(lab)
    assert threshold.input_value() == "0.5" and not keep.is_checked() and reset.is_disabled()
    assert not lab.evaluate(f"{LAB}.region.includes(1)")
    near(lab, predicted(model, patients[0].image))
    lab.get_by_role("button", name="Undo").click()
    wait_ready(lab)
    assert threshold.input_value() == "0.3" and keep.is_checked()
    assert lab.evaluate(f"{LAB}.region.reduce((sum, v) => sum + v, 0)") == mask.sum()
    near(lab, before)
    lab.get_by_role("button", name="Redo").click()
    wait_ready(lab)
    assert threshold.input_value() == "0.5" and reset.is_disabled()


def test_the_log_says_what_the_input_of_each_prediction_was(lab):
    lab.get_by_label("Standardize with the unchanged map's mean and SD").check()
    wait_ready(lab)
    edit(lab, "{ kind: 'off', channel: 5 }")
    edit(lab, "{ kind: 'scale', channel: 0, factor: 2, shift: 1 }")
    edit(lab, "{ kind: 'on', channel: 5 }")
    lab.get_by_label("Standardize with the unchanged map's mean and SD").uncheck()
    wait_ready(lab)
    lab.get_by_label("Threshold").fill("0.3")
    lab.get_by_role("cell", name="threshold 0.300").first.wait_for()
    rows = lab.evaluate(f"{LAB}.host.tried().map((row) => [row.input, row.threshold])")
    tick = "standardized with the unchanged maps' mean and SD"
    wanted = [tick, f"{tick}; Tmax off", f"{tick}; Tmax off; ADC × 2 + 1", f"{tick}; ADC × 2 + 1"]
    assert [row[0] for row in rows] == [*wanted, "ADC × 2 + 1", "ADC × 2 + 1"]
    assert [row[1] for row in rows] == [0.5] * 5 + [0.3]
    newest = lab.locator("tbody tr").first.inner_text()
    assert "ADC × 2 + 1" in newest and "0.300" in newest
    lab.get_by_role("button", name="Reset all").click()
    wait_ready(lab)
    lab.get_by_role("button", name="Copy the log").click()


def test_dice_of_an_empty_reference_is_said_in_words(lab):
    edit(lab, "{ kind: 'replace', region: l.patient.lesion, channels: [0, 1, 2, 3, 4, 5] }")
    lab.get_by_label("Threshold").fill("0.005")
    assert "Dice 0.000" in said(lab)
    assert "the reference is empty, so any predicted voxel gives Dice 0" in said(lab)
    assert "the reference is empty" in lab.locator(".isl-score").inner_text()
    assert "empty reference" in lab.locator("tbody tr").first.inner_text()
    lab.get_by_label("Threshold").fill("1")
    assert "Dice 1.000" in said(lab) and "both empty" in said(lab)
    lab.get_by_role("button", name="Reset all").click()
    wait_ready(lab)


def test_values_that_no_image_can_hold_are_refused(lab, model, patients):
    edit(lab, "{ kind: 'scale', channel: 0, factor: 1e40, shift: 0 }")
    error = lab.locator(".isl-bar-top > .isl-error")
    assert "makes values that no image can hold" in error.inner_text()
    assert lab.evaluate(f"{LAB}.edits.length") == 0
    near(lab, predicted(model, patients[0].image))
    edit(lab, "{ kind: 'flip' }")
    assert error.inner_text() == ""


def test_the_mark_stays_and_moves_with_its_tissue(lab, patients):
    mask, where = marked(lab, patients[0])
    for name in ("Occlude", "Replace by the other side"):
        lab.get_by_role("button", name=name).click()
        wait_ready(lab)
        region = array_of(lab, f"{LAB}.region")
        np.testing.assert_array_equal(np.reshape(region, mask.shape, order="F"), mask)
        assert lab.get_by_role("button", name="Move to the crosshair").is_enabled()
    to = [where[0], where[1] + 2, where[2]]
    lab.evaluate(f"(() => {{ {LAB}.view.set('position', {to}); }})()")
    lab.get_by_role("button", name="Move to the crosshair").click()
    wait_ready(lab)
    by = lab.evaluate(f"{LAB}.edits.at(-1).by")
    places = np.argwhere(mask) + by
    wanted = np.zeros_like(mask)
    wanted[tuple(places[((places >= 0) & (places < mask.shape)).all(1)].T)] = True
    region = array_of(lab, f"{LAB}.region")
    np.testing.assert_array_equal(np.reshape(region, mask.shape, order="F"), wanted)
    assert any(by)


def test_a_treatment_that_is_none_is_refused_in_one_sentence(lab, runs, patients):
    lab.get_by_label("Network").select_option("1")
    wait_ready(lab)
    grades = lab.get_by_label("TICI").locator("option").all_inner_texts()
    assert grades == ["unknown", "0", "1", "2", "2a", "2b", "2c", "3"]
    lab.get_by_label("TTT (min)").fill("90")
    lab.get_by_role("button", name="Set treatment").click()
    wait_ready(lab)
    before, tried = probability(lab, patients[0].lesion.shape), len(lab.locator("tbody tr").all())
    error = lab.locator(".isl-bar-top > .isl-error")
    for wrong in ("-5", "1e999"):
        lab.get_by_label("TTT (min)").fill(wrong)
        lab.get_by_role("button", name="Set treatment").click()
        assert "give a number of minutes, 0 or more" in error.inner_text()
        assert lab.get_by_label("TTT (min)").get_attribute("aria-invalid") == "true"
    assert len(lab.locator("tbody tr").all()) == tried
    np.testing.assert_array_equal(probability(lab, before.shape), before)
    lab.get_by_label("TTT (min)").fill("0")
    lab.get_by_role("button", name="Set treatment").click()
    wait_ready(lab)
    assert error.inner_text() == ""
    lab.get_by_label("Network").select_option("0")
    wait_ready(lab)


def test_a_conditioned_network_is_told_the_treatment(lab, runs, patients):
    told = runs[1].load_model()
    lab.get_by_label("Network").select_option("1")
    wait_ready(lab)
    for grade, number in (("0", 0.0), ("3", 4.0), ("", np.nan)):
        lab.get_by_label("TICI").select_option(grade)
        lab.get_by_label("TSS (min)").fill("180")
        lab.get_by_label("TTT (min)").fill("90")
        lab.get_by_role("button", name="Set treatment").click()
        wait_ready(lab)
        clinical = np.array([number, 180, 90], np.float32)
        near(lab, predicted(told, patients[0].image, clinical=clinical))
    words = lab.locator(".isl-tool", has_text="Set treatment").text_content()
    assert "counts as the nearest of theirs" in words
    lab.get_by_label("Network").select_option("0")
    wait_ready(lab)


def test_a_prediction_can_be_cancelled_and_the_page_goes_on(lab, model, patients):
    lab.evaluate(
        f"(() => {{ const l = {LAB}; l.edit({{ kind: 'flip' }}); l.predictor.cancel(); }})()"
    )
    wait_ready(lab, "cancelled")
    assert "Not predicted" in lab.locator(".isl-result").inner_text()
    lab.get_by_role("button", name="Predict again").click()
    wait_ready(lab)
    near(lab, predicted(model, patients[0].image[::-1]))


# A patient of one's own


def dropped(page, files):
    """Hand files over, as if they were dropped or chosen."""
    details = page.locator("details", has_text="Your own patient").last
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    forget = page.get_by_role("button", name="Forget these files")
    if forget.count():
        forget.click()
    page.get_by_label("Drop the NIfTI files").set_input_files(
        [{"name": n, "mimeType": "application/octet-stream", "buffer": b} for n, b in files]
    )


def as_files(image, affine, dtype=np.float32, names="MR_{}.nii.gz", slope=None):
    """Return six maps as NIfTI files."""
    files = []
    for number, channel in enumerate(CHANNELS):
        values = image[..., number]
        volume = nib.Nifti1Image(values.astype(dtype), affine)
        if slope:
            volume = nib.Nifti1Image(np.rint(values / slope).astype(dtype), affine)
            volume.header.set_slope_inter(slope, 0)
        content = volume.to_bytes()
        name = names.format(channel)
        files.append((name, gzip.compress(content) if name.endswith("gz") else content))
    return files


@pytest.mark.parametrize("kind", ["gz", "int16", "turned"])
def test_a_dropped_patient_is_predicted_as_the_kit_does(lab, model, rng, kind):
    image = rng.gamma(2, 50, size=(21, 18, 9, 6)).astype(np.float32)
    image[:3] = 0
    affine, how = np.diag([-2.0, 2, 5, 1]), {}
    if kind == "int16":
        how = {"dtype": ">i2", "names": "VSD.Brain.XX.O.MR_r{}.1234.nii", "slope": 0.5}
        how["names"] = "case_{}.nii"
        image = (np.rint(image / 0.5) * 0.5).astype(np.float32)
    if kind == "turned":
        affine = np.array([[0, 2.0, 0, 3], [-2, 0, 0, 1], [0, 0, 4, 0], [0, 0, 0, 1]])
        image[2, 3, 4, 1] = np.nan
    dropped(lab, as_files(image, affine, **how))
    lab.locator(".isl-side h3", has_text="your own").wait_for()
    wait_ready(lab)
    near(lab, predicted(model, image))
    assert "No reference lesion" in lab.locator(".isl-result").inner_text()


@pytest.mark.parametrize("what", ["grid", "missing", "4-D", "cut off", "moved", "not NIfTI"])
def test_what_is_wrong_with_dropped_files_is_said_in_the_kits_words(lab, rng, what, tmp_path):
    image = rng.random((8, 7, 5, 6)).astype(np.float32)
    files = as_files(image, np.eye(4), names="{}.nii")
    small = nib.Nifti1Image(image[:4, ..., 2], np.eye(4)).to_bytes()
    series = nib.Nifti1Image(image[..., :2], np.eye(4)).to_bytes()
    there = nib.Nifti1Image(image[..., 2], np.diag([1, 1, 2, 1])).to_bytes()
    content = files[2][1]
    bad = {"grid": small, "4-D": series, "cut off": content[:900], "moved": there}
    if what == "missing":
        dropped(lab, files[:2])
        lab.get_by_text("no map CBF, MTT, TTP, Tmax yet").wait_for()
        return
    files[2] = ("CBF.nii", bad.get(what, b"\xfe\x00\x07" * 300))
    dropped(lab, files)
    for name, data in files:
        (tmp_path / f"MR_{name}").write_bytes(data)
    with pytest.raises(IslesError) as raised:
        read_case(find_cases(tmp_path)[0])
    said = lab.locator(".isl-drop + .isl-error")
    said.get_by_text("CBF.nii").wait_for()
    kits = str(raised.value).replace(f"{tmp_path}/MR_", "").replace("MR_", "")
    start = kits.split(" (")[0] if what == "not NIfTI" else kits.split(":")[0]
    assert start.split(" bytes")[0].replace(",", "") in said.inner_text().replace(",", "")


def test_a_real_patient_is_dropped_on_a_network_of_two_maps(pages, shared, tmp_path):
    cases = find_cases(shared / "real" / "isles22")
    run = made_run(tmp_path / "run", channels=["ADC", "DWI"])
    network = [page_network(run.path, 0)]
    place = write_page(tmp_path / "lab", network, cases[:1], DIST, ["wasm"])
    case = cases[-1]
    patient = read_case(case, ["ADC", "DWI"])
    files = [*(case.maps[name] for name in ("ADC", "DWI")), case.lesion]
    with pages() as page:
        page.goto((place / "index.html").as_uri())
        wait_ready(page)
        dropped(page, [(file.name, file.read_bytes()) for file in files])
        page.locator(".isl-side h3", has_text="your own").wait_for()
        wait_ready(page)
        wanted = predict_probability(run.load_model(), patient.image)
        near(page, wanted)
        said = page.locator(".isl-result").inner_text()
        assert f"Dice {dice(wanted > 0.5, patient.lesion):.3f}" in said


# The page around it


def test_no_request_leaves_the_folder(lab, folder):
    place = folder.as_uri()
    assert lab.requests and all(url.startswith((place, "blob:")) for url in lab.requests)
    refused = lab.evaluate("""async () => {
        const said = new Promise((f) => addEventListener("securitypolicyviolation",
            (event) => f(event.effectiveDirective)));
        fetch("http://127.0.0.1:9/patient").catch(() => {});
        return said; }""")
    assert refused == "connect-src"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (400, "dark")])
def test_nothing_against_accessibility_and_no_sideways_scrolling(pages, folder, width, scheme):
    with pages(viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.goto((folder / "index.html").as_uri())
        wait_ready(page)
        open_tools(page)
        assert not violations(page, "body")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert (brightness(page, "body") > 128) == (scheme == "light")
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"lab-{scheme}-{width}.png", full_page=True)


def test_on_a_wide_screen_the_slices_stay_in_view_and_on_a_phone_the_page_is_short(pages, folder):
    with pages(viewport={"width": 1280, "height": 800}) as page:
        page.goto((folder / "index.html").as_uri())
        wait_ready(page)
        height = page.evaluate("document.documentElement.scrollHeight")
        assert height <= 2 * 800
        open_tools(page)
        page.evaluate("scrollTo(0, 1e6)")
        shown = page.locator(".isl-stage").bounding_box()
        bar = page.locator(".isl-bar-top").bounding_box()
        assert bar["y"] == 0
        assert shown["y"] >= bar["height"] and shown["y"] + shown["height"] <= 800
    with pages(viewport={"width": 400, "height": 800}) as page:
        page.goto((folder / "index.html").as_uri())
        wait_ready(page)
        assert page.evaluate("document.documentElement.scrollHeight") <= 2450
        for number in range(6):
            page.get_by_label("CBF", exact=True).first.set_checked(number % 2 == 1)
            wait_ready(page)
        log = page.get_by_role("region", name="What was tried")
        assert log.evaluate("(node) => node.scrollWidth <= node.clientWidth")
        assert page.get_by_role("columnheader").count() == 9  # cards are still a table
        network = page.get_by_label("Network")
        network.select_option("1")
        text = network.locator("option:checked").inner_text()
        room = """(node, text) => {
            const pen = document.createElement("canvas").getContext("2d");
            pen.font = getComputedStyle(node).font;
            return node.clientWidth - 24 - pen.measureText(text).width; }"""
        assert network.evaluate(room, text) > 0


def test_a_backend_that_fails_is_left_for_one_that_is_sure(pages, folder):
    """The browser claims WebGPU, but the page has no runtime for it."""
    with pages() as page:
        claim = "{ value: { requestAdapter: async () => ({}) } }"
        page.add_init_script(f"Object.defineProperty(navigator, 'gpu', {claim})")
        page.goto(f"{(folder / 'index.html').as_uri()}?backend=webgpu")
        wait_ready(page)
        line = page.locator(".isl-diagnostics").text_content()
        assert "backend wasm, 1 thread" in line and "failed: webgpu" in line
        assert "WebGPU: adapter without a name" in line


def test_an_isolated_page_computes_with_threads(pages, folder, model, patients):
    with served(folder) as address, pages() as page:
        page.goto(f"{address}/index.html")
        wait_ready(page)
        cores = page.evaluate("Math.min(4, navigator.hardwareConcurrency)")
        line = page.locator(".isl-diagnostics").text_content()
        assert "isolated true" in line and "failed" not in line
        assert f"backend wasm, {cores} thread" in line
        assert "WebGPU: not asked for" in line
        near(page, predicted(model, patients[0].image))
        open_tools(page)
        page.get_by_role("button", name="Flip left and right").click()
        wait_ready(page)
        near(page, predicted(model, patients[0].image[::-1]))


def test_jupyterlabs_widget_asks_the_kernel(pages, model, patients, tmp_path):
    """The widget's own messages, handled by Python, without a whole JupyterLab."""
    from islesedu.widgets import NetworkLab

    widget = NetworkLab(model, patients[:2], crop=True)
    answers = []
    widget.send = lambda content, buffers=None: answers.append((content, buffers or []))

    def ask(message, buffers):
        widget._answer(widget, message, [memoryview(base64.b64decode(b)) for b in buffers])
        content, found = answers.pop()
        return [content, [base64.b64encode(b).decode() for b in found]]

    file = tmp_path / "lab.html"
    file.write_text(page_with_kernel(widget))
    with pages() as page:
        page.expose_function("ask", ask)
        page.goto(file.as_uri())
        wait_ready(page)
        near(page, predicted(model, patients[0].image, crop=True))
        page.get_by_label("MTT", exact=True).first.uncheck()
        wait_ready(page)
        assert page.evaluate("state.log.map((row) => row.what)") == ["as it is", "MTT off"]
        widget.model = None  # what goes wrong in the kernel is said in the page
        page.get_by_role("button", name="Predict again").click()
        wait_ready(page, "failed")
        assert "TypeError" in page.locator(".isl-bar-top > .isl-error").inner_text()
        assert page.get_by_label("Drop the NIfTI files").count() == 0
