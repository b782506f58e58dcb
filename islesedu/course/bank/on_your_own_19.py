"""Answers to the open tasks of lesson 19, Calibrate probabilities."""

ANSWERS = {
    "20 times anew": (
        "Shuffle the 28 calibration and test patients together and split them again, with "
        "both models as they are. In 20 such draws the rule lost on average 0.001 of Dice "
        "with the plain, 0.005 with the corrected and 0.010 with the recalibrated "
        "probabilities (at most 0.006, 0.023, 0.041), and 0.31 with the weighted ones. The "
        "weighted model gains by recalibration: its Brier score fell in all 20 draws, by "
        "0.074 on average. Against the correction by hand recalibration was better in 12 of "
        "20, by 0.00005: nothing. The draws use the same 28 patients, so they are not 20 "
        "independent experiments."
    ),
    "Recalibrate the plain model": (
        "Hardly. On the test patients its ECE goes from 0.014 to 0.012, the Brier score from "
        "0.0132 to 0.0134, and the threshold by the rule is 0.27 before and after. Over 20 "
        "new splits the Brier score fell in 7 and rose in 13 (mean +0.0002), and the Dice "
        "lost by the rule rose from 0.001 to 0.006. A model that is nearly calibrated has "
        "little to gain, and isotonic regression, which fits a free curve to 14 patients, "
        "adds noise. Compute the interval of the paired difference as in the lesson."
    ),
    "Temperature scaling": (
        "Divide the log-odds of the weighted model by the number that minimizes the "
        "cross-entropy of the calibration patients: 0.68. The mean *p* is 0.20 then, where "
        "the prevalence is 0.031, and the ECE is 0.17 (0.21 before). A temperature leaves *p* "
        "= 0.5 where it is: it makes probabilities more or less extreme, but the class weight "
        "has *shifted* the log-odds by ln 20 = 3.0. With a shift as a second number (Platt "
        "scaling) the fit finds -3.15, the mean *p* is 0.031 and the ECE 0.005. Isotonic "
        "regression can be any curve that never falls, so it contains the shift. Temperature "
        "scaling was made for networks that are over-confident in both directions."
    ),
    "expected lesion volume": (
        "Use `p.sum()` times the volume of a voxel in ml, for each test patient. The mean "
        "true volume is 34 ml. The weighted probabilities expect 402 ml too much on average; "
        "the plain ones 23 ml too much (standard deviation of the differences 26), the "
        "corrected ones 26 (25), the recalibrated ones 24 (24). That is much: the test "
        "patients have less lesion than the calibration patients, so probabilities that were "
        "right on average there are too large here. And the error falls with the true volume "
        "(correlations -0.72 to -0.85 for these three): small lesions are overestimated, "
        "large ones less, or underestimated. Calibration over all voxels is no calibration in "
        "each patient."
    ),
    "weight 5": (
        "Run `islesedu lessons run 19 -p weight 5`, and another with `-p seed 8 -p folder "
        "cohort-8`, and compare the printed sentences. With the weight 5 expect the weighted "
        "model to be over-confident by less, since the odds are 5 times too large instead of "
        "20, and the rule to lose less with it; what the correction by hand does should stay. "
        "Sentences about order (a class weight moves the threshold, AP hardly changes) should "
        'survive. Sentences that end with "contains 0", and which of two close models is '
        "ahead, may change with the seed, as 14 test patients decide them. A sentence that "
        "changes was never a finding about models, only about these patients."
    ),
}
"""Model answers by words of their task, measured with the lesson's default parameters."""
