"""Other applications of the first talk: detection, registration, synthesis, reconstruction.

Lessons 21 to 23. Open `reconstruction` first, or any other: each module is one application, or the
network of one, whose weights come with the kit (benchmarks/train_applications.py trains them).
Nothing else imports this room.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "detection",
        "parallel_imaging",
        "pulse_sequence",
        "reconstruction",
        "registration",
        "territories",
    ],
    submod_attrs={
        "labelled_brains": ["CLASSES", "LabelledBrain", "make_labelled_brain"],
        "figures": ["contrast_landscape", "frame", "label_legend", "label_map", "warp_grid"],
        "synthesis": ["random_contrast", "scan"],
        "reconstruction": ["psnr", "ssim"],
        "territory_network": ["load_territory_network", "locations", "on_template"],
        "unet": ["build_unet", "load_unet"],
        "voxelmorph": [
            "build_voxelmorph",
            "deform_slice",
            "load_voxelmorph",
            "predict_displacement",
        ],
        "unrolled": ["build_unrolled", "load_unrolled", "predict_unrolled"],
    },
)
