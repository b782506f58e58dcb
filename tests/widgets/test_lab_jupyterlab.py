"""NetworkLab in a real JupyterLab: the networks that come with the kit predict in the kernel."""

import nbformat
import numpy as np
import pytest

from islesedu import data_folder
from islesedu.metrics import dice
from islesedu.training.prediction import predict_probability
from islesedu.training.run_folder import RunFolder
from tests.browser import (
    PATIENCE,
    ask_kernel,
    change_theme,
    chromium,
    jupyterlab,
    needs_chromium,
    run_notebook,
    violations,
    wait_until_kernel_says,
)
from tests.widgets.lab_pages import array_of, open_tools

pytestmark = [needs_chromium, pytest.mark.xdist_group("jupyterlab")]
PATIENTS = """
from dataclasses import replace

import numpy as np

from islesedu import data_folder
from islesedu.isles import find_cases, read_case

patient = read_case(find_cases(data_folder("sample"))[0])
affine = patient.affine @ np.diag([3, 3, 1, 1])  # fewer voxels, the sooner predicted
spacing = tuple(np.array(patient.spacing) * [3, 3, 1])
small = {"image": patient.image[::3, ::3], "lesion": patient.lesion[::3, ::3]}
patient = replace(patient, **small, affine=affine, spacing=spacing)
empty = np.zeros_like(patient.lesion)
other = replace(patient, name="other", image=patient.image[::-1].copy(), lesion=empty)
"""
LABS = """
from islesedu.training import RunFolder
from islesedu.widgets import NetworkLab

run, told = (RunFolder(data_folder(name)) for name in ("network", "network_trial"))
lab = NetworkLab(run.load_model(), [patient, other], crop=run.config.recipe.crop)
lab"""
SECOND = """
second = NetworkLab(told.load_model(), patient, told.config.clinical, threshold=0.3)
second"""
PAGE = """document.querySelectorAll(".islesedu-lab")"""


@pytest.fixture(scope="module")
def like():
    """The same patient in this process."""
    names = {}
    exec(PATIENTS, names)
    return names["patient"]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """JupyterLab with two labs, and the first of them a second time."""
    folder = tmp_path_factory.mktemp("jupyterlab") / "notebooks"
    folder.mkdir()
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(text) for text in (PATIENTS, LABS, SECOND, "lab")]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "question.ipynb")
    with jupyterlab(folder) as address, chromium(viewport={"width": 1280, "height": 1000}) as page:
        run_notebook(page, address, "question.ipynb")
        for number in range(3):
            ready(page, number, 5 * PATIENCE)
        yield page


def lab_of(page, number=0):
    return page.locator(".islesedu-lab").nth(number)


def ready(page, number=0, timeout=PATIENCE, state="ready"):
    """Wait until a lab has predicted what it shows."""
    page.wait_for_function(
        f"n => {PAGE}[n]?.dataset.state === '{state}'", arg=number, timeout=timeout
    )
    open_tools(page)


def rows(page, number=0):
    """Return what the log of a lab says was tried, the first first."""
    return page.evaluate(f"n => {PAGE}[n].lab.host.tried().map((row) => row.what)", number)


def shown(page, number=0):
    """Return the probability (X, Y, Z) of a lab, and the reference."""
    lab = f"{PAGE}[{number}].lab"
    shape = page.evaluate(f"{lab}.patient.shape")
    found = (array_of(page, f"{lab}.{name}") for name in ("probability", "now.lesion"))
    probability, lesion = (values.reshape(shape, order="F") for values in found)
    return probability, lesion.astype(bool)


def again(page, act, number=0):
    """Do something, wait for its prediction, return the last row of the log."""
    before = len(rows(page, number))
    act()
    page.wait_for_function(
        f"([n, count]) => {PAGE}[n].lab.host.tried().length > count", arg=[number, before]
    )
    ready(page, number)
    return rows(page, number)[-1]


def press(page, name, number=0):
    return again(page, lab_of(page, number).get_by_role("button", name=name).click, number)


@pytest.fixture
def first(page):
    """The first lab, its patient as it is."""
    reset = lab_of(page).get_by_role("button", name="Reset all")
    if reset.is_enabled():
        again(page, reset.click)
    lab_of(page).scroll_into_view_if_needed()
    return lab_of(page)


def test_the_kernels_network_predicts_and_python_has_the_log(page, first, like):
    run = RunFolder(data_folder("network"))
    how = {"crop": run.config.recipe.crop}
    wanted = predict_probability(run.load_model(), like.image, **how)
    np.testing.assert_allclose(shown(page)[0], wanted, atol=1e-4)
    said = f"Dice {dice(wanted > 0.5, like.lesion):.3f}"
    assert said in first.locator(".isl-result").inner_text()
    image = like.image.astype(np.float64)
    image[..., 5] = image[..., 5].mean()
    assert again(page, first.get_by_label("Tmax", exact=True).first.uncheck) == "Tmax off"
    wanted = predict_probability(run.load_model(), image.astype(np.float32), **how)
    np.testing.assert_allclose(shown(page)[0], wanted, atol=1e-4)
    found = round(float(dice(wanted > 0.5, like.lesion)), 4)
    wait_until_kernel_says(page, "print(round(lab.log[-1]['dice'], 4))", f"{found}\n")
    assert again(page, first.get_by_label("Tmax", exact=True).first.check) == "Tmax on"


