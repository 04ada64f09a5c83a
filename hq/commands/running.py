"""Commands that run until they are told to end: serve; or intake and book beside each other."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.howmany import HowMany
from hq.admission import BOXES_AT_ONCE
from hq.answers import CANNOT, NO, WRONG_USE, YES, Said, failed
from hq.commands.adding import Add
from hq.sqlite import Sqlite
from hq.store import Office, open_office

if TYPE_CHECKING:
    from hq.pipe import Address

PORTS = 65536  # of TCP; 0 means any free one
REPLICAS = 3
_ONE_PROCESS = (
    "headquarters is a SQLite file, which has one writer: memberbox-hq serve does all of it."
    " Workers need a server: memberbox-hq move-store."
)


def register(add: Add) -> None:
    serve = add("serve", "take what boxes send; a page on the loopback", _serve)
    _with_mqtt(serve, required=True)
    _with_page(serve)
    worker = add("intake", "a worker: store and acknowledge what boxes send (PostgreSQL)", _intake)
    _with_mqtt(worker, required=False)
    worker.add_argument(
        "--nats", action="append", metavar="HOST:PORT", help="a node of a cluster; again: more"
    )
    worker.add_argument(
        "--replicas", type=int, default=REPLICAS, metavar="N", help=f"of the stream ({REPLICAS})"
    )
    book = add("book", "beside workers: books, answers, what boxes are told, the page", _book)
    _with_mqtt(book, required=True)
    _with_page(book)


def is_running(arguments: argparse.Namespace) -> bool:
    """Whether the command waits for a database that is away, as it does for its broker."""
    return arguments.do in (_serve, _intake, _book)


def refused(arguments: argparse.Namespace) -> Said | None:
    """Return what is wrong with the words of a command that runs."""
    for option in ("mqtt", "nats"):
        for text in getattr(arguments, option, None) or ():
            if _address(text) is None:
                return failed(WRONG_USE, f"--{option} {text}: HOST:PORT")
    if not 0 <= getattr(arguments, "http", 0) < PORTS:
        return failed(WRONG_USE, f"--http {arguments.http}: a port from 0 to {PORTS - 1}")
    if arguments.do is _intake and bool(arguments.mqtt) == bool(arguments.nats):
        return failed(WRONG_USE, "say where the boxes' messages are: --mqtt or --nats HOST:PORT")
    return None


def _with_mqtt(command: argparse.ArgumentParser, *, required: bool) -> None:
    command.add_argument(
        "--mqtt",
        action="append",
        required=required,
        metavar="HOST:PORT",
        help="the broker; again: others, each tried when the one before fails",
    )
    command.add_argument("--tls", action="store_true", help="mutual TLS with our own certificate")
    command.add_argument("--mqtt-version", choices=("3.1.1", "5"), default="3.1.1")


def _with_page(command: argparse.ArgumentParser) -> None:
    command.add_argument("--http", type=int, default=0, metavar="PORT", help="0: a free port")
    command.add_argument(
        "--boxes-at-once",
        type=int,
        default=BOXES_AT_ONCE,
        metavar="N",
        help=f"after an outage so many send together, the others wait their turn ({BOXES_AT_ONCE})",
    )


def _serve(office: Office, arguments: argparse.Namespace) -> Said:
    from hq.serve import ALL

    return _headquarters(office, arguments, ALL)


def _book(office: Office, arguments: argparse.Namespace) -> Said:
    from hq.serve import ANSWERED

    if isinstance(office.db, Sqlite):
        return failed(NO, _ONE_PROCESS)
    return _headquarters(office, arguments, ANSWERED)


def _headquarters(office: Office, arguments: argparse.Namespace, topics: tuple[str, ...]) -> Said:
    from hq.line import Broker, Line  # with MQTT and the page, which other commands do without
    from hq.pipe import Complaints
    from hq.serve import serve

    broker = Broker(_addresses(arguments.mqtt), _tls(office, arguments), arguments.mqtt_version)
    serve(
        office,
        lambda: open_office(office.folder, arguments.store),
        Line(broker, topics, entropy=office.entropy, say=Complaints()),
        http_port=arguments.http,
        boxes_at_once=max(1, arguments.boxes_at_once),
        say=lambda line: _tell(line, arguments),
    )
    return Said(YES, {"ok": True})


def _intake(office: Office, arguments: argparse.Namespace) -> Said:
    from hq.line import Broker, Line
    from hq.pipe import Complaints, Pipe
    from hq.serve import STORED, take_in

    if isinstance(office.db, Sqlite):
        return failed(NO, _ONE_PROCESS)
    tls, say = _tls(office, arguments), Complaints()
    pipe: Pipe
    if arguments.nats:
        try:
            from hq.jetstream import Cluster, JetStream  # of use to a cluster only
        except ImportError as error:
            return failed(CANNOT, f"{error}. Install it: pip install 'memberbox[nats]'.")
        cluster = Cluster(_addresses(arguments.nats), tls, arguments.replicas)
        pipe = JetStream(cluster, STORED, entropy=office.entropy, say=say)
    else:
        broker = Broker(_addresses(arguments.mqtt), tls, "5")
        pipe = Line(broker, STORED, entropy=office.entropy, say=say, shared=True)
    done = take_in(office, pipe, say=lambda line: _tell(line, arguments))
    record = {"ok": True, "messages": done.messages, "stored": done.stored}
    line = f"{HowMany(done.stored):entry} stored, of {HowMany(done.messages):message}"
    return Said(YES, record, (line,))


def _tell(line: str, arguments: argparse.Namespace) -> None:
    print(line, file=sys.stderr if arguments.json else sys.stdout, flush=True)


def _tls(office: Office, arguments: argparse.Namespace) -> Path | None:
    if not arguments.tls:
        return None
    from hq.certificates import own_folder  # heavy: X.509

    return own_folder(office)


def _addresses(texts: list[str]) -> "tuple[Address, ...]":
    return tuple(found for text in texts if (found := _address(text)) is not None)


def _address(text: str) -> "Address | None":
    host, _, port = text.rpartition(":")
    good = bool(host) and port.isdecimal() and 0 < int(port) < PORTS
    return (host, int(port)) if good else None
