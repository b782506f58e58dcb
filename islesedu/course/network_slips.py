"""The usual slips of those who build a V-Net: functions that make them, by what is said of them.

Each sentence is that of `islesedu.course.network_judges`. Keras is imported when one is called.
"""

from collections.abc import Callable, Sequence
from typing import Any


def _no_prelu(volume: Any, filters: int, size: int, stride: int = 1) -> Any:
    """Convolve without PReLU."""
    from keras import layers

    return layers.Conv3D(filters, size, strides=stride, padding="same")(volume)


def _prelu(volume: Any) -> Any:
    from keras import layers

    return layers.PReLU(shared_axes=[1, 2, 3])(volume)


def _residual_block(mistake: str) -> Callable:
    """Return a residual block with a mistake."""

    def block(volume: Any, shortcut: Any, filters: int, count: int, size: int) -> Any:
        from keras import layers

        from islesedu.networks import blocks

        for number in range(1 if mistake == "one convolution" else count):
            volume = _no_prelu(volume, filters, size)
            if mistake == "add before" and number == count - 1:
                return _prelu(layers.Add()([volume, shortcut]))
            volume = volume if mistake == "no prelu" else _prelu(volume)
            if mistake == "add each":
                volume = layers.Add()([volume, shortcut])
        if mistake == "add skipped":
            return blocks.CutTo()([volume, shortcut])
        return volume if mistake == "add each" else layers.Add()([volume, shortcut])

    return block


def _down(size: int, stride: int, padding: str = "same") -> Callable:
    """Return a way down with a kernel, a stride and a padding."""

    def down(volume: Any, filters: int) -> Any:
        from keras import layers

        return _prelu(layers.Conv3D(filters, size, strides=stride, padding=padding)(volume))

    return down


def _up(mistake: str) -> Callable:
    """Return a way up with a mistake."""

    def up(volume: Any, skip: Any, filters: int) -> Any:
        from keras import layers

        from islesedu.networks import blocks

        volume = layers.Conv3DTranspose(filters, 2, strides=2)(volume)
        volume = volume if mistake == "no prelu" else _prelu(volume)
        if mistake == "no cut":
            return volume
        volume = blocks.CutTo()([volume, skip])
        return layers.Concatenate()([volume, skip]) if mistake == "concatenate" else volume

    return up


def _vnet(mistake: str) -> Callable:
    """Return a V-Net with a mistake."""

    def build(
        channels: int, filters: int, size: int, convolutions: Sequence[int], bottom: int
    ) -> Any:
        import keras
        from keras import layers

        from islesedu.networks import blocks

        image = keras.Input((None, None, None, channels))
        volume, skips = blocks.convolve(image, filters, size), []
        for count in convolutions:
            volume = blocks.residual_block(volume, volume, filters, count, size)
            skips.append(volume)
            filters = 2 * filters
            volume = blocks.down(volume, filters)
        volume = blocks.residual_block(volume, volume, filters, bottom, size)
        for count, skip in reversed(list(zip(convolutions, skips, strict=True))):
            filters = filters // 2
            volume = blocks.up(volume, skip, filters)
            pair = [skip, volume] if mistake == "skip first" else [volume, skip]
            shortcut = skip if mistake == "skip as shortcut" else volume
            both = layers.Concatenate()(pair)
            volume = blocks.residual_block(both, shortcut, filters, count, size)
        last = layers.Conv3D(1, 1, activation=None if mistake == "no sigmoid" else "sigmoid")
        return keras.Model(image, last(volume))

    return build


OF_RESIDUAL_BLOCK = {
    "a PReLU is missing after each convolution": _residual_block("no prelu"),
    "the shortcut is not added": _residual_block("add skipped"),
    "the shortcut is added before the last PReLU, not after it": _residual_block("add before"),
    "add the shortcut once, to the result of the last PReLU": _residual_block("add each"),
    "with count = 2 the block does not have 2 convolutions": _residual_block("one convolution"),
}
OF_DOWN = {
    "an odd size must be halved and rounded up, so that no voxel is lost": _down(2, 2, "valid"),
    "the result must have half the size of the volume along each axis": _down(2, 1),
    "the kernel covers 2 x 2 x 2 voxels": _down(3, 2),
}
OF_UP = {
    "the PReLU after the transposed convolution is missing": _up("no prelu"),
    "the result must have `filters` channels; it is concatenated later": _up("concatenate"),
    "the result must be cut to the size of the skip": _up("no cut"),
}
OF_VNET = {
    "the output is no probability: the last layer has a sigmoid": _vnet("no sigmoid"),
    "concatenate the volume from below first, then the skip": _vnet("skip first"),
    "the parameters are right, but not what is connected with what: compare skips and shortcuts "
    "with the diagram": _vnet("skip as shortcut"),
}
