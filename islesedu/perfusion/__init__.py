"""From the signal of a bolus of contrast agent to the five perfusion maps.

Lesson 07. Open `deconvolution` first: `deconvolve`; `truncation` has its three ways to truncate.
`bolus` has the forward model: signal, concentration, arterial input function and residue function.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "bolus": [
            "concentration",
            "convolution_matrix",
            "gamma_variate",
            "residue",
            "signal",
            "tissue_curve",
        ],
        "deconvolution": ["Maps", "deconvolve"],
        "truncation": ["circulant", "oscillation_index"],
    },
)