def test_every_manipulation_is_tried_and_undone(page, first):
    before = shown(page)[0]
    stage = first.locator(".isl-stage")

    def mark():
        stage.focus()
        page.keyboard.press("b")

    def move():
        mark()
        for _ in range(6):
            page.keyboard.press("Shift+ArrowRight")
        return press(page, "Move to the crosshair")

    def choose(label, value):
        return again(page, lambda: first.get_by_label(label).select_option(value))

    def fill(label, value):
        first.get_by_label(label, exact=True).fill(value)

    fill("times", "10")
    fill("SD of the noise", "1")
    tried = [
        again(page, first.get_by_label("ADC", exact=True).first.uncheck),
        choose("Occluded voxels get the mean of", "head"),
        press(page, "Undo"),
        press(page, "Undo"),
    ]
    assert tried == ["ADC off", "occlusion value: mean of the head", "undo", "undo"]
    np.testing.assert_allclose(shown(page)[0], before, atol=1e-6)
    assert press(page, "Scale and shift") == "ADC × 10"
    np.testing.assert_allclose(shown(page)[0], before, atol=1e-4)  # z-scores undo it
    keep = first.get_by_label("Standardize with the unchanged map's mean and SD")
    assert "unchanged" in again(page, keep.check)
    assert np.abs(shown(page)[0] - before).max() > 1e-3
    press(page, "Reset all")
    changed = [before]
    for act, words in [
        (lambda: press(page, "Add noise"), "noise of 1 SD on ADC"),
        (lambda: press(page, "Flip left and right"), "flip left and right"),
        (first.get_by_role("button", name="Mark the reference").click, ""),
        (lambda: press(page, "Occlude"), "occlude"),
        (lambda: (mark(), press(page, "Replace by the other side"))[1], "from the other side"),
        (move, "move"),
        (lambda: again(page, first.get_by_label("Average with the mirror").check), "averaged"),
    ]:
        said = act()
        if words:
            assert words in said
            changed.append(shown(page)[0])
    steps = [np.abs(a - b).max() for a, b in zip(changed, changed[1:], strict=False)]
    assert min(steps) > 1e-3, steps
    again(page, first.get_by_label("Average with the mirror").uncheck)
    after = shown(page)[0]
    press(page, "Reset all")
    np.testing.assert_allclose(shown(page)[0], before, atol=1e-6)
    press(page, "Undo")  # a reset can be taken back, too
    np.testing.assert_allclose(shown(page)[0], after, atol=1e-6)
    press(page, "Redo")
    np.testing.assert_allclose(shown(page)[0], before, atol=1e-6)


