"""The slice browser in an exported page, in Chromium: no kernel, every control, every pixel."""

import base64
import io
import os
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.image import imread
from nbclient import NotebookClient

from islesedu import CHANNELS
from islesedu.course.page import to_html
from islesedu.isles.case import SERIES
from islesedu.isles.orientation import PLANES, view
from islesedu.metrics.overlap import dice
from islesedu.widgets.browser.browser import SliceBrowser
from tests.browser import FRAMES, brightness, html_page, needs_chromium, settle, violations
from tests.widgets.test_browser import SHAPE, SPACING, made_patient, made_probability

pytestmark = needs_chromium
SHOTS = os.environ.get("ISLESEDU_SCREENSHOTS")  # folder for pictures to look at
BARE = {"crosshair": False, "overlay": False}
STATE = "document.querySelector('.islesedu-browser').state()"
NAME_OF_FOCUS = """() => { const at = document.activeElement;
    return at.labels?.[0]?.textContent || at.className || at.textContent; }"""


@pytest.fixture
def patient(rng):
    return made_patient(rng)


@pytest.fixture
def probability(rng, patient):
    return made_probability(rng, patient)


def state(page, name, number=0):
    """Return a trait as the page has it."""
    page.evaluate(FRAMES)
    return (
        page.locator(".islesedu-browser").nth(number).evaluate("(root, n) => root.state()[n]", name)
    )


def wait_for_state(page, name, value):
    """Wait until the page has a value of a trait."""
    page.wait_for_function(f"([name, value]) => {STATE}[name] === value", arg=[name, value])


def pixels(page, voxels, tile=0):
    """Return the colours (n, 3) on the canvas in the middles of voxels."""
    script = """(canvas, voxels) => voxels.map((voxel) => {
        const [x, y] = canvas.voxelToPixel(voxel).map(Math.floor);
        return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data.slice(0, 3)];
    })"""
    canvas = page.locator(".isl-tiles canvas").nth(tile)
    return np.array(canvas.evaluate(script, [[int(v) for v in voxel] for voxel in voxels]))


def on_canvas(page, voxels):
    """Return those of some voxels whose middles are shown."""
    script = """(canvas, voxels) => voxels.map((voxel) => {
        const [x, y] = canvas.voxelToPixel(voxel);
        return x > 20 && y > 20 && x < canvas.width - 20 && y < canvas.height - 20; })"""
    inside = page.locator(".isl-tiles canvas").first.evaluate(script, np.asarray(voxels).tolist())
    assert any(inside)
    return np.asarray(voxels)[inside]


def slice_voxels(page, browser):
    """Return all voxels of the slice on screen that lie within the canvas."""
    voxels = np.argwhere(np.ones(browser.sides[0].volume.shape))
    across = view(browser.sides[0].volume.affine, state(page, "plane")).axes[2]
    return on_canvas(page, voxels[voxels[:, across] == state(page, "slice")])


def picture(page, tile=0):
    """Return the whole canvas, (H, W, 3)."""
    url = page.locator(".isl-tiles canvas").nth(tile).evaluate("canvas => canvas.toDataURL()")
    values = imread(io.BytesIO(base64.b64decode(url.split(",")[1])))
    return np.rint(values[..., :3] * 255).astype(np.uint8)


def voxel_area(page):
    """Return the size of a voxel of an axial slice in pixels of the canvas."""
    script = "canvas => [[0, 0, 0], [1, 1, 0]].map(v => canvas.voxelToPixel(v))"
    (x1, y1), (x2, y2) = page.locator(".isl-tiles canvas").first.evaluate(script)
    return abs((x2 - x1) * (y2 - y1))


def focus(page):
    page.locator(".isl-stage").focus()


# Voxels


