"""Real kernels on lessons of a few cells: what the runner writes, says and leaves behind."""

import os
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from islesedu.common import fork_server
from islesedu.common.environment import for_lessons
from islesedu.common.fork_server import ForkServer
from islesedu.course import runner, worker
from islesedu.course.job import Job
from islesedu.course.lessons import list_lessons
from islesedu.course.runner import run_lessons, table

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def write_lesson(folder, name, *cells, minutes=1, alone=False, first="size = 3\nplace = '.'"):
    """Write a lesson whose cells see the parameters ``size`` and ``place``."""
    first = new_code_cell(first, metadata={"tags": ["parameters"]})
    cells = [new_markdown_cell(f"# {name}"), first, *map(new_code_cell, cells)]
    own = {"minutes": minutes, "smoke": {"size": 1}, "alone": alone}
    metadata = KERNEL | {"islesedu": own}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), folder / f"{name}.ipynb")


@pytest.fixture
def folder(tmp_path):
    """Folder for lessons, with a space in its name."""
    place = tmp_path / "the lessons"
    place.mkdir()
    return place


@pytest.fixture
def output(tmp_path):
    return tmp_path / "results"


def run_with(server):
    """Return a function that runs the lessons of a folder, forked by a server or started anew."""

    def run(folder, output, parameters=None, **options):
        lessons = list_lessons(folder)
        given = {lesson.name: parameters or {} for lesson in lessons}
        return run_lessons(lessons, given, output, progress=False, server=server, **options)

    return run


@pytest.fixture
def run(lesson_server):
    """Run lessons in processes of the server that the tests share."""
    return run_with(lesson_server)


@pytest.fixture(params=["forked", "anew"])
def run_both_ways(request, lesson_server):
    """Run lessons in processes of the server, and in others."""
    if request.param == "anew":
        return run_with(None)
    if lesson_server is None:
        pytest.skip("Linux has fork servers")
    return run_with(lesson_server)


def files(output):
    return sorted(file.name for file in output.iterdir())


def text_outputs(file):
    cells = nbformat.read(file, as_version=4).cells
    return [o.get("text") or o["data"]["text/plain"] for c in cells for o in c.get("outputs", [])]


def test_a_failing_lesson_keeps_its_traceback_and_stops_no_other(
    folder, output, capsys, run_both_ways
):
    write_lesson(folder, "01_good", "print('side', size)")
    write_lesson(folder, "02_bad", "print('before')", "1 / (size - size)", "print('after')")
    write_lesson(folder, "03_good", "size * 2")
    jobs = run_both_ways(folder, output)
    assert [job.state for job in jobs] == ["ok", "failed", "ok"]
    assert files(output) == sorted(
        [
            f"{name}.{ending}"
            for name in ("01_good", "02_bad", "03_good")
            for ending in ("html", "ipynb")
        ]
        + ["02_bad.error.txt"]
    )
    error = (output / "02_bad.error.txt").read_text()
    assert "ZeroDivisionError" in error and "1 / (size - size)" in error and "\x1b" not in error
    assert text_outputs(output / "01_good.ipynb") == ["side 3\n"]
    assert "before" in (output / "02_bad.html").read_text()  # how far it came
    said = capsys.readouterr().out
    assert "ZeroDivisionError" in said and said.index("01_good") < said.index("03_good")


def test_parameters_reach_the_lesson_and_it_runs_in_its_own_folder(folder, output, run_both_ways):
    write_lesson(folder, "01_show", "size + 1", "import os; print(os.getcwd())")
    (job,) = run_both_ways(folder, output, {"size": 41})
    assert text_outputs(output / "01_show.ipynb") == ["42", f"{folder}\n"]


def test_what_the_shell_has_set_changes_nothing(folder, output, monkeypatch, run_both_ways):
    settings = {"MPLBACKEND": "Qt5Agg", "PYTHONWARNINGS": "error", "KERAS_BACKEND": "jax"}
    for name, value in (settings | {"TF_CONFIG": "{", "PYTHONOPTIMIZE": "1"}).items():
        monkeypatch.setenv(name, value)
    draw = "import matplotlib.pyplot as plt, warnings\nplt.plot([1, 2])\nwarnings.warn('mild')"
    other = "import os; print(os.environ['KERAS_BACKEND'], 'TF_CONFIG' in os.environ, __debug__)"
    write_lesson(folder, "01_draw", draw, other)
    (job,) = run_both_ways(folder, output)
    assert job.state == "ok", job.error_file.read_text()
    assert "image/png" in (output / "01_draw.ipynb").read_text()
    assert text_outputs(output / "01_draw.ipynb")[-1] == "tensorflow False True\n"


