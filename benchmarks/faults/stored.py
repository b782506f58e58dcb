"""Files that the kit keeps: damaged, of another version, of somebody else, or gone."""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.faults.campaign import STAGE, Answer, Fault, Scene, contents

JUNK: dict[str, bytes] = {
    "empty": b"",
    "a list": b"[]",
    "a number": b"3",
    "null": b"null",
    "an empty object": b"{}",
    "cut off": b'{"channels": ["ADC", "CB',
    "not UTF-8": b'{"channels": "\xff\xfe"}',
    "binary": bytes(range(256)),
    "deeply nested": b"[" * 100_000,
}
"""What may stand in a JSON file."""


def predict(scene: Scene) -> list:
    """Return the command that uses a run."""
    return ["predict", scene.run, scene.training, "--output", scene.out]


def resume(scene: Scene) -> list:
    """Return the command that goes on with a run."""
    options = "--steps 8 --filters 1 --checkpoint-every 2 --resume".split()
    return ["train", scene.training, "--output", scene.run, *options]


def evaluate(scene: Scene) -> list:
    """Return the command that reads masks and their record."""
    return ["evaluate", scene.masks, scene.training, "--csv", scene.folder / "scores.csv"]


def predict_again(scene: Scene) -> list:
    """Return the command that adds to a record of masks."""
    return ["predict", scene.run, scene.cohort / "test", "--output", scene.masks]


def compare(scene: Scene) -> list:
    """Return the command that goes on with a comparison."""
    options = "--folds 2 --steps 2 --filters 1 --losses combined".split()
    return ["compare", scene.training, "--output", scene.comparison, *options]


def make(scene: Scene) -> list:
    """Return the command that completes a cohort."""
    options = "--training 4 --test 2 --scale 0.2 --seed 1".split()
    return ["data", "make", scene.cohort, *options]


JSON_FILES: dict[str, tuple[Callable[[Scene], Path], tuple[Callable[[Scene], list], ...]]] = {
    "run.json": (lambda s: s.run / "run.json", (predict, resume)),
    "predictions.json": (lambda s: s.masks / "predictions.json", (evaluate, predict_again)),
    "compare.json": (lambda s: s.comparison / "compare.json", (compare,)),
    "cohort.json": (lambda s: s.cohort / "cohort.json", (make,)),
}
FIELDS: dict[str, list[tuple[str, Any]]] = {
    "run.json": [
        ("channels", 6),
        ("channels", ["ADC"]),
        ("channels", [1, 2]),
        ("steps", "many"),
        ("filters", -4),
        ("training", 5),
        ("fingerprints", [1]),
        ("recipe", "none such"),
        ("clinical", "TICI"),
        ("network", {"foo": 3}),
    ],
    "predictions.json": [("training_1", 3), ("training_1", {}), ("training_1", {"seen": "yes"})],
    "compare.json": [("folds", "two"), ("held_out", []), ("cases", 3), ("losses", 1)],
    "cohort.json": [("version", "three"), ("finished", "yes")],
}
"""Fields whose value is wrong."""


def _with(place: Callable[[Scene], Path], content: bytes, command: Callable[[Scene], list]):
    def prepare(scene: Scene) -> list:
        arguments = command(scene)
        place(scene).write_bytes(content)
        return arguments

    return prepare


def _with_field(place: Callable[[Scene], Path], key: str, value: Any, command):
    def prepare(scene: Scene) -> list:
        arguments = command(scene)
        file = place(scene)
        record = json.loads(file.read_text())
        record[key] = value
        file.write_text(json.dumps(record))
        return arguments

    return prepare


def faults() -> Iterator[Fault]:
    """Yield the faults of stored files."""
    for name, (place, commands) in JSON_FILES.items():
        for command in commands:
            for what, content in JUNK.items():
                if (name, what) == ("predictions.json", "an empty object"):
                    continue  # no case has been predicted yet: that is no damage
                yield Fault(
                    f"stored: {name} {what}: {command.__name__}",
                    _with(place, content, command),
                    (name, "damaged|not a|holds no|no version"),
                )
        for key, value in FIELDS[name]:
            if name == "run.json" and key in ("training", "fingerprints"):
                commands = (resume,)
            yield Fault(
                f"stored: {name} {key} = {value!r}: {commands[0].__name__}",
                _with_field(place, key, value, commands[0]),
                (name, key),
            )
            commands = JSON_FILES[name][1]
    yield from _networks()
    yield from _tables()
    yield from _gone()


