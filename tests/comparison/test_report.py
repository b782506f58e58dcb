import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from islesedu import figures
from islesedu.comparison.cross_validation import Comparison, read_comparison
from islesedu.comparison.folder import CompareFolder
from islesedu.comparison.report import as_markdown, hidden_outline, write_report
from islesedu.isles.read import read_case
from islesedu.metrics.scores import score_case
from islesedu.training.dataset import cases_with_lesion

GRIDS = [192] * 17 + [192] * 6 + [192] + [128] * 10 + [256] * 9
"""Longest edges of the 43 training grids of ISLES 2017."""
CHOSEN = {
    "filters": 4,
    "learning_rate": 0.01,
    "steps": 10,
    "threshold": 0.5,
    "component_share": 0.0,
}


def predictors(truth):
    """Return the masks of three networks: a good one, one that says nothing, one that says all."""
    moved = np.roll(truth, 1, axis=0)
    moved[:3, 0, 0] = True  # far away: the way there is longer than the way back
    return {"combined": moved, "soft_dice": truth & False, "cross_entropy": truth | True}


@pytest.fixture(scope="module")
def forged(cohort, tmp_path_factory):
    """A comparison whose predictions were not made by networks. Read only."""
    place = CompareFolder(tmp_path_factory.mktemp("forged") / "run")
    cases = cases_with_lesion(cohort)
    names = [case.name for case in cases]
    place.begin(
        {
            "losses": ["combined", "cross_entropy", "soft_dice"],
            "folds": 2,
            "cases": dict.fromkeys(names, ""),
            "held_out": [names[1::2], names[::2]],
            "seed": 1,
            "stratify": True,
            "optimizer": "adagrad",
            "search": {"learning_rate": [0.01]},
            "versions": {"islesedu": "0", "keras": "3", "backend": "none", "python": "3"},
            **CHOSEN,
        }
    )
    for task in place.tasks:
        rows, masks = [], {}
        for case in cases_with_lesion(cohort, task.fold.held_out):
            patient = read_case(case)
            mask = predictors(patient.lesion)[task.loss]
            who = {"loss": task.loss, "fold": task.fold.number, "case": case.name}
            score = score_case(mask, patient.lesion, patient.spacing)
            rows.append(who | score | CHOSEN)
            masks[case.name] = mask
        place.write_predictions(task, {n: (m, m.astype(float)) for n, m in masks.items()})
        pd.DataFrame(rows).to_csv(place.scores_file(task), index=False)
    return read_comparison(place.path)


def test_43_empty_predictions_give_the_slide_s_numbers_in_voxels_and_none_in_mm():
    rows = []
    for number, edge in enumerate(GRIDS):
        truth = np.zeros((edge, edge, 2), bool)
        truth[3:5, 3:5] = True
        score = score_case(truth & False, truth, (1.0, 1.0, 5.0))
        rows.append({"loss": "soft_dice", "fold": number % 5, "case": f"t{number}"} | score)
    comparison = Comparison(None, {}, pd.DataFrame(rows))
    row = comparison.summary("voxels").loc["soft_dice"]
    for name in ("HD", "ASSD"):
        assert row[name] == pytest.approx(190.512, abs=5e-4)
        assert row[f"{name}_std"] == pytest.approx(42.516, abs=5e-4)
    assert (row["DC"], row["empty"], row["failed"], row["cases"]) == (0, 43, 43, 43)
    in_mm = comparison.summary("mm").loc["soft_dice"]
    assert np.isnan(in_mm["HD"]) and in_mm["measured"] == 0
    assert comparison.table("mm").loc["soft_dice", "HD (mm)"] == "none"
    assert comparison.table().loc["soft_dice", "HD (voxels)"] == "190.5 ± 42.5"
    assert comparison.collapsed() == [
        "soft_dice has collapsed: it predicted nothing in all 43 cases."
    ]


def test_2017_s_assd_is_the_mean_of_both_directions():
    truth, mask = np.zeros((2, 6, 1, 1), bool)
    truth[:2], mask[[0, 1, 3]] = True, True
    score = score_case(mask, truth, (2.0, 1.0, 1.0))
    assert score["assd_voxels"] == pytest.approx(2 / 5)  # distances 0 0 2 and 0 0, pooled
    assert score["assd_2017_voxels"] == pytest.approx((2 / 3 + 0) / 2)
    assert score["assd_2017_mm"] == pytest.approx((4 / 3 + 0) / 2)
    assert score["predicted_share"] == 0.5


def test_collapse_is_said_of_a_loss_or_of_its_folds(forged):
    assert forged.collapsed() == [
        "cross_entropy has collapsed: it labelled more than 50% of the volume as lesion in all 4 "
        "cases.",
        "soft_dice has collapsed: it predicted nothing in all 4 cases.",
    ]
    cases = forged.cases.copy()
    cases.loc[(cases["loss"] == "combined") & (cases["fold"] == 2), "predicted_share"] = 0.0
    cases.loc[cases["loss"] == "cross_entropy", "predicted_share"] = 0.3
    one = cases.index[cases["loss"] == "soft_dice"][0]
    cases.loc[one, "predicted_share"] = 0.01  # one case of fold 2 has a prediction
    assert Comparison(forged.path, {}, cases).collapsed() == [
        "combined has collapsed: it predicted nothing in all cases of fold 2.",
        "soft_dice has collapsed: it predicted nothing in all cases of fold 1.",
    ]


