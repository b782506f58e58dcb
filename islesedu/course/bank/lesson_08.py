"""Lesson 08, Prepare the images."""

import numpy as np

from islesedu.course.channel_slips import (
    slips_of_stacking,
    slips_of_standardizing,
    stacked,
    standardized,
)
from islesedu.course.exercise import Exercise, FunctionExercise

_STANDARDIZE = '''def your_standardize(image):
    """Return the z-scores of an image (X, Y, Z, C), each channel for itself."""
    mean = image.mean(axis=(0, 1, 2))  # (C,)
    std = image.std(axis=(0, 1, 2))  # (C,)
    return (image - mean) / np.where(std == 0, 1, std)'''

_STACK = '''def your_stack(maps, channels):
    """Return maps (X, Y, Z) stacked to (X, Y, Z, C), in the order of `channels`."""
    return np.stack([maps[channel] for channel in channels], axis=-1)'''

_TMAX = 5


def _images() -> list[np.ndarray]:
    """Return two images of channels of very different size; in the first one is constant."""
    rng = np.random.default_rng(8)
    image = rng.normal([800, 3, 7], [300, 1, 0], size=(4, 5, 3, 3))
    image[:2, :, :, :2] = 0  # background
    return [image, rng.normal([2, 40], [5, 9], size=(3, 3, 2, 2))]


def _stack_cases() -> list[tuple]:
    """Return two dictionaries of small maps and the channels that are wanted of them."""
    names = ("Tmax", "CBF", "ADC", "MTT")
    maps = {name: 10 * n + np.arange(12.0).reshape(2, 3, 2) for n, name in enumerate(names)}
    return [(maps, ["ADC", "Tmax", "CBF"]), (maps, ["MTT", "ADC"])]


def _z(values: np.ndarray, value: float = 6) -> float:
    """Return the z-score of a value of a map."""
    values = np.asarray(values, float)
    return float((value - values.mean()) / values.std())


def _two_z(patient, other) -> tuple[float, float]:
    """Return the z-score of Tmax = 6 s in two patients."""
    return _z(patient.image[..., _TMAX]), _z(other.image[..., _TMAX])


def _two_z_slips(patient, other) -> dict[str, tuple[float, float]]:
    """Return what the usual mistakes give."""
    both = [np.asarray(one.image, float) for one in (patient, other)]
    tmax = [image[..., _TMAX] for image in both]
    inside = [image[(image != 0).any(axis=-1)][:, _TMAX] for image in both]
    return {
        "take all voxels, background included, as the lesson's standardize does": tuple(
            _z(values) for values in inside
        ),
        "subtract the mean first": tuple(6 / float(values.std()) for values in tmax),
        "channel 5, counted from 0, is the last one": tuple(_z(image[..., 4]) for image in both),
        "each channel has a mean and a standard deviation of its own": tuple(
            _z(image) for image in both
        ),
        "the first number belongs to patient": _two_z(other, patient),
    }


