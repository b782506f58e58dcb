"""Who belongs to a cluster, and who of them this process is: TF_CONFIG, read and checked.

TF_CONFIG is the environment variable in which Kubernetes operators and managed training services
tell each process its place::

    {"cluster": {"chief": ["host0:2222"], "worker": ["host1:2222"], "ps": ["host2:2222"]},
     "task": {"type": "worker", "index": 0}}
"""

import json
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from islesedu.errors import TrainingError

ROLES = ("chief", "worker", "ps")
EXAMPLE = (
    '{"cluster": {"chief": ["host0:2222"], "worker": ["host1:2222"], "ps": ["host2:2222"]}, '
    '"task": {"type": "worker", "index": 0}}'
)
REMIND = 10.0
"""Seconds between two sentences about what is waited for."""


@dataclass(frozen=True)
class Task:
    """One process of a cluster.

    Attributes
    ----------
    addresses : dict of str to list of str
        "host:port" of all processes, by role: "chief", "worker", "ps".
    role : {"chief", "worker", "ps"}
        What this process is.
    index : int
        Its place in the list of its role, from 0.
    """

    addresses: dict[str, list[str]]
    role: str
    index: int

    def __str__(self) -> str:
        return name(self.role, self.index)

    @property
    def address(self) -> str:
        """Where this process listens."""
        return self.addresses[self.role][self.index]

    def others(self, *roles: str) -> dict[str, str]:
        """Return the addresses of all processes of some roles, by their names."""
        return {name(r, i): at for r in roles for i, at in enumerate(self.addresses[r])}


def name(role: str, index: int) -> str:
    """Return a process's name in words: "worker 1", "parameter server 0", "the chief"."""
    return "the chief" if role == "chief" else f"{ROLE_WORDS.get(role, role)} {index}"


ROLE_WORDS = {"ps": "parameter server"}


def read_task(environment: Mapping[str, str]) -> Task:
    """Return what TF_CONFIG says.

    Raises
    ------
    TrainingError
        It is missing, or something in it makes no sense; the sentence says what, and shows what is
        expected.

    Examples
    --------
    >>> task = read_task({"TF_CONFIG": EXAMPLE})
    >>> print(task, "at", task.address)
    worker 0 at host1:2222
    """
    text = environment.get("TF_CONFIG")
    if not text:
        raise wrong("is not set")
    try:
        config = json.loads(text)
    except ValueError as error:
        raise wrong(f"is no JSON ({error})") from error
    cluster, task = (
        (config.get("cluster"), config.get("task")) if isinstance(config, dict) else (None, None)
    )
    if not isinstance(cluster, dict) or not isinstance(task, dict):
        raise wrong("needs both 'cluster' and 'task'")
    for role in cluster:
        if role not in ROLES:
            raise wrong(f"names the role {role!r}; roles are {', '.join(ROLES)}")
    for role in ROLES:
        check_addresses(role, cluster.get(role))
    if len(cluster["chief"]) != 1:
        raise wrong(f"names {len(cluster['chief'])} chiefs; a cluster has one")
    role, index = task.get("type"), task.get("index", 0)
    if role not in ROLES:
        raise wrong(f"gives this process the type {role!r}; types are {', '.join(ROLES)}")
    try:
        place = int(index)
    except (TypeError, ValueError):
        place = -1
    if not 0 <= place < len(cluster[role]):
        raise wrong(f"has index {index!r} for a {role}, and there are {len(cluster[role])} of them")
    return Task({role: list(cluster[role]) for role in ROLES}, role, place)


def wrong(what: str) -> TrainingError:
    """Return the error that TF_CONFIG deserves."""
    return TrainingError(
        f"TF_CONFIG {what}; expected such as {EXAMPLE}. On one machine, 'islesedu cluster local' "
        "sets it by itself"
    )


def check_addresses(role: str, addresses: object) -> None:
    """Raise a TrainingError unless there is a list of "host:port"."""
    if not isinstance(addresses, list) or not addresses:
        raise wrong(f"has no addresses for the role {role!r}")
    for address in addresses:
        host, _, port = str(address).rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise wrong(f"has {address!r} for a {role}; an address is host:port")


def split(address: str) -> tuple[str, int]:
    """Return host and port.

    Examples
    --------
    >>> split("127.0.0.1:2222"), split("[::1]:2222")
    (('127.0.0.1', 2222), ('::1', 2222))
    """
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def answers(address: str, timeout: float = 2.0) -> bool:
    """Tell whether somebody listens at an address."""
    try:
        with socket.create_connection(split(address), timeout):
            return True
    except OSError:
        return False


def silent(addresses: Mapping[str, str]) -> list[str]:
    """Return who of some processes does not answer, as "worker 1 (host:port)"."""
    return [f"{who} ({at})" for who, at in addresses.items() if not answers(at)]


def wait_for(addresses: Mapping[str, str], seconds: float, say: Callable[[str], None]) -> None:
    """Wait until all of some processes listen; say every `REMIND` seconds who is missing.

    Raises
    ------
    TrainingError
        Somebody does not listen after `seconds`.
    """
    begun = told = time.monotonic()
    while missing := silent(addresses):
        waited = time.monotonic() - begun
        if waited > seconds:
            raise TrainingError(
                f"{listed(missing)} did not come up within {seconds:g} s; look at the log there, "
                "or give more time with --wait SECONDS"
            )
        if time.monotonic() - told > REMIND:
            told = time.monotonic()
            say(f"waiting for {listed(missing)}, {waited:.0f} s of {seconds:g}")
        time.sleep(0.1)


def listed(names: Sequence[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else "nobody"
