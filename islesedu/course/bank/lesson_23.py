"""Lesson 23, Design and synthesize."""

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise

_SIGNAL = '''def your_signal(tr, te, t1, t2, proton_density):
    """Return the signal of a spin echo."""
    return proton_density * (1 - np.exp(-tr / t1)) * np.exp(-te / t2)'''

_SIGNALS = '''def your_signals(flips, tr, t1, proton_density):
    """Return the signal after each pulse, an array as long as flips."""
    m, signals = 1.0, []
    for flip in flips:
        signals.append(proton_density * m * np.sin(flip))
        m = m * np.cos(flip)
        m = 1 + (m - 1) * np.exp(-tr / t1)
    return np.array(signals)'''

_WHITE, _STROKE = 70.0, 78.4
_FACTOR, _RATIO = _WHITE * _STROKE / (_STROKE - _WHITE), _STROKE / _WHITE


def _signal(tr: float, te: float, t1: float, t2: float, density: float) -> float:
    """Return the signal of a spin echo."""
    return density * (1 - np.exp(-tr / t1)) * np.exp(-te / t2)


def _signal_slips(tr: float, te: float, t1: float, t2: float, density: float) -> dict:
    """Return what the usual mistakes give."""
    e = np.exp
    return {
        "the magnetization recovers: 1 minus the exponential": density * e(-tr / t1) * e(-te / t2),
        "TR belongs to T1, TE to T2": density * (1 - e(-te / t1)) * e(-tr / t2),
        "the proton density is missing": (1 - e(-tr / t1)) * e(-te / t2),
        "the signal decays: exp(-TE / T2), with a minus": density * (1 - e(-tr / t1)) * e(te / t2),
        "exp(-TR / T1), with a minus": density * (1 - e(tr / t1)) * e(-te / t2),
        "divide the scanner's time by the tissue's, not the other way round": (
            density * (1 - e(-t1 / tr)) * e(-t2 / te)
        ),
        "that is exact for a finite TE; here TE is taken as much smaller than TR": (
            density * (1 - 2 * e(-(tr - te / 2) / t1) + e(-tr / t1)) * e(-te / t2)
        ),
    }


def _train(flips: np.ndarray, tr: float, t1: float, density: float, **wrong: bool) -> np.ndarray:
    """Return the signals of a spoiled train, or those of a usual mistake."""
    m, signals = 1.0, []
    for flip in flips:
        sine, cosine = np.sin(flip), np.cos(flip)
        if wrong.get("swapped"):
            sine, cosine = cosine, sine
        late = m * (1 if wrong.get("kept") else cosine)
        if wrong.get("after"):
            m = late
        signals.append(density * m * sine)
        decay = np.exp(-tr / t1)
        m = late if wrong.get("lost") else 1 + (late - 1) * decay
        m = late * decay if wrong.get("decays") else m
    return np.array(signals)


def _train_slips(flips: np.ndarray, tr: float, t1: float, density: float) -> dict:
    """Return what the usual mistakes give."""
    given = flips, tr, t1, density
    return {
        "sine and cosine are swapped: the signal is the transverse part": (
            _train(*given, swapped=True)
        ),
        "M does not shrink: a pulse leaves M cos(angle)": _train(*given, kept=True),
        "M does not recover between the pulses": _train(*given, lost=True),
        "M recovers towards 1, it does not decay towards 0": _train(*given, decays=True),
        "the signal is measured with the M before the pulse": _train(*given, after=True),
        "the angles are in radians already": _train(np.radians(flips), tr, t1, density),
        "the proton density is missing": _train(flips, tr, t1, 1.0),
    }


EXERCISES = {
    "23.1": FunctionExercise(
        asks="a function",
        answer=_signal,
        cases=[(500, 20, 833, 83, 0.86), (4000, 100, 2569, 329, 1.0)],
        slips=_signal_slips,
        tolerance=1e-4,
        hints=(
            "There are two exponentials. Which time belongs to which?",
            "np.exp(-tr / t1) is what is still missing to full recovery.",
        ),
        solution=_SIGNAL,
    ),
    "23.2": Exercise(
        asks="one number in ms",
        answer=_FACTOR * np.log(_RATIO),
        tolerance=1e-3,
        slips={
            "ln is the natural logarithm": _FACTOR * np.log10(_RATIO),
            "close, but that is the mean of the two T2": (_WHITE + _STROKE) / 2,
            "that is the first factor; the logarithm is missing": _FACTOR,
            "the same T2 has to come first in the difference and in the logarithm": (
                -_FACTOR * np.log(_RATIO)
            ),
            "that is the old lesion, not the stroke": 70 * 237 / (237 - 70) * np.log(237 / 70),
        },
        hints=(
            "Both T2 stand in the table: of white matter and of the stroke.",
            "70 and 78.4 ms; np.log is the natural logarithm.",
        ),
        solution="your_te = 70 * 78.4 / (78.4 - 70) * np.log(78.4 / 70)",
    ),
    "23.3": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "more steps do not lead across a valley": "a",
            "each path has done what gradient ascent does: it went uphill": "b",
        },
        hints=(
            "What does the gradient know about places far away?",
            "What is the derivative at the top of a small hill?",
        ),
        solution='your_guarantee = "c"',
        points=2,
    ),
    "23.4": FunctionExercise(
        asks="a function",
        answer=_train,
        cases=[
            (np.array([0.5, 0.9, 0.3, 1.2]), 20.0, 500.0, 0.77),
            (np.array([np.pi, 0.0, 0.0, 0.4, 0.4]), 100.0, 833.0, 0.86),
        ],
        slips=_train_slips,
        hints=(
            "Loop over the angles, with M = 1 before the first.",
            "In each turn: append the signal, then update M twice.",
        ),
        solution=_SIGNALS,
        points=3,
    ),
    "23.5": Exercise(
        asks="one number",
        answer=1 / 6,
        tolerance=4e-3,
        slips={
            "that is the chance that CSF is the darkest; the other two must be in order, too": 1
            / 3,
            "that is the chance that two of them are in order": 1 / 2,
            "the two comparisons depend on one another": 1 / 4,
            "three tissues have 3 x 2 x 1 orders, not 2 x 2 x 2": 1 / 8,
        },
        hints=("How many orders do three values have?", "All of them are equally likely."),
        solution="your_fraction = 1 / (3 * 2 * 1)",
    ),
    "23.6": Exercise(
        asks="one of the letters a, b and c",
        answer="a",
        slips={
            "contrasts, yes; but which shapes were in its label maps": "b",
            "standardized gray values do not change the anatomy": "c",
        },
        hints=(
            "What was random in the training images, and what was not?",
            "Every training image was made from the label map of a healthy head.",
        ),
        solution='your_expectation = "a"',
        points=2,
    ),
}
"""By name, in the order of the lesson."""
