"""The glossary: each term that a lesson defines in bold, with its sentence, linked both ways.

The sentence in which a lesson first sets a term in bold is its definition. docs/glossary.toml says
better definitions where that sentence does not stand alone, other names of a term, and which words
in bold are stressed, not defined.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from docs.website.facts import Facts

_BOLD = re.compile(r"(?<![\w*])\*\*([^*\n]+)\*\*(?!\*)")
_NO_TERM = re.compile(r"^(Exercise|What you|You need|On your own|Sources)|[.?!:]$|[\d$`\\]|^.$")
_PROTECTED = re.compile(r"(^\s*(?:```|<).*?$|`[^`]*`|\$[^$]*\$|\[[^\]]*\]\([^)]*\))", re.MULTILINE)
_MOST_WORDS = 4


@dataclass
class Term:
    """One entry.

    Attributes
    ----------
    name : str
        As it stands in the glossary.
    definition : str
        Markdown.
    places : list of str
        Numbers of the lessons that set it in bold, the defining one first.
    """

    name: str
    definition: str
    places: list[str] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """Its address within the glossary."""
        return "term-" + re.sub(r"\W+", "-", self.name.lower()).strip("-")


class Glossary:
    """The terms of some lessons.

    Parameters
    ----------
    lessons : iterable of Facts
        In the order of the course.
    words : Path
        docs/glossary.toml.
    """

    def __init__(self, lessons: Iterable[Facts], words: Path):
        own = tomllib.loads(words.read_text(encoding="utf-8"))
        self._stressed = {word.lower() for word in own["stressed"]}
        self._same = {name.lower(): term for name, term in own["same"].items()}
        self._said = {name.lower(): (name, text) for name, text in own["definitions"].items()}
        self._terms: dict[str, Term] = {}
        self._marked: set[tuple[str, str]] = set()
        for facts in lessons:
            node = nbformat.read(facts.lesson.file, as_version=4)
            for cell in node.cells[1:]:
                if cell.cell_type == "markdown":
                    self._read(cell.source, facts.number)
            for cell in node.cells[:1]:
                self._read(cell.source, facts.number)

    @property
    def terms(self) -> list[Term]:
        """The entries in alphabetical order."""
        return sorted(self._terms.values(), key=lambda term: term.name.lower())

    def find(self, words: str) -> Term | None:
        """Return the entry that words in bold mean, if they are a term."""
        key = self._key(words)
        return self._terms.get(key)

    def link(self, text: str, number: str) -> str:
        """Link terms in bold in a text of a lesson to the glossary, and mark the first place."""

        def replace(found: re.Match) -> str:
            term = self.find(found[1])
            if term is None:
                return found[0]
            mark = ""
            if number in term.places and (number, term.anchor) not in self._marked:
                self._marked.add((number, term.anchor))
                mark = f' id="{term.anchor}"'
            return f'<a class="term"{mark} href="../glossary.html#{term.anchor}">{found[0]}</a>'

        parts = _PROTECTED.split(text)
        return "".join(
            part if index % 2 else _BOLD.sub(replace, part) for index, part in enumerate(parts)
        )

    def page(self, names: dict[str, str]) -> str:
        """Return the glossary as Markdown; `names` are the lessons' names by number.

        Call it after `link`: a place that this has not marked is linked without an anchor.
        """
        letters = sorted({_letter(term) for term in self.terms})
        jump = " ".join(f'<a href="#letter-{letter.lower()}">{letter}</a>' for letter in letters)
        lines = ["# Glossary", "", *_INTRODUCTION, "", f'<p class="letters">{jump}</p>']
        for letter in letters:
            lines += ["", f'<h2 id="letter-{letter.lower()}">{letter}</h2>', ""]
            for term in (one for one in self.terms if _letter(one) == letter):
                links = ", ".join(
                    f'<a href="{self._place(term, number, names)}">{number}</a>'
                    for number in term.places
                    if number in names
                )
                plural = "s" if len(term.places) > 1 else ""
                lines.append(
                    f'<span id="{term.anchor}"></span>**{term.name}**: {term.definition} '
                    f"*(lesson{plural} {links})*\n"
                )
        return "\n".join(lines) + "\n"

    def _place(self, term: Term, number: str, names: dict[str, str]) -> str:
        """Return where a lesson defines a term: its anchor, which the head does not have."""
        anchor = f"#{term.anchor}" if (number, term.anchor) in self._marked else ""
        return f"lessons/{names[number]}.html{anchor}"

    def _key(self, words: str) -> str:
        """Return under which key words in bold are kept."""
        words = " ".join(words.split()).lower()
        words = self._same.get(words, words).lower()
        singular = words.removesuffix("s")
        return singular if words not in self._terms and singular in self._terms else words

    def _read(self, text: str, number: str) -> None:
        """Take the terms of a cell."""
        for words, sentence in _bold_words(text):
            if words.lower() in self._stressed or not is_term(words):
                continue
            key = self._key(words)
            own = self._same.get(words.lower(), words)
            name, said = self._said.get(key, (own, ""))
            said = said or re.sub(rf"^{re.escape(words)}: ", "", sentence)
            name, said = _capital(name), _capital(said)
            term = self._terms.setdefault(key, Term(name, said))
            if number not in term.places:
                term.places.append(number)


_INTRODUCTION = [
    "The terms that lessons define. A term in bold in a lesson leads here; the number behind a",
    "definition leads back to the place where the lesson explains it.",
]


def is_term(words: str) -> bool:
    """Tell whether words in bold can be a term.

    Examples
    --------
    >>> is_term("receptive field"), is_term("Exercise 3."), is_term("a"), is_term("70 ml")
    (True, False, False, False)
    """
    return not _NO_TERM.search(words) and len(words.split()) <= _MOST_WORDS


def _capital(text: str) -> str:
    """Return a text with a capital at its beginning; mRS and k-space stay as they are."""
    return text[0].upper() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def _letter(term: Term) -> str:
    """Return under which letter a term stands."""
    first = term.name[0].upper()
    return first if first.isalpha() else "0-9"


def _bold_words(text: str) -> Iterator[tuple[str, str]]:
    """Yield words in bold and their sentence, outside of hints."""
    text = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    for paragraph in re.split(r"\n\s*\n|\n(?=\s*(?:[-|*] |\d+\. ))", text):
        if "|" in paragraph[:2] or paragraph.lstrip().startswith("#"):
            continue
        flat = " ".join(paragraph.split())
        flat = re.sub(r"^(?:[-*] |\d+\. )", "", flat)
        for sentence in re.split(r"(?<=[.?!])\*?\s+(?=[A-Z*($])", flat):
            for words in _BOLD.findall(sentence):
                said = re.sub(r"\*\*Exercise \d+\.\*\* ?", "", sentence)
                said = said.replace("**", "").strip()
                if said.count("*") % 2:
                    said = said.replace("*", "")
                yield words, said.rstrip(";,").rstrip()
