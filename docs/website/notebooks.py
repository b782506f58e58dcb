"""Prepare executed lessons for Sphinx: files for pictures, folded imports, links, a head."""

import ast
import re
from collections.abc import Callable, Collection
from html import escape
from pathlib import Path

import nbformat

from docs.website.documents import keep_together
from docs.website.facts import Facts
from docs.website.pictures import save_picture, save_thumbnail
from islesedu.course.page import WIDGET, frame_tables, leave_out_what_needs_a_kernel

_PYTHON = {
    "kernelspec": {"name": "python3", "display_name": "Python"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}
_DO = ("Show", "Hide")
_LESSON_LINK = re.compile(r"\[([^\[\]]*)\]\((?:\.\./notebooks/)?(\d\d_\w+)\.ipynb(#[^)]*)?\)")


def source_cells(node: nbformat.NotebookNode) -> list[str]:
    """Return the sources of a notebook's cells, without those that papermill put in."""
    return [
        cell.source
        for cell in node.cells
        if "injected-parameters" not in cell.metadata.get("tags", [])
    ]


def is_current(executed: Path, lesson: Path) -> bool:
    """Tell whether an executed notebook has the cells of the lesson as it is now."""
    if not executed.is_file():
        return False
    nodes = (nbformat.read(file, as_version=4) for file in (executed, lesson))
    one, other = map(source_cells, nodes)
    return one == other


def prepare_lesson(
    executed: Path,
    facts: Facts,
    source: Path,
    pages: Collection[str],
    link_terms: Callable[[str, str], str] = lambda text, number: text,
) -> None:
    """Write an executed lesson into the source folder of the site.

    Parameters
    ----------
    executed : Path
        The notebook with its outputs.
    facts : Facts
        Of the lesson.
    source : Path
        Source folder; the notebook goes to ``lessons/``, pictures to ``files/pictures/``.
    pages : collection of str
        Names of the lessons that have a page; a link to another becomes its text.
    link_terms : callable
        Links terms in a text of a lesson (text, number) to the glossary.
    """
    node = nbformat.read(executed, as_version=4)
    leave_out_what_needs_a_kernel(node)
    frame_tables(node)
    name = facts.lesson.name
    pictures = _Pictures(name, source / "files" / "pictures", pages)
    cells, before = [], ""  # what is folded in the cell before
    for cell in node.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags})
        if cell.cell_type == "markdown":
            cell.source = _links(cell.source, pages)
            if cells:  # the first cell is the head, which defines nothing
                cell.source = link_terms(cell.source, facts.number)
            cell.source = keep_together(cell.source)
        elif cell.cell_type == "code":
            cell.outputs = [pictures.output(output) for output in cell.outputs]
            folds, what = fold(cell)
            if what and what == before and not cell.outputs:
                cells[-1].source += f"\n\n{cell.source}"  # imports in several cells: one fold
                continue
            cell.metadata.tags = [*tags, *folds]
            if folds:
                prompts = {f"code_prompt_{do.lower()}": f"{do} {what}" for do in _DO}
                cell.metadata.mystnb = prompts
        cells.append(cell)
        before = what if cell.cell_type == "code" and not cell.outputs else ""
    cells[0].source = _with_head(cells[0].source, facts)
    node.cells = cells
    folder = source / "lessons"
    folder.mkdir(parents=True, exist_ok=True)
    node.metadata = nbformat.from_dict(_PYTHON)
    nbformat.write(node, folder / f"{name}.ipynb")
    pictures.save_thumbnail()
    clean = source / "files" / "notebooks" / f"{name}.ipynb"
    clean.parent.mkdir(parents=True, exist_ok=True)
    clean.write_bytes(Path(facts.lesson.file).read_bytes())


