"""Addresses and ports of a cluster; those of the loopback are kept to this machine.

TensorFlow's server listens on all addresses of a machine, whatever host TF_CONFIG names, and its
protocol (gRPC) has no authentication. Where the given address is that of the loopback, the socket
is therefore tied to the loopback device: the kernel then drops what comes from other machines.
"""

import ipaddress
import os
import socket
import sys
from collections.abc import Callable


def _split(address: str) -> tuple[str, int]:
    """Return host and port.

    Examples
    --------
    >>> _split("127.0.0.1:2222"), _split("[::1]:2222")
    (('127.0.0.1', 2222), ('::1', 2222))
    """
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def answers(address: str, timeout: float = 2.0) -> bool:
    """Tell whether somebody listens at an address."""
    try:
        with socket.create_connection(_split(address), timeout):
            return True
    except OSError:
        return False


def _is_loopback(address: str) -> bool:
    """Tell whether an address "host:port" can be reached from its own machine only.

    Examples
    --------
    >>> [_is_loopback(f"{host}:2222") for host in ("127.0.0.1", "localhost", "10.0.0.7")]
    [True, True, False]
    """
    host = _split(address)[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens at, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def keep_to_loopback(address: str) -> bool:
    """Tie this process's socket that listens at `address` to the loopback device, if it can be."""
    tied = False
    for listener in _listeners(_split(address)[1]):
        with listener:
            try:
                if sys.platform == "darwin":
                    device = socket.if_nametoindex("lo0")
                    option = 25 if listener.family == socket.AF_INET else 125  # IP(V6)_BOUND_IF
                    level = {25: socket.IPPROTO_IP, 125: socket.IPPROTO_IPV6}[option]
                    listener.setsockopt(level, option, device)
                else:
                    listener.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")
                tied = True
            except (OSError, AttributeError):
                return False
    return tied


def protect(address: str, notify: Callable[[str], None]) -> None:
    """Keep a port of the loopback to this machine, or say that it cannot be; leave others alone."""
    if _is_loopback(address) and not keep_to_loopback(address):
        notify(f"this system cannot keep {address} to itself: other machines can reach it")


def _listeners(port: int) -> list[socket.socket]:
    folder = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
    found = []
    for number in os.listdir(folder) if os.path.isdir(folder) else []:
        try:
            copy = socket.socket(fileno=os.dup(int(number)))
        except OSError:  # a file, or closed by now
            continue
        if _listens(copy, port):
            found.append(copy)
        else:
            copy.close()
    return found


def _listens(one: socket.socket, port: int) -> bool:
    try:
        return (
            one.family in (socket.AF_INET, socket.AF_INET6)
            and one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1
            and one.getsockname()[1] == port
        )
    except OSError:
        return False
