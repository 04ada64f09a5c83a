"""The `memberbox-hq` command. Results on stdout, everything else on stderr.

Exit codes: 0 yes, 1 the answer is no, 2 wrong use or unreadable input, 3 cannot open, 4 a bug.
With --json exactly one object on stdout. Commands may run beside a running `serve`.
"""

import argparse
import sqlite3
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

import msgspec

from daemon.errors import LinkError, MemberboxError, StoreError
from hq import restoring
from hq.answers import BUG, CANNOT, NO, WRONG_USE, YES, Said, failed
from hq.commands import chains, desk, goods, looking, month, people, shops, stick, store
from hq.commands.adding import Do
from hq.store import Office, create, open_office

STORE_WAIT_S = 2.0  # before serve looks again for a database that is away
PORTS = 65536  # of TCP; 0 means any free one


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = sys.argv[1:] if argv is None else argv
    try:
        arguments = command_parser().parse_args(words)
    except SystemExit as ended:  # argparse has said on stderr what is wrong
        if ended.code and "--json" in words:
            print('{"ok":false,"error":"wrong use; what is wrong stands on stderr"}')
        raise
    as_json = bool(arguments.json)
    try:
        said = _run(arguments)
    except (StoreError, LinkError) as error:
        said = failed(CANNOT, str(error))
    except sqlite3.Error as error:
        said = failed(CANNOT, f"{arguments.dir}: {error}. Look at the disk and its rights.")
    except MemberboxError as error:
        said = failed(WRONG_USE, str(error))
    except BrokenPipeError:
        return CANNOT
    except Exception as error:  # the only place that may: everything else is a bug and is said
        traceback.print_exc()
        said = failed(BUG, f"a bug: {error!r}")
    if as_json:
        print(msgspec.json.encode(said.record).decode())
    for line in said.lines:
        print(line, file=sys.stderr if as_json or said.code > NO else sys.stdout)
    return said.code


def command_parser() -> argparse.ArgumentParser:
    """Return what the command understands; the manual page is made of it too."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object"
    )
    parser = argparse.ArgumentParser(
        prog="memberbox-hq", description="Headquarters of a chain of memberbox shops."
    )
    parser.add_argument("--dir", type=Path, required=True, help="where headquarters lives")
    parser.add_argument(
        "--store",
        default="",
        metavar="ADDRESS",
        help="postgresql://USER@HOST/DATABASE instead of DIR/hq.db; init keeps it in DIR/store",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    commands = parser.add_subparsers(dest="command", required=True, metavar="CMD")

    def add(name: str, text: str, do: Do) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, parents=[shared])
        command.set_defaults(do=do)
        return command

    commands.add_parser("init", help="make a headquarters: database and key", parents=[shared])
    back = commands.add_parser(
        "restore", help="headquarters from a backup, in an empty --dir", parents=[shared]
    )
    back.add_argument("backup", type=Path, help="the folder that memberbox-hq backup made")
    running = add("serve", "take what boxes send; a page on the loopback", _serve)
    running.add_argument("--mqtt", required=True, metavar="HOST:PORT", help="the broker")
    running.add_argument("--tls", action="store_true", help="mutual TLS with our own certificate")
    running.add_argument("--mqtt-version", choices=("3.1.1", "5"), default="3.1.1")
    running.add_argument("--http", type=int, default=0, metavar="PORT", help="0: a free port")
    for room in (looking, people, desk, goods, shops, chains, month, stick, store):
        room.register(add)
    return parser


def _run(arguments: argparse.Namespace) -> Said:
    if arguments.command == "init":
        return _init(arguments.dir, arguments.store)
    if arguments.command == "restore":
        return _restore(arguments.backup, arguments.dir, arguments.store)
    if arguments.command == "serve" and not _is_address(arguments.mqtt):
        return failed(WRONG_USE, f"--mqtt {arguments.mqtt}: HOST:PORT")
    if arguments.command == "serve" and not 0 <= arguments.http < PORTS:
        return failed(WRONG_USE, f"--http {arguments.http}: a port from 0 to {PORTS - 1}")
    while arguments.command == "serve":
        try:
            return _opened(arguments)
        except StoreError as error:  # a server may come up later than we, as the broker may
            if not error.retry:
                raise
            print(error, file=sys.stderr, flush=True)
            time.sleep(STORE_WAIT_S)
    return _opened(arguments)


def _opened(arguments: argparse.Namespace) -> Said:
    office = open_office(arguments.dir, arguments.store)
    do: Do = arguments.do
    try:
        return do(office, arguments)
    finally:
        office.close()


def _init(folder: Path, address: str) -> Said:
    office = create(folder, address)
    key, incarnation = office.public.hex(), office.incarnation
    office.close()
    record = {"ok": True, "key": key, "incarnation": incarnation}
    return Said(YES, record, (f"headquarters in {folder}", f"key {key}"))


def _restore(backup: Path, folder: Path, address: str) -> Said:
    restoring.put_back(backup, folder)
    if address:
        store.move_to(folder, address)
    office = open_office(folder)
    incarnation, waits = restoring.raise_incarnation(office), restoring.waiting_for(office)
    office.close()
    record = {"ok": True, "incarnation": incarnation, "waits": waits}
    return Said(YES, record, chains.restored_lines(incarnation, waits))


def _serve(office: Office, arguments: argparse.Namespace) -> Said:
    from hq.serve import Broker, serve  # with MQTT and the page, which other commands do without

    host, _, port = arguments.mqtt.rpartition(":")
    tls = _own_certificate(office) if arguments.tls else None
    out = sys.stderr if arguments.json else sys.stdout
    serve(
        office,
        lambda: open_office(office.folder, arguments.store),
        broker=Broker(host, int(port), tls, arguments.mqtt_version),
        http_port=arguments.http,
        say=lambda line: print(line, file=out, flush=True),
    )
    return Said(YES, {"ok": True})


def _own_certificate(office: Office) -> Path:
    from hq.certificates import own_folder  # heavy: X.509

    return own_folder(office)


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isdecimal() and 0 < int(port) < PORTS


if __name__ == "__main__":
    sys.exit(main())
