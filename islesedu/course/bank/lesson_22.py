"""Lesson 22, Reconstruct and register."""

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise
from islesedu.course.reconstruction_slips import (
    combination,
    combination_slips,
    consistency,
    consistency_slips,
    information_slips,
    mutual_information,
    to_kspace,
)

_COMBINATION = '''def your_combination(images, maps):
    """Return real and imaginary part (2, H, W) of the image of all coils (C, H, W)."""
    weighted = np.conj(maps) * images
    image = weighted.sum(axis=0) / (np.abs(maps) ** 2).sum(axis=0)
    return np.stack([image.real, image.imag])'''

_CONSISTENCY = '''def your_consistency(image, kspace, lines):
    """Return real and imaginary part (2, H, W) of the image with the measured lines."""
    from islesedu.applications import reconstruction

    whole = reconstruction.to_kspace(image)
    whole[lines] = kspace[lines]
    image = reconstruction.to_image(whole)
    return np.stack([image.real, image.imag])'''

_INFORMATION = '''def your_mutual_information(counts):
    """Return the mutual information (natural logarithm) of a joint histogram (I, J) of counts."""
    p = counts / counts.sum()
    independent = p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)
    used = p > 0
    return np.sum(p[used] * np.log(p[used] / independent[used]))'''


_RNG = np.random.default_rng(22)


def _random(*shape: int) -> np.ndarray:
    """Return complex numbers."""
    return _RNG.standard_normal(shape) + 1j * _RNG.standard_normal(shape)


_IMAGE = _random(8, 6)
_LINES = np.array([0, 0, 1, 1, 1, 1, 0, 1], bool)
_KSPACE = np.where(_LINES[:, None], to_kspace(_random(8, 6)), 0)

EXERCISES = {
    "22.1": Exercise(
        asks="one number",
        answer=4,
        slips={
            "that is the sum of the pixels; divide by the square root of their number": 32,
            "that is the mean: divide by the square root of 64, not by 64": 0.5,
            "the square root divides, it does not multiply": 256,
            "the square root of 64 is not 16": 2,
        },
        hints=(
            "The pattern without stripes is the sum of all pixels, up to the factor.",
            "64 pixels of 0.5, divided by the square root of 64.",
        ),
        solution="your_centre = 64 * 0.5 / np.sqrt(64)",
    ),
    "22.2": Exercise(
        asks="one whole number",
        answer=7,
        slips={
            "that is the number of measured lines; which lines mirror them": 4,
            "line -4 has no mirror line but itself, and was not measured": 8,
            "line 0 is its own mirror; which lines mirror -2, 1 and 3": 6,
            "three of the measured lines have a mirror line that was not measured": 5,
        },
        hints=(
            "Which line is the mirror of line 1, which that of line -2, and of line 3?",
            "The lines -1, 2 and -3 follow. Which line is still unknown?",
        ),
        solution="your_known = len({-2, 0, 1, 3} | {2, 0, -1, -3})",
    ),
    "22.3": FunctionExercise(
        asks="a function",
        answer=combination,
        cases=[(_random(3, 4, 5), _random(3, 4, 5)), (_random(2, 3, 3), _random(2, 3, 3))],
        slips=combination_slips,
        hints=(
            "np.conj(maps) * images has the shape (C, H, W). Which axis are the coils?",
            "Below the line: (np.abs(maps) ** 2).sum(axis=0). Then stack the two parts.",
        ),
        solution=_COMBINATION,
        points=2,
    ),
    "22.4": FunctionExercise(
        asks="a function",
        answer=consistency,
        cases=[(_IMAGE, _KSPACE, _LINES), (_IMAGE[::-1], 2 * _KSPACE, _LINES)],
        slips=consistency_slips,
        hints=(
            "Transform the image to k-space first.",
            "Rows of k-space are lines: whole[lines] = kspace[lines].",
            "Transform back, then np.stack([image.real, image.imag]).",
        ),
        solution=_CONSISTENCY,
        points=2,
    ),
    "22.5": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "that is the reason why a mean error does not see it": "a",
            "data consistency fixes the measured lines; the others can be anything": "b",
        },
        hints=(
            "How many pixels has a small lesion, and how many pixels does PSNR average over?",
            "What did the spot test show that PSNR did not?",
        ),
        solution='your_advice = "c"',
        points=2,
    ),
    "22.6": FunctionExercise(
        asks="a function",
        answer=mutual_information,
        cases=[
            (np.array([[30.0, 10.0, 0.0], [5.0, 20.0, 35.0]]),),
            (np.diag([10.0, 10.0]),),
            (np.outer([1.0, 2.0, 3.0], [4.0, 5.0]),),
        ],
        slips=information_slips,
        hints=(
            "p = counts / counts.sum(). Row and column sums: p.sum(axis=..., keepdims=True).",
            "Their product has the shape of p. Use only the cells with p > 0.",
        ),
        solution=_INFORMATION,
        points=3,
    ),
    "22.7": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "outlines can agree while everything inside is displaced": "a",
            "the registration maximized it; it would be high for a wrong transform, too": "c",
        },
        hints=(
            "Which of the three looks at places inside the brain?",
            "Which of the three was not used to find the transform?",
        ),
        solution='your_evidence = "b"',
        points=2,
    ),
    "22.8": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "the loss falls; the error in mm is not part of it": "a",
            "the penalty is part of the loss, and its gradient reaches the weights": "c",
        },
        hints=(
            "Which fields give the smallest difference of the images, if every field is allowed?",
            "Two places with one gray value can be exchanged without any cost.",
        ),
        solution='your_expectation = "b"',
        points=2,
    ),
}
"""By name, in the order of the lesson."""
