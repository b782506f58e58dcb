"""What a lesson says of itself: its goal, outcomes, minutes, and the lessons that it needs."""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from islesedu.course.lessons import Lesson

_TERM = re.compile(r"\*\*([^*]+)\*\*")


@dataclass(frozen=True)
class Facts:
    """A lesson as the landing page, the course map and its own page present it.

    Attributes
    ----------
    lesson : Lesson
        The notebook, its title and its minutes of computing.
    goal : str
        The first paragraph, Markdown.
    outcomes : tuple of str
        "What you will be able to do", Markdown.
    needs : tuple of str
        Numbers of the lessons that "You need" names, such as "01".
    you_need : str
        That paragraph without the minutes, Markdown.
    minutes : str
        Of a student, such as "70" or "30 to 45"; empty if the lesson does not say.
    """

    lesson: Lesson
    goal: str
    outcomes: tuple[str, ...]
    needs: tuple[str, ...]
    you_need: str
    minutes: str

    @property
    def number(self) -> str:
        """Its number, such as "01"."""
        return self.lesson.name.split("_")[0]

    @property
    def short_title(self) -> str:
        """Its title without the number."""
        return re.sub(r"^\d+ · ", "", self.lesson.title)


def facts_of(lesson: Lesson) -> Facts:
    """Read what a lesson says of itself in its first cell."""
    first = nbformat.read(Path(lesson.file), as_version=4).cells[0].source
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", first)]
    goal = next((p for p in paragraphs if not p.startswith(("#", "**What", "!["))), "")
    outcomes = re.search(
        r"\*\*What you will be able to do\*\*\s*\n(- .*?)(?=\n\s*\n|\Z)", first, re.DOTALL
    )
    items = re.split(r"^- ", outcomes[1], flags=re.MULTILINE)[1:] if outcomes else []
    need = next((p for p in paragraphs if p.startswith("**You need**")), "")
    own = lesson.name.split("_")[0]
    minutes = re.search(r"(\d\d+(?: to \d+)?)(?= minutes)", need)  # fewer are of computing
    return Facts(
        lesson=lesson,
        goal=goal,
        outcomes=tuple(" ".join(item.split()).rstrip(".;,") for item in items if item.strip()),
        needs=needed_lessons(need, own),
        you_need=_without_minutes(need),
        minutes=minutes[1] if minutes else "",
    )


def needed_lessons(text: str, own: str) -> tuple[str, ...]:
    """Return the numbers of lessons before `own` that a text names.

    Examples
    --------
    >>> needed_lessons("lessons 01 to 03, 05 (FCNN) and 09. About 90 minutes", "12")
    ('01', '02', '03', '05', '09')
    """
    text = re.sub(r"\d+(?: to \d+)? minutes?", "", text)
    named = set(re.findall(r"\b\d\d\b", text))
    for first, last in re.findall(r"\b(\d\d) to (\d\d)\b", text):
        named |= {f"{number:02d}" for number in range(int(first), int(last) + 1)}
    return tuple(sorted(number for number in named if number < own))


def _without_minutes(need: str) -> str:
    """Return what one must know, up to the sentence that counts minutes."""
    text = need.removeprefix("**You need**").strip()
    text = re.split(r"(?<=[.;])\s+(?:About )?\d+(?: to \d+)? minutes", text)[0]
    return text.rstrip(".; ")


def plain(markdown: str) -> str:
    """Return a line of Markdown without bold, links and code marks."""
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", markdown)
    return re.sub(r"[*`]|(?<!\w)_|_(?!\w)", "", text)
