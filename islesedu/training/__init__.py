"""Train a network on a folder of patients, predict with it, score what it predicts.

Taught in lessons 08 and 12, used in most others. Open `fitting` first: `train`. `config` has its
options, `preprocess` makes the inputs of a network, `dataset` its batches, `run_folder` is what a
training leaves on disk, `prediction` writes masks and `evaluation` scores them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "fitting": ["train"],
        "plan": ["make_optimizer"],
        "config": ["TrainingConfig"],
        "prediction": [
            "drop_small_components",
            "predict",
            "predict_mean",
            "predict_probability",
            "to_mask",
        ],
        "evaluation": ["evaluate", "score_case", "summarize"],
        "dataset": ["case_dataset", "case_stream", "cases_with_lesion"],
        "onnx_export": ["export_network"],
        "run_folder": ["RunFolder"],
        "callbacks": ["Recorder"],
        "preprocess": ["crop_to_brain", "prepare", "stack", "standardize", "uncrop"],
        "baseline": ["Threshold", "threshold_scores"],
        "voxelwise": ["predict_voxels", "voxel_features"],
        "augmentation": ["mirror", "turn", "recolour", "patch_slices"],
        "recipe": ["Recipe", "make_recipe"],
    },
)
