"""Lesson 17, Ask what if."""

from collections.abc import Callable

import numpy as np

from islesedu.course.effect_slips import (
    adjusted_slips,
    adjusted_slope,
    effects,
    effects_slips,
    slope,
    slope_slips,
)
from islesedu.course.exercise import Exercise, FunctionExercise
from islesedu.isles.case import Patient

_EFFECTS = '''def your_effects(y0, y3, reopened):
    """Return the mean effect, and the difference of the observed means."""
    effect = np.mean(y3 - y0)
    observed = y3[reopened].mean() - y0[~reopened].mean()
    return effect, observed'''

_SLOPE = '''def your_slope(actual, predicted):
    """Return the slope of the regression line of predicted on actual saved volumes."""
    return np.polyfit(actual, predicted, 1)[0]'''

_ADJUSTED = '''def your_adjusted_slope(minutes, ml, severity):
    """Return the coefficient of minutes, adjusted for severity."""
    columns = np.column_stack([np.ones(len(ml)), minutes, severity])
    return np.linalg.lstsq(columns, ml, rcond=None)[0][1]'''

_Ask = Callable[..., np.ndarray]
_GROWTH = """def ml_under(tici, minutes):
    mask = ask(patient, TICI=tici, TTT=minutes) > threshold
    return mask.sum() * np.prod(patient.spacing) / 1000


your_growth = [ml_under(tici, 110) - ml_under(tici, 20) for tici in ("0", "3")]"""


def _volumes(ask: _Ask, patient: Patient, thresholds: tuple[float, ...]) -> np.ndarray:
    """Return predicted volumes in ml, (thresholds, TICI 0 and 3, 20 and 110 minutes)."""
    stack = [[ask(patient, TICI=tici, TTT=ttt) for ttt in (20, 110)] for tici in ("0", "3")]
    counts = [(np.array(stack) > t).sum((2, 3, 4)) for t in thresholds]
    return np.array(counts) * (np.prod(patient.spacing) / 1000)


def growth(ask: _Ask, patient: Patient, threshold: float) -> np.ndarray:
    """Return by how many ml the prediction grows from 20 to 110 minutes: TICI 0, TICI 3."""
    return np.diff(_volumes(ask, patient, (threshold,))[0]).ravel()


def _growth_slips(ask: _Ask, patient: Patient, threshold: float) -> dict[str, np.ndarray]:
    """Return what the usual mistakes give."""
    here, half = _volumes(ask, patient, (threshold, 0.5))
    grown = np.diff(here).ravel()
    return {
        "that is the earlier volume minus the later: growth is the other way round": -grown,
        "first the number of TICI 0, then that of TICI 3": grown[::-1],
        "those are two volumes; subtract what is predicted with 20 minutes": here[:, 1],
        "that is what reopening saves, with 20 and with 110 minutes; keep TICI, change TTT": (
            here[0] - here[1]
        ),
        "that is at a threshold of 0.5: put back the one that the lab began with": (
            np.diff(half).ravel()
        ),
    }


_RNG = np.random.default_rng(17)
_SEVERITY = _RNG.uniform(20, 100, 30)
_MINUTES = 140 - _SEVERITY + _RNG.normal(0, 12, 30)
_ML = 0.8 * _SEVERITY + 0.2 * _MINUTES + _RNG.normal(0, 5, 30)

