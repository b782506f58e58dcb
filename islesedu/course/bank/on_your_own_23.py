"""Answers to the open tasks of lesson 23, Design and synthesize."""

ANSWERS = {
    "from random angles": (
        "No. From a constant 5 degrees the train is that of the lesson: 180 degrees first, "
        "then 16 pulses below 5 degrees, about 25 degrees in the middle, 90 at the end, "
        "contrast 0.317 (the best constant angle has 0.140). From random angles between -180 "
        "and 180 degrees, six starts ended in six trains with contrasts of 0.296 to 0.308. "
        "They contain several inversions and 90 degrees last, too, and are local maxima that "
        "Adam does not leave. So a smooth start found the best train seen here. That it is "
        "the best of all is not shown; random starts are how one would look."
    ),
    "penalty for heat": (
        "Let `ascend` minimize `-train_contrast(flips)[0] + weight * tf.reduce_sum(flips**2)` "
        "(radians). Weights of 0.001, 0.003, 0.01 and 0.03 give first pulses of 178, 173, 159 "
        "and 0 degrees and contrasts of 0.317, 0.314, 0.297 and 0.071; the sum of squares "
        "falls from 16.5 (no penalty) to 15.1, 13.7, 10.9 and 0.8. The inversion is the most "
        "expensive pulse, and still one of the last to go: it serves all pulses after it. The "
        "optimizer saves on the others first: at 0.01, 35 of the 39 later pulses are below 5 "
        "degrees. Then the inversion vanishes altogether, and the contrast with it. A "
        "constant angle of 39 degrees has a sum of squares of 18.5."
    ),
    "gray against white matter": (
        "Gray against white matter: at TR 300 and TE 10 ms, the limits, white is brighter by "
        "0.129; the hilltop near TR 3150 and TE 36 ms, where gray is brighter, has 0.048 "
        "only. So the best is T1-weighted, and `choose_times` finds it from (500, 12), not "
        "from (4000, 60). For the old lesion the smaller of the contrasts to gray and to "
        "white is largest at about TR 900, TE 143 ms: 0.199 to gray, 0.218 to white. Against "
        "white alone the best is TR 1140, TE 136 ms with 0.220, but gray has only 0.196 "
        "there. A grid is enough for this (`pulse_sequence.contrast` takes arrays); a minimum "
        "of two functions has a kink, where gradient ascent jumps between both. For the "
        "stroke of 6 hours, white is the smaller one anyway: 0.029 at TR 620, TE 74 ms."
    ),
    "320 images for 12 epochs": (
        "Make `[random_contrast(...)]` of 320 slices, `prepare` them, and train as the "
        "T1-weighted network was trained; add its row to the table. Compare it with both rows "
        "above: with the kit's network it shares the idea, with the specialist the size and "
        "the length of the training. If it is worse than the kit's on all contrasts, the gap "
        "is training, heads and filters, not the idea. On T1-weighted images expect it behind "
        "the specialist, which spends all of its training on that one contrast. On contrasts "
        "that the specialist never saw it needs only to be better than the spatial prior to "
        "have learned to look at the image. Drawing new contrasts in every epoch from the "
        "same heads costs little and is the first thing to try."
    ),
}
"""Model answers by words of their task; numbers of the first three are those of simulations."""
