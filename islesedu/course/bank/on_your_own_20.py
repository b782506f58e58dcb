"""Answers to the open tasks of lesson 20, Rank a challenge."""

ANSWERS = {
    "drop_small_components": (
        "Call it with its default (components below a tenth of the largest one go). "
        "Lesion-wise F1 changes most: from 0.04 to 0.23 before to 0.46 to 0.74 after, as most "
        "false components are small. The Hausdorff distance falls by 8 to 33 mm, the Dice "
        "rises by 0.00 to 0.05, and recall falls a little. The ranking changes: by "
        '"aggregate, then rank" the first place passes from "plain, 0.5" to "plain, chosen"; '
        'by "rank, then aggregate" "weighted, chosen" and "plain, 0.5" exchange places, and '
        'so do the last two, and "plain, chosen" is first in all 1000 bootstrap draws '
        "(before: 67 %). So a step that has nothing to do with the model decides places, and "
        "it should be chosen on validation patients."
    ),
    "aggregate_first=True": (
        '"Plain, 0.5" gains: first in 56 % of the draws (31 % with ranks first), mean place '
        '1.38; "plain, chosen" falls from 67 % to 30 %, mean place 1.63. The others keep '
        'their places. "Plain, chosen" has the better Dice (0.304 against 0.203), "plain, '
        '0.5" the smaller mean distances (HD 88 against 97 mm, ASSD 26 against 29): two of '
        'three measures in the means. By mean ranks over the cases "plain, chosen" is ahead '
        "(1.90 against 2.11). Means give weight to few cases with a large distance, ranks "
        "give the same weight to each case."
    ),
    "each wins once": (
        "For instance A (0.5, 0.5, 0.3, 0.1), B (0.4, 0.4, 0.5, 0.2), C (0.3, 0.3, 0.4, 0.9). "
        "The ranks of A are 1, 1, 3, 3, of B 2, 2, 1, 2, of C 3, 3, 2, 1: mean ranks 2, 1.75, "
        "2.25, so B wins. Mean Dice 0.35, 0.375, 0.475: C wins, by one case. Cases won: 2, 1, "
        "1: A wins, though it is last in the two others. The recipe: one team that is never "
        "bad, one with a single large success, one that wins narrowly or loses clearly."
    ),
    "true difference of 0.02": (
        "An interval of about 1.96 standard errors on each side leaves 0 out if 1.96 s / √n < "
        "0.02, so n must exceed (1.96 s / 0.02)². The paired standard deviations of the ten "
        "pairs are 0.07 to 0.15 (14 patients): 43 to 226 patients. But then the measured "
        "difference, which varies around 0.02, has an interval without 0 in only half of such "
        "challenges. For a power of 80 % take 2.8 instead of 1.96: 87 to 460. ISLES 2017 had "
        "32. Similar methods have more similar scores, a smaller s, and need fewer patients."
    ),
}
"""Model answers by words of their task, measured with the lesson's default parameters."""
