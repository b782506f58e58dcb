"""Lesson 12, Train the V-Net."""

import math

import numpy as np

from islesedu.course.exercise import Exercise, FunctionExercise
from islesedu.course.training_slips import (
    adagrad,
    adagrad_slips,
    early_stopping,
    early_stopping_slips,
    paired_interval,
    paired_interval_slips,
)

_ADAGRAD = '''def your_adagrad(w, gradients, rate):
    """Return the weights after one Adagrad update for each of the gradients."""
    a = 0.1
    for g in gradients:
        a = a + g**2
        w = w - rate * g / np.sqrt(a)
    return w'''

_STOPPING = '''def your_early_stopping(val_dice, patience):
    """Return the epoch whose weights are kept, and the epoch in which the training ends."""
    best = 1
    for epoch, dice in enumerate(val_dice, start=1):
        if dice > val_dice[best - 1]:
            best = epoch
        if epoch - best == patience:
            break
    return best, epoch'''

_INTERVAL = '''def your_interval(first, second):
    """Return the 95 % interval of the mean difference first minus second, of paired values."""
    differences = first - second
    n = len(differences)
    half = stats.t.ppf(0.975, n - 1) * np.std(differences, ddof=1) / np.sqrt(n)
    return np.mean(differences) - half, np.mean(differences) + half'''