@pytest.mark.parametrize("orientation", ["RAS", "LPS"])
def test_every_pixel_is_the_value_through_the_window(shown, rng, orientation):
    patient = made_patient(rng, orientation)
    windows = {"ADC": (300, 1100), "CBF": (10, 45), "Tmax": (4, 9)}
    browser = SliceBrowser(patient, map="ADC", windows=windows, colors={"Tmax": "viridis"}, **BARE)
    page = shown(browser)
    for plane in PLANES:
        page.get_by_role("radio", name=plane, exact=False).check()
        for name, key in (("ADC", "1"), ("CBF", "3"), ("Tmax", "6")):
            focus(page)
            page.keyboard.press(key)
            page.keyboard.press("ArrowUp" if name != "Tmax" else "PageDown")
            settle(page)
            voxels = slice_voxels(page, browser)
            values = patient.image[(*voxels.T, CHANNELS.index(name))]
            low, high = windows[name]
            wanted = ((values - low) / (high - low)).clip(0, 1)
            if name == "Tmax":
                wanted = colormaps["viridis"](np.rint(wanted * 255).astype(int))[:, :3] * 255
            else:
                wanted = np.repeat(wanted[:, None] * 255, 3, 1)
            tolerance = 4 if name == "Tmax" else 0.6
            np.testing.assert_allclose(pixels(page, voxels), wanted, atol=tolerance)


@pytest.mark.parametrize("orientation", ["RAS", "LAS", "PIR"])
def test_left_is_left_and_the_front_is_up(shown, orientation):
    patient = made_patient(np.random.default_rng(0), orientation)
    bright = replace(
        patient,
        image=np.where(patient.lesion[..., None], 9, patient.brain[..., None] * 1.0).repeat(6, -1),
    )
    browser = SliceBrowser(bright, map="MTT", windows={"MTT": (0, 9)}, **BARE)
    page = shown(browser)
    for plane, (across, down) in {
        "axial": ("L", "A"),
        "coronal": ("L", "S"),
        "sagittal": ("A", "S"),
    }.items():
        page.get_by_role("radio", name=plane, exact=False).check()
        page.get_by_role("button", name="Largest lesion").click()
        page.evaluate(FRAMES)
        seen = picture(page)[..., 0].astype(int)
        seen = seen[15:-15, 20:-20]  # without the letters
        rows, columns = np.nonzero(seen > 240)
        # The lesion's middle lies at mm (-6, 3, 5): left, in front, above the middle.
        assert (columns.mean() > seen.shape[1] / 2) == (across == "L")
        assert rows.mean() < seen.shape[0] / 2 and down in "AS"