EXERCISES = {
    "17.1": FunctionExercise(
        asks="a function",
        answer=effects,
        cases=[
            (
                np.array([60.0, 20.0, 50.0, 30.0]),
                np.array([30.0, 12.0, 45.0, 10.0]),
                np.array([False, True, False, True]),
            ),
            (
                np.array([80.0, 40.0, 25.0, 10.0, 90.0]),
                np.array([35.0, 30.0, 5.0, 9.0, 20.0]),
                np.array([True, False, False, True, True]),
            ),
        ],
        slips=effects_slips,
        hints=(
            "The mean effect needs both outcomes of every patient: y3 - y0.",
            "Which outcome does the hospital see of the reopened, and which of the others? "
            "A boolean array selects patients, ~ negates it.",
        ),
        solution=_EFFECTS,
        points=2,
    ),
    "17.2": FunctionExercise(
        asks="a function",
        answer=slope,
        cases=[
            (np.array([10.0, 20.0, 40.0, 80.0]), np.array([9.0, 12.0, 25.0, 38.0])),
            (np.array([5.0, 15.0, 25.0]), np.array([2.0, 20.0, 21.0])),
        ],
        slips=slope_slips,
        hints=(
            "np.polyfit(x, y, 1) fits a line and returns slope and intercept.",
            "Which of the two volumes is predicted from the other? The other one is x.",
        ),
        solution=_SLOPE,
    ),
    "17.3": Exercise(
        asks="three letters in quotes",
        answer="ECP",
        slips={
            "that is the order of the list above, not of the hospitals": "CEP",
            "a rule that leaves no choice is about a chance of 0": "PEC",
            "who is treated more often is a matter of comparable groups": "PCE",
            "two procedures under one name are two treatments": "EPC",
            "which speaks of comparable groups, which of a name, which of a chance of 0?": "CPE",
        },
        hints=(
            "Positivity asks: could this patient have had either treatment?",
            'Consistency asks whether "treated" means one thing; exchangeability, whether treated '
            "and untreated patients are comparable.",
        ),
        solution='your_letters = "ECP"',
        points=2,
    ),
    "17.4": Exercise(
        asks="one number",
        answer=((8 + 2 * 4) - (60 + 10 * 1)) / (4 - 1),
        tolerance=1e-3,
        slips={
            "in these data lesions become smaller with waiting: mind the sign": 18,
            "that is from 1 to 4 hours; an hour is a third of it": -54,
            "that is the true mean effect of an hour; the line cannot see it": 6,
            "you left out what is lost by waiting": -52 / 3,
            "you left out what is lost by waiting, and the sign": 52 / 3,
            "the line cannot tell severe from mild: join its two points": 10,
        },
        hints=(
            "Which volume has a severe patient after 1 hour? Which a mild one after 4?",
            "One line through both points: difference of the volumes by difference of the hours.",
        ),
        solution="your_slope_per_hour = ((8 + 2 * 4) - (60 + 10 * 1)) / (4 - 1)",
    ),
    "17.5": FunctionExercise(
        asks="a function",
        answer=adjusted_slope,
        cases=[
            (_MINUTES, _ML, _SEVERITY),
            (
                np.array([20.0, 60.0, 90.0, 110.0, 40.0]),
                np.array([70.0, 55.0, 30.0, 28.0, 66.0]),
                np.array([90.0, 60.0, 25.0, 20.0, 75.0]),
            ),
        ],
        slips=adjusted_slips,
        hints=(
            "One column for each coefficient of the equation; np.column_stack puts them together.",
            "np.linalg.lstsq solves for the coefficients, in the order of the columns. Which of "
            "them is b?",
        ),
        solution=_ADJUSTED,
        points=3,
    ),
    "17.6": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "what was randomized is the treatment, not its success": "a",
            "adjustment needs what decided about success, and it must have been measured": "c",
        },
        hints=(
            "Which of the two was drawn at random: the treatment, or the TICI that it reached?",
            "What may decide whether a clot can be removed, and the size of the lesion as well?",
        ),
        solution='your_reading = "b"',
        points=2,
    ),
    "17.7": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "each held-out patient had one treatment, so no score on them checks the other": "a",
            "a counterfactual of one patient is never observed, whatever the network": "b",
        },
        hints=(
            "Which sentence is about patients that have been seen with their own treatment?",
            "Which of the sentences could be checked on held-out patients?",
        ),
        solution='your_claim = "c"',
        points=2,
    ),
    "17.8": Exercise(
        asks="two numbers, in ml",
        answer=growth,
        tolerance=0.11,  # the log's volumes have one decimal
        slips=_growth_slips,
        hints=(
            "Four predictions: TICI 0 and TICI 3, each with 20 and with 110 minutes.",
            "Take the column 'predicted ml' of the log: with 110 minutes minus with 20, once for "
            "TICI 0 and once for TICI 3.",
        ),
        solution=_GROWTH,
        points=2,
    ),
}
"""By name, in the order of the lesson."""
