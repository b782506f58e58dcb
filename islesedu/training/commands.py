"""The commands that train, ask and judge networks: train, predict, evaluate."""

import argparse
import json

from islesedu import CHANNELS
from islesedu.networks import backend


def channel_list(text: str) -> tuple[str, ...]:
    """Return the channels named in a text such as "ADC,DWI", however their letters are written."""
    known = {name.lower(): name for name in (*CHANNELS, "DWI", "FLAIR")}
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name.lower() not in known:
            raise argparse.ArgumentTypeError(
                f"no map {name!r}; maps are {', '.join(known.values())}"
            )
    return tuple(known[name.lower()] for name in names)


def json_object(text: str) -> dict:
    """Return a JSON object such as {"initial_bias": 0.0}."""
    try:
        return dict(json.loads(text))
    except (TypeError, ValueError) as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no JSON object; expected such as '{{\"kernel_size\": 3}}'"
        ) from error


def add_training_options(command: argparse.ArgumentParser) -> None:
    """Add what `train` and `compare` let one choose about a training."""
    command.add_argument("--channels", type=channel_list, default=CHANNELS, metavar="A,B")
    command.add_argument("--filters", type=int, default=4, help="16 is the original")
    command.add_argument("--steps", type=int, default=1000)
    command.add_argument("--seed", type=int, default=2017)
    command.add_argument("--optimizer", default="adagrad", help="adagrad, adam, sgd")
    command.add_argument("--learning-rate", type=float, default=0.01)
    command.add_argument(
        "--checkpoint-every", type=int, metavar="STEPS", help="default: one pass over the cases"
    )
    command.add_argument(
        "--recipe",
        metavar="NAME",
        help="beyond the original's protocol: best, or parts such as "
        "'flip=0.5;rotate=10;jitter=0.1;patch=48x48x19;lesion_share=0.5;mirror=true'",
    )


def add_clinical_options(command: argparse.ArgumentParser) -> None:
    """Add what `train` and `compare` let a network be told about a patient."""
    command.add_argument(
        "--clinical",
        type=lambda text: [name.strip() for name in text.split(",")],
        metavar="A,B",
        help="columns of the clinical table that the network is told: TICI,TSS,TTT",
    )
    command.add_argument(
        "--fusion",
        default="film",
        help="how: film (scale and shift the channels of every block), concat (at the bottom)",
    )


def add_mask_options(command: argparse.ArgumentParser) -> None:
    """Add how a probability becomes a mask."""
    command.add_argument("--threshold", type=float, default=0.5, metavar="P")
    command.add_argument(
        "--component-share",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="drop components smaller than this share of the largest",
    )


def add_train(command: argparse.ArgumentParser) -> None:
    """Add ``train``."""
    command.add_argument("folder", metavar="FOLDER", help="ISLES folder with lesions")
    command.add_argument("--output", required=True, metavar="RUN", help="run folder to write")
    add_training_options(command)
    add_clinical_options(command)
    command.add_argument("--loss", default="combined", help="combined, cross_entropy, soft_dice")
    command.add_argument("--validation-split", type=float, default=0.0, metavar="SHARE")
    command.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    command.set_defaults(run=train, parser=command)


def train(options: argparse.Namespace) -> int:
    """Train a network."""
    backend.import_keras()
    from islesedu.training import fitting, run_folder

    if options.resume and not run_folder.RunFolder(options.output).settings_file.exists():
        print(f"{options.output} holds no run to resume; this one begins at step 0")
    arguments = vars(options).copy()
    del arguments["run"], arguments["parser"]
    run = fitting.train(arguments.pop("folder"), arguments.pop("output"), **arguments)
    last = run.history.iloc[-1]
    print(f"step {last['step']:.0f}: loss {last['loss']:.3f}, Dice {last['dice']:.3f}")
    print(f"curves, checkpoint and model are in {run.path}")
    return 0


def add_predict(command: argparse.ArgumentParser) -> None:
    """Add ``predict``."""
    command.add_argument(
        "run_folder",
        metavar="RUN",
        help="folder that train wrote, or one of such folders, to average their networks",
    )
    command.add_argument("folder", metavar="FOLDER", help="ISLES folder")
    command.add_argument("--output", required=True, metavar="DIR", help="folder for the masks")
    add_mask_options(command)
    command.add_argument(
        "--mirror",
        action=argparse.BooleanOptionalAction,
        help="average with the answer to the mirrored image; default: as the run's recipe says",
    )
    command.add_argument(
        "--probabilities", action="store_true", help="write the probabilities, too"
    )
    command.set_defaults(run=predict, parser=command)


def predict(options: argparse.Namespace) -> int:
    """Write masks."""
    backend.import_keras()
    from islesedu.isles.find import find_cases
    from islesedu.training import prediction, run_folder

    for run in run_folder.find_runs(options.run_folder):
        if run.checkpoint.exists() and not run.model_file.exists():
            print(f"{run.path} is not finished; its last checkpoint is used")
    files = prediction.predict(
        options.run_folder,
        options.folder,
        options.output,
        threshold=options.threshold,
        component_share=options.component_share,
        mirror=options.mirror,
        probabilities=options.probabilities,
    )
    print(f"{len(files)} masks are in {options.output}")
    columns = run_folder.told(run_folder.find_runs(options.run_folder)[0].settings)
    cases = find_cases(options.folder)
    unknown = [case for case in cases if not any(name in case.clinical for name in columns)]
    if columns and unknown:
        print(
            f"{len(unknown)} of {len(cases)} cases have none of {', '.join(columns)} in a clinical "
            "table beside or above the folder; the network was told that nothing is known of them"
        )
    return 0


def add_evaluate(command: argparse.ArgumentParser) -> None:
    """Add ``evaluate``."""
    command.add_argument("predictions", metavar="PRED", help="folder that predict wrote")
    command.add_argument("folder", metavar="FOLDER", help="ISLES folder with lesions")
    command.add_argument("--csv", metavar="FILE", help="write one row a case")
    command.set_defaults(run=evaluate, parser=command)


def evaluate(options: argparse.Namespace) -> int:
    """Print the table of scores; the CSV lies beside the masks unless said otherwise."""
    from pathlib import Path

    backend.import_keras()
    from islesedu.training import evaluation

    file = options.csv or Path(options.predictions) / "scores.csv"
    table = evaluation.evaluate(options.predictions, options.folder, file)
    print(evaluation.summarize(table))
    print(f"one row a case in {file}")
    return 0
