"""Lesson 07, Make perfusion maps."""

from collections.abc import Callable
from typing import Any

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise
from islesedu.perfusion import convolution_matrix

_DELTA_R2 = '''def your_delta_r2(series, before, te):
    """Return the change of R2* (..., T) in 1/s from a signal (..., T)."""
    s0 = series[..., :before].mean(axis=-1, keepdims=True)
    return -np.log(series / s0) / te'''

_MATRIX = '''def your_matrix(aif, dt):
    """Return the matrix A (T, T) with A @ k = dt * convolution of aif and k."""
    T = len(aif)
    matrix = np.zeros((T, T))
    for i in range(T):
        for j in range(i + 1):  # only what came in before now, or now
            matrix[i, j] = dt * aif[i - j]
    return matrix'''

_RMSE = """table = errors(2 * noise)
rmse = np.sqrt(table["bias"] ** 2 + table["standard deviation"] ** 2)
your_threshold = rmse.idxmin()"""


def _delta_r2(series: np.ndarray, before: int, te: float) -> np.ndarray:
    """Return the change of R2* in 1/s."""
    return -np.log(series / series[..., :before].mean(axis=-1, keepdims=True)) / te


def _delta_r2_slips(series: np.ndarray, before: int, te: float) -> dict:
    """Return what the usual mistakes give."""
    right = _delta_r2(series, before, te)
    return {
        "a drop of the signal is a rise of R2*: mind the sign": -right,
        "solve the equation for the change of R2*: divide by TE": right * te**2,
        "the inverse of exp is the natural logarithm": right / np.log(10),
        "S0 is the mean of all time points before the bolus": -np.log(series / series[..., :1])
        / te,
        "S0 is the mean of the time points before the bolus only": -np.log(
            series / series.mean(axis=-1, keepdims=True)
        )
        / te,
    }


def _matrix_slips(aif: np.ndarray, dt: float) -> dict:
    """Return what the usual mistakes give."""
    right = convolution_matrix(aif, dt)
    lags = np.subtract.outer(np.arange(len(aif)), np.arange(len(aif)))
    return {
        "rows are the times of the tissue, columns those of the residue function": right.T,
        "the integral has a dt": right / dt,
        "before the first time point no agent comes in: those entries are 0": dt
        * np.asarray(aif)[lags % len(aif)],
        "the tissue cannot depend on what comes in later: those entries are 0": dt
        * np.asarray(aif)[np.abs(lags)],
        "only the first column is filled so far": right * (np.arange(len(aif)) == 0),
    }


def _best(table: Any) -> float:
    """Return the threshold with the lowest root-mean-square error."""
    return float((table["bias"] ** 2 + table["standard deviation"] ** 2).idxmin())


def _threshold_slips(errors: Callable, noise: float) -> dict:
    """Return what the usual mistakes give."""
    noisy = errors(2 * noise)
    return {
        "that is the best for the noise of the figure; take twice as much": _best(errors(noise)),
        "that has the lowest standard deviation; the bias counts as well": float(
            noisy["standard deviation"].idxmin()
        ),
    }


