"""Lesson 00, Start here."""

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise


def _volume_ml(lesion: np.ndarray, spacing: tuple[float, float, float]) -> float:
    return float(lesion.sum() * np.prod(spacing) / 1000)


def _volume_slips(lesion: np.ndarray, spacing: tuple[float, float, float]) -> dict[str, float]:
    one_voxel = float(np.prod(spacing))
    return {
        "that is the number of voxels": float(lesion.sum()),
        "that is in mm³; 1 ml is 1000 mm³": float(lesion.sum() * one_voxel),
        "that is the volume of the whole array": lesion.size * one_voxel / 1000,
        "multiply the three edges of a voxel; do not add them": float(
            lesion.sum() * sum(spacing) / 1000
        ),
    }


def _block(shape: tuple[int, int, int], edge: int) -> np.ndarray:
    """Return a mask with a cube of lesion in one corner."""
    lesion = np.zeros(shape, bool)
    lesion[:edge, :edge, :edge] = True
    return lesion


EXERCISES = {
    "00.1": Exercise(
        asks="one number",
        answer=42,
        slips={"that is 6 x 6": 36, "that is 7 x 7": 49, "that is the sum": 13},
        hints=("You know 6 x 6. What is missing?", "6 x 7 = 6 x 6 + 6."),
        solution="your_product = 6 * 7",
    ),
    "00.2": Exercise(
        asks="one number",
        answer=192 * 192 * 19 * 6,
        slips={
            "that is one map; a patient has six": 192 * 192 * 19,
            "that is one slice of six maps; a scan has 19 slices": 192 * 192 * 6,
            "multiply the lengths of the axes; do not add them": 192 + 192 + 19 + 6,
        },
        hints=(
            "How many voxels has one map?",
            "Rows times columns times slices. Then count the maps.",
        ),
        solution="your_values = 192 * 192 * 19 * 6",
    ),
    "00.3": FunctionExercise(
        asks="a function",
        answer=_volume_ml,
        cases=((_block((6, 6, 4), 3), (2.0, 2.0, 6.5)), (_block((5, 4, 4), 2), (1.0, 1.5, 5.0))),
        slips=_volume_slips,
        hints=(
            "How many voxels of the mask are True? Summing a mask counts them.",
            "One voxel has the volume of its three edges multiplied, in mm³.",
            "Divide by 1000: 1 ml is 1000 mm³.",
        ),
        solution='''def your_volume_ml(lesion, spacing):
    """Return the volume of a mask (X, Y, Z) in ml; spacing is the voxel size in mm."""
    voxels = lesion.sum()
    voxel_volume = spacing[0] * spacing[1] * spacing[2]  # mm³
    return voxels * voxel_volume / 1000''',
        points=2,
    ),
    "00.4": Exercise(
        asks="three whole numbers",
        answer=(192, 192, 6),
        slips={
            "with padding=1 a kernel of 3 x 3 keeps the number of pixels": (190, 190, 6),
            "channels come last": (6, 192, 192),
            "each of the six kernels makes a feature map of its own": (192, 192, 1),
            "there are six kernels, not four": (192, 192, 4),
        },
        hints=(
            "How does the shape of edges above follow from the slice and the number of kernels?",
            "Rows, columns, and one feature map for each kernel.",
        ),
        solution="your_shape = (192, 192, 6)",
    ),
    "00.5": Exercise(
        asks="one number",
        answer=17,
        slips={
            "the outermost pixels of layer 1 look one pixel further, on either side": 15,
            "the 3 x 3 windows overlap": 45,
            "that is the area of the part of layer 1; a width in the slice is asked for": 225,
            "that is the area in pixels; the width is asked for": 289,
            "a 3 x 3 window reaches one pixel beyond its centre, not more": 18,
        },
        hints=(
            "Draw a row of 15 pixels of layer 1. Which pixels of the slice does the first one see?",
            "Each end of the row sees one pixel more.",
        ),
        solution="your_width = 15 + 1 + 1",
    ),
    "00.6": Exercise(
        asks="one of the letters a, b and c",
        answer="a",
        slips={
            "the interval contains positive and negative values: neither sign is established": "b",
            "no clear difference was found, but one of up to nine points is not excluded": "c",
        },
        hints=(
            "Which values of the true difference are compatible with the interval?",
            "It contains 0, but also values that would matter.",
        ),
        solution='your_letter = "a"',
        points=2,
    ),
    "00.7": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "a smaller photograph consists of pixels, too; nothing new is made of them": "a",
            "a thousand filters side by side are one level; none of them uses the output of "
            "another": "b",
        },
        hints=(
            "In a hierarchy each level is built from the level below. From what is each part of "
            "these descriptions built?",
            "Ask of each description: is anything in it not computed from pixels directly?",
        ),
        solution='your_hierarchy = "c"',
        points=2,
    ),
}
"""By name, in the order of the lesson."""
