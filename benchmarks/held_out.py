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
from islesedu.comparison import markdown_table, p_in_words
from islesedu.metrics import bootstrap_interval, holm, wilcoxon_p

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
    """Yield name, prediction at 0.5 and truth of each patient."""
    from islesedu.isles.read import read_case
    from islesedu.training.prediction import predict_probability

    for case, truth in patients:
        yield case.name, predict_probability(model, read_case(case).image) > 0.5, truth


def describe(dice: Sequence[float]) -> str:
    """Return mean ± standard deviation of the population."""
    return f"{np.mean(dice):.3f} ± {np.std(dice):.3f}"


def with_interval(difference: pd.Series) -> str:
    """Return the mean of differences, case by case, and its bootstrap interval."""
    low, high = bootstrap_interval(difference)
    return f"{difference.mean():+.3f} ({low:+.3f} to {high:+.3f})"


def differences_table(
    first: str, to: str, steps: dict[str, tuple[pd.Series, pd.Series | None]]
) -> str:
    """Return rows in Markdown: mean ± std, difference to another series, p, and p after Holm.

    Parameters
    ----------
    first, to : str
        Heading of the first column, and to what the difference is.
    steps : dict
        By the name of a row: its Dice case by case, and what to subtract, if anything.
    """
    gains = {
        name: (one - other).dropna() for name, (one, other) in steps.items() if other is not None
    }
    p = pd.Series({name: wilcoxon_p(gain.to_numpy()) for name, gain in gains.items()})
    corrected = pd.Series(holm(p), p.index)
    rows = {}
    for name, (one, _) in steps.items():
        rows[name] = [describe(one), "", "", ""]
        if name in gains:
            tests = [p_in_words(p[name]), p_in_words(corrected[name])]
            rows[name][1:] = [with_interval(gains[name]), *tests]
    columns = ["Dice", f"difference to {to} (95 % interval)", "p", "p, Holm"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return markdown_table(table.rename_axis(first))


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
