"""What if: the slice browser with one probability for every combination of labels."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import traitlets

from islesedu.metrics import dice, volume_ml
from islesedu.widgets import SliceBrowser
from islesedu.widgets.browser.inputs import BrowserError
from islesedu.widgets.browser.packing import STEPS, THRESHOLDS, levels
from tests.browser import FRAMES, needs_chromium, page_with_kernel, settle, violations
from tests.widgets.test_browser import SHAPE, made_patient, made_probability
from tests.widgets.test_browser_page import (
    NAME_OF_FOCUS,
    focus,
    picture,
    pixels,
    slice_voxels,
    state,
)
from tests.widgets.unpacking import unpack

TICI = ["0", "1", "2a", "2b", "3"]
HOURS = [f"{hours} h" for hours in range(1, 9)]
WHAT_IF = {"TICI": TICI, "treated after": HOURS}
LOOK = {"truth_style": "none", "prediction_style": "fill", "opacity": 1, "crosshair": False}
SHOTS = os.environ.get("ISLESEDU_SCREENSHOTS")  # folder for pictures to look at
ALL = [(tici, hours) for tici in range(5) for hours in range(8)]


@pytest.fixture
def patient(rng):
    return made_patient(rng)


@pytest.fixture
def stack(rng, patient):
    """A probability for each TICI and time, all different: (5, 8, X, Y, Z)."""
    values = [made_probability(rng, patient) * rng.uniform(0.6, 1) for _ in ALL]
    return np.stack(values).reshape(5, 8, *SHAPE)


@pytest.fixture
def browser(patient, stack):
    return SliceBrowser(patient, probability=stack, what_if=WHAT_IF)


# Choosing in Python


def test_all_that_python_says_follows_the_choice(browser, patient, stack):
    assert browser.chosen == (0, 0) and browser.maps[-1] == "probability"
    assert browser.meta["sides"][0]["has"] == ["truth", "probability"]
    browser.threshold, seen = 0.45, set()
    for chosen in ALL:
        browser.chosen = chosen
        mask = stack[chosen] > 0.45
        np.testing.assert_array_equal(browser.predicted, mask)
        assert browser.dice == dice(mask, patient.lesion)
        assert browser.predicted_ml == volume_ml(mask, patient.spacing)
        assert browser.values["probability"] == stack[chosen][browser.position]
        words = f"TICI {TICI[chosen[0]]}, treated after {HOURS[chosen[1]]}"
        assert f"; {words}: {browser.predicted_ml:.1f} ml predicted" in repr(browser)
        assert browser.choice == {"TICI": TICI[chosen[0]], "treated after": HOURS[chosen[1]]}
        seen.add(browser.dice)
    assert len(seen) > 30


def test_who_observes_the_choice_finds_the_new_prediction(browser, patient, stack):
    seen = []
    browser.observe(lambda change: seen.append((change["new"], browser.dice)), "chosen")
    browser.chosen = [3, 2]
    browser.set_state({"chosen": [0, 7], "source": "probability"})  # as the page sends them
    wanted = [((3, 2), stack[3, 2]), ((0, 7), stack[0, 7])]
    assert seen == [(chosen, dice(p > 0.5, patient.lesion)) for chosen, p in wanted]


def test_the_figure_draws_the_choice_and_names_it(browser, patient, stack):
    browser.map, browser.crosshair, browser.truth_style = "ADC", False, "none"
    browser.prediction_style, browser.opacity = "fill", 1
    for chosen, words in (
        ((0, 0), "TICI 0, treated after 1 h"),
        ((3, 2), "TICI 2b, treated after 3 h"),
    ):
        browser.chosen = chosen
        figure = browser.figure()
        tint = figure.axes[0].images[1].get_array()[..., 3] > 0.5
        mask = stack[chosen][:, :, browser.slice] > 0.5
        np.testing.assert_array_equal(tint, mask.T[::-1, ::-1])  # left is on the right, front up
        title = figure.subfigs[0].get_suptitle()
        assert title.endswith(f"\n{words}: {browser.predicted_ml:.1f} ml predicted")
        assert f"Dice {browser.dice:.3f}" in title


@pytest.mark.parametrize(
    "sizes, chosen, number", [((3,), (2,), 2), ((2, 3), (1, 0), 3), ((2, 3, 4), (1, 2, 3), 23)]
)
def test_one_to_three_names_count_the_last_fastest(patient, rng, sizes, chosen, number):
    stack = rng.random((*sizes, *SHAPE))
    what_if = {f"name {n}": range(size) for n, size in enumerate(sizes)}
    browser = SliceBrowser(patient, probability=stack, what_if=what_if, chosen=chosen)
    np.testing.assert_array_equal(browser.predicted, stack[chosen] > 0.5)
    size = tuple(high - low for low, high in browser.sides[0].box)
    found = unpack(browser.buffers.part(f"0/probability/{number}/high"), size)
    np.testing.assert_array_equal(found, levels(browser.sides[0].crop(stack[chosen])))


def test_a_choice_is_given_from_the_start_and_begins_in_its_lesion(rng):
    stack = np.zeros((2, 6, 7, 8))
    stack[0, 1, 1, 1] = stack[1, 4, 5, 6] = 0.9
    maps, what_if = rng.random((6, 7, 8)), {"hours": [1, 4.5]}
    browser = SliceBrowser(maps, probability=stack, what_if=what_if, chosen=[1])
    assert browser.position == (4, 5, 6) and browser.choice == {"hours": "4.5"}
    browser.chosen = (0,)
    assert browser.position == (4, 5, 6)  # one goes on looking at the same place
    browser.go_to_lesion()
    assert browser.position == (1, 1, 1)
    places = [one["largest"]["axial"] for one in browser.meta["sides"][0]["alternatives"]]
    assert places == [(1, 1, 1), (4, 5, 6)]


def test_masks_and_a_last_axis_of_one_are_taken(patient, stack):
    masks = stack > 0.4
    browser = SliceBrowser(patient, probability=masks[..., None], what_if=WHAT_IF, chosen=(2, 1))
    np.testing.assert_array_equal(browser.predicted, masks[2, 1])


def test_a_mask_beside_it_stays_the_source_until_another_is_chosen(patient, stack):
    browser = SliceBrowser(
        patient, prediction=patient.lesion, probability=stack, what_if=WHAT_IF, chosen=(1, 1)
    )
    assert (browser.source, browser.dice) == ("prediction", 1.0)
    browser.source = "probability"
    assert browser.dice == dice(stack[1, 1] > 0.5, patient.lesion)


def test_the_other_side_stays_what_it_is(patient, stack):
    other = {"probability": stack[4, 7], "name": "other"}
    browser = SliceBrowser(patient, probability=stack, what_if=WHAT_IF, compare=other)
    for chosen in ((0, 3), (2, 2)):
        browser.chosen = chosen
        first, second = browser.sides
        assert first.dice("probability", 0.5) == dice(stack[chosen] > 0.5, patient.lesion)
        assert second.dice("probability", 0.5) == dice(stack[4, 7] > 0.5, patient.lesion)
        assert first.box == second.box
    titles = [part.get_suptitle() for part in browser.figure().subfigs]
    assert ["TICI 2a" in title for title in titles] == [True, False]


def test_without_what_if_there_is_nothing_to_choose(patient, stack):
    browser = SliceBrowser(patient, probability=stack[0, 0])
    assert browser.chosen == () and browser.choice == {}
    assert "ml predicted" not in repr(browser) and "\n" not in repr(browser)
    with pytest.raises(BrowserError, match=r"chosen is \(0,\), but there is no choice; give what"):
        browser.chosen = (0,)


# What the page gets


def test_counts_are_those_of_every_alternative_at_every_threshold(browser, patient, stack):
    told = browser.meta["sides"][0]["alternatives"]
    assert browser.meta["sides"][0]["what_if"] == [
        ("TICI", tuple(TICI)),
        ("treated after", tuple(HOURS)),
    ]
    assert len(told) == 40
    for one, chosen in zip(told, ALL, strict=True):
        found, both = one["counts"]["probability"]
        assert one["counts"]["truth"] == patient.lesion.sum() and len(found) == STEPS + 1
        for number in range(0, STEPS + 1, 17):
            mask = stack[chosen] > THRESHOLDS[number]
            assert (found[number], both[number]) == (mask.sum(), (mask & patient.lesion).sum())


def test_every_alternative_travels_in_one_box(patient, stack):
    stack[...] = 0
    stack[1, 2, 0, 5, 5] = stack[4, 7, 9, 5, 5] = 0.5  # in the air, on either side
    browser = SliceBrowser(patient, probability=stack, what_if=WHAT_IF)
    side = browser.sides[0]
    assert side.box == [[0, 10], [1, 11], [1, 7]]
    names = [name for name in browser.buffers.names() if "probability" in name]
    assert sorted(names) == sorted(f"0/probability/{n}/high" for n in range(40))
    for number, chosen in enumerate(ALL):
        browser.chosen = chosen
        assert browser.sides[0].box == side.box and browser.sides[0].focus == side.focus
        size = tuple(high - low for low, high in side.box)
        found = unpack(browser.buffers.part(f"0/probability/{number}/high"), size)
        np.testing.assert_array_equal(found, levels(side.crop(stack[chosen])))


def test_the_page_is_told_all_and_gets_all(browser, monkeypatch):
    json.dumps(browser.meta, allow_nan=False)
    html = browser.to_html("")
    assert html.count('"0/probability/') == 40
    size = sum(len(browser.buffers.part(name)) for name in browser.buffers.names())
    monkeypatch.setattr("islesedu.widgets.browser.browser.PAGE", size - 1)
    assert "running notebook only" in browser.to_html("")


def test_the_stack_is_not_copied(browser, stack):
    alternatives = browser.sides[0].alternatives
    assert np.shares_memory(alternatives.stack, stack)
    assert alternatives.levels.dtype == np.uint8
    others = [v for v in vars(browser.sides[0]).values() if isinstance(v, np.ndarray)]
    assert all(values.ndim == 3 for values in others)


# What is refused


@pytest.mark.parametrize(
    "what_if, shape, words",
    [
        (
            WHAT_IF,
            (8, 5),
            r"probability has the shape \(8, 5, 10, 12, 8\); with this what_if expect",
        ),
        (
            WHAT_IF,
            (40,),
            r"expected \(5, 8, 10, 12, 8\): \(5 for TICI, 8 for treated after, X, Y, Z",
        ),
        (WHAT_IF, (), r"probability has the shape \(10, 12, 8\)"),
        (WHAT_IF, None, r"what_if is given without probability; expected one of the shape \(5, 8,"),
        ({}, (5,), "what_if is 0 names; expected 1 to 3 names with their labels"),
        ({n: [1, 2] for n in "abcd"}, (2, 2, 2, 2), "what_if is 4 names; expected 1 to 3 names"),
        (TICI, (5,), "what_if is list; expected 1 to 3 names"),
        ({"TICI": []}, (5,), r"the labels \[\] for TICI; expected two or more"),
        (
            {"TICI": ["0"]},
            (1,),
            r"the labels \['0'\] for TICI; expected two or more, all different",
        ),
        ({"TICI": [0, "0"]}, (2,), r"the labels \['0', '0'\] for TICI; expected two or more, all"),
        ({"TICI": "0123"}, (4,), "what_if has '0123' for TICI; expected a list of two or more"),
        ({"TICI": 5}, (5,), "what_if has 5 for TICI; expected a list"),
        ({"TICI": ["0", None]}, (2,), "the label None for TICI; expected text or a number"),
        ({"TICI": ["0", " "]}, (2,), "the label ' ' for TICI; expected text or a number"),
        ({"TICI": [False, True]}, (2,), "the label False for TICI; expected text or a number"),
        ({" ": ["0", "1"]}, (2,), "what_if has the name ' '; expected text"),
        ({3: ["0", "1"]}, (2,), "what_if has the name 3; expected text"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_sentence(patient, what_if, shape, words):
    probability = None if shape is None else np.zeros((*shape, *SHAPE))
    with pytest.raises(BrowserError, match=words) as caught:
        SliceBrowser(patient, probability=probability, what_if=what_if)
    assert "\n" not in str(caught.value)


def test_what_is_no_probability_is_named(patient, stack):
    stack[3, 2, 1, 1, 1] = 7
    with pytest.raises(
        BrowserError, match="probability of TICI 2b, treated after 3 h reaches from"
    ):
        SliceBrowser(patient, probability=stack, what_if=WHAT_IF)
    stack[3, 2, 1, 1, 1] = np.nan  # no value is no lesion
    browser = SliceBrowser(patient, probability=stack, what_if=WHAT_IF, chosen=(3, 2), threshold=0)
    assert not browser.predicted[1, 1, 1] and browser.values["probability"] >= 0


def test_a_stack_where_one_probability_belongs_is_refused(patient, stack):
    with pytest.raises(BrowserError, match="say with what_if= what its first axes stand for"):
        SliceBrowser(patient, probability=stack)
    compare = {"probability": stack, "name": "other"}
    with pytest.raises(BrowserError, match="what_if is for the first side only, so give one"):
        SliceBrowser(patient, probability=stack, what_if=WHAT_IF, compare=compare)
    with pytest.raises(BrowserError, match="compare has what_if; it takes"):
        SliceBrowser(patient, compare={"what_if": WHAT_IF})


@pytest.mark.parametrize(
    "value", [(5, 0), (0, 8), (-1, 0), (1,), (1, 1, 1), (0.5, 0), "2b", 3, None]
)
def test_a_choice_that_is_none_is_refused_and_the_last_stays(browser, stack, value):
    browser.chosen = (1, 2)
    with pytest.raises(traitlets.TraitError, match="TICI 0 to 4, treated after 0 to 7"):
        browser.chosen = value
    assert browser.chosen == (1, 2)
    np.testing.assert_array_equal(browser.predicted, stack[1, 2] > 0.5)


# The page without a kernel


def drawn(page, browser):
    """Return which voxels of the slice are filled, and which voxels these are."""
    voxels = slice_voxels(page, browser)
    return pixels(page, voxels) @ [-1, 0, 1] > 60, tuple(voxels.T)


def check(page, browser, stack, chosen):
    """Compare all that the page says and shows with Python."""
    settle(page)
    browser.chosen = chosen
    assert state(page, "chosen") == list(chosen)
    blue, voxels = drawn(page, browser)
    np.testing.assert_array_equal(blue, stack[chosen][voxels] > browser.threshold)
    assert page.locator(".isl-volume").inner_text() == f"{browser.predicted_ml:.1f} ml predicted"
    assert f"Dice {browser.dice:.3f}" in page.locator(".isl-score").first.inner_text()


@needs_chromium
def test_keys_and_mouse_choose_what_is_drawn_and_lead_back(shown, patient, stack):
    browser = SliceBrowser(
        patient, probability=stack, what_if=WHAT_IF, map="ADC", chosen=(1, 2), threshold=0.4, **LOOK
    )
    page = shown(browser)
    tici, hours = page.get_by_label("TICI"), page.get_by_label("treated after")
    check(page, browser, stack, (1, 2))
    first = picture(page)
    tici.focus()
    page.keyboard.press("ArrowDown")
    check(page, browser, stack, (2, 2))
    page.keyboard.press("ArrowDown")
    check(page, browser, stack, (3, 2))
    hours.focus()
    page.keyboard.press("ArrowRight")
    check(page, browser, stack, (3, 3))
    page.keyboard.press("End")
    check(page, browser, stack, (3, 7))
    box = hours.bounding_box()
    page.mouse.click(box["x"] + 2, box["y"] + box["height"] / 2)
    check(page, browser, stack, (3, 0))
    page.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    check(page, browser, stack, (3, 7))
    tici.select_option("0")  # what a click on an entry of the list does
    check(page, browser, stack, (0, 7))
    assert not np.array_equal(picture(page), first)
    tici.select_option("1")
    hours.fill("2")
    check(page, browser, stack, (1, 2))
    np.testing.assert_array_equal(picture(page), first)
    for key in ("Home", "ArrowRight"):
        page.keyboard.press(key)
    check(page, browser, stack, (1, 1))
    page.get_by_role("button", name="Reset").click()
    check(page, browser, stack, (1, 2))
    assert tici.input_value() == "1" and hours.input_value() == "2"
    np.testing.assert_array_equal(picture(page), first)


@needs_chromium
def test_all_alternatives_are_in_the_page_on_every_plane_and_threshold(shown, patient, stack):
    browser = SliceBrowser(patient, probability=stack, what_if=WHAT_IF, map="ADC", **LOOK)
    page = shown(browser)
    for number in range(0, 40, 3):
        plane = ("Axial", "Coronal", "Sagittal")[number % 3]
        page.get_by_role("radio", name=plane).check()
        page.get_by_label("TICI").select_option(TICI[number // 8])
        page.get_by_label("treated after").fill(str(number % 8))
        threshold = (0.3, 0.5)[number % 2]
        page.get_by_label("Threshold").fill(str(threshold))
        browser.plane, browser.threshold = plane.lower(), threshold
        check(page, browser, stack, (number // 8, number % 8))


@needs_chromium
def test_outcomes_and_values_follow_the_choice(shown, patient, stack):
    stack[:, :, 0, 0, 0] = np.linspace(0.001, 0.004, 40).reshape(5, 8)  # a sigmoid is never 0
    browser = SliceBrowser(
        patient, probability=stack, what_if=WHAT_IF, map="probability", outcomes=True, opacity=1
    )
    page = shown(browser)
    for chosen in ((0, 0), (4, 5), (2, 7)):
        page.get_by_label("TICI").select_option(TICI[chosen[0]])
        page.get_by_label("treated after").fill(str(chosen[1]))
        browser.chosen = chosen
        settle(page)
        found = browser.predicted
        volumes = [
            volume_ml(m, patient.spacing) for m in (patient.lesion & found, found & ~patient.lesion)
        ]
        score = page.locator(".isl-score").inner_text()
        assert f"TP {volumes[0]:.1f} · FP {volumes[1]:.1f} · FN" in score
        said = page.locator("figcaption > div:first-child").inner_text().split("\n")[-1]
        assert float(said) == pytest.approx(browser.values["probability"], abs=0.006)
    focus(page)
    page.keyboard.press("Home")
    for _ in range(12):
        page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Shift+ArrowRight")
    page.evaluate(FRAMES)
    assert state(page, "position") == [0, 0, 0] and browser.sides[0].box[0][0] == 1
    said = page.locator("figcaption > div:first-child").inner_text().split("\n")[-1]
    assert float(said) == pytest.approx(stack[2, 7, 0, 0, 0], rel=1e-3)


@needs_chromium
def test_the_largest_lesion_is_that_of_the_choice(shown, rng):
    stack = np.zeros((2, 6, 7, 8))
    stack[0, 1, 1, 1] = stack[1, 4, 5, 6] = 0.9
    maps, what_if = rng.random((6, 7, 8)), {"hours": [1, 4.5]}
    page = shown(SliceBrowser(maps, probability=stack, what_if=what_if))
    page.get_by_label("hours").select_option("4.5")
    settle(page)
    page.get_by_role("button", name="Largest lesion").click()
    assert state(page, "position") == [4, 5, 6]


@needs_chromium
def test_a_choice_shows_the_probability_where_a_mask_was_shown(shown, patient, stack):
    browser = SliceBrowser(
        patient, prediction=patient.lesion, probability=stack, what_if=WHAT_IF, map="ADC", **LOOK
    )
    page = shown(browser)
    assert "Dice 1.000" in page.locator(".isl-score").inner_text()
    assert page.locator(".isl-volume").inner_text() == (
        f"{volume_ml(stack[0, 0] > 0.5, patient.spacing):.1f} ml predicted"
    )
    page.get_by_label("TICI").select_option("3")
    browser.source = "probability"
    check(page, browser, stack, (4, 0))


@needs_chromium
def test_the_other_side_stays_on_the_page_too(shown, patient, stack):
    other = {"probability": stack[4, 7], "name": "second"}
    browser = SliceBrowser(
        *(patient, None, None, stack),
        **{"what_if": WHAT_IF, "compare": other, "name": "first", "map": "ADC", **LOOK},
    )
    page = shown(browser)
    before = picture(page, tile=1)
    assert page.get_by_role("group", name="What if, first").count() == 1
    page.get_by_label("treated after").fill("6")
    check(page, browser, stack, (0, 6))
    second = f"Dice {dice(stack[4, 7] > 0.5, patient.lesion):.3f}"
    assert second in page.locator(".isl-score").nth(1).inner_text()
    np.testing.assert_array_equal(picture(page, tile=1), before)


@needs_chromium
def test_the_answer_is_said_first_and_then_with_the_rest(shown, browser):
    page = shown(browser)
    page.get_by_label("treated after").fill("4")
    browser.chosen = (0, 4)
    live, words = (
        page.get_by_role("status"),
        f"TICI 0, treated after 5 h: {browser.predicted_ml:.1f}",
    )
    live.get_by_text(f"{words} ml predicted. Axial slice").wait_for()
    focus(page)
    page.keyboard.press("Home")
    live.get_by_text("Axial slice 0").wait_for()
    assert live.inner_text().startswith("Axial slice 0")
    assert live.inner_text().endswith(f"Dice {browser.dice:.3f}. {words} ml predicted.")


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1000, 400])
def test_the_questions_are_named_and_accessible(shown, browser, scheme, width):
    page = shown(browser, viewport={"width": width, "height": 900}, color_scheme=scheme)
    group = page.get_by_role("group", name="What if", exact=True)
    tici = group.get_by_role("combobox", name="TICI", exact=True)
    assert tici.locator("option").all_inner_texts() == TICI
    hours = group.get_by_role("slider", name="treated after", exact=True)
    assert [hours.get_attribute(name) for name in ("min", "max", "step")] == ["0", "7", "1"]
    for value in (3, 7):
        hours.fill(str(value))
        page.evaluate(FRAMES)
        assert hours.get_attribute("aria-valuetext") == HOURS[value]
        assert HOURS[value] in group.inner_text()
    stops = []
    page.get_by_role("button", name="Largest lesion").focus()
    for _ in range(3):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(NAME_OF_FOCUS))
    assert stops == ["TICI", "treated after", "isl-stage"]
    assert not violations(page, ".islesedu-browser")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"whatif-{scheme}-{width}.png", full_page=True)


@needs_chromium
def test_without_what_if_nothing_is_asked(shown, patient, stack):
    page = shown(SliceBrowser(patient, probability=stack[0, 0]))
    assert page.get_by_role("group", name="What if").count() == 0
    assert page.locator(".isl-volume").count() == 0 and state(page, "chosen") == []


# The page with a kernel that takes its time


@needs_chromium
def test_what_is_on_its_way_is_never_taken_for_another(pages, tmp_path, patient, stack):
    browser = SliceBrowser(patient, probability=stack, what_if=WHAT_IF, map="ADC", **LOOK)
    like = SliceBrowser(patient, probability=stack, what_if=WHAT_IF, map="ADC", **LOOK)
    (tmp_path / "live.html").write_text(page_with_kernel(browser), encoding="utf-8")

    def asked():
        page.evaluate(FRAMES)
        return page.evaluate("kernel.asked.splice(0)")

    def choose(*chosen):
        page.evaluate("chosen => model.set('chosen', chosen)", chosen)  # as Python does
        return asked()

    def volume():
        page.evaluate(FRAMES)
        return page.locator(".isl-volume").inner_text()

    with pages() as page:
        page.goto((tmp_path / "live.html").as_uri())
        page.locator("canvas").first.wait_for()
        settle(page)
        names = asked()
        assert [name for name in names if "probability" in name] == ["0/probability/0/high"]
        assert "0/ADC/0/low" in names and len(names) == len(set(names))
        check(page, like, stack, (0, 0))
        page.evaluate("kernel.holds = true")
        assert choose(3, 2) == ["0/probability/26/high"]
        blue, voxels = drawn(page, like)
        np.testing.assert_array_equal(blue, stack[0, 0][voxels] > 0.5)  # the one before stays
        assert volume() == "loading ..." and state(page, "chosen") == [3, 2]
        assert f"Dice {like.dice:.3f}" in page.locator(".isl-score").inner_text()
        assert choose(2, 4) == ["0/probability/20/high"]
        page.evaluate("kernel.answer('0/probability/26/high')")  # too late: another was chosen
        page.locator(".islesedu-browser[data-loading='1']").wait_for()  # it is unpacked
        page.evaluate(FRAMES)
        blue, _ = drawn(page, like)
        np.testing.assert_array_equal(blue, stack[0, 0][voxels] > 0.5)
        assert volume() == "loading ..."
        page.evaluate("kernel.answer('0/probability/20/high')")
        check(page, like, stack, (2, 4))
        for chosen in ((3, 2), (0, 0), (2, 4)):
            assert choose(*chosen) == []  # each was asked for once
            check(page, like, stack, chosen)
