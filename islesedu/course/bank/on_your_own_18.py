"""Answers to the open tasks of lesson 18, Measure what matters."""

ANSWERS = {
    "Shift a ball by one voxel": (
        "For radii of 8, 12, 16 and 24 mm, Dice after a shift along X is 0.88, 0.93, 0.94, 0.96, "
        "and after one along Z 0.41, 0.59, 0.70, 0.80: it reacts to both. At 4 and 6 mm the ball "
        "has one slice only, and a shift along Z leaves no overlap: Dice and lesion-wise F1 are "
        "0. HD95 is the step itself for every radius, 1.25 mm and 6.5 mm: it reacts to the "
        "direction, not to the size. ASSD hardly depends on the size either (0.16 to 0.24 mm "
        "along X). Volume error and, from 8 mm on, lesion-wise F1 see nothing."
    ),
    "with a share of 0.5": (
        "Against the plain mask, for 43 patients: Dice -0.001 (95 % interval -0.017 to +0.013; "
        "with the share 0.1 it was +0.010, +0.004 to +0.016), lesion-wise F1 +0.46 (+0.33 to "
        "+0.58; +0.47), recall -0.10 (-0.16 to -0.05; -0.05), absolute volume error -34 ml (-45 "
        "to -25; -23). So the gain in Dice is gone, and the volume gains more. You have chosen a "
        "share, and on the very patients that are reported: it should be chosen on others."
    ),
    "predicted against true volumes": (
        "Tmax > 6 s marks 244 ml on average, where the final lesion has 52: the mean difference "
        "is +192 ml, with a standard deviation of 159. The error grows with the predicted volume,"
        " not with the true one (their correlation is -0.04): the largest is +651 ml (764 ml "
        "predicted, 113 true). Two patients are under-estimated, one of them with nothing "
        "predicted. Tissue that blood reaches late is not dead: some of it was saved, and some "
        "was only late."
    ),
    "problem fingerprint": (
        "There is no single answer. A good one names the use and its reader, the size of objects "
        "against the voxel, their number, how rare they are, how sure the reference is, what an "
        "empty image means, and which error costs more; and then the measures that follow, with "
        "one that would be misleading and the reason."
    ),
}
"""Model answers by words of their task, measured with the lesson's default parameters."""
