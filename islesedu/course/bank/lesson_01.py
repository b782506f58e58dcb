"""Lesson 01, Convolve by hand."""

from typing import Any

import numpy as np

from islesedu.convolution.forward import conv2d
from islesedu.course.exercise import Exercise, FunctionExercise, OpenExercise
from islesedu.course.slips import of_convolution

_LOOPS = '''def your_conv2d(image, kernel):
    """Convolve an image (H, W) with a kernel (kh, kw)."""
    (H, W), (kh, kw) = image.shape, kernel.shape
    output = np.zeros((H - kh + 1, W - kw + 1))
    for r in range(H - kh + 1):
        for c in range(W - kw + 1):
            output[r, c] = (image[r : r + kh, c : c + kw] * kernel).sum()
    return output'''


_NEGATIVE = (
    "it is negative beside some edges: the top row must not be negative, the bottom row not "
    "positive"
)

_TURNED = "it responds to vertical edges and to no horizontal ones: turn it by 90 degrees"


def _responds(kernel: Any) -> str:
    """Say what a kernel lacks that should respond to horizontal edges only, positive upwards."""
    try:
        kernel = np.asarray(kernel, float)
    except (TypeError, ValueError):
        return "give three rows of three numbers"
    if kernel.shape != (3, 3) or not np.isfinite(kernel).all():
        return "give three rows of three numbers"
    scale = np.abs(kernel).max()
    if scale == 0:
        return "a kernel of zeros responds to nothing"
    close = np.isclose(kernel.sum(axis=0), 0, atol=1e-6 * scale)  # each column
    if not np.isclose(kernel.sum(), 0, atol=1e-6 * scale):
        return "it responds to constant regions: the nine weights must sum to 0"
    if not close.all():
        if np.allclose(kernel.sum(axis=1), 0, atol=1e-6 * scale):  # each row
            return _TURNED
        return "it also responds to vertical edges: the weights of each column must sum to 0"
    above, below = kernel[0].sum(), -kernel[2].sum()  # at a step above and below the centre
    if max(abs(above), abs(below)) < 1e-6 * scale:
        return "it does not tell upwards from downwards: the top row must outweigh the bottom row"
    if max(above, below) <= 0:
        return "it is positive where the image gets brighter downwards"
    if min(above, below) < -1e-6 * scale:
        return _NEGATIVE
    return ""


