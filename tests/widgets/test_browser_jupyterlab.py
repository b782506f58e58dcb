"""The slice browser in a real JupyterLab: keys, traits both ways, both themes."""

import os
from pathlib import Path

import nbformat
import numpy as np
import pytest

from tests.browser import (
    FRAMES,
    PATIENCE,
    ask_kernel,
    change_theme,
    chromium,
    jupyterlab,
    needs_chromium,
    run_notebook,
    settle,
    violations,
    wait_until_kernel_says,
)
from tests.widgets.test_browser_page import STATE, pixels, slice_voxels, state

pytestmark = [needs_chromium, pytest.mark.xdist_group("jupyterlab")]
SHOTS = os.environ.get("ISLESEDU_SCREENSHOTS")  # folder for pictures to look at
CODE = """
import numpy as np
from islesedu import CHANNELS
from islesedu.isles import Patient
from islesedu.widgets import SliceBrowser

rng = np.random.default_rng(5)
image = np.zeros((24, 28, 9, 6), np.float32)
spread, least = [800, 3, 40, 10, 20, 8], [400, 1, 9, 4, 9, 1]
image[2:-2, 2:-2, 1:-1] = rng.random((20, 24, 7, 6)) * spread + least
lesion = np.zeros((24, 28, 9), bool)
lesion[6:11, 9:16, 3:6] = True
probability = np.where(lesion, 0.4, 0) + rng.random(lesion.shape) * 0.5
patient = Patient("case", image, lesion, (8.0, 7.0, 12.0), np.diag([8, 7, 12, 1.0]), {}, CHANNELS)
"""
ASK = """
shares = np.linspace(0.7, 1, 14).reshape(2, 7, 1, 1, 1)
stack = shares * probability
what_if = {"TICI": ["0", "3"], "hours": range(1, 8)}
look = {"prediction_style": "fill", "truth_style": "none", "opacity": 1, "crosshair": False}
browser = SliceBrowser(patient, probability=stack, what_if=what_if, map="ADC", **look)
browser"""
SHOW = "browser = SliceBrowser(patient, probability=probability, slice=4)\nbrowser"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("jupyterlab") / "notebooks"
    folder.mkdir()
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for name, last in (("browse", SHOW), ("ask", ASK)):
        cells = [nbformat.v4.new_code_cell(text) for text in (CODE, last)]
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        nbformat.write(notebook, folder / f"{name}.ipynb")
    with jupyterlab(folder) as address:
        yield address


@pytest.fixture(scope="module")
def page(lab):
    with chromium(viewport={"width": 1280, "height": 1000}) as page:
        run_notebook(page, lab, "browse.ipynb")
        page.locator(".islesedu-browser canvas").first.wait_for(timeout=5 * PATIENCE)
        settle(page)
        yield page


@pytest.fixture
def like():
    """The same browser in this process."""
    names = {}
    exec(CODE + SHOW.rsplit("\n", 1)[0], names)
    return names["browser"]


def wait_until_python_says(page, question, wanted):
    """Ask the kernel until it has what the page has sent."""
    wait_until_kernel_says(page, f"print(({question}))", f"{wanted}\n")


def test_the_keys_reach_the_browser_and_not_the_notebook(page):
    cells = page.locator(".jp-Notebook-cell").count()
    stage = page.locator(".isl-stage")
    stage.focus()
    for key, name, value in [
        ("ArrowUp", "slice", 5),
        ("Home", "slice", 0),
        ("PageUp", "slice", 5),
        ("c", "plane", "coronal"),
        ("s", "plane", "sagittal"),
        ("a", "plane", "axial"),
        ("x", "crosshair", False),
        ("o", "overlay", False),
        ("6", "map", "Tmax"),
        ("1", "map", "ADC"),
        ("Shift+ArrowLeft", "position", None),
        ("l", "slice", 3),
        ("r", "map", "all"),
    ]:
        page.keyboard.press(key)
        if value is not None:
            assert state(page, name) == value, key
    assert page.locator(".jp-Notebook-cell").count() == cells
    assert page.locator(".jp-CodeCell").count() == 2
    assert page.evaluate("document.activeElement.className") == "isl-stage"


def test_what_the_reader_does_python_knows(page):
    stage = page.locator(".isl-stage")
    stage.focus()
    for key in ("l", "ArrowUp", "Shift+ArrowUp"):
        page.keyboard.press(key)
    wait_until_python_says(page, "browser.slice, browser.position[2]", (4, 4))
    place = state(page, "position")
    wait_until_python_says(page, "list(browser.position)", place)
    page.get_by_label("Threshold").fill("0.635")
    wait_until_python_says(page, "browser.threshold", 0.635)
    page.evaluate(FRAMES)
    said = float(page.locator(".isl-score").inner_text().split()[1])
    wait_until_python_says(page, "round(browser.dice, 3)", said)
    for label, option, trait in [
        ("Reference", "fill", "truth_style"),
        ("Prediction", "both", "prediction_style"),
        ("Show", "CBF", "map"),
    ]:
        page.get_by_label(label, exact=True).select_option(option)
        wait_until_python_says(page, f"browser.{trait}", option)
    page.get_by_label("Colours").select_option("viridis")
    wait_until_python_says(page, "browser.colors['CBF']", "viridis")
    page.get_by_label("to", exact=True).fill("33")
    page.keyboard.press("Enter")
    wait_until_python_says(page, "browser.windows['CBF'][1]", 33.0)
    page.get_by_role("radio", name="Coronal").check()
    wait_until_python_says(page, "browser.plane, browser.slice", ("coronal", place[1]))
    for label, trait in [("Crosshair", "crosshair"), ("Overlay", "overlay")]:
        page.get_by_label(label).uncheck()
        wait_until_python_says(page, f"browser.{trait}", False)
    page.get_by_label("TP, FP, FN").check()
    wait_until_python_says(page, "browser.outcomes", True)
    page.get_by_label("Opacity").fill("0.8")
    wait_until_python_says(page, "browser.opacity", 0.8)
    page.get_by_label("Zoom").fill("2")
    wait_until_python_says(page, "browser.zoom", 2.0)
    page.get_by_role("button", name="Reset").click()
    wait_until_python_says(page, "browser.zoom, browser.plane, browser.map", (1.0, "axial", "all"))


