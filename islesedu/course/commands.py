"""The commands of the course: list, copy, run, solve, show, export lessons; a class's table."""

import argparse
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

from islesedu.common.arguments import as_number, as_whole
from islesedu.errors import LessonError

_JOBS = "lessons at once; unless told, two where cores and memory allow (3 GB of memory a lesson)"


def add_lessons(command: argparse.ArgumentParser) -> None:
    """Add ``lessons`` with its actions."""
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
    run.add_argument("--jobs", type=as_whole, metavar="N", help=_JOBS)
    run.add_argument("--output", default="build/lessons", metavar="DIR")
    run.add_argument("--notebooks", metavar="DIR", help="folder of the lessons")
    run.add_argument("--timeout", type=as_number, metavar="S", help="seconds a lesson may take")
    run.set_defaults(run=_lessons_run, parser=run)
    copy = actions.add_parser("copy", help="write a course folder to work in: lessons and data")
    copy.add_argument("folder", metavar="DIR", help="lessons that are there already are kept")
    copy.set_defaults(run=_lessons_copy, parser=copy)
    solve = actions.add_parser("solve", help="write the solved edition and run it")
    solve.add_argument("names", nargs="*", metavar="NAME", help="such as 01; none means all")
    solve.add_argument("--smoke", action="store_true", help="small parameters: seconds a lesson")
    solve.add_argument("--output", default="build/solved", metavar="DIR")
    solve.add_argument("--notebooks", metavar="DIR", help="folder of the lessons")
    solve.set_defaults(run=_lessons_solve, parser=solve)
    slides = actions.add_parser("slides", help="write lessons as slides for a lecture hall")
    slides.add_argument("names", nargs="*", metavar="NAME", help="such as 01; none means all")
    slides.add_argument("--output", default="build/slides", metavar="DIR")
    slides.add_argument(
        "--executed",
        default="build/lessons",
        metavar="DIR",
        help="folder of the executed lessons; those that it lacks are run into it",
    )
    slides.add_argument("--smoke", action="store_true", help="run those with small parameters")
    slides.add_argument("--notebooks", metavar="DIR", help="folder of the lessons")
    slides.set_defaults(run=_lessons_slides, parser=slides)
    export = actions.add_parser("export", help="write assignments that grade themselves")
    export.add_argument("system", choices=["nbgrader", "otter"], help="what will grade them")
    export.add_argument("folder", metavar="DIR", help="folder of the course, to write")
    export.add_argument("names", nargs="*", metavar="NAME", help="such as 01; none means all")
    export.add_argument("--points", metavar="FILE", help="CSV: exercise,points")
    export.add_argument(
        "--slip-share",
        type=as_number,
        default=0.5,
        metavar="S",
        help="of the points, for an answer with a known slip, from 0 to 1 (default 0.5)",
    )
    export.add_argument(
        "--per-student",
        metavar="FILE",
        help="names, one a line: a notebook for each, with own numbers (nbgrader only)",
    )
    export.add_argument("--notebooks", metavar="DIR", help="folder of the lessons")
    export.set_defaults(run=_lessons_export, parser=export)
    progress = actions.add_parser("progress", help="make a table of a class's progress files")
    progress.add_argument("folders", nargs="+", metavar="FOLDER", help="of progress.json files")
    progress.add_argument("--csv", metavar="FILE", help="also write every exercise to a CSV file")
    progress.set_defaults(run=_lessons_progress, parser=progress)


def _need_lab() -> None:
    """Raise a LessonError if what runs lessons and writes pages is not installed."""
    names = ("ipykernel", "latex2mathml", "nbconvert", "papermill")
    if missing := [name for name in names if find_spec(name) is None]:
        raise LessonError(
            f"this needs {', '.join(missing)}, not installed here; run pip install 'islesedu[lab]'"
        )


def _lessons_list(options: argparse.Namespace) -> int:
    """Print the lessons."""
    from islesedu.course.lessons import list_lessons

    for lesson in list_lessons(options.notebooks):
        print(f"{lesson.name:32s} {lesson.minutes:4g} min  {lesson.title}")
    return 0


def _lessons_copy(options: argparse.Namespace) -> int:
    """Write a course folder, and say what to do next."""
    from islesedu.course.copying import copy_lessons

    written = copy_lessons(options.folder)
    print(f"{len(written)} lessons were written to {options.folder}. Next:\n")
    print(f"jupyter lab --notebook-dir={shlex.quote(str(Path(options.folder) / 'notebooks'))}")
    return 0


