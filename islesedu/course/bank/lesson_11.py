"""Lesson 11, Build a V-Net."""

from islesedu.course import network_judges, network_sizes, network_slips
from islesedu.course.exercise import Exercise, FunctionExercise
from islesedu.course.network_exercise import NetworkExercise

_PARAMETERS = '''def your_parameters(c_in, c_out, k):
    """Return the trainable parameters of convolution, bias and PReLU."""
    return k**3 * c_in * c_out + c_out + c_out'''

_RESIDUAL = '''def your_residual_block(volume, shortcut, filters, count, size):
    """Apply `count` convolutions with PReLU, then add the shortcut."""
    for _ in range(count):
        volume = convolve(volume, filters, size)
    return layers.Add()([volume, shortcut])'''

_DOWN = '''def your_down(volume, filters):
    """Halve the size, rounding up."""
    return convolve(volume, filters, 2, stride=2)'''

_UP = '''def your_up(volume, skip, filters):
    """Double the size, and cut to that of the skip."""
    transposed = layers.Conv3DTranspose(filters, 2, strides=2, bias_initializer="ones")
    prelu = layers.PReLU(alpha_initializer=SLOPE, shared_axes=[1, 2, 3])
    return CutTo()([prelu(transposed(volume)), skip])'''

_VNET = '''def your_vnet(channels, filters, size, convolutions, bottom):
    """Return a V-Net as a keras.Model."""
    image = keras.Input((None, None, None, channels))
    volume, skips = convolve(image, filters, size), []
    for count in convolutions:
        volume = residual(volume, volume, filters, count, size)
        skips.append(volume)
        filters = 2 * filters
        volume = down(volume, filters)
    volume = residual(volume, volume, filters, bottom, size)
    for count, skip in reversed(list(zip(convolutions, skips))):
        filters = filters // 2
        volume = up(volume, skip, filters)
        both = layers.Concatenate()([volume, skip])
        volume = residual(both, volume, filters, count, size)
    last = layers.Conv3D(1, 1, activation="sigmoid", bias_initializer="ones")
    return keras.Model(image, last(volume))'''

_FIELD = '''def your_field(k, convolutions, bottom):
    """Return how many input voxels the output voxel 0 sees along one axis."""
    first, last, half = 0, 0, k // 2
    for count in convolutions:  # from the output down the decoder
        first, last = first - count * half, last + count * half
        first, last = first // 2, last // 2  # up
    first, last = first - bottom * half, last + bottom * half
    for count in reversed(convolutions):  # and up the encoder
        first, last = 2 * first, 2 * last + 1  # down
        first, last = first - count * half, last + count * half
    return (last + half) - (first - half) + 1'''


