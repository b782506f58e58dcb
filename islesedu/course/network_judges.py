"""What is wrong with a reader's residual block, way down, way up, or whole V-Net.

Each judge builds what the reader's function builds, and the same with `islesedu.networks.vnet`, and
compares sizes, channels, the number of parameters, and the numbers that come out where both have
the same weights. It returns the first thing that is wrong as a sentence, or "".
"""

from collections.abc import Callable

import numpy as np

from islesedu.course.answers import short
from islesedu.course.network_exercise import (
    WrongPart,
    built,
    copy_weights,
    inputs_of,
    judged,
    model_of,
    output_of,
    same_parameters,
    volume_of,
)

_SIZE = (5, 4, 3)
"""Of the volumes that are sent through: odd, even, odd."""
_HALF = (3, 2, 2)


def _layer(c_in: int, c_out: int, k: int) -> int:
    """Return the parameters of a convolution with bias and PReLU."""
    return k**3 * c_in * c_out + 2 * c_out


def _same_output(model, reference, *volumes: np.ndarray) -> bool:
    """Tell whether two models give the same where they have the same random weights."""
    copy_weights(reference, model)
    found, wanted = output_of(model, *volumes), output_of(reference, *volumes)
    return np.allclose(found, wanted, atol=1e-4)


def _check_channels(model, filters: int) -> None:
    """Raise `WrongPart` if a block does not give `filters` channels."""
    if model.output_shape[-1] != filters:
        raise WrongPart("the result must have `filters` channels")


@judged
def judge_residual_block(function: Callable) -> None:
    """Judge ``function(volume, shortcut, filters, count, size)``.

    Examples
    --------
    >>> judge_residual_block(17)
    'your answer is 17; give a function'
    """
    from islesedu.networks.blocks import residual_block

    volumes = volume_of(6, 1, _SIZE), volume_of(3, 2, _SIZE)
    for count in (2, 3):
        inputs = inputs_of(6, 3)
        model = model_of(inputs, built(function, *inputs, 3, count, 3))
        _check_channels(model, 3)
        if output_of(model, *volumes).shape != volumes[1].shape:
            raise WrongPart("a residual block must keep the size of the volume")
        wanted = _layer(6, 3, 3) + (count - 1) * _layer(3, 3, 3)
        slips = {
            wanted + (n - count) * _layer(3, 3, 3): (
                f"with count = {count} the block does not have {count} convolutions"
            )
            for n in range(1, 6)
            if n != count
        }
        slips |= {wanted - 3 * count: "a PReLU is missing after each convolution"}
        slips |= {wanted - 3: "one of the convolutions has no PReLU"}
        same_parameters(model, wanted, slips, f"the block with count = {count}")
        _check_shortcut(model, volumes)
        if not _same_output(
            model, model_of(inputs, residual_block(*inputs, 3, count, 3)), *volumes
        ):
            raise WrongPart("add the shortcut once, to the result of the last PReLU")


def _check_shortcut(model, volumes: tuple[np.ndarray, np.ndarray]) -> None:
    """Raise `WrongPart` unless a block whose parameters are all 0 gives its shortcut."""
    model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
    output = output_of(model, *volumes)
    if not output.any():
        raise WrongPart("the shortcut is not added")
    if np.array_equal(output, np.maximum(volumes[1], 0)):
        raise WrongPart("the shortcut is added before the last PReLU, not after it")


