"""Answers to the open tasks of lesson 11, Build a V-Net."""

ANSWERS = {
    "Add a fifth level": (
        "`sum(blocks_by_hand(convolutions=(1, 2, 3, 3, 3)).values())` gives 177,121,265 "
        "parameters, four times as many as before: the bottom alone has 98,307,072, because its "
        "channels double to 512 and the weights grow with their square. Of 19 slices 10, 5, 3, 2 "
        "and then one are left. There, along z, only the middle one of the five layers of a "
        "kernel meets data; the other four, 80 % of the weights at the bottom, meet zero padding "
        "only and get no gradient from such a scan."
    ),
    "How many mm is the receptive field": (
        "The output voxel 0 sees 552 voxels along each axis: 552 mm within the slice, and 3312 mm "
        "along z at 6 mm. A scan of 192 x 192 x 19 voxels is 192 mm wide and 114 mm high, so the "
        "field covers it in every direction. A kernel of 5 spans 5 mm within the slice and 30 mm "
        "along z. That treats unequal distances alike, and deep in the encoder, where 3 or 2 "
        "slices are left, most of it lies in the padding. A kernel of 5 x 5 x 3 or 5 x 5 x 1 in "
        "the upper levels, with strides of 2 x 2 x 1, fits such voxels better; nnU-Net chooses "
        "kernel and stride of each axis from the spacing. Whether Dice gains has to be measured."
    ),
    "Replace the concatenation by an addition": (
        "The first convolution of each decoder block then sees *c* instead of 2*c* channels and "
        "saves 125 c² weights: 32,000, 128,000, 512,000 and 2,048,000, together 2,720,000 of "
        "43,945,969 (6 %), and the memory of the concatenated tensors. `layers.Add()` needs equal "
        "channels, which the way up provides. It can do less: with a concatenation the "
        "convolution can weigh skip and volume separately; an addition is the special case in "
        "which both get the same weights."
    ),
    "biases that start at 0": (
        "Much closer to 0. Three initializations of `build_vnet(filters=4)` have median logits of "
        "-1.6, -3.7 and -2.9 with biases of 1, and -0.1, -1.7 and -0.4 with biases of 0; the "
        "lowest logits are -7.5, -10.4 and -8.9 against -0.7, -2.7 and -0.9. Each layer adds its "
        "bias to all voxels, and the residual additions accumulate it from block to block. "
        "Without biases the logits come from the random weights alone: their size still grows, "
        "but from less. Near 0 the sigmoid is not saturated, and soft Dice has a gradient."
    ),
}
"""Model answers by words of their task, computed with the lesson's default parameters."""