EXERCISES = {
    "12.1": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "the training patients cannot tell: more parameters fit them better in any case": "a",
            "then the test set has made a choice, and its result is optimistic": "c",
        },
        hints=(
            "A choice and a report need different patients. Which set is for choices?",
            "The set must be new to the weights, and it may be used more than once.",
        ),
        solution='your_set = "b"',
        points=2,
    ),
    "12.2": Exercise(
        asks="one number",
        answer=1500 / 34,
        tolerance=0.0012,
        slips={
            "in cross-validation a fifth of the patients is held out": 1500 / 43,
            "a fifth is held out; four fifths train": 1500 / 9,
            "one step sees one patient, and an epoch is all training patients once": 1500 / 5,
            "that is the number of cases that have been read": 1500 * 34,
        },
        hints=(
            "How many of 43 patients train if nine are held out?",
            "With a batch of one, an epoch has as many steps as there are training patients.",
        ),
        solution="your_epochs = 1500 / (43 - 9)",
    ),
    "12.3": FunctionExercise(
        asks="a function",
        answer=adagrad,
        cases=[
            (0.5, np.array([2.0, -1.0, 0.5]), 0.1),
            (np.array([1.0, -1.0]), np.array([[0.3, 3.0], [0.2, 2.0]]), 0.01),
            (-0.2, np.array([0.05]), 0.01),
        ],
        tolerance=1e-5,
        slips=adagrad_slips,
        hints=(
            "Keep two values in the loop, the weights and the accumulator. What are they at first?",
            "Which of the two equations above comes first in a turn? The second one needs its "
            "result.",
        ),
        solution=_ADAGRAD,
        points=3,
    ),
    "12.4": Exercise(
        asks="one whole number",
        answer=math.ceil(200 * math.log(0.5) / math.log(0.95)),
        slips={
            "that is a schedule in stairs; this one falls a little at each step": 2800,
            "each 200 steps take 5 % of what is left, not of the start": 2000,
            "at that step it is still a little above one half": 2702,
            "that counts intervals of 200 steps": 14,
        },
        hints=(
            "Write down the equation: 0.95 to the power of step / 200 is one half.",
            "Take the logarithm of both sides and solve for the step. The step is whole, and the "
            "rate must be *below* half.",
        ),
        solution="your_step = int(np.ceil(200 * np.log(0.5) / np.log(0.95)))",
        points=2,
    ),
    "12.5": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "the two words answer different questions, so both can be true of one training": "a",
            "a worker computes gradients; the learning rate belongs to the parameter server": "c",
        },
        hints=(
            "What does each of the words say: where a gradient comes from, when it arrives, or "
            "what is done with it?",
            "In lesson 03 the update was w - learning rate x gradient. Which part does Adagrad "
            "change?",
        ),
        solution='your_meaning = "b"',
        points=2,
    ),
    "12.6": FunctionExercise(
        asks="a function",
        answer=early_stopping,
        cases=[
            ([0.10, 0.20, 0.18, 0.24, 0.22, 0.23, 0.21, 0.20, 0.30, 0.25], 3),
            ([0.10, 0.30, 0.20, 0.25, 0.28, 0.29, 0.35], 3),
            ([0.10, 0.12, 0.15], 2),
            ([0.20, 0.10, 0.30], 1),
            ([0.20, 0.20, 0.10, 0.10], 2),
        ],
        slips=early_stopping_slips,
        hints=(
            "Walk through the epochs and remember the best one so far.",
            "When is epoch - best equal to the patience? And what if that never happens?",
        ),
        solution=_STOPPING,
        points=3,
    ),
    "12.7": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "the same patients have chosen the epoch; that makes a difference": "a",
            "that the test patients are new does not make them easier": "b",
        },
        hints=(
            "The validation Dice goes up and down by chance from epoch to epoch. Which epoch does "
            "a maximum prefer?",
            "Compare with the highest of ten throws of a die, and the next throw.",
        ),
        solution='your_expectation = "c"',
        points=2,
    ),
    "12.8": Exercise(
        asks="one whole number",
        answer=20,
        slips={
            "a checkpoint is written at the end of an epoch only": 0,
            "that is where it goes on": 280,
            "that is how far the next checkpoint was": 15,
            "the last whole epoch is kept": 300,
        },
        hints=(
            "At which steps are checkpoints written?",
            "From which of them does the training resume, and how far had it come?",
        ),
        solution="your_repeated = 300 % 35",
    ),
    "12.9": Exercise(
        asks="one of the letters a, b and c",
        answer="a",
        slips={
            "then Adagrad's accumulators begin again at 0.1, and its steps are large again": "b",
            "then the schedule and the order of the patients begin again": "c",
        },
        hints=(
            "Look at the two formulas of this lesson. Which quantities change from step to step?",
            "Which of the letters in them has an index t, and which does the schedule need?",
        ),
        solution='your_contents = "a"',
        points=2,
    ),
    "12.10": FunctionExercise(
        asks="a function",
        answer=paired_interval,
        cases=[
            (np.array([0.5, 0.4, 0.3, 0.6]), np.array([0.3, 0.35, 0.1, 0.2])),
            (np.array([0.1, 0.6, 0.2, 0.4, 0.5]), np.array([0.2, 0.4, 0.1, 0.4, 0.1])),
        ],
        tolerance=1e-4,
        slips=paired_interval_slips,
        hints=(
            "Begin with one difference per patient. Everything else is about these n numbers.",
            "The standard deviation s of the formula is that of a sample: which ddof is it?",
            "stats.t.ppf gives quantiles of Student's distribution.",
        ),
        solution=_INTERVAL,
        points=3,
    ),
    "12.11": Exercise(
        asks="one of the letters a, b and c",
        answer="a",
        slips={
            "how the mean varies from one sample of patients to another is what the interval "
            "describes": "b",
            "the number of patients is in the formula of the interval: few patients, a wide one": (
                "c"
            ),
        },
        hints=(
            "How many networks were trained? How many patients were tested?",
            "What would change if you ran this lesson with another seed, on the same patients?",
        ),
        solution='your_source = "a"',
        points=2,
    ),
    "12.12": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "look at the log: compare the Dice before and after 'Scale and shift'": "a",
            "look at the log: one of the two changes moves the prediction, the other does not": "c",
        },
        hints=(
            "What does (x - mean) / SD become if each x is multiplied by ten?",
            "Mean and standard deviation are multiplied by ten, too, if they are those of the "
            "changed map.",
            "With the unchanged map's mean and SD, the network gets numbers about ten times as "
            "large as any it was trained on.",
        ),
        solution='your_scale = "b"',
        points=2,
    ),
}
"""By name, in the order of the lesson."""
