"""Machines on one machine: network namespaces with an address and a link of their own.

Needs Linux, root, ``ip`` and ``tc``. Each namespace gets an address (10.77.0.x) and a pair of
virtual devices to a bridge. Both ends of a link may be limited (``tc tbf``). Processors and memory
are shared as before. Used by its neighbours.
"""

import json
import subprocess
from collections.abc import Sequence

from islesedu.cluster.local import LocalCluster

BRIDGE, NET, PORT = "isles", "10.77.0", 2222
BURST = 256  # kB that a link may send at once


def sh(*words: object, quietly: bool = False) -> None:
    """Run a command; an error shows what it wrote."""
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True)
    if done.returncode and not quietly:
        raise SystemExit(f"{' '.join(map(str, words))}: {done.stderr.strip()}")


class Machines:
    """Network namespaces, one a name, joined by a bridge. A context, which removes them all."""

    def __init__(self, names: Sequence[str]):
        self.names = list(names)

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

    def limit(self, mbit: float) -> None:
        """Limit what both ends of each link send (Mbit/s); 0 is no limit."""
        bucket = ("rate", f"{mbit}mbit", "burst", f"{BURST}kb", "latency", "100ms")
        for number, name in enumerate(self.names):
            inside = ("ip", "netns", "exec", self.space(name))
            for where, device in (((), f"{BRIDGE}{number}"), (inside, "eth0")):
                sh(*where, "tc", "qdisc", "del", "dev", device, "root", quietly=True)
                if mbit:
                    sh(*where, "tc", "qdisc", "add", "dev", device, "root", "tbf", *bucket)

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
