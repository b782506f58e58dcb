"""The command ``islesedu``. Heavy modules are imported when a command needs them, not before."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import islesedu
from islesedu import __version__
from islesedu.processes import interruptible

_COMMANDS = {
    "lessons": ("islesedu.cli:add_lessons", "list and run the lessons"),
    "data": ("islesedu.cli:add_data", "make a synthetic cohort, check a folder"),
    "train": ("islesedu.training.commands:add_train", "train a V-Net on a folder of cases"),
    "predict": ("islesedu.training.commands:add_predict", "write a lesion mask for every case"),
    "evaluate": ("islesedu.training.commands:add_evaluate", "score masks against true lesions"),
    "compare": (
        "islesedu.comparison.commands:add_compare",
        "cross-validate losses, report on them",
    ),
    "cluster": (
        "islesedu.cluster.commands:add_cluster",
        "train with parameter servers and workers",
    ),
}
"""What adds the options of each command, and what ``islesedu --help`` says of it."""


class _Command(argparse.ArgumentParser):
    """The parser of a command; its options are added when it is used.

    So ``islesedu --help`` imports none of the modules that the commands are made from.
    """

    def parse_known_args(
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Add the options, then parse as usual."""
        name = self.prog.split()[-1]
        if name in _COMMANDS:  # and not one of its actions
            module, function = _COMMANDS[name][0].split(":")
            getattr(import_module(module), function)(self)
        return super().parse_known_args(args, namespace)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0 well, 1 something in the data or lessons failed, 2 misuse."""
    options, unknown = _parser().parse_known_args(arguments)
    if unknown:  # said by the command in question, whose usage lists the right ones
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    if not (sys.stderr and sys.stderr.isatty()):  # a log needs no moving bars
        os.environ.setdefault("TQDM_MININTERVAL", "10")
    try:
        with interruptible():
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


def _parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser("islesedu", description=islesedu.__doc__)
    top.add_argument("--version", action="version", version=f"islesedu {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND", parser_class=_Command)
    for name, (_, text) in _COMMANDS.items():
        commands.add_parser(name, help=text)
    return top


_JOBS = "lessons at once; unless told, two where cores and memory allow (3 GB of memory a lesson)"


def add_lessons(command: argparse.ArgumentParser) -> None:
    """Add ``lessons list`` and ``lessons run``."""
    actions = command.add_subparsers(required=True, metavar="ACTION")
    show = actions.add_parser("list", help="show names, minutes and titles")
    show.add_argument("--notebooks", metavar="DIR", help="folder of the lessons")
    show.set_defaults(run=_lessons_list, parser=show)
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
    run.add_argument("--jobs", type=int, metavar="N", help=_JOBS)
    run.add_argument("--output", default="build/lessons", metavar="DIR")
    run.add_argument("--notebooks", metavar="DIR", help="folder of the lessons")
    run.add_argument("--timeout", type=float, metavar="S", help="seconds a lesson may take")
    run.set_defaults(run=_lessons_run, parser=run)
    solve = actions.add_parser("solve", help="write the solved edition and run it")
    solve.add_argument("names", nargs="*", metavar="NAME", help="such as 01; none means all")
    solve.add_argument("--smoke", action="store_true", help="small parameters: seconds a lesson")
    solve.add_argument("--output", default="build/solved", metavar="DIR")
    solve.add_argument("--notebooks", metavar="DIR", help="folder of the lessons")
    solve.set_defaults(run=_lessons_solve, parser=solve)


def _lessons_list(options: argparse.Namespace) -> int:
    """Print the lessons."""
    from islesedu.course.lessons import list_lessons

    for lesson in list_lessons(options.notebooks):
        print(f"{lesson.name:32s} {lesson.minutes:4g} min  {lesson.title}")
    return 0


def _lessons_run(options: argparse.Namespace) -> int:
    """Run lessons; 1 if one of them failed."""
    from islesedu.course.lessons import choose, list_lessons
    from islesedu.course.parameters import assign
    from islesedu.course.runner import run_lessons, table

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


def _lessons_solve(options: argparse.Namespace) -> int:
    """Write and run the solved edition; 1 if a lesson failed or a solution was refused."""
    from islesedu.course import bank
    from islesedu.course.lessons import choose, list_lessons
    from islesedu.course.runner import table
    from islesedu.course.solved import solve_lessons

    chosen = choose(list_lessons(options.notebooks), options.names or bank.lessons())
    parameters = {lesson.name: lesson.smoke if options.smoke else {} for lesson in chosen}
    jobs, refused = solve_lessons(chosen, parameters, options.output)
    print(table(jobs))
    for lesson, names in refused.items():
        if names:
            print(f"{lesson}: the solution of {', '.join(names)} is not accepted")
    print(f"the solved edition is in {options.output}")
    return int(any(job.state != "ok" for job in jobs) or any(refused.values()))


def add_data(command: argparse.ArgumentParser) -> None:
    """Add ``data make`` and ``data check``."""
    from islesedu.training.options import channel_list

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
    make.set_defaults(run=_data_make, parser=make)
    check = actions.add_parser("check", help="say what is wrong with a folder of cases")
    check.add_argument("folder", metavar="FOLDER")
    check.add_argument(
        "--channels",
        type=channel_list,
        metavar="A,B",
        help="maps every case needs (default: six for ISLES 2017, ADC,DWI for ISLES 2022)",
    )
    check.set_defaults(run=_data_check, parser=check)


def _data_make(options: argparse.Namespace) -> int:
    """Write a synthetic cohort."""
    from islesedu.phantom.cohort import make_cohort

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


def _data_check(options: argparse.Namespace) -> int:
    """Print what is wrong with a folder; 1 if a case cannot be used."""
    from islesedu.isles.check import check_folder, summarize_folder

    problems = check_folder(options.folder, options.channels, progress=sys.stderr.isatty())
    for problem in problems:
        print("ERROR  " if problem.fatal else "warning", problem)
    print(summarize_folder(options.folder))
    fatal = sum(problem.fatal for problem in problems)
    print(f"{fatal} errors, {len(problems) - fatal} warnings")
    return int(fatal > 0)
