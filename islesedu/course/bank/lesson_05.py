"""Lesson 05, Turn a CNN into an FCNN."""

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise

_KERNEL = '''def your_kernel(weights, rows, columns):
    """Return dense weights (N, K) as those of a convolution (rows, columns, C, K)."""
    inputs, units = weights.shape
    channels = inputs // (rows * columns)
    return weights.reshape(rows, columns, channels, units)'''

_POSTERIOR = '''def your_posterior(p, prevalence):
    """Return the probability of lesion at the true prevalence, from p of balanced patches."""
    lesion = p * prevalence
    other = (1 - p) * (1 - prevalence)
    return lesion / (lesion + other)'''


def _kernel(weights: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return dense weights (N, K) as a kernel (rows, columns, C, K)."""
    return weights.reshape(rows, columns, -1, weights.shape[1])


def _kernel_slips(weights: np.ndarray, rows: int, columns: int) -> dict:
    """Return what the usual mistakes give."""
    right = _kernel(weights, rows, columns)
    channels, units = right.shape[2:]
    return {
        "flatten goes through rows first, then columns, then channels: the channels come last": (
            weights.reshape(channels, rows, columns, units).transpose(1, 2, 0, 3)
        ),
        "input channels come before units, which come last": right.transpose(0, 1, 3, 2),
        "rows and columns are swapped": right.transpose(1, 0, 2, 3),
        "do not transpose the weights first": weights.T.reshape(right.shape),
        "keep NumPy's usual order of elements": weights.reshape(right.shape, order="F"),
    }


def _posterior(p: float, prevalence: float) -> float:
    """Return the probability at another prevalence than one half."""
    return p * prevalence / (p * prevalence + (1 - p) * (1 - prevalence))


def _posterior_slips(p: float, prevalence: float) -> dict:
    """Return what the usual mistakes give."""
    return {
        "those are the odds; a probability is odds / (1 + odds)": (
            p * prevalence / ((1 - p) * (1 - prevalence))
        ),
        "divide by the sum of both products; probabilities must sum to 1": p * prevalence,
        "weight the other class, too, with 1 - prevalence": p
        * prevalence
        / (p * prevalence + (1 - p)),
        "the prevalence is that of lesion, not that of the other class": _posterior(
            p, 1 - prevalence
        ),
        "p itself belongs to balanced patches": p,
    }


EXERCISES = {
    "05.1": Exercise(
        asks="four whole numbers",
        answer=(4, 4, 32, 24),
        slips={
            "512 is 4 x 4 x 32: the kernel covers the whole feature map": (1, 1, 512, 24),
            "each of the 24 units becomes a filter": (4, 4, 32, 1),
            "channels in come before channels out": (4, 4, 24, 32),
            "that is the order of PyTorch; rows and columns come first": (24, 32, 4, 4),
            "that is with the 32 units of the lesson's network; the question has 24": (
                (4, 4, 32, 32)
            ),
            "the kernel has the size of conv3's output, not of its kernel": (3, 3, 32, 24),
        },
        hints=(
            "How much of conv3's output does one unit of dense1 see?",
            "All of it, 4 x 4 x 32 values. And how many units are there?",
        ),
        solution="your_shape = (4, 4, 32, 24)",
    ),
    "05.2": FunctionExercise(
        asks="a function",
        answer=_kernel,
        cases=[
            (np.arange(24.0).reshape(12, 2), 2, 3),
            (np.arange(54.0).reshape(18, 3) % 11, 3, 2),
            (np.arange(64.0).reshape(32, 2) % 7, 4, 4),
        ],
        slips=_kernel_slips,
        hints=(
            "How many channels are there, if rows x columns x channels = N values?",
            "Row n of the weights belongs to value n of the flattened map, which was flattened in "
            "the order rows, columns, channels.",
            "One reshape to (rows, columns, channels, units) is enough.",
        ),
        solution=_KERNEL,
        points=2,
    ),
    "05.3": Exercise(
        asks="one whole number",
        answer=5 * 5 * 32 * 32,
        slips={
            "that is the number for patches of 18 x 18": 4 * 4 * 32 * 32,
            "the biases do not count here": 5 * 5 * 32 * 32 + 32,
            "that is the number of inputs; each of the units has a weight for each of them": 800,
            "a convolution of 3 x 3 without padding takes two rows and two columns away": (
                6 * 6 * 32 * 32
            ),
            "the feature maps have rows and columns": 5 * 32 * 32,
        },
        hints=(
            "Which size has the output of conv3 for a patch of 20 x 20?",
            "dense1 has one weight for each pair of an activation of conv3 and a unit.",
        ),
        solution="side = (20 - 2) // 2 - 2 - 2  # after conv1, pool, conv2 and conv3\n"
        "your_weights = side * side * 32 * 32",
        points=2,
    ),
    "05.4": Exercise(
        asks="one whole number",
        answer=65,
        slips={
            "the margin is on both sides": 61,
            "the pooling is missing": 138,
            "the pooling rounds down": 66,
            "the pooling comes right after conv1, not at the end": 69,
            "the feature map is coarse: the pooling halves it": 129,
            "a kernel of 4 removes 3 rows, not 4": 64,
        },
        hints=(
            "Follow the rows through the layers, beginning with 129 + 2 x 9.",
            "A valid convolution of k removes k - 1 rows: 2, then the pooling, then 2, 2 and 3.",
        ),
        solution="your_rows = (129 + 18 - 2) // 2 - 2 - 2 - 3",
    ),
    "05.5": Exercise(
        asks="one whole number",
        answer=4,
        slips={
            "two poolings multiply: 2 x 2": 2,
            "each removed stride of 2 doubles the dilation; it does not add 1": 3,
            "there are two poolings, not three": 8,
        },
        hints=(
            "How far apart, in pixels, are neighbouring values after two poolings of stride 2?",
            "The dilation must restore that distance after the strides are gone.",
        ),
        solution="your_dilation = 2 * 2",
    ),
    "05.6": Exercise(
        asks="one whole number",
        answer=30,
        slips={
            "after the second pooling neighbours are 4 pixels apart": 20,
            "the pooling itself sees a neighbour, too": 28,
            "that is without the second pooling": 18,
            "a pooling does not double the whole field: the layers before it keep their jump": 36,
            "the pooling comes after conv2, whose jump is still 2": 34,
            "the pooling comes after conv2, not after conv3": 26,
            "conv3 is missing": 22,
        },
        hints=(
            "Continue the table by hand: which row changes first?",
            "Up to conv2: field 8, jump 2. The second pooling gives field 10, jump 4.",
            "Then conv3 adds 2 x 4 and dense1 3 x 4.",
        ),
        solution="your_field = 8 + 1 * 2 + 2 * 4 + 3 * 4",
    ),
    "05.7": Exercise(
        asks="one of the letters a, b and c",
        answer="a",
        slips={
            "both methods put values between the known ones; the mean hardly changes": "b",
            "it is the map that is coarse; upsampling gives as many pixels as you ask for": "c",
        },
        hints=(
            "Which information is not in the coarse map, whatever one does with it afterwards?",
            "Two lesions differ by one pixel at their border. Must the coarse maps differ?",
        ),
        solution='your_loss = "a"',
        points=2,
    ),
    "05.8": FunctionExercise(
        asks="a function",
        answer=_posterior,
        cases=[(0.5, 0.03), (0.9, 0.1), (0.972, 0.028), (0.2, 0.5)],
        slips=_posterior_slips,
        hints=(
            "With odds o = p / (1 - p), a probability is p = o / (1 + o).",
            "Multiply p by the prevalence, and 1 - p by 1 - prevalence. Then make them sum to 1.",
        ),
        solution=_POSTERIOR,
        points=3,
    ),
    "05.9": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "then the test set has chosen the threshold: the result is optimistic for new "
            "patients": "a",
            "a mean of two thresholds is a third choice, and it used the test set": "b",
        },
        hints=(
            "For whom is the reported number meant? What will the threshold be for those patients?",
            "A choice that looked at the test set cannot be judged by the test set.",
        ),
        solution='your_report = "c"',
        points=2,
    ),
}
"""By name, in the order of the lesson."""
