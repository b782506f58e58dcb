"""SGD below and above the limit that a delay sets, on the cluster's own engine: a parabola.

    .venv/bin/python -m benchmarks.cluster_limit

Real processes: a parameter server that holds one number w, and one or two workers that pull it,
compute the gradient of curvature * w**2 / 2, wait for 0.1 s as if that had taken so long, and push
it by the operations of `islesedu.cluster.weights`. Learning rates are 0.4 and 1.2 times
the limit for a delay of one update, which is what two workers that take turns have. Writes
data/results/cluster_limit.csv: w and the staleness of each update.
"""

import argparse
import json
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from benchmarks.held_out import side_by_side
from islesedu.common.files import write_text

FILE = Path(__file__).resolve().parents[1] / "data" / "results" / "cluster_limit.csv"
CURVATURE, UPDATES = 4.0, 60
PAUSE = 0.1  # s
FACTORS = (0.4, 1.2)
"""Of the largest rate for a delay of 1."""


def run(workers: int, folder: str) -> pd.DataFrame:
    """Start a cluster, be its chief, and train with each factor."""
    from islesedu.cluster.local import LocalCluster
    from islesedu.cluster.spec import read_task, wait_for

    with tempfile.TemporaryDirectory() as place:
        twice = ",".join(f"{worker}=2" for worker in range(workers))  # so long as it has taken
        how = {"workers": workers, "options": ["--threads", "1", "--slow", twice]}
        cluster = LocalCluster(folder, f"{place}/run", **how)
        chief = cluster.members.pop(0)
        task = read_task({"TF_CONFIG": chief.environment["TF_CONFIG"]})
        with cluster:
            wait_for(task.others("worker", "ps"), 120, print)
            return _as_chief(task, workers)


def _as_chief(task, workers: int) -> pd.DataFrame:
    import keras
    import tensorflow as tf

    from islesedu.cluster.coordinator import connect
    from islesedu.cluster.orders import pause_on_worker
    from islesedu.cluster.staleness import largest_rate
    from islesedu.cluster.weights import RESULT, SharedWeights

    class Parabola(SharedWeights):
        """The engine, with the gradient of a parabola in place of a network's."""

        def gradient(self, order):
            before = self.updates.read_value()
            with tf.control_dependencies([before]):
                w = self.weights[0].read_value()
            with tf.control_dependencies([w]):
                pulled = tf.timestamp()
            (gradient,) = pause_on_worker(pulled - PAUSE, [CURVATURE * w])
            zero = tf.constant(0.0)
            result = dict.fromkeys(("worker", "pid", "dice"), zero)
            result |= {"start": pulled, "pulled": pulled, "before": before, "loss": w}
            return [gradient], result

    strategy = connect(task, print)
    coordinator = tf.distribute.coordinator.ClusterCoordinator(strategy)
    tables = []
    for factor in FACTORS:
        model = SimpleNamespace(
            trainable_variables=[tf.Variable(1.0)], optimizer=keras.optimizers.SGD(), input_shape=()
        )
        shared = Parabola(strategy, model, None)
        rate = tf.constant(factor * largest_rate(1, CURVATURE), tf.float32)
        calls = [
            coordinator.schedule(shared.step, args=(tf.constant(str(step)), rate))
            for step in range(UPDATES)
        ]
        rows = [dict(zip(RESULT, call.fetch().tolist(), strict=True)) for call in calls]
        table = pd.DataFrame(rows).sort_values("after", ignore_index=True)
        table["staleness"] = (table["after"] - table["before"] - 1).astype(int)
        table = table.rename(columns={"loss": "w"})[["w", "staleness"]]
        tables.append(table.assign(workers=workers, factor=factor, update=table.index + 1))
        print(workers, factor, json.dumps(table["staleness"].value_counts().to_dict()), flush=True)
    return pd.concat(tables)


def main() -> None:
    """Run with one and two workers, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", default="data/sample/training", help="any ISLES folder")
    parser.add_argument("--csv", type=Path, default=FILE)
    options = parser.parse_args()
    table = pd.concat(side_by_side(run, [(workers, options.folder)], 1)[0] for workers in (1, 2))
    columns = ["workers", "factor", "update", "w", "staleness"]
    write_text(options.csv, table[columns].to_csv(index=False, float_format="%.5g"))


if __name__ == "__main__":
    main()
