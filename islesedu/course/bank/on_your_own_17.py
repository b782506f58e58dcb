"""Answers to the open tasks of lesson 17, Ask what if."""

ANSWERS = {
    "after 20 and after 120 minutes": (
        'Ask each test patient twice, `ask(patient, TICI="3", TTT=20)` and `TTT=120`, and '
        'compare the difference of the predicted volumes with `made.lesion_under("3", 120)` '
        'minus `made.lesion_under("3", 20)`: sign, mean, and slope over patients. In the '
        "hospital of the lesson the true mean is 0.10 ml a minute, about 10 ml in 100 "
        "minutes, beside 43 ml for reopening: a small effect, hard to learn. If the predicted "
        "difference is near 0 in all patients, the network ignores TTT; if it is the same in "
        "all, it has learned a mean, but not in whom waiting costs much; a slope near 1 says "
        "that it knows both. 120 minutes may lie beyond the training patients, where the "
        "value is clipped."
    ),
    "extent alone, then for collaterals alone": (
        "Collaterals confound reopening, extent confounds waiting, as `assign_by_severity` "
        "made it (the correlations are 0.52 and -0.68). Reopening: -69.5 ml unadjusted, -69.9 "
        "adjusted for extent, -48.2 for collaterals, -47.9 for both; the true mean is -42.9. "
        "Waiting (ml per minute): -0.38 unadjusted, +0.19 with extent, -0.47 with "
        "collaterals, +0.07 with both; true +0.10. With both, the intervals contain the true "
        "values, and are wide: -75 to -21 ml, and -0.29 to +0.47. With the wrong covariate "
        "alone, they do not. Nothing in the data says which covariates are the right ones; "
        "knowing how doctors decide does."
    ),
    "without positivity": (
        "Set `reopened` to `False` where `extent > 1.2` (33 of the 100 patients), in the "
        "hospital that treats at random, and fit again. Without an interaction the regression "
        "says -39 ml (95 % interval -59 to -22) for everybody, also for the large strokes, "
        "whose true mean effect is -62 ml (-34 for the others): it assumes one effect for "
        "all. With `reopened * extent` it extrapolates a straight line from small strokes to "
        "large ones: -53 ml, interval -104 to -9. Both answers rest on the form of the model, "
        "not on any large stroke that was treated. A network does the same, less visibly. The "
        "honest answer is to report effects for strokes up to 1.2 only."
    ),
    "at the bedside": (
        "There is no single answer. A good one names the decision and its moment (whom to "
        "treat, known at the scan: then TICI is not an input but a range of possible "
        "results), gives both predicted lesions with their uncertainty, and does not call the "
        "difference the effect on this patient. A regulator would ask for the intended use "
        "and the user; for which patients it was made and tested, and whether all had a "
        "chance of either treatment; for evidence from a randomized trial or a stated set of "
        "assumptions; for performance in subgroups and in another hospital; what happens with "
        "missing values and inputs out of distribution; and how it is watched after it has "
        "been introduced, as its use changes who is treated."
    ),
}
"""Model answers by words of their task; numbers are those of the default parameters."""
