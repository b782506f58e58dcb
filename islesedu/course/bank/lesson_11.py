"""Lesson 11, Build a V-Net."""

from collections.abc import Callable, Sequence
from typing import Any

from islesedu.course.exercise import Exercise, FunctionExercise
from islesedu.course.network_exercise import (
    NetworkExercise,
    judge_down,
    judge_residual_block,
    judge_up,
    judge_vnet,
)

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


def _parameters(c_in: int, c_out: int, k: int) -> int:
    """Return the parameters of a convolution with bias and PReLU."""
    return k**3 * c_in * c_out + 2 * c_out


def _parameter_slips(c_in: int, c_out: int, k: int) -> dict:
    """Return what the usual mistakes give."""
    return {
        "biases and slopes are parameters, too": k**3 * c_in * c_out,
        "the slopes of the PReLU are missing": k**3 * c_in * c_out + c_out,
        "that is a kernel in two dimensions": k**2 * c_in * c_out + 2 * c_out,
        "every filter has a kernel for each input channel": k**3 * c_out + 2 * c_out,
        "there is one bias and one slope for each output channel": k**3 * c_in * c_out + 2 * c_in,
        "there is one bias and one slope for each output channel, not for the layer": k**3
        * c_in
        * c_out
        + 2,
    }


def _bottom(k: int, convolutions: Sequence[int], bottom: int, first: int, last: int) -> int:
    """Return what bottom voxels `first` to `last` see, bottom block and input included."""
    half = k // 2
    first, last = first - bottom * half, last + bottom * half
    for count in reversed(convolutions):
        first, last = 2 * first, 2 * last + 1
        first, last = first - count * half, last + count * half
    return last - first + 1 + 2 * half


