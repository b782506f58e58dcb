"""Arguments that make no sense; each is refused before anything is made or trained."""

import json
from collections.abc import Iterator
from functools import partial

from benchmarks.faults.campaign import Fault, Scene, run_apart

MAKE = "data make {out} --training 1 --test 0 --scale 0.1"
TRAIN = "train {training} --output {out} --steps 2 --filters 1"
PREDICT = "predict {run} {training} --output {out}"
COMPARE = "compare {training} --output {out} --folds 2 --steps 2 --filters 1 --losses combined"
LOCAL = "cluster local {training} --output {out} --steps 2 --filters 1 --workers 1"
LESSONS = "lessons run 01 --smoke --output {out}"

OPTIONS: dict[str, tuple[str, ...]] = {
    MAKE: (
        "--training -1",
        "--training 1.5",
        "--training 1000000 --scale 1",
        "--test -3",
        "--scale 0",
        "--scale nan",
        "--scale 0,2",
        "--scale 100",
        "--jobs 0",
        "--jobs -1",
        "--seed -1",
        "--seed x",
    ),
    TRAIN: (
        "--channels ADC,ADC",
        "--channels ",
        "--channels ADC,FOO",
        "--filters 0",
        "--filters 3000",
        "--filters 2.5",
        "--loss none",
        "--steps 0",
        "--steps -1",
        "--steps 1e3",
        "--seed -1",
        "--optimizer rmsprop",
        "--learning-rate 0",
        "--learning-rate inf",
        "--learning-rate nan",
        "--learning-rate -1",
        "--learning-rate 0,01",
        "--decay cosine",
        "--validation-split 1",
        "--validation-split -0.1",
        "--validation-split nan",
        "--validation-split 0.99",
        "--checkpoint-every 0",
        "--network 3",
        "--network {",
        '--network {"foo":3}',
        '--network {"kernel_size":0}',
        '--network {"kernel_size":"big"}',
        "--recipe none-such",
        "--recipe flip=2",
        "--recipe flip=0.5;flip=0.5",
        "--recipe patch=0x0x0",
        "--recipe rotate=nan",
        "--clinical mRS",
        "--clinical TICI,TICI",
        "--clinical age",
        "--fusion sum",
        "--output ",
    ),
    PREDICT: (
        "--threshold 1.5",
        "--threshold -0.1",
        "--threshold nan",
        "--threshold half",
        "--component-share 2",
        "--component-share nan",
        "--output ",
    ),
    COMPARE: (
        "--folds 1",
        "--folds 0",
        "--folds 9",
        "--losses ",
        "--losses combined,combined",
        "--losses foo",
        "--threshold nan",
        "--search rate",
        "--search rate=",
        "--search rate=inf",
        "--search foo=1,2",
        "--search threshold=0.3,2",
        "--sampler best",
        "--trials 0",
        "--jobs 0",
        "--jobs x",
    ),
    LOCAL: (
        "--workers 0",
        "--workers -2",
        "--workers 5000",
        "--ps 0",
        "--threads 0",
        "--threads -1",
        "--wait nan",
        "--wait -1",
        "--wait inf",
        "--mode both",
    ),
    LESSONS: (
        "-p seed x",
        "-p none_such 3",
        "--jobs 0",
        "--jobs -1",
        "--timeout 0",
        "--timeout nan",
    ),
}
"""Options that are added to a sound command; the sentence must name the option or its value."""

