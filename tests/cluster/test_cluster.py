"""Training on a cluster: real processes on this machine, killed and revived."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import psutil
import pytest

from islesedu.cli import main
from islesedu.cluster import spec
from islesedu.cluster import watch as watching
from islesedu.cluster.local import LocalCluster, train_locally
from islesedu.cluster.orders import CaseReader, make_orders
from islesedu.cluster.ports import _listeners, free_ports, keep_to_loopback
from islesedu.cluster.process import as_options
from islesedu.cluster.spec import ClusterTask, Place, Role, read_task, wait_for
from islesedu.cluster.update_log import UpdateBar, read_updates
from islesedu.cluster.watch import PeerMonitor
from islesedu.errors import TrainingError
from islesedu.training.config import TrainingConfig
from islesedu.training.dataset import case_batch, case_stream, cases_with_lesion
from islesedu.training.provenance import fingerprint
from islesedu.training.recipe import Recipe
from islesedu.training.run_folder import RunFolder

NETWORK = {"kernel_size": 3, "convolutions": [1], "bottom_convolutions": 1}
TINY = {"filters": 1, "network": NETWORK, "threads": 1, "wait": 60.0}
STEPS = 400


class Processes:
    """Remember every process that a cluster ever had."""

    def __init__(self):
        self.seen = set()

    def __call__(self, cluster):
        self.seen |= {member.process.pid for member in cluster.members}

    def none_left(self):
        assert len(self.seen) >= 4
        return not psutil.wait_procs(
            [psutil.Process(pid) for pid in self.seen if psutil.pid_exists(pid)], timeout=5
        )[1]


@pytest.fixture(scope="module")
def trained(cohort, tmp_path_factory):
    """A training in which worker 1 is killed with signal 9 in the middle, and comes back.

    Worker 0 is made to sleep meanwhile, so that there is work left for the one that comes back.
    """
    output = tmp_path_factory.mktemp("cluster") / "run"
    processes, state = Processes(), {}

    def on_poll(cluster):
        processes(cluster)
        updates = read_updates(output)
        if not state and set(updates["worker"]) == {0, 1}:
            state["first"] = cluster.member("worker", 1).process.pid
            os.kill(cluster.member("worker", 0).process.pid, signal.SIGSTOP)
            cluster.kill("worker", 1)
            cluster.member("worker", 1).lines.clear()
            state["asleep"], state["before"] = True, len(updates)
        listening = any("listens" in line for line in list(cluster.member("worker", 1).lines))
        if state.get("asleep") and listening:
            os.kill(cluster.member("worker", 0).process.pid, signal.SIGCONT)
            state["asleep"] = False
        state_of_cluster[:] = [cluster]

    state_of_cluster = []
    run = train_locally(
        cohort / "training",
        output,
        steps=STEPS,
        checkpoint_every=100,
        progress=False,
        on_poll=on_poll,
        **TINY,
    )
    return SimpleNamespace(
        run=run, processes=processes, killed=state["first"], events=state_of_cluster[0].events
    )


def test_a_killed_worker_costs_no_update_and_comes_back(trained):
    updates = read_updates(trained.run)
    assert sorted(updates["step"]) == list(range(1, STEPS + 1))
    pids = updates[updates["worker"] == 1]["pid"].unique()
    assert len(pids) == 2 and pids[0] == trained.killed
    assert trained.run.model_file.exists() and trained.processes.none_left()
    assert any("worker 1 ended (signal SIGKILL)" in text for _, text in trained.events)


def test_each_case_is_trained_once_a_pass_by_the_process_of_a_worker(trained):
    updates = read_updates(trained.run)
    names = trained.run.settings["training"]
    for _, one_pass in updates.groupby((updates["step"] - 1) // len(names)):
        assert sorted(one_pass["case"]) == sorted(names)
    assert set(updates["pid"]) < trained.processes.seen and os.getpid() not in set(updates["pid"])


def test_the_loss_falls_and_staleness_is_what_the_times_say(trained):
    history = trained.run.history
    assert list(history["step"]) == [100, 200, 300, 400]
    assert history["loss"].iloc[-1] < history["loss"].iloc[0] - 0.1
    updates = read_updates(trained.run)
    assert (updates["start"] < updates["pulled"]).all()
    assert (updates["pulled"] <= updates["end"]).all()
    stale = updates[updates["staleness"] > 0]
    assert len(stale) > 10
    between = [
        ((updates["end"] > row.pulled) & (updates["end"] < row.end)).sum()
        for row in stale.itertuples()
    ]
    assert np.median(between - stale["staleness"]) == 0  # clocks are read a little apart


def test_the_run_folder_is_one_that_predict_and_evaluate_read(trained, cohort, tmp_path):
    for command in (
        ["predict", str(trained.run.path), str(cohort / "training"), "--output", str(tmp_path)],
        ["evaluate", str(tmp_path), str(cohort / "training")],
    ):
        with pytest.raises(SystemExit) as end:
            main(command)
        assert end.value.code == 0
    assert (pd.read_csv(tmp_path / "scores.csv")["status"] == "seen in training").all()


def test_server_and_chief_are_killed_and_the_training_goes_on(cohort, tmp_path):
    output, processes = tmp_path / "run", Processes()
    arguments = TINY | {"mode": "sync", "validation_split": 0.25, "checkpoint_every": 5}

    def kill(role, after):
        def on_poll(cluster):
            processes(cluster)
            updates = read_updates(output)
            if len(updates) and updates["step"].max() > after:
                member = cluster.member(role)
                if member.process.poll() is None:
                    cluster.kill(role)

        return on_poll

    train = {"steps": 3000, "progress": False, "on_poll": kill("ps", 12)}
    with pytest.raises(TrainingError, match="server 0? ?does not answer any more.*--resume"):
        train_locally(cohort / "training", output, **arguments, **train)
    first = RunFolder(output).history["step"].max()
    assert first >= 5 and not (output / "model.keras").exists()
    train |= {"resume": True, "on_poll": kill("chief", first + 12)}
    with pytest.raises(TrainingError, match="the chief ended .signal SIGKILL.*--resume"):
        train_locally(cohort / "training", output, **arguments, **train)
    second = RunFolder(output).history["step"].max()
    assert second > first
    shorter(output, second + 7)
    train |= {"steps": second + 7, "on_poll": processes}
    run = train_locally(cohort / "training", output, **arguments, **train)
    assert list(run.history["step"])[-2:] == [second + 5, second + 7]
    assert {"val_loss", "val_dice"} <= set(run.history.columns)
    updates = read_updates(run)
    assert (updates.groupby("step")["case"].count() == 2).all()
    assert set(updates["step"]) == set(range(1, second + 8))
    assert (updates["staleness"] == 0).all()
    assert int(run.load_model().optimizer.iterations) == second + 7
    assert processes.none_left()


def test_a_chief_without_workers_says_so_and_ends_after_the_time_given(cohort, tmp_path):
    output = tmp_path / "run"
    options = as_options(TINY | {"steps": 100_000, "checkpoint_every": 10})
    cluster = LocalCluster(cohort / "training", output, workers=1, options=options)
    chief, worker = cluster.member("chief"), cluster.member("worker")
    chief.command = [*chief.command, "--wait", "3"]
    others = {"worker 0": "worker", "parameter server 0": "ps"}

    def on_poll(cluster):
        if len(read_updates(output)) > 20 and worker in cluster.members:
            cluster.kill("worker")
            cluster.members.remove(worker)  # nobody starts it again

    try:
        for role in others.values():
            cluster.member(role).start()
        places = json.loads(chief.environment["TF_CONFIG"])["cluster"]
        wait_for({who: places[role][0] for who, role in others.items()}, 200, print)
        chief.start()
        with pytest.raises(TrainingError, match="no worker has answered for 3 s; .*--resume"):
            cluster.wait(on_poll)
    finally:
        cluster.stop()
        worker.end(grace=0)
    assert any("worker 0 does not answer; no worker is left" in text for _, text in cluster.events)
    assert RunFolder(output).checkpoint.exists() and not RunFolder(output).model_file.exists()


def test_a_chief_without_workers_says_every_ten_seconds_whom_it_misses(monkeypatch):
    clock, said = [0.0], []
    monkeypatch.setattr(watching.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(watching, "answers", lambda address: address == "a:3")
    addresses = {"chief": ["a:1"], "worker": ["a:2", "b:2"], "ps": ["a:3"]}
    task = ClusterTask(addresses, Place(Role.CHIEF))
    monitor = PeerMonitor(task, wait=25.0, notify=said.append)
    with pytest.raises(TrainingError, match="no worker has answered for 25 s; .*--resume"):
        while clock[0] < 60:
            clock[0] += 1.0
            monitor.check()
    assert clock[0] == pytest.approx(28, abs=2)
    assert said[:2] == [
        "worker 0 does not answer; others take its case",
        "worker 1 does not answer; no worker is left, and without one the training ends after 25 s",
    ]
    assert said[2:] == [
        f"no update for {seconds} s; does not answer: worker 0 and worker 1" for seconds in (12, 24)
    ]


def shorter(output, steps):
    """Pretend that a run was begun for fewer steps."""
    file = output / "run.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"steps": int(steps)}))


def test_a_worker_that_never_comes_up_is_named_after_the_time_given(cohort, tmp_path):
    dead = {"chief": ["127.0.0.1:1"], "worker": ["127.0.0.1:2"], "ps": ["127.0.0.1:3"]}
    config = json.dumps({"cluster": dead, "task": {"type": "chief", "index": 0}})
    command = [sys.executable, "-m", "islesedu", "cluster", "run", str(cohort / "training")]
    command += ["--output", "run", *as_options({k: TINY[k] for k in ("filters", "network")})]
    done = subprocess.run(
        [*command, "--wait", "0.5"],
        cwd=tmp_path,
        env=os.environ | {"TF_CONFIG": config},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "worker 0 (127.0.0.1:2) and " in done.stderr
    assert "did not come up within 0.5 s" in done.stderr and "--wait" in done.stderr


@pytest.mark.parametrize("role", ["worker", "ps"])
def test_who_has_no_chief_ends_after_the_time_given(role, cohort, tmp_path):
    (port,) = free_ports(1)
    cluster = {"chief": ["127.0.0.1:1"], "worker": ["127.0.0.1:2"], "ps": ["127.0.0.1:3"]}
    cluster[role] = [f"127.0.0.1:{port}"]
    config = json.dumps({"cluster": cluster, "task": {"type": role, "index": 0}})
    command = [sys.executable, "-m", "islesedu", "cluster", "run", str(cohort / "training")]
    done = subprocess.run(
        [*command, "--output", "run", "--wait", "1"],
        cwd=tmp_path,
        env=os.environ | {"TF_CONFIG": config},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and not (tmp_path / "run").exists()
    assert f"listens at 127.0.0.1:{port}" in done.stderr
    assert "the chief (127.0.0.1:1) has not answered for 1 s: " in done.stderr


def test_who_is_waited_for_is_said(monkeypatch):
    monkeypatch.setattr(spec, "REMIND_SECONDS", 0.1)
    said = []
    with pytest.raises(TrainingError, match="worker 0 .127.0.0.1:2. did not come up within 0.4 s"):
        wait_for({"worker 0": "127.0.0.1:2"}, 0.4, said.append)
    assert said and said[0].startswith("waiting for worker 0 (127.0.0.1:2), 0 s of 0.4")


def test_processes_end_with_the_one_that_started_them(cohort, tmp_path):
    code = (
        "import sys, time\nfrom islesedu.cluster.local import LocalCluster\n"
        f"with LocalCluster({str(cohort / 'training')!r}, 'run', options=['--wait', '60']) as c:\n"
        "    print(*[m.process.pid for m in c.members], flush=True)\n    time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    assert len(children) == 4
    time.sleep(2)
    parent.kill()
    parent.wait()
    assert not psutil.wait_procs(children, timeout=60)[1]


def test_ctrl_c_stops_all_processes(cohort, tmp_path):
    pids = []

    def on_poll(cluster):
        pids[:] = [member.process.pid for member in cluster.members]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_locally(cohort / "training", tmp_path / "run", on_poll=on_poll, progress=False)
    assert len(pids) == 4 and not any(psutil.pid_exists(pid) for pid in pids)


def test_ctrl_c_in_a_terminal_names_resume(monkeypatch, capsys):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("islesedu.cluster.local.train_locally", interrupted)
    with pytest.raises(SystemExit) as end:
        main(["cluster", "local", "data", "--output", "run"])
    assert end.value.code == 130
    assert "--resume goes on from the last checkpoint in run" in capsys.readouterr().err


RECORD = {"steps": 12, "channels": ["ADC"], "training": [], "fingerprints": []}


@pytest.mark.parametrize(
    "options, words",
    [
        ({}, "already holds a run; go on with --resume"),
        ({"resume": True}, "was begun for 12 steps; 8 would be fewer"),
    ],
)
def test_a_run_folder_is_looked_at_before_anything_is_started(
    options, words, cohort, tmp_path, monkeypatch
):
    monkeypatch.setattr(LocalCluster, "__enter__", lambda self: pytest.fail("processes started"))
    (tmp_path / "run.json").write_text(json.dumps(RECORD))
    with pytest.raises(TrainingError, match=words):
        train_locally(cohort / "training", tmp_path, steps=8, progress=False, **options)


def test_what_is_started_is_said_first(cohort, tmp_path, monkeypatch, capsys):
    def nothing(self):
        raise TrainingError("enough")

    monkeypatch.setattr(LocalCluster, "__enter__", nothing)
    with pytest.raises(TrainingError, match="enough"):
        train_locally(cohort / "training", tmp_path / "run")
    said = capsys.readouterr().err
    assert "starting 4 processes, the chief, 2 workers and 1 parameter server;" in said


def test_the_clock_of_the_bar_starts_with_the_first_update(capsys):
    bar = UpdateBar(10, start=2)
    for moment in ("start_t", "last_print_t"):
        setattr(bar.bar, moment, getattr(bar.bar, moment) - 100)  # it has been there for 100 s
    bar.show([{"step": 2, "worker": 0}])  # of the run that is gone on with
    assert bar.bar.n == 2 and bar.bar.format_dict["elapsed"] > 99
    bar.show([{"step": 4, "worker": 0}])
    assert bar.bar.n == 4 and bar.bar.format_dict["elapsed"] < 50
    bar.close()


@pytest.mark.parametrize("role, has_keras", [("chief", True), ("worker", False), ("ps", False)])
def test_a_process_imports_what_it_needs_and_no_more(role, has_keras):
    code = (
        f"import sys\nfrom islesedu.networks import backend\nbackend.leave_out({role!r})\n"
        "import tensorflow, islesedu.cluster.worker, islesedu.cluster.orders\n"
        f"assert bool(sys.modules.get('keras')) is {has_keras}\n"
        "assert not any(map(sys.modules.get, ('sklearn', 'matplotlib', 'IPython')))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


GOOD = json.loads(spec.EXAMPLE)


@pytest.mark.parametrize(
    "config, words",
    [
        (None, "TF_CONFIG is not set; expected such as"),
        ("{", "is no JSON"),
        ("[]", "needs both 'cluster' and 'task'"),
        ({"cluster": GOOD["cluster"]}, "needs both 'cluster' and 'task'"),
        (GOOD | {"task": {"type": "master", "index": 0}}, "the type 'master'; types are chief"),
        (GOOD | {"task": {"type": "worker", "index": 1}}, "index 1 for a worker, and there are 1"),
        (GOOD | {"task": {"type": "worker", "index": "x"}}, "has index 'x' for a worker"),
        (GOOD | {"cluster": GOOD["cluster"] | {"ps": []}}, "no addresses for the role 'ps'"),
        (GOOD | {"cluster": GOOD["cluster"] | {"ps": ["host"]}}, "'host' for a ps; an address is"),
        (GOOD | {"cluster": GOOD["cluster"] | {"boss": ["a:1"]}}, "names the role 'boss'"),
        (GOOD | {"cluster": GOOD["cluster"] | {"chief": ["a:1", "b:1"]}}, "names 2 chiefs"),
        ("[" * 99999, "is no JSON"),
        *(
            (GOOD | {"task": {"type": "worker", "index": index}}, "has index .* for a worker")
            for index in (1.5, True, None, -1, "-1", " 0", "٠", [0], 10**400)
        ),
        *(
            (GOOD | {"cluster": GOOD["cluster"] | {"ps": [address]}}, "for a ps; an address is")
            for address in ("http://host:1", "grpc://host:1", "host:0", "host:70000", "host:1/x")
            + ("user@host:1", "host: 1", " host:1", ":1", "::1:22", "host:1.5", 5, None, ["a:1"])
        ),
        (
            GOOD | {"cluster": GOOD["cluster"] | {"worker": ["Host2:2222", "b:1"]}},
            "has the address .* twice",
        ),
        (
            GOOD | {"cluster": GOOD["cluster"] | {"worker": ["b:1", "b:01"]}},
            "has the address 'b:01' twice",
        ),
    ],
)
def test_a_wrong_tf_config_is_one_clear_sentence(config, words):
    text = config if isinstance(config, str) else json.dumps(config)
    with pytest.raises(TrainingError, match=words):
        read_task({"TF_CONFIG": text} if config is not None else {})


def test_addresses_of_every_right_kind_are_read():
    hosts = ["10.0.0.7:1", "[::1]:65535", "pod-0.my_service.svc:2222"]
    task = read_task({"TF_CONFIG": json.dumps(GOOD | {"cluster": GOOD["cluster"] | {"ps": hosts}})})
    assert task.addresses["ps"] == hosts


def test_an_operator_may_write_the_index_as_text():
    task = read_task({"TF_CONFIG": json.dumps(GOOD | {"task": {"type": "ps", "index": "0"}})})
    assert (str(task), task.address) == ("parameter server 0", "host2:2222")


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"ps": 0}, {"workers": True}])
def test_a_wrong_number_of_processes_is_named(wrong, cohort, tmp_path):
    with pytest.raises(TrainingError, match="give a whole number from 1 up"):
        LocalCluster(cohort / "training", tmp_path / "run", **wrong)


@pytest.fixture
def settings(cohort):
    cases = cases_with_lesion(cohort / "training")
    return {
        "training": [case.name for case in cases],
        "fingerprints": [fingerprint(case) for case in cases],
        "channels": ["ADC", "Tmax"],
        "seed": 5,
        "recipe": Recipe(flip=0.5).settings(),
    }


def test_a_worker_reads_what_a_plain_training_would_see(cohort, settings):
    cases = cases_with_lesion(cohort / "training")
    reader = CaseReader(cohort / "training", worker=3)
    stream = case_stream(cases, channels=settings["channels"], seed=5, recipe="flip=0.5")
    for order in make_orders(cases, 0, 9, settings):
        image, lesion, worker, pid, _ = reader(order.text.encode())
        for mine, its in zip((image, lesion), next(stream), strict=True):
            np.testing.assert_array_equal(mine, its)
        assert (worker, pid) == (3, os.getpid())


def test_a_worker_with_other_data_says_so(cohort, settings, tmp_path):
    cases = cases_with_lesion(cohort / "training")
    first, other = make_orders(cases, 0, 2, settings)
    folder = shutil.copytree(cohort / "training", tmp_path / "data")
    shutil.rmtree(folder / first.case)
    with pytest.raises(TrainingError, match=f"worker 0 has no case '{first.case}' in"):
        CaseReader(folder, 0)(first.text.encode())
    next((folder / other.case).glob("*/*ADC*.nii")).write_bytes(
        next(
            (folder / "training_1" if other.case != "training_1" else folder / "training_2").glob(
                "*/*ADC*.nii"
            )
        ).read_bytes()
    )
    with pytest.raises(TrainingError, match="worker 0 has another patient than the chief"):
        CaseReader(folder, 0)(other.text.encode())


def test_what_a_worker_could_not_do_is_said_in_its_own_words(cohort, settings):
    import tensorflow as tf

    from islesedu.cluster.coordinator import explained
    from islesedu.cluster.orders import reader_types

    (order,) = make_orders(cases_with_lesion(cohort / "training"), 0, 1, settings)
    text = replace(order, case="nobody").text
    reader = CaseReader(cohort / "training", 0)
    with pytest.raises(TrainingError, match="^worker 0 has no case 'nobody' in .* the chief has$"):
        with explained():
            tf.function(lambda: tf.numpy_function(reader, [text], reader_types()))()


def test_a_lost_server_is_said_with_the_remedy():
    import tensorflow as tf

    from islesedu.cluster.coordinator import explained

    with pytest.raises(TrainingError, match="parameter server does not answer.*--resume"):
        with explained():
            raise tf.errors.UnavailableError(None, None, "recvmsg:Connection reset by peer")


def test_a_synchronous_start_and_a_slow_worker_show_in_the_log(cohort, tmp_path):
    steps = {"steps": 40, "sync_start": 4, "checkpoint_every": 20}
    run = train_locally(
        cohort / "training", tmp_path / "run", progress=False, slow="1=4", **steps, **TINY
    )
    updates, names = read_updates(run).sort_values("step"), run.settings["training"]
    assert updates.groupby("step").size().tolist() == [2] * 4 + [1] * 36
    for _, one_pass in updates.head(8).groupby(np.arange(8) * 2 // (2 * len(names))):
        assert one_pass["case"].is_unique
    counts = updates["case"].value_counts()
    assert counts.sum() == 44 and counts.max() - counts.min() <= 1  # one stream of cases
    assert (updates["staleness"].head(8) == 0).all()
    late = updates.tail(36).groupby("worker")["staleness"].agg(["mean", "count"])
    assert late.loc[1, "mean"] > late.loc[0, "mean"] and late.loc[1, "count"] < 16
    assert run.settings["sync_start"] == 4 and run.settings["staleness_aware"] is None
    assert "slow" not in run.settings


@pytest.mark.parametrize("staleness, share", [(0, 1), (1, 1 / 2), (3, 1 / 4)])
def test_a_stale_gradient_moves_the_weights_by_one_over_one_plus_its_staleness(staleness, share):
    import tensorflow as tf

    from islesedu import losses
    from islesedu.cluster.weights import RESULT, SharedWeights
    from islesedu.networks.vnet import build_vnet

    model = build_vnet(filters=1, **NETWORK)
    model.compile(optimizer="sgd", loss=losses.combined)
    model.optimizer.build(model.trainable_variables)
    for aware in (False, True):
        shared = SharedWeights(
            SimpleNamespace(scope=nullcontext), model, losses.combined, staleness_aware=aware
        )
        shared.updates.assign(7)
        result = dict.fromkeys(RESULT, 0.0) | {"before": tf.constant(7 - staleness, tf.int64)}
        gradients = [tf.ones_like(weight) for weight in shared.weights]
        shared.gradient = lambda order, given=(gradients, result): given
        row = shared.train_case(tf.constant(""), tf.constant(0.5))
        moved = np.concatenate(
            [
                (w.numpy() - own.numpy()).ravel()
                for w, own in zip(shared.weights, model.trainable_variables, strict=True)
            ]
        )
        np.testing.assert_allclose(moved, -0.5 * (share if aware else 1), rtol=1e-4)
        logged = dict(zip(RESULT, row.numpy(), strict=True))
        assert logged["after"] - logged["before"] - 1 == staleness  # as `UpdateLog` counts


def test_a_slowed_worker_that_there_is_not_is_named(tmp_path, cohort):
    from islesedu.cluster.chief import train_on_cluster

    with pytest.raises(TrainingError, match="slow is '2=3', but there is no worker 2; .* 0 to 0"):
        train_on_cluster(
            cohort / "training",
            tmp_path / "run",
            read_task({"TF_CONFIG": spec.EXAMPLE}),
            slow="2=3",
        )


@pytest.mark.parametrize("name", ["adagrad", "sgd"])
def test_the_servers_update_is_that_of_keras(name, rng):
    import keras
    import tensorflow as tf

    from islesedu import losses
    from islesedu.cluster.weights import SharedWeights
    from islesedu.networks.vnet import build_vnet
    from islesedu.training.plan import make_optimizer, make_schedule

    model = build_vnet(filters=1, **NETWORK)
    model.compile(optimizer=make_optimizer(name, 0.01), loss=losses.combined)
    model.optimizer.build(model.trainable_variables)
    shared = SharedWeights(SimpleNamespace(scope=nullcontext), model, losses.combined)
    twin = keras.models.clone_model(model)
    twin.set_weights(model.get_weights())
    optimizer = make_optimizer(name, 0.01)
    for step in range(3):
        gradients = [rng.normal(size=w.shape).astype("float32") for w in model.get_weights()]
        optimizer.apply(gradients, twin.trainable_variables)
        rate = tf.constant(float(make_schedule(0.01)(step)), tf.float32)
        shared.push([tf.constant(g) for g in gradients], rate)
    shared.fetch(3)
    for mine, its in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-5, atol=1e-6)
    assert int(model.optimizer.iterations) == 3
    squares = [v.numpy() for v in list(optimizer.variables)[-len(gradients) :]]
    for mine, its in zip(shared.own_squares(), squares, strict=False):
        np.testing.assert_allclose(mine.numpy(), its, rtol=1e-6)


def test_the_whole_volume_of_any_size_makes_a_gradient(cohort):
    case = cases_with_lesion(cohort / "training")[0]
    image, lesion = case_batch(case, TrainingConfig(channels=["ADC"]), step=0)
    assert image.shape[1:4] == lesion.shape[1:4] and image.shape[4] == 1


@pytest.mark.skipif(not hasattr(socket, "SO_BINDTODEVICE"), reason="not Linux")
def test_a_port_of_the_loopback_is_kept_from_other_machines():
    with socket.socket() as server:
        server.bind(("0.0.0.0", 0))  # as TensorFlow does, whatever it is told
        server.listen()
        port = server.getsockname()[1]
        assert keep_to_loopback(f"127.0.0.1:{port}")
        device = server.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16)
        assert device.rstrip(b"\0") == b"lo"
        with socket.create_connection(("127.0.0.1", port), 2):
            pass
        assert [one.close() for one in _listeners(port)] == [None]
    assert not keep_to_loopback(f"127.0.0.1:{port}")  # nobody listens there any more
