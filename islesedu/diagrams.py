"""Drawings of how things hang together: the V-Net, the course."""

from collections.abc import Sequence
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle

from islesedu.lessons import Lesson

PARTS = {
    "Convolution": range(0, 6),
    "Patients and scores": range(6, 10),
    "The V-Net": range(10, 14),
    "Beyond the talk": range(14, 100),
}
"""Parts of the course by the numbers of their lessons."""
COLORS = ("#CCE4F2", "#D5EFE3", "#FBE0D0", "#F3E3EE")


def vnet_diagram(
    ax: Axes, filters: int = 16, convolutions: Sequence[int] = (1, 2, 3, 3), bottom: int = 3
) -> Axes:
    """Draw the V: one box a level, with its channels (ch) and convolutions (conv)."""
    levels = len(convolutions)
    for level, count in enumerate((*convolutions, bottom)):
        channels, y = filters * 2**level, -level
        sides = [0.0] if level == levels else [level - levels, levels - level]
        for x in sides:
            color = "#D9D9D9" if x == 0 else ("#CCE4F2" if x < 0 else "#FBE0D0")
            ax.add_patch(Rectangle((x - 0.42, y - 0.3), 0.84, 0.6, fc=color, ec="black"))
            text = f"{channels} ch\n{count} conv"
            ax.text(x, y, text, ha="center", va="center", fontsize=8)
        if level < levels:
            left, right = sides
            ends = [
                ((left, y - 0.3), (left + 1, y - 0.7)),
                ((right - 1, y - 0.7), (right, y - 0.3)),
            ]
            for start, end in ends:
                ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12))
            ax.annotate(
                "", (right - 0.42, y), (left + 0.42, y), arrowprops={"arrowstyle": "->", "ls": ":"}
            )
            ax.text(0, y + 0.06, "skip", ha="center", fontsize=8)
    handles = [
        Patch(fc="#CCE4F2", ec="black", label="encoder: then halve the size"),
        Patch(fc="#FBE0D0", ec="black", label="decoder: after doubling the size"),
    ]
    ax.legend(handles=handles, loc="lower right", fontsize=8)
    ax.set(xlim=(-levels - 0.6, levels + 0.6), ylim=(-levels - 0.6, 0.6), title="The V-Net")
    ax.axis("off")
    return ax


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
