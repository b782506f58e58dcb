"""Answers to the open tasks of lesson 24, Bring your own data."""

ANSWERS = {
    "folder of your own": (
        "Sort the sentences by who can answer them. The scan answers what can be seen: is a "
        "mask displaced or mirrored, is a map cut off, do extreme values lie in the "
        "ventricles or all over the brain? Whoever made the folder answers what no voxel "
        "shows: the unit of a map, what a label means, on which scan the mask was outlined, "
        "whether two cases are one patient, why a mask is missing. Write question, answer, "
        "date and what you changed beside the mended copy. No finding at all is not yet a "
        "proof: the check knows voxels and headers, not the patient, so look at a few cases "
        "with `figures.overlay` in any case."
    ),
    "1000 steps": (
        "Read `history.csv` of the run, or plot `loss` and validation loss by epoch. The "
        "training loss goes on falling; the validation loss falls, becomes flat, and may "
        "rise: where it is lowest is the epoch to keep (early stopping, lesson 12). If it "
        "still falls at step 1000, the training was too short, and nothing can be said about "
        "the best length. If it rises early, the network overfits: more patients, "
        "augmentation or fewer filters. A quarter of about forty patients are ten: the curve "
        "is noisy, so repeat with another seed before you trust its minimum. The score at "
        "this minimum is optimistic, as lesson 14 shows: test patients must be others."
    ),
    "linear interpolation": (
        "On the map's own grid both give the same 749 voxels: the mask begins exactly ten voxels "
        "further along X, so there is nothing to interpolate. For the moved grid give "
        "`resample_to_img` an image with `adc.affine` plus half a voxel in X and Y, and a mask of "
        "`float32` (whole numbers would be rounded back). Then nearest neighbour gives 749 "
        "voxels, linear interpolation with `> 0.5` gives 633, Dice 0.89. All that differ lie at "
        "the border, where the mean of the neighbours is near or at 0.5: linear interpolation "
        "cuts thin tips and corners, nearest neighbour shifts the outline by up to half a voxel. "
        "Report which one was used."
    ),
    "fourth channel": (
        "Mirror the array with `[::-1]` along the axis that runs from side to side (the "
        "affine says which one), write it into the mended folder under the name of a channel "
        "that the folder lacks, such as `MR_TTP.nii`, add that channel to `channels`, and "
        "train twice with the same seed and steps. Expect something: a stroke is one-sided, "
        "and the other side tells what is normal in this patient (radiologists compare both "
        "sides, too). But a convolution sees the mirrored value only if the head is straight, "
        "so register or at least find the mid-plane first. A head that is turned by a few "
        "voxels compares different places. Judge by the paired difference in Dice of "
        "validation patients, with an interval: three of them decide nothing; use "
        "cross-validation, and several seeds. Report it also if it is no gain."
    ),
}
"""Model answers by words of their task; numbers are those of the default parameters."""
