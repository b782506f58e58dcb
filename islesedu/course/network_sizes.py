"""Parameters of a layer and receptive field of a V-Net, and the usual slips in computing them."""

from collections.abc import Sequence


def layer_parameters(c_in: int, c_out: int, k: int) -> int:
    """Return the parameters of a convolution with bias and PReLU.

    Examples
    --------
    >>> layer_parameters(6, 16, 5)
    12032
    """
    return k**3 * c_in * c_out + 2 * c_out


def of_layer_parameters(c_in: int, c_out: int, k: int) -> dict:
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


def receptive_field(k: int, convolutions: Sequence[int], bottom: int) -> int:
    """Return how many input voxels the output voxel 0 of a V-Net sees along one axis.

    Examples
    --------
    >>> receptive_field(5, (1, 2, 3, 3), 3)
    552
    """
    first, last = 0, 0
    for count in convolutions:
        first, last = (first - count * (k // 2)) // 2, (last + count * (k // 2)) // 2
    return _bottom(k, convolutions, bottom, first, last)


def of_receptive_field(k: int, convolutions: Sequence[int], bottom: int) -> dict:
    """Return what the usual mistakes give."""
    right = receptive_field(k, convolutions, bottom)
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