def test_what_python_does_the_reader_sees(page, like):
    for name, value in {
        "plane": "sagittal",
        "slice": 9,
        "position": (5, 6, 7),
        "map": "ADC",
        "threshold": 0.25,
        "crosshair": False,
        "overlay": False,
        "windows": {"ADC": [500, 1100]},
        "colors": {"CBV": "cividis"},
        "zoom": 1.5,
        "source": "probability",
        "truth_style": "both",
        "outcomes": True,
        "opacity": 0.3,
    }.items():
        assert ask_kernel(page, f"browser.{name} = {value!r}") == ""
        script = f"([n, v]) => JSON.stringify({STATE}[n]) === v"
        setattr(like, name, value)
        shown = page.evaluate("v => JSON.stringify(v)", getattr(like, name))
        page.wait_for_function(script, arg=[name, shown])
    settle(page)
    assert f"Dice {like.dice:.3f}" in page.locator(".isl-score").inner_text()
    voxels = slice_voxels(page, like)
    values = like.sides[0].volume.image[(*voxels.T, 0)]
    wanted = ((values - 500) / 600).clip(0, 1) * 255
    np.testing.assert_allclose(pixels(page, voxels)[:, 0], wanted, atol=0.6)


def test_a_notebook_can_react_to_where_the_reader_looks(page):
    ask_kernel(page, "seen = []\nbrowser.observe(lambda c: seen.append(c['new']), 'slice')")
    ask_kernel(page, "browser.plane = 'axial'")
    page.wait_for_function(f"{STATE}.plane === 'axial'")
    ask_kernel(page, "seen.clear()")
    page.locator(".isl-stage").focus()
    page.keyboard.press("Home")
    wait_until_python_says(page, "seen", [0])
    page.keyboard.press("End")
    wait_until_python_says(page, "seen", [0, 8])


def test_scrolling_fast_never_jumps_back(page):
    page.locator(".isl-stage").focus()
    page.keyboard.press("Home")
    page.evaluate("""() => { window.seen = [];
        const root = document.querySelector(".islesedu-browser");
        const watch = () => {
            seen.push(root.state().slice);
            window.frame = requestAnimationFrame(watch);
        };
        watch(); }""")
    for _ in range(8):
        page.keyboard.press("ArrowUp")
    wait_until_python_says(page, "browser.slice", 8)
    ask_kernel(page, "browser.opacity = 0.45")  # comes after all that Python says of the slice
    page.wait_for_function(f"{STATE}.opacity === 0.45")
    page.evaluate(FRAMES)
    seen = page.evaluate("() => { cancelAnimationFrame(frame); return seen; }")
    assert seen == sorted(seen) and seen[-1] == 8


def test_a_notebook_stays_small(page):
    output = "window.jupyterapp.shell.currentWidget.content.widgets[1].model.outputs.get(0)"
    kinds = page.evaluate(f"Object.keys({output}.data)")
    assert "image/png" in kinds and "text/html" not in kinds


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_nothing_against_accessibility_in_either_theme(page, theme):
    change_theme(page, theme, ".islesedu-browser")
    page.get_by_role("button", name="Reset").click()
    settle(page)
    assert not violations(page, ".islesedu-browser")
    if SHOTS:
        name = f"browser-jupyterlab-{theme.lower()}.png"
        page.locator(".islesedu-browser").screenshot(path=Path(SHOTS) / name)


def test_what_if_is_asked_and_answered_both_ways(page, lab):
    names = {}
    exec(CODE + ASK, names)
    like, stack = names["browser"], names["stack"]

    def check(page, chosen):
        like.chosen = chosen
        page.get_by_text(f"{like.predicted_ml:.1f} ml predicted", exact=True).wait_for()
        settle(page)
        voxels = slice_voxels(page, like)
        blue = pixels(page, voxels) @ [-1, 0, 1] > 60
        np.testing.assert_array_equal(blue, stack[(*chosen, *voxels.T)] > 0.5)
        assert f"Dice {like.dice:.3f}" in page.locator(".isl-score").inner_text()
        wait_until_python_says(page, "browser.chosen", chosen)
        wait_until_python_says(page, "round(browser.dice, 6)", round(like.dice, 6))

    page = page.context.browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(PATIENCE)
    run_notebook(page, lab, "ask.ipynb")
    page.locator(".islesedu-browser canvas").first.wait_for(timeout=5 * PATIENCE)
    check(page, (0, 0))
    page.get_by_label("TICI").focus()
    page.keyboard.press("ArrowDown")
    check(page, (1, 0))
    page.get_by_label("hours").focus()
    page.keyboard.press("End")
    check(page, (1, 6))
    reset = page.get_by_role("button", name="Reset")
    reset.focus()
    page.keyboard.press("Space")
    check(page, (0, 0))
    assert page.locator(".jp-Notebook-cell").count() == 2
    assert ask_kernel(page, "browser.chosen = (0, 3)") == ""
    check(page, (0, 3))
    page.evaluate(FRAMES)
    assert page.get_by_label("hours").get_attribute("aria-valuetext") == "4"
    assert "TICI 0 to 1, hours 0 to 6" in ask_kernel(page, "browser.chosen = (2, 0)")
    reset.click()
    check(page, (0, 0))
    page.close()
