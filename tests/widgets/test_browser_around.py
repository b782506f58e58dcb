"""The slice browser and what is around it: page, fingers, paper, clipboard; planes and mirror."""

import io
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.image import imread

from islesedu.isles.orientation import PLANES, view
from islesedu.widgets.browser.browser import SliceBrowser
from islesedu.widgets.browser.inputs import BrowserError
from tests.browser import FRAMES, brightness, html_page, needs_chromium, settle, violations
from tests.widgets.test_browser import SHAPE, made_patient, made_probability
from tests.widgets.test_browser_page import BARE, STATE, focus, pixels, state, wait_for_state

CAPTIONS = """() => [...document.querySelectorAll("figcaption > div > *")].filter((node) => {
    const box = node.closest("figure").getBoundingClientRect(), own = node.getBoundingClientRect();
    return own.width && (node.scrollWidth > node.clientWidth + 1 && node.clientWidth
        || own.right > box.right + 1 || own.left < box.left - 1);
}).map((node) => node.textContent)"""


@pytest.fixture
def patient(rng):
    return made_patient(rng)


@pytest.fixture
def probability(rng, patient):
    return made_probability(rng, patient)


def finger(page, *places):
    """Put a finger on the page, move it through places and lift it."""
    session = page.context.new_cdp_session(page)
    for number, (x, y) in enumerate(places):
        kind = "touchMove" if number else "touchStart"
        session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y, "id": 0}]}
        )
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def middle(page):
    """Return the middle of the first canvas, in the window."""
    box = page.locator(".isl-tiles canvas").first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


# Fingers


@needs_chromium
def test_a_swipe_turns_slices_and_a_tap_moves_the_crosshair(shown, patient):
    page = shown(SliceBrowser(patient, map="ADC", slice=3), has_touch=True)
    x, y = middle(page)
    before = state(page, "position")
    finger(page, (x, y), (x - 20, y), (x - 50, y))  # to the left: the next slices
    wait_for_state(page, "slice", 5)
    assert state(page, "position")[:2] == before[:2]  # the crosshair stays where it was
    finger(page, (x, y), (x + 40, y), (x + 72, y))
    wait_for_state(page, "slice", 2)
    finger(page, (x, y), (x + 400, y))
    wait_for_state(page, "slice", 0)
    finger(page, (x + 40, y + 20))
    page.wait_for_function(f"before => {STATE}.position[0] !== before", arg=before[0])
    assert state(page, "slice") == 0


@needs_chromium
def test_a_finger_up_or_down_is_left_to_the_page(shown, patient):
    page = shown(SliceBrowser(patient, map="ADC", slice=3), has_touch=True)
    assert {"pan-y"} == set(
        page.locator(".isl-tiles canvas").evaluate_all(
            "all => all.map(canvas => getComputedStyle(canvas).touchAction)"
        )
    )
    x, y = middle(page)
    before = state(page, "position")
    finger(page, (x, y), (x, y - 30), (x, y - 90))
    page.evaluate(FRAMES)
    assert state(page, "slice") == 3 and state(page, "position")[2] == before[2]


# Small windows and paper