PLACES: dict[str, str] = {
    "a file as output": "train {training} --output {file} --steps 2 --filters 1",
    "a file as input": "train {file} --output {out} --steps 2 --filters 1",
    "no such input": "data check {folder}/nowhere",
    "an input without cases": "data check {empty}",
    "no run": "predict {empty} {training} --output {out}",
    "no such run": "predict {folder}/nowhere {training} --output {out}",
    "masks of nothing": "evaluate {empty} {training} --csv {folder}/scores.csv",
    "table onto a folder": "evaluate {masks} {training} --csv {empty}",
    "masks into the cases": "predict {run} {training} --output {training}",
    "run into the cases": "train {training} --output {training} --steps 2 --filters 1",
    "run into a case": "train {training} --output {training}/training_1 --steps 2 --filters 1",
    "cohort into a run": "data make {run} --training 1 --test 0 --scale 0.1",
    "run into a cohort": "train {training} --output {cohort} --steps 2 --filters 1",
    "comparison into a run": COMPARE.replace("{out}", "{run}"),
    "run again without resume": "train {training} --output {run} --steps 6 --filters 1",
    "resume with other filters": "train {training} --output {run} --steps 6 --filters 2 --resume",
    "resume with fewer steps": "train {training} --output {run} --steps 2 --filters 1 "
    "--checkpoint-every 2 --resume",
    "unknown lesson": "lessons run 77 --output {out}",
    "unknown command": "teach {out}",
    "unknown option": "data check {training} --fast",
}
"""Folders and files in the wrong place."""

CLUSTER = "cluster run {training} --output {out} --steps 2 --filters 1 --wait 1"
ADDRESSES = {"chief": ["127.0.0.1:4001"], "worker": ["127.0.0.1:4002"], "ps": ["127.0.0.1:4003"]}
TASK = {"type": "worker", "index": 0}


def _config(task: dict | None = None, **addresses: list[str]) -> str:
    """Return a value of TF_CONFIG with another task, or other addresses."""
    return json.dumps({"cluster": ADDRESSES | addresses, "task": TASK | (task or {})})


CONFIGS: dict[str, str] = {
    "not JSON": "{",
    "a list": "[]",
    "no cluster": json.dumps({"task": TASK}),
    "no task": json.dumps({"cluster": ADDRESSES}),
    "index 1.5": _config({"index": 1.5}),
    "index true": _config({"index": True}),
    "index too large": _config({"index": 7}),
    "index negative": _config({"index": -1}),
    "type unknown": _config({"type": "boss"}),
    "scheme": _config(chief=["http://127.0.0.1:4001"]),
    "twice": _config(worker=["127.0.0.1:4001"]),
    "port 0": _config(worker=["127.0.0.1:0"]),
    "port 70000": _config(worker=["127.0.0.1:70000"]),
    "no port": _config(worker=["127.0.0.1"]),
    "no workers": _config(worker=[]),
}
"""Values of TF_CONFIG."""


def _words(scene: Scene, command: str) -> list:
    """Return the arguments of a command, copying only what it names."""
    words = []
    for word in command.split(" "):
        name = word[1:].split("}")[0] if word.startswith("{") and "}" in word else ""
        if name in ("training", "cohort", "run", "masks", "out", "folder"):
            word = word.replace(f"{{{name}}}", str(getattr(scene, name)))
        elif name == "file":
            (scene.folder / "a_file").write_text("text")
            word = word.replace("{file}", str(scene.folder / "a_file"))
        elif name == "empty":
            (scene.folder / "empty").mkdir(exist_ok=True)
            word = word.replace("{empty}", str(scene.folder / "empty"))
        words.append(word)
    return words


def words_for(flag: str, option: str) -> str:
    """Return what a sentence about an option may say: its name, its value, the last of a list."""
    names = flag, flag.replace("-", "_"), flag.replace("-", " ")
    return "|".join([*names, option.split()[-1], option.split(",")[-1]])


def faults() -> Iterator[Fault]:
    """Yield the faults of arguments."""
    for command, options in OPTIONS.items():
        words = command.split()
        name = " ".join(words[: 2 if words[0] in ("data", "cluster", "lessons") else 1])
        for option in options:
            flag = option.split(" ")[0].lstrip("-")
            yield Fault(
                f"arguments: {name} {option}",
                lambda scene, command=command, option=option: _words(scene, f"{command} {option}"),
                (words_for(flag, option),),
            )
    for name, command in PLACES.items():
        yield Fault(f"arguments: {name}", lambda scene, command=command: _words(scene, command))
    for name, config in CONFIGS.items():
        yield Fault(
            f"arguments: TF_CONFIG: {name}",
            lambda scene: _words(scene, CLUSTER),
            ("tf_config",),
            run=partial(run_apart, TF_CONFIG=config),  # a process of a cluster ends at once
        )
