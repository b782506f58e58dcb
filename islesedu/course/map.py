"""Drawings of how things hang together: the V-Net, the course."""

from collections.abc import Sequence
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

from islesedu import CHANNELS
from islesedu.course.lessons import Lesson
from islesedu.figures.network_diagram import Plan, Stage, draw_plan

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
    """Draw the V-Net of these numbers without building it: one box a level.

    It is the drawing that `islesedu.figures.architecture` makes from the model.

    Parameters
    ----------
    ax : Axes
        Where to.
    filters, convolutions, bottom
        As `filters`, `convolutions` and `bottom_convolutions` of
        `islesedu.networks.vnet.build_vnet`.

    Returns
    -------
    Axes
    """
    counts = list(enumerate(convolutions))
    encoder = [Stage(d, filters * 2**d, count, "encoder") for d, count in counts]
    turn = Stage(len(counts), filters * 2 ** len(counts), bottom, "bottom")
    decoder = [Stage(d, filters * 2**d, n, "decoder", skip=True) for d, n in reversed(counts)]
    return draw_plan(Plan((*encoder, turn, *decoder), len(CHANNELS), 1, "The V-Net"), ax)


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