EXERCISES = {
    "07.1": FunctionExercise(
        asks="a function",
        answer=_delta_r2,
        cases=[
            (np.array([990.0, 1010.0, 1003.0, 700.0, 810.0, 930.0]), 3, 0.03),
            (np.array([[500.0, 520.0, 300.0, 410.0], [80.0, 84.0, 79.0, 60.0]]), 2, 0.05),
        ],
        slips=_delta_r2_slips,
        hints=(
            "Divide the equation by S0, take the logarithm of both sides, and solve for the change "
            "of R2*.",
            "S0 is the mean of the first `before` time points; time is the last axis.",
            "mean has the arguments axis and keepdims; with both the function works for one voxel "
            "and for many.",
        ),
        solution=_DELTA_R2,
        points=2,
    ),
    "07.2": Exercise(
        asks="one number, in ml/100 g",
        answer=100 * 24 / 800 * (1 - 0.45) / (1 - 0.25) / 1.04,
        tolerance=0.0025,
        slips={
            "that is in ml/100 ml and without the hematocrit: two factors are missing": 3.0,
            "the density is missing: per 100 g, not per 100 ml": 3.0 * 0.55 / 0.75,
            "100 g of tissue are less than 100 ml: divide by the density": 3.0 * 0.55 / 0.75 * 1.04,
            "the hematocrit factor is upside down": 3.0 * 0.75 / 0.55 / 1.04,
            "the factor holds 1 - Hct, the share of plasma": 3.0 * 0.45 / 0.25 / 1.04,
        },
        hints=(
            "The equation has three parts: a ratio of areas, the factor k_H and the density. "
            "Compute each of them first.",
            "k_H is a ratio of two shares of plasma, 1 - Hct. Which vessels are in the numerator? "
            "And does the density multiply or divide?",
        ),
        solution="your_cbv = 100 * 24 / 800 * (1 - 0.45) / (1 - 0.25) / 1.04",
    ),
    "07.3": FunctionExercise(
        asks="a function",
        answer=convolution_matrix,
        cases=[(np.array([0.0, 1.0, 3.0, 2.0, 0.5]), 2.0), (np.array([1.0, 4.0, 2.0]), 0.5)],
        slips=_matrix_slips,
        hints=(
            "Write out the sum for the tissue at time 2 on paper. That is row 2: which value of "
            "the AIF stands before which value of the residue function?",
            "What is in the tissue after j steps of the residue function entered j steps before. "
            "What if that is before the first time point? And which factor makes a sum of samples "
            "an integral?",
            "Two loops over rows and columns will do; scipy.linalg.toeplitz is shorter.",
        ),
        solution=_MATRIX,
        points=3,
    ),
    "07.4": Exercise(
        asks="three numbers: CBF, MTT and Tmax",
        answer=(45.0, 4.0, 3.0),
        tolerance=0.002,
        slips={
            "CBF is per 100 ml and per minute": (0.0075, 4.0, 3.0),
            "MTT is volume by flow, and the flow is per minute": (45.0, 60 * 45 / 3, 3.0),
            "MTT should be in seconds": (45.0, 3 / 45, 3.0),
            "Tmax is a time in seconds, not the number of a time point": (45.0, 4.0, 2.0),
            "the residue function is 1 at its maximum, not at time 0": (2.4, 75.0, 0.0),
        },
        hints=(
            "CBF is the height of the curve, Tmax the time of its maximum.",
            "6000 ml/100 ml/min are 1 ml/ml/s.",
            "MTT = 60 CBV / CBF.",
        ),
        solution="your_three = (6000 * 0.0075, 60 * 3.0 / (6000 * 0.0075), 3.0)",
        points=2,
    ),
    "07.5": Exercise(
        asks="one of the thresholds of the table",
        answer=lambda errors, noise: _best(errors(2 * noise)),
        slips=_threshold_slips,
        hints=(
            "errors(2 * noise) gives bias and standard deviation for each threshold.",
            "The mean square error is the square of the bias plus the square of the standard "
            "deviation.",
        ),
        solution=_RMSE,
        points=2,
    ),
    "07.6": Exercise(
        asks="one number, in seconds",
        answer=5.0 / 0.65,
        tolerance=0.001,
        slips={
            "MTT is inversely proportional to the flow: a flow that is too low makes it too long": (
                5.0 * 0.65
            ),
            "the error of a quotient is not the difference in per cent": 5.0 * 1.35,
        },
        hints=(
            "Write MTT = 60 CBV / CBF twice: with the true values, and with those of the method.",
            "Divide one equation by the other. What cancels, and does the error of CBF remain in "
            "the numerator or in the denominator?",
        ),
        solution="your_mtt = 5.0 / 0.65",
    ),
    "07.7": Exercise(
        asks="one whole number from 0 to 119",
        answer=120 - 4.5 / 1.5,
        tolerance=1e-6,
        slips={
            "that would be a bolus that arrives late": 3,
            "the circle has the padded length": 57,
            "indices are counted from 0: the last one is one step before 0": 116,
            "that is before the circle begins; where does that time stand on the circle?": -3,
            "that is a time in seconds; the index counts time points": 115.5,
        },
        hints=(
            "How many time points before 0 does the residue function begin?",
            "On the circle the time just before 0 stands at the last index.",
        ),
        solution="your_index = 120 - round(4.5 / 1.5)",
        points=2,
    ),
    "07.8": Exercise(
        asks="one of the letters a, b and c",
        answer="a",
        slips={
            "the artery moves as well, and Tmax is counted from it": "b",
            "areas and heights do not depend on when the bolus comes": "c",
        },
        hints=(
            "From which moment is each time counted?",
            "TTP counts from the first image, Tmax from the arrival in the artery.",
        ),
        solution='your_maps = "a"',
        points=2,
    ),
    "07.9": Exercise(
        asks="four numbers: the factors of CBV, CBF, MTT and Tmax",
        answer=(2.0, 2.0, 1.0, 1.0),
        slips={
            "the arterial input is in the denominator of CBV and CBF": (0.5, 0.5, 1.0, 1.0),
            "CBF is divided by the same input, too": (2.0, 1.0, 2.0, 1.0),
            "MTT is a quotient: what happens to it if both parts double": (2.0, 2.0, 2.0, 1.0),
            "a time does not depend on the height of the input": (2.0, 2.0, 1.0, 2.0),
        },
        hints=(
            "Which of the four contain the height of the arterial input function?",
            "CBV divides two areas; CBF comes from an equation in which the input is a factor.",
        ),
        solution="your_factors = (2, 2, 1, 1)",
        points=2,
    ),
}
"""By name, in the order of the lesson."""
