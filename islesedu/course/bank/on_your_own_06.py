"""Answers to the open tasks of lesson 06, Meet the patients."""

ANSWERS = {
    "Require two maps at once": (
        "Compute the mean training Dice for each pair of a grid. With *t* from 2 to 14 s and 12 "
        "values of *u* from 10 to 50 the best pair is Tmax > 5.5 s and CBF < 12.5; alone, Tmax is "
        "best above 7.5 s. On the validation patients the pair has a mean Dice of 0.271, Tmax "
        "alone 0.179: a difference of +0.092 (95 % bootstrap interval +0.039 to +0.145, eight "
        "patients), higher in six of eight. The second map removes tissue that is reached late "
        "but has enough flow, the benign delay. That is what a network can learn, too."
    ),
    "Remove small components": (
        "Choose threshold and share together on the training patients: Tmax > 7 s and a share of "
        "0.1 (training Dice 0.188, without removal 0.178). On the validation patients the removal "
        "brings +0.010 (95 % interval -0.008 to +0.030): not clear. The threshold does not win "
        "clearly either: 7 s instead of 6 s changes the validation Dice by -0.023 (-0.070 to "
        "+0.006). Single noisy voxels are few, so removing them changes Dice little; false "
        "positives that count are large regions, and these stay. A large share (0.5 and above) "
        "lowers the training Dice at 7 s, for it also removes true lesions."
    ),
    "Divide CBF of each patient by its median": (
        "It may: the best threshold on the training patients becomes CBF < 0.54 of the median "
        "(mean training Dice 0.224 instead of 0.138 at CBF < 12). On the validation patients it is "
        "0.239 instead of 0.185, +0.055 with an interval of -0.018 to +0.137: eight patients do "
        "not decide. There is a reason to expect a gain: the scale of CBF is arbitrary, and the "
        "medians of the patients range from 3 to 43. Division removes the factor of the scanner. "
        "Not all of the difference is the scanner's: a large stroke lowers the median itself; the "
        "median of the other hemisphere would be better."
    ),
    "Plot lesion volume against mRS": (
        "`table.plot.scatter('volume_ml', 'mRS', logx=True)`. The two go together (Spearman "
        "correlation 0.77 in the 43 synthetic patients), but the scatter is wide: with mRS 3 the "
        "volumes range from 0.7 to 107 ml. A small lesion can disable if it lies in an eloquent "
        "place: in the internal capsule, the brain stem or a language area a few milliliters "
        "interrupt a whole tract. Age, disability before the stroke, an earlier stroke and "
        "complications count as well, and mRS 6 (death) may have another cause. In a synthetic "
        "cohort such cases are scatter of the simulation; the reasons are those of real patients."
    ),
}
"""Model answers by words of their task, measured with the lesson's default parameters."""
