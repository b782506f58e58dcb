import json
from pathlib import Path

import pytest

from islesedu.comparison.folder import CompareFolder
from islesedu.training.config import TrainingConfig
from islesedu.training.resume import begin_run
from islesedu.training.run_folder import RunFolder

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture
def reads(monkeypatch):
    """Count how often each file is read."""
    seen, read_bytes = [], Path.read_bytes

    def spy(file, *arguments, **options):
        if file.suffix == ".json":
            seen.append(file.name)
        return read_bytes(file, *arguments, **options)

    monkeypatch.setattr(Path, "read_bytes", spy)
    return seen


def test_settings_are_read_once(reads):
    run, place = RunFolder(DATA / "network"), CompareFolder(DATA / "compare")
    for _ in range(3):
        assert run.settings["seed"] == 2017 and place.settings["folds"] == 5
        assert len(place.tasks) == 15
    assert sorted(reads) == ["compare.json", "run.json"]


def test_settings_are_those_written_last(tmp_path, reads):
    run, settings = RunFolder(tmp_path / "run"), TrainingConfig(steps=4).to_json()
    begin_run(run, settings, 0)
    assert run.settings["steps"] == 4 and run.settings["versions"]
    begin_run(run, settings | {"steps": 8}, 4)
    assert run.settings["steps"] == 8 and not reads  # what this process wrote, it knows
    assert json.loads((run.path / "run.json").read_text()) == run.settings
    run.clear()
    with pytest.raises(ValueError, match="is not a run folder"):
        run.settings  # noqa: B018
    begin_run(run, settings, 0)
    assert run.settings["steps"] == 4


def test_a_comparison_knows_what_it_has_begun(tmp_path):
    place = CompareFolder(tmp_path / "run")
    with pytest.raises(ValueError, match="holds no compare.json"):
        place.settings  # noqa: B018
    settings = {"losses": ["combined"], "cases": {"a": "1"}, "held_out": [["a"]]}
    place.begin(settings)
    assert place.settings == settings
