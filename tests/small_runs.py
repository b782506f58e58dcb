"""Runs of small networks that no training has made."""

import importlib.util
import json

import numpy as np
import pytest

from islesedu import data_folder
from islesedu.networks import backend

needs_onnx = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("onnx", "onnxruntime", "tf2onnx"))),
    reason="the packages of islesedu[onnx] are not installed",
)
SMALL = {"kernel_size": 3, "convolutions": [1, 1], "bottom_convolutions": 1}


def made_run(folder, **settings):
    """Return a run of a small network with random weights that predicts some of everything."""
    backend.import_keras()
    from islesedu.training.plan import build_network
    from islesedu.training.run_folder import RunFolder

    kept = json.loads((data_folder("network") / "run.json").read_text())
    kept |= {"filters": 2, "network": SMALL} | settings
    model, rng = build_network(kept), np.random.default_rng(1)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(0, 0.2, weight.shape))
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(kept))
    model.save(folder / "model.keras")
    return RunFolder(folder)
