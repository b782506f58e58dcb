"""What stands on the two talks' slides with a number in it, and the lessons that say it.

A text in `ON_SLIDES` has the words and digits of its slide; " | " stands between ways of writing
it.
"""

ON_SLIDES = {
    "Image Convolution": {
        "0 -1 0 -1 5 -1 0 -1 0": ("01",),
        "0 a + (-1) b + 0 c + (-1) d + 5 e + (-1) f + 0 g + (-1) h + 0 i": ("01",),
        "1 2 4 1 0 2": ("01",),
        "0 1 0 0 1 1": ("01",),
        "1 0 3 2 3 0": ("01",),
        "4 3 4 1 0 1": ("01",),
        "2 4 1 1 2 0": ("01",),
        "4 2 5 2 6 4": ("01",),
        "3 = 1 × 0 + 2 × (-1) + 4 × 0 + 0 × (-1) + 1 × 5 + 0 × (-1) + 1 × 0 + 0 × (-1) + 3 × 0": (
            "01",
        ),
        "3 -8 -4 1": ("01",),
    },
    "Convolutions with multiple input channels": {"3 input channels | three channels": ("02",)},
    "Convolutions with multiple outputs": {"6 × 6 × 3": ("02",), "4 × 4 × 2": ("02",)},
    "Convolution Layer": {
        "relu(w_1 a + w_2 b + w_3 c + w_4 d + w_5 e + w_6 f + w_7 g + w_8 h + w_9 i + b)": ("03",),
        "cs231n.github.io/assets/conv-demo": ("03",),
    },
    "Motivation": {"3 hours | three hours": ("06",), "90 days": ("06", "12")},
    "Data Description": {
        "75 patients": ("06",),
        "43/32 patients": ("06", "12"),
        "ISLES 2017": ("06", "12"),
        "6 different maps | six maps": ("06",),
    },
    "Pre-Processing": {
        "width × height × depth × 6": ("08",),
        "4 dimensional | 4-dimensional | four-dimensional | 4-D": ("08",),
        "6 channels | six channels": ("08",),
    },
    "Methods": {
        "github.com/MiguelMonteiro/ISLES2017": ("12",),
        "3DV 2016 | (2016)": ("11", "12"),
        r"\frac{1}{N} \sum": ("10",),
        r"\frac{2 \sum": ("10",),
    },
    "Evaluation": {
        "5-fold cross-validation": ("12", "13"),
        "0.357 ± 0.216": ("12", "13"),
        "30.823 ± 18.512": ("13",),
        "4.426 ± 3.546": ("13",),
        "0.179 ± 0.204": ("13",),
        "54.383 ± 61.122": ("13",),
        "35.265 ± 67.517": ("13",),
        "0.000 ± 0.000": ("13",),
        "190.512 ± 42.516": ("09", "13"),
        "42%": ("13",),
        "0%": ("13",),
        "73%": ("13",),
    },
}
"""By title of the slide, without its number: each text, and the lessons in which it stands."""
