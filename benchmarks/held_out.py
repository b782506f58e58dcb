"""Train networks side by side and score them on a cohort's test patients; used by its neighbours.

Each training is a run folder that goes on where it stopped; each scored run leaves a CSV, so a
second call of the same command does only what is missing.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from islesedu.common.files import write_text
from islesedu.metrics import bootstrap_interval, wilcoxon_p

EVERY = 50
"""Steps between two checkpoints."""
KEPT = ["case", "dice", "precision", "recall", "hausdorff_mm", "assd_mm", "predicted_ml", "true_ml"]


def side_by_side(task: Callable, calls: Sequence[tuple], jobs: int) -> list:
    """Call `task` with each tuple of arguments, `jobs` at a time, each in a process of its own."""
    context = get_context("spawn")  # TensorFlow does not survive a fork
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=1) as pool:
        return list(pool.map(task, *zip(*calls, strict=True)))


def train_run(folder: Path, run: Path, options: dict) -> Path:
    """Train, or go on, by `islesedu.training.fitting.train`."""
    from islesedu.networks import backend

    backend.import_keras()
    from islesedu.training.fitting import train

    train(folder, run, resume=True, progress=False, checkpoint_every=EVERY, **options)
    print(f"trained {run}", flush=True)
    return run


def score_run(run: Path, cohort: Path, place: Path, options: dict) -> pd.DataFrame:
    """Score a run, or a folder of runs, on the test patients of a cohort; once."""
    file = place / "scores.csv"
    if not file.exists():
        from islesedu.networks import backend

        backend.import_keras()
        from islesedu.training import evaluation, prediction

        prediction.predict(run, cohort / "test", place / "masks", progress=False, **options)
        table = evaluation.evaluate(place / "masks", cohort / "truth")
        write_text(file, table[KEPT].to_csv(index=False))
        print(f"scored {place}", flush=True)
    return pd.read_csv(file)


def test_patients(cohort: Path) -> list[tuple]:
    """Return each test case with its true lesion."""
    from islesedu.isles.find import find_cases
    from islesedu.isles.read import read_case
    from islesedu.training.dataset import cases_with_lesion

    truths = {case.name: case for case in cases_with_lesion(cohort / "truth")}
    return [
        (case, read_case(truths[case.name], ("ADC",)).lesion)
        for case in find_cases(cohort / "test")
    ]


def masks(model, patients: list[tuple]) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield name, forecast at 0.5 and truth of each patient."""
    from islesedu.isles.read import read_case
    from islesedu.training.prediction import predict_probability

    for case, truth in patients:
        yield case.name, predict_probability(model, read_case(case).image) > 0.5, truth


def describe(dice: Sequence[float]) -> str:
    """Return mean ± standard deviation of the population."""
    return f"{np.mean(dice):.3f} ± {np.std(dice):.3f}"


def against(dice: pd.Series, plain: pd.Series) -> str:
    """Return the mean difference to the plain run, case by case, its interval, and p."""
    difference = (dice - plain).dropna().to_numpy()
    low, high = bootstrap_interval(difference)
    p = wilcoxon_p(difference)
    said = "< 0.001" if p < 0.001 else f"{p:.3f}"
    return f"{difference.mean():+.3f} ({low:+.3f} to {high:+.3f}) | {said}"


def of_runs(differences: Sequence[float]) -> str:
    """Return the mean difference over runs and its 95 % interval by Student's t: a number a run."""
    values = np.asarray(differences, float)
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return f"{values.mean():+.3f} ({values.mean() - half:+.3f} to {values.mean() + half:+.3f})"


def put_table(page: Path, table: str) -> None:
    """Put a table in Markdown where the page has one of the same head."""
    lines = page.read_text(encoding="utf-8").splitlines()
    first = lines.index(table.splitlines()[0])
    last = next(n for n in range(first, len(lines) + 1) if not "".join(lines[n : n + 1]))
    write_text(page, "\n".join([*lines[:first], *table.splitlines(), *lines[last:]]) + "\n")
