"""Lesson 03, Build a convolution layer."""

import numpy as np

from islesedu.convolution.descent import gradient_step
from islesedu.convolution.forward import conv2d, conv_layer
from islesedu.course.exercise import Exercise, FunctionExercise
from islesedu.course.gradient_slips import (
    NamedLoss,
    finite_differences,
    of_finite_differences,
    of_gradient_step,
)
from islesedu.course.slips import of_convolution

_LAYER = '''def your_layer(image, filters, bias, stride, padding):
    """Return relu(w x + b): (H, W, C) -> (H', W', K)."""
    s = conv2d_bank(image, filters, bias, stride=stride, padding=padding)
    return np.maximum(s, 0)'''

_CHECK = '''def your_gradient(loss, weights, epsilon):
    """Return the finite differences of loss(weights), one for each weight."""
    gradient = np.zeros(weights.shape)
    for index in np.ndindex(weights.shape):
        step = np.zeros(weights.shape)
        step[index] = epsilon
        gradient[index] = (loss(weights + step) - loss(weights - step)) / (2 * epsilon)
    return gradient'''

_STEP = '''def your_gradient_step(image, target, kernel, learning_rate):
    """Return the kernel after one step of gradient descent."""
    error = conv2d(image, kernel) - target  # forward pass
    upstream = 2 * error / error.size  # derivative of the mean squared error
    gradient = conv2d(image, upstream)  # backward pass
    return kernel - learning_rate * gradient'''


_PLANE = NamedLoss("the loss (w1 + 2 w2)²", lambda w: (w[0] + 2 * w[1]) ** 2)
_CUBIC = NamedLoss("the loss (sum of all w³)²", lambda w: (w**3).sum() ** 2)
_FOUR_DECIMALS = 6e-5


def _limit_slips(eigenvalues: np.ndarray) -> dict[str, float]:
    """Return wrong limits of the learning rate by the sentence that names the mistake."""
    right = 2 / np.max(eigenvalues)
    slips = {
        "up to there nothing overshoots; the limit is larger": right / 2,
        "every direction must converge, also the one with the largest eigenvalue": (
            2 / np.min(eigenvalues)
        ),
        "the mean does not help: the direction with the largest eigenvalue diverges first": (
            2 / np.mean(eigenvalues)
        ),
        "that is an eigenvalue; the limit of one direction is 2 divided by it": np.max(eigenvalues),
        "rounded up to three decimals it lies above the limit: gradient descent diverges there. "
        "Give four decimals": np.ceil(right * 1000) / 1000,
        "three decimals are too few; give four": np.floor(right * 1000) / 1000,
    }
    return {text: wrong for text, wrong in slips.items() if abs(wrong - right) > _FOUR_DECIMALS}


_IMAGE = (np.arange(36).reshape(6, 6) % 7) / 7

