"""Other numbers for exercises on paper of lessons 09 to 20: measures, training, probabilities."""

from math import hypot, sqrt
from random import Random
from typing import Any

from islesedu.course.own_numbers import OwnNumbers


def _inflated_slips(factor: int) -> dict[str, Any]:
    precision, dice = 1 / factor, 2 / (factor + 1)
    return {
        "precision and recall are swapped": (1, precision, dice),
        "Dice is the harmonic mean of precision and recall, not the arithmetic one": (
            (precision, 1, (precision + 1) / 2)
        ),
        "that is the Jaccard index; Dice counts the overlap twice": (precision, 1, precision),
    }


def _shift(random: Random) -> dict[str, Any]:
    return {
        "x": random.randint(3, 9),
        "z": random.randint(1, 3),
        "width": random.choice((0.9, 1.2, 1.25, 1.6, 1.8)),
        "depth": random.choice((4, 5, 6, 6.5, 8)),
    }


def _shift_slips(x: int, z: int, width: float, depth: float) -> dict[str, float]:
    return {
        "distances at a right angle add as squares (Pythagoras)": x * width + z * depth,
        "that is in voxels": hypot(x, z),
        "the shift along X is missing": z * depth,
        "the shift along Z is missing": x * width,
    }


def _cubes(random: Random) -> dict[str, Any]:
    return {"small": random.randint(3, 6), "large": random.choice((12, 15, 16, 24, 25, 30))}


def _cubes_slips(small: int, large: int) -> dict[str, Any]:
    return {
        "both cubes have n layers, not n + 1": (small / (small + 1), large / (large + 1)),
        "that is the Jaccard index": tuple((n - 1) / (n + 1) for n in (small, large)),
        "the smaller cube comes first": ((large - 1) / large, (small - 1) / small),
    }


