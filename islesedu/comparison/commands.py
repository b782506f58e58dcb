"""The command ``islesedu compare``: cross-validate losses."""

import argparse
import sys

from islesedu.common.arguments import as_whole
from islesedu.comparison.config import ComparisonConfig, check_comparison
from islesedu.networks import backend
from islesedu.training.commands import add_training, read_config


def add_compare(command: argparse.ArgumentParser) -> None:
    """Add ``compare``."""
    command.description = (
        "Cross-validate losses by patient: each case is predicted once under each loss, by a "
        "network that never saw it. The same command goes on after an interruption; given in "
        "another terminal, or on another machine that sees RUN, it takes folds that nobody has."
    )
    add_training(command, ComparisonConfig)
    command.add_argument(
        "--jobs", type=as_whole, default=1, metavar="N", help="processes side by side (default: 1)"
    )
    command.set_defaults(run=compare, parser=command)


def compare(given: argparse.Namespace) -> int:
    """Cross-validate losses; print the table."""
    config = read_config(given, ComparisonConfig)
    check_comparison(given.folder, given.output, config, given.jobs)
    backend.import_keras()
    from islesedu.comparison import cross_validation, report

    how = {"jobs": given.jobs, "report": False}
    result = cross_validation.compare(given.folder, given.output, config, **how)
    for unit in ("voxels", "mm"):
        print(result.table(unit).to_string(), end="\n\n")
    for sentence in result.collapsed():
        print(sentence)
    sys.stdout.flush()  # the report comes last: the tables are shown even if it cannot be written
    report.write_report(result, given.folder)
    print(f"the report is {result.path / 'report' / 'index.html'}")
    return 0