def _lessons_run(options: argparse.Namespace) -> int:
    """Run lessons; 1 if one of them failed."""
    from islesedu.course.lessons import choose, list_lessons
    from islesedu.course.parameters import assign
    from islesedu.course.runner import check_arguments, run_lessons, table

    _need_lab()
    check_arguments(options.output, options.jobs, options.timeout)
    names = [name for name, _ in options.parameter]
    if twice := [name for name in names if names.count(name) > 1]:
        raise LessonError(f"parameter {twice[0]!r} is given twice; give it once")
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

    _need_lab()
    chosen = choose(list_lessons(options.notebooks), options.names or bank.lessons())
    parameters = {lesson.name: lesson.smoke if options.smoke else {} for lesson in chosen}
    jobs, refused = solve_lessons(chosen, parameters, options.output)
    print(table(jobs))
    for lesson, names in refused.items():
        if names:
            print(f"{lesson}: the solution of {', '.join(names)} is not accepted")
    print(f"the solved edition is in {options.output}")
    return int(any(job.state != "ok" for job in jobs) or any(refused.values()))


def _lessons_slides(options: argparse.Namespace) -> int:
    """Write slides; 1 if a lesson that had to be run failed."""
    from islesedu.course.lessons import choose, list_lessons
    from islesedu.course.runner import check_arguments, run_lessons, table

    _need_lab()
    from islesedu.course.slides import reveal_files, write_slides

    check_arguments(options.output)
    chosen = choose(list_lessons(options.notebooks), options.names)
    reveal_files()  # before anything is run in vain
    executed = Path(options.executed)
    missing = [one for one in chosen if not (executed / f"{one.name}.ipynb").is_file()]
    parameters = {one.name: one.smoke if options.smoke else {} for one in missing}
    jobs = run_lessons(missing, parameters, executed) if missing else []
    if jobs:
        print(table(jobs))
    failed = {job.lesson.name for job in jobs if job.state != "ok"}
    written = write_slides(
        [one for one in chosen if one.name not in failed], executed, options.output
    )
    print(f"{len(written)} decks are in {options.output}: open one in a browser; F is full screen")
    return int(bool(failed))


def _lessons_export(options: argparse.Namespace) -> int:
    """Write assignments, and say what to do next."""
    from islesedu.course.assessment import nbgrader, otter
    from islesedu.course.assessment.assignment import can_be_graded
    from islesedu.course.lessons import choose, list_lessons
    from islesedu.course.personal import read_students

    _need_lab()
    if not 0 <= options.slip_share <= 1:
        raise LessonError(f"slip-share is {options.slip_share:g}; give a number from 0 to 1")
    known = list_lessons(options.notebooks)
    gradable = [lesson.name for lesson in known if can_be_graded(lesson)]
    chosen = choose(known, options.names or gradable)
    module = nbgrader if options.system == "nbgrader" else otter
    export = nbgrader.export_nbgrader if options.system == "nbgrader" else otter.export_otter
    given = {"points_file": options.points, "slip_share": options.slip_share}
    if options.per_student:
        if options.system != "nbgrader":
            raise LessonError(
                "--per-student needs nbgrader: Otter has one autograder for all students, which "
                "cannot tell whose numbers a notebook has"
            )
        given["students"] = read_students(options.per_student)
    points = export(chosen, options.folder, **given)
    print(
        f"{len(points)} exercises with {sum(points.values()):g} points, of "
        f"{', '.join(lesson.name for lesson in chosen)}, are in {options.folder} (points.csv lists "
        "them). Next:\n"
    )
    print(module.next_steps(options.folder, chosen[0].name))
    if options.per_student:
        print(
            "\nIn place of release/NAME each student gets students/STUDENT/NAME; own_numbers.csv "
            "says what is right."
        )
    return 0


def _lessons_progress(options: argparse.Namespace) -> int:
    """Print the table of a class; 1 if something was passed over."""
    from islesedu.common.files import write_text
    from islesedu.course.assessment.class_table import csv_text, read_class, table_text

    record = read_class(options.folders)
    print(table_text(record))
    if options.csv:
        write_text(options.csv, csv_text(record))
        print(f"\nevery exercise is in {options.csv}")
    for sentence in record.passed_over:
        print(sentence, file=sys.stderr)
    return int(bool(record.passed_over))
