"""Stored JSON is in its form, or one sentence names the file, what was found and what to do."""

import json

import pytest

from islesedu.common.stored import COUNT, FLAG, NUMBER, TEXT, dict_of, fields, list_of, read_json
from islesedu.errors import IslesError, TrainingError

FORM = fields({"steps": COUNT, "seen": FLAG}, {"names": list_of(TEXT), "ml": dict_of(NUMBER)})
GOOD = {"steps": 3, "seen": True, "names": ["a"], "ml": {"a": 0.5}, "more": [1]}
BYTES = {
    b"": "it is empty",
    b" \n": "it is empty",
    b"\0" * 99: "it is empty",
    b"{": "it is no JSON",
    b'{"steps": 3, "seen": tru': "it is no JSON",
    b"\xff\xfe{\x00}\x00": "it is no UTF-8 text",
    b"[" * 100_000: "it is nested too deeply",
    b'{"steps": NaN}': "it holds the number NaN, which is not finite",
    b'{"steps": 1e999}': "it holds the number 1e999, which is not finite",
    b"null": "it must be object, found None",
    b"[]": "it must be object, found []",
    b"3": "it must be object, found 3",
    b"{}": "it must contain ['s",  # the order of both fields is fastjsonschema's
}
CHANGES = {
    "steps": [None, "3", 2.5, True, [], {}],
    "seen": [None, 0, "true"],
    "names": [None, "a", ["a", 3], {}],
    "ml": [None, [1], {"a": "x"}, {"a": None}],
}


@pytest.mark.parametrize(("content", "words"), BYTES.items(), ids=lambda value: repr(value)[:30])
def test_a_damaged_file_is_named_with_what_is_wrong_and_what_to_do(tmp_path, content, words):
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(IslesError) as said:
        read_json(tmp_path / "run.json", FORM, "train anew")
    text = str(said.value)
    assert text.startswith(f"{tmp_path / 'run.json'} is damaged: {words}")
    assert text.endswith("; train anew") and "\n" not in text


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, vs in CHANGES.items() for v in vs])
def test_a_field_of_another_type_is_named(tmp_path, name, value):
    (tmp_path / "run.json").write_text(json.dumps(GOOD | {name: value}))
    with pytest.raises(TrainingError, match=rf"is damaged: {name}.* must be .*, found .*; train"):
        read_json(tmp_path / "run.json", FORM, "train anew", TrainingError)


def test_a_folder_of_that_name_is_said_and_a_missing_file_left_to_the_caller(tmp_path):
    with pytest.raises(IslesError, match="is damaged: it is a folder; train anew"):
        read_json(tmp_path, FORM, "train anew")
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "run.json", FORM, "train anew")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_what_is_in_its_form_is_returned_whole(tmp_path, encoding):
    (tmp_path / "run.json").write_text(json.dumps(GOOD), encoding=encoding)
    assert read_json(tmp_path / "run.json", FORM, "") == GOOD
