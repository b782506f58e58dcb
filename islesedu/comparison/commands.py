"""The command ``islesedu compare``: cross-validate losses."""

import argparse

from islesedu.networks import backend
from islesedu.training.commands import (
    add_clinical_options,
    add_mask_options,
    add_training_options,
    json_object,
)


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
    backend.import_keras()
    from islesedu.comparison import cross_validation

    arguments = vars(options).copy()
    del arguments["run"], arguments["parser"]
    result = cross_validation.compare(arguments.pop("folder"), arguments.pop("output"), **arguments)
    for unit in ("voxels", "mm"):
        print(result.table(unit).to_string(), end="\n\n")
    for sentence in result.collapsed():
        print(sentence)
    print(f"the report is {result.path / 'report' / 'index.html'}")
    return 0
