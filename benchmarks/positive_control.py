"""Positive control: whether a network uses treatment information where treatment decides much.

    .venv/bin/islesedu data make build/trial --population trial --training 400 --test 64 \
      --scale 0.25 --jobs 2
    .venv/bin/python -m benchmarks.positive_control build/trial build/runs/positive_control

Arms: a V-Net without treatment information, one conditioned on TICI and TTT by FiLM, one by
concatenation (three seeds each), and `PERMUTATIONS` that are conditioned on the treatment of
another patient. All are trained with Adam, on four fifths of the training patients, each from a
network without treatment information that was trained before (the base, one for each seed; the
permutations share the first). FiLM and concatenation begin as the identity, so every arm begins
with the predictions of its base, and trains for as many steps. Thresholds are chosen on the last
fifth, for the network without information also one for each TICI ("threshold by TICI", which knows
the treatment but not what it does where). Each test patient is then predicted under TICI 0 and
under TICI 3, and both predictions are compared with the two lesions that the simulation gives under
these treatments.

Endpoints, fixed before the runs (the training was not, see docs/results.md). Primary: Dice of the
saved tissue (lesion under TICI 0 without lesion under TICI 3). Secondary: paired difference in Dice
for the treatment that the patient had, over patients and over seeds; the rank of the true table
(first seed, whose base the permutations share) among the permutations; slope of the predicted on
the true saved volume, and their mean difference; mean change of FiLM's factor at the bottom, which
says whether the network has learned to use what it is given at all.

It goes on where it stopped (give `--only film` for some arms), and writes
data/results/positive_control.csv and data/results/positive_control_film.csv.
"""

import argparse
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from benchmarks.clinical import derangement
from benchmarks.held_out import with_interval
from islesedu.common.files import write_text
from islesedu.isles import clinical_vector, find_cases, read_case
from islesedu.isles.case import Case
from islesedu.metrics import dice, permutation_p, saved_dice
from islesedu.phantom import make_patient, read_outcome
from islesedu.phantom.population import POPULATIONS

if TYPE_CHECKING:
    import keras
    from matplotlib.axes import Axes

    from islesedu.training.run_folder import RunFolder

SEEDS = (1, 2, 3)
PERMUTATIONS = 19
COLUMNS = ("TICI", "TTT")
ARMS = {
    "none": {},
    "film": {"clinical": COLUMNS, "fusion": "film", "network": {"film_hidden": 16}},
    "concat": {"clinical": COLUMNS, "fusion": "concat"},
}
RATE = 3e-4  # from 1e-3 two of two networks collapsed to an empty prediction after 700 steps
THRESHOLDS = np.arange(0.1, 0.95, 0.05).round(2)
DRAWS = 40
RESULTS = Path(__file__).resolve().parents[1] / "data" / "results"


class Steps(NamedTuple):
    """How many steps the base trains for, and then each arm."""

    base: int = 6000
    arm: int = 1500


