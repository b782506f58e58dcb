"""Every option once: its default, its check, its help, and how files keep it."""

import argparse
import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from islesedu.cluster.config import ClusterConfig
from islesedu.cluster.process import as_options
from islesedu.comparison.config import ComparisonConfig
from islesedu.errors import ClinicalError, RecipeError, TrainingError
from islesedu.isles.clinical_features import FUSIONS
from islesedu.training import commands, config
from islesedu.training.config import TrainingConfig
from islesedu.training.options import help_text, options
from islesedu.training.recipe import RECIPES

DATA = Path(__file__).resolve().parents[2] / "data"
KINDS = [TrainingConfig, ComparisonConfig, ClusterConfig]
COMMANDS = {"train": TrainingConfig, "compare": ComparisonConfig}
COMMANDS |= {"cluster local": ClusterConfig, "cluster run": ClusterConfig}


def through_json(made):
    return type(made).from_json(json.loads(json.dumps(made.to_json())))


@pytest.mark.parametrize(
    "made",
    [
        TrainingConfig(),
        TrainingConfig(
            channels=["Tmax"],
            network={"convolutions": (1, 2)},
            recipe="patch=8x8x4;mirror=true",
            clinical=["TICI", "TTT"],
            fusion="concat",
            checkpoint_every=7,
        ),
        ComparisonConfig(),
        ComparisonConfig(
            losses="soft_dice",
            search="rate=0.01..0.1;steps=5,9;components=0",
            sampler="bayes",
            trials=3,
            inner_folds=2,
            clinical=["TSS"],
        ),
        ClusterConfig(mode="sync"),
        ClusterConfig(sync_start=20, staleness_aware=True),
    ],
)
def test_a_configuration_survives_json(made):
    assert through_json(made) == made


def test_what_files_keep_is_flat_and_has_the_old_names():
    kept = TrainingConfig(recipe="best", clinical=("TICI",), seed=np.int64(3)).to_json()
    assert kept == {
        "channels": ["ADC", "CBV", "CBF", "MTT", "TTP", "Tmax"],
        "filters": 4,
        "loss": "combined",
        "steps": 1000,
        "seed": 3,
        "optimizer": "adagrad",
        "learning_rate": 0.01,
        "decay": "continuous",
        "validation_split": 0.0,
        "checkpoint_every": None,
        "network": {},
        "recipe": RECIPES["best"].settings(),
        "clinical": {"columns": ["TICI"], "fusion": "film"},
    }
    assert TrainingConfig().to_json()["clinical"] is TrainingConfig().to_json()["recipe"] is None


@pytest.mark.parametrize("file", ["network/run.json", "network_trial/run.json"])
def test_recorded_runs_are_read(file):
    settings = json.loads((DATA / file).read_text())
    kept, read = TrainingConfig.from_json(settings).to_json(), settings.get("clinical")
    assert (settings["recipe"] or {}).items() <= (kept["recipe"] or {}).items()  # parts came later
    for name in set(kept) - {"clinical", "recipe", "decay"}:
        assert kept[name] == settings[name], name
    assert kept["decay"] == settings.get("decay", "stairs")  # older ones had no choice
    assert (kept["clinical"] or {}).items() <= (read or {}).items()


def test_a_recorded_comparison_is_read():
    settings = json.loads((DATA / "compare" / "compare.json").read_text())
    kept = ComparisonConfig.from_json(settings).to_json()
    assert {name: kept[name] for name in set(kept) & set(settings)} == {
        name: settings[name] for name in set(kept) & set(settings)
    }
    later = {"recipe", "clinical", "decay", "inner_folds"}  # of later versions
    assert set(kept) - set(settings) == later
    assert kept["decay"] == "stairs"


