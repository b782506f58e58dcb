"""A cluster of machines on one machine: each process in a network namespace with a link of its own.

    .venv/bin/islesedu data make build/small --scale 0.25 --jobs 2
    sudo .venv/bin/python -m benchmarks.cluster_machines build/small/training

Needs Linux, root, ``ip`` and ``tc``. Each process gets an address of its own (10.77.0.x) and a pair
of virtual devices to a bridge, limited in both directions by a token bucket (``tc tbf``);
``--delay`` adds latency (``tc netem``) where the kernel has it. Processors and memory are shared as
before: what is measured of a network of machines is the links, not the computing.

Writes data/results/cluster_machines.csv: plain training alone and two at once, then clusters of one
and more workers with links of several rates; all in turn, `--rounds` times. Each row tells, too,
which share of the processors others had meanwhile.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from benchmarks.cluster_speed import plain, rate
from islesedu.cluster.local import LocalCluster
from islesedu.cluster.process import as_options
from islesedu.cluster.update_log import read_updates
from islesedu.common.files import write_text

FILE = Path(__file__).resolve().parents[1] / "data" / "results" / "cluster_machines.csv"
BRIDGE, NET, PORT = "isles", "10.77.0", 2222
RATES = (None, 1000, 300, 100)  # Mbit/s; None is no limit
BURST = 256  # kB that a link may send at once
STEPS = {None: 80, 1000: 80, 300: 50, 100: 30}


def sh(*words: object, quietly: bool = False) -> None:
    """Run a command; an error shows what it wrote."""
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True)
    if done.returncode and not quietly:
        raise SystemExit(f"{' '.join(map(str, words))}: {done.stderr.strip()}")


class Machines:
    """Network namespaces, one a name, joined by a bridge. A context, which removes them all."""

    def __init__(self, names: Sequence[str], mbit: float | None = None, delay: str | None = None):
        self.names, self.mbit, self.delay = list(names), mbit, delay

    def address(self, name: str) -> str:
        """Return the address of a namespace."""
        return f"{NET}.{self.names.index(name) + 2}"

    def space(self, name: str) -> str:
        """Return what a namespace is called."""
        return f"{BRIDGE}-{name}"

    def __enter__(self) -> "Machines":
        self.remove()
        try:
            self.build()
        except BaseException:
            self.remove()
            raise
        return self

    def build(self) -> None:
        """Make the bridge, the namespaces and their links."""
        sh("ip", "link", "add", BRIDGE, "type", "bridge")
        sh("ip", "link", "set", BRIDGE, "up")
        for number, name in enumerate(self.names):
            space, outer, inner = self.space(name), f"{BRIDGE}{number}", "eth0"
            inside = ("ip", "netns", "exec", space)
            sh("ip", "netns", "add", space)
            sh("ip", "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", space)
            sh("ip", "link", "set", outer, "master", BRIDGE, "up")
            sh(*inside, "ip", "address", "add", f"{self.address(name)}/24", "dev", inner)
            for device in (inner, "lo"):
                sh(*inside, "ip", "link", "set", device, "up")
            for where, device in (((), outer), (inside, inner)):
                self.limit(where, device)

    def limit(self, where: tuple, device: str) -> None:
        """Limit what one end of a link sends."""
        if self.mbit:
            bucket = ("rate", f"{self.mbit}mbit", "burst", f"{BURST}kb", "latency", "100ms")
            sh(*where, "tc", "qdisc", "add", "dev", device, "root", "handle", "1:", "tbf", *bucket)
        if self.delay:
            parent = ("parent", "1:1") if self.mbit else ("root",)
            sh(*where, "tc", "qdisc", "add", "dev", device, *parent, "netem", "delay", self.delay)

    def __exit__(self, *error: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Remove bridge and namespaces, and with them their devices."""
        for name in self.names:
            sh("ip", "netns", "del", self.space(name), quietly=True)
        sh("ip", "link", "del", BRIDGE, quietly=True)


def spread(cluster: LocalCluster, machines: Machines) -> None:
    """Make each process of a cluster start in its namespace, at its address."""
    name = {member: f"{member.place.role}{member.place.index}" for member in cluster.members}
    addresses: dict[str, list[str]] = {}
    for member in cluster.members:
        role = addresses.setdefault(member.place.role.value, [])
        role.append(f"{machines.address(name[member])}:{PORT}")
    hosts = ",".join(machines.address(one) for one in machines.names)
    for member in cluster.members:
        task = {"type": member.place.role.value, "index": member.place.index}
        member.environment["TF_CONFIG"] = json.dumps({"cluster": addresses, "task": task})
        member.environment |= {"no_proxy": hosts, "no_grpc_proxy": hosts}
        member.command = ["ip", "netns", "exec", machines.space(name[member]), *member.command]