def test_the_brush_marks_and_the_sweep_draws(page, first):
    first.get_by_label("Brush").check()
    canvas = first.locator(".isl-stage canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 20, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    assert page.evaluate(f"{PAGE}[0].lab.region.includes(1)")
    first.get_by_role("button", name="Clear the mark").click()
    first.get_by_label("Brush").uncheck()
    first.get_by_label("Threshold").fill("0.2")
    first.get_by_label("Block").select_option("24")
    first.get_by_role("button", name="Sweep").click()
    first.get_by_role("img", name="sensitivity").first.wait_for()
    assert page.evaluate(f"{PAGE}[0].lab.sensitivity.most") > 1e-3
    again(page, lambda: first.get_by_label("Threshold").fill("0.5"))


def test_keys_stay_in_the_lab(page, first):
    notebook = page.locator(".jp-Notebook-cell")
    count = notebook.count()
    first.locator(".isl-stage").focus()
    for key in ("a", "b", "x", "c", "d", "d", "m", "y", "Enter", "ArrowUp", "ArrowDown", "1"):
        page.keyboard.press(key)
    radius = first.get_by_label("Radius")
    radius.focus()
    for key in ("Backspace", "b", "Enter", "ArrowUp", "5"):
        page.keyboard.press(key)
    undo = first.get_by_role("button", name="Flip left and right")
    undo.focus()
    assert again(page, lambda: page.keyboard.press("Space")) == "flip left and right"
    assert again(page, lambda: page.keyboard.press("Enter")) == "flip left and right"
    box = first.get_by_label("MTT", exact=True).first
    box.focus()
    assert again(page, lambda: page.keyboard.press("Space")) == "MTT off"
    assert notebook.count() == count and page.locator(".jp-CodeCell").count() == 4
    first.get_by_role("button", name="Clear the mark").click()


def test_a_prediction_is_cancelled_and_an_error_said(page, first):
    ask_kernel(
        page,
        "import time\nfast = lab.model\n"
        "lab.model = lambda *a, **k: (time.sleep(2), fast(*a, **k))[1]",
    )
    first.get_by_role("button", name="Flip left and right").click()
    first.get_by_role("button", name="Cancel").click()
    ready(page, state="cancelled")
    assert "Not predicted" in first.locator(".isl-result").inner_text()
    ask_kernel(page, "lab.model = None")
    first.get_by_role("button", name="Predict again").click()
    ready(page, state="failed")
    error = page.locator(".isl-bar-top > .isl-error").first
    assert "TypeError" in error.inner_text()
    ask_kernel(page, "lab.model = fast")
    press(page, "Predict again")
    assert error.inner_text() == ""


def test_another_patient_without_a_lesion(page, first):
    again(page, lambda: first.get_by_label("Patient").select_option("1"))
    assert first.locator(".isl-side h3").first.inner_text().startswith("other")
    assert "the reference is empty" in first.locator(".isl-result").inner_text()
    again(page, lambda: first.get_by_label("Patient").select_option("0"))


def test_two_labs_and_two_views_of_one(page, first, like):
    """The second lab's labels reach its own inputs; its network is conditioned on TICI and TTT."""
    names = page.evaluate("[...document.querySelectorAll('.islesedu-lab [id]')].map((n) => n.id)")
    assert len(set(names)) == len(names)
    second, tried = lab_of(page, 1), len(rows(page))
    second.scroll_into_view_if_needed()
    second.locator("label", has_text="CBF").first.click()
    ready(page, 1)
    assert rows(page, 1)[-1] == "CBF off" and len(rows(page)) == tried
    press(page, "Undo", 1)
    assert second.get_by_label("Threshold").input_value() == "0.3"
    assert second.get_by_label("TSS (min)").count() == 0  # this network takes TICI and TTT
    told = RunFolder(data_folder("network_trial")).load_model()
    volumes = []
    for grade, number, minutes in (("0", 0.0, "20"), ("3", 4.0, "20"), ("", np.nan, "")):
        second.get_by_label("TICI").select_option(grade)
        second.get_by_label("TTT (min)").fill(minutes)
        said = press(page, "Set treatment", 1)
        assert said == f"TICI {grade or 'unknown'}, TTT {minutes or 'unknown'}"
        clinical = np.array([number, float(minutes or "nan")], np.float32)
        wanted = predict_probability(told, like.image, clinical=clinical)
        np.testing.assert_allclose(shown(page, 1)[0], wanted, atol=1e-4)
        volumes.append((wanted > 0.3).sum())
    assert volumes[1] < volumes[0]
    press(page, "Flip left and right", 2)  # the first lab's other view
    assert rows(page) == rows(page, 2)
    assert "flip" in lab_of(page).locator("tbody tr").first.text_content()
    wait_until_kernel_says(page, "print(lab.log[-1]['what'])", "flip left and right\n")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_nothing_against_accessibility_in_either_theme(page, theme):
    change_theme(page, theme, ".islesedu-lab")
    assert not violations(page, ".islesedu-lab")


def test_a_saved_notebook_opened_again_asks_the_kernel_that_still_runs(page):
    before = ask_kernel(page, "print(len(lab.log), lab.log[-1]['what'])").split(" ", 1)
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    ready(page, 0, 5 * PATIENCE)
    ready(page, 2, 5 * PATIENCE)
    tried = rows(page)
    assert tried[int(before[0]) - 1] == before[1].strip() and len(tried) > int(before[0])
    lab_of(page).scroll_into_view_if_needed()
    assert again(page, lab_of(page).get_by_label("Tmax", exact=True).first.uncheck) == "Tmax off"


def test_a_kernel_that_was_restarted_is_told_and_cells_run_again_work(page):
    said = lab_of(page).locator(".isl-bar-top > .isl-error")
    ask_kernel(page, "import time\nlab.model = lambda *a, **k: time.sleep(60)")
    lab_of(page).get_by_role("button", name="Flip left and right").click()
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    ready(page, state="failed")  # what was being predicted will not come
    assert "run the cells of the notebook again" in said.inner_text()
    lab_of(page).get_by_role("button", name="Predict again").click()
    ready(page, state="failed")
    assert "run the cells of the notebook again" in said.inner_text()
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.wait_for_function(f"{PAGE}[0]?.dataset.state === 'ready'", timeout=5 * PATIENCE)
    ready(page, 1, 5 * PATIENCE)
    ready(page, 2, 5 * PATIENCE)  # the other view of the first lab asks too
    assert set(rows(page)) == {"as it is"}
