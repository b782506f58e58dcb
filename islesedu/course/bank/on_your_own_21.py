"""Answers to the open tasks of lesson 21, Detect and classify."""

ANSWERS = {
    "without noise and with an even coil": (
        "Call `scan(one, pixel, rng, noise=0, strength=0)` for training and test heads. The "
        "gray value of a tissue is then the same everywhere, so the baseline, which knows one "
        "gray value, gains much more than the U-Net does: what it lacked was the "
        "neighbourhood, which averages noise, and the position, which tells the coil. What "
        "remains wrong for both lies at the borders, where a pixel of 3 mm holds two tissues "
        "and the label names one. CSF, next to dark background and gray matter, tells whether "
        "this is so. If the U-Net's lead shrinks to a few hundredths, the lesson's gain was "
        "robustness, not anatomy. Both trained on clean images should also be tested on noisy "
        "ones: the baseline's table of gray values does not fit there."
    ),
    "hits with an IoU of at least": (
        "`detection.froc(boxes, truth, least=0.1)` and `least=0.5`. Sensitivity can only fall "
        "as `least` rises, for every threshold. It falls most for the method whose boxes lie "
        "in the right place but have the wrong size: look at the distances between its three "
        "curves, and at the histogram of the IoU. The boxes of the baseline, which follow "
        "delayed tissue, tend to be larger than the final lesion. A small lesion suffers most: a "
        "box of three pixels that is one pixel off has an IoU of 0.5 already. So state "
        '`least` with each FROC curve; with 0.1 you measure "found", with 0.5 "outlined".'
    ),
    "Give the classifier only Tmax": (
        "Keep two of the six channels, Tmax and its difference between left and right "
        "(numbers 2 and 5), and set the others to 0. Of 51 patients the network is right "
        "about side and artery in 59 % then (75 % with all), about the side in 78 % (82 %). "
        "By artery: MCA 22 of 25 (20 with all), ACA 6 of 8 (7), PCA 5 of 10 (9), border zone "
        "0 of 3 (2), cerebellar 2 of 5 (2). So it loses the PCA and the border zone, to the "
        "MCA above all: delayed tissue that is not the stroke cannot be told from it "
        'without ADC. But a zero is not "no information": it is a value that the network '
        "never saw there together with a long Tmax (out of distribution). Only a network of "
        "your own, trained on Tmax alone, shows what Tmax holds. If it does better than 59 %, "
        "part of the loss was the zeros. Compare both on the same patients, with an interval."
    ),
}
"""Model answers by words of their task; numbers are those of the kit's network."""
