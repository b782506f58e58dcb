"""Answers to the open tasks of lesson 01, Convolve by hand."""

ANSWERS = {
    "three pixels down": (
        "The output at row r must be the input at row r - 3, so the weight 1 stands three rows "
        "above the centre: a kernel of 7 x 7 (or 7 x 1) with its only 1 in the middle of the top "
        "row, and padding 3. The kernel must reach three rows from its centre, hence 7. Check: "
        "`np.array_equal(moved[3:], brain[:-3])` is True. (A flipped kernel moves the brain up.)"
    ),
    "Blur twice": (
        "sigma = 2 times the root of 2 = 2.83. The variances of Gaussians add: 4 + 4 = 8. The "
        "largest difference from blurring twice (brightness 0 to 1, away from the border) is "
        "0.0007 for 2.83, but 0.036 for 2.5, 0.018 for 3 and 0.10 for 4. It is not exactly 0, "
        "because the kernels are sampled at whole pixels and cut off at 3 sigma."
    ),
    "Sharpen, then blur": (
        "Inside there is none (2e-15, rounding): convolutions are sums of shifted images, and "
        "the order of sums does not matter. At the border the padding puts zeros between the two "
        "steps. Here that does not show, for the slice is surrounded by zeros anyway. Cut it, "
        "`brain[30:-30, 30:-30]`, and with sigma 1.5 the two orders differ by up to 0.18 in the "
        "outermost five rows and columns."
    ),
}
"""Model answers by words of their task, measured with the lesson's default parameters."""
