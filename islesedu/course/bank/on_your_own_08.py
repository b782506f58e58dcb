"""Answers to the open tasks of lesson 08, Prepare the images."""

ANSWERS = {
    "Standardize over the brain voxels only": (
        "Less, but far from equal: the z-score of Tmax = 6 s ranges from -0.30 to 2.79 (standard "
        "deviation 0.71) instead of 0.22 to 4.21 (1.07). For ADC = 620 the standard deviation "
        "falls by half, from 0.10 to 0.05. The share of background no longer matters; the "
        "patient's own stroke and wild voxels still do. The best threshold on the training "
        "patients is z = 0.4, and the validation Dice 0.148, between 0.121 for z-scores of the "
        "whole volume and 0.167 for seconds. Neither difference is clear: +0.028 (95 % interval "
        "-0.016 to +0.067) and -0.019 (-0.042 to +0.002)."
    ),
    "Implement a fixed scale": (
        "Two numbers for each map, mean and standard deviation over all brain voxels of the "
        "*training* patients: here 1028 and 405 for ADC, 4.5 and 7.0 for Tmax, then "
        "`(image - mean) / std` for every patient. They belong in the network's file, with the "
        "order of the channels and the units (and the limits, if one clips): another scale at "
        "prediction is another input. Tmax = 6 s is z = 0.21 in every patient, and a threshold "
        "does what it did in seconds (validation Dice 0.166 against 0.167; only the grid of "
        "thresholds differs). For CBF and CBV, whose scale is arbitrary, this would not help."
    ),
    "Clip at the 99.5th percentile": (
        "It does little: the best threshold is z = 2.7 and the validation Dice 0.130, against "
        "0.121 without clipping (+0.009, interval 0.000 to +0.020) and 0.161 with a limit of "
        "20 s (-0.031, interval -0.053 to -0.012). The percentile of the brain voxels ranges from "
        "6 to 106 s between patients, with a median of 36 s. It removes single broken voxels, but "
        "where half a percent of the voxels is wild it leaves them, and it makes the limit "
        "another per-patient number. A limit in seconds is the same for all."
    ),
    "Read your own ISLES 2017 folder": (
        "`patients = [read_case(case) for case in find_cases(your_folder)]`, then run the cell of "
        "the figure. First look at `patient.brain.mean()` and at the largest values of each map. "
        "A wide row for Tmax means that a z-score stands for other seconds in each patient, as "
        "here. A row for ADC that is as wide points to another unit in some cases. Single ticks "
        "far from all others are cases to open in the browser: wrong unit, wild voxels, or a mask "
        "of the brain that failed. `islesedu data check FOLDER` helps to find them."
    ),
}
"""Model answers by words of their task, measured with the lesson's default parameters."""
