"""A cell that is run alone says which cells to run first: functions, a kernel, JupyterLab."""

import ast
import json
import os
import shutil
from pathlib import Path

import pytest

from islesedu.course.first_cells import _Generators, cells_to_run, message, names_of
from islesedu.course.lessons import list_lessons
from tests.browser import ask_kernel, chromium, jupyterlab, needs_chromium

ROOT = Path(__file__).resolve().parents[2]
STARTUP = ROOT / "islesedu" / "course" / "islesedu_startup.py"
LESSON = ROOT / "notebooks" / "01_convolve_by_hand.ipynb"
CELLS = json.loads(LESSON.read_text(encoding="utf-8"))["cells"]


def source_of(exercise: str) -> str:
    """Return the cell that checks an exercise."""
    return next(
        "".join(cell["source"])
        for cell in CELLS
        if f'check("{exercise}"' in "".join(cell["source"])
    )


@pytest.mark.parametrize(
    ("source", "needed", "bound"),
    [
        ("x = f(x)", "f x", "x"),
        ("total += 1", "total", "total"),
        ("for ax in axes:\n    ax.plot(x)", "axes x", "ax"),
        ("with open(place) as file:\n    text = file.read()", "open place", "file text"),
        ("def f(a):\n    return f(a) + b", "b", "f"),
        ("[n for n in rows if n > low]", "rows low", ""),
        ("import a.b as c, d\nfrom e import g", "", "c d g"),
        ("if y:\n    z = 1\nelse:\n    z = w\nprint(z)", "y w print", "z"),
        ("try:\n    a\nexcept E:\n    b = c", "a E c", "b"),
        ("while go:\n    go = step()", "go step", "go"),
        ("class A(B):\n    x = y", "B y", "A"),
        ("match q:\n    case 1:\n        r = s", "q s", "r"),
        ("%matplotlib inline", "", ""),
        ("pair, (a, b) = c", "c", "pair a b"),
        ("print(first := 3, first)", "print", "first"),
    ],
)
def test_names_that_a_cell_needs_and_binds(source, needed, bound):
    found = names_of(source)
    assert found[1] == set(bound.split())
    assert found[0] - {"first"} == set(needed.split())


def test_only_the_cells_that_matter_are_named_in_their_order():
    needed = cells_to_run(CELLS, source_of("01.6"), "check", {})
    words = message(CELLS, "check", needed)
    assert [CELLS[n]["source"][0].split()[0] for n in needed] == ["import", "image"]
    assert 'under "Two dimensions, on paper"' in words and "begins with: image = np" in words
    assert cells_to_run(CELLS, source_of("01.6"), "image", {"check", "kernels", "np", "figures"})
    assert cells_to_run(CELLS, source_of("01.6"), "no_such_name", {}) == []


def test_a_cell_is_known_by_its_id_and_a_new_one_comes_last():
    changed = source_of("01.7").replace('check("01.7", ', "print(")
    by_id = cells_to_run(CELLS, changed, "shift_right", {}, "01-37")
    assert CELLS[by_id[-1]]["source"][0].startswith("shift_right")
    assert cells_to_run(CELLS, "brain.shape", "brain", {})