def test_two_at_once_give_the_same_results_as_one_at_a_time(folder, output, tmp_path, run):
    for number in range(1, 4):
        write_lesson(folder, f"0{number}_square", f"print({number} ** size)")
    both = [run(folder, output), run(folder, tmp_path / "two", jobs=2)]
    assert all(job.state == "ok" for jobs in both for job in jobs)
    for lesson in list_lessons(folder):
        one, two = (place / f"{lesson.name}.ipynb" for place in (output, tmp_path / "two"))
        assert text_outputs(one) == text_outputs(two)


def test_two_at_once_do_run_at_once(folder, output, run):
    wait = "import time, pathlib\nend = time.time() + 60\n"
    for own, other in (("a", "b"), ("b", "a")):  # each waits for the other's file
        code = (
            f"{wait}pathlib.Path(place, '{own}').touch()\n"
            f"while not pathlib.Path(place, '{other}').exists():\n"
            "    assert time.time() < end\n    time.sleep(0.1)"
        )
        write_lesson(folder, f"0{1 + (own == 'b')}_meet", code)
    jobs = run(folder, output, {"place": str(folder)}, jobs=2)
    assert [job.state for job in jobs] == ["ok", "ok"]


def test_a_lesson_that_measures_time_runs_alone_and_holds_up_no_other(folder, output, run):
    look = "import pathlib, time\nplace = pathlib.Path(place)\n"
    others = "assert not list(place.glob('other*')), 'not alone'\n"
    alone = f"{look}{others}mark = place / 'alone'\nmark.touch()\ntime.sleep(2)\n{others}"
    other = (
        f"{look}mark = place / f'other{{size}}'\nmark.touch()\ntime.sleep(1)\n"
        "assert not (place / 'alone').exists(), 'beside one that is to be alone'\n"
    )
    for number, code in enumerate((alone, other, alone, other), start=1):
        first = f"size = {number}\nplace = '.'"
        is_alone = code is alone
        end = "mark.unlink()"
        write_lesson(folder, f"0{number}_wait", code + end, first=first, alone=is_alone)
    jobs = run(folder, output, {"place": str(folder)}, jobs=2)
    assert [job.state for job in jobs] == ["ok"] * 4
    first, second, third, fourth = (job.began for job in jobs)
    assert first < second and fourth < third  # the fourth did not wait for the third


def test_patients_that_two_lessons_read_are_there_before_the_first(folder, output, run):
    (folder.parent / "data" / "sample").mkdir(parents=True)
    cohort = "folder = 'cohort'\ntraining = 1\ntest = 0\nscale = 0.1\n"
    there = "import islesedu\nfolder = islesedu.build_folder(folder)\n"
    there += "assert (folder / 'training' / 'training_1').is_dir()"
    write_lesson(folder, "01_read", there, first=f"{cohort}seed = 5")
    write_lesson(folder, "02_read", there, first=f"{cohort}seed = 7\ncohort_seed = 5")
    write_lesson(folder, "03_alone", "size", first="folder = 'own'\ntraining = 2\nsize = 1")
    jobs = run(folder, output)
    assert [job.state for job in jobs] == ["ok", "ok", "ok"]
    assert [file.name for file in (folder.parent / "build").iterdir()] == ["cohort"]


def test_patients_that_cannot_be_made_stop_no_lesson_that_needs_none(folder, output, capsys, run):
    cohort = "folder = 'cohort'\ntraining = 1\ntest = 0\nscale = 99\nseed = 5"
    for name in ("01_read", "02_read"):
        write_lesson(folder, name, "assert scale < 2", first=cohort)
    write_lesson(folder, "03_good", "size")
    assert [job.state for job in run(folder, output)] == ["failed", "failed", "ok"]
    assert "scale is 99; give a number between" in capsys.readouterr().err


