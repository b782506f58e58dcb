"""The command ``islesedu``. Heavy modules are imported when a command needs them, not before."""

import argparse
import json
import os
import sys
from collections.abc import Sequence

import islesedu
from islesedu import CHANNELS, __version__, quiet


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0 well, 1 something in the data or lessons failed, 2 misuse."""
    options, unknown = parser().parse_known_args(arguments)
    if unknown:  # said by the command in question, whose usage lists the right ones
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    if not (sys.stderr and sys.stderr.isatty()):  # a log needs no moving bars
        os.environ.setdefault("TQDM_MININTERVAL", "10")
    try:
        status = options.run(options)
    except BrokenPipeError:  # somebody reads only the first lines
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141
    except (ValueError, OSError) as error:
        print(f"islesedu: {error}", file=sys.stderr)
        status = 2
    except KeyboardInterrupt:
        print("\nislesedu: interrupted", file=sys.stderr)
        status = 130
    sys.exit(status)


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser("islesedu", description=islesedu.__doc__)
    top.add_argument("--version", action="version", version=f"islesedu {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    add_lessons(commands.add_parser("lessons", help="list and run the lessons"))
    add_data(commands.add_parser("data", help="make a synthetic cohort, check a folder"))
    add_train(commands.add_parser("train", help="train a V-Net on a folder of cases"))
    add_predict(commands.add_parser("predict", help="write a lesson mask for every case"))
    add_evaluate(commands.add_parser("evaluate", help="score masks against the true lesions"))
    add_compare(commands.add_parser("compare", help="cross-validate losses, report on them"))
    return top


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


def add_lessons(command: argparse.ArgumentParser) -> None:
    """Add ``lessons list`` and ``lessons run``."""
    actions = command.add_subparsers(required=True, metavar="ACTION")
    show = actions.add_parser("list", help="show names, minutes and titles")
    show.add_argument("--notebooks", metavar="DIR", help="folder of the lessons")
    show.set_defaults(run=lessons_list, parser=show)
    run = actions.add_parser("run", help="execute lessons, write notebooks and pages")
    run.add_argument("names", nargs="*", metavar="NAME", help="such as 09; none means all")
    run.add_argument(
        "-p",
        "--parameter",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="replace a parameter in every lesson that has it",
    )
    run.add_argument("--smoke", action="store_true", help="small parameters: seconds a lesson")
    run.add_argument("--jobs", type=int, default=1, metavar="N", help="lessons at once")
    run.add_argument("--output", default="build/lessons", metavar="DIR")
    run.add_argument("--notebooks", metavar="DIR", help="folder of the lessons")
    run.add_argument("--timeout", type=float, metavar="S", help="seconds a lesson may take")
    run.set_defaults(run=lessons_run, parser=run)


def lessons_list(options: argparse.Namespace) -> int:
    """Print the lessons."""
    from islesedu.lessons import list_lessons

    for lesson in list_lessons(options.notebooks):
        print(f"{lesson.name:32s} {lesson.minutes:4g} min  {lesson.title}")
    return 0


def lessons_run(options: argparse.Namespace) -> int:
    """Run lessons; 1 if one of them failed."""
    from islesedu.lesson_runner import run_lessons, table
    from islesedu.lessons import assign, choose, list_lessons

    chosen = choose(list_lessons(options.notebooks), options.names)
    given = assign(chosen, dict(options.parameter))
    parameters = {
        lesson.name: (lesson.smoke if options.smoke else {}) | given[lesson.name]
        for lesson in chosen
    }
    jobs = run_lessons(
        chosen, parameters, options.output, jobs=options.jobs, timeout=options.timeout
    )
    print(table(jobs))
    print(f"executed notebooks and pages are in {options.output}")
    return int(any(job.state != "ok" for job in jobs))


def add_data(command: argparse.ArgumentParser) -> None:
    """Add ``data make`` and ``data check``."""
    actions = command.add_subparsers(required=True, metavar="ACTION")
    make = actions.add_parser("make", help="write a synthetic cohort in the ISLES 2017 layout")
    make.add_argument("folder", metavar="FOLDER")
    make.add_argument("--training", type=int, default=43, metavar="N")
    make.add_argument("--test", type=int, default=32, metavar="N")
    make.add_argument("--seed", type=int, default=2017)
    make.add_argument(
        "--scale", type=float, default=1.0, help="of the in-plane grid; 0.4 for lessons"
    )
    make.add_argument("--jobs", type=int, default=1, metavar="N", help="processes side by side")
    make.add_argument(
        "--with-pwi", action="store_true", help="also the film of the bolus, MR_4DPWI (large)"
    )
    make.add_argument("--packed", action="store_true", help="write .nii.gz")
    make.set_defaults(run=data_make, parser=make)
    check = actions.add_parser("check", help="say what is wrong with a folder of cases")
    check.add_argument("folder", metavar="FOLDER")
    check.add_argument(
        "--channels",
        type=channel_list,
        metavar="A,B",
        help="maps every case needs (default: six for ISLES 2017, ADC,DWI for ISLES 2022)",
    )
    check.set_defaults(run=data_check, parser=check)


def data_make(options: argparse.Namespace) -> int:
    """Write a synthetic cohort."""
    from islesedu.phantom import make_cohort

    folder = make_cohort(
        options.folder,
        options.training,
        options.test,
        options.seed,
        options.scale,
        jobs=options.jobs,
        with_pwi=options.with_pwi,
        packed=options.packed,
    )
    print(f"{options.training} training and {options.test} test patients are in {folder}")
    return 0


def data_check(options: argparse.Namespace) -> int:
    """Print what is wrong with a folder; 1 if a case cannot be used."""
    from islesedu.isles import check_folder, summarize_folder

    problems = check_folder(options.folder, options.channels, progress=sys.stderr.isatty())
    for problem in problems:
        print("ERROR  " if problem.fatal else "warning", problem)
    print(summarize_folder(options.folder))
    fatal = sum(problem.fatal for problem in problems)
    print(f"{fatal} errors, {len(problems) - fatal} warnings")
    return int(fatal > 0)


def add_train(command: argparse.ArgumentParser) -> None:
    """Add ``train``."""
    command.add_argument("folder", metavar="FOLDER", help="ISLES folder with lesions")
    command.add_argument("--output", required=True, metavar="RUN", help="run folder to write")
    command.add_argument("--channels", type=channel_list, default=CHANNELS, metavar="A,B")
    command.add_argument("--filters", type=int, default=4, help="16 is the original")
    command.add_argument("--loss", default="combined", help="combined, cross_entropy, soft_dice")
    command.add_argument("--steps", type=int, default=1000)
    command.add_argument("--seed", type=int, default=2017)
    command.add_argument("--optimizer", default="adagrad", help="adagrad, adam, sgd")
    command.add_argument("--learning-rate", type=float, default=0.01)
    command.add_argument("--validation-split", type=float, default=0.0, metavar="SHARE")
    command.add_argument(
        "--checkpoint-every", type=int, metavar="STEPS", help="default: one pass over the cases"
    )
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
    command.add_argument("run_folder", metavar="RUN", help="folder that train wrote")
    command.add_argument("folder", metavar="FOLDER", help="ISLES folder")
    command.add_argument("--output", required=True, metavar="DIR", help="folder for the masks")
    command.add_argument("--threshold", type=float, default=0.5, metavar="P")
    command.add_argument(
        "--component-share",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="drop components smaller than this share of the largest",
    )
    command.add_argument(
        "--probabilities", action="store_true", help="write the probabilities, too"
    )
    command.set_defaults(run=predict, parser=command)


def predict(options: argparse.Namespace) -> int:
    """Write masks."""
    quiet.import_keras()
    from islesedu import evaluation, runs

    run = runs.RunFolder(options.run_folder)
    if run.checkpoint.exists() and not run.model_file.exists():
        print(f"{options.run_folder} is not finished; its last checkpoint is used")
    files = evaluation.predict(
        options.run_folder,
        options.folder,
        options.output,
        threshold=options.threshold,
        component_share=options.component_share,
        probabilities=options.probabilities,
    )
    print(f"{len(files)} masks are in {options.output}")
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
        "--network",
        type=json_object,
        metavar="JSON",
        help="""further arguments of the network, such as '{"kernel_size": 3}'""",
    )
    command.add_argument("--threshold", type=float, default=0.5, metavar="P")
    command.add_argument(
        "--component-share",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="drop components smaller than this share of the largest",
    )
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
