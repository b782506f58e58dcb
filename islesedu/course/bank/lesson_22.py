"""Lesson 22, Reconstruct and register."""

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise

_CONSISTENCY = '''def your_consistency(image, kspace, lines):
    """Return the image (H, W) with the measured lines of kspace (H, W); lines is bool (H,)."""
    from islesedu.applications import reconstruction

    whole = reconstruction.to_kspace(image)
    whole[lines] = kspace[lines]
    return reconstruction.to_image(whole).real'''

_INFORMATION = '''def your_mutual_information(counts):
    """Return the mutual information (natural logarithm) of a joint histogram (I, J) of counts."""
    p = counts / counts.sum()
    independent = p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)
    used = p > 0
    return np.sum(p[used] * np.log(p[used] / independent[used]))'''


def _to_kspace(image: np.ndarray) -> np.ndarray:
    """Return the k-space of an image, its centre in the middle."""
    return np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(image), norm="ortho"))


def _to_image(kspace: np.ndarray) -> np.ndarray:
    """Return the image of a k-space."""
    return np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(kspace), norm="ortho"))


def _consistency(image: np.ndarray, kspace: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """Return the image with the measured lines of a k-space."""
    return _to_image(np.where(lines[:, None], kspace, _to_kspace(image))).real


def _consistency_slips(image: np.ndarray, kspace: np.ndarray, lines: np.ndarray) -> dict:
    """Return what the usual mistakes give."""
    own = _to_kspace(image)
    return {
        "the lines that were not measured stay as the image has them": _to_image(
            np.where(lines[:, None], kspace, 0)
        ).real,
        "take the measured values where lines is True, not elsewhere": _to_image(
            np.where(lines[:, None], own, kspace)
        ).real,
        "the image is not changed at all: replace lines of its k-space": image,
        "replace the lines, do not add to them": _to_image(
            own + np.where(lines[:, None], kspace, 0)
        ).real,
        "return the image, not its k-space": np.where(lines[:, None], kspace, own).real,
    }


def _mutual_information(counts: np.ndarray) -> float:
    """Return the mutual information of a joint histogram."""
    p = counts / counts.sum()
    independent = p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)
    used = p > 0
    return float(np.sum(p[used] * np.log(p[used] / independent[used])))


def _information_slips(counts: np.ndarray) -> dict:
    """Return what the usual mistakes give."""
    p, right = counts / counts.sum(), _mutual_information(counts)
    used = p > 0
    return {
        "the natural logarithm is asked for, not that of base 2": right / np.log(2),
        "the natural logarithm is asked for, not that of base 10": right / np.log(10),
        "divide the counts by their sum first": right * counts.sum(),
        "that is the joint entropy; divide by the row and column sums": (
            -np.sum(p[used] * np.log(p[used]))
        ),
        "the fraction is the other way round": -right,
        "0 times the logarithm of 0 counts as 0: leave out the empty cells": np.nan,
    }


_RNG = np.random.default_rng(22)
_IMAGE = _RNG.random((8, 6))
_LINES = np.array([0, 0, 1, 1, 1, 1, 0, 1], bool)
_KSPACE = np.where(_LINES[:, None], _to_kspace(_RNG.random((8, 6))), 0)

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
        answer=_consistency,
        cases=[(_IMAGE, _KSPACE, _LINES), (_IMAGE[::-1], 2 * _KSPACE, _LINES)],
        slips=_consistency_slips,
        hints=(
            "Transform the image to k-space first.",
            "Rows of k-space are lines: whole[lines] = kspace[lines].",
            "Transform back, and take .real.",
        ),
        solution=_CONSISTENCY,
        points=2,
    ),
    "22.4": Exercise(
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
    "22.5": FunctionExercise(
        asks="a function",
        answer=_mutual_information,
        cases=[
            (np.array([[30.0, 10.0, 0.0], [5.0, 20.0, 35.0]]),),
            (np.diag([10.0, 10.0]),),
            (np.outer([1.0, 2.0, 3.0], [4.0, 5.0]),),
        ],
        slips=_information_slips,
        hints=(
            "p = counts / counts.sum(). Row and column sums: p.sum(axis=..., keepdims=True).",
            "Their product has the shape of p. Use only the cells with p > 0.",
        ),
        solution=_INFORMATION,
        points=3,
    ),
    "22.6": Exercise(
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
}
"""By name, in the order of the lesson."""