def _training(random: Random) -> dict[str, Any]:
    patients = random.choice((30, 36, 40, 48, 50, 60))
    return {"patients": patients, "held": patients // 5, "steps": 100 * random.randint(8, 24)}


def _training_slips(patients: int, held: int, steps: int) -> dict[str, float]:
    return {
        "in cross-validation a part of the patients is held out": steps / patients,
        "those are held out; the others train": steps / held,
        "that is the number of cases that have been read": steps * (patients - held),
    }


def _power_cut(random: Random) -> dict[str, Any]:
    steps = random.randint(22, 48)
    return {"steps": steps, "cut": random.randint(5, 9) * steps + random.randint(3, steps - 3)}


def _power_cut_slips(steps: int, cut: int) -> dict[str, int]:
    return {
        "a checkpoint is written at the end of an epoch only": 0,
        "that is where it goes on": cut - cut % steps,
        "that is how far the next checkpoint was": steps - cut % steps,
    }


def _volumes(random: Random) -> dict[str, Any]:
    true = random.choice((40, 50, 80, 120))
    return {
        "true": true,
        "low": true * random.choice((5, 6, 7)) // 10,
        "high": true * random.choice((12, 13, 15)) // 10,
    }


def _volumes_slips(true: int, low: int, high: int) -> dict[str, Any]:
    return {
        "divide by the true volume, not by the predicted one": (
            (low - true) / low,
            1 - true / high,
        ),
        "a volume that is too small has a negative error: keep the sign": (
            (true - low) / true,
            (high - true) / true,
        ),
        "that is predicted by true; subtract 1": (low / true, high / true),
        "those are voxels; divide by the true ones": (low - true, high - true),
    }


def _weighted(random: Random) -> dict[str, Any]:
    return {
        "weight": random.choice((5, 8, 10, 12, 15, 25, 30)),
        "p": random.choice((0.6, 0.7, 0.75, 0.9, 0.95)),
    }


def _corrected(weight: int, p: float) -> float:
    odds = p / (1 - p) / weight
    return odds / (1 + odds)


def _weighted_slips(weight: int, p: float) -> dict[str, float]:
    return {
        "divide the odds, not the probability": p / weight,
        "those are the odds; convert them back": p / (1 - p) / weight,
        "the weight multiplied the odds in training; now divide": _corrected(1 / weight, p),
        "the odds are p / (1 - p)": _corrected(weight, 1 - p),
    }


def _error(random: Random) -> dict[str, Any]:
    return {
        "mean": random.choice((0.28, 0.33, 0.36, 0.41)),
        "deviation": random.choice((0.16, 0.18, 0.21, 0.24)),
        "cases": random.choice((20, 25, 40, 50, 64, 75)),
    }


def _error_slips(mean: float, deviation: float, cases: int) -> dict[str, float]:
    return {
        "divide by the square root of the number of cases": deviation / cases,
        "that is the standard deviation over cases": deviation,
        "that is the mean divided by the root; take the standard deviation": mean / sqrt(cases),
        "one standard error is asked for, not 1.96 of them": 1.96 * deviation / sqrt(cases),
    }


OWN_NUMBERS = {
    "09.3": OwnNumbers(
        draw=lambda random: {"factor": random.choice((3, 4, 5, 6, 8, 10))},
        question="A prediction contains the whole lesion and has exactly {factor} times its "
        "volume. How large are precision, recall and Dice? Give three numbers, to two decimals.",
        answer=lambda factor: (1 / factor, 1, 2 / (factor + 1)),
        slips=_inflated_slips,
        solution="your_three = (1 / {factor}, 1, 2 / ({factor} + 1))",
    ),
    "09.8": OwnNumbers(
        draw=_shift,
        question="A predicted mask is the reference mask, a block of 3 x 3 x 1 voxels, shifted by "
        "{x} voxels along X and by {z} slices along Z. Voxels measure {width} x {width} x {depth} "
        "mm. How large is the Hausdorff distance in millimetres?",
        answer=lambda x, z, width, depth: hypot(x * width, z * depth),
        slips=_shift_slips,
        solution="your_mm = np.hypot({x} * {width}, {z} * {depth})",
    ),
    "09.12": OwnNumbers(
        draw=_cubes,
        question="A cube of *n* x *n* x *n* voxels is predicted as the same cube shifted by one "
        "voxel along one axis. What is the Dice for *n* = {small}, and for *n* = {large}? Answer "
        "as a pair.",
        answer=lambda small, large: ((small - 1) / small, (large - 1) / large),
        slips=_cubes_slips,
        solution="your_cubes = [(n - 1) / n for n in ({small}, {large})]",
    ),
    "12.2": OwnNumbers(
        draw=_training,
        question="A network is trained for {steps} steps with a batch of one. In this fold {held} "
        "of the {patients} patients are held out. How many epochs are {steps} steps? Give one "
        "decimal.",
        answer=lambda patients, held, steps: steps / (patients - held),
        slips=_training_slips,
        solution="your_epochs = {steps} / ({patients} - {held})",
    ),
    "12.8": OwnNumbers(
        draw=_power_cut,
        question="A training has {steps} steps per epoch and writes a checkpoint after each epoch. "
        "The power fails after step {cut}. How many steps are computed a second time after the "
        "resume?",
        answer=lambda steps, cut: cut % steps,
        slips=_power_cut_slips,
        solution="your_repeated = {cut} % {steps}",
    ),
    "18.2": OwnNumbers(
        draw=_volumes,
        question="A lesion has {true} voxels. Compute the relative volume errors of two "
        "predictions with {low} and {high} voxels. Give a pair of numbers with two decimals.",
        answer=lambda true, low, high: ((low - true) / true, (high - true) / true),
        slips=_volumes_slips,
        solution="your_volume_errors = (({low} - {true}) / {true}, ({high} - {true}) / {true})",
    ),
    "19.3": OwnNumbers(
        draw=_weighted,
        question="A model trained with the weight {weight} predicts {p}. What is the corrected "
        "probability? Give three decimals.",
        answer=_corrected,
        slips=_weighted_slips,
        solution="odds = {p} / (1 - {p}) / {weight}\nyour_corrected = odds / (1 + odds)",
    ),
    "19.9": OwnNumbers(
        draw=lambda random: {"cost": random.choice((2, 3, 5, 6, 8, 9, 12, 15, 19))},
        question="A missed lesion voxel costs {cost} times as much as a false positive. From which "
        "*p* on is it cheaper to mark the voxel?",
        answer=lambda cost: 1 / (1 + cost),
        slips=lambda cost: {
            "that is for a false positive that costs more": cost / (1 + cost),
            "mark the voxel if c p exceeds 1 - p; solve for p": 1 / cost,
        },
        solution="your_cost_threshold = 1 / (1 + {cost})",
    ),
    "20.7": OwnNumbers(
        draw=_error,
        question="A system reached a Dice of {mean} ± {deviation} on {cases} cases (mean and "
        "standard deviation over cases). What is the standard error of the mean? Give three "
        "decimals.",
        answer=lambda mean, deviation, cases: deviation / sqrt(cases),
        slips=_error_slips,
        solution="your_error = {deviation} / np.sqrt({cases})",
    ),
}
"""By the exercise's name."""