def test_a_lesson_that_takes_too_long_is_stopped_with_its_kernel(
    folder, output, run_both_ways, lesson_server
):
    write_lesson(
        folder, "01_sleep", "import os; print(os.getpid())", "import time; time.sleep(600)"
    )
    write_lesson(folder, "02_good", "size")
    output.mkdir()
    (output / "01_sleep.html").write_text("of an earlier run")
    jobs = run_both_ways(folder, output, timeout=15)
    assert [job.state for job in jobs] == ["timed out", "ok"]
    assert "stopped after 15 s: 2 of 3" in (output / "01_sleep.error.txt").read_text()
    assert files(output) == ["01_sleep.error.txt", "02_good.html", "02_good.ipynb"]
    assert not kernels_of(output) and not descendants(lesson_server)


def descendants(server):
    """Return the processes that a server has forked and that still run."""
    return [] if server is None else psutil.Process(server._process.pid).children(recursive=True)


def kernels_of(output):
    """Return processes that a runner for this folder left behind."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(output) in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            pass
    return found


FORKS = pytest.mark.skipif(not fork_server.is_supported(), reason="Linux has fork servers")


@FORKS
def test_forked_lessons_begin_with_tensorflow_and_show_figures(folder, output, run):
    look = "import sys; print('tensorflow' in sys.modules)"
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    train = (
        "import keras, numpy as np\n"
        "keras.utils.set_random_seed(1)\n"
        "model = keras.Sequential([keras.layers.Dense(1)])\n"
        "model.compile('sgd', 'mse')\n"
        "history = model.fit(np.ones((8, 2)), np.ones((8, 1)), epochs=2, verbose=0)\n"
        "print(history.history['loss'][1] < history.history['loss'][0])"
    )
    write_lesson(folder, "01_look", look, draw, train)
    (job,) = run(folder, output)
    assert job.state == "ok", job.error_file.read_text()
    outputs = text_outputs(output / "01_look.ipynb")
    assert outputs[0] == "True\n" and outputs[-1] == "True\n"
    assert "image/png" in (output / "01_look.ipynb").read_text()


@FORKS
def test_nothing_is_left_of_forked_lessons_whose_runner_is_killed(folder, output, tmp_path):
    write_lesson(folder, "01_sleep", "import time; time.sleep(600)")
    code = (
        "import os, time\nfrom islesedu.common.environment import for_lessons\n"
        "from islesedu.common.fork_server import ForkServer\n"
        "from islesedu.course.lessons import list_lessons\n"
        "from islesedu.course.runner import run_lessons\n"
        "with ForkServer(['json'], for_lessons(os.environ)) as server:\n"
        "    while not server.is_ready:\n        time.sleep(0.05)\n"
        "    print(server._process.pid, flush=True)\n"
        f"    run_lessons(list_lessons({str(folder)!r}), {{}}, {str(output)!r}, server=server)\n"
    )
    runner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    server = psutil.Process(int(runner.stdout.readline()))
    wait_until(lambda: list(output.glob(".partial-*-01_sleep.ipynb")))
    left = [server, *server.children(recursive=True)]
    assert len(left) == 3  # the worker and its kernel
    runner.kill()
    runner.communicate()
    wait_until(lambda: not any(map(psutil.Process.is_running, left)))


@FORKS
def test_many_lessons_get_a_server_and_the_same_results(folder, output, monkeypatch):
    started, start = [], ForkServer.start

    def counted(self, *arguments):
        started.append(arguments)
        return start(self, *arguments)

    monkeypatch.setattr(
        runner, "lesson_server", lambda: ForkServer(["json"], for_lessons(os.environ))
    )
    monkeypatch.setattr(ForkServer, "start", counted)
    for number in range(1, 7):
        write_lesson(folder, f"0{number}_square", f"print({number} ** size)")
    jobs = run_with(None)(folder, output)
    assert [job.state for job in jobs] == ["ok"] * 6
    assert text_outputs(output / "06_square.ipynb") == ["216\n"]
    assert started  # not the first ones, which begin before the server is ready


def test_a_kernel_that_dies_is_said_in_words(folder, output, run_both_ways):
    write_lesson(folder, "01_die", "print('alive')", "import os; os._exit(1)")
    (job,) = run_both_ways(folder, output)
    assert job.state == "failed"
    assert "kernel died" in (output / "01_die.error.txt").read_text()
    assert text_outputs(output / "01_die.ipynb") == ["alive\n"]  # how far it came


def test_the_notebook_is_written_at_the_beginning_and_at_the_end(folder, output, run_both_ways):
    read = (
        f"print([f.read_text().count('re' + 'ady') for f in Path({str(output)!r}).glob('.part*')])"
    )
    write_lesson(folder, "01_look", "print('re' + 'ady')", "from pathlib import Path", read)
    run_both_ways(folder, output)
    assert text_outputs(output / "01_look.ipynb") == ["ready\n", "[0]\n"]


def test_a_run_that_goes_well_removes_the_old_error(folder, output, run):
    write_lesson(folder, "01_good", "size")
    output.mkdir()
    (output / "01_good.error.txt").write_text("of an earlier run")
    run(folder, output)
    assert files(output) == ["01_good.html", "01_good.ipynb"]


def test_leftovers_of_killed_runners_are_removed_but_not_those_of_living_ones(folder, output, run):
    write_lesson(folder, "01_good", "size")
    output.mkdir()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for pid in (dead.pid, os.getppid()):
        (output / f".partial-{pid}-01_good.ipynb").touch()
    run(folder, output)
    assert files(output)[0] == f".partial-{os.getppid()}-01_good.ipynb"
    assert len(files(output)) == 3


@pytest.mark.parametrize("options", [{"jobs": 0}, {"timeout": 0}, {"timeout": -1}])
def test_senseless_options_are_refused(folder, output, options, run):
    write_lesson(folder, "01_good", "size")
    with pytest.raises(ValueError, match=f"{next(iter(options))} is"):
        run(folder, output, **options)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_an_interrupted_run_leaves_finished_results_whole_and_no_process(folder, output, number):
    write_lesson(folder, "01_good", "print('done')")
    write_lesson(folder, "02_sleep", "import time; time.sleep(600)")
    command = [sys.executable, "-m", "islesedu", "lessons", "run"]
    command += ["--notebooks", str(folder), "--output", str(output)]
    runner = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    asleep = lambda: list(output.glob(".partial-*-02_sleep.ipynb"))  # noqa: E731
    wait_until(lambda: asleep() and (output / "01_good.html").exists())
    runner.send_signal(number)
    said, _ = runner.communicate(timeout=60)
    assert text_outputs(output / "01_good.ipynb") == ["done\n"]
    assert "</html>" in (output / "01_good.html").read_text()
    assert not (output / "02_sleep.ipynb").exists()
    if number != signal.SIGKILL:
        assert runner.returncode == 130
        assert "interrupted" in said and "Traceback" not in said
        assert not list(output.glob(".partial-*"))
    wait_until(lambda: not kernels_of(output))


def wait_until(happened, seconds=60):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def test_the_table_has_a_line_a_lesson_with_time_memory_and_state(folder, output, run):
    write_lesson(folder, "01_big", "data = bytearray(300_000_000)\nimport time; time.sleep(1)")
    jobs = run(folder, output)
    lines = table(jobs).splitlines()
    assert len(lines) == 3 and lines[1].startswith("01_big") and lines[1].endswith("ok")
    assert 300 < jobs[0].peak_mb < 1000
    assert jobs[0].seconds > 1 and f"{jobs[0].seconds:.1f} s" in lines[2]


def test_a_worker_does_without_the_parser_of_addresses(monkeypatch):
    monkeypatch.setitem(sys.modules, "rfc3987_syntax", None)  # put back afterwards
    del sys.modules["rfc3987_syntax"]
    worker.leave_out_unused()
    with pytest.raises(ModuleNotFoundError):
        import rfc3987_syntax  # noqa: F401
    code = "from islesedu.course import worker; worker.leave_out_unused(); import papermill"
    subprocess.run([sys.executable, "-c", code], check=True)


@FORKS
def test_what_lessons_are_forked_from_has_looked_for_no_notebook():
    code = "import islesedu.course.warm, sys, threading\nprint(threading.active_count(), "
    code += "[m for m in ('tqdm.auto', 'tqdm.autonotebook', 'matplotlib_inline.backend_inline') "
    code += "if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "1 []\n"


def test_what_a_kernel_writes_among_the_counts_of_cells_does_no_harm(folder, output):
    write_lesson(folder, "01_good", "size")
    job = Job(list_lessons(folder)[0], output, {}, 1.0)
    for line in (f"{worker.CELLS_DONE}2", f"{worker.CELLS_DONE}3, said a kernel", "size"):
        job.count_cells(line)
    assert job.cells_done == 2


def test_a_job_that_waits_has_a_line_too(folder, output):
    write_lesson(folder, "01_good", "size")
    (lesson,) = list_lessons(folder)
    assert Job(lesson, output, {}, 1.0).line.endswith("waiting")
