"""Copy what is worth keeping of a comparison or of a trained network into data/.

    .venv/bin/python -m benchmarks.record build/runs/compare data/compare
    .venv/bin/python -m benchmarks.record build/runs/recipes/flip-rotate-jitter-2017 data/network \
      --mirror

Of a comparison: arguments, scores, curves, forecasts and tables, but no networks. Of a run: the
network without its optimizer, the curves, and the arguments without the folder of this machine.
"""

import argparse
import json
import shutil
from dataclasses import replace
from pathlib import Path

from islesedu.files import whole, write_text

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


def record_network(source: Path, target: Path, mirror: bool) -> None:
    """Copy the network alone; `mirror` notes that forecasts are to average with the mirror image's.

    That needs no other training, so the run may have been made without.
    """
    from islesedu import quiet

    quiet.import_keras()
    from islesedu.recipe import make_recipe
    from islesedu.runs import RunFolder
    from islesedu.vnet import build_vnet

    run, kept = RunFolder(source), RunFolder(target)
    settings = {name: value for name, value in run.settings.items() if name != "folder"}
    model = run.load_model()
    bare = build_vnet(len(settings["channels"]), settings["filters"], **settings["network"])
    bare.set_weights(model.get_weights())  # a copy would keep the optimizer: twice the size
    settings["recipe"] = replace(make_recipe(settings["recipe"]), mirror=mirror).settings()
    target.mkdir(parents=True, exist_ok=True)
    with whole(kept.model_file) as partial:
        bare.save(partial)
    write_text(kept.settings_file, json.dumps(settings, indent=2) + "\n")
    write_text(kept.history_file, run.history_file.read_text())


def main() -> None:
    """Copy, by what the folder is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--mirror", action="store_true", help="of a run: average mirrored answers")
    options = parser.parse_args()
    if (options.source / "compare.json").exists():
        record_comparison(options.source, options.target)
    else:
        record_network(options.source, options.target, options.mirror)


if __name__ == "__main__":
    main()
