"""The command ``islesedu``. Heavy modules are imported when a command needs them, not before."""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import islesedu
from islesedu import __version__
from islesedu.common.arguments import as_number, as_whole
from islesedu.common.paths import folder_to_read
from islesedu.common.processes import interruptible
from islesedu.common.terminal import complain, drop_streams, prepare_streams
from islesedu.errors import explain

_COMMANDS = {
    "lessons": ("islesedu.course.commands:add_lessons", "list and run the lessons"),
    "data": ("islesedu.cli:add_data", "make a synthetic cohort, check a folder"),
    "train": ("islesedu.training.commands:add_train", "train a V-Net on a folder of cases"),
    "predict": ("islesedu.training.commands:add_predict", "write a lesion mask for every case"),
    "export-network": (
        "islesedu.training.commands:add_export_network",
        "write a trained network as ONNX, checked against Keras",
    ),
    "network-lab": (
        "islesedu.network_lab:add_network_lab",
        "write a page in which trained networks run",
    ),
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

    def error(self, message: str) -> NoReturn:
        """Exit with 2; a value that cannot be read is one sentence, else the usage is shown."""
        if message.startswith("argument -"):
            self.exit(2, f"islesedu: {message}\n")
        super().error(message)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0 well, 1 something in the data or lessons failed, 2 misuse.

    Also 130 after Ctrl-C (SIGTERM, SIGHUP), and 141 if nobody reads the output to its end.
    """
    prepare_streams()
    try:
        with interruptible(), warnings.catch_warnings():
            warnings.showwarning = _show_warning
            try:
                status = _run(arguments)
            finally:
                sys.stdout.flush()  # now, while a closed pipe can be told from an error
    except BrokenPipeError:  # somebody reads only the first lines
        status = 141
    except (ValueError, OSError, MemoryError) as error:
        complain(f"islesedu: {explain(error)}")
        status = 2
    except KeyboardInterrupt:
        complain("\nislesedu: interrupted")
        status = 130
    drop_streams()
    sys.exit(status)


def _show_warning(message: Warning | str, category: type[Warning], *place: Any) -> None:
    """Write a warning as one sentence, without the place in the code, which helps no user."""
    kind = "" if issubclass(category, UserWarning) else f"{category.__name__}: "
    print(f"warning: {kind}{message}", file=sys.stderr)


def _run(arguments: Sequence[str] | None) -> int:
    """Run a command; return its exit status."""
    options, unknown = _parser().parse_known_args(arguments)
    if unknown:  # said by the command in question, whose usage lists the right ones
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    if not sys.stderr.isatty():  # a log needs no moving bars
        os.environ.setdefault("TQDM_MININTERVAL", "10")
    return options.run(options)


def _parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser("islesedu", description=islesedu.__doc__)
    top.add_argument("--version", action="version", version=f"islesedu {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND", parser_class=_Command)
    for name, (_, text) in _COMMANDS.items():
        commands.add_parser(name, help=text)
    return top


def add_data(command: argparse.ArgumentParser) -> None:
    """Add ``data make`` and ``data check``."""
    from islesedu.phantom.population import ASSIGNMENTS, POPULATIONS
    from islesedu.training.options import add_map, channel_list

    actions = command.add_subparsers(required=True, metavar="ACTION")
    make = actions.add_parser("make", help="write a synthetic cohort in the ISLES 2017 layout")
    make.add_argument("folder", metavar="FOLDER")
    make.add_argument("--training", type=as_whole, default=43, metavar="N")
    make.add_argument("--test", type=as_whole, default=32, metavar="N")
    make.add_argument("--seed", type=as_whole, default=2017)
    make.add_argument(
        "--scale", type=as_number, default=1.0, help="of the in-plane grid; 0.4 for lessons"
    )
    make.add_argument(
        "--jobs", type=as_whole, default=1, metavar="N", help="processes side by side"
    )
    make.add_argument(
        "--with-pwi", action="store_true", help="also the film of the bolus, MR_4DPWI (large)"
    )
    make.add_argument("--packed", action="store_true", help="write .nii.gz")
    make.add_argument(
        "--population",
        choices=tuple(POPULATIONS),
        default="isles",
        help="isles: as in the challenge (default); trial: treatment decides much",
    )
    make.add_argument(
        "--assignment",
        choices=ASSIGNMENTS,
        default="random",
        help="of treatments in a trial: random (default), or by severity of the stroke",
    )
    make.set_defaults(run=_data_make, parser=make)
    check = actions.add_parser("check", help="say what is wrong with a folder of cases")
    check.add_argument("folder", metavar="FOLDER")
    check.add_argument(
        "--channels",
        type=channel_list,
        metavar="A,B",
        help="maps every case needs (default: six for ISLES 2017, ADC,DWI for ISLES 2022, "
        "else those that half of the cases have)",
    )
    add_map(check)
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
        population=options.population,
        assignment=options.assignment,
    )
    print(f"{options.training} training and {options.test} test patients are in {folder}")
    return 0


def _data_check(options: argparse.Namespace) -> int:
    """Print what is wrong with a folder; 1 if a case cannot be used."""
    from islesedu.isles.check import check_folder, summarize_folder

    folder_to_read("folder", options.folder)
    problems = check_folder(
        options.folder, options.channels, progress=sys.stderr.isatty(), names=options.names
    )
    for problem in problems:
        print("ERROR  " if problem.fatal else "warning", problem)
    print(summarize_folder(options.folder, options.names))
    fatal = sum(problem.fatal for problem in problems)
    print(f"{fatal} errors, {len(problems) - fatal} warnings")
    return int(fatal > 0)
