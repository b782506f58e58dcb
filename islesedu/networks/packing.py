"""A 3-D convolution that is quick on a CPU although its network has few channels.

A processor with AVX-512 multiplies 16 numbers at once, and oneDNN gives it 16 output channels; with
4 channels three quarters of the work are zeros. Space-to-depth packs b neighbouring slices into
the channels: a volume (B, X, Y, Z, C) is read as (B, X, Y, Z / b, b C), a copy of nothing, and one
convolution makes b slices of the output at a time. Its kernel holds b copies of the original one,
each a slice further on, with zeros between. The sums are the same ones, in another order.

Space-to-depth: "pixel unshuffle" in other frameworks; Shi et al., "Real-Time Single Image and Video
Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network", CVPR 2016, has its
inverse. What it gains is measured in docs/performance.md.
"""

from typing import NamedTuple

import keras
from keras import layers, ops

from islesedu.networks.backend import Tensor

_LANES = 16
"""Output channels that oneDNN computes at once: float32 numbers in a register of AVX-512."""
_MOST_FILTERS = 4
"""With more, the network's first call (tracing) loses what hundreds of steps gain."""


@keras.saving.register_keras_serializable("islesedu")
class Conv3D(layers.Conv3D):
    """Keras' Conv3D; packs slices into channels where that is quicker, at equal results.

    That is: on a CPU under TensorFlow, with up to 4 filters, stride 1, "same" padding and an odd
    kernel of 5 or more voxels in z. Arguments, weights and shapes are those of
    ``keras.layers.Conv3D``.
    """

    def call(self, inputs: Tensor) -> Tensor:
        """(B, X, Y, Z, C) -> (B, X', Y', Z', filters)."""
        if not self._packs():
            return super().call(inputs)
        outputs = packed_convolution(inputs, self.kernel, _slices(self.filters, self.kernel_size))
        outputs = ops.add(outputs, self.bias) if self.use_bias else outputs
        return self.activation(outputs)

    def _packs(self) -> bool:
        """Tell whether this layer, on this machine, is quicker with packed slices."""
        ones = (1, 1, 1)
        plain = self.strides == ones and self.dilation_rate == ones and self.groups == 1
        kernel = self.kernel_size[2] >= 5 and all(size % 2 for size in self.kernel_size)
        placed = self.padding == "same" and self.data_format == "channels_last"
        return plain and kernel and placed and self.filters <= _MOST_FILTERS and _on_cpu()


def _on_cpu() -> bool:
    """Tell whether TensorFlow computes here, and has no accelerator."""
    if keras.config.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return not tf.config.list_physical_devices("GPU")


