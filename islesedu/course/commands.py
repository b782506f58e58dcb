"""The commands of the course: list, run and solve lessons."""

import argparse

from islesedu.common.arguments import as_number, as_whole
from islesedu.errors import LessonError

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
    run.add_argument("--jobs", type=as_whole, metavar="N", help=_JOBS)
    run.add_argument("--output", default="build/lessons", metavar="DIR")
    run.add_argument("--notebooks", metavar="DIR", help="folder of the lessons")
    run.add_argument("--timeout", type=as_number, metavar="S", help="seconds a lesson may take")
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
    from islesedu.course.runner import check_arguments, run_lessons, table

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

    chosen = choose(list_lessons(options.notebooks), options.names or bank.lessons())
    parameters = {lesson.name: lesson.smoke if options.smoke else {} for lesson in chosen}
    jobs, refused = solve_lessons(chosen, parameters, options.output)
    print(table(jobs))
    for lesson, names in refused.items():
        if names:
            print(f"{lesson}: the solution of {', '.join(names)} is not accepted")
    print(f"the solved edition is in {options.output}")
    return int(any(job.state != "ok" for job in jobs) or any(refused.values()))
