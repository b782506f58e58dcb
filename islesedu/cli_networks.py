"""The commands that train, ask and judge networks: train, predict, evaluate, compare."""

import argparse
import json

from islesedu import CHANNELS, quiet


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
    quiet.import_keras()
    from islesedu import experiments, runs

    if options.resume and not runs.RunFolder(options.output).settings_file.exists():
        print(f"{options.output} holds no run to resume; this one begins at step 0")
    arguments = vars(options).copy()
    del arguments["run"], arguments["parser"]
    run = experiments.train(arguments.pop("folder"), arguments.pop("output"), **arguments)
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
    quiet.import_keras()
    from islesedu import forecasting, runs
    from islesedu.isles import find_cases

    for run in runs.find_runs(options.run_folder):
        if run.checkpoint.exists() and not run.model_file.exists():
            print(f"{run.path} is not finished; its last checkpoint is used")
    files = forecasting.predict(
        options.run_folder,
        options.folder,
        options.output,
        threshold=options.threshold,
        component_share=options.component_share,
        mirror=options.mirror,
        probabilities=options.probabilities,
    )
    print(f"{len(files)} masks are in {options.output}")
    columns = runs.told(runs.find_runs(options.run_folder)[0].settings)
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

    quiet.import_keras()
    from islesedu import evaluation

    file = options.csv or Path(options.predictions) / "scores.csv"
    table = evaluation.evaluate(options.predictions, options.folder, file)
    print(evaluation.summarize(table))
    print(f"one row a case in {file}")
    return 0


def add_compare(command: argparse.ArgumentParser) -> None:
    """Add ``compare``."""
    command.description = (
        "Cross-validate losses by patient: each case is predicted once under each loss, by a "
        "network that never saw it. The same command goes on after an interruption; given in "
        "another terminal, or on another machine that sees RUN, it takes folds that nobody has."
    )
    command.add_argument("folder", metavar="FOLDER", help="ISLES folder with lesions")
    command.add_argument("--output", required=True, metavar="RUN", help="folder to write or go on")
    command.add_argument(
        "--losses",
        type=lambda text: [name.strip() for name in text.split(",")],
        default=("combined", "cross_entropy", "soft_dice"),
        metavar="A,B",
        help="default: combined,cross_entropy,soft_dice",
    )
    command.add_argument("--folds", type=int, default=5, metavar="N")
    command.add_argument(
        "--stratify", action="store_true", help="deal small and large lesions out evenly"
    )
    add_training_options(command)
    add_clinical_options(command)
    command.add_argument(
        "--network",
        type=json_object,
        metavar="JSON",
        help="""further arguments of the network, such as '{"kernel_size": 3}'""",
    )
    add_mask_options(command)
    command.add_argument(
        "--search",
        metavar="SPEC",
        help="search inside the training cases of each fold, such as "
        "'rate=0.01,0.03;steps=500,1000;threshold=0.3,0.5;components=0,0.1'; also filters",
    )
    command.add_argument(
        "--sampler",
        default="grid",
        help="grid (default): all combinations; random, bayes: --trials of them, also out of "
        "ranges such as rate=0.001..0.1 (needs Optuna)",
    )
    command.add_argument("--trials", type=int, default=20, metavar="N", help="for each fold")
    command.add_argument("--jobs", type=int, default=1, metavar="N", help="processes side by side")
    command.set_defaults(run=compare, parser=command)


def compare(options: argparse.Namespace) -> int:
    """Cross-validate losses; print the table."""
    quiet.import_keras()
    from islesedu import compare

    arguments = vars(options).copy()
    del arguments["run"], arguments["parser"]
    result = compare.compare(arguments.pop("folder"), arguments.pop("output"), **arguments)
    for unit in ("voxels", "mm"):
        print(result.table(unit).to_string(), end="\n\n")
    for sentence in result.collapsed():
        print(sentence)
    print(f"the report is {result.path / 'report' / 'index.html'}")
    return 0