EXERCISES = {
    "11.1": FunctionExercise(
        asks="a function",
        answer=network_sizes.layer_parameters,
        cases=[(6, 16, 5), (32, 64, 2), (3, 4, 1)],
        slips=network_sizes.of_layer_parameters,
        hints=(
            "How many weights has the kernel between one input channel and one output channel?",
            "k³ weights for each pair of an input and an output channel.",
            "Then one bias and one slope for each output channel.",
        ),
        solution=_PARAMETERS,
        points=2,
    ),
    "11.2": NetworkExercise(
        asks="a function",
        answer=network_judges.judge_residual_block,
        slips=network_slips.OF_RESIDUAL_BLOCK,
        hints=(
            "A loop over `count` convolutions; each takes what the previous one gave.",
            "Give the result of a convolution the name of what goes into the next one.",
            "The addition comes once, after the last convolution, not in the loop.",
        ),
        solution=_RESIDUAL,
        points=3,
    ),
    "11.3": Exercise(
        asks="one number",
        answer=-2,
        slips={
            "the input is added to the result of the convolutions": 1,
            "the biases are not zero": -3,
            "the addition comes after the last PReLU": -0.2,
            "the second convolution has a kernel of zeros, too: it does not pass on the first "
            "bias": -1,
        },
        hints=(
            "What comes out of the second convolution, whatever goes into it?",
            "Kernels of zero leave the bias only. What does PReLU make of it, and what comes last?",
        ),
        solution="your_output = 1.0 + (-3)",
    ),
    "11.4": NetworkExercise(
        asks="a function",
        answer=network_judges.judge_down,
        slips=network_slips.OF_DOWN,
        hints=(
            "Which argument of `convolve` makes the kernel move two voxels at a time?",
            "The size of the kernel and its step are given in the text above the exercise.",
        ),
        solution=_DOWN,
    ),
    "11.5": NetworkExercise(
        asks="a function",
        answer=network_judges.judge_up,
        slips=network_slips.OF_UP,
        hints=(
            "Three steps: `layers.Conv3DTranspose`, PReLU, `CutTo`.",
            "Keras calls the step `strides`; the biases start at 1.0 here as everywhere, with "
            "`bias_initializer='ones'`.",
            "For PReLU see `convolve` above: `alpha_initializer=SLOPE`, and one slope for each "
            "channel, which `shared_axes` says. `CutTo()` takes a list of two volumes.",
        ),
        solution=_UP,
        points=2,
    ),
    "11.6": Exercise(
        asks="a pair of whole numbers",
        answer=(4, 3),
        slips={
            "halve and round up: no voxel is lost on the way down": (3, 0),
            "that is after three times": (7, 3),
            "count the cut of each level on the way up": (4, 11),
            "one column is cut wherever the skip has an odd number": (4, 4),
            "nothing is cut where the size of the skip is even, one column where it is odd": (4, 1),
        },
        hints=(
            "Write down the sizes of all levels: 53, 27, ...",
            "On the way up compare twice the size from below with the size of the skip.",
            "Is twice the size from below ever smaller than the skip? By how much can it be "
            "larger?",
        ),
        solution="""columns = [53, 27, 14, 7, 4]
your_columns = (4, sum(2 * low - high for high, low in zip(columns, columns[1:])))""",
        points=2,
    ),
    "11.7": NetworkExercise(
        asks="a function",
        answer=network_judges.judge_vnet,
        slips=network_slips.OF_VNET,
        hints=(
            "Follow the diagram from the image: the input convolution, then for each level a "
            "residual block (keep its result in a list) and down with twice the filters.",
            "On the way up, in reversed order: half the filters, up, "
            "`layers.Concatenate()([volume, skip])`, a residual block on both with the volume from "
            "below as its shortcut.",
            "At the end `layers.Conv3D(1, 1, activation='sigmoid', bias_initializer='ones')` and "
            "`keras.Model(image, probability)`.",
        ),
        solution=_VNET,
        points=5,
    ),
    "11.8": Exercise(
        asks="one whole number",
        answer=33,
        slips={
            "that one already has more parameters than the original": 34,
            "the kernels of 2 x 2 x 2 and the biases do not shrink with k: count with "
            "blocks_by_hand": 34.4,
            "that is the original's number of filters": 16,
            "the number of parameters grows with the square of the filters": 74,
        },
        hints=(
            "`sum(blocks_by_hand(filters=n, k=3).values())` gives the number for n filters.",
            "The number grows with n: find the last n that is not above 43,945,969.",
        ),
        solution="""your_filters = max(
    n for n in range(1, 100) if sum(blocks_by_hand(filters=n, k=3).values()) <= 43_945_969
)""",
        points=2,
    ),
    "11.9": Exercise(
        asks="one number",
        answer=6.291456,
        tolerance=0.008,
        slips={
            "that level is halved twice, not once": 50.331648,
            "a float32 takes 4 bytes": 1.572864,
            "the tensor has all 64 channels": 0.098304,
            "the third level has 64 channels, and its depth is halved twice, too": 25.165824,
            "1 MB is a million bytes here": 6.0,
        },
        hints=(
            "What is left of 256 x 256 x 24 after two times down?",
            "Voxels times channels times the bytes of one float32 number.",
        ),
        solution="your_megabytes = 64 * 64 * 6 * 64 * 4 / 1e6",
    ),
    "11.10": Exercise(
        asks="one of the letters a, b and c",
        answer="a",
        slips={
            "compare the numbers above with the memory of a GPU, which has 8 GB and more": "b",
            "a residual addition works for any batch; each volume gets its own": "c",
        },
        hints=(
            "What do two volumes need to have in common to be in one array (B, X, Y, Z, C)?",
            "Lesson 08 says what was done to the sizes of the scans of this cohort.",
        ),
        solution='your_reason = "a"',
        points=2,
    ),
    "11.11": FunctionExercise(
        asks="a function",
        answer=network_sizes.receptive_field,
        cases=[(5, (1, 2, 3, 3), 3), (3, (1, 2), 1), (3, (1, 2, 3, 3), 3)],
        slips=network_sizes.of_receptive_field,
        hints=(
            "Begin with the interval from 0 to 0 at the output and go backwards: first the "
            "decoder, from level 1 to the deepest.",
            "A block of `count` convolutions: first - count * (k // 2), last + count * (k // 2). "
            "Going back through *up*: both ends are divided by 2 with //.",
            "Then continue as `bottom_field` does, with your interval instead of 0 to 0.",
        ),
        solution=_FIELD,
        points=3,
    ),
}
"""By name, in the order of the lesson."""
