"""A small state of lesson 11's notebook, as its exercises need it.

Keras is imported when a solution is called, not with this file.
"""

from importlib import import_module


class Late:
    """A module, or one of its functions, that is imported when it is used."""

    def __init__(self, module, name=""):
        self._place = module, name

    def _found(self):
        module = import_module(self._place[0])
        return getattr(module, self._place[1]) if self._place[1] else module

    def __getattr__(self, name):
        return getattr(self._found(), name)

    def __call__(self, *values, **named):
        return self._found()(*values, **named)


BLOCKS = "islesedu.networks.blocks"


def blocks_by_hand(channels=6, filters=16, k=5, convolutions=(1, 2, 3, 3), bottom=3):
    """Parameters of each block, as the lesson counts them."""

    def conv(c_in, c_out, k):
        return k**3 * c_in * c_out + 2 * c_out

    blocks = {"input": conv(channels, filters, k), "probability": filters + 1}
    for level, count in enumerate(convolutions):
        c = filters * 2**level
        blocks[f"encoder{level}"] = count * conv(c, c, k) + conv(c, 2 * c, 2)
        blocks[f"decoder{level}"] = conv(2 * c, c, 2) + conv(2 * c, c, k)
        blocks[f"decoder{level}"] += (count - 1) * conv(c, c, k)
    c = filters * 2 ** len(convolutions)
    return blocks | {"bottom": bottom * conv(c, c, k)}


STATE = {
    "keras": Late("keras"),
    "layers": Late("keras.layers"),
    "convolve": Late(BLOCKS, "convolve"),
    "residual": Late(BLOCKS, "residual_block"),
    "down": Late(BLOCKS, "down"),
    "up": Late(BLOCKS, "up"),
    "CutTo": Late(BLOCKS, "CutTo"),
    "SLOPE": "zeros",
    "blocks_by_hand": blocks_by_hand,
}