@pytest.mark.parametrize("lesson", list_lessons(), ids=lambda lesson: lesson.name)
def test_every_cell_of_a_lesson_finds_the_names_that_it_needs(lesson):
    """Run in order, no cell misses a name; run alone, each that needs one is told a cell above."""
    cells = json.loads(lesson.file.read_text(encoding="utf-8"))["cells"]
    known = {"display", "get_ipython", *dir(__builtins__), *dir(__import__("builtins"))}
    for n, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            needed, bound = names_of(source)
            assert not needed - known, (n, needed - known)
            for name in needed - {"display"} - set(dir(__import__("builtins"))):
                first = cells_to_run(cells, source, name, {})
                assert first and max(first) < n
            known |= bound


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Return a function that runs a cell in a kernel that has just started."""
    from jupyter_client.manager import start_new_kernel

    monkeypatch.chdir(tmp_path)  # nothing of the project is near
    manager, client = start_new_kernel(env=ipython_folder(tmp_path) | {"PYTHONPATH": str(ROOT)})

    def run(code: str) -> str:
        said = []
        client.execute_interactive(code, timeout=60, output_hook=said.append)
        content = [one["content"] for one in said]
        return "\n".join("\n".join(c["traceback"]) for c in content if "traceback" in c)

    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def ipython_folder(folder: Path) -> dict[str, str]:
    """Return an environment whose kernels run what an installation puts at their start."""
    place = folder / "ipython" / "profile_default" / "startup"
    place.mkdir(parents=True)
    shutil.copy(STARTUP, place)
    return os.environ | {"IPYTHONDIR": str(folder / "ipython")}


def test_a_bare_kernel_says_what_to_run_first(kernel):
    said = kernel(source_of("01.6"))
    assert "Run first, in this order" in said and "Traceback" not in said
    assert "the cell that begins with: image = np.array(" in said
    assert 'letter in quotes: "b"' in kernel('your_letter = b\ncheck("01.9", your_letter)')
    assert "Traceback" in kernel("a_name_of_nobody")
    assert "Traceback" in kernel("import json\njson.loads(nobody)")
    assert kernel("assert not {n for n in globals() if 'start' in n}") == ""


def test_a_notebook_that_is_no_lesson_is_left_alone(kernel, tmp_path):
    about = {"cells": [{"cell_type": "code", "source": "x = 1"}], "metadata": {}}
    (tmp_path / "own.ipynb").write_text(json.dumps(about))
    kernel(f"import os\nos.environ['JPY_SESSION_NAME'] = {str(tmp_path / 'own.ipynb')!r}")
    assert "Traceback" in kernel("x")


@needs_chromium
@pytest.mark.xdist_group("jupyterlab")
def test_in_jupyterlab_after_a_restart(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", ipython_folder(tmp_path)["IPYTHONDIR"])
    folder = tmp_path / "notebooks"
    folder.mkdir()
    shutil.copy(LESSON, folder)
    exercise = next(n for n, c in enumerate(CELLS) if 'check("01.6"' in "".join(c["source"]))
    notebook = "window.jupyterapp.shell.currentWidget"
    with jupyterlab(folder) as address, chromium(viewport={"width": 1280, "height": 900}) as page:
        page.goto(f"{address}/lab/tree/{LESSON.name}?reset")
        page.wait_for_function(
            "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel"
            "?.status === 'idle'"
        )
        ask_kernel(page, "check = 1")
        page.evaluate(f"() => {notebook}.sessionContext.session.kernel.restart()")
        page.evaluate(
            f"async () => {{ {notebook}.content.activeCellIndex = {exercise};"
            " await window.jupyterapp.commands.execute('notebook:run-cell'); }"
        )
        output = page.locator(".jp-OutputArea-output", has_text="Run first, in this order")
        output.wait_for()
        said = output.inner_text()
        if shots := os.environ.get("ISLESEDU_SCREENSHOTS"):
            output.scroll_into_view_if_needed()
            page.screenshot(path=Path(shots) / "first-cells-jupyterlab.png")
    assert 'under "Two dimensions, on paper"' in said and "Traceback" not in said


@pytest.mark.parametrize(
    ("comprehension", "generator"),
    [
        ("[n for n in [m for m in x]]", "(n for n in (m for m in x))"),
        ("{n for n in x if n}", "(n for n in x if n)"),
        ("{k: v for k, v in x}", "((k, v) for k, v in x)"),
    ],
)
def test_comprehensions_are_looked_at_as_generators(comprehension, generator):
    # From Python 3.12 on symtable gives the names of a comprehension to the cell around it.
    tree = _Generators().visit(ast.parse(comprehension))
    assert ast.unparse(ast.fix_missing_locations(tree)) == generator
    assert names_of(comprehension)[0] == {"x"} and not names_of(comprehension)[1]
