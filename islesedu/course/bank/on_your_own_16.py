"""Answers to the open tasks of lesson 16, Add treatment information."""

ANSWERS = {
    "with `training = 24`": (
        "Give it another `folder`, and read the printed p of the saved tissue and of the gain. "
        "The smallest p, 1 / (N + 1), means that no permuted control reached the true table. Go on "
        "halving until a permuted control does, and repeat each size with several seeds: near the "
        "limit the outcome depends on which patients were drawn. Expect the saved tissue to need "
        "fewer patients than the gain in Dice, since most of a lesion is core, which treatment "
        "does not change. With few patients the held-out quarter also chooses a poor threshold, "
        "which changes the masks of all arms. A p above the smallest one is no proof that "
        "treatment does not matter, only that so few patients do not show it."
    ),
    "Leave the interactions out": (
        "Replace `treated` and `treated * hours` by two columns, `reopened` and `reopened * "
        "hours`, the same in every voxel. The log-odds of all voxels then shift by the same "
        "amount when TICI changes, so the order of the voxels does not change: this is one "
        "threshold for TICI 0 and another for TICI 3 on one and the same prediction. So it "
        'resembles the arm "threshold by TICI" (and lesson 17\'s control of equal volume). What '
        "it saves is the rim of its own lesion, wherever that is. If its Dice of saved tissue is "
        "close to that of the model with interactions, the gain was in the volume, not in the "
        "place."
    ),
    'fusion="concat"': (
        "The numbers enter as further input channels of the convolution at the bottom. Its weights "
        "for these channels must move, and they do not start at 0: they are drawn at random like "
        "all other weights of the layer. So the untrained network already reacts to TICI (second "
        "column of the table in the lesson), at random. A reaction therefore proves nothing: "
        "compare it before and after the training, and with a permuted control. `factor_change` "
        "is made for FiLM only; measure the largest or mean change of the probability instead."
    ),
    "Swap TICI": (
        'Exchange "0" and "3" in a tenth of `own` before `fit`; leave the test patients as they '
        "are, for their two lesions do not depend on a grade. Wrong grades pull the estimated "
        "effect towards 0 (attenuation): with a share e of random swaps and balanced groups, the "
        "difference between the groups shrinks by the factor 1 - 2 e, here 0.8. So look first at "
        "the slope of predicted on actual saved volume, then at the Dice of saved tissue. Whether "
        "p changes depends on how far the true table was ahead of the permutations. Repeat with "
        "several random choices of the tenth. Permuted controls are the extreme case: half of the "
        "grades are wrong, and 1 - 2 e is 0."
    ),
}
"""Model answers by words of their task."""