EXERCISES = {
    "03.1": Exercise(
        asks="a pair of numbers",
        answer=(0, 2),
        slips={
            "you left relu out": (-2, 2),
            "you applied relu before the bias": (1, 5),
            "relu sets a negative number to 0, it does not change its sign": (2, 2),
            "you forgot the bias": (0, 0),
        },
        hints=("In which order are bias and relu applied?", "relu(-3 + 1) and relu(-3 + 5)."),
        solution="your_pair = (max(-3 + 1, 0), max(-3 + 5, 0))",
    ),
    "03.2": FunctionExercise(
        asks="a function",
        answer=conv_layer,
        cases=lambda image, filters, bias: [
            (image, filters, bias, {"stride": 2, "padding": 1}),
            (
                np.arange(48).reshape(6, 4, 2) % 5 - 2,
                np.arange(54).reshape(3, 3, 2, 3) % 4 - 1.5,
                np.array([0.5, -1.0, 2.0]),
                {"stride": 1, "padding": 0},
            ),
        ],
        slips=lambda *arrays, **options: of_convolution(*arrays, relu=True, **options),
        hints=(
            "Which function of lesson 02 gives the sums of all filters? Does it take a bias?",
            "conv2d_bank takes the bias as its third argument, and stride= and padding=.",
            "np.maximum(s, 0) compares every number of s with 0.",
        ),
        solution=_LAYER,
        points=2,
    ),
    "03.3": Exercise(
        asks="one whole number",
        answer=2238,
        slips={
            "each filter has a bias": 2220,
            "stride and padding are chosen, not learned": 2242,
            "one bias for each filter, not for each input channel": 2236,
            "the input of the second layer is the output of the first, not the six channels": 1950,
            "that is the first layer alone": 1510,
            "that is the second layer alone": 728,
        },
        hints=(
            "Which numbers does training change, and which did somebody choose?",
            "How many channels has the input of the second layer?",
            "Lesson 02's count of weights for each layer, and a bias for each filter.",
        ),
        solution="your_parameters = (5 * 5 * 6 * 10 + 10) + (3 * 3 * 10 * 8 + 8)",
    ),
    "03.4": Exercise(
        asks="one number",
        answer=1.64,
        slips={
            "that step goes uphill; subtract": 0.36,
            "the derivative of the square has a factor of 2": 1.32,
            "the inner derivative, 4, is missing": 1.16,
            "that is the gradient; a step is asked for": -32,
            "you left the learning rate out": 33,
        },
        hints=(
            "What is the derivative of (4w - 8)² with respect to w? Use the chain rule.",
            "The derivative is 2 · (4w - 8) · 4; put w = 1 in.",
            "New weight = 1 - 0.02 · (-32).",
        ),
        solution="your_weight = 1 - 0.02 * 2 * (4 * 1 - 8) * 4",
    ),
    "03.5": Exercise(
        asks="one number, exact",
        answer=0.0625,
        slips={
            "rounded up, it lies above the limit, where gradient descent diverges; give the exact "
            "number": 0.063,
            "that is rounded; give the exact number": 0.062,
            "up to there nothing overshoots; a little overshooting still converges": (0.03125),
            "that is the second derivative": 32,
            "the second derivative of (4w - 8)² is 2 · 4 · 4": 0.125,
            "that is the limit for (3w - 6)²": 0.111,
        },
        hints=(
            "What is the second derivative of the loss?",
            "The first derivative is 8 (4w - 8), so the second is 32.",
            "The limit is 2 divided by the second derivative.",
        ),
        solution="your_limit = 2 / 32",
        points=2,
    ),
    "03.6": Exercise(
        asks="a pair of numbers",
        answer=(130, -100),
        slips={
            "those belong to w1 and to the middle pixel": (320, 90),
            "the first number belongs to w1": (320, -100),
            "10 belongs to the first position, 100 to the second": (310, -100),
            "10 and 100 are swapped; 10 belongs to the first position": (310, -10),
            "the derivative with respect to w2 comes first, then that of the pixel": (-100, 130),
            "the last pixel is under the kernel only at the second position": (130, -10),
            "the last pixel meets w2, which is -1": (130, 100),
        },
        hints=(
            "With which pixels is w2 multiplied, at the first and at the second position?",
            "w2 meets the pixels 3 and 1. The last pixel meets w2 at the second position only.",
            "10 · 3 + 100 · 1, and 100 · (-1).",
        ),
        solution="your_gradients = (10 * 3 + 100 * 1, 100 * -1)",
        points=2,
    ),
    "03.7": FunctionExercise(
        asks="a function",
        answer=finite_differences,
        cases=[
            (_PLANE, np.array([1.0, -2.0]), 0.1),
            (_CUBIC, np.array([[0.5, 1.0], [-1.0, 2.0]]), 0.25),
        ],
        slips=of_finite_differences,
        hints=(
            "The cell above does it for one weight. What changes for the others?",
            "for index in np.ndindex(weights.shape): visits every weight, also of a 4-D array.",
            "Make an array of zeros with epsilon at index; add it to weights, and subtract it.",
        ),
        solution=_CHECK,
        points=3,
    ),
    "03.8": FunctionExercise(
        asks="a function",
        answer=gradient_step,
        cases=[
            (
                _IMAGE,
                conv2d(_IMAGE, np.array([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])),
                np.full((3, 3), 0.5),
                0.1,
            ),
            (_IMAGE[:4], np.ones((3, 5)), np.array([[1.0, -1.0], [0.0, 2.0]]), 0.05),
        ],
        slips=of_gradient_step,
        hints=(
            "The four steps are in the text above. Which of them needs the target?",
            "error = conv2d(image, kernel) - target; upstream = 2 * error / error.size.",
            "The gradient is conv2d(image, upstream).",
        ),
        solution=_STEP,
        points=3,
    ),
    "03.9": Exercise(
        asks="one number, to four decimals",
        answer=lambda eigenvalues: 2 / np.max(eigenvalues),
        tolerance=_FOUR_DECIMALS,
        slips=_limit_slips,
        hints=(
            "Each direction behaves like the loss of one weight. What was the limit there?",
            "Each eigenvalue is the second derivative along its direction.",
            "The smallest of the limits 2 / eigenvalue counts.",
        ),
        solution="your_largest_rate = 2 / max(eigenvalues)",
        points=2,
    ),
    "03.10": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "above the limit the error along one direction is multiplied by the same factor at "
            "every step; it does not come back": "a",
            "another start changes only when the growth is seen": "b",
        },
        hints=(
            "Which of the three curves looks like that? What is different from the others?",
            "Does the sum that grows depend on the start or on the learning rate?",
        ),
        solution='your_letter = "c"',
        points=2,
    ),
}
"""By name, in the order of the lesson."""