@judged
def judge_down(function: Callable) -> None:
    """Judge ``function(volume, filters)``."""
    from islesedu.networks.blocks import down

    (image,) = inputs_of(3)
    model, volume = model_of(image, built(function, image, 6)), volume_of(3, 1, _SIZE)
    _check_channels(model, 6)
    size = output_of(model, volume).shape[1:4]
    if size == tuple(n // 2 for n in _SIZE):
        raise WrongPart("an odd size must be halved and rounded up, so that no voxel is lost")
    if size != _HALF:
        raise WrongPart("the result must have half the size of the volume along each axis")
    slips = {8 * 18 + 6: "the PReLU after the convolution is missing"}
    slips |= {_layer(3, 6, k): "the kernel covers 2 x 2 x 2 voxels" for k in (1, 3, 4, 5)}
    same_parameters(model, _layer(3, 6, 2), slips, "the block")
    if not _same_output(model, model_of(image, down(image, 6)), volume):
        raise WrongPart("the parameters are right, the numbers are not: convolution, then PReLU")


@judged
def judge_up(function: Callable) -> None:
    """Judge ``function(volume, skip, filters)``."""
    from islesedu.networks.blocks import up

    inputs = inputs_of(6, 3)
    model = model_of(inputs, built(function, *inputs, 3))
    volumes = volume_of(6, 1, _HALF), volume_of(3, 2, _SIZE)
    if model.output_shape[-1] == 6:
        raise WrongPart("the result must have `filters` channels; it is concatenated later")
    _check_channels(model, 3)
    size = output_of(model, *volumes).shape[1:4]
    if size == tuple(2 * n for n in _HALF):
        raise WrongPart("the result must be cut to the size of the skip")
    if size != _SIZE:
        raise WrongPart("the result must have the size of the skip")
    slips = {8 * 18 + 3: "the PReLU after the transposed convolution is missing"}
    slips |= {_layer(6, 3, k): "the kernel covers 2 x 2 x 2 voxels" for k in (1, 3, 4, 5)}
    same_parameters(model, _layer(6, 3, 2), slips, "the block")
    if not _same_output(model, model_of(inputs, up(*inputs, 3)), *volumes):
        raise WrongPart("the numbers are not right: transposed convolution, then PReLU, then cut")


@judged
def judge_vnet(function: Callable) -> None:
    """Judge ``function(channels, filters, size, convolutions, bottom)``.

    What it builds must do what `islesedu.networks.build_vnet` does: take any size, give one
    probability a voxel, have as many parameters, and give the same numbers with the same weights.
    """
    import keras

    from islesedu.networks.vnet import build_vnet

    for convolutions, bottom in (((1, 2), 1), ((1,), 2)):
        model = built(function, 2, 2, 3, convolutions, bottom)
        if not isinstance(model, keras.Model):
            raise WrongPart(f"your function returns {short(model)}; return a keras.Model")
        if tuple(model.input_shape) != (None, None, None, None, 2):
            raise WrongPart("the input must take any size and have `channels` channels")
        if model.output_shape[-1] != 1:
            raise WrongPart("the output must have one channel, the probability")
        reference = build_vnet(2, 2, 3, convolutions, bottom)
        what = f"with convolutions = {convolutions} the V-Net"
        same_parameters(model, reference.count_params(), {}, what)
        _compare_vnets(model, reference, volume_of(2, 3, (7, 5, 3)))


def _compare_vnets(model, reference, volume: np.ndarray) -> None:
    """Raise `WrongPart` unless two networks of equal size make the same of a volume."""
    if output_of(model, volume).shape != (*volume.shape[:4], 1):
        raise WrongPart("each voxel must get one probability, also where a size is odd")
    if _same_output(model, reference, volume):
        return
    output = output_of(model, volume)
    if output.min() < 0 or output.max() > 1:
        raise WrongPart("the output is no probability: the last layer has a sigmoid")
    _exchange_halves(reference)
    if np.allclose(output, output_of(reference, volume), atol=1e-4):
        raise WrongPart("concatenate the volume from below first, then the skip")
    raise WrongPart(
        "the parameters are right, but not what is connected with what: compare skips and "
        "shortcuts with the diagram"
    )


def _exchange_halves(model) -> None:
    """Exchange the halves of the input channels of each convolution behind a concatenation."""
    for layer in model.layers:
        if layer.name.startswith("decoder") and layer.name.endswith("conv1"):
            kernel, bias = layer.get_weights()
            half = kernel.shape[3] // 2
            swapped = np.concatenate([kernel[:, :, :, half:], kernel[:, :, :, :half]], axis=3)
            layer.set_weights([swapped, bias])