def split(cases: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    """Return the cases to train on, four fifths, and those to choose thresholds on."""
    order = np.random.default_rng(2017).permutation(len(cases))
    held_out = set(order[: len(cases) // 5].tolist())
    return (
        [case for n, case in enumerate(cases) if n not in held_out],
        [case for n, case in enumerate(cases) if n in held_out],
    )


def permuted(cases: Sequence[Case], number: int) -> list[Case]:
    """Return the cases, each with the treatment of another one; another permutation by number."""
    order = derangement(len(cases), np.random.default_rng([2017, number]))
    return [
        replace(case, clinical=case.clinical | {key: cases[n].clinical[key] for key in COLUMNS})
        for case, n in zip(cases, order.tolist(), strict=True)
    ]


def trainings() -> Iterator[tuple[str, int]]:
    """Return arm and seed of each training; a permutation's seed is its number."""
    for seed in SEEDS:
        yield from ((arm, seed) for arm in ARMS)
    yield from (("permuted", number) for number in range(1, PERMUTATIONS + 1))


def start_from(base: "RunFolder") -> "keras.callbacks.Callback":
    """Return a callback that begins a training with the weights of another one, layer by layer.

    A kernel that has further inputs for the clinical variables (concatenation) gets zeros for them.
    """
    import keras

    class StartFrom(keras.callbacks.Callback):
        def on_train_begin(self, logs: dict | None = None) -> None:
            if int(self.model.optimizer.iterations):
                return  # goes on with a training of its own
            for layer in base.load_model().layers:
                weights, own = layer.get_weights(), self.model.get_layer(layer.name)
                for n, (value, variable) in enumerate(zip(weights, own.weights, strict=True)):
                    more = [(0, a - b) for a, b in zip(variable.shape, value.shape, strict=True)]
                    weights[n] = np.pad(value, more)
                own.set_weights(weights)

    return StartFrom()


def fit(arm: str, seed: int, cases: Sequence[Case], place: Path, steps: Steps) -> "RunFolder":
    """Train one network after its base, or go on with it, or take the finished one."""
    from islesedu.training import train

    settings = {"resume": True, "filters": 4, "optimizer": "adam", "learning_rate": RATE}
    first = 1 if arm == "permuted" else seed
    base = place / "base" / str(first)
    base = train(list(cases), base, seed=first, steps=steps.base, **settings)
    how = ARMS["film" if arm == "permuted" else arm]
    return train(
        permuted(cases, seed) if arm == "permuted" else list(cases),
        place / arm / str(seed),
        seed=seed,
        steps=steps.arm,
        callbacks=[start_from(base)],
        **settings,
        **how,
    )


class Predictor:
    """A trained network that predicts a patient under a treatment."""

    def __init__(self, run: "RunFolder"):
        self.model, self.columns = run.load_model(), run.config.clinical

    def __call__(self, case: Case, **treatment: object) -> np.ndarray:
        """Return the probability of lesion (X, Y, Z) with another treatment than the case's own."""
        from islesedu.training.prediction import predict_mean

        patient = read_case(case)
        patient = replace(patient, clinical=patient.clinical | treatment)
        return predict_mean([self.model], patient, clinical=self.columns)


def best_threshold(probabilities: Iterable[np.ndarray], lesions: Iterable[np.ndarray]) -> float:
    """Return the threshold of `THRESHOLDS` with the highest mean Dice."""
    pairs = zip(probabilities, lesions, strict=True)
    scores = [[dice(p > t, lesion) for t in THRESHOLDS] for p, lesion in pairs]
    return float(THRESHOLDS[np.mean(scores, axis=0).argmax()])


def row(masks: dict[str, np.ndarray], outcomes: dict[str, np.ndarray], own: str, ml: float) -> dict:
    """Return the scores of one patient: masks and lesions (X, Y, Z) by TICI; `ml` of a voxel."""
    scores = {f"dice_tici{tici}": dice(masks[tici], outcomes[tici]) for tici in ("0", "3")}
    return scores | {
        "tici": own,
        "dice": scores[f"dice_tici{own}"],
        "dice_saved": saved_dice(*((of["0"], of["3"]) for of in (masks, outcomes))),
        "saved_ml": ml * (float(outcomes["0"].sum()) - float(outcomes["3"].sum())),
        "predicted_saved_ml": ml * (float(masks["0"].sum()) - float(masks["3"].sum())),
    }


def rows_of_network(
    arm: str, ask: Predictor, held_out: Sequence[Case], test: Sequence[Case], cohort: Path
) -> list[dict]:
    """Return the scores of a network, of the one without information also by TICI's threshold."""
    lesions = [read_case(case, (case.reference,)).lesion for case in held_out]
    probabilities = [ask(case) for case in held_out]
    threshold = best_threshold(probabilities, lesions)
    rules = {arm: dict.fromkeys(("0", "3"), threshold)}
    if arm == "none":
        by_tici = {}
        for tici in ("0", "3"):
            of = [n for n, case in enumerate(held_out) if str(case.clinical["TICI"]) == tici]
            by_tici[tici] = best_threshold([probabilities[n] for n in of], [lesions[n] for n in of])
        rules["threshold by TICI"] = by_tici
    rows = []
    for case in test:
        outcomes = {tici: read_outcome(cohort, case.name, tici) for tici in ("0", "3")}
        under = {tici: ask(case, TICI=tici) for tici in ("0", "3")}
        patient = read_case(case)
        ml = float(np.prod(patient.spacing)) / 1000
        for name, thresholds in rules.items():
            masks = {tici: under[tici] > thresholds[tici] for tici in ("0", "3")}
            scores = row(masks, outcomes, str(patient.clinical["TICI"]), ml)
            rows.append({"arm": name, "case": case.name} | scores)
    return rows


def rows_of_oracle(test: Sequence[Case], cohort: Path, seed: int, scale: float) -> list[dict]:
    """Return the scores of the simulation itself, which knows the tissue, with and without TICI."""
    rows, rng = [], np.random.default_rng(2017)
    for case in test:
        made = make_patient(seed, "test", int(case.name.split("_")[1]), scale, "trial")
        outcomes = {tici: read_outcome(cohort, case.name, tici) for tici in ("0", "3")}
        ml = float(np.prod(made.spacing)) / 1000
        knows = {tici: made.fate.dead(made.stroke, tici=tici) for tici in ("0", "3")}
        died = np.zeros(outcomes["0"].shape)
        for u in rng.random((DRAWS, 2)):
            tici = "0" if u[0] < 0.5 else "3"
            minutes = int(POPULATIONS["trial"].treatment(u[1]))
            died += made.fate.dead(made.stroke, tici=tici, treatment=minutes)
        blind = dict.fromkeys(("0", "3"), died >= DRAWS / 2)
        for name, masks in {"simulation": knows, "simulation without TICI": blind}.items():
            scores = row(masks, outcomes, made.stroke.tici, ml)
            rows.append({"arm": name, "seed": 0, "case": case.name} | scores)
    return rows


def by_training(table: pd.DataFrame, endpoint: str) -> pd.Series:
    """Return the mean of a column over the test patients, by arm and seed in the table's order."""
    return table.groupby(["arm", "seed"], sort=False)[endpoint].mean()


def counted(table: pd.DataFrame) -> str:
    """Return in words how many networks were trained, and which p-values that allows."""
    trained = table.groupby("arm")["seed"].nunique().drop("threshold by TICI")  # uses "none"
    trained = trained[[not arm.startswith("simulation") for arm in trained.index]]
    number = int(trained["permuted"])
    arms = ", ".join(f"{arm} {trained.get(arm, 0)}" for arm in (*ARMS, "permuted"))
    return (
        f"Recorded networks: {trained.sum()} ({arms}). "
        f"With {number} permutations no p-value below 1/{number + 1} = {1 / (number + 1):.2f} "
        "is possible."
    )


def ranks(table: pd.DataFrame) -> str:
    """Return the true table among its permutations, as a table in Markdown.

    Only FiLM's first seed has a p-value: the permuted networks start from the same base as it does,
    those of other seeds from another one, so they are no exchangeable tables.
    """
    lines = [
        "| endpoint | FiLM, each seed | permuted, lowest to highest | p of seed 1 |",
        "|---|---:|---:|---:|",
    ]
    names = {"dice_saved": "Dice of saved tissue", "dice": "Dice"}
    for endpoint, name in names.items():
        means = by_training(table, endpoint)
        own, permuted = means["film"], means["permuted"]
        p = permutation_p(own[1], permuted)
        lines.append(
            f"| {name} | {', '.join(f'{value:.3f}' for value in own)} "
            f"| {permuted.min():.3f} to {permuted.max():.3f} ({len(permuted)}) "
            f"| {p:.2f} |"
        )
    return "\n".join([*lines, "", counted(table)])


def changes_by_block(films: pd.DataFrame) -> str:
    """Return by how much FiLM's factor differs from TICI 0 to 3, as a table in Markdown."""
    wide = films.pivot_table(index=["arm", "seed"], columns="block", values="change", sort=False)
    lines = [
        f"| block | {' | '.join(f'film, seed {seed}' for seed in wide.loc['film'].index)} "
        "| permuted, median |",
        f"|---|{'---:|' * (len(wide.loc['film']) + 1)}",
    ]
    for block in wide:
        own = " | ".join(f"{value:.3f}" for value in wide.loc["film", block])
        lines.append(f"| {block} | {own} | {wide.loc['permuted', block].median():.3f} |")
    return "\n".join(lines)


def draw(table: pd.DataFrame, axes: "Sequence[Axes]") -> None:
    """Draw two endpoints, a point for each training: Dice of saved tissue, and Dice."""
    arms = [arm for arm in dict.fromkeys(table["arm"]) if not arm.startswith("simulation")]
    titles = {"dice_saved": "Dice of saved tissue", "dice": "Dice under the patient's treatment"}
    for ax, (endpoint, title) in zip(axes, titles.items(), strict=True):
        means = by_training(table, endpoint)
        for place, arm in enumerate(arms):
            values = means[arm]
            ax.plot(values, [place] * len(values), "o", mfc="none", color="#0072B2", ms=7)
            ax.plot(values.mean(), place, "D", color="#D55E00", ms=6)
        ax.set(xlabel=title, ylim=(len(arms) - 0.5, -0.5))
        ax.set_yticks(range(len(arms)), arms)
        ax.locator_params(axis="x", nbins=5)


def summary(table: pd.DataFrame) -> str:
    """Return the endpoints as a table in Markdown; an arm is compared with "none" of its bases."""
    none = table[table["arm"] == "none"]
    lines = [
        "| arm | trainings | Dice | difference to none (95 % interval) "
        "| seeds, lowest to highest | Dice of saved tissue | saved volume: slope "
        "| predicted minus actual (ml) |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for arm in dict.fromkeys(table["arm"]):
        rows = table[table["arm"] == arm]
        bases = {1} if arm == "permuted" else set(rows["seed"])
        same = none[none["seed"].isin(bases)] if bases & set(none["seed"]) else none
        gain = rows.groupby("case")["dice"].mean() - same.groupby("case")["dice"].mean()
        means = rows.groupby("seed")["dice"].mean()
        slope = np.polyfit(rows["saved_ml"], rows["predicted_saved_ml"], 1)[0]
        excess = (rows["predicted_saved_ml"] - rows["saved_ml"]).mean()
        lines.append(
            f"| {arm} | {len(means) if arm[:3] != 'sim' else ''} | {means.mean():.3f} "
            f"| {'' if arm == 'none' else with_interval(gain)} "
            f"| {means.min():.3f} to {means.max():.3f} "
            f"| {rows['dice_saved'].mean():.3f} | {slope:.2f} | {excess:+.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Train what is missing, predict, write the tables, print the endpoints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--steps", type=int, nargs=2, default=Steps(), metavar=("BASE", "ARM"))
    parser.add_argument("--only", nargs="+", default=[*ARMS, "permuted"], metavar="ARM")
    parser.add_argument("--seeds", type=int, default=PERMUTATIONS, help="at most, of each arm")
    parser.add_argument("--csv", type=Path, default=RESULTS / "positive_control.csv")
    options = parser.parse_args()
    made = json.loads((options.cohort / "cohort.json").read_text())
    if made.get("population") != "trial":
        parser.error(f"{options.cohort} is no trial; make one with --population trial")
    from islesedu.networks import backend

    backend.import_keras()
    from islesedu.networks import factor_change

    training, held_out = split(find_cases(options.cohort / "training"))
    test = find_cases(options.cohort / "test")
    minutes = float(np.median([case.clinical["TTT"] for case in training]))
    rows = rows_of_oracle(test, options.cohort, made["seed"], made["scale"])
    changes = []
    for arm, seed in trainings():
        if arm not in options.only or seed > options.seeds:
            continue
        run = fit(arm, seed, training, options.runs, Steps(*options.steps))
        ask = Predictor(run)
        found = rows_of_network(arm, ask, held_out, test, options.cohort)
        rows += [{"seed": seed} | one for one in found]
        if arm in ("film", "permuted"):
            first, second = (
                clinical_vector({"TICI": tici, "TTT": minutes}, COLUMNS) for tici in ("0", "3")
            )
            of_block = factor_change(ask.model, first, second)
            changes += [
                {"arm": arm, "seed": seed, "block": block, "change": change}
                for block, change in of_block.items()
            ]
        table = pd.DataFrame(rows)
        write_text(options.csv, table.round(5).to_csv(index=False))
        films = pd.DataFrame(changes)
        place = options.csv.with_name(f"{options.csv.stem}_film.csv")
        write_text(place, films.round(6).to_csv(index=False))
        print(
            arm, seed, os.linesep, summary(table) if "none" in set(table["arm"]) else "", flush=True
        )


if __name__ == "__main__":
    main()
