"""Record what the kit computes, and compare it with an earlier record: a move changes nothing.

    .venv/bin/python -m benchmarks.unchanged record build/before.json
    .venv/bin/python -m benchmarks.unchanged compare build/before.json

Run both on one machine and with one set of packages: weights and predictions differ in their last
digits between processors. What is recorded: the parameters of the V-Net, the files of a cohort of
four patients, predictions of ``data/network`` for ``data/sample``, weights after four training
steps, the tables of ``data/compare``, and every metric on the masks of ../shared/reference (left
out where that folder is missing) and on synthetic lesions.
"""

import argparse
import hashlib
import json
import math
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from islesedu import build_vnet, find_cases, make_cohort, metrics, predict, read_case, train
from islesedu.comparison import read_comparison

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT.parent / "shared" / "reference"
EMPTY = ("nan", "max_dimension")


def digest(parts: Iterable[bytes]) -> str:
    """Return the SHA-256 of some bytes."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part)
    return total.hexdigest()


def of_folder(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file below a folder."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): digest([file.read_bytes()]) for file in files}


def of_arrays(arrays: Iterable[np.ndarray]) -> str:
    """Return the SHA-256 of arrays: shapes, types and values."""
    return digest(
        part
        for array in map(np.ascontiguousarray, arrays)
        for part in (f"{array.shape} {array.dtype}".encode(), array.tobytes())
    )


def network() -> dict[str, Any]:
    """Record names, shapes and number of the V-Net's parameters, for several arguments."""
    variants = {
        "original": {},
        "lesson": {"filters": 4},
        "FiLM": {"filters": 4, "clinical_features": 3},
        "concatenation": {"filters": 4, "clinical_features": 3, "fusion": "concat"},
    }
    found = {}
    for name, how in variants.items():
        model = build_vnet(**how)
        found[name] = {
            "parameters": model.count_params(),
            "weights": {weight.path: list(weight.shape) for weight in model.weights},
        }
    return found


def weights(cohort: Path, folder: Path) -> dict[str, str]:
    """Record the weights after four steps from seed 1, plain and with augmentation and clinic."""
    variants = {
        "plain": {},
        "augmented": {"recipe": "flip=0.5;rotate=10;jitter=0.1", "loss": "soft_dice"},
        "clinical": {"clinical": ["TICI", "TTT"], "optimizer": "adam", "validation_split": 0.4},
    }
    found = {}
    for name, how in variants.items():
        run = train(cohort, folder / name, filters=2, steps=4, seed=1, progress=False, **how)
        found[name] = of_arrays(run.load_model().get_weights())
        found[f"{name} history"] = run.history.to_csv(index=False)
    return found


def predictions(folder: Path) -> dict[str, str]:
    """Record what ``data/network`` predicts for ``data/sample``."""
    run, sample = ROOT / "data" / "network", ROOT / "data" / "sample"
    predict(run, sample, folder, component_share=0.1, probabilities=True, progress=False)
    return {
        file.name: of_arrays([np.asarray(load(file))]) for file in sorted(folder.glob("*.nii*"))
    }


def load(file: Path) -> np.ndarray:
    """Return the voxels of a NIfTI file."""
    import nibabel

    return nibabel.load(file).dataobj


def comparison() -> dict[str, Any]:
    """Record the tables of ``data/compare``."""
    kept = read_comparison(ROOT / "data" / "compare")
    found: dict[str, Any] = {"cases": kept.cases.to_csv(), "collapsed": kept.collapsed()}
    for unit in ("voxels", "mm"):
        found |= {
            f"{unit} table": kept.table(unit).to_csv(),
            f"{unit} summary": kept.summary(unit).to_csv(),
            f"{unit} pairs": kept.pairs(unit).to_csv(),
        }
    return found | {f"{loss} picks": kept.pick(loss) for loss in kept.losses}


