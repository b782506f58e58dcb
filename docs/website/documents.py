"""The documents of the repository as pages of the site: docs/*.md, README.md, CONTRIBUTING.md."""

import os
import re
import shutil
from pathlib import Path

_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+(?:\([^()]*\)[^()\s]*)*)\)")
_LOOSE = re.compile(
    r"(?<=\d) (?=± ?\d|(?:%|ms|s|min|h|KB|MB|GB|mm|ml|dB)(?!\w))|(?<=\d ±) (?=\d)|(?<= <) (?=\d)"
)
_FENCE = re.compile(
    r"(^```.*?^```|^    [^\n]*$|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$)", re.MULTILINE | re.DOTALL
)
"""Code and formulas."""


def page_names(root: Path, lessons: dict[str, str]) -> dict[Path, str]:
    """Return the page of the site that shows a file of the repository.

    Parameters
    ----------
    root : Path
        The repository.
    lessons : dict
        Names of the lessons that have a page, by number.
    """
    pages = {root / "README.md": "index", root / "CONTRIBUTING.md": "more/contributing"}
    pages |= {root / "CHANGELOG.md": "more/changelog", root / "data" / "README.md": "more/data"}
    pages |= {file: f"more/{file.stem}" for file in root.glob("docs/*.md")}
    pages |= {root / "notebooks" / f"{name}.ipynb": f"lessons/{name}" for name in lessons.values()}
    return {file: page for file, page in pages.items() if file.is_file()}


def write_documents(root: Path, source: Path, pages: dict[Path, str]) -> list[str]:
    """Write each document below ``more/`` of the source folder; return the pages' names."""
    names = []
    for file, page in pages.items():
        if not page.startswith("more/"):
            continue
        text = relink(file.read_text(encoding="utf-8"), file, page, pages, source)
        text = keep_together(text)
        target = source / f"{page}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        names.append(page)
    return sorted(names)


def relink(text: str, file: Path, page: str, pages: dict[Path, str], source: Path) -> str:
    """Let the links of a document lead to pages of the site; copy its pictures.

    A link to a file that has no page, such as a module, becomes its text.
    """

    def replace(found: re.Match) -> str:
        picture, label, target = found.groups()
        if re.match(r"[a-z]+:|#|<", target):
            return found[0]
        path, _, anchor = target.partition("#")
        there = Path(os.path.normpath(file.parent / path))
        if picture:
            copy = source / Path(page).parent / there.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(there, copy)
            return f"![{' '.join(label.split())}]({there.name})"
        if there in pages:
            suffix = ".ipynb" if pages[there].startswith("lessons/") else ".md"
            link = os.path.relpath(pages[there] + suffix, Path(page).parent)
            return f"[{label}]({link}{'#' + anchor if anchor else ''})"
        return label

    parts = _FENCE.split(text)
    return "".join(part if i % 2 else _LINK.sub(replace, part) for i, part in enumerate(parts))


def keep_together(text: str) -> str:
    """Return Markdown in which lines do not break before a unit or around a sign.

    Examples
    --------
    >>> keep_together("0.342 ± 0.256, p < 0.001, 95 % of `a < 1`").replace("\u00a0", "~")
    '0.342~±~0.256, p <~0.001, 95~% of `a < 1`'
    """
    parts = _FENCE.split(text)
    return "".join(part if i % 2 else _LOOSE.sub("\u00a0", part) for i, part in enumerate(parts))


def section(text: str, heading: str) -> str:
    """Return what stands under a heading of a document, without sections of its own level.

    Raises
    ------
    ValueError
        There is no such heading.
    """
    found = re.search(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
    )
    if not found:
        raise ValueError(f"there is no heading {heading!r} in the document")
    return found[1].strip()
