"""Answers to the open tasks of lesson 09, Score a segmentation."""

ANSWERS = {
    "upper right corner": (
        "One of 25 predicted pixels goes. Dice rises from 0.737 to 0.750, precision from 0.840 to "
        "0.875, recall stays at 0.656. The Hausdorff distance falls from 3.61 to 1.41, the pooled "
        "ASSD from 0.80 to 0.71. HD95 depends on the convention: the pooled one stays at 1.41, for "
        "the pixel is less than 5 % of all surface pixels; the maximum of directed percentiles "
        "falls from 2.07 to 1.41. One pixel decides one metric and hardly touches another."
    ),
    "Two masks are empty": (
        "1: the prediction is right, and two equal sets should score as equal. 0: a mean over "
        "patients should not be raised by patients in whom nothing was to be found, where a method "
        "that predicts nothing would shine. Undefined: the formula is 0 / 0, so report such "
        "patients apart. `metrics.dice` returns 1; medpy 0.5.2 returns nan. Say which convention "
        "a table follows, and how many empty patients it holds."
    ),
    "high Dice and a low": (
        "Predict the large lesion exactly and add many single pixels far from it. With one lesion "
        "of 10 x 10 pixels and eight single false pixels, Dice is 200 / 208 = 0.96, and the "
        "lesion-wise F1 is 2 / (2 + 8) = 0.2: one lesion is found, eight are false positives."
    ),
    "second line of the talk's table": (
        "The assumption is what the cases that are not empty score. If they score as the combined "
        "loss does (HD 30.8), 6.3 of 43 masks are empty; with 20 it is 8.7, with 40 it is 4.1. So "
        "between four and nine empty masks explain the mean. They would explain the large standard "
        "deviation, too: a few values at about 190, the others near 30. The Dice is above 0 "
        "because the other masks overlap."
    ),
}
"""Model answers by words of their task, measured with the lesson's masks."""