def mask_pairs() -> Iterator[tuple[str, np.ndarray, np.ndarray, tuple | None]]:
    """Yield named masks: of ../shared/reference, and random blobs."""
    if REFERENCE.is_dir():
        for pair in json.loads((REFERENCE / "medpy_surface.json").read_text()):
            yield pair["id"], np.array(pair["a"]), np.array(pair["b"]), pair.get("spacing")
        for pair in json.loads((REFERENCE / "surface_distance_google.json").read_text()):
            if "shape" in pair:  # the others have no voxels at all
                masks = [reference_mask(pair, whose) for whose in ("pred", "gt")]
                yield pair["id"], *masks, tuple(pair["spacing"])
    rng = np.random.default_rng(2017)
    for number in range(8):
        grid = np.indices((24, 22, 9)).reshape(3, -1).T.reshape(24, 22, 9, 3)
        masks = []
        for _ in range(2):
            centres = rng.uniform((4, 4, 1), (20, 18, 8), (number, 3))
            far = [np.linalg.norm((grid - c) * (1, 1, 2), axis=-1) < 4 for c in centres]
            masks.append(np.any(far, axis=0) if far else np.zeros(grid.shape[:3], bool))
        yield f"blobs {number}", *masks, (1.5, 1.5, 5.0)


def reference_mask(pair: dict, whose: str) -> np.ndarray:
    """Return a mask that ../shared/reference describes by its voxels, or by a slab "[0:50,:,:]"."""
    mask = np.zeros(pair["shape"], bool)
    for place in pair.get(f"{whose}_ones", ()):
        mask[tuple(place)] = True
    if slab := pair.get(f"{whose}_slab"):
        first, last = slab[1:].split(",")[0].split(":")
        mask[int(first) : int(last)] = True
    return mask


def scores() -> dict[str, Any]:
    """Record every metric on every pair of masks, both rules for empty ones, both units."""
    found = {}
    for name, prediction, truth, spacing in mask_pairs():
        for empty in EMPTY:
            for unit in (None, spacing):
                values = metrics.score(prediction, truth, unit, empty)
                found[f"{name} {empty} {unit}"] = {k: repr(float(v)) for k, v in values.items()}
    return found


def record() -> dict[str, Any]:
    """Record everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cohort = make_cohort(folder / "cohort", 3, 1, seed=2017, scale=0.2, progress=False)
        cases = [case.name for case in find_cases(cohort / "training")]
        image = of_arrays(read_case(c).image for c in find_cases(cohort / "training"))
        return {
            "network": network(),
            "cohort": of_folder(cohort),
            "cases": {"names": cases, "images": image},
            "predictions": predictions(folder / "masks"),
            "weights": weights(cohort / "training", folder),
            "comparison": comparison(),
            "metrics": scores(),
        }


def _equal(old: Any, new: Any) -> bool:
    """Tell whether two entries are equal; numbers in a text may differ in their 13th digit."""
    if not (isinstance(old, str) and isinstance(new, str)):
        return old == new
    number = r"-?\d+\.\d+(?:e-?\d+)?"
    apart = zip(re.findall(number, old), re.findall(number, new), strict=False)
    same_text = re.sub(number, "#", old) == re.sub(number, "#", new)
    return same_text and all(math.isclose(float(a), float(b), rel_tol=1e-12) for a, b in apart)


def differences(old: Any, new: Any, where: str = "") -> Iterator[str]:
    """Yield where two records differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in old | new:
            yield from differences(old.get(name), new.get(name), f"{where}/{name}")
    elif not _equal(old, new):
        yield f"{where}: {str(old)[:300]!r} became {str(new)[:300]!r}"


def main() -> None:
    """Record, or compare and exit with 1 at a difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("record", "compare"))
    parser.add_argument("file", type=Path)
    options = parser.parse_args()
    found = json.loads(json.dumps(record()))
    if options.action == "record":
        options.file.parent.mkdir(parents=True, exist_ok=True)
        options.file.write_text(json.dumps(found, indent=1) + "\n")
        return
    old = json.loads(options.file.read_text())
    changed = list(differences(old, found))
    print("\n".join(changed) or f"identical: {', '.join(old)}")
    sys.exit(bool(changed))


if __name__ == "__main__":
    main()
