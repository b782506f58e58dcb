"""Answers to the open tasks of lesson 04, Stack layers into a CNN."""

ANSWERS = {
    "layers.Dropout(0.5)": (
        "It still rises, but later and by less. With the seeds 2017 to 2019 the validation loss "
        "is lowest in epochs 3, 7 and 4 without dropout, and in epochs 10, 6 and 8 with it. At "
        "the end of 16 epochs it is 1.12, 0.74 and 1.00 without, 0.74, 0.61 and 0.74 with "
        "dropout. The lowest values differ little (0.58, 0.59, 0.58 against 0.60, 0.54, 0.62): "
        "dropout makes late epochs less harmful, early stopping avoids them. Dropout is active "
        "in training only."
    ),
    "one map only": (
        "Nothing that these eight validation patients could show. With Tmax alone the validation "
        "AUC is 0.82, 0.79 and 0.73 for three seeds, with six maps 0.77, 0.74 and 0.74: the "
        "differences, six maps minus one, are -0.05, -0.04 and +0.01. More input is also more to "
        "overfit with. It does not follow that the other maps are useless: for pixels (last "
        "section) their combination separates far better than Tmax."
    ),
    "activation maximization": (
        "Compare the mean of each map of the result with the sum of the filter's weights for "
        "that map. In one training (seed 2017, 40 steps) the signs agreed for all six maps of "
        "all eight filters: a filter that is laid over every position asks for high values where "
        "its weights sum to more than 0. The result reaches means of -37 to +24 z-scores, far "
        "outside anything a patient shows (out of distribution): it describes the weights, not "
        "brains."
    ),
    "eight *other* patients": (
        "By a lot. The splits by patient in the lesson are five such draws: their validation "
        "AUCs lie between 0.66 and 0.88, and the networks differ little (0.85 to 0.89 on the "
        "same test patients). So which eight patients are drawn matters more than anything one "
        "would want to compare. Report an interval over patients, or use cross-validation "
        "(lesson 13)."
    ),
}
"""Model answers by words of their task, measured with the lesson's default parameters."""
