"""Lesson 02, Combine channels."""

from typing import Any

import numpy as np

from islesedu.convolution.forward import conv2d_channels
from islesedu.course.exercise import Exercise, FunctionExercise, OpenExercise
from islesedu.course.slips import of_convolution

_SUM_OVER_CHANNELS = '''def your_conv2d_channels(image, filter_1):
    """Convolve an image (H, W, C) with one filter (kh, kw, C); return (H', W')."""
    total = 0
    for c in range(image.shape[2]):
        total = total + conv2d(image[..., c], filter_1[..., c])
    return total'''

_MATRIX_PRODUCT = '''def your_pointwise(image, weights):
    """Apply K filters of 1 x 1: (H, W, C) x (C, K) -> (H, W, K)."""
    H, W, C = image.shape
    pixels = image.reshape(H * W, C)  # one row for each pixel
    output = pixels @ weights  # (H * W, C) x (C, K) -> (H * W, K)
    return output.reshape(H, W, weights.shape[1])'''


def _pointwise(image: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Apply K filters of 1 x 1."""
    return image @ weights


def _pointwise_slips(image: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return wrong results of the matrix product by the sentence that names the mistake."""
    (height, width, channels), count = image.shape, weights.shape[1]
    right = image @ weights
    slips = {
        "that is the table of pixels; reshape it to (H, W, K)": right.reshape(-1, count),
        "rows and columns are swapped; reshape to (H, W, K)": right.swapaxes(0, 1),
        "the pixels are mixed up: reshape the image to (H * W, C), without transposing it": (
            image.transpose(2, 0, 1).reshape(height * width, channels) @ weights
        ).reshape(right.shape),
        "image.reshape(C, -1) mixes pixels and channels; the channels are the last axis": (
            image.reshape(channels, -1).T @ weights
        ).reshape(right.shape),
        "you added the filters up; each of them gives one feature map": right.sum(axis=-1),
        "you used the first channel only": image[..., :1] * weights[:1],
    }
    if channels == count:
        slips["you used the transposed weights: rows are input channels, columns are filters"] = (
            image @ weights.T
        )
        slips["you multiplied number by number; a matrix product adds the products up"] = (
            image * np.diag(weights)
        )
    return {text: wrong for text, wrong in slips.items() if not np.array_equal(wrong, right)}


def _finds_red(weights: Any) -> str:
    """Say what a 1 x 1 filter lacks that should respond to red and not to gray."""
    try:
        weights = np.asarray(weights, float)
    except (TypeError, ValueError):
        return "give three numbers"
    if weights.shape != (3,) or not np.isfinite(weights).all():
        return "give three numbers"
    scale = np.abs(weights).max()
    if scale == 0:
        return "three zeros respond to nothing"
    if abs(weights.sum()) > 1e-6 * scale:
        return "it responds to gray: red, green and blue are equal there, so the weights sum to 0"
    if weights[0] <= 0:
        return "it does not respond to red: the first weight must be positive"
    if (weights[1:] >= 0).any():
        return "a pure green and a pure blue pixel must both give a negative number"
    return ""


EXERCISES = {
    "02.1": Exercise(
        asks="one number",
        answer=7,
        slips={
            "that is channel 1 alone": -2,
            "that is channel 2 alone": 9,
            "one number comes out, not one for each channel": (-2, 9),
            "that is the mean of the two channels; add them": 3.5,
            "3 times -1 is -3": 13,
        },
        hints=(
            "How many products are there in all? Each number of the window has a weight of its own "
            "channel.",
            "Channel 1: 1 times 1, 2 times 0, 0 times 0, 3 times -1.",
            "Channel 1 gives 1 - 3, channel 2 gives 8 + 1. Add the two.",
        ),
        solution="your_sum = (1 * 1 + 3 * -1) + (4 * 2 + 1 * 1)",
    ),
    "02.2": FunctionExercise(
        asks="a function",
        answer=conv2d_channels,
        cases=lambda image, filter_1: [
            (image, filter_1),
            (np.arange(70).reshape(5, 7, 2) % 9 / 4, np.arange(12).reshape(2, 3, 2) % 5 - 2),
        ],
        slips=of_convolution,
        hints=(
            "What would you do for an image of one channel? For which channels must it be done?",
            "conv2d(image[..., c], filter_1[..., c]) is the contribution of channel c.",
            "Begin with total = 0, add the contribution of each channel in a loop over "
            "range(image.shape[2]), and return total.",
        ),
        solution=_SUM_OVER_CHANNELS,
        points=3,
    ),
    "02.3": Exercise(
        asks="a list of three whole numbers",
        answer=(188, 188, 10),
        slips={
            "the input channels are summed; one channel remains for each filter": (188, 188, 6),
            "each filter sums over the six maps": (188, 188, 60),
            "without padding, a 5 x 5 filter has 4 positions fewer than there are pixels": (
                (192, 192, 10)
            ),
            "each filter gives a feature map of its own": (188, 188),
            "channels come last": (10, 188, 188),
        },
        hints=(
            "At how many positions along one axis does a window of 5 pixels fit into 192?",
            "192 - 5 + 1 positions along each axis.",
            "The third number does not depend on the six maps: it is the number of filters.",
        ),
        solution="your_shape = (192 - 5 + 1, 192 - 5 + 1, 10)",
    ),
    "02.4": Exercise(
        asks="a list of four whole numbers",
        answer=(3, 3, 10, 8),
        slips={
            "the second layer never sees the six maps; its input is the first layer's output": (
                (3, 3, 6, 8)
            ),
            "Keras puts input channels before output channels": (3, 3, 8, 10),
            "that is the order of PyTorch; Keras puts rows and columns first": (8, 10, 3, 3),
            "that is one filter; there are eight": (3, 3, 10),
            "a filter covers all channels of its input": (3, 3, 1, 8),
        },
        hints=(
            "What is the input of the second layer, and how many channels does it have?",
            "Every filter has as many channels as its input, here the output of exercise 3.",
            "The order is rows, columns, input channels, output channels.",
        ),
        solution="your_weight_shape = (3, 3, 10, 8)",
        points=2,
    ),
    "02.5": Exercise(
        asks="one whole number",
        answer=1500,
        slips={
            "each filter has a kernel for each of the six maps": 250,
            "there are ten filters": 150,
            "that is with ten biases": 1510,
            "the size of the image does not matter; count the weights": 353_440,
        },
        hints=(
            "How many weights has one filter?",
            "One filter has 5 times 5 times 6 weights.",
            "Rows times columns times input channels times filters.",
        ),
        solution="your_count = 5 * 5 * 6 * 10",
    ),
    "02.6": FunctionExercise(
        asks="a function",
        answer=_pointwise,
        cases=[
            (np.arange(24).reshape(2, 4, 3) % 7, np.array([[1, 0, 2], [0, -1, 1], [3, 1, 0]])),
            (np.arange(30).reshape(3, 5, 2) % 11 / 2, np.array([[1.0, 2, 0, -1], [0.5, 1, 1, 3]])),
        ],
        slips=_pointwise_slips,
        hints=(
            "A pixel is a row of C numbers. How do you write all pixels below one another?",
            "image.reshape(H * W, C) has one row for each pixel; @ is the matrix product.",
            "Multiply that by weights, and reshape the result to (H, W, K).",
        ),
        solution=_MATRIX_PRODUCT,
        points=3,
    ),
    "02.7": OpenExercise(
        asks="a list of three numbers, for red, green and blue",
        answer=_finds_red,
        slips={
            "it responds to gray: red, green and blue are equal there, so the weights sum to 0": (
                [1, 0, 0]
            ),
            "it does not respond to red: the first weight must be positive": [-2, 1, 1],
            "a pure green and a pure blue pixel must both give a negative number": [1, -1, 0],
        },
        hints=(
            "What does the filter give for the pixel (v, v, v)? When is that 0 for every v?",
            "The three weights must sum to 0, and only the first may be positive.",
            "Give red the weight 1 and share -1 between green and blue.",
        ),
        solution="your_red = [1, -0.5, -0.5]",
        points=2,
    ),
    "02.8": Exercise(
        asks="one of the letters a, b and c",
        answer="a",
        slips={
            "the AUC depends only on the order of the values, so it can compare filters whose "
            "outputs have different ranges": "b",
            "weights that are learned may be better, but a guess may also be measured": "c",
        },
        hints=(
            "How did we choose the patient of the first row?",
            "Look for the largest of many differences: will it be near their mean?",
        ),
        solution='your_letter = "a"',
        points=2,
    ),
}
"""By name, in the order of the lesson."""
