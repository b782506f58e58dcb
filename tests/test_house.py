"""The house: rooms, what each offers, who may import whom, what an import costs."""

import ast
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import islesedu

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "islesedu"
ROOMS = sorted({folder.parent.name for folder in PACKAGE.glob("*/__init__.py")} - {"common"})
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FIXED = """build_vnet losses metrics conv2d find_cases read_case check_folder write_prediction
make_cohort train predict evaluate compare SliceBrowser ConvolutionStepper check figures
standardize CHANNELS""".split()


def test_there_are_thirteen_rooms():
    assert ROOMS == sorted(
        "convolution perfusion metrics isles phantom networks figures training widgets course "
        "applications cluster comparison".split()
    )


def test_imports_point_downwards_and_make_no_circle():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for_and_what_it_offers(room):
    module = importlib.import_module(f"islesedu.{room}")
    text = module.__doc__
    assert 3 <= len(text.strip().splitlines()) <= 10
    assert re.search(r"[Ll]esson", text) and "pen `" in text, "name lessons and the first module"
    first = re.search(r"pen `(\w+)`", text)[1]
    assert importlib.util.find_spec(f"islesedu.{room}.{first}")
    assert len(set(module.__all__)) == len(module.__all__)
    for name in module.__all__:
        assert not name.startswith("_")
        assert getattr(module, name) is not None


@pytest.mark.parametrize("room", ROOMS)
def test_no_public_name_is_taken_for_a_module(room):
    """After ``import islesedu.room.name`` the attribute ``name`` of the room is that module."""
    module = importlib.import_module(f"islesedu.{room}")
    files = {file.stem for file in (PACKAGE / room).glob("*.py")}
    files |= {folder.parent.name for folder in (PACKAGE / room).glob("*/__init__.py")}
    clash = {name for name in module.__all__ if name in files}
    assert all(type(getattr(module, name)) is type(sys) for name in clash)


@pytest.mark.parametrize("name", FIXED)
def test_the_public_face(name):
    assert name in islesedu.__all__ and name in dir(islesedu)
    assert getattr(islesedu, name) is not None


def test_the_losses_have_a_short_name():
    import islesedu.losses
    from islesedu.networks import losses

    assert islesedu.losses.combined is losses.combined


HEAVY = "tensorflow keras numpy scipy nibabel matplotlib pandas sklearn nilearn IPython anywidget"


@pytest.mark.parametrize("import_", ["import islesedu", "import islesedu.cli"])
def test_nothing_heavy_is_imported_before_it_is_asked_for(import_):
    code = f"import sys; {import_}; print(*(set('{HEAVY}'.split()) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_no_tensorflow_by_itself(room):
    code = f"import sys, islesedu.{room}; print(*({{'tensorflow', 'keras'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def imports(code: str) -> list[tuple[str, str]]:
    """Return pairs of module and name that a piece of code imports from the package."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "islesedu":
            found += [(node.module, alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [(a.name, "") for a in node.names if a.name.split(".")[0] == "islesedu"]
    return found


def only_public(code: str) -> None:
    """Fail if a piece of code imports from inside a room, or what a room does not offer."""
    for module, name in imports(code):
        assert module.count(".") <= 1, f"{module} lies inside a room"
        found = importlib.import_module(module)
        assert not name or name in getattr(found, "__all__", dir(found)) or name == "__version__"


@pytest.mark.parametrize("file", LESSONS, ids=lambda file: file.stem)
def test_a_lesson_imports_from_rooms_only(file):
    for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            only_public("".join(cell["source"]))


DOCS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/*.py")]


@pytest.mark.parametrize("file", sorted(DOCS), ids=lambda file: file.name)
def test_the_docs_import_from_rooms_only(file):
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        only_public(text)
    for block in re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        only_public(block)


SLIDES = """hierarchical feature representations; Image Convolution (1) to (6); multiple input
channels (1), (2); multiple outputs; Convolution Layer (2), (3); (CNN); (FCNN); Motivation (1), (2);
Data Description; Pre-Processing; Methods (1); Methods (3); Evaluation (1); Evaluation (2); median,
worst and best case; treatment information; better metrics; Other applications"""


def test_each_slide_has_a_lesson_and_a_room():
    """The table in README.md names every slide, and lessons, rooms and modules that exist."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.split("## Slides, lessons, rooms")[1].split("\n\n    ")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")][1:]
    for slide in " ".join(SLIDES.split()).split("; "):
        assert any(slide in row[0] for row in rows), slide
    lessons = {file.stem[:2] for file in LESSONS}
    assert set(re.findall(r"\d\d", "".join(row[1] for row in rows))) == lessons
    for _, _, where in rows:
        for place in where.split(";"):
            for room in re.findall(r"`(\w+)`", place):
                assert room in ROOMS
                for module in re.findall(r"[a-z_0-9]+", place.split("`")[-1]):
                    if module not in ("and", "one", "module", "each"):
                        assert importlib.util.find_spec(f"islesedu.{room}.{module}"), place


SOURCES = [*PACKAGE.rglob("*.py")]


def functions(tree: ast.AST, inside: str = ""):
    """Yield public functions and methods of a module with their names."""
    for node in tree.body:
        if getattr(node, "name", "_").startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            yield from functions(node, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef):
            yield f"{inside}{node.name}", node


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_public_signatures_are_typed(file):
    for name, node in functions(ast.parse(file.read_text(encoding="utf-8"))):
        given = node.args
        arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs]
        arguments += [one for one in (given.vararg, given.kwarg) if one]
        untyped = [a.arg for a in arguments if not a.annotation and a.arg not in ("self", "cls")]
        assert not untyped and node.returns is not None, f"{name}: {untyped or 'return'}"


SHOWN = [*(PACKAGE / "networks").glob("losses.py")]
SHOWN += [
    f for r in ("convolution", "metrics", "isles", "perfusion") for f in PACKAGE.glob(f"{r}/*.py")
]


@pytest.mark.parametrize("file", SHOWN, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_public_functions_have_an_example(file):
    for name, node in functions(ast.parse(file.read_text(encoding="utf-8"))):
        if "." not in name:
            assert ">>> " in (ast.get_docstring(node) or ""), name


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_module_is_read_in_one_sitting(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 250