@pytest.mark.parametrize(
    ("kind", "wrong", "words"),
    [
        (TrainingConfig, {"channels": "ADC"}, "channels is 'ADC'; give at least one name"),
        (TrainingConfig, {"channels": []}, "channels is []; give at least one name"),
        (TrainingConfig, {"filters": 0}, "filters is 0; give a whole number from 1 up"),
        (TrainingConfig, {"filters": True}, "filters is True; give a whole number from 1 up"),
        (TrainingConfig, {"loss": "dice"}, "loss is 'dice'; choose one of combined, cross_entropy"),
        (TrainingConfig, {"steps": 2.5}, "steps is 2.5; give a whole number from 1 up"),
        (TrainingConfig, {"seed": -1}, "seed is -1; give a whole number from 0 up"),
        (TrainingConfig, {"optimizer": "lion"}, "optimizer is 'lion'; choose one of adagrad"),
        (TrainingConfig, {"learning_rate": 0}, "learning_rate is 0; give a number above 0"),
        (TrainingConfig, {"learning_rate": np.nan}, "learning_rate is nan; give a number above 0"),
        (
            TrainingConfig,
            {"decay": "cosine"},
            "decay is 'cosine'; choose one of continuous, stairs",
        ),
        (TrainingConfig, {"validation_split": 1}, "validation_split is 1; give a share in [0, 1)"),
        (TrainingConfig, {"checkpoint_every": 0}, "checkpoint_every is 0; give a whole number"),
        (TrainingConfig, {"network": 3}, "network is 3; give arguments of build_vnet"),
        (TrainingConfig, {"network": {"a": {1}}}, "network is {'a': {1}}; give arguments of"),
        (TrainingConfig, {"recipe": "flip=2"}, "recipe has flip = 2.0; give a share"),
        (TrainingConfig, {"clinical": ["mRS"]}, "mRS is an outcome"),
        (TrainingConfig, {"fusion": "glue"}, "fusion is 'glue'; choose one of film, concat"),
        (ComparisonConfig, {"losses": []}, "losses are []; name at least one loss"),
        (ComparisonConfig, {"losses": ["dice"]}, "loss is 'dice'; choose one of"),
        (ComparisonConfig, {"folds": 1}, "folds is 1; give a whole number from 2 up"),
        (ComparisonConfig, {"stratify": 1}, "stratify is 1; give true or false"),
        (ComparisonConfig, {"threshold": 2}, "threshold is 2; give a number between 0 and 1"),
        (ComparisonConfig, {"component_share": -1}, "component_share is -1; give a number between"),
        (ComparisonConfig, {"search": "speed=3"}, "search names 'speed'"),
        (ComparisonConfig, {"sampler": "luck"}, "sampler is 'luck'; choose one of grid, random"),
        (ComparisonConfig, {"sampler": "random"}, "sampler is 'random', but there is no search"),
        (ComparisonConfig, {"trials": 0}, "trials is 0; give a whole number from 1 up"),
        (ClusterConfig, {"mode": "fast"}, "mode is 'fast'; choose one of async, sync"),
        (ClusterConfig, {"wait": 0}, "wait is 0; give a number above 0"),
        (ClusterConfig, {"threads": 0}, "threads is 0; give a whole number from 1 up"),
        (ClusterConfig, {"slow": "1"}, "slow is '1'; give numbers of workers with factors"),
        (ClusterConfig, {"slow": "1=0.5"}, "slow is '1=0.5'; give numbers of workers"),
        (ClusterConfig, {"sync_start": -1}, "sync_start is -1; give a whole number from 0 up"),
        (ClusterConfig, {"staleness_aware": 1}, "staleness_aware is 1; give true or false"),
        (ClusterConfig, {"mode": "sync", "sync_start": 5}, "sync_start is 5, but mode is 'sync'"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_it(kind, wrong, words):
    with pytest.raises((TrainingError, ClinicalError, RecipeError), match=re.escape(words)) as said:
        kind(**wrong)
    assert "\n" not in str(said.value)


def test_an_unknown_option_is_named_with_the_known_ones():
    with pytest.raises(TypeError, match="no option 'step'; options are channels, filters, loss"):
        TrainingConfig.make(None, {"step": 4})
    for kind, name in ((ComparisonConfig, "validation_split"), (ClusterConfig, "clinical")):
        with pytest.raises(TypeError, match=f"no option '{name}'"):
            kind.make(None, {name: 0.1})


def test_another_configuration_is_refused():
    for kind, wrong in ((TrainingConfig, {"steps": 3}), (ComparisonConfig, TrainingConfig())):
        with pytest.raises(TypeError, match=f"config is .*; give a {kind.__name__}"):
            kind.make(wrong, {})


def test_options_replace_those_of_a_configuration():
    base = TrainingConfig(steps=4, recipe="best")
    made = TrainingConfig.make(base, {"steps": 8})
    assert (made.steps, made.recipe, base.steps) == (8, RECIPES["best"], 4)
    assert made.changed() == {"steps": 8, "recipe": RECIPES["best"]}
    searched = ComparisonConfig(search="rate=0.1")
    assert ComparisonConfig.make(searched, {"folds": 3}).search == {"learning_rate": [0.1]}


def parser_of(kind):
    parser = argparse.ArgumentParser()
    commands.add_training(parser, kind)
    return parser


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_line_has_the_defaults_of_the_configuration(kind):
    given = parser_of(kind).parse_args(["folder", "--output", "run"])
    assert commands.read_config(given, kind) == kind()
    assert set(vars(given)) == {"folder", "output"} | {one.name for one in options(kind)}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_each_option_with_its_default(command, monkeypatch, capsys):
    from islesedu.cli import main

    monkeypatch.setenv("COLUMNS", "10000")
    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])
    said = capsys.readouterr().out
    for one in options(COMMANDS[command]):
        flag = f"--{one.name.replace('_', '-')}"
        line = re.search(rf"^  .*{flag} [A-Z,=]*\s+(.*)$", said, re.MULTILINE)[1]
        assert line.endswith(help_text(one)) and re.search(r"\(default: [^()]+\)$", line), line


def test_names_of_files_are_kept_where_there_are_any():
    made = TrainingConfig(names={"perf": "TMAX"})
    assert TrainingConfig.from_json(made.to_json()).names == {"perf": "Tmax"}
    assert "names" not in TrainingConfig().to_json() and TrainingConfig().names == {}
    with pytest.raises(ValueError, match="names holds 'perf'"):
        TrainingConfig(names={"perf": 3})


@pytest.mark.parametrize("kind", KINDS)
def test_map_may_be_repeated_and_reaches_the_processes_of_a_cluster(kind):
    options = ["x", "--output", "y", "--map", "perf=tmax", "--map", "roi=lesion"]
    names = commands.read_config(parser_of(kind).parse_args(options), kind).names
    assert names == {"perf": "Tmax", "roi": "lesion"}
    again = parser_of(kind).parse_args(["x", "--output", "y", *as_options({"names": names})])
    assert again.names == names


def test_what_the_help_says_of_defaults():
    texts = {one.name: help_text(one) for one in fields(ComparisonConfig)}
    assert texts["checkpoint_every"].endswith("(default: one epoch)")
    assert texts["channels"].endswith("(default: ADC,CBV,CBF,MTT,TTP,Tmax)")
    assert texts["validation_split"].endswith("(default: 0.0)")
    assert texts["clinical"].endswith("(default: none)")
    assert "checkpoint_every" in TrainingConfig.__doc__ and "threads" in ClusterConfig.__doc__


def test_options_of_the_command_line_reach_the_configuration():
    words = "x --output y --steps 8 --channels adc,TMAX --clinical TICI --recipe best --stratify"
    given = parser_of(ComparisonConfig).parse_args(
        [*words.split(), "--network", '{"kernel_size": 3}']
    )
    assert commands.read_config(given, ComparisonConfig) == ComparisonConfig(
        steps=8,
        channels=("ADC", "Tmax"),
        clinical=["TICI"],
        recipe="best",
        stratify=True,
        network={"kernel_size": 3},
    )


def test_names_stand_for_losses_optimizers_and_networks_that_there_are():
    from islesedu.training import plan

    assert tuple(plan.LOSSES) == config.LOSSES and tuple(plan.OPTIMIZERS) == config.OPTIMIZERS
    for name, loss in plan.LOSSES.items():
        assert loss.__name__ == name
    assert config.FUSIONS == FUSIONS
    with pytest.raises(
        TrainingError, match="network is {'kernel': 3}: there is no argument 'kernel'"
    ):
        plan.build_network(TrainingConfig().to_json() | {"network": {"kernel": 3}})


def test_options_are_read_without_keras_or_pandas():
    code = (
        "import sys, islesedu.training.commands, islesedu.comparison.commands\n"
        "import islesedu.cluster.commands\n"
        "print([m for m in ('numpy', 'pandas', 'keras', 'tensorflow') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