class _Pictures:
    """The pictures of one lesson, as files of the site."""

    def __init__(self, name: str, folder: Path, pages: Collection[str]):
        self.name, self.folder, self.pages = name, folder, pages
        self.number, self.first, self.chosen = 0, "", ""

    def output(self, output: nbformat.NotebookNode) -> nbformat.NotebookNode:
        """Return an output for a page without a kernel: widgets as HTML, pictures as files."""
        data = output.get("data", {})
        for mime, text in list(data.items()):
            if isinstance(text, list):
                data[mime] = "".join(text)
        png, html = data.get("image/png"), data.get("text/html")
        if png:
            self.first = self.first or png
            if html or not self.chosen:
                self.chosen = self.chosen if self.chosen and not html else png
        if html:  # a live widget, a table or a verdict
            output.data = nbformat.from_dict({"text/html": html})
        elif png:
            alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
            output.data = nbformat.from_dict({"text/html": self._as_file(png, alt)})
        elif "text/markdown" in data:
            text = _links(data["text/markdown"], self.pages)
            output.data = nbformat.from_dict({"text/markdown": text})
        elif WIDGET in data:
            del data[WIDGET]
        return output

    def _as_file(self, png: str, alt: str) -> str:
        """Write a picture; return the HTML that shows it."""
        self.number += 1
        file = f"{self.name}-{self.number}.webp"
        width, height = save_picture(png, self.folder / file)
        alt = alt or f"Figure {self.number} of this lesson; the text around it says what it shows."
        picture = (
            f'<img class="figure" src="../pictures/{file}" alt="{escape(alt)}" width="{width}" '
            f'height="{height}" loading="lazy" decoding="async">'
        )
        # on a phone one opens it alone, and enlarges it
        return f'<a class="picture" href="../pictures/{file}">{picture}</a>'

    def save_thumbnail(self) -> None:
        """Write the picture of the lesson's card: that of its widget, or its first."""
        if png := self.chosen or self.first:
            save_thumbnail(png, self.folder / f"{self.name}-card.webp")


def fold(cell: nbformat.NotebookNode) -> tuple[list[str], str]:
    """Return the tags that fold a cell, and what is folded: asserts wholly, else the code.

    A cell that begins with imports is folded if it shows nothing, or does little but import.
    """
    tags = cell.metadata.get("tags", [])
    if "asserts" in tags:
        return ["hide-cell"], "the tests of this lesson"
    if {"parameters", "injected-parameters"} & set(tags):
        return ["hide-input"], "the parameters of this lesson"
    try:
        body = ast.parse(cell.source).body
    except SyntaxError:  # a line of IPython
        return [], ""
    imports = [isinstance(line, ast.Import | ast.ImportFrom) for line in body]
    if imports[:1] == [True] and (not cell.outputs or 2 * sum(imports) > len(imports)):
        return ["hide-input"], "the imports"
    return [], ""


def _links(text: str, pages: Collection[str]) -> str:
    """Let links to notebooks lead to the pages of their lessons; without a page they are text."""

    def replace(found: re.Match) -> str:
        label, name, anchor = found.groups()
        return f"[{label}]({name}.ipynb{anchor or ''})" if name in pages else label

    return _LESSON_LINK.sub(replace, text)


def _with_head(text: str, facts: Facts) -> str:
    """Return the first cell with a line under its title: minutes, notebook, printing."""
    reading = f"{facts.minutes} minutes with the exercises" if facts.minutes else ""
    computing = f"{facts.lesson.minutes:g} min of computing on two cores"
    parts = [part for part in (reading, computing) if part]
    parts.append(
        f'<a href="../notebooks/{facts.lesson.name}.ipynb" download>Download the notebook</a>'
    )
    parts.append('<button type="button" onclick="window.print()">Print or save as PDF</button>')
    spans = "".join(f"<span>{part}</span>" for part in parts)
    head = f'\n<div class="lesson-head">{spans}</div>\n'
    return re.sub(r"^(# .+)$", lambda m: f"{m[1]}\n{head}", text, count=1, flags=re.MULTILINE)
