"""Answers to the open tasks of lesson 00, Start here."""

ANSWERS = {
    "Blur Tmax": (
        "The blur averages away single bright pixels and keeps what is bright over several "
        "pixels, so it does much of what the two layers do. Its maximum lies in the lesion in 45 "
        "% of a patient's slices, that of Tmax itself in 34 % (paired difference +10.6 "
        "percentage points, 95 % interval +2.4 to +19.9) and that of the two layers in 40 %. "
        "Blur minus two layers: +4.8 points (-1.1 to +10.7), so these 40 patients cannot tell "
        "which of the two is better. A good answer gives the interval and does not call the blur "
        "better than the two layers."
    ),
    "three of the four channels": (
        "What remains responds to any place with an edge on its left side, blob or not. The "
        "share falls from 40 % to 35 %, by 5.3 percentage points (95 % interval of the paired "
        "difference: -13.1 to +2.4). The interval does not exclude that the other channels add "
        "nothing: an edge nearby may explain most of what the two layers find."
    ),
    "*dark* blobs": (
        "CBF increases away from a dark blob, so its edges point outwards. Either swap the "
        "channels of opposite directions in the ring, or give the layers the median minus CBF. "
        "The bias of layer 1 needs another value, for CBF has another unit (here -1 ml/100 g/min "
        "per pixel). Then the maximum lies in the lesion in 30 % of the slices, 9.6 percentage "
        "points less than with Tmax (95 % interval -18.9 to -1.1): CBF is low in all white "
        "matter, too."
    ),
    "Describe three levels": (
        "Each level is made of parts of the level below, and says less about where and more "
        "about what. Letters: strokes, then letters, then words. A bird's song: tones, then "
        "syllables, then phrases. A bicycle: tubes and spokes, then wheels and frame, then the "
        "bicycle. Three parts of the same size are no hierarchy."
    ),
}
"""Model answers by words of their task, measured with the lesson's default parameters."""