@needs_chromium
@pytest.mark.parametrize("width", [400, 640, 1280])
@pytest.mark.parametrize("look", [{}, {"map": "ADC"}, {"orthogonal": True}])
def test_no_value_is_cut(shown, patient, width, look):
    large = replace(patient, image=patient.image * 3 + 4000)
    page = shown(SliceBrowser(large, mirror=True, **look), viewport={"width": width, "height": 900})
    assert page.evaluate(CAPTIONS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    least = 140 if width < 1280 else 90
    boxes = [canvas.bounding_box() for canvas in page.locator(".isl-tiles canvas").all()]
    assert min(box["width"] for box in boxes) >= least
    assert boxes[0]["y"] < 260  # the slices are not a screen below


@needs_chromium
@pytest.mark.parametrize("look", [{}, {"orthogonal": True}])
def test_print_shows_the_image_and_its_caption_only(shown, patient, probability, look):
    browser = SliceBrowser(patient, probability=probability, name="case 7", **look)
    page = shown(browser, color_scheme="dark")
    page.emulate_media(media="print")
    shown_text = page.locator(".islesedu-browser").inner_text()
    assert all(word in shown_text for word in ("case 7", "slice", "reference mask", "Dice"))
    for role in ("button", "radio", "slider", "combobox", "checkbox", "spinbutton"):
        assert not any(node.is_visible() for node in page.get_by_role(role).all())
    assert not page.locator("summary").is_visible()
    assert page.locator(".isl-tiles canvas").first.is_visible()
    assert brightness(page, ".islesedu-browser") > 200
    page.set_viewport_size({"width": 700, "height": 900})  # paper is narrower than the window
    assert page.evaluate("document.documentElement.scrollWidth") <= 700


# Three planes


@needs_chromium
@pytest.mark.parametrize("orientation", ["RAS", "PIR"])
def test_three_planes_show_the_same_voxel(shown, rng, orientation):
    patient = made_patient(rng, orientation)
    windows = {"ADC": (300, 1100)}
    browser = SliceBrowser(patient, map="ADC", orthogonal=True, windows=windows, **BARE)
    page = shown(browser)
    assert page.locator("figure").count() == 3
    focus(page)
    page.keyboard.press("ArrowUp")
    settle(page)
    place = state(page, "position")
    for tile, plane in enumerate(PLANES):
        assert f"ADC, {plane}" in page.locator("figcaption").nth(tile).inner_text()
        across = view(patient.affine, plane).axes[2]
        voxels = np.argwhere(np.ones(SHAPE))
        voxels = voxels[voxels[:, across] == place[across]]
        inside = (
            page.locator(".isl-tiles canvas")
            .nth(tile)
            .evaluate(
                """(canvas, voxels) => voxels.map((voxel) => {
            const [x, y] = canvas.voxelToPixel(voxel);
            return x > 20 && y > 20 && x < canvas.width - 20 && y < canvas.height - 20; })""",
                voxels.tolist(),
            )
        )
        voxels = voxels[inside]
        wanted = ((patient.image[(*voxels.T, 0)] - 300) / 800).clip(0, 1) * 255
        np.testing.assert_allclose(pixels(page, voxels, tile)[:, 0], wanted, atol=0.6)


@needs_chromium
def test_a_click_in_one_plane_moves_the_other_two(shown, patient):
    page = shown(SliceBrowser(patient, map="ADC", orthogonal=True, position=(4, 5, 3)))
    wanted = [7, 5, 6]
    canvas = page.locator(".isl-tiles canvas").nth(1)  # coronal: y stays
    x, y = canvas.evaluate("(c, v) => c.voxelToPixel(v).map(n => n / devicePixelRatio)", wanted)
    canvas.click(position={"x": x, "y": y})
    assert state(page, "position") == wanted and state(page, "plane") == "coronal"
    page.keyboard.press("ArrowUp")  # through the plane that was clicked
    assert state(page, "position") == [7, 6, 6]
    assert page.locator(".isl-active").count() == 1
    page.keyboard.press("a")
    page.keyboard.press("ArrowDown")
    assert state(page, "position") == [7, 6, 5]
    canvas.dblclick()
    assert state(page, "orthogonal") is False


@needs_chromium
def test_three_planes_are_switched_on_and_off_by_control_and_key(shown, patient):
    page = shown(SliceBrowser(patient))
    page.get_by_label("Map", exact=True).select_option("Tmax")
    page.get_by_label("Three planes").check()
    assert (state(page, "orthogonal"), state(page, "map")) == (True, "Tmax")
    assert page.locator("figure").count() == 3
    page.get_by_label("Show").select_option("all")
    assert state(page, "orthogonal") is False and page.locator("figure").count() == 6
    focus(page)
    page.keyboard.press("p")
    assert state(page, "orthogonal") is True
    page.keyboard.press("2")
    assert state(page, "map") == "CBV" and page.locator("figure").count() == 3
    page.keyboard.press("r")
    assert (state(page, "orthogonal"), state(page, "map")) == (False, "all")


def test_the_picture_has_three_planes_too(patient):
    figure = SliceBrowser(patient, orthogonal=True, mirror=True, position=(3, 4, 5)).figure()
    axes = [ax for part in figure.subfigs for ax in part.axes]
    titles = [ax.get_title() for ax in axes if ax.get_title()]
    unit = "1e-6 mm²/s"
    assert titles == [f"ADC, {plane}, {unit}" for plane in PLANES]
    diamonds = [line for ax in axes for line in ax.lines if line.get_marker() == "D"]
    assert len(diamonds) == 2  # axial and coronal; the mirror voxel has another sagittal slice
    assert "voxel 3, 4, 5" in figure.subfigs[0].get_suptitle()


# The mirror voxel


@pytest.mark.parametrize("orientation", ["RAS", "LPS", "PIR"])
def test_the_mirror_voxel_lies_as_far_on_the_other_side(rng, orientation):
    patient = made_patient(rng, orientation)
    browser = SliceBrowser(patient, position=(3, 4, 5))
    side, place = browser.sides[0], browser.mirror_position
    axis, total = side.mirrored
    low, high = side.focus[axis]
    assert place[axis] - low == high - 1 - browser.position[axis] and total == low + high - 1
    assert [v for a, v in enumerate(place) if a != axis] == [
        v for a, v in enumerate(browser.position) if a != axis
    ]
    moved = patient.affine @ ([*place, 1] - np.array([*browser.position, 1]))
    assert np.flatnonzero(np.round(moved[:3], 6)).tolist() == [0]  # to the right or left only
    assert browser.mirror_values["ADC"] == patient.image[(*place, 0)]
    browser.position = place
    assert browser.mirror_position == (3, 4, 5)


def test_there_is_no_mirror_voxel_outside_or_where_left_and_right_are_unknown(patient):
    assert SliceBrowser(replace(patient, placed=False)).mirror_position is None
    values = np.zeros((10, 6, 6))
    values[5:9] = 1  # a brain at one end
    browser = SliceBrowser(values, mirror=True, position=(9, 3, 3))
    assert browser.mirror_position == (4, 3, 3)
    browser.position = (0, 3, 3)
    assert browser.mirror_position is None and browser.mirror_values == {}
    assert "mirror" not in repr(browser)


@needs_chromium
def test_the_mirror_value_is_read_out(shown, patient):
    browser = SliceBrowser(patient, position=(3, 4, 5))
    page = shown(browser)
    assert not page.locator(".isl-other").first.is_visible()
    page.get_by_label("Mirror voxel").check()
    settle(page)
    for number, (name, value) in enumerate(browser.mirror_values.items()):
        text = page.locator(".isl-other > :last-child").nth(number).inner_text().partition(" ")[0]
        assert float(text) == pytest.approx(value, rel=1e-3, abs=0.005), name
    place = ", ".join(map(str, browser.mirror_position))
    assert f"mirror voxel {place}" in page.locator(".isl-say").inner_text()
    page.get_by_role("status").get_by_text("mirror").wait_for()
    yellow = pixels(page, [browser.mirror_position])
    x, y = page.locator(".isl-tiles canvas").first.evaluate(
        "(canvas, voxel) => canvas.voxelToPixel(voxel)", list(browser.mirror_position)
    )
    seen = page.locator(".isl-tiles canvas").first.evaluate(
        """(canvas, [x, y]) => [...canvas.getContext("2d")
            .getImageData(x - 8, y - 8, 17, 17).data]""",
        [round(x), round(y)],
    )
    seen = np.reshape(seen, (-1, 4))[:, :3].astype(int)
    assert (np.abs(seen - (240, 228, 66)).max(axis=1) < 60).sum() > 8, yellow
    page.get_by_label("Mirror voxel").uncheck()
    page.locator(".isl-other").first.wait_for(state="hidden")


@needs_chromium
def test_without_left_and_right_no_mirror_is_offered(shown, patient):
    page = shown(SliceBrowser(replace(patient, placed=False)))
    assert page.get_by_label("Mirror voxel").count() == 0
    focus(page)
    page.keyboard.press("m")
    assert state(page, "mirror") is False


# What is hidden


def test_a_lesion_that_is_not_given_is_nowhere(patient):
    hidden = SliceBrowser(patient, lesion=False)
    assert hidden.sides[0].truth is None and hidden.dice is None
    assert hidden.meta["sides"][0]["counts"]["truth"] is None
    assert hidden.meta["sides"][0]["has"] == []
    assert not [name for name in hidden.buffers.names() if "truth" in name]
    low, high = np.transpose(hidden.sides[0].focus)
    assert hidden.position == tuple((low + high) // 2)  # not where the lesion is
    with pytest.raises(BrowserError, match="no voxel of a lesion"):
        hidden.go_to_lesion()
    both = SliceBrowser(patient, lesion=False, compare={"probability": np.zeros(SHAPE)})
    assert [side.truth for side in both.sides] == [None, None]
    other = SliceBrowser(patient, lesion=False, compare={"patient": patient, "lesion": False})
    assert [side.truth for side in other.sides] == [None, None]


@needs_chromium
@pytest.mark.parametrize("hide", [{"lesion": False}, {"patient": None}])
def test_while_the_reference_is_hidden_l_and_o_do_nothing(shown, patient, hide):
    bare = replace(patient, lesion=None) if "patient" in hide else patient
    options = {} if "patient" in hide else hide
    page = shown(SliceBrowser(bare, position=(2, 2, 1), **options))
    focus(page)
    before = page.evaluate(f"JSON.stringify({STATE})")
    for key in ("l", "o", "L", "O"):
        page.keyboard.press(key)
    page.evaluate(FRAMES)
    assert page.evaluate(f"JSON.stringify({STATE})") == before
    assert page.get_by_role("button", name="Largest lesion").count() == 0
    assert page.get_by_label("Overlay").count() == 0
    help_text = page.locator("details").text_content()
    assert "largest lesion" not in help_text and "overlay" not in help_text
    assert page.locator(".isl-legend").inner_text() == ""


# What one takes along


@needs_chromium
@pytest.mark.parametrize("allowed", [True, False])
def test_the_position_is_copied_as_python_writes_it(shown, patient, allowed):
    page = shown(SliceBrowser(patient, position=(3, 4, 5)))
    if allowed:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    else:  # a page that is not trusted
        page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        page.evaluate("""document.execCommand = (what) => {
            window.copied = [what, document.activeElement.value]; return true; }""")
    button = page.get_by_role("button", name="Copy position")
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_text("Copied (3, 4, 5).").first.wait_for()
    if allowed:
        assert page.evaluate("navigator.clipboard.readText()") == "(3, 4, 5)"
    else:
        assert page.evaluate("copied") == ["copy", "(3, 4, 5)"]
        assert page.locator("textarea").count() == 0
    assert button.evaluate("node => node === document.activeElement")


@needs_chromium
@pytest.mark.parametrize("look", [{"map": "ADC"}, {"orthogonal": True, "map": "Tmax"}, {}])
def test_the_picture_is_saved_with_its_caption(shown, patient, probability, look):
    page = shown(SliceBrowser(patient, probability=probability, name="case/7", slice=4, **look))
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save picture").click()
    name = waiting.value.suggested_filename
    assert name.startswith("case_7") and name.endswith(
        "planes.png" if "orthogonal" in look else "axial-4.png"
    )
    saved = imread(io.BytesIO(waiting.value.path().read_bytes()))
    boxes = [canvas.bounding_box() for canvas in page.locator(".isl-tiles canvas").all()]
    wide = max(b["x"] + b["width"] for b in boxes) - min(b["x"] for b in boxes)
    tall = max(b["y"] + b["height"] for b in boxes) - min(b["y"] for b in boxes)
    assert saved.shape[0] > tall + 60 and saved.shape[1] >= wide  # pictures and words below
    below = saved[int(tall) + 70 :, :, :3]
    assert (below < 0.5).any() and (below > 0.99).mean() > 0.5
    assert (np.ptp(saved[..., :3], axis=2) > 0.3).any()  # the outlines
    page.get_by_text(f"Saved {name}.").first.wait_for()


# Other style sheets


@needs_chromium
def test_the_style_sheet_of_a_page_does_not_reach_it(pages, tmp_path, patient):
    names = "row field stage side tiles say legend score error hidden bar volume other active"
    rules = "".join(f".{name}, .{name} > * {{ width: 100%; opacity: 0 }}" for name in names.split())
    heights = []
    for style in ("", f"<style>{rules}</style>"):
        file = tmp_path / "page.html"
        file.write_text(html_page(style + SliceBrowser(patient).to_html()), encoding="utf-8")
        with pages() as page:
            page.goto(file.as_uri())
            settle(page)
            heights.append(page.locator(".islesedu-browser").bounding_box()["height"])
            own = page.evaluate("""[...document.querySelectorAll('.islesedu-browser *')]
                .flatMap(node => [...node.classList])""")
            assert own and all(name.startswith("isl-") for name in own)
            assert not violations(page, ".islesedu-browser")
    assert heights[0] == heights[1]
