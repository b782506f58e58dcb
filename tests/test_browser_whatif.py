"""What if: the slice browser with one probability for every combination of labels."""

import json

import numpy as np
import pytest
import traitlets

from islesedu.metrics import dice, volume_ml
from islesedu.widgets import SliceBrowser
from islesedu.widgets.packing import STEPS, THRESHOLDS, levels, unpack
from islesedu.widgets.volume import BrowserError
from tests.test_browser import SHAPE, made_patient, made_probability

TICI = ["0", "1", "2a", "2b", "3"]
HOURS = [f"{hours} h" for hours in range(1, 9)]
WHAT_IF = {"TICI": TICI, "treated after": HOURS}
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
    assert browser.chosen == (0, 0)
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
    monkeypatch.setattr("islesedu.widgets.browser.PAGE", size - 1)
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
        ({}, (5,), "what_if is 0 names; expected a mapping of 1 to 3 names to their labels"),
        ({n: [1, 2] for n in "abcd"}, (2, 2, 2, 2), "what_if is 4 names; expected a mapping"),
        (TICI, (5,), "what_if is list; expected a mapping of 1 to 3 names"),
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
