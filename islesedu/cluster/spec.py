"""Who belongs to a cluster, and who of them this process is: TF_CONFIG, read and checked.

TF_CONFIG is the environment variable in which Kubernetes operators and managed training services
tell each process its place::

    {"cluster": {"chief": ["host0:2222"], "worker": ["host1:2222"], "ps": ["host2:2222"]},
     "task": {"type": "worker", "index": 0}}
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from islesedu.cluster.ports import answers
from islesedu.common.arguments import shown
from islesedu.common.stored import parse_json
from islesedu.errors import TrainingError

EXAMPLE = (
    '{"cluster": {"chief": ["host0:2222"], "worker": ["host1:2222"], "ps": ["host2:2222"]}, '
    '"task": {"type": "worker", "index": 0}}'
)
REMIND_SECONDS = 10.0
"""Between two sentences about what is waited for."""


class Role(StrEnum):
    """What a process of a cluster is; the values are TensorFlow's."""

    CHIEF = "chief"
    WORKER = "worker"
    PS = "ps"


_ROLES = ", ".join(Role)
_ADDRESS = re.compile(r"(?P<host>[\w.-]+|\[[0-9A-Fa-f:.%\w]+\]):(?P<port>[0-9]{1,5})")
_INDEX = re.compile("[0-9]{1,6}")


@dataclass(frozen=True)
class Place:
    """One process of a cluster: its role, and its number among those of this role, from 0.

    Examples
    --------
    >>> print(Place(Role.CHIEF), Place(Role.WORKER, 1), Place(Role.PS), sep=", ")
    the chief, worker 1, parameter server 0
    """

    role: Role
    index: int = 0

    def __str__(self) -> str:
        if self.role is Role.CHIEF:
            return "the chief"
        return f"{'parameter server' if self.role is Role.PS else self.role} {self.index}"


@dataclass(frozen=True)
class ClusterTask:
    """What TF_CONFIG says: "host:port" of all processes, by role, and the place of this one."""

    addresses: dict[str, list[str]]
    place: Place

    def __str__(self) -> str:
        return str(self.place)

    @property
    def role(self) -> Role:
        """What this process is."""
        return self.place.role

    @property
    def address(self) -> str:
        """Where this process listens."""
        return self.addresses[self.role][self.place.index]

    def others(self, *roles: str) -> dict[Place, str]:
        """Return the addresses of all processes of some roles."""
        return {
            Place(Role(role), index): address
            for role in roles
            for index, address in enumerate(self.addresses[Role(role)])
        }


def read_task(environment: Mapping[str, str]) -> ClusterTask:
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
        raise _wrong("is not set")
    try:
        config = parse_json(text, {})
    except ValueError as error:
        raise _wrong(f"is no JSON ({error})") from error
    parts = config if isinstance(config, dict) else {}
    cluster, task = parts.get("cluster"), parts.get("task")
    if not isinstance(cluster, dict) or not isinstance(task, dict):
        raise _wrong("needs both 'cluster' and 'task'")
    for role in cluster:
        if role not in list(Role):
            raise _wrong(f"names the role {role!r}; roles are {_ROLES}")
    for role in Role:
        _check_addresses(role, cluster.get(role))
    _check_once([address for role in Role for address in cluster[role]])
    if len(cluster[Role.CHIEF]) != 1:
        raise _wrong(f"names {len(cluster['chief'])} chiefs; a cluster has one")
    return ClusterTask({role.value: cluster[role] for role in Role}, _read_place(task, cluster))


def _read_place(task: dict, cluster: dict) -> Place:
    role, index = task.get("type"), task.get("index", 0)
    if role not in list(Role):
        raise _wrong(f"gives this process the type {role!r}; types are {_ROLES}")
    is_number = isinstance(index, int | str) and _INDEX.fullmatch(str(index))
    number = int(index) if is_number else -1
    if not 0 <= number < len(cluster[role]):
        count = len(cluster[role])
        raise _wrong(f"has index {shown(index)} for a {role}, and there are {count} of them")
    return Place(Role(role), number)


def _wrong(what: str) -> TrainingError:
    return TrainingError(
        f"TF_CONFIG {what}; expected such as {EXAMPLE}. On one machine, 'islesedu cluster local' "
        "sets it by itself"
    )


def _check_addresses(role: Role, addresses: object) -> None:
    if not isinstance(addresses, list) or not addresses:
        raise _wrong(f"has no addresses for the role '{role}'")
    for address in addresses:
        match = isinstance(address, str) and _ADDRESS.fullmatch(address)
        if not match or not 0 < int(match["port"]) < 65536:
            raise _wrong(
                f"has {shown(address)} for a {role}; an address is host:port, with a port "
                "from 1 to 65535 and nothing before the host"
            )


def _check_once(addresses: list[str]) -> None:
    seen = set()
    for address in addresses:
        match = _ADDRESS.fullmatch(address)
        place = match["host"].lower(), int(match["port"])
        if place in seen:
            raise _wrong(f"has the address {address!r} twice; each process listens at its own")
        seen.add(place)


def wait_for(addresses: Mapping[Place, str], seconds: float, notify: Callable[[str], None]) -> None:
    """Wait until some processes listen; say every `REMIND_SECONDS` which are missing.

    Raises
    ------
    TrainingError
        One does not listen after `seconds`.
    """
    begun = reminded = time.monotonic()
    while silent := [f"{place} ({at})" for place, at in addresses.items() if not answers(at)]:
        waited = time.monotonic() - begun
        if waited > seconds:
            raise TrainingError(
                f"{listed(silent)} did not come up within {seconds:g} s; look at the log there, "
                "or give more time with --wait SECONDS"
            )
        if time.monotonic() - reminded > REMIND_SECONDS:
            reminded = time.monotonic()
            notify(f"waiting for {listed(silent)}, {waited:.0f} s of {seconds:g}")
        time.sleep(0.1)


def listed(names: Iterable[object]) -> str:
    """Return names in words.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    *first, last = map(str, names)
    return f"{', '.join(first)} and {last}" if first else last
