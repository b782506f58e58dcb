"""Keep TensorFlow's ports to this machine.

TensorFlow's server listens on all addresses of a machine, whatever host TF_CONFIG names, and its
protocol (gRPC) asks nobody who he is. Where the given address is that of the loopback, the socket
is therefore tied to the loopback device: the kernel then drops what comes from other machines.
"""

import ipaddress
import os
import socket
import sys

from islesedu.cluster.spec import split


def is_loopback(address: str) -> bool:
    """Tell whether an address "host:port" can be reached from its own machine only.

    Examples
    --------
    >>> is_loopback("127.0.0.1:2222"), is_loopback("localhost:2222"), is_loopback("10.0.0.7:2222")
    (True, True, False)
    """
    host = split(address)[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens at, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def keep_to_loopback(address: str) -> bool:
    """Tie this process's socket that listens at `address` to the loopback device.

    Returns
    -------
    bool
        False if this system cannot; then other machines can reach the port.
    """
    tied = False
    for listener in listeners(split(address)[1]):
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


def listeners(port: int) -> list[socket.socket]:
    """Return copies of this process's sockets that listen at a port."""
    folder = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
    found = []
    for number in os.listdir(folder) if os.path.isdir(folder) else []:
        try:
            copy = socket.socket(fileno=os.dup(int(number)))
        except OSError:  # a file, or closed by now
            continue
        if listens(copy, port):
            found.append(copy)
        else:
            copy.close()
    return found


def listens(one: socket.socket, port: int) -> bool:
    """Tell whether a socket listens at a port."""
    try:
        return (
            one.family in (socket.AF_INET, socket.AF_INET6)
            and one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1
            and one.getsockname()[1] == port
        )
    except OSError:
        return False
