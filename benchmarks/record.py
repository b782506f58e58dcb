"""Copy what is worth keeping of a comparison or of a trained network into data/.

    .venv/bin/python -m benchmarks.record build/runs/compare data/compare
    .venv/bin/python -m benchmarks.record build/runs/recipes/NAME data/network

Of a comparison: arguments, scores, curves, forecasts and tables, but no networks. Of a run: the
network without its optimizer, the curves, and the arguments without the folder of this machine.
"""

import argparse
import json
import shutil
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


def record_network(source: Path, target: Path) -> None:
    """Copy the network alone."""
    from islesedu import quiet

    quiet.import_keras()
    import keras

    from islesedu.runs import RunFolder

    run, kept = RunFolder(source), RunFolder(target)
    model = run.load_model()
    bare = keras.models.clone_model(model)
    bare.set_weights(model.get_weights())
    target.mkdir(parents=True, exist_ok=True)
    with whole(kept.model_file) as partial:
        bare.save(partial)
    settings = {name: value for name, value in run.settings.items() if name != "folder"}
    write_text(kept.settings_file, json.dumps(settings, indent=2) + "\n")
    write_text(kept.history_file, run.history_file.read_text())


def main() -> None:
    """Copy, by what the folder is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    is_comparison = (options.source / "compare.json").exists()
    (record_comparison if is_comparison else record_network)(options.source, options.target)


if __name__ == "__main__":
    main()