def test_the_table_is_mean_and_population_deviation(forged):
    own = forged.of("combined")
    dice = own["dice"].to_numpy()
    row = forged.summary().loc["combined"]
    assert row["DC"] == pytest.approx(dice.mean()) and row["DC_std"] == pytest.approx(dice.std())
    assert row["ASSD"] == pytest.approx(own["assd_2017_voxels"].mean())
    assert abs(row["ASSD"] - own["assd_voxels"].mean()) > 1e-6
    assert forged.table().loc["combined", "DC"] == f"{dice.mean():.3f} ± {dice.std():.3f}"
    assert forged.table("mm")["measured"].to_dict() == {
        "combined": 4,
        "cross_entropy": 4,
        "soft_dice": 0,
    }
    with pytest.raises(ValueError, match="unit is 'inches'; choose voxels or mm"):
        forged.table("inches")
    with pytest.raises(ValueError, match="loss is 'dice'; this comparison has combined"):
        forged.of("dice")


def test_median_worst_and_best_case():
    cases = pd.DataFrame(
        {
            "loss": "combined",
            "case": list("abcde"),
            "dice": [0.0, 0.9, 0.3, 0.0, 0.5],
            "hausdorff_voxels": [19.0, 1.0, 5.0, 24.0, 3.0],
        }
    )
    picked = Comparison(None, {}, cases).pick("combined")
    assert picked == {"median": "c", "worst": "d", "best": "b"}  # of two zeros the farther one
    assert Comparison(None, {}, cases[1:]).pick("combined")["median"] == "c"  # lower middle


class Page(HTMLParser):
    """Collect what a page holds; complain about tags that are not closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def attributes(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_page_stands_alone_and_can_be_read_by_all(forged, cohort):
    text = write_report(forged, cohort).read_text()
    page = Page(text)
    assert page.attributes("html") == [{"lang": "en"}] and text.count("<h1>") == 1
    assert len(page.attributes("title")) == 1 and len(page.attributes("main")) == 1
    pictures = page.attributes("img")
    assert len(pictures) == 2 + 3  # box plots, and the cases of each loss
    assert all(p["alt"] and p["src"].startswith("data:image/png;base64,") for p in pictures)
    assert "http" not in re.sub(r"base64,[^\"]*", "", text)
    heads = page.attributes("th")
    assert heads and all(head["scope"] in ("col", "row") for head in heads)
    assert len(page.attributes("caption")) == len(page.attributes("table")) == 6
    assert "color-scheme: light dark" in text
    levels = [int(level) for level in re.findall(r"<h(\d)>", text)]
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    worst = forged.pick("combined")["worst"]
    dice = forged.of("combined").set_index("case").loc[worst, "dice"]
    assert f"worst, {worst}: Dice {dice:.3f}" in pictures[2]["alt"]


def test_the_slide_is_marked_as_not_ours(forged, cohort):
    markdown = as_markdown(forged)
    part = markdown.split("## The published slide, not this run")[1].split("##")[0]
    assert "| combined | 0.357 ± 0.216 | 30.823 ± 18.512 | 4.426 ± 3.546 |" in part
    assert "| soft_dice | 0.000 ± 0.000 | 190.512 ± 42.516 | 190.512 ± 42.516 |" in part
    assert "nothing in it was measured here" in part
    html = (write_report(forged, cohort)).read_text()
    assert '<section class="other"><h2>The published slide, not this run' in html


def test_the_markdown_says_what_was_found(forged):
    markdown = as_markdown(forged)
    assert "**soft_dice has collapsed: it predicted nothing in all 4 cases.**" in markdown
    assert "4 cases, each predicted once under each of 3 losses" in markdown
    assert "| combined | 1 | 4 | 0.01 | 10 | 0.5 | 0.0 |" in markdown  # what the search chose
    assert markdown.count("| DC | combined − soft_dice | 4 |") == 2
    assert "| HD (mm) | combined − soft_dice | 0 | none | none |" in markdown


def test_an_outline_that_cannot_be_seen_is_said_in_words():
    nothing = np.zeros((2, 2), bool)
    some = np.eye(2, dtype=bool)
    assert [hidden_outline(mask) for mask in (nothing, ~nothing, some)] == [
        ": nothing predicted",
        ": all predicted",
        "",
    ]


def test_without_the_folder_there_are_no_pictures_of_cases(forged, tmp_path):
    forged.cases.to_csv(tmp_path / "cases.csv", index=False)
    text = write_report(read_comparison(tmp_path)).read_text()
    assert text.count("<img") == 2 and "Median, worst" not in text
    Page(text)


def test_one_loss_alone_has_nothing_to_be_compared_with(forged):
    alone = Comparison(forged.path, {}, forged.of("combined").reset_index(drop=True))
    assert "Differences" not in as_markdown(alone)


def test_boxes_show_each_case_and_count_those_without_a_number(ax):
    table = pd.DataFrame(
        {"loss": list("aaab"), "hausdorff_mm": [1.0, 2.0, np.nan, np.nan], "dice": [0, 0.1, 1, 0]}
    )
    assert figures.score_boxes(table, ax, "hausdorff_mm") is ax
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == ["a\n2 of 3 cases", "b\n0 of 1 cases"]
    assert ax.get_ylabel() == "Hausdorff distance (mm)"
    assert sorted(ax.collections[0].get_offsets()[:, 1]) == [1, 2]
    assert len(ax.collections) == 1