class Processors:
    """Take down, while a cluster works, which process has had how many processor seconds."""

    def __init__(self):
        self.rows: list[dict] = []

    def __call__(self, cluster: LocalCluster) -> None:
        """Take down one row; it is called some times a second."""
        row = {"updates": len(read_updates(cluster.run)), "time": time.time()}
        times = psutil.cpu_times()
        row["all"] = sum(times[:8]) - times.idle - times.iowait
        for member in cluster.members:
            try:
                used = sum(psutil.Process(member.process.pid).cpu_times()[:2])
            except psutil.NoSuchProcess:
                return
            row[str(member.place.role)] = row.get(str(member.place.role), 0.0) + used
        self.rows.append(row)

    def found(self) -> dict[str, float]:
        """Return processor seconds an update of each role, and the share that others had."""
        table = pd.DataFrame(self.rows)
        table = table[(table["updates"] > table["updates"].max() / 5)]
        table = table[table["updates"] < table["updates"].max()]
        first, last = table.iloc[0], table.iloc[-1]
        updates = last["updates"] - first["updates"]
        used = {role: last[role] - first[role] for role in ("worker", "ps", "chief")}
        seconds = (last["time"] - first["time"]) * os.cpu_count()
        others = (last["all"] - first["all"] - sum(used.values())) / seconds
        return {f"{role}_cpu_s": used[role] / updates for role in used} | {"others": others}


def cluster_row(folder: str, workers: int, mbit: float | None, delay: str | None) -> dict:
    """Train on a cluster of namespaces; return updates a minute and processor seconds an update."""
    steps, processors = STEPS.get(mbit, 50), Processors()
    options = {"steps": steps, "checkpoint_every": steps, "threads": 1}
    names = ["chief0", "ps0", *(f"worker{number}" for number in range(workers))]
    with tempfile.TemporaryDirectory() as place, Machines(names, mbit, delay) as machines:
        cluster = LocalCluster(folder, f"{place}/run", workers=workers, options=as_options(options))
        spread(cluster, machines)
        with cluster:
            updates = read_updates(cluster.wait(processors))
    ends = updates["end"].to_numpy()
    held = updates.iloc[len(updates) // 5 :]
    return {
        "updates_a_minute": 60 * rate(ends),
        "read_s": (held["pulled"] - held["start"]).median(),
        "computed_s": (held["end"] - held["pulled"]).median(),
    } | processors.found()


def plain_row(folder: str, copies: int) -> dict:
    """Train without a cluster, several times at once with one core each."""
    steps, context = STEPS[None], multiprocessing.get_context("spawn")
    shared = {"steps": steps, "checkpoint_every": steps, "progress": False}
    with tempfile.TemporaryDirectory() as place, context.Manager() as manager:
        ends, processes = [manager.list() for _ in range(copies)], []
        before, begun = psutil.cpu_times(), time.time()
        for number, times in enumerate(ends):
            call = (folder, f"{place}/run{number}", 1, shared, times)
            processes.append(context.Process(target=plain, args=call))
            processes[-1].start()
        used = 0.0
        while any(process.is_alive() for process in processes):
            try:
                alive = [psutil.Process(p.pid) for p in processes if p.is_alive()]
                used = max(used, sum(sum(one.cpu_times()[:2]) for one in alive))
            except psutil.NoSuchProcess:
                pass
            time.sleep(0.2)
        after = psutil.cpu_times()
        both = [np.array(times) for times in ends]
    busy = sum(after[:8]) - after.idle - after.iowait
    busy -= sum(before[:8]) - before.idle - before.iowait
    others = (busy - used) / ((time.time() - begun) * os.cpu_count())
    return {"updates_a_minute": sum(60 * rate(one) for one in both), "others": others}


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="ISLES folder with lesions")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rates", nargs="+", default=[r or "none" for r in RATES], help="Mbit/s")
    parser.add_argument("--delay", help="of each direction of each link, such as 1ms")
    parser.add_argument("--output", type=Path, default=FILE)
    options = parser.parse_args()
    rates = [None if str(r) == "none" else int(r) for r in options.rates]
    rows = []
    for number in range(1, options.rounds + 1):
        plan = [("plain", copies, None) for copies in (1, 2)]
        plan += [("cluster", workers, mbit) for mbit in rates for workers in options.workers]
        for way, count, mbit in plan:
            if way == "plain":
                found = plain_row(options.folder, count)
            else:
                found = cluster_row(options.folder, count, mbit, options.delay)
            row = {"round": number, "way": way, "count": count, "mbit": mbit} | found
            print(row, flush=True)
            rows.append(row)
            write_text(options.output, pd.DataFrame(rows).round(4).to_csv(index=False))


if __name__ == "__main__":
    main()
