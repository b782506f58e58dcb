"""The map of the course."""

from collections.abc import Sequence
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

from islesedu.course.lessons import Lesson

PARTS = {
    "Convolution": range(0, 6),
    "Patients and scores": range(6, 10),
    "The V-Net": range(10, 14),
    "Search, scale, treatment": range(14, 18),
    "Measures and other tasks": range(18, 100),
}
"""Parts of the course by the numbers of their lessons."""
COLORS = ("#CCE4F2", "#D5EFE3", "#FBE0D0", "#F3E3EE", "#F6F0CC")


def course_map(lessons: Sequence[Lesson], ax: Axes) -> Axes:
    """Draw one row a part of the course and one box a lesson, with its minutes of computing."""
    rows = {
        part: [lesson for lesson in lessons if int(lesson.name.split("_")[0]) in numbers]
        for part, numbers in PARTS.items()
    }
    rows = {part: own for part, own in rows.items() if own}
    for y, ((part, own), color) in enumerate(zip(rows.items(), COLORS, strict=False)):
        ax.text(0, 0.04 - y, part, fontsize=10, fontweight="bold")
        for x, lesson in enumerate(own):
            ax.add_patch(Rectangle((x, -y - 0.36), 0.9, 0.36, fc=color, ec="black"))
            text = f"{fill(lesson.title, 19)}\n{lesson.minutes:g} min"
            ax.text(x + 0.45, -y - 0.18, text, ha="center", va="center", fontsize=8)
            if x:
                start, end = (x - 0.1, -y - 0.18), (x, -y - 0.18)
                ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=9))
    longest = max(len(own) for own in rows.values())
    ax.set(xlim=(-0.05, longest), ylim=(-len(rows) + 0.55, 0.25), title="The course")
    ax.axis("off")
    return ax