def test_voxels_have_their_true_shape_on_the_screen(shown, patient):
    image = np.full(SHAPE, 0.5)
    page = shown(SliceBrowser(image, spacing=SPACING, windows={"map": (0, 1)}, **BARE))
    for plane in PLANES:
        page.get_by_role("radio", name=plane, exact=False).check()
        page.evaluate(FRAMES)
        seen = picture(page)[..., 1] == 128
        height = seen[:, seen.shape[1] // 4].sum()  # beside the letters
        width = seen[seen.shape[0] // 4].sum()
        columns, rows, _ = view(np.eye(4), plane).axes
        size = np.array(SHAPE) * SPACING
        assert height / width == pytest.approx(size[rows] / size[columns], rel=0.02)


def test_the_crosshair_says_the_value_of_every_map(shown, patient, probability):
    browser = SliceBrowser(patient, probability=probability)
    page = shown(browser)
    for position in [(3, 4, 5), (8, 10, 2), (0, 0, 0)]:
        focus(page)
        browser.position = position
        now = state(page, "position")
        for axis, key in ((0, "Left"), (1, "Up")):  # columns run to the left, rows to the back
            by = position[axis] - now[axis]
            page.keyboard.down("Shift")
            for _ in range(abs(by)):
                opposite = {"Left": "Right", "Up": "Down"}[key]
                page.keyboard.press(f"Arrow{key if by > 0 else opposite}")
            page.keyboard.up("Shift")
        for _ in range(abs(position[2] - now[2])):
            page.keyboard.press("ArrowUp" if position[2] > now[2] else "ArrowDown")
        assert state(page, "position") == list(position)
        said = page.locator(".isl-say").inner_text()
        place = browser.millimetres
        letters = [pair[v < 0] for pair, v in zip(("RL", "AP", "SI"), place, strict=True)]
        mm = ", ".join(f"{a} {abs(v):.1f}" for a, v in zip(letters, place, strict=True))
        assert said.endswith(f"voxel {', '.join(map(str, position))} · {mm} mm")
        units = browser.sides[0].volume.units | {"probability": ""}
        for number, (name, value) in enumerate(browser.values.items()):
            words = (
                page.locator("figcaption > div:first-child").nth(number).inner_text().split("\n")
            )
            assert words[0] == name
            number_said, _, unit = words[-1].partition(" ")
            assert unit == units[name].replace("1e-6", "× 10⁻⁶")
            assert float(number_said) == pytest.approx(value, rel=1e-3, abs=0.005)


def test_a_patient_without_orientation_has_no_sides_on_the_page(shown, rng):
    patient = replace(made_patient(rng, "RAS"), placed=False)
    pages = [shown(SliceBrowser(one, **BARE)) for one in (patient, replace(patient, placed=True))]
    said = [page.locator(".isl-say").inner_text() for page in pages]
    assert said[0].endswith("left and right unknown") and said[1].endswith(" mm")
    edge = [picture(page)[:, :16] for page in pages]
    assert (edge[1] != edge[0]).any()  # the letter at the left
    assert "left and right unknown" in pages[0].locator("h3").first.inner_text()


def test_a_click_goes_to_the_voxel_under_it_in_every_plane(shown, rng):
    patient = made_patient(rng, "LPS")
    page = shown(SliceBrowser(patient))
    for plane in PLANES:
        page.get_by_role("radio", name=plane, exact=False).check()
        across = view(patient.affine, plane).axes[2]
        wanted = [2, 9, 6]
        wanted[across] = state(page, "slice")
        for tile in (0, 4):
            canvas = page.locator(".isl-tiles canvas").nth(tile)
            canvas.scroll_into_view_if_needed()
            x, y = canvas.evaluate(
                "(c, v) => c.voxelToPixel(v).map(n => n / devicePixelRatio)", wanted
            )
            canvas.click(position={"x": x, "y": y})
            assert state(page, "position") == wanted
            wanted[(across + 1) % 3] -= 1


# Truth and prediction


def test_dice_on_the_screen_is_that_of_python_at_every_threshold(shown, patient, probability):
    browser = SliceBrowser(patient, probability=probability)
    page = shown(browser)
    slider = page.get_by_label("Threshold")
    seen = set()
    for threshold in (0, 0.005, 0.25, 0.5, 0.635, 0.9, 1):
        slider.fill(str(threshold))
        page.evaluate(FRAMES)
        browser.threshold = threshold
        said = float(re.search(r"Dice ([\d.]+)", page.locator(".isl-score").inner_text())[1])
        assert said == round(browser.dice, 3)
        assert browser.dice == dice(probability > threshold, patient.lesion)
        seen.add(said)
    assert len(seen) > 4


def test_what_is_filled_is_the_mask_at_that_threshold(shown, patient, probability):
    look = {"truth_style": "none", "prediction_style": "fill", "opacity": 1, "crosshair": False}
    browser = SliceBrowser(patient, probability=probability, map="ADC", **look)
    page = shown(browser)
    for plane in PLANES:
        page.get_by_role("radio", name=plane, exact=False).check()
        browser.plane = plane
        for threshold in (0.2, 0.4):
            page.get_by_label("Threshold").fill(str(threshold))
            page.evaluate(FRAMES)
            voxels = slice_voxels(page, browser)
            blue = pixels(page, voxels) @ [-1, 0, 1] > 60
            np.testing.assert_array_equal(blue, probability[tuple(voxels.T)] > threshold)


def test_outcomes_have_three_colours(shown, patient, probability):
    found = probability > 0.4
    browser = SliceBrowser(patient, prediction=found, map="ADC", opacity=1, crosshair=False)
    page = shown(browser)
    page.get_by_label("TP, FP, FN").check()
    page.evaluate(FRAMES)
    index, seen = state(page, "slice"), picture(page)
    truth, found = patient.lesion[:, :, index], found[:, :, index]
    area = voxel_area(page)
    for color, mask in {
        (0, 158, 115): truth & found,
        (213, 94, 0): truth & ~found,
        (0, 114, 178): ~truth & found,
    }.items():
        assert mask.any()
        plain = (np.abs(seen.astype(int) - color) <= 1).all(axis=-1).sum()
        assert 0.5 < plain / (mask.sum() * area) < 1.01  # the signs take the rest
    words = page.locator(".isl-legend").inner_text()
    assert all(
        f"{name}, sign {sign}" in words
        for name, sign in {
            "true positive": "+",
            "false negative": "o",
            "false positive": "x",
        }.items()
    )


def test_truth_is_solid_and_prediction_dashed(shown, patient):
    """Told apart without colour: the one line has gaps, the other has none."""
    runs = {}
    for name in ("truth", "prediction"):
        other = {"truth": "prediction_style", "prediction": "truth_style"}[name]
        browser = SliceBrowser(
            patient,
            prediction=patient.lesion,
            map="CBV",
            crosshair=False,
            windows={"CBV": (50, 60)},
            **{other: "none"},
        )
        page = shown(browser)
        seen = picture(page).astype(int)
        lit = np.ptp(seen, axis=2) > 60  # coloured, on black
        rows, columns = np.nonzero(lit)
        top = lit[rows.min() : rows.min() + 3, columns.min() : columns.max() + 1].any(axis=0)
        runs[name] = np.abs(np.diff(top.astype(int))).sum()
        page.close()
    assert runs["truth"] == 0 and runs["prediction"] >= 4


def test_styles_and_overlay_change_the_picture(shown, patient, probability):
    page = shown(SliceBrowser(patient, prediction=probability > 0.4, map="ADC", crosshair=False))
    seen = {}
    for style in ("outline", "fill", "both", "none"):
        page.get_by_label("Reference", exact=True).select_option(style)
        page.get_by_label("Prediction", exact=True).select_option(style)
        page.evaluate(FRAMES)
        seen[style] = np.ptp(picture(page).astype(int), axis=2) > 20
    assert not seen["none"].any()
    assert seen["both"].sum() > seen["fill"].sum() > 0 < seen["outline"].sum() < seen["both"].sum()
    page.get_by_label("Reference", exact=True).select_option("both")
    page.get_by_label("Overlay").uncheck()
    page.evaluate(FRAMES)
    assert not (np.ptp(picture(page).astype(int), axis=2) > 20).any()


def test_source_chooses_between_mask_and_probability(shown, patient, probability):
    browser = SliceBrowser(patient, prediction=patient.lesion, probability=probability)
    page = shown(browser)
    assert "Dice 1.000" in page.locator(".isl-score").inner_text()
    page.get_by_label("Predicted by").select_option("probability")
    page.evaluate(FRAMES)
    browser.source = "probability"
    assert f"Dice {browser.dice:.3f}" in page.locator(".isl-score").inner_text()


# Controls


def test_every_control_does_what_it_says(shown, patient, probability, rng):
    film = rng.random((*SHAPE, 7))
    browser = SliceBrowser(patient, prediction=patient.lesion, probability=probability, series=film)
    page = shown(browser)
    page.get_by_label("Slice", exact=True).fill("6")
    assert state(page, "slice") == 6 and state(page, "position")[2] == 6
    page.get_by_label("Time").fill("5")
    assert state(page, "time") == 5
    page.get_by_role("button", name="Largest lesion").click()
    assert state(page, "position") == list(browser.position)
    page.get_by_label("Show").select_option("CBF")
    assert state(page, "map") == "CBF" and page.locator("figure").count() == 1
    assert page.get_by_label("Map", exact=True).input_value() == "CBF"  # its window is offered
    page.get_by_label("Zoom").fill("2.5")
    assert state(page, "zoom") == 2.5
    page.get_by_label("Crosshair").uncheck()
    assert state(page, "crosshair") is False
    page.get_by_label("Opacity").fill("0.7")
    assert state(page, "opacity") == 0.7
    page.get_by_label("Map", exact=True).select_option("ADC")
    page.get_by_label("Window", exact=True).select_option("full range")
    values = patient.image[..., 0][patient.brain]
    np.testing.assert_allclose(
        state(page, "windows")["ADC"], [values.min(), values.max()], rtol=1e-6
    )
    page.get_by_label("from").fill("100")
    page.keyboard.press("Tab")
    page.get_by_label("to", exact=True).fill("900")
    page.keyboard.press("Tab")
    assert state(page, "windows")["ADC"] == [100, 900]
    assert page.get_by_label("Window", exact=True).input_value() == "custom"
    page.get_by_label("Colours").select_option("viridis")
    assert state(page, "colors")["ADC"] == "viridis"
    page.get_by_role("button", name="Reset").click()
    fresh = browser.state()
    for name in ("map", "zoom", "crosshair", "opacity", "colors", "time", "slice"):
        assert state(page, name) == fresh[name]
    assert page.get_by_label("Show").input_value() == "all"


@pytest.mark.parametrize("low, high", [("9", "3"), ("", "3")])
def test_a_window_that_is_none_is_refused(shown, patient, low, high):
    page = shown(SliceBrowser(patient, map="Tmax"))
    page.get_by_label("to", exact=True).fill(high)
    page.keyboard.press("Tab")
    page.get_by_label("from").fill(low)
    page.keyboard.press("Enter")
    page.evaluate(FRAMES)
    assert "Window of Tmax: give two numbers" in page.get_by_role("alert").inner_text()
    assert state(page, "windows")["Tmax"] == [0, 3]


def test_keys_alone_reach_everything(shown, patient, probability, rng):
    browser = SliceBrowser(patient, probability=probability, position=(4, 5, 3))
    page = shown(browser)
    focus(page)
    for key, name, value in [
        ("ArrowUp", "slice", 4),
        ("ArrowDown", "slice", 3),
        ("ArrowRight", "slice", 4),
        ("ArrowLeft", "slice", 3),
        ("End", "slice", 7),
        ("ArrowUp", "slice", 7),
        ("PageDown", "slice", 2),
        ("PageUp", "slice", 7),
        ("Home", "slice", 0),
        ("ArrowDown", "slice", 0),
        ("6", "map", "Tmax"),
        ("7", "map", "probability"),
        ("1", "map", "ADC"),
        ("0", "map", "all"),
        ("c", "plane", "coronal"),
        ("s", "slice", 4),
        ("A", "plane", "axial"),
        ("Shift+ArrowLeft", "position", [5, 5, 0]),
        ("Shift+ArrowUp", "position", [5, 6, 0]),
        ("Shift+ArrowDown", "position", [5, 5, 0]),
        ("Shift+ArrowRight", "position", [4, 5, 0]),
        ("l", "position", list(SliceBrowser(patient).position)),
        ("o", "overlay", False),
        ("x", "crosshair", False),
        ("m", "mirror", True),
        ("p", "orthogonal", True),
        ("0", "orthogonal", False),
        ("+", "zoom", 1.25),
        ("-", "zoom", 1),
        ("r", "overlay", True),
    ]:
        page.keyboard.press(key)
        assert state(page, name) == value, key
    stops = []
    page.get_by_role("radio", name="Axial").focus()
    for _ in range(40):
        inside = page.evaluate("Boolean(document.activeElement.closest('.islesedu-browser'))")
        if not inside:
            break
        stops.append(page.evaluate(NAME_OF_FOCUS))
        page.keyboard.press("Tab")
    words = " | ".join(stops)
    for word in (
        "Axial",
        "Slice",
        "Largest",
        "Show",
        "Zoom",
        "Crosshair",
        "Reset",
        "stage",
        "Reference",
        "Prediction",
        "Threshold",
        "Opacity",
        "TP, FP",
        "Overlay",
        "Map",
        "Window",
        "from",
        "to",
        "Colours",
        "Keys",
    ):
        assert word in words, word
    assert not inside  # the tab key leaves the browser again


def test_left_and_right_walk_through_the_film(shown, patient, rng):
    film = rng.random((*SHAPE, 3)) * 10
    browser = SliceBrowser(patient, series=film, map=SERIES, windows={SERIES: (0, 10)}, **BARE)
    page = shown(browser)
    focus(page)
    for time in (1, 2, 2):
        page.keyboard.press("ArrowRight")
        settle(page)
        assert state(page, "time") == time
        voxels = slice_voxels(page, browser)
        # 8 bits over the range that the windows reach
        low, high = browser.sides[0].ranges[SERIES]
        wanted = film[(*voxels.T, time)].clip(low, high) * 25.5
        np.testing.assert_allclose(pixels(page, voxels)[:, 0], wanted, atol=1.5)


def test_the_wheel_goes_through_slices_and_leaves_the_page_at_the_end(shown, patient):
    page = shown(SliceBrowser(patient, slice=4), viewport={"width": 900, "height": 400})
    canvas = page.locator(".isl-tiles canvas").first
    canvas.scroll_into_view_if_needed()
    page.evaluate("document.body.style.paddingTop = '900px'")
    page.evaluate("""() => { window.taken = []; // whether the browser kept each turn from the page
        window.addEventListener("wheel", (event) => taken.push(event.defaultPrevented)); }""")
    canvas.hover()
    before = page.evaluate("scrollY")
    page.mouse.wheel(0, 40)  # without the focus, the page scrolls
    page.wait_for_function("before => scrollY > before", arg=before)
    assert state(page, "slice") == 4 and page.evaluate("taken.splice(0)") == [False]
    page.locator(".isl-stage").evaluate("stage => stage.focus({preventScroll: true})")
    before = page.evaluate("scrollY")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    wait_for_state(page, "zoom", 1.2)
    page.keyboard.up("Control")
    for turn, slice in ((-100, 5), (100, 4), (-100, 5), (-100, 6), (-100, 7)):
        page.mouse.wheel(0, turn)
        wait_for_state(page, "slice", slice)
    assert page.evaluate("taken") == [True] * 6 and page.evaluate("scrollY") == before
    page.mouse.wheel(0, -100)
    page.wait_for_function("before => scrollY < before", arg=before)
    assert state(page, "slice") == 7 and page.evaluate("taken") == [True] * 6 + [False]


def drag(page, by, button="left", keys=()):
    box = page.locator(".isl-tiles canvas").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for key in keys:
        page.keyboard.down(key)
    page.mouse.move(x, y)
    page.mouse.down(button=button)
    page.mouse.move(x + by[0] / 2, y + by[1] / 2)
    page.mouse.move(x + by[0], y + by[1])
    page.mouse.up(button=button)
    for key in keys:
        page.keyboard.up(key)
    page.evaluate(FRAMES)


def test_dragging_moves_the_crosshair_the_picture_or_the_window(shown, patient):
    page = shown(SliceBrowser(patient, map="ADC", zoom=2))
    drag(page, (0, 0))
    middle = state(page, "position")
    drag(page, (150, 0))
    assert state(page, "position")[0] < middle[0]  # to the viewer's right is the patient's left
    assert state(page, "position")[1] == middle[1]
    there = "canvas => canvas.voxelToPixel([4, 5, 3])"
    canvas = page.locator(".isl-tiles canvas").first
    before, place = canvas.evaluate(there), state(page, "position")
    drag(page, (40, 20), keys=["Shift"])
    after = canvas.evaluate(there)
    assert [b - a for a, b in zip(before, after, strict=True)] == pytest.approx([40, 20], abs=1)
    assert state(page, "position") == place
    drag(page, (0, 60), button="right")
    low, high = state(page, "windows")["ADC"]
    assert high - low == pytest.approx(1500) and high < 1500
    drag(page, (-60, 0), keys=["Alt"])
    assert np.diff(state(page, "windows")["ADC"]) < 1500


def test_fingers_move_and_zoom(shown, patient):
    page = shown(
        SliceBrowser(patient, map="ADC"), has_touch=True, viewport={"width": 600, "height": 900}
    )
    box = page.locator(".isl-tiles canvas").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.touchscreen.tap(x + 50, y)
    page.wait_for_function(f"{STATE}.position[0] < 5")
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        places = [{"x": px, "y": py, "id": n} for n, (px, py) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", (x - 30, y), (x + 30, y))
    touch("touchMove", (x - 60, y), (x + 60, y))
    touch("touchEnd")
    page.wait_for_function(f"Math.abs({STATE}.zoom - 2) < 0.1")


def test_the_zoomed_picture_follows_the_crosshair(shown, patient):
    page = shown(SliceBrowser(patient, map="ADC", zoom=6, position=(5, 6, 4)))
    focus(page)
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
    page.evaluate(FRAMES)
    inside = page.locator(".isl-tiles canvas").first.evaluate("""(canvas) => {
        const root = canvas.closest(".islesedu-browser");
        const [x, y] = canvas.voxelToPixel(root.state().position);
        return x > 0 && y > 0 && x < canvas.width && y < canvas.height; }""")
    assert inside


def test_the_live_region_says_where_one_is_once_one_stops(shown, patient):
    page = shown(SliceBrowser(patient, position=(4, 5, 3)))
    focus(page)
    page.keyboard.press("ArrowUp")
    live = page.get_by_role("status")
    live.get_by_text("Axial slice 4").wait_for()
    assert live.get_attribute("aria-live") == "polite"
    assert all(name in live.inner_text() for name in CHANNELS)


# Sides


def test_two_models_are_linked(shown, patient, probability):
    browser = SliceBrowser(
        patient,
        probability=probability,
        name="first",
        map="Tmax",
        compare={"probability": probability**2, "name": "second"},
    )
    page = shown(browser)
    assert page.locator("figure").count() == 2
    page.get_by_label("Threshold").fill("0.3")
    page.evaluate(FRAMES)
    for text, values in zip(
        page.locator(".isl-score").all_inner_texts(), (probability, probability**2), strict=True
    ):
        assert f"Dice {dice(values > 0.3, patient.lesion):.3f}" in text


def test_two_patients_show_the_same_part_of_the_head(shown, patient, rng):
    other = made_patient(rng, "LAS", shape=(20, 24, 16), spacing=(1, 0.75, 2.5))
    other = replace(other, image=other.image * 1e-6)  # ADC in mm²/s
    browser = SliceBrowser(patient, map="ADC", compare=other, windows={"ADC": (300, 1100)}, **BARE)
    page = shown(browser)
    focus(page)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")  # slice 2 of 8 is slice 5 of 16
    page.evaluate(FRAMES)
    voxels = np.argwhere(np.ones((20, 24, 1))) + [0, 0, 5]
    wanted = ((other.image[(*voxels.T, 0)] * 1e6 - 300) / 800).clip(0, 1) * 255
    np.testing.assert_allclose(pixels(page, voxels, tile=1)[:, 0], wanted, atol=0.6)
    canvas = page.locator(".isl-tiles canvas").nth(1)
    x, y = canvas.evaluate("canvas => canvas.voxelToPixel([6, 14, 5])")
    canvas.click(position={"x": x, "y": y})
    assert state(page, "position") == [6, 7, 2]  # x runs the other way


def test_two_browsers_in_a_page_do_not_mix(shown, patient):
    page = shown(SliceBrowser(patient, slice=1), SliceBrowser(patient, slice=2, plane="coronal"))
    page.locator(".isl-stage").nth(1).focus()
    page.keyboard.press("ArrowUp")
    assert (state(page, "slice"), state(page, "slice", 1)) == (1, 3)
    assert (state(page, "plane"), state(page, "plane", 1)) == ("axial", "coronal")


def test_a_lesion_that_is_hidden_is_not_told_by_its_volume(shown, patient):
    page = shown(SliceBrowser(patient, overlay=False))
    assert page.locator(".isl-score").inner_text() == ""
    page.get_by_label("Overlay").check()
    page.evaluate(FRAMES)
    assert " ml" in page.locator(".isl-score").inner_text()


# What is odd


def test_nan_an_empty_lesion_and_one_slice_are_shown(shown, patient):
    image = patient.image.copy()
    image[..., 1] = np.nan
    browser = SliceBrowser(
        replace(patient, image=image), lesion=np.zeros(SHAPE), position=(4, 5, 3)
    )
    flat = SliceBrowser(np.random.default_rng(0).random((9, 8, 1)))
    page = shown(browser, flat)
    texts = page.locator("figcaption").all_inner_texts()
    assert "no value" in texts[1] and "no value" not in texts[0]
    assert page.get_by_role("button", name="Largest lesion").first.is_disabled()
    assert "the lesion is empty" in page.locator(".isl-score").first.inner_text()
    page.locator(".isl-stage").nth(1).focus()
    for key in ("ArrowUp", "s", "End", "c", "Home"):
        page.keyboard.press(key)
    page.evaluate(FRAMES)


# For everybody


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_against_accessibility_and_no_sideways_scrolling(
    shown, patient, probability, rng, scheme, width
):
    film = rng.random((*SHAPE, 3))
    given = {"prediction": patient.lesion, "probability": probability, "series": film}
    browser = SliceBrowser(patient, **given, mirror=True)
    page = shown(browser, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.locator("summary").click()
    page.get_by_label("Three planes").check()
    assert not violations(page, ".islesedu-browser")
    page.keyboard.press("Space")
    page.get_by_label("from").fill("9999")
    page.keyboard.press("Enter")
    assert not violations(page, ".islesedu-browser")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (brightness(page, ".islesedu-browser") > 128) == (scheme == "light")
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"browser-{scheme}-{width}.png", full_page=True)


def test_without_scripts_the_picture_stays(pages, tmp_path, patient):
    browser = SliceBrowser(patient)
    file = tmp_path / "page.html"
    file.write_text(html_page(browser.to_html()), encoding="utf-8")
    with pages(java_script_enabled=False) as page:
        page.goto(file.as_uri())
        assert page.locator("img").get_attribute("alt") == repr(browser)
        assert page.locator("img").bounding_box()["width"] > 300


def test_the_page_of_an_executed_notebook_works_without_a_kernel(pages, tmp_path):
    code = """
import numpy as np
from islesedu.widgets import SliceBrowser
values = np.random.default_rng(0).random((9, 8, 7))
SliceBrowser(values, values > 0.9, slice=4)"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, timeout=300).execute()
    nbformat.write(notebook, tmp_path / "browse.ipynb")
    page_file = tmp_path / "browse.html"
    page_file.write_text(to_html(tmp_path / "browse.ipynb", tmp_path), encoding="utf-8")
    with pages(color_scheme="dark") as page:
        page.goto(page_file.as_uri())
        settle(page)
        page.locator(".isl-stage").focus()
        page.keyboard.press("ArrowUp")
        assert state(page, "slice") == 5
        root = page.locator(".islesedu-browser")
        assert root.get_attribute("data-ready") == "true"
        # The page of a lesson is light, whatever the system is.
        assert root.evaluate("root => getComputedStyle(root).colorScheme") == "light"
        assert not violations(page, ".islesedu-browser")
