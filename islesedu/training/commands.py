"""The commands that train, ask and judge networks: train, predict, evaluate."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from islesedu.common.arguments import as_number
from islesedu.networks import backend
from islesedu.training.config import TrainingConfig
from islesedu.training.options import add_map, help_text, options
from islesedu.training.start import check_prediction, check_start

if TYPE_CHECKING:
    from islesedu.training.run_folder import RunFolder

Config = TypeVar("Config", bound=TrainingConfig)


def add_training(command: argparse.ArgumentParser, config: type[TrainingConfig]) -> None:
    """Add a folder to train on, one to write, and an option for each field of a configuration."""
    command.add_argument("folder", metavar="FOLDER", help="ISLES folder with lesions")
    command.add_argument("--output", required=True, metavar="RUN", help="folder to write")
    for one in options(config):
        kind, names = one.metadata["kind"], filter(None, (one.metadata["alias"], one.name))
        how = {"type": kind.parse or kind.keep, "metavar": kind.metavar, "action": kind.action}
        if one.default is False:
            how = {"action": "store_true"}
        flags = [f"--{name.replace('_', '-')}" for name in names]
        command.add_argument(*flags, dest=one.name, default=one.default, help=help_text(one), **how)


def read_config(given: argparse.Namespace, config: type[Config]) -> Config:
    """Return the configuration that the options of a command give."""
    return config(**{one.name: getattr(given, one.name) for one in options(config)})


def add_train(command: argparse.ArgumentParser) -> None:
    """Add ``train``."""
    add_training(command, TrainingConfig)
    command.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    command.set_defaults(run=train, parser=command)


def train(given: argparse.Namespace) -> int:
    """Train a network."""
    from islesedu.training import resume, run_folder

    config = read_config(given, TrainingConfig)
    check_start(given.folder, given.output, config)
    resume.check_folder(run_folder.RunFolder(given.output), config.steps, given.resume)
    backend.import_keras()
    from islesedu.training import fitting

    if given.resume:
        say_if_new(given.output)
    run = fitting.train(given.folder, given.output, config, resume=given.resume)
    print_end(run, "curves, checkpoint and model")
    return 0


def say_if_new(output: str, say: Callable[[str], None] = print) -> None:
    """Say that a training asked to go on begins at step 0, if there is no checkpoint."""
    from islesedu.training.run_folder import RunFolder

    run = RunFolder(output)
    if not (run.checkpoint.exists() or run.model_file.exists()):
        what = "checkpoint yet" if run.settings_file.exists() else "run to resume"
        say(f"{output} holds no {what}; the training begins at step 0")


def print_end(run: "RunFolder", what: str) -> None:
    """Print how a training ended, and where it lies."""
    for last in run.history.to_dict("records")[-1:]:  # none if somebody has removed the file
        print(f"step {last['step']:.0f}: loss {last['loss']:.3f}, Dice {last['dice']:.3f}")
    print(f"{what} are in {run.path}")


def add_predict(command: argparse.ArgumentParser) -> None:
    """Add ``predict``."""
    command.add_argument(
        "run_folder",
        metavar="RUN",
        help="folder that train wrote, or one of such folders, to average their networks",
    )
    command.add_argument("folder", metavar="FOLDER", help="ISLES folder")
    command.add_argument("--output", required=True, metavar="DIR", help="folder for the masks")
    command.add_argument(
        "--threshold",
        type=as_number,
        default=0.5,
        metavar="P",
        help="probability above which a voxel is lesion (default: 0.5)",
    )
    command.add_argument(
        "--component-share",
        type=as_number,
        default=0.0,
        metavar="SHARE",
        help="drop components smaller than this share of the largest (default: 0.0)",
    )
    command.add_argument(
        "--mirror",
        action=argparse.BooleanOptionalAction,
        help="average with the mirrored image's prediction (default: as the run's recipe says)",
    )
    command.add_argument(
        "--probabilities", action="store_true", help="write the probabilities, too"
    )
    add_map(command)
    command.set_defaults(run=predict, parser=command)


def predict(given: argparse.Namespace) -> int:
    """Write masks."""
    from islesedu.isles.find import find_cases
    from islesedu.training import prediction, provenance, run_folder

    how = {name: getattr(given, name) for name in ("threshold", "component_share")}
    check_prediction(given.run_folder, given.folder, given.output, **how)
    runs = run_folder.find_runs(given.run_folder)
    for run in runs:
        if run.checkpoint.exists() and not run.model_file.exists():
            print(f"{run.path} is not finished; its last checkpoint is used")
        if any(map(provenance.is_older, run.settings["fingerprints"])):
            print(
                f"{run.path} was recorded by an earlier version, which knows patients by their "
                "files: others may have been in its training or not; give 'islesedu train ... "
                "--resume' (or 'islesedu compare') once more with the same data and arguments, and "
                "they are known by their images"
            )
    backend.import_keras()
    files = prediction.predict(
        given.run_folder,
        given.folder,
        given.output,
        **how,
        mirror=given.mirror,
        probabilities=given.probabilities,
        names=given.names,
    )
    print(f"{len(files)} masks are in {given.output}")
    columns = runs[0].config.clinical
    cases = find_cases(given.folder, given.names or runs[0].config.names)
    unknown = [case for case in cases if not any(name in case.clinical for name in columns)]
    if columns and unknown:
        print(
            f"{len(unknown)} of {len(cases)} cases have none of {', '.join(columns)} in a clinical "
            "table beside or above the folder; the network took all their values as missing"
        )
    return 0


def add_evaluate(command: argparse.ArgumentParser) -> None:
    """Add ``evaluate``."""
    command.add_argument("predictions", metavar="PRED", help="folder that predict wrote")
    command.add_argument("folder", metavar="FOLDER", help="ISLES folder with lesions")
    command.add_argument("--csv", metavar="FILE", help="write one row a case")
    add_map(command)
    command.set_defaults(run=evaluate, parser=command)


def evaluate(given: argparse.Namespace) -> int:
    """Print the table of scores, then write it: beside the masks unless said otherwise."""
    from pathlib import Path

    from islesedu.training import evaluation

    table = evaluation.evaluate(given.predictions, given.folder, names=given.names)
    print(evaluation.summarize(table), flush=True)
    file = Path(given.predictions) / "scores.csv" if given.csv is None else given.csv
    evaluation.write_scores(table, file)
    print(f"one row a case in {file}")
    return 0


def add_export_network(command: argparse.ArgumentParser) -> None:
    """Add ``export-network``."""
    command.add_argument("run_folder", metavar="RUN", help="folder that train wrote")
    command.add_argument(
        "--format", choices=("onnx",), default="onnx", help="of the file (default: onnx)"
    )
    command.add_argument(
        "--half", action="store_true", help="store weights with 16 bits: half the size"
    )
    command.add_argument("-o", "--output", required=True, metavar="FILE", help="file to write")
    command.set_defaults(run=export_network, parser=command)


def export_network(given: argparse.Namespace) -> int:
    """Write a network for programs without Keras."""
    from islesedu.training.onnx_export import TOLERANCE, check_export, export_network

    check_export(given.run_folder, given.output)
    backend.import_keras()
    done = export_network(given.run_folder, given.output, given.half)
    print(f"{done.file}: {done.size / 1e6:.1f} MB")
    print(
        f"largest difference from Keras in probability: {done.difference:.1g} "
        f"(kept up to {TOLERANCE:g})"
    )
    if given.half:
        print(f"half precision itself changes Keras' probabilities by {done.rounding:.1g} at most")
    return 0
