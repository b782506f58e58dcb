"""The map of the course."""

from collections.abc import Sequence

from islesedu.course.lessons import Lesson

PARTS = {
    "Convolution": range(0, 6),
    "Patients and scores": range(6, 10),
    "The V-Net": range(10, 14),
    "Search, scale, treatment": range(14, 18),
    "Measures and other tasks": range(18, 100),
}
"""Parts of the course by the numbers of their lessons."""


def course_map(lessons: Sequence[Lesson]) -> str:
    """Return the parts of the course and their lessons as Markdown, with links.

    Parameters
    ----------
    lessons : sequence of Lesson
        In brackets behind each stand its minutes of computing.

    Examples
    --------
    >>> from islesedu.course import list_lessons
    >>> course_map(list_lessons()[:1]).splitlines()[2]
    '- [00 · Start here](00_start_here.ipynb) (2 min)'
    """
    parts = {
        part: [lesson for lesson in lessons if int(lesson.name.split("_")[0]) in numbers]
        for part, numbers in PARTS.items()
    }
    return "\n\n".join(
        "\n".join([f"**{part}**", "", *map(_line, own)]) for part, own in parts.items() if own
    )


def _line(lesson: Lesson) -> str:
    """Return a lesson's line of the list."""
    return f"- [{lesson.title}]({lesson.name}.ipynb) ({lesson.minutes:g} min)"
