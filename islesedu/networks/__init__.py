"""The V-Net and its losses, in Keras.

Taught in lessons 10, 11 and 15, trained in 12. Open `blocks` first, then `vnet`, which puts them
together; `losses` has the three of the slides, `loss_gradients` their derivatives, `film` the
layers that condition a network on clinical variables.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["backend", "losses", "vnet"],
    submod_attrs={
        "blocks": ["CutTo", "convolve", "down", "residual_block", "up"],
        "vnet": ["assemble", "build_vnet", "decode", "encode"],
        "film": ["Append", "FiLM", "ImputeAndScale", "factor_change", "modulate"],
        "loss_gradients": ["combined_gradient", "cross_entropy_gradient", "soft_dice_gradient"],
        "losses": ["combined", "cross_entropy", "dice", "soft_dice"],
        "backend": ["import_keras"],
    },
)
