"""Train the networks of lessons 21 to 23 whose weights come with the kit.

    .venv/bin/python -m benchmarks.train_applications reconstruction
    .venv/bin/python -m benchmarks.train_applications territories
    .venv/bin/python -m benchmarks.train_applications registration
    .venv/bin/python -m benchmarks.train_applications synthesis

Each training draws its examples anew in every epoch, writes its state and a row of history.csv
after each to build/runs/applications/NAME, and goes on there if it was interrupted. At its end the
weights and the history go to data/NAME.
"""

import argparse
import csv
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.territory_rules import SEED as PATIENTS
from benchmarks.territory_rules import TRAINING, true_location
from islesedu.applications import make_labelled_brain
from islesedu.common.files import whole, write_text
from islesedu.networks import import_keras
from islesedu.phantom import case_numbers, make_patient

ROOT = Path(__file__).resolve().parents[1]
SEED = 23
HEADS = 500_000
"""First seed of the synthetic heads for training; lessons use others."""

import_keras()
import keras  # noqa: E402

from islesedu.applications import territory_network  # noqa: E402
from islesedu.applications.territory_network import on_template  # noqa: E402


class Examples(keras.utils.PyDataset):
    """Batches that are drawn anew: the same ones for the same seed and epoch."""

    def __init__(self, draw: Callable, batches: int, batch: int, epoch: int):
        super().__init__()
        self.draw, self.batches, self.batch, self.epoch = draw, batches, batch, epoch

    def __len__(self) -> int:
        return self.batches

    def __getitem__(self, index: int) -> tuple:
        rng = np.random.default_rng([SEED, self.epoch, index])
        pairs = [self.draw(rng) for _ in range(self.batch)]
        x, y = zip(*pairs, strict=True)
        if isinstance(x[0], dict):
            return {k: np.stack([one[k] for one in x]) for k in x[0]}, np.stack(y)
        return np.stack(x), np.stack(y)


def cosine(epochs: int) -> list[float]:
    """Return a schedule that falls from 1 to nearly 0 like half a cosine."""
    return [(1 + math.cos(math.pi * epoch / epochs)) / 2 for epoch in range(epochs)]


def train(
    name: str,
    network: keras.Model,
    draw: Callable,
    *,
    schedule: Sequence[float],
    batches: int,
    batch: int,
    validation: tuple | None = None,
) -> None:
    """Train a compiled network in epochs of which each can be the last before an interruption.

    Parameters
    ----------
    name : str
        Of the folders.
    network : keras.Model
        Compiled.
    draw : callable
        From a random generator to one pair of input and target.
    schedule : sequence of float
        For each epoch the fraction of the network's learning rate that it has.
    batches, batch : int
        Numbers of batches in an epoch, and of examples in a batch.
    validation : tuple, optional
        Inputs and targets whose loss is written beside; nothing is chosen by it.
    """
    folder = ROOT / "build" / "runs" / "applications" / name
    folder.mkdir(parents=True, exist_ok=True)
    rate, state, rows = float(network.optimizer.learning_rate), folder / "state.keras", []
    if state.exists():
        trained = keras.models.load_model(state, compile=False)
        network.optimizer.build(network.trainable_variables)
        network.set_weights(trained.get_weights())
        moments = np.load(folder / "optimizer.npz")
        for variable, key in zip(network.optimizer.variables, moments, strict=True):
            variable.assign(moments[key])
        rows = list(csv.DictReader((folder / "history.csv").open()))
    for epoch in range(len(rows), len(schedule)):
        began = time.perf_counter()
        network.optimizer.learning_rate = rate * schedule[epoch]
        examples = Examples(draw, batches, batch, epoch)
        logs = network.fit(examples, epochs=1, verbose=0, validation_data=validation).history
        rows.append({"epoch": epoch + 1} | {key: values[-1] for key, values in logs.items()})
        rows[-1]["seconds"] = round(time.perf_counter() - began, 1)
        with whole(folder / "optimizer.npz") as place:
            np.savez(place, *(variable.numpy() for variable in network.optimizer.variables))
        with whole(state) as place:
            network.save(place)
        lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
        write_text(folder / "history.csv", "\n".join(lines) + "\n")
        print(rows[-1], flush=True)
    target = ROOT / "data" / name
    target.mkdir(parents=True, exist_ok=True)
    bare = keras.Model(network.inputs, network.outputs)  # without the optimizer's moments
    with whole(target / "network.weights.h5") as place:
        bare.save_weights(place)
    write_text(target / "history.csv", (folder / "history.csv").read_text())


