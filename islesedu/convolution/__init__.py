"""Convolution as the slides teach it: loops first, then the same numbers quickly.

Lessons 01 to 03. Open `forward` first: `conv2d`, then the sum over channels, then the bank of
filters; `sliding_window` walks a kernel over an image. `backpropagation` has the gradients of one
layer, `descent` learns one kernel, `shapes` has the arithmetic of padding, stride and dilation,
`kernels` the classic ones.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["kernels"],
    submod_attrs={
        "forward": ["conv2d", "conv2d_bank", "conv2d_channels", "conv3d", "conv_layer"],
        "sliding_window": ["Step", "steps", "walk", "windows"],
        "backpropagation": ["Gradients", "backward"],
        "descent": ["fit_kernel", "gradient_step"],
        "shapes": ["Layout", "make_layout", "pad"],
    },
)