def _field(k: int, convolutions: Sequence[int], bottom: int) -> int:
    """Return how many input voxels the output voxel 0 sees along one axis."""
    first, last = 0, 0
    for count in convolutions:
        first, last = (first - count * (k // 2)) // 2, (last + count * (k // 2)) // 2
    return _bottom(k, convolutions, bottom, first, last)


def _field_slips(k: int, convolutions: Sequence[int], bottom: int) -> dict:
    """Return what the usual mistakes give."""
    right = _field(k, convolutions, bottom)
    backwards = [0, 0]
    for count in reversed(convolutions):
        backwards = [(backwards[0] - count * (k // 2)) // 2, (backwards[1] + count * (k // 2)) // 2]
    return {
        "that is the field of a voxel at the bottom; an output voxel sees more": _bottom(
            k, convolutions, bottom, 0, 0
        ),
        "the convolution at the input is missing": right - (k - 1),
        "from 3 to 5 there are three voxels: count both ends": right - 1,
        "going back from the output, the first level of the decoder comes first": _bottom(
            k, convolutions, bottom, *backwards
        ),
    }


def _no_prelu(volume: Any, filters: int, size: int, stride: int = 1) -> Any:
    """Convolve without PReLU."""
    from keras import layers

    return layers.Conv3D(filters, size, strides=stride, padding="same")(volume)


def _block(convolve: str = "convolve", add: str = "end") -> Callable:
    """Return a residual block with a mistake."""

    def block(volume: Any, shortcut: Any, filters: int, count: int, size: int) -> Any:
        from keras import layers

        from islesedu.networks import vnet

        one = vnet.convolve if convolve == "convolve" else _no_prelu
        for _ in range(1 if add == "one convolution" else count):
            volume = one(volume, filters, size)
            if add == "each":
                volume = layers.Add()([volume, shortcut])
        if add == "before":
            volume = layers.Add()([layers.Multiply()([shortcut, volume]), volume])
        return volume if add == "each" else layers.Add()([volume, shortcut])

    return block


def _before_prelu(volume: Any, shortcut: Any, filters: int, count: int, size: int) -> Any:
    """Add the shortcut before the last PReLU."""
    from keras import layers

    from islesedu.networks import vnet

    for _ in range(count - 1):
        volume = vnet.convolve(volume, filters, size)
    volume = layers.Add()([_no_prelu(volume, filters, size), shortcut])
    return layers.PReLU(shared_axes=[1, 2, 3])(volume)


def _valid(volume: Any, filters: int) -> Any:
    """Halve the size, rounding down."""
    from keras import layers

    volume = layers.Conv3D(filters, 2, strides=2)(volume)
    return layers.PReLU(shared_axes=[1, 2, 3])(volume)


def _down_with(size: int, stride: int) -> Callable:
    """Return a way down with a mistake."""

    def down(volume: Any, filters: int) -> Any:
        from islesedu.networks import vnet

        return vnet.convolve(volume, filters, size, stride=stride)

    return down


def _up_with(mistake: str) -> Callable:
    """Return a way up with a mistake."""

    def up(volume: Any, skip: Any, filters: int) -> Any:
        from keras import layers

        from islesedu.networks import vnet

        volume = layers.Conv3DTranspose(filters, 2, strides=2)(volume)
        if mistake != "prelu":
            volume = layers.PReLU(shared_axes=[1, 2, 3])(volume)
        if mistake == "cut":
            return layers.Add()([volume, layers.UpSampling3D(2)(vnet.down(skip, filters))])
        volume = vnet.CutTo()([volume, skip])
        return layers.Concatenate()([volume, skip]) if mistake == "concatenate" else volume

    return up


def _vnet_with(mistake: str) -> Callable:
    """Return a V-Net with a mistake."""

    def vnet(channels: int, filters: int, size: int, convolutions: Sequence[int], bottom: int):
        import keras
        from keras import layers

        from islesedu.networks import vnet as blocks

        image = keras.Input((None, None, None, channels))
        volume, skips = blocks.convolve(image, filters, size), []
        for count in convolutions:
            before = volume
            volume = blocks.residual_block(volume, volume, filters, count, size)
            skips.append(before if mistake == "input" else volume)
            filters = 2 * filters
            volume = blocks.down(volume, filters)
        volume = blocks.residual_block(volume, volume, filters, bottom, size)
        for count, skip in reversed(list(zip(convolutions, skips, strict=True))):
            filters = filters // 2
            volume = blocks.up(volume, skip, filters)
            pair = [skip, volume] if mistake == "order" else [volume, skip]
            both = layers.Concatenate()(pair)
            added = skip if mistake == "shortcut" else volume
            volume = blocks.residual_block(both, added, filters, count, size)
        last = layers.Conv3D(1, 1, activation=None if mistake == "sigmoid" else "sigmoid")
        return keras.Model(image, last(volume))

    return vnet


EXERCISES = {
    "11.1": FunctionExercise(
        asks="a function",
        answer=_parameters,
        cases=[(6, 16, 5), (32, 64, 2), (3, 4, 1)],
        slips=_parameter_slips,
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
        answer=judge_residual_block,
        slips={
            "a PReLU is missing after each convolution": _block("no prelu"),
            "the shortcut is added before the last PReLU, not after it": _before_prelu,
            "add the shortcut once, to the result of the last PReLU": _block(add="each"),
            "with count = 2 the block does not have 2 convolutions": _block(add="one convolution"),
        },
        hints=(
            "A loop over `count` convolutions; each takes what the previous one gave.",
            "`volume = convolve(volume, filters, size)` inside the loop.",
            "`layers.Add()([volume, shortcut])` behind the loop.",
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
            "0 + bias = 1, and PReLU leaves 1 as it is. Now add the input.",
        ),
        solution="your_output = 1.0 + (-3)",
    ),
    "11.4": NetworkExercise(
        asks="a function",
        answer=judge_down,
        slips={
            "an odd size must be halved and rounded up, so that no voxel is lost": _valid,
            "the result must have half the size of the volume along each axis": _down_with(2, 1),
            "the kernel covers 2 x 2 x 2 voxels": _down_with(3, 2),
        },
        hints=(
            "Which argument of `convolve` makes the kernel move two voxels at a time?",
            "A kernel of 2 with `stride=2`.",
        ),
        solution=_DOWN,
    ),
    "11.5": NetworkExercise(
        asks="a function",
        answer=judge_up,
        slips={
            "the PReLU after the transposed convolution is missing": _up_with("prelu"),
            "return the enlarged volume with `filters` channels; it is concatenated later": (
                _up_with("concatenate")
            ),
            "the result must be cut to the size of the skip": _up_with("cut"),
        },
        hints=(
            "Three steps: `layers.Conv3DTranspose`, PReLU, `CutTo`.",
            "`layers.Conv3DTranspose(filters, 2, strides=2, bias_initializer='ones')`.",
            "PReLU as in `convolve`: `layers.PReLU(alpha_initializer=SLOPE, shared_axes=[1, 2, "
            "3])`; at the end `CutTo()([volume, skip])`.",
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
            "53, 27, 14, 7, 4. Upwards: 8 against 7, 14 against 14, and so on.",
        ),
        solution="""columns = [53, 27, 14, 7, 4]
your_columns = (4, sum(2 * low - high for high, low in zip(columns, columns[1:])))""",
        points=2,
    ),
    "11.7": NetworkExercise(
        asks="a function",
        answer=judge_vnet,
        slips={
            "the output is no probability: the last layer has a sigmoid": _vnet_with("sigmoid"),
            "concatenate the volume from below first, then the skip": _vnet_with("order"),
            "the parameters are right, but not what is connected with what: compare skips and "
            "shortcuts with the diagram": _vnet_with("shortcut"),
        },
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
            "Try n = 17, 18, ... until the number exceeds 43,945,969.",
        ),
        solution="""your_filters = max(
    n for n in range(1, 100) if sum(blocks_by_hand(filters=n, k=3).values()) <= 43_945_969
)""",
        points=2,
    ),
    "11.9": Exercise(
        asks="one number",
        answer=6.291456,
        tolerance=0.05,
        slips={
            "that level is halved twice, not once": 50.331648,
            "a float32 takes 4 bytes": 1.572864,
            "the tensor has all 64 channels": 0.098304,
            "the third level has 64 channels, and its depth is halved twice, too": 25.165824,
            "1 MB is a million bytes here": 6.0,
        },
        hints=(
            "What is left of 256 x 256 x 24 after two times down?",
            "64 x 64 x 6 voxels, with 64 channels of 4 bytes.",
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
        answer=_field,
        cases=[(5, (1, 2), 1), (3, (1, 2), 1), (3, (1, 2, 3, 3), 3), (5, (1, 2, 3, 3), 3)],
        slips=_field_slips,
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
