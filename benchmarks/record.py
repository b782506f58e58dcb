"""Copy what is worth keeping of a comparison or of a trained network into data/.

    .venv/bin/python -m benchmarks.record build/runs/compare data/compare
    .venv/bin/python -m benchmarks.record build/runs/recipes/flip-rotate-jitter-2017 data/network \
      --mirror
    .venv/bin/python -m benchmarks.record build/runs/positive_control/film/1 \
      data/network_trial --half

Of a comparison: arguments, scores, curves, predictions and tables, but no networks. Of a run: the
network without its optimizer, the curves, and the arguments without the folder of this machine.
With --half its weights keep the 11 bits of a half-precision number, and the file half its size.
"""

import argparse
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from islesedu.common.files import whole, write_text

COMPARISON = ("compare.json", "*/fold_*/scores.csv", "*/fold_*/history.csv")
COMPARISON += ("*/fold_*/predictions.npz", "report/cases.csv", "report/table.md")


def record_comparison(source: Path, target: Path) -> None:
    """Copy all but networks and claims."""
    for pattern in COMPARISON:
        for file in sorted(source.glob(pattern)):
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            with whole(place) as partial:
                shutil.copyfile(file, partial)


def deflate(file: Path) -> None:
    """Compress the parts of a Keras file, which is a zip archive, in place."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def record_network(source: Path, target: Path, mirror: bool, half: bool) -> None:
    """Copy the network alone; `mirror` notes that it averages with the mirror image.

    That needs no other training, so the run may have been made without. `half` rounds weights.
    """
    from islesedu.networks import backend

    backend.import_keras()
    from islesedu.training.plan import build_network
    from islesedu.training.recipe import make_recipe
    from islesedu.training.run_folder import RunFolder

    run, kept = RunFolder(source), RunFolder(target)
    settings = {name: value for name, value in run.settings.items() if name != "folder"}
    model = run.load_model()
    bare = build_network(settings)
    bare.set_weights(model.get_weights())  # a copy would keep the optimizer: twice the size
    for weight in bare.trainable_weights if half else ():
        weight.assign(np.asarray(weight).astype(np.float16).astype(np.float32))
    settings["recipe"] = replace(make_recipe(settings["recipe"]), mirror=mirror).settings()
    target.mkdir(parents=True, exist_ok=True)
    with whole(kept.model_file) as partial:
        bare.save(partial)
        if half:
            deflate(partial)
    write_text(kept.settings_file, json.dumps(settings, indent=2) + "\n")
    write_text(kept.history_file, run.history_file.read_text())


def main() -> None:
    """Copy, by what the folder is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--mirror", action="store_true", help="of a run: average mirrored answers")
    parser.add_argument("--half", action="store_true", help="of a run: half-precision weights")
    options = parser.parse_args()
    if (options.source / "compare.json").exists():
        record_comparison(options.source, options.target)
    else:
        record_network(options.source, options.target, options.mirror, options.half)


if __name__ == "__main__":
    main()