def reconstruction() -> None:
    """Train the unrolled network of lesson 22 on 2000 slices of 400 heads."""
    from islesedu.applications.parallel_imaging import simulate_scan
    from islesedu.applications.reconstruction import choose_lines
    from islesedu.applications.unrolled import build_unrolled, inputs_of, two_channels

    heads = [make_labelled_brain(HEADS + number) for number in range(400)]
    slices = np.concatenate([np.moveaxis(head.t1, 2, 0) for head in heads])

    def draw(rng: np.random.Generator) -> tuple:
        lines = choose_lines(slices.shape[1], rng.uniform(0.2, 0.4), rng)
        image, maps, kspace = simulate_scan(slices[rng.integers(len(slices))], rng, lines)
        return inputs_of(kspace, maps, lines), two_channels(image)

    schedule = cosine(12)[:6]  # of twelve planned epochs; time ran out, no score decided it
    network = build_unrolled()
    network.compile(optimizer=keras.optimizers.Adam(2e-3), loss="mean_squared_error")
    train("reconstruction", network, draw, schedule=schedule, batches=250, batch=8)


def _patients(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return `on_template` and class of synthetic patients, which are kept 20 by 20."""
    folder = ROOT / "build" / "runs" / "applications" / "territories"
    folder.mkdir(parents=True, exist_ok=True)
    chosen, parts = case_numbers("training", count), []
    for first in range(0, count, 20):
        file = folder / f"patients_{first}.npz"
        if not file.exists():
            made = [make_patient(PATIENTS, "training", n, 0.2) for n in chosen[first : first + 20]]
            x = np.stack([on_template(one.as_patient("one")) for one in made])
            where = [true_location(one.stroke) for one in made]
            with whole(file) as place:
                np.savez(place, x=x, y=[territory_network.CLASSES.index(one) for one in where])
            print(f"patients {first + len(made)} of {count}", flush=True)
        with np.load(file) as kept:
            parts.append((kept["x"], kept["y"]))
    x, y = zip(*parts, strict=True)
    return np.concatenate(x), np.concatenate(y)


def territories() -> None:
    """Train the classifier of lesson 21 on 200 patients, with 40 others beside."""
    x, y = _patients(TRAINING + 40)
    x, y, validation = x[:TRAINING], y[:TRAINING], (x[TRAINING:], y[TRAINING:])
    count = np.bincount(y % 5, minlength=5)[y % 5]
    often = count**-0.5 / (count**-0.5).sum()  # rare arteries more often than they occur

    def draw(rng: np.random.Generator) -> tuple:
        which = rng.choice(len(x), p=often)
        one, label = x[which], y[which]  # no mirror images: the network treats both sides alike
        # shifted along y and z only: the middle line must stay where it is
        moved = np.roll(one, rng.integers(-1, 2, 2), axis=(1, 2))
        gains = np.tile(rng.uniform(0.8, 1.2, 3), 2)  # of the maps, and so of their differences
        return (moved * gains).astype(np.float32), label

    network = territory_network.build_territory_network()
    network.compile(
        optimizer=keras.optimizers.AdamW(2e-3, weight_decay=0.02),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    options = {"schedule": cosine(25), "batches": 50, "batch": 16}
    train("territories", network, draw, **options, validation=validation)


def registration() -> None:
    """Train the learned registration of lesson 22 on pairs of slices."""
    from islesedu.applications import voxelmorph
    from islesedu.applications.synthesis import scan

    def draw(rng: np.random.Generator) -> tuple:
        height = rng.uniform(-5, 35)
        # what an affine registration leaves over is small
        pair = [voxelmorph.deform_slice(height, rng, strength=0.3) for _ in range(2)]
        fixed, moving = (scan(one.t1, voxelmorph.SPACING, rng, strength=0) for one in pair)
        return np.stack([fixed, moving], axis=-1).astype(np.float32), fixed[..., None]

    network = voxelmorph.build_voxelmorph()
    network.compile(optimizer=keras.optimizers.Adam(1e-3), loss=voxelmorph.registration_loss)
    train("registration", network, draw, schedule=cosine(12), batches=120, batch=8)


def synthesis() -> None:
    """Train the U-Net of lesson 23 on random contrasts of 200 heads."""
    from islesedu.applications import CLASSES, random_contrast
    from islesedu.applications.unet import build_unet
    from islesedu.training import standardize

    heads = [make_labelled_brain(HEADS + number) for number in range(200)]
    shares = np.concatenate([np.moveaxis(head.shares, 2, 0) for head in heads])
    labels = np.concatenate([np.moveaxis(head.labels, 2, 0) for head in heads])

    def draw(rng: np.random.Generator) -> tuple:
        which = rng.integers(len(shares))
        image = random_contrast(shares[which], heads[0].spacing[:2], rng)
        return standardize(image[..., None]), labels[which]

    schedule = [*cosine(24)[:12], 0.3, 0.15, 0.05]  # falls faster at the end, to save time
    network = build_unet(len(CLASSES), filters=16)
    network.compile(optimizer=keras.optimizers.Adam(2e-3), loss="sparse_categorical_crossentropy")
    train("synthesis", network, draw, schedule=schedule, batches=125, batch=8)


TRAININGS = {one.__name__: one for one in (reconstruction, territories, registration, synthesis)}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", choices=TRAININGS)
    keras.utils.set_random_seed(SEED)
    TRAININGS[parser.parse_args().name]()