def _malicious(file: Path) -> None:
    """Put a call of os.system where the network's class is."""
    with zipfile.ZipFile(file) as archive:
        items = {name: archive.read(name) for name in archive.namelist()}
    call = {"module": "os", "class_name": "system", "registered_name": None}
    call["config"] = {"command": f"touch {file.parent}/EXECUTED"}
    items["config.json"] = json.dumps(call).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in items.items():
            archive.writestr(name, content)


def _other_network(outputs: int, channels: int = 6) -> Callable[[Path], None]:
    """Replace the network by one with other inputs or outputs."""

    def damage(file: Path) -> None:
        import keras

        inputs = keras.Input((None, None, None, channels))
        keras.Model(inputs, keras.layers.Conv3D(outputs, 1, activation="sigmoid")(inputs)).save(
            file
        )

    damage.__doc__ = f"Replace the network by one of {channels} channels and {outputs} outputs."
    return damage


def _cut(share: float) -> Callable[[Path], None]:
    def damage(file: Path) -> None:
        data = file.read_bytes()
        file.write_bytes(data[: int(share * len(data))])

    return damage


NETWORKS: dict[str, Callable[[Path], None]] = {
    "empty": lambda file: file.write_bytes(b"") and None,
    "cut in half": _cut(0.5),
    "without its end": _cut(0.99),
    "no archive": lambda file: file.write_bytes(b"PK\x03\x04 nothing") and None,
    "another archive": lambda file: zipfile.ZipFile(file, "w").writestr("a.txt", "b"),
    "calls os.system": _malicious,
    "three outputs": _other_network(3),
    "two channels": _other_network(1, 2),
}


def _networks() -> Iterator[Fault]:
    for what, damage in NETWORKS.items():
        for name, command in (("model.keras", predict), ("checkpoint.keras", resume)):

            def prepare(scene: Scene, damage=damage, name=name, command=command) -> list:
                arguments = command(scene)
                damage(scene.run / name)
                return arguments

            yield Fault(f"stored: {name} {what}: {command.__name__}", prepare, (name,))


def _edited(place: Callable[[Scene], Path], change: Callable[[str], str], command):
    def prepare(scene: Scene) -> list:
        arguments = command(scene)
        file = place(scene)
        file.write_text(change(file.read_text()))
        return arguments

    return prepare


def _tables() -> Iterator[Fault]:
    history = lambda scene: scene.run / "history.csv"  # noqa: E731
    scores = lambda scene: scene.comparison / "combined/fold_1/scores.csv"  # noqa: E731
    changes = {
        "of another table": lambda text: "a,b\n1,2\n",
        "with a word for a number": lambda text: text.replace("\n2,", "\ntwo,"),
        "empty": lambda text: "",
        "with a broken row": lambda text: text + '"7,8\n',
    }
    for what, change in changes.items():
        yield Fault(
            f"stored: history.csv {what}: resume",
            _edited(history, change, resume),
            ("history.csv",),
        )
    for what in ("of another table", "empty"):
        yield Fault(
            f"stored: scores.csv {what}: compare",
            _edited(scores, changes[what], compare),
            ("scores.csv",),
            status=(0, 1, 2),  # the other folds are shown
            may_write=True,
        )


def _gone() -> Iterator[Fault]:
    """Yield files that are missing."""

    def without(name: str, command: Callable[[Scene], list], of: str = "run"):
        def prepare(scene: Scene) -> list:
            arguments = command(scene)
            (getattr(scene, of) / name).unlink()
            return arguments

        return prepare

    yield Fault(
        "stored: checkpoint gone, finished network there: resume",
        without("checkpoint.keras", resume),
        ("step 8",),
        status=(0,),
        may_write=True,
    )

    def without_networks(scene: Scene) -> list:
        arguments = resume(scene)
        for name in ("checkpoint.keras", "model.keras"):
            (scene.run / name).unlink()
        return arguments

    yield Fault("stored: both networks gone: resume", without_networks, ("checkpoint",))
    yield Fault("stored: run.json gone: predict", without("run.json", predict), ("run.json",))

    def hole(scene: Scene) -> list:
        file = next(scene.training.glob("training_2/*ADC*/*.nii"))
        file.unlink()
        return make(scene)

    def cut(scene: Scene) -> list:
        _cut(0.5)(next(scene.training.glob("training_1/*Tmax*/*.nii")))
        return make(scene)

    def mended(scene: Scene, answer: Answer) -> bool:
        return contents(scene.cohort) == contents(STAGE / "cohort")

    for name, damage in (("a map gone", hole), ("a map cut", cut)):
        yield Fault(
            f"stored: cohort, {name}: make", damage, status=(0,), right=mended, may_write=True
        )
