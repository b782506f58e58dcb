"""Results of a comparison of which a file is damaged: the rest is used, and the file is named."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from islesedu.comparison.folder import CompareFolder
from islesedu.comparison.results import read_comparison
from islesedu.comparison.search import Search
from islesedu.errors import TrainingError

DATA = Path(__file__).resolve().parents[2] / "data" / "compare"


@pytest.fixture
def place(tmp_path):
    shutil.copytree(DATA, tmp_path / "compare")
    return CompareFolder(tmp_path / "compare")


def test_a_broken_line_is_named_and_the_others_are_used(place):
    file = place.scores_file(place.tasks[0])
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:2], lines[2][:40] + "\n", *lines[3:]]))
    whole = read_comparison(DATA)
    with pytest.warns(UserWarning, match=r"scores.csv is damaged: line 3 has .* whole and used"):
        found = read_comparison(place.path)
    assert len(found.cases) == len(whole.cases) - 1 and not found.missing
    assert found.summary().shape == whole.summary().shape


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\0", b"loss,case\ncombined,a\n"])
def test_a_file_that_cannot_be_used_is_a_fold_without_results(place, content):
    place.scores_file(place.tasks[0]).write_bytes(content)
    with pytest.warns(UserWarning, match=r"scores.csv is damaged: .*; remove it and give the same"):
        found = read_comparison(place.path)
    assert found.missing == [place.tasks[0].name]


def test_a_row_that_is_there_twice_is_not_counted_twice(place):
    file = place.scores_file(place.tasks[0])
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines, lines[-1]]))
    with pytest.warns(UserWarning, match="scores.csv is damaged: it has training_.* twice"):
        assert len(read_comparison(place.path).missing) == 1


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", None])
def test_damaged_predictions_are_one_sentence(place, content):
    task = place.tasks[0]
    file = place.predictions_file(task)
    if content is None:
        np.savez(file, other=np.zeros(3))
    else:
        file.write_bytes(file.read_bytes()[:2000] if content == b"PK\x03\x04" else content)
    with pytest.raises(TrainingError, match=r"predictions.npz is damaged: .*; remove it"):
        place.read_prediction(task, task.fold.held_out[0])


def make_search(path):
    settings = json.loads((DATA / "compare.json").read_text()) | {"search": {"filters": [1, 2]}}
    names = [f"training_{number}" for number in range(8)]
    return Search([], path, names, settings, train=None)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"filters": "4"}'])
def test_a_damaged_choice_of_a_search_is_one_sentence(tmp_path, text):
    (tmp_path / "chosen.json").write_text(text)
    with pytest.raises(TrainingError, match=r"chosen.json is damaged: .*; remove it"):
        make_search(tmp_path).choose()


def test_what_a_search_has_tried_is_tried_again_where_it_is_damaged(tmp_path):
    head = "filters,learning_rate,steps,threshold,component_share,dice\n"
    (tmp_path / "tried.csv").write_text(f"{head}1,0.01,4,0.5,0.0,0.3\n2,0.0\n")
    with pytest.warns(UserWarning, match=r"tried.csv is damaged: line 3 .*; the search tries"):
        assert len(make_search(tmp_path).rows) == 1


def test_a_damaged_database_of_a_search_is_one_sentence(tmp_path):
    pytest.importorskip("optuna")
    (tmp_path / "optuna.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(TrainingError, match=r"optuna.db is damaged: .*; remove it"):
        make_search(tmp_path).try_sampled("random", 1)


def test_a_damaged_curve_stops_no_report(place):
    place.run(place.tasks[0]).history_file.write_text("step,loss,dice\n1,2\n")
    found = read_comparison(place.path)
    with pytest.warns(UserWarning, match="history.csv is damaged: line 2"):
        assert found.history(place.tasks[0].loss, 1).empty
