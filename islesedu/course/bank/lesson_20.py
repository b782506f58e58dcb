"""Lesson 20, Rank a challenge."""

from typing import Any

import numpy as np
from scipy.stats import rankdata

from islesedu.course.exercise import Exercise, FunctionExercise, OpenExercise

_RANKS = '''def your_mean_ranks(scores):
    """Return the mean rank of each team from scores (teams, cases); larger is better."""
    from scipy.stats import rankdata

    return rankdata(-np.asarray(scores), axis=0).mean(axis=1)'''


def _mean_ranks(scores: np.ndarray) -> np.ndarray:
    """Return the mean rank of each team; larger scores are better."""
    return rankdata(-scores, axis=0).mean(axis=1)


def _mean_ranks_slips(scores: np.ndarray) -> dict:
    """Return what the usual mistakes give."""
    ordinal = rankdata(-scores, axis=0, method="ordinal").mean(axis=1)
    return {
        "a large score is good: it gets the small rank": rankdata(scores, axis=0).mean(axis=1),
        "rank within each case, not within each team": rankdata(-scores, axis=1).mean(axis=1),
        "those are the ranks of the mean scores; rank in each case first, then average": (
            rankdata(-scores.mean(axis=1))
        ),
        "equal scores share the mean of their ranks": ordinal,
        "equal scores share the mean of their ranks, not the smallest of them": (
            rankdata(-scores, axis=0, method="min").mean(axis=1)
        ),
        "one mean rank a team; average over the cases": rankdata(-scores, axis=0),
    }


_FORM = "give two lists of three numbers each, the Dice of A and the Dice of B"


def _two_winners(answer: Any) -> str:
    """Say what is missing for scores with two winners."""
    try:
        scores = np.array([[float(value) for value in team] for team in answer])
    except (TypeError, ValueError):
        return _FORM
    if scores.shape != (2, 3):
        return _FORM
    if not ((scores >= 0) & (scores <= 1)).all():
        return "a Dice lies between 0 and 1"
    ranks = _mean_ranks(scores)
    if not ranks[0] < ranks[1]:
        return "here A does not have the better mean rank: in how many cases is A ahead"
    if not scores[0].mean() < scores[1].mean() - 1e-12:
        return "here B does not have the higher mean Dice: how far is B ahead where B wins"
    return ""


EXERCISES = {
    "20.1": Exercise(
        asks="three numbers",
        answer=(1.8, 1.6, 2.6),
        tolerance=1e-3,
        slips={
            "those are the places by the mean Dice": (1, 2, 3),
            "those are the missing ranks; average all five of each team": (3, 1, 2),
            "those are the places; give the mean ranks that lead to them": (2, 1, 3),
            "a large Dice is good: it gets the small rank": (2.2, 2.4, 1.4),
            "that is the sum of the ranks; divide by the number of cases": (9, 8, 13),
        },
        hints=(
            "Who is first in case 4, who second? And in case 5?",
            "A has the ranks 1, 1, 1 and two more. Their mean is the mean rank of A.",
        ),
        solution="your_ranks = ((1 + 1 + 1 + 3 + 3) / 5, (2 + 2 + 2 + 1 + 1) / 5, (9 + 2 + 2) / 5)",
    ),
    "20.2": FunctionExercise(
        asks="a function",
        answer=_mean_ranks,
        cases=[
            (np.array([[0.9, 0.1, 0.5, 0.4], [0.3, 0.2, 0.5, 0.7], [0.1, 0.3, 0.2, 0.6]]),),
            (np.array([[0.5, 0.5], [0.5, 0.1], [0.7, 0.9]]),),
            (np.linspace(0, 50, 28).reshape(4, 7) % 1,),
        ],
        slips=_mean_ranks_slips,
        hints=(
            "rankdata gives the smallest value rank 1. How do you make the largest the smallest?",
            "Which axis runs over the teams of one case? rankdata takes axis.",
            "The mean of the ranks is over the cases, the other axis.",
        ),
        solution=_RANKS,
        points=2,
    ),
    "20.3": OpenExercise(
        asks="two lists of three numbers",
        answer=_two_winners,
        slips={
            _FORM: [[0.1, 0.2], [0.3, 0.4]],
            "a Dice lies between 0 and 1": [[6, 6, 1], [5, 5, 9]],
            "here A does not have the better mean rank: in how many cases is A ahead": (
                [[0.9, 0.4, 0.4], [0.5, 0.5, 0.5]]
            ),
            "here B does not have the higher mean Dice: how far is B ahead where B wins": (
                [[0.6, 0.6, 0.1], [0.5, 0.5, 0.2]]
            ),
        },
        hints=(
            "Mean ranks count cases won. How many of three must A win?",
            "The mean Dice counts by how much. A may win twice by little.",
            "And B wins once, by much.",
        ),
        solution="your_scores = ([0.51, 0.51, 0.1], [0.5, 0.5, 0.9])",
        points=2,
    ),
    "20.4": Exercise(
        asks="three numbers",
        answer=(22, 71, 1.5),
        slips={
            "ignored cases do not count in the number of cases either": (11, 71, 1.5),
            "without failures the mean rank of A would be 1; in two cases A is last of two": (
                22,
                71,
                1,
            ),
            "the penalty replaces both failures, and the mean is over four cases": (22, 41, 1.5),
            "the order is: ignore, penalty, mean rank": (22, 1.5, 71),
            "that is the mean rank of B in the cases where A failed; take all four": (22, 71, 2),
        },
        hints=(
            "Ignored: the mean of two numbers. Penalty: the mean of four.",
            "In which cases is A first? Which rank has A in the others, with two teams?",
        ),
        solution="your_treatments = ((20 + 24) / 2, (20 + 24 + 2 * 120) / 4, (1 + 1 + 2 + 2) / 4)",
    ),
    "20.5": Exercise(
        asks="one number",
        answer=1 / 3,
        tolerance=6e-3,
        slips={
            "that is the number of concordant minus discordant pairs; divide by all pairs": 2,
            "that is the fraction of concordant pairs; subtract the discordant ones": 2 / 3,
            "four teams have six pairs, not four": 1 / 2,
            "most pairs are ordered the same way, so tau is positive": -1 / 3,
            "the places differ, but how many pairs of teams change their order": 0,
        },
        hints=(
            "Write down all pairs of P, Q, R, S. In which of them does the order change?",
            "Only P, Q and R, S change their order.",
        ),
        solution="your_tau = (4 - 2) / 6",
    ),
    "20.6": Exercise(
        asks="one of the letters a, b and c",
        answer="c",
        slips={
            "the measures were the same in every draw; nothing was learned about others": "a",
            "a place is no size of a difference, and a measure is no benefit for a patient": "b",
        },
        hints=(
            "What changed from draw to draw, and what did not?",
            "Only the patients were drawn anew.",
        ),
        solution='your_meaning = "c"',
        points=2,
    ),
    "20.7": Exercise(
        asks="one number",
        answer=0.22 / np.sqrt(32),
        tolerance=6e-4,
        slips={
            "divide by the square root of the number of cases": 0.22 / 32,
            "that is the standard deviation over cases": 0.22,
            "that is the mean divided by the root; take the standard deviation": 0.3 / np.sqrt(32),
            "multiply by nothing: one standard error is asked for": 1.96 * 0.22 / np.sqrt(32),
        },
        hints=(
            "Which of the two numbers, 0.30 and 0.22, is the standard deviation?",
            "Divide it by the square root of 32.",
        ),
        solution="your_error = 0.22 / np.sqrt(32)",
    ),
}
"""By name, in the order of the lesson."""
