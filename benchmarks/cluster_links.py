"""Updates a second of a cluster whose links have a limited rate, and what the model predicts.

    sudo .venv/bin/python -m benchmarks.cluster_links

Needs Linux, root, ``ip`` and ``tc``. Real processes in network namespaces (see
`benchmarks.namespaces`): a parameter server with 2,749,933 parameters, as many as the V-Net
with 4 filters has, and four workers that pull them, *sleep* for 0.3 s in place of computing, so
that they do not share the processors of this machine, and push as many. So the links are measured,
and not the computing. One, two or four orders are under way at a time.

Writes data/results/cluster_links.csv and puts the table into docs/cluster.md. The model is
`islesedu.cluster.updates_per_second`; one worker without a limit gives it the time of an update
besides sleeping, which counts as the server's work, everything else is predicted.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from benchmarks.held_out import put_table
from benchmarks.namespaces import Machines, spread
from islesedu.common.files import write_text

FILE = Path(__file__).resolve().parents[1] / "data" / "results" / "cluster_links.csv"
PAGE = FILE.parents[2] / "docs" / "cluster.md"
PARAMETERS, ARRAYS = 2_749_933, 20
SLEEP = 0.3  # s
PAYLOAD = 0.95
"""Of the bits that a limited link counts, what is no header of a packet."""
RATES, COUNTS = (0, 1000, 300, 100), (1, 2, 4)
"""Mbit/s, 0 is no limit; orders under way."""
UPDATES = {1: 16, 2: 24, 4: 40}


def be_chief(place: Path) -> None:
    """Measure each rate and count, as the chief; another process limits the links on request."""
    import keras
    import tensorflow as tf

    from islesedu.cluster.coordinator import connect
    from islesedu.cluster.orders import pause_on_worker
    from islesedu.cluster.spec import read_task, wait_for
    from islesedu.cluster.weights import SharedWeights
    from islesedu.common.processes import follow_parent

    follow_parent()

    class Sleeper(SharedWeights):
        """The engine, with a worker that sleeps in place of computing."""

        def gradient(self, order):
            before = self.updates.read_value()
            with tf.control_dependencies([before]):
                weights = [one.read_value() for one in self.weights]
            with tf.control_dependencies(weights):
                pulled = tf.timestamp()
            gradients = pause_on_worker(pulled - SLEEP, [tf.identity(one) for one in weights])
            zero = tf.constant(0.0)
            result = dict.fromkeys(("worker", "pid", "dice", "loss"), zero)
            return gradients, result | {"start": pulled, "pulled": pulled, "before": before}

    task = read_task(os.environ)
    wait_for(task.others("worker", "ps"), 600, print)
    coordinator = tf.distribute.coordinator.ClusterCoordinator(strategy := connect(task, print))
    sizes = np.diff(np.linspace(0, PARAMETERS, ARRAYS + 1).astype(int))
    variables = [tf.Variable(tf.zeros(size)) for size in sizes]
    model = SimpleNamespace(trainable_variables=variables, optimizer=keras.optimizers.SGD())
    model.input_shape = ()
    shared = Sleeper(strategy, model, None)
    arguments = tf.constant(""), tf.constant(0.0)

    def updates_a_second(count: int, updates: int) -> float:
        ends = []

        def go_on():
            while len(ends) < updates:
                coordinator.schedule(shared.step, args=arguments).fetch()
                ends.append(time.monotonic())

        threads = [threading.Thread(target=go_on) for _ in range(count)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        skip = updates // 5
        return (updates - 1 - skip) / (ends[updates - 1] - ends[skip])

    updates_a_second(4, 8)  # every worker builds its graph
    rows = []
    for mbit in RATES:
        write_text(place / "wanted", str(mbit))
        while not (place / f"limited-{mbit}").exists():
            time.sleep(0.1)
        for count in COUNTS:
            rows.append((mbit, count, updates_a_second(count, UPDATES[count])))
            write_text(place / "rows.csv", "\n".join(",".join(map(str, row)) for row in rows))
            print(f"islesedu: {rows[-1]}", flush=True)
    os._exit(0)


def measure(folder: str) -> pd.DataFrame:
    """Start the cluster, limit its links as its chief wants, and return what it measured."""
    from islesedu.cluster.local import LocalCluster

    names = ["chief0", "ps0", *(f"worker{number}" for number in range(4))]
    with tempfile.TemporaryDirectory() as place, Machines(names) as machines:
        slow = ",".join(f"{worker}=2" for worker in range(4))  # sleep once more as long
        options = ["--threads", "1", "--slow", slow, "--wait", "600"]
        how = {"workers": 4, "options": options, "notify": lambda text: print(text, flush=True)}
        cluster = LocalCluster(folder, f"{place}/run", **how)
        spread(cluster, machines)
        chief = cluster.member("chief")
        chief.command = chief.command[:4] + [sys.executable, "-m", __spec__.name, "--chief", place]

        def on_poll(cluster):
            wanted = Path(place, "wanted")
            if wanted.exists() and not Path(place, f"limited-{wanted.read_text()}").exists():
                machines.limit(int(wanted.read_text()))
                Path(place, f"limited-{wanted.read_text()}").touch()

        with cluster:
            cluster.wait(on_poll)
        names = ["mbit", "workers", "measured"]
        return pd.read_csv(Path(place, "rows.csv"), names=names)


def predict(table: pd.DataFrame) -> pd.DataFrame:
    """Add what the model predicts: one worker without a limit gives it the server's work."""
    from islesedu.cluster import UpdateCost, updates_per_second

    alone = table.query("mbit == 0 and workers == 1")["measured"].item()
    rest = {"wait": SLEEP, "serve": max(0.0, 1 / alone - SLEEP)}
    predicted = []
    for row in table.itertuples():
        link = PAYLOAD * 1e6 * row.mbit or None
        cost = UpdateCost.of(PARAMETERS, link, **rest)
        predicted.append(updates_per_second(int(row.workers), cost))
    return table.assign(predicted=np.round(predicted, 4))


def summary(table: pd.DataFrame) -> str:
    """Return a table in Markdown."""
    lines = [
        "| link (Mbit/s) | workers | updates a minute, measured | by the model | off by |",
        "|---|---:|---:|---:|---:|",
    ]
    for row in table.itertuples():
        link, off = row.mbit or "no limit", f"{row.predicted / row.measured - 1:+.0%}"
        numbers = f"{60 * row.measured:.0f} | {60 * row.predicted:.0f}"
        lines.append(f"| {link} | {row.workers} | {numbers} | {off} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and predict."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", default="data/sample/training", help="any ISLES folder")
    parser.add_argument("--only-predict", action="store_true", help="what has been measured")
    parser.add_argument("--chief", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.chief:
        be_chief(options.chief)
    if options.only_predict:
        measured = pd.read_csv(FILE).drop(columns="predicted")
    else:
        measured = measure(options.folder).round(4)
    table = predict(measured)
    write_text(FILE, table.to_csv(index=False))
    put_table(PAGE, summary(table))
    print(summary(table))


if __name__ == "__main__":
    main()
