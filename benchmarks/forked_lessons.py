"""Processor time of lessons whose processes are started anew, and forked; print the table.

    .venv/bin/python -m benchmarks.forked_lessons 01 06 09 16

With small parameters, anew and forked in turn, `--rounds` times; the medians. Processor time is
that of the lesson's processes, not of the server. Linux only.
"""

import argparse
import os
import resource
import tempfile
import time

import numpy as np
import psutil

from islesedu.common.fork_server import ForkServer
from islesedu.course.lessons import Lesson, choose, list_lessons
from islesedu.course.runner import lesson_server, run_lessons


def processor_time(server: ForkServer | None) -> float:
    """Return the seconds of all ended processes: the server's, or this one's."""
    if server:
        times = psutil.Process(server._process.pid).cpu_times()
        return times.children_user + times.children_system
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(lesson: Lesson, server: ForkServer | None) -> float:
    """Run a lesson; return the processor time that it took."""
    before = processor_time(server)
    with tempfile.TemporaryDirectory() as folder:
        how = {"progress": False, "timeout": 600, "server": server}
        (job,) = run_lessons([lesson], {lesson.name: lesson.smoke}, folder, **how)
    if job.state != "ok":
        raise SystemExit(f"{lesson.name}: {job.state}")
    return processor_time(server) - before


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", metavar="NAME", help="lessons")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    with lesson_server() as server:
        while not server.is_ready:
            time.sleep(0.1)
        own = psutil.Process(server._process.pid).cpu_times()
        print(f"the server: {own.user + own.system:.1f} s, on {os.cpu_count()} cores\n")
        print("| lesson | anew | forked | ratio |\n|---|---:|---:|---:|")
        for lesson in choose(list_lessons(), options.names):
            pairs = [[measure(lesson, s) for s in (None, server)] for _ in range(options.rounds)]
            anew, forked = np.median(pairs, axis=0)
            print(f"| {lesson.name[:2]} | {anew:.1f} | {forked:.1f} | {forked / anew:.2f} |")


if __name__ == "__main__":
    main()
