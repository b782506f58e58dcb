"""Does a careful start rescue an asynchronous training? Four ways and plain training, five seeds.

    .venv/bin/islesedu data make build/small --scale 0.25 --jobs 2
    .venv/bin/python -m benchmarks.rescue build/small build/runs/rescue

Two asynchronous workers with a parameter server on this machine, the same cases and first weights
for each way, equally many cases trained (4 epochs). It goes on where it stopped: a run recorded in
data/results/rescue.csv is not made again, unless --anew. That file has a row an epoch of each run:
mean Dice and loss of its cases, each before its update, so that in the first epoch every case is
new to the network. Draws docs/cluster_rescue.png and puts the table into docs/cluster.md.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from benchmarks.held_out import of_runs, put_table, side_by_side
from islesedu import figures
from islesedu.common.files import write_text

RESULTS = Path(__file__).resolve().parents[1] / "data" / "results"
CURVES = RESULTS / "rescue.csv"
PAGE = RESULTS.parents[1] / "docs" / "cluster.md"
PICTURE = PAGE.with_name("cluster_rescue.png")
SEEDS = (2017, 2018, 2019, 2020, 2021)
EPOCH, EPOCHS = 43, 4  # cases
CASES = EPOCH * EPOCHS
TOGETHER = EPOCH // 2  # updates of two cases each, about one epoch
TWO = {"workers": 2, "threads": 1}
WAYS = {
    "as it is": [TWO | {"steps": CASES}],
    "warm-up by one worker": [{"workers": 1, "threads": 1, "steps": EPOCH}, TWO | {"steps": CASES}],
    "rate / (1 + staleness)": [TWO | {"steps": CASES, "staleness_aware": True}],
    "synchronous start": [TWO | {"steps": CASES - TOGETHER, "sync_start": TOGETHER}],
}
PLAIN = "plain training"
"""One process without a cluster, as a reference."""
LOOKS = [(one.color, one.marker) for one in figures.CURVES] + [("#555555", "x")]
COLLAPSED = 0.01
"""Mean Dice below which an epoch counts as collapsed: nearly all predictions are empty."""


def train(folder: Path, run: Path, way: str, seed: int) -> Path:
    """Train one run, or go on."""
    how = {"seed": seed, "checkpoint_every": EPOCH, "resume": True, "progress": False}
    if way == PLAIN:
        from islesedu.networks import backend

        backend.import_keras()
        from islesedu.training.fitting import train as train_alone

        train_alone(folder, run, steps=CASES, **how)
        return run
    from islesedu.cluster.local import train_locally

    for part in WAYS[way]:
        if not run.exists() or steps_of(run) < part["steps"]:
            train_locally(folder, run, **how, **part)
    print(f"trained {run}", flush=True)
    return run


def steps_of(run: Path) -> int:
    """Return how many updates of a run have been recorded with a checkpoint."""
    file = run / "history.csv"
    return int(pd.read_csv(file)["step"].max()) if file.exists() else 0


def curve(run: Path, way: str, seed: int) -> pd.DataFrame:
    """Return a row an epoch: mean Dice and loss of its cases, each before its update."""
    if way == PLAIN:
        table = pd.read_csv(run / "history.csv").rename(columns={"step": "cases"})
        table = table.assign(staleness=0.0)
    else:
        log = pd.read_csv(run / "updates.csv").sort_values("step", ignore_index=True)
        parts = log.groupby(log.index // EPOCH)
        table = parts[["dice", "loss", "staleness"]].mean()
        table.insert(0, "cases", parts.size().cumsum())
    return table[table["cases"] <= CASES].assign(way=way, seed=seed)


def of_each_run(curves: pd.DataFrame) -> pd.DataFrame:
    """Return a row a run: epochs that are collapsed, and the Dice of the last epoch."""
    runs = curves.groupby(["way", "seed"], sort=False)["dice"]
    return pd.DataFrame(
        {"collapsed": runs.agg(lambda dice: (dice < COLLAPSED).sum()), "last": runs.last()}
    ).reset_index()


def summary(curves: pd.DataFrame) -> str:
    """Return a table in Markdown; the run is the unit."""
    lines = [
        "| way | runs | collapsed epochs of each run | Dice of the last epoch of each run | mean "
        "| minus *as it is*, by seed (95 % interval) |",
        "|---|---:|---|---|---:|---:|",
    ]
    runs = of_each_run(curves)
    wide = runs.pivot(index="seed", columns="way", values="last")
    for way, part in runs.groupby("way", sort=False):
        gain = (wide[way] - wide["as it is"]).dropna().to_numpy()
        said = of_runs(gain) if way != "as it is" and len(gain) > 1 else "-"
        epochs = ", ".join(map(str, part["collapsed"]))
        each = ", ".join(f"{value:.3f}" for value in part["last"])
        lines.append(
            f"| {way} | {len(part)} | {epochs} | {each} | {part['last'].mean():.3f} | {said} |"
        )
    return "\n".join(lines)


def draw(curves: pd.DataFrame, file: Path) -> None:
    """Draw Dice against cases trained, a panel a way, a line a run."""
    ways = list(dict.fromkeys(curves["way"]))
    figure, axes = plt.subplots(
        1, len(ways), figsize=(2.9 * len(ways), 3), sharey=True, layout="constrained"
    )
    for ax, way in zip(axes, ways, strict=True):
        runs = curves[curves["way"] == way].groupby("seed")
        for (seed, run), (color, sign) in zip(runs, LOOKS, strict=False):
            ax.plot(run["cases"], run["dice"], color=color, marker=sign, ms=4, label=str(seed))
        ax.set(title=way, xlabel="cases trained")
    axes[0].set_ylabel("mean Dice of an epoch's\ntraining cases (0 to 1)")
    lines, names = axes[0].get_legend_handles_labels()
    figure.legend(lines, names, title="seed", loc="outside right center")
    figure.savefig(file, dpi=110)


def main() -> None:
    """Train what is missing, write table and picture, print the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--only-draw", action="store_true", help="what has been trained already")
    parser.add_argument("--anew", action="store_true", help="recorded runs, too")
    options = parser.parse_args()
    ways = [*WAYS, PLAIN]
    plan = [(way, seed) for seed in options.seeds for way in WAYS]
    plan += [(PLAIN, seed) for seed in options.seeds]
    recorded = {} if options.anew or not CURVES.exists() else recorded_runs(pd.read_csv(CURVES))
    for way, seed in plan:
        run = options.runs / f"{ways.index(way)}-{seed}"
        if (way, seed) in recorded or (options.only_draw and not (run / "model.keras").exists()):
            continue
        call = (options.cohort / "training", run, way, seed)
        if not (run / "model.keras").exists():
            if way == PLAIN:  # TensorFlow computes in this process: let it be one of its own
                side_by_side(train, [call], 1)
            else:
                train(*call)
        recorded[way, seed] = curve(run, way, seed)
        write(recorded)


def recorded_runs(curves: pd.DataFrame) -> dict[tuple[str, int], pd.DataFrame]:
    """Return the rows of each run, by way and seed."""
    return dict(iter(curves.groupby(["way", "seed"], sort=False)))


def write(recorded: dict[tuple[str, int], pd.DataFrame]) -> None:
    """Write curves, picture and table of the runs there are."""
    ways = [*WAYS, PLAIN]
    ordered = sorted(recorded, key=lambda one: (ways.index(one[0]), one[1]))
    curves = pd.concat([recorded[one] for one in ordered])
    columns = ["way", "seed", "cases", "dice", "loss", "staleness"]
    write_text(CURVES, curves[columns].round(5).to_csv(index=False))
    draw(curves, PICTURE)
    put_table(PAGE, summary(curves))
    print(summary(curves), flush=True)


if __name__ == "__main__":
    main()
