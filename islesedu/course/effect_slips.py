"""Effects and slopes, and what the usual mistakes with them give, lesson 17."""

from typing import Any

import numpy as np


def effects(y0: np.ndarray, y3: np.ndarray, reopened: np.ndarray) -> tuple[float, float]:
    """Return the mean effect of a treatment, and the difference of the observed means."""
    return float(np.mean(y3 - y0)), float(y3[reopened].mean() - y0[~reopened].mean())


def effects_slips(y0: np.ndarray, y3: np.ndarray, reopened: np.ndarray) -> dict[str, Any]:
    """Return what the usual mistakes give."""
    effect, observed = effects(y0, y3, reopened)
    return {
        "an effect is the outcome with minus the outcome without: mind the sign": (
            -effect,
            -observed,
        ),
        "first the mean effect, then the observed difference": (observed, effect),
        "the mean effect is over all patients, not only over those reopened": (
            float((y3 - y0)[reopened].mean()),
            observed,
        ),
        "each patient shows one outcome: y3 if reopened, else y0": (
            effect,
            float(y3[reopened].mean() - y3[~reopened].mean()),
        ),
        "the others are those not reopened, not all": (
            effect,
            float(y3[reopened].mean() - y0.mean()),
        ),
        "the second compares patients of both groups, not the same patients": (effect, effect),
    }


def slope(actual: np.ndarray, predicted: np.ndarray) -> float:
    """Return the slope of the regression line of predicted on actual values."""
    return float(np.polyfit(actual, predicted, 1)[0])


def slope_slips(actual: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Return what the usual mistakes give."""
    return {
        "that is actual on predicted; swap them": slope(predicted, actual),
        "the line has an intercept": float(actual @ predicted / (actual @ actual)),
        "that is the correlation: it does not see a wrong scale": float(
            np.corrcoef(actual, predicted)[0, 1]
        ),
        "that is the intercept": float(np.polyfit(actual, predicted, 1)[1]),
        "a ratio of means says nothing of single patients": float(predicted.mean() / actual.mean()),
    }


def adjusted_slope(minutes: np.ndarray, ml: np.ndarray, severity: np.ndarray) -> float:
    """Return the coefficient of minutes in a regression on minutes and severity."""
    columns = np.column_stack([np.ones(len(ml)), minutes, severity])
    return float(np.linalg.lstsq(columns, ml, rcond=None)[0][1])


def adjusted_slips(minutes: np.ndarray, ml: np.ndarray, severity: np.ndarray) -> dict[str, float]:
    """Return what the usual mistakes give."""
    without = np.column_stack([minutes, severity])
    columns = np.column_stack([np.ones(len(ml)), minutes, severity])
    found = np.linalg.lstsq(columns, ml, rcond=None)[0]
    left = ml - np.polyval(np.polyfit(severity, ml, 1), severity)
    return {
        "that is not adjusted: severity is not among the columns": slope(minutes, ml),
        "add a column of ones for the intercept": float(
            np.linalg.lstsq(without, ml, rcond=None)[0][0]
        ),
        "that is the coefficient of severity": float(found[2]),
        "that is the intercept": float(found[0]),
        "fit both at once: minutes and severity go together, so two fits in turn differ": slope(
            minutes, left
        ),
    }
