"""Whether a training with packed convolutions goes as one with plain ones: 300 steps, three seeds.

    .venv/bin/python -m benchmarks.packing_curves

Sums in another order differ in their last digits, and a training enlarges that. So the difference
between packed and plain is put beside what the same training differs by when its first weights are
moved by one part in ten million, and beside the difference between seeds. Synthetic patients at
scale 0.2; the loss is the mean of each 50 steps.
"""

import itertools
import tempfile

import numpy as np
from tqdm import tqdm

from benchmarks.vnet_step import LAYERS, build, keras
from islesedu.phantom import make_cohort
from islesedu.training import case_stream, cases_with_lesion

STEPS, BLOCK, SEEDS = 300, 50, (1, 2, 3)


def curve(batches: list, way: str, seed: int, moved: float = 0.0) -> np.ndarray:
    """Train on the batches in turn; return the mean loss of each block."""
    model = build(way, 4, seed)
    rng = np.random.default_rng(seed)
    model.set_weights([w * (1 + moved * rng.choice([-1, 1], w.shape)) for w in model.get_weights()])
    losses = [model.train_on_batch(*batch)[0] for batch in tqdm(batches, desc=f"{way} {seed}")]
    keras.backend.clear_session()
    return np.reshape(losses, (-1, BLOCK)).mean(axis=1)


def main() -> None:
    """Print the curves and the three differences."""
    with tempfile.TemporaryDirectory() as folder:
        make_cohort(f"{folder}/cohort", training=8, test=0, scale=0.2, progress=False)
        cases = cases_with_lesion(f"{folder}/cohort/training")
        runs = {}
        for seed in SEEDS:
            batches = list(itertools.islice(case_stream(cases, seed=seed), STEPS))
            for way in LAYERS:
                runs[way, seed] = curve(batches, way, seed)
            runs["moved", seed] = curve(batches, "plain", seed, moved=1e-7)
    print(f"| seed | mean loss of each {BLOCK} steps, plain | packed |\n|---|---|---|")
    for seed in SEEDS:
        rows = [", ".join(f"{loss:.3f}" for loss in runs[way, seed]) for way in LAYERS]
        print(f"| {seed} | {' | '.join(rows)} |")
    apart = {
        "packed and plain": [runs["packed", s] - runs["plain", s] for s in SEEDS],
        "plain, and plain with its first weights moved by 1e-7": [
            runs["moved", s] - runs["plain", s] for s in SEEDS
        ],
        "two seeds, plain": [
            runs["plain", a] - runs["plain", b] for a, b in itertools.combinations(SEEDS, 2)
        ],
    }
    for name, differences in apart.items():
        found = np.abs(differences)
        print(f"{name}: mean difference {found.mean():.5f}, largest {found.max():.5f}")


if __name__ == "__main__":
    main()
