"""Fixtures that every test module shares."""

import gc
import os
import shutil
import time
import weakref
from contextlib import ExitStack
from functools import partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("MPLBACKEND", "agg")
# Two processes share the tests, and what they start inherits this: with a thread a core in each,
# the threads of small matrix products wait for one another, nine tenths of the processor time.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

import numpy as np
import pytest

from islesedu.course.worker import leave_out_unused

leave_out_unused()  # 2 s of each process that reads notebooks

LONG = ("tests/website/", "tests/test_wheel.py", "::test_runs_with_small_parameters_")


def pytest_addoption(parser):
    parser.addoption(
        "--quick",
        action="store_true",
        help="leave out tests that run a lesson, open a browser, or build the website or the wheel",
    )


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--quick"):
        return

    def is_long(item):
        reasons = [mark.kwargs.get("reason", "") for mark in item.iter_markers("skipif")]
        return (
            any(part in item.nodeid for part in LONG)
            or any("chromium" in reason for reason in reasons)
            or bool({"pages", "shown"} & {*getattr(item, "fixturenames", ())})
        )

    config.hook.pytest_deselected(items=[item for item in items if is_long(item)])
    items[:] = [item for item in items if not is_long(item)]


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left():
    """Fail if the tests leave a file or folder in the project's folder."""
    root = Path(__file__).resolve().parents[1]
    before = {*os.listdir(root), "build"}
    yield
    new = {name for name in set(os.listdir(root)) - before if not name.startswith(".")}
    assert not new, f"left in {root}: {sorted(new)}"


def pytest_configure(config):
    """Let each of xdist's processes begin with its share of the long tests."""
    from tests import schedule

    config.pluginmanager.register(schedule, "schedule")


@pytest.fixture
def rng():
    """Random numbers that are the same in every run and every order."""
    return np.random.default_rng(2017)


@pytest.fixture
def ax():
    """Axes of a figure of their own, closed after the test."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


@pytest.fixture
def shared():
    """Folder of expected values and real patients; tests that need it skip without it."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("../shared is not on this machine")
    return folder


@pytest.fixture
def most_alive(monkeypatch):
    """Watch what a function of a module returns; the list's maximum is how many lived at once."""

    def watch(module, name):
        function, references, counts = getattr(module, name), [], []

        def watched(*arguments, **options):
            result = function(*arguments, **options)
            references.append(weakref.ref(result))
            gc.collect()
            counts.append(sum(reference() is not None for reference in references))
            return result

        monkeypatch.setattr(module, name, watched)
        return counts

    gc.freeze()  # what earlier tests have left, such as TensorFlow's millions, is not searched
    yield watch
    gc.unfreeze()


@pytest.fixture
def listed(monkeypatch):
    """Return the folders that are listed from now on, one entry each time."""
    folders = []

    def watched(function):
        def listing(folder="."):
            folders.append(os.fspath(folder))
            return function(folder)

        return listing

    for name in ("listdir", "scandir"):
        monkeypatch.setattr(os, name, watched(getattr(os, name)))
    return folders


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """Return a folder that is filled once, whichever of xdist's processes comes first. Read only.

    ``once(name, fill)`` calls ``fill(folder)`` unless that has been done; others wait meanwhile.
    """
    from islesedu.common.locks import folder_lock

    base = tmp_path_factory.getbasetemp()
    base = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "once"
    base.mkdir(exist_ok=True)

    def filled(name, fill):
        folder, done = base / name, base / f"{name}.done"
        with folder_lock(base / f"{name}.lock", wait=True):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of one who failed
                folder.mkdir()
                fill(folder)
                done.touch()
        return folder

    return filled


@pytest.fixture(scope="session")
def cohort(once):
    """Small synthetic cohort, written once a session: 4 training and 2 test cases. Read only."""
    from islesedu.phantom.cohort import make_cohort

    how = {"training": 4, "test": 2, "scale": 0.1, "progress": False}
    return once("data", lambda folder: make_cohort(folder / "a cohort", **how)) / "a cohort"


@pytest.fixture(scope="session")
def lesson_server():
    """Server whose processes run lessons, ready; None where there can be none."""
    from islesedu.common import fork_server

    if not fork_server.is_supported():
        yield None
        return
    from islesedu.course.runner import lesson_server

    with lesson_server() as server:
        while not server.is_ready:
            time.sleep(0.05)
        yield server


@pytest.fixture(scope="session")
def small_run(once, lesson_server):
    """Return a function that runs a lesson with its small parameters, once a session.

    Its result is a `tests.lesson_runs.LessonRun`. A lesson that fails fails all who ask for it.
    """
    from tests.lesson_runs import LessonRun, run_audited

    def run(lesson):
        fill = partial(run_audited, lesson, server=lesson_server)
        run = LessonRun(lesson, once(lesson.name, fill))
        assert run.state == "ok", run.error
        return run

    return run


@pytest.fixture(scope="module")
def pages():
    """Open pages of one headless Chromium, see `tests.browser.chromium_pages`."""
    from tests.browser import chromium_pages

    with chromium_pages() as open_page:
        yield open_page


@pytest.fixture
def shown(pages, tmp_path):
    """Show slice browsers in a page without kernel; return the page."""
    from tests.browser import html_page, settle

    with ExitStack() as stack:

        def show(*browsers, **options):
            page = stack.enter_context(pages(**options))
            file = tmp_path / "page.html"
            body = "".join(browser.to_html("") for browser in browsers)
            file.write_text(html_page(body), encoding="utf-8")
            page.goto(file.as_uri())
            page.locator(".islesedu-browser canvas").first.wait_for()
            settle(page)
            return page

        yield show
