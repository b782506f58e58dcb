"""Answers to the open tasks of lesson 02, Combine channels."""

ANSWERS = {
    "swaps the red and the blue": (
        "`weights = np.zeros((1, 1, 3, 3))`, then `weights[0, 0, 0, 2] = weights[0, 0, 1, 1] = "
        "weights[0, 0, 2, 0] = 1`: the first output channel takes blue, the second green, the "
        "third red. Check: `conv2d_bank(photo, weights, fast=True)` equals `photo[..., ::-1]`."
    ),
    "higher mean AUC": (
        "One way: logistic regression (`class_weight='balanced'`) on the z-scored pixels of the "
        "first 20 patients. Its weights are ADC -0.58, CBV 0.11, CBF -0.80, MTT 0.33, TTP 0.54, "
        "Tmax 0.24. On these 20 patients the mean AUC is 0.900 against 0.863 for Tmax - CBF "
        "(paired difference +0.038, 95 % interval +0.010 to +0.066); on the other 23 it is 0.930 "
        "against 0.905 (+0.024, +0.010 to +0.039, higher in 18 of 23). So they still win, by "
        "less than on the patients they were chosen on. Only the second comparison counts."
    ),
    "conv3d": (
        "(3, 3, 3): along each axis 4 - 2 + 1 positions, and the channels are summed. Each "
        "number is a sum of 2 x 2 x 2 x 2 = 16 products; with arrays of ones every output is 16."
    ),
}
"""Model answers by words of their task, measured with the lesson's default parameters."""
