"""What a run keeps is read in its form; what is damaged is one sentence, and nothing is changed."""

import json
import shutil
from pathlib import Path

import pytest

from islesedu.cli import main
from islesedu.cluster.update_log import read_updates
from islesedu.comparison.folder import CompareFolder
from islesedu.errors import IslesError, TrainingError
from islesedu.training import provenance
from islesedu.training.run_folder import RunFolder
from islesedu.training.run_records import read_curves

DATA = Path(__file__).resolve().parents[2] / "data"
GOOD = json.loads((DATA / "network_trial" / "run.json").read_text())
CLINICAL = GOOD["clinical"]
WRONG = [b"", b"{", b"[]", b"3", b"null", b"{}", b"[" * 99999, b"\xff\xfe{", b'{"steps": NaN}']
CHANGES = [
    {"channels": 6, "fingerprints": []},
    {"channels": []},
    {"channels": ["ADC", "ADC"]},
    {"channels": ["ADC", 3]},
    {"clinical": "TICI"},
    {"clinical": CLINICAL | {"columns": "TICI"}},
    {"clinical": CLINICAL | {"columns": ["mRS"]}},
    {"clinical": CLINICAL | {"mean": ["a"]}},
    {"clinical": {"columns": ["TICI"]}},
    {"filters": 0},
    {"filters": "4"},
    {"steps": "12"},
    {"steps": True},
    {"seed": -1},
    {"learning_rate": 0},
    {"network": {"foo": 3}},
    {"network": []},
    {"recipe": {"flip": 3}},
    {"recipe": [1]},
    {"loss": ["combined"]},
    {"fingerprints": {"a": 1}},
    {"fingerprints": [1]},
    {"training": None},
    {"versions": 3},
]
WRONG += [json.dumps(GOOD | change).encode() for change in CHANGES]


@pytest.mark.parametrize("content", WRONG, ids=lambda text: repr(text)[:30])
def test_a_damaged_run_json_is_one_sentence(tmp_path, content):
    (tmp_path / "run.json").write_bytes(content)
    for ask in (lambda run: run.settings, lambda run: run.config, lambda run: run.settings):
        with pytest.raises(
            TrainingError, match=r"run.json is damaged: .*; put back a copy"
        ) as said:
            ask(RunFolder(tmp_path))
        assert "\n" not in str(said.value)


@pytest.mark.parametrize("content", [b"{}", b"[1]", b'{"channels": 6, "fingerprints": []}'])
def test_a_command_says_so_and_changes_nothing(tmp_path, capsys, content):
    shutil.copytree(DATA / "network", tmp_path / "run")
    (tmp_path / "run" / "run.json").write_bytes(content)
    for words in (["predict", "{}", str(DATA / "sample"), "--output", "masks"],):
        with pytest.raises(SystemExit) as exit:
            main([str(tmp_path / "run") if word == "{}" else word for word in words])
        error = capsys.readouterr().err
        assert exit.value.code == 2 and "run.json is damaged" in error and error.count("\n") == 1
    assert sorted(f.name for f in tmp_path.iterdir()) == ["run"]


def test_a_record_with_a_byte_order_mark_is_read(tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(GOOD), encoding="utf-8-sig")
    assert RunFolder(tmp_path).settings == GOOD


COMPARISON = json.loads((DATA / "compare" / "compare.json").read_text())


@pytest.mark.parametrize(
    "change",
    [
        {"losses": []},
        {"losses": ["combined", 3]},
        {"losses": "combined"},
        {"folds": 1},
        {"cases": ["training_1"]},
        {"cases": {"training_1": 3}},
        {"held_out": [["training_1"], 3]},
        {"volumes": [1.0]},
        {"volumes": {"training_1": "big"}},
        {"search": {"speed": [1]}},
        {"search": {"filters": 3}},
        {"search": [1]},
        {"threshold": 2},
        {"sampler": "luck"},
    ],
    ids=str,
)
def test_a_damaged_compare_json_is_one_sentence(tmp_path, change):
    (tmp_path / "compare.json").write_text(json.dumps(COMPARISON | change))
    with pytest.raises(TrainingError, match=r"compare.json is damaged: .*; put back a copy"):
        CompareFolder(tmp_path).settings  # noqa: B018


ENTRY = {"fingerprint": "0f", "seen": True}


@pytest.mark.parametrize(
    "content",
    [[], 3, None, {"training_1": 3}, {"training_1": {}}, {"training_1": [ENTRY]}]
    + [{"training_1": ENTRY | change} for change in ({"seen": 1}, {"seen": "yes"}, {"run": 3})]
    + [{"training_1": ENTRY | {"fingerprint": 3}}, {"training_1": ENTRY, "training_2": "x"}],
    ids=str,
)
def test_a_damaged_predictions_json_is_one_sentence_and_stays(tmp_path, content):
    file = tmp_path / "predictions.json"
    file.write_text(json.dumps(content))
    with pytest.raises(IslesError, match=r"predictions.json is damaged: .*; remove it and predict"):
        provenance.read_record(tmp_path)
    assert json.loads(file.read_text()) == content
    file.write_text(json.dumps({"training_1": ENTRY}))
    assert provenance.read_record(tmp_path) == {"training_1": ENTRY}


@pytest.mark.parametrize(
    "text",
    ["", "step,dice\n1,0.5\n", "step,loss,dice\n1,0.5\n", "step,loss,dice\n1,0.5,x\n"]
    + ["step,loss,dice\n1,0.5,0.1\n2,0.4,0.", "step,loss,dice\n1,0.5,0.1,7\n"],
)
def test_damaged_curves_are_one_sentence(tmp_path, text):
    (tmp_path / "history.csv").write_text(text)
    with pytest.raises(TrainingError, match=r"history.csv is damaged: .*; put back a copy"):
        RunFolder(tmp_path).history  # noqa: B018
    assert read_curves(tmp_path / "none.csv").empty


@pytest.mark.parametrize("text", ["", "step\n1\n", "\xe9", "a,b\n1,2\n"])
def test_a_damaged_log_of_updates_is_one_sentence(tmp_path, text):
    (tmp_path / "updates.csv").write_text(text, encoding="latin-1")
    with pytest.raises(TrainingError, match=r"updates.csv is damaged: .*; put back a copy"):
        read_updates(tmp_path)
