"""Other applications of the first talk: detection, registration, synthesis, reconstruction.

Lessons 21 to 23. Open `reconstruction` first, or any other: each module is one application.
Nothing else imports this room.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["detection", "pulse_sequence", "reconstruction", "registration", "territories"],
    submod_attrs={
        "labelled_brains": ["CLASSES", "LabelledBrain", "make_labelled_brain"],
        "figures": ["contrast_landscape", "frame", "label_map", "warp_grid"],
        "synthesis": ["random_contrast", "scan"],
        "reconstruction": ["psnr", "ssim", "tv_gradient", "tv_reconstruction"],
    },
)