_KERNELS = {
    "it responds to constant regions: the nine weights must sum to 0": np.ones((3, 3)),
    "it also responds to vertical edges: the weights of each column must sum to 0": np.array(
        [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    ),
    _TURNED: np.array([[1, 0, -1], [1, 0, -1], [1, 0, -1]]),
    "it is positive where the image gets brighter downwards": np.array(
        [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
    ),
    "it does not tell upwards from downwards: the top row must outweigh the bottom row": np.array(
        [[1, -1, 0], [-1, 1, 0], [0, 0, 0]]
    ),
    _NEGATIVE: np.array([[2, 2, 2], [-3, -3, -3], [1, 1, 1]]),
}

EXERCISES = {
    "01.1": Exercise(
        asks="one number",
        answer=6,
        tolerance=0.01,
        slips={
            "that is the sum; each weight is one third": 18,
            "that is the average around the third value; the 9 is the fourth": 16 / 3,
            "that is the average around the fifth value; the 9 is the fourth": 17 / 3,
            "that is the value itself; its neighbours take part": 9,
            "the middle value takes part, too": 4.5,
        },
        hints=(
            "Take the value itself and the one on either side of it.",
            "The three values are 3, 9 and 6.",
        ),
        solution="your_average = (3 + 9 + 6) / 3",
    ),
    "01.2": Exercise(
        asks="one number",
        answer=-8,
        slips={
            "that is the first output value again": 3,
            "a positive number times a negative one is negative": 8,
            "that is the mean of the nine products; add them": -8 / 9,
            "the 5 multiplies the centre of the window. Which pixel is that now?": -3,
        },
        hints=(
            "Which nine pixels lie under the kernel now?",
            "The rows of the window are 2 4 1, 1 0 0 and 0 3 2.",
            "The four weights of -1 meet the pixels 4, 1, 0 and 3.",
        ),
        solution="your_second = 5 * 0 - 4 - 1 - 0 - 3",
    ),
    "01.3": FunctionExercise(
        asks="a function",
        answer=conv2d,
        cases=lambda image, kernel: [
            (image, kernel),
            (image, np.array([[1, 2], [0, -1]])),
            (image[:4] / 4, kernel[:, 1:]),
            (image, np.full((3, 3), 1 / 9)),
        ],
        slips=of_convolution,
        hints=(
            "How many positions are there along each axis? Make an array of zeros of that shape.",
            "Loop over its rows and columns; at each position cut the window out of the image.",
            "At row r and column c the window is image[r : r + kh, c : c + kw].",
        ),
        solution=_LOOPS,
        points=3,
    ),
    "01.4": Exercise(
        asks="a pair of whole numbers",
        answer=(96, 96),
        slips={
            "one too few: count positions, not steps between them (+ 1), and add the padding on "
            "both sides": (95, 95),
            "you left the padding out": (94, 94),
            "you left the stride out": (192, 192),
            "you left both padding and stride out": (188, 188),
            "a position is a whole number: round down before you add 1": (96.5, 96.5),
        },
        hints=(
            "Use the formula for one axis; both axes are alike.",
            "n = 192, k = 5, s = 2, p = 2, d = 1.",
        ),
        solution="your_shape = ((192 + 2 * 2 - (5 - 1) - 1) // 2 + 1,) * 2",
    ),
    "01.5": Exercise(
        asks="a pair of whole numbers",
        answer=(3, 3),
        slips={
            "that is without dilation": (9, 9),
            "with dilation 3 a kernel of 4 spans 10 pixels, not 12": (1, 1),
            "count the positions, not the steps between them: add 1": (2, 2),
        },
        hints=(
            "How many pixels does the dilated kernel span from its first to its last weight?",
            "The span is d (k - 1) + 1.",
        ),
        solution="your_dilated = (12 - 3 * (4 - 1), 12 - 3 * (4 - 1))",
    ),
    "01.6": Exercise(
        asks="an array of numbers, row by row",
        answer=lambda image, kernel: conv2d(image, kernel, stride=2, padding=1),
        slips=lambda image, kernel: of_convolution(image, kernel, stride=2, padding=1),
        hints=(
            "np.pad(image, 1) adds the zeros.",
            "Your function of exercise 3 gives all positions; stride 2 keeps every second one.",
            "Which rows and columns remain? A slice such as [::2] takes every second one.",
        ),
        solution="your_output = conv2d(np.pad(image, 1), kernel)[::2, ::2]",
    ),
    "01.7": Exercise(
        asks="three rows of three numbers",
        answer=lambda shift_right: shift_right[::-1, ::-1],
        slips=lambda shift_right: {
            "that is the kernel as it was; conv2d would move the dot to the left": shift_right,
            "that moves the dot upwards; flip left and right as well": np.array(
                [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
            ),
            "that is the transpose; rotate the kernel by 180 degrees": shift_right.T,
        },
        hints=(
            "SciPy's convolve flips the kernel before it multiplies.",
            "Flip it yourself: rows and columns in reverse order.",
        ),
        solution="your_flipped = shift_right[::-1, ::-1]",
        points=2,
    ),
    "01.8": OpenExercise(
        asks="three rows of three numbers",
        answer=_responds,
        slips=_KERNELS,
        hints=(
            "What should the kernel give on a constant region? And on an image that gets brighter "
            "to the right only?",
            "At such an edge the top row of pixels is brighter than the bottom row. Which "
            "signs must the rows have, and what must each column sum to?",
        ),
        solution="your_kernel = [[1, 1, 1], [0, 0, 0], [-1, -1, -1]]",
        points=2,
    ),
    "01.9": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "its weights sum to 0: on a constant region it gives 0, whatever the noise does": "a",
            "it enlarges the difference between a pixel and its neighbours, and noise is such a "
            "difference": "c",
        },
        hints=(
            "Noise is what differs from pixel to pixel at random. Which kernel lets random "
            "differences cancel?",
            "An average of nine pixels varies less than one pixel.",
        ),
        solution='your_letter = "b"',
        points=2,
    ),
}
"""By name, in the order of the lesson."""