EXERCISES = {
    "08.1": Exercise(
        asks="one number",
        answer=7 / 3,
        tolerance=0.003,
        slips={
            "that divides by the variance; take its root": 7 / 9,
            "divide the sum of squares by the number of values, 8, not by 7": 7 / np.sqrt(72 / 7),
            "the zeros are background, and they count": 6 / np.sqrt(8),
            "subtract the mean first": 10 / 3,
            "that is the distance from the mean in seconds; divide by the standard deviation": 7,
        },
        hints=(
            "The eight values add up to 24.",
            "Subtract the mean from each value, square, and add up: eight squares.",
            "Their mean is the variance; its root is the standard deviation.",
        ),
        solution="your_z = (10 - 3) / np.sqrt(72 / 8)",
    ),
    "08.2": FunctionExercise(
        asks="a function",
        answer=standardized,
        cases=[(image,) for image in _images()],
        slips=slips_of_standardizing,
        hints=(
            "image.mean(axis=...) takes several axes at once. Which axes are the voxels, which "
            "one the channels?",
            "With axis=(0, 1, 2) mean and standard deviation have the shape (C,), and NumPy "
            "applies them along the last axis.",
            "Where the standard deviation is 0, divide by 1 instead: np.where(std == 0, 1, std).",
        ),
        solution=_STANDARDIZE,
        points=3,
    ),
    "08.3": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "a factor multiplies numerator and standard deviation alike": "a",
            "what is added to every voxel moves the mean by the same amount": "c",
        },
        hints=(
            "How do mean and standard deviation change with each of the scanners?",
            "Which of the three is not of the form a x + b with the same a and b for every voxel?",
        ),
        solution='your_scanner = "b"',
        points=2,
    ),
    "08.4": Exercise(
        asks="a pair of numbers",
        answer=(2, 3),
        tolerance=0.01,
        slips={
            "those are the z-scores of the background": (-0.5, -1 / 3),
            "half the fraction of brain does not double the z-score: compute both": (2, 4),
            "divide by the standard deviation, not by the variance": (0.5, 1),
            "the first number belongs to the brain that fills 20 %": (3, 2),
            "subtract the mean first": (2.5, 10 / 3),
        },
        hints=(
            "Take ten voxels: two are brain, eight are background. What are mean and variance?",
            "How far is each kind of voxel from the mean, squared, and how many are there of it?",
            "Then the same with one voxel of brain among ten.",
        ),
        solution="your_pair = ((10 - 2) / np.sqrt(16), (10 - 1) / np.sqrt(9))",
    ),
    "08.5": Exercise(
        asks="one of the letters a, b and c",
        answer="a",
        slips={
            "the network would see the brain on another scale than in training": "b",
            "zeros pull the mean down; without them mean and standard deviation change": "c",
        },
        hints=(
            "What happened to the z-scores of the brain in exercise 4, when there was more "
            "background?",
            "In use a network must see what it saw in training.",
        ),
        solution='your_moment = "a"',
        points=2,
    ),
    "08.6": Exercise(
        asks="one number",
        answer=2 / np.std([0.0] * 5000 + [2.0] * 4999 + [10_000.0]),
        tolerance=4e-4,
        slips={
            "the broken voxel changes the standard deviation of the whole map": 2,
            "divide by the standard deviation, not by the variance": 2 / 9998,
            "that is about the new standard deviation; how many of it is the difference between "
            "the two tissues": 100,
            "the difference between 0 and 2 is 2, not 1": 0.01,
        },
        hints=(
            "The difference between the two tissues is still 2. Which number do you divide it by?",
            "The variance is the mean of the squares less the square of the mean. The broken voxel "
            "alone adds 10,000² / 10,000 to the mean of the squares.",
            "Or let NumPy do it: np.std of the 10,000 values.",
        ),
        solution="values = np.array([0] * 5000 + [2] * 4999 + [10_000])\n"
        "your_contrast = 2 / values.std()",
    ),
    "08.7": Exercise(
        asks="a pair of numbers",
        answer=_two_z,
        tolerance=6e-3,
        slips=_two_z_slips,
        hints=(
            "patient.image[..., 5] is the map of Tmax. Take its mean and its standard deviation "
            "over all voxels.",
            "z = (6 - mean) / standard deviation, once for each of the two patients.",
        ),
        solution="maps = [one.image[..., 5].astype(float) for one in (patient, other)]\n"
        "your_two_z = [(6 - tmax.mean()) / tmax.std() for tmax in maps]",
    ),
    "08.8": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "some maps contain the height of the arterial input function (lesson 07)": "a",
            "MTT is a ratio: what happens to it if both its parts change by one factor": "c",
        },
        hints=(
            "Take the two differences one by one. Which maps depend on when the bolus comes, and "
            "which on how high the arterial input function is?",
            "Lesson 07 asks both questions, in its last two exercises.",
        ),
        solution='your_maps = "b"',
        points=2,
    ),
    "08.9": FunctionExercise(
        asks="a function",
        answer=stacked,
        cases=_stack_cases(),
        slips=slips_of_stacking,
        hints=(
            "Make a list of the maps in the order of channels first: maps[channel] for each.",
            "np.stack puts arrays along a new axis; which one, axis= says.",
            "The last axis is axis=-1.",
        ),
        solution=_STACK,
        points=2,
    ),
    "08.10": Exercise(
        asks="a pair of numbers",
        answer=(6.25, 32.5),
        tolerance=5e-3,
        slips={
            "that is the size of one voxel": (1.25, 6.5),
            "that is from the middle of the first voxel to the middle of the last": (5, 26),
            "X comes first": (32.5, 6.25),
            "a pixel is 240 / 192 mm wide, not 192 / 240": (4, 32.5),
        },
        hints=(
            "How many millimetres wide is one pixel, and how far apart are two slices?",
            "Count from the outer edge of the first voxel to the outer edge of the last.",
        ),
        solution="your_span = (5 * 240 / 192, 5 * 6.5)",
    ),
    "08.11": Exercise(
        asks="one number",
        answer=5.2,
        tolerance=5e-3,
        slips={
            "only the slices become thinner; the pixels stay as they are": 5.2**3,
            "that is the other way round: more voxels, not fewer": 1 / 5.2,
            "that is the thickness of a slice in mm": 6.5,
            "that is the pixel size in mm": 1.25,
        },
        hints=(
            "Which of the three edges of a voxel changes?",
            "How many thin slices, each as thick as a pixel is wide, replace a thick one?",
        ),
        solution="your_times = 6.5 / (240 / 192)",
    ),
}
"""By name, in the order of the lesson."""
