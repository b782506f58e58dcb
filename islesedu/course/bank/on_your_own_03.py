"""Answers to the open tasks of lesson 03, Build a convolution layer."""

ANSWERS = {
    "Learn the Laplacian": (
        "At once: from 0.315 the loss goes to 0.326, 0.414, 0.918, 3.70, 19.0, and soon grows by "
        "a factor of 5.46 a step, the square of 0.2 times 16.69 minus 1. The Laplacian does not "
        "change when it is flipped, and it has a part along the steepest direction (-0.02: its "
        "weights sum to 0, but that direction is not exactly uniform). Nothing has to grow out "
        "of rounding first."
    ),
    "left half of the slice": (
        "The loss falls for two steps, from 2.46 to 1.94, and exceeds its start at the third. "
        "The cut goes through the brain, so the Hessian is no longer unchanged by the flip, and "
        "Sobel x has a part along its steepest direction (-0.03). The largest eigenvalue is "
        "17.07, the limit 0.117. The odd case depended on a symmetry that real images seldom "
        "have."
    ),
    "Put relu behind": (
        "No. With zeros every pre-activation is 0, where the gradient of relu is taken as 0: the "
        "first gradient is exactly 0 and so are all others, and the loss stays at 1.27. Small "
        "random weights (0.01) break the tie: after 1000 steps at rate 0.1 the loss is 0.0005 "
        "and the kernel is Sobel x up to 0.2 in each weight, for two starts that were tried. "
        "This is why networks begin with random weights."
    ),
}
"""Model answers by words of their task, measured with the lesson's default parameters."""
