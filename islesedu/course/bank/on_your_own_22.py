"""Answers to the open tasks of lesson 22, Reconstruct and register."""

ANSWERS = {
    "Measure half of the lines": (
        "Total variation loses most with a fifth, and the network gains least with half. On "
        "the middle slices of six test heads, with the weight of TV chosen anew on four "
        "others: a fifth of the lines gives 19.6 dB zero-filled, 26.0 by total variation, "
        "27.0 by the network; a quarter 20.8, 28.9, 29.4; half 27.1, 34.8, 34.2. From a "
        "quarter to a fifth zero-filled loses 1.2 dB, TV 2.9, the network 2.4: the methods "
        "that fill in lose more, as the unfilled image had less to lose. With half of the "
        "lines, which the network has not seen in its training (20 to 40 %), TV is ahead. A "
        "choice of lines is random: repeat it with another seed."
    ),
    "three times the noise": (
        "`simulate_scan(..., noise=0.03)`; the default is 0.01. On the same slices "
        "zero-filled goes from 20.8 to 20.6 dB, its errors are of another kind; TV from 28.9 "
        "to 26.0, the network from 29.4 to 27.5. TV suffers most. Its weight must grow: on "
        "the validation slices the best of six is 0.008 instead of 0.002, and with 0.001 TV "
        "has 22.2 dB only, so another weight helps by almost 4 dB. Without a new choice the "
        "comparison would be unfair. The network has no weight to turn; it was trained at the "
        "small noise, and can only be trained again."
    ),
    "another contrast": (
        "Yes. For two pairs of the lesson, with `1 - t1` inside the brain and 0 outside for "
        "the moving head, the affine registration reaches a mean TRE of 6.3 and 5.2 mm; with "
        "equal contrast 6.1 and 5.3 mm, unregistered 14.1 and 10.6 mm. Mutual information "
        "asks how well one gray value predicts the other, not whether they are equal, so an "
        "inversion changes hardly anything. A sum of squared differences asks for equality: "
        "in the brain it is 0.36 before and 0.36 after the affine transform in the first pair "
        "(0.16 and 0.16 in the second), but falls from 0.07 to 0.05 (0.12 to 0.09) with equal "
        "contrast. So its minimum need not lie at the right transform."
    ),
    "Double the iterations": (
        "Run `register_deformable(..., iterations=24)` and look at mean and 95th percentile "
        "of the TRE by pair, and at the folds. More iterations raise the mutual information, "
        "which is all that is optimized, so do not expect the TRE to fall. In the first pair "
        "of heads it rose: 4.6 mm with 12, 4.9 with 24, 5.8 with 48 iterations, 95th "
        "percentile 10.3, 11.2, 13.7 mm, deep in the brain (more than 20 mm inside) 4.1, 4.4, "
        "5.2 mm; no folds. The field fits noise and the uneven coil. One pair shows that it "
        "can happen; average the five before you say how often. Stopping early is a "
        "regularization here, as for networks."
    ),
}
"""Model answers by words of their task; numbers are those of a few slices or heads, as stated."""
