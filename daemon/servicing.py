"""What the service menu reads to a clerk or technician: devices, sync, network, row by row."""

import socket

from daemon.config import Config
from daemon.counter.screens import Row
from daemon.status import Status

DEVICES, SYNC, NETWORK = "devices", "sync", "network"
POLE_CELLS = 17  # beside the row's number
OUTSIDE = ("192.0.2.1", 9)  # RFC 5737: nobody's, so that the default route leads there


def rows(topic: str, status: Status, config: Config) -> tuple[Row, ...]:
    """Return what there is to say of a topic."""
    match topic:
        case "devices":
            said = [
                (f"{name}: {one.state} {one.reason}".rstrip(), f"{name} {one.state}".upper())
                for name, one in status.devices.items()
            ]
        case "sync":
            said = _sync(status)
        case _:
            said = _network(status, config)
    return tuple(Row(str(n), text, pole[:POLE_CELLS]) for n, (text, pole) in enumerate(said, 1))


def _sync(status: Status) -> list[tuple[str, str]]:
    waiting = status.seq - status.hq_mark
    if status.hq_age_s is None:
        heard = ("总部从未确认 / headquarters: never", "HQ NEVER")
    else:
        ago = age(status.hq_age_s)
        heard = (f"总部确认 / headquarters: {ago}", f"HQ {ago}".upper())
    connected = "ONLINE" if status.hq_connected else "OFFLINE"
    return [
        (f"{connected.lower()}", connected),
        heard,
        (f"待传 / waiting: {waiting}", f"WAITING {waiting}"),
        *((text, "SEE PAGE OR SLIP") for text in status.told),
    ]


def age(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} d"


def _network(status: Status, config: Config) -> list[tuple[str, str]]:
    address = own_address(config) or "-"
    said = [(f"IP {address}", address), (socket.gethostname(), socket.gethostname().upper())]
    if config.hq is not None:
        online = "online" if status.hq_connected else "offline"
        broker = config.hq.mqtt or "U盘 stick"
        said.append((f"HQ {broker} {online}", f"HQ {online}".upper()))
    return said


def own_address(config: Config) -> str:
    """Return the address by which this box would reach headquarters; "" without a network.

    Connecting a datagram socket sends nothing: the kernel only chooses the way. A name is not
    looked up, for that waits: the way to anywhere outside does.
    """
    hq = config.hq
    way = (hq.host, hq.port) if hq is not None and hq.mqtt and _numeric(hq.host) else OUTSIDE
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.setblocking(False)
            probe.connect(way)
            return str(probe.getsockname()[0])
    except OSError:
        return ""


def _numeric(host: str) -> bool:
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True
