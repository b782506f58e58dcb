"""Answers to the open tasks of lesson 13, Compare the losses."""

ANSWERS = {
    "Run the small comparison with": (
        "Set `steps = 200` in the second cell and run the lesson; it takes longer in proportion. A "
        "loss has left the collapsed state if `small.collapsed()` no longer names it; look also at "
        "the empty predictions and the predicted volumes of `small.cases`, fold by fold, because "
        "the starts differ. If the combined loss has left it and soft Dice has not, this is the "
        "order of the slide: cross-entropy gives a gradient on the plateau. If both have, the "
        "start was favourable. If neither has, 200 steps are still too few for a learning rate "
        "of 0.01. Two folds of four patients say that a collapse occurs, not how often."
    ),
    "Which threshold does the choice on other folds take": (
        "See which threshold has the highest mean over the other folds:\n\n"
        "  ```python\n"
        "  for k in sorted(fold_of.unique()):\n"
        "      print(k, both['combined'][fold_of != k].mean().idxmax())\n"
        "  ```\n\n  "
        "In the recorded comparison 0.10, 0.15, 0.80, 0.70 and 0.85 for the folds 1 to 5: they "
        "take nearly the whole range. The best thresholds of the folds themselves are 0.95, 0.85, "
        "0.10, 0.15 and 0.05. The networks are calibrated differently (each has its own start and "
        "its own patients): Dice rises with the threshold in fold 1 and falls in fold 5, and in "
        "between the curve is flat, so that small differences move its maximum far. Folds 1 and 2 "
        "want a high threshold and get a low one. That is why a choice on other folds need not "
        "gain."
    ),
    "Draw the Dice of the combined loss": (
        "`full.of('combined').plot.scatter('true_ml', 'dice', logx=True)`. Dice rises with the "
        "volume (Spearman correlation 0.76): its mean is 0.11 in the 15 smallest lesions (below "
        "8.3 ml), 0.33 in the middle 14 and 0.61 in the 14 largest. Most small lesions are "
        "over-segmented: the predicted volume exceeds the true one in 11 of 15 (median ratio 4.6), "
        "up to 169 ml for 8 ml. Four have a Dice of 0, but only one of these masks is empty. In a "
        "small lesion the same number of false voxels costs more Dice."
    ),
    "How many folds would you need": (
        "With the variance of the fold means kept, the half width is proportional to "
        "`stats.t.ppf(0.975, k - 1) * np.sqrt(1 / k + 1 / (k - 1))`, for each fold tests 1 / *k* "
        "of the patients and trains on the rest: the ratio of the sizes is 1 / (k - 1). It is "
        "1.862 for 5 folds, and first at most half of it for *k* = 12. Much of this comes from "
        "the t quantile (2.78 with 4 degrees of freedom, 2.20 with 11). The assumption is kind: "
        "with 12 folds of three or four patients the fold means vary more. More patients, or "
        "repetitions with other seeds, are the honest way."
    ),
}
"""Model answers by words of their task, computed from the recorded comparison."""
