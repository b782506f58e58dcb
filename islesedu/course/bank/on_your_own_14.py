"""Answers to the open tasks of lesson 14, Search hyperparameters."""

ANSWERS = {
    "ten times as many settings": (
        "Refine the grids, for instance with ten smoothings, nine values of `C` and the same "
        "thresholds. The best outer mean cannot fall if the old settings are among the new ones: "
        "it is a maximum over more numbers. The nested estimate may go either way, because a "
        "choice among more settings fits the inner patients more closely. So the optimism tends "
        "to grow, but slowly: neighbours in a fine grid have nearly the same scores on the same "
        "patients, and ten times as many settings are far fewer than ten times as many "
        "independent ones (the curve for the correlation 0.9 in the lesson). Compare the change "
        "with the width of the interval before you call it one."
    ),
    "`patients = 30`": (
        "Count the different settings in the table of choices, and how many settings lie within "
        "0.02 of the best inner score. More patients make the inner scores less noisy, so folds "
        "tend to agree more where one setting is truly better. Where the landscape is flat they "
        "may disagree as before, and then it does not matter: the outer scores of their choices "
        "are alike. Disagreement with a small regret is harmless; disagreement with outer scores "
        "far apart means that the choice is still noise."
    ),
    "five seeds each": (
        "Repeat the two cells for five seeds of `rng` and of the sampler, and report mean and "
        "spread of the best inner score after the last trial and after half of the trials. If the "
        "ranges of the three overlap, there is no winner, and with 18 trials in three dimensions "
        "this is what to expect: TPE spends its first six trials at random. Only the inner score "
        "of one outer fold is compared here, and it is an optimistic number for all three. The "
        "grid has another handicap: two thresholds for the whole search, whatever the seed, which "
        "changes only the order of its trials."
    ),
    "within one standard error": (
        "For each outer fold compute the standard error of the best setting's inner score (the "
        "standard deviation over validation patients divided by the root of their number), keep "
        "the settings whose inner score is at least the best minus it, take the fewest steps, and "
        "among those the best inner score. Then compare the mean outer score and the mean number "
        "of steps with those of the plain choice, fold by fold. The standard error of a single "
        "mean is wide, because patients differ much, so the rule usually ends at the smallest "
        "number of steps. With the standard error of the *paired* difference to the best it keeps "
        "fewer settings. A loss within the interval of the optimism is one that these patients "
        "cannot show; the saved steps are certain."
    ),
}
"""Model answers by words of their task."""