def _slices(filters: int, kernel_size: tuple[int, ...]) -> int:
    """Return how many slices to pack: no more than fill the lanes, or than the kernel reaches."""
    return max(1, min(_LANES // filters, kernel_size[2] - 1))


class _Packing(NamedTuple):
    """How a volume of Z slices is packed: b slices a slab, slabs of the output and the kernel."""

    slices: int  # b
    output_slabs: Tensor  # ceil(Z / b)
    kernel_slabs: int


def packed_convolution(volume: Tensor, kernel: Tensor, slices: int) -> Tensor:
    """Convolve with stride 1 and "same" padding, `slices` slices at a time.

    Parameters
    ----------
    volume : tensor, (B, X, Y, Z, C)
    kernel : tensor, (kx, ky, kz, C, F), of known and odd sizes
    slices : int
        Slices packed into the channels, 1 or more.

    Returns
    -------
    tensor, (B, X, Y, Z, F)
        Its gradient is packed, too: that of the volume is a convolution with the mirrored kernel.

    Examples
    --------
    >>> volume, kernel = ops.ones((1, 1, 1, 5, 1)), ops.ones((1, 1, 3, 1, 1))
    >>> ops.ravel(packed_convolution(volume, kernel, 2)).numpy().tolist()
    [2.0, 3.0, 3.0, 3.0, 2.0]
    """
    import tensorflow as tf

    def forward(volume: Tensor, kernel: Tensor) -> tuple[Tensor, Tensor, _Packing]:
        batch, x, y, z = tf.unstack(tf.shape(volume)[:4])
        packing = _Packing(slices, -(-z // slices), -(-(slices + kernel.shape[2] - 1) // slices))
        packed = _pack_volume(volume, kernel.shape, packing)
        sums = tf.nn.conv3d(packed, _pack_kernel(kernel, packing), (1,) * 5, "VALID")
        sums = tf.reshape(sums, (batch, x, y, packing.output_slabs * slices, kernel.shape[4]))
        return sums[:, :, :, :z], packed, packing

    @tf.custom_gradient
    def convolve(volume: Tensor, kernel: Tensor) -> tuple[Tensor, object]:
        output, packed, packing = forward(volume, kernel)

        def gradient(upstream: Tensor) -> tuple[Tensor, Tensor]:
            mirrored = tf.transpose(kernel[::-1, ::-1, ::-1], (0, 1, 2, 4, 3))
            for_volume, *_ = forward(upstream, mirrored)
            return for_volume, _kernel_gradient(packed, upstream, kernel.shape, packing)

        return output, gradient

    return convolve(tf.convert_to_tensor(volume), tf.convert_to_tensor(kernel))


def _pack_volume(volume: Tensor, kernel: tuple[int, ...], packing: _Packing) -> Tensor:
    """Pad with zeros, pack: (B, X, Y, Z, C) -> (B, X + kx - 1, Y + ky - 1, slabs, b C)."""
    import tensorflow as tf

    batch, _, _, z = tf.unstack(tf.shape(volume)[:4])
    slabs = packing.output_slabs + packing.kernel_slabs - 1
    x, y, before = (size // 2 for size in kernel[:3])
    behind = slabs * packing.slices - z - before
    padded = tf.pad(volume, ((0, 0), (x, x), (y, y), (before, behind), (0, 0)))
    width, height = tf.unstack(tf.shape(padded)[1:3])
    return tf.reshape(padded, (batch, width, height, slabs, packing.slices * volume.shape[4]))


def _pack_kernel(kernel: Tensor, packing: _Packing) -> Tensor:
    """Put b copies side by side, each a slice later: (kx, ky, kz, C, F) -> (..., slabs, b C, b F).

    With kz = 3, b = 2 and taps 1, 2, 3 the two columns are 1 2 3 0 and 0 1 2 3.
    """
    import tensorflow as tf

    x, y, z, channels, filters = kernel.shape
    b, slabs = packing.slices, packing.kernel_slabs
    copies = [
        tf.pad(kernel, ((0, 0), (0, 0), (late, slabs * b - z - late), (0, 0), (0, 0)))
        for late in range(b)
    ]
    return tf.reshape(tf.stack(copies, axis=4), (x, y, slabs, b * channels, b * filters))


def _kernel_gradient(
    packed: Tensor, upstream: Tensor, kernel: tuple[int, ...], packing: _Packing
) -> Tensor:
    """Return the gradient of the packed kernel, with its b copies added up: (kx, ky, kz, C, F)."""
    import tensorflow as tf

    x, y, z, channels, filters = kernel
    b, slabs = packing.slices, packing.kernel_slabs
    batch, width, height, depth = tf.unstack(tf.shape(upstream)[:4])
    behind = packing.output_slabs * b - depth
    upstream = tf.pad(upstream, ((0, 0), (0, 0), (0, 0), (0, behind), (0, 0)))
    upstream = tf.reshape(upstream, (batch, width, height, packing.output_slabs, b * filters))
    copies = tf.raw_ops.Conv3DBackpropFilterV2(
        input=packed,
        filter_sizes=(x, y, slabs, b * channels, b * filters),
        out_backprop=upstream,
        strides=(1,) * 5,
        padding="VALID",
    )
    copies = tf.reshape(copies, (x, y, slabs * b, channels, b, filters))
    return tf.add_n([copies[:, :, late : late + z, :, late] for late in range(b)])
