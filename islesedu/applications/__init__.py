"""Other applications of the first talk: detection, registration, synthesis, reconstruction.

Lesson 17. Each module is one of them and can be opened first. Nothing else imports this room.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["detection", "kspace", "pulse_sequence", "registration", "territories"],
    submod_attrs={
        "labelled_brains": ["CLASSES", "make_head"],
        "image_quality": ["psnr", "ssim"],
        "synthesis": ["random_contrast", "scan"],
        "total_variation": ["smoothest", "tv_gradient"],
        "labels": ["frame", "label_map", "warp_grid"],
        "landscape": ["contrast_landscape"],
    },
)
