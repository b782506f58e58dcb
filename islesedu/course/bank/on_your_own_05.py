"""Answers to the open tasks of lesson 05, Turn a CNN into an FCNN."""

ANSWERS = {
    "instead of upsampling": (
        "Hardly. At the threshold of the lesson (0.8) the mean Dice of the eight validation "
        "patients is 0.369 with either; the paired difference is -0.0003 with a standard error "
        "of 0.009 (95 % interval -0.017 to +0.017). The errors of this network are regions of "
        "many pixels; exact borders matter once the regions are right. It costs about four times "
        "the products."
    ),
    "true prevalence": (
        "A low one. With 5 lesion and 195 other patches from each training patient and 15 "
        "epochs, the best of the thresholds tried is 0.02 (mean Dice of the validation patients "
        "0.375); at 0.5 it is 0.10. No correction is needed now, so 0.02 is to be compared with "
        "Dice / 2 = 0.19 for calibrated probabilities: on new patients the network gives lesions "
        "too low a probability. A network that answers with the prevalence everywhere has the "
        "loss 0.117. That is passed in the second epoch (0.079, after 0.133 in the first), with "
        "7,000 patches an epoch."
    ),
    "three seeds": (
        "Other initial weights, the same patches: the thresholds are 0.95, 0.80 and 0.80, the "
        "validation Dice 0.43, 0.39 and 0.42, the test Dice 0.29, 0.35 and 0.37. The lesson's "
        "network has 0.28, with an interval of 0.15 to 0.42 over patients: eight patients leave "
        "more doubt than the seed does, but the interval over patients does not contain the "
        "doubt about the seed. A comparison of methods needs several trainings of each (lesson "
        "13)."
    ),
}
"""Model answers by words of their task, measured with the lesson's default parameters."""
