"""A lesson as slides for a lecture hall: reveal.js, widgets that work, nothing from the network."""

import ast
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import nbformat

from islesedu.common.files import whole, write_text
from islesedu.course.folders import build_folder
from islesedu.course.lessons import Lesson
from islesedu.course.page import page_of
from islesedu.errors import LessonError

_DECK = resources.files("islesedu.course") / "deck"
_FILES = ("dist/reveal.js", "dist/reveal.css", "LICENSE")
_HEADING = re.compile(r"^(#{1,3}) ", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~)[\s\S]*?^\1", re.MULTILINE)
_TYPES = ("slide", "subslide", "skip")
_LEFT_OUT = {"asserts", "parameters", "injected-parameters"}
"""Tags of cells that no audience needs to see."""


def write_slides(
    lessons: Sequence[Lesson], executed: str | os.PathLike[str], output: str | os.PathLike[str]
) -> list[Path]:
    """Write ``NAME.html`` for each lesson, and reveal.js beside it.

    Parameters
    ----------
    lessons : sequence of Lesson
        Which.
    executed : path-like
        Folder of the executed notebooks, as `islesedu.course.run_lessons` leaves them.
    output : path-like
        Folder to write.

    Raises
    ------
    LessonError
        reveal.js is not there, and npm, which fetches it, is missing or fails.
    """
    reveal, folder, written = reveal_files(), Path(output), []
    for name in _FILES:
        goal = folder / "reveal.js" / Path(name).name
        with whole(goal) as place:
            shutil.copyfile(reveal / name, place)
    for lesson in lessons:
        node = nbformat.read(Path(executed) / f"{lesson.name}.ipynb", as_version=4)
        page = page_of(marked(node), lesson.name, lesson.file.parent)
        write_text(folder / f"{lesson.name}.html", _deck(page))
        written.append(folder / f"{lesson.name}.html")
    return written


def marked(node: nbformat.NotebookNode) -> nbformat.NotebookNode:
    r"""Return a notebook whose cells are named by what they are on slides.

    A heading of the first or second level begins a slide, one of the third a slide below it; a text
    is divided there. Cells tagged as parameters or asserts, and imports, are left out. The slide
    type that JupyterLab's property inspector sets (slide, sub-slide, skip) comes before all this.

    Examples
    --------
    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> found = marked(new_notebook(cells=[new_markdown_cell("# A\n\nwhy\n\n### B\n\nhow")]))
    >>> [(cell.source, cell.id) for cell in found.cells]
    [('# A\n\nwhy', 'isl-slide-0'), ('### B\n\nhow', 'isl-subslide-1')]
    """
    cells = []
    for cell in node.cells:
        parts = divided(cell.source) if cell.cell_type == "markdown" else [cell.source]
        for number, source in enumerate(parts):
            part = nbformat.from_dict(json.loads(json.dumps(cell)))
            part.source = source
            part.id = f"isl-{_kind(part, number == 0)}-{len(cells)}"
            cells.append(part)
    return nbformat.from_dict({**node, "cells": cells})


def divided(source: str) -> list[str]:
    r"""Return a text as parts that begin with its headings of levels one to three.

    Examples
    --------
    >>> divided("before\n\n## A\n\n```\n# no heading\n```\n### B")
    ['before', '## A\n\n```\n# no heading\n```', '### B']
    """
    fenced = [found.span() for found in _FENCE.finditer(source)]
    starts = [
        found.start()
        for found in _HEADING.finditer(source)
        if not any(a <= found.start() < b for a, b in fenced)
    ]
    edges = [0, *starts, len(source)]
    parts = [source[a:b].strip() for a, b in zip(edges[:-1], edges[1:], strict=True)]
    return [part for part in parts if part] or [source]


def _kind(cell: nbformat.NotebookNode, first: bool) -> str:
    """Return "slide", "subslide", "skip", or "more" for a cell that goes on where it is."""
    own = cell.metadata.get("slideshow", {}).get("slide_type", "")
    if own == "skip" or (own in _TYPES and first):
        return own
    if _LEFT_OUT & set(cell.metadata.get("tags", [])):
        return "skip"
    if cell.cell_type == "code" and not cell.outputs and _only_imports(cell.source):
        return "skip"
    heading = _HEADING.match(cell.source) if cell.cell_type == "markdown" else None
    return "more" if heading is None else "subslide" if len(heading[1]) == 3 else "slide"


def _only_imports(source: str) -> bool:
    """Tell whether code does nothing but import."""
    try:
        lines = ast.parse(source).body
    except SyntaxError:  # a magic of IPython
        return False
    return bool(lines) and all(isinstance(line, ast.Import | ast.ImportFrom) for line in lines)


def _deck(page: str) -> str:
    """Return the page of a lesson as a deck."""
    style = (_DECK / "deck.css").read_text(encoding="utf-8")
    code = (_DECK / "deck.js").read_text(encoding="utf-8")
    head = f'<link rel="stylesheet" href="reveal.js/reveal.css"><style>{style}</style></head>'
    foot = f'<script src="reveal.js/reveal.js"></script><script>{code}</script></body>'
    page = page.replace("</head>", head, 1)
    before, _, after = page.rpartition("</body>")
    return before + foot + after


def reveal_files() -> Path:
    """Return the folder of reveal.js in ``build``, fetched by npm the first time.

    Raises
    ------
    LessonError
        It is not there, and npm is missing or fails.
    """
    wanted = json.loads((_DECK / "package.json").read_text(encoding="utf-8"))
    version = wanted["dependencies"]["reveal.js"]
    folder = build_folder(f"reveal.js-{version}")
    if all((folder / name).is_file() for name in _FILES):
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise LessonError(
            f"slides need reveal.js {version}, which npm fetches once, and npm is not installed; "
            f"install Node.js 18 or later, or put its {', '.join(_FILES)} into {folder}"
        )
    with tempfile.TemporaryDirectory() as place:
        for name in ("package.json", "package-lock.json"):
            (Path(place) / name).write_bytes((_DECK / name).read_bytes())
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        run = subprocess.run(command, cwd=place, capture_output=True, text=True, errors="replace")
        if run.returncode:
            said = next(
                (line for line in run.stderr.splitlines() if line.strip()), "no reason given"
            )
            raise LessonError(
                f"npm could not fetch reveal.js {version}: {said.strip()}; try again with a "
                f"network, or put its {', '.join(_FILES)} into {folder}"
            )
        for name in _FILES:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with whole(folder / name) as target:
                shutil.copyfile(Path(place) / "node_modules" / "reveal.js" / name, target)
    return folder
