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

from daemon.errors import LinkError, MemberboxError, NotThereError, StoreError
from hq import restoring
from hq.answers import BUG, CANNOT, NO, WRONG_USE, YES, Said, failed
from hq.commands import (
    audit,
    chains,
    desk,
    goods,
    looking,
    month,
    operators,
    people,
    risks,
    running,
    shops,
    stick,
    store,
)
from hq.commands.adding import Do, told_as_json
from hq.store import create, open_office

STORE_WAIT_S = 2.0  # before a server looks again for a database that is away


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
    except NotThereError as error:
        said = failed(WRONG_USE, str(error))
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
    shared = told_as_json()
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
    for room in (
        running,
        looking,
        risks,
        people,
        operators,
        desk,
        audit,
        goods,
        shops,
        chains,
        month,
        stick,
        store,
    ):
        room.register(add)
    return parser


def _run(arguments: argparse.Namespace) -> Said:
    if arguments.command == "init":
        return _init(arguments.dir, arguments.store)
    if arguments.command == "restore":
        return _restore(arguments.backup, arguments.dir, arguments.store)
    wrong = running.refused(arguments)
    if wrong is not None:
        return wrong
    while running.is_running(arguments):
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
        return operators.proved(office, arguments) or do(office, arguments)
    finally:
        office.close()


def _init(folder: Path, address: str) -> Said:
    office = create(folder, address)
    key, incarnation = office.public.hex(), office.incarnation
    office.close()
    record = {"ok": True, "key": key, "incarnation": incarnation}
    return Said(YES, record, (f"headquarters in {folder}", f"key {key}"))


def _restore(backup: Path, folder: Path, address: str) -> Said:
    if address:  # before anything is in the folder, so that it can be said again
        store.check_target(folder, address)
    incarnation, waits = restoring.restore(backup, folder)
    if address:
        store.move_to(folder, address)
    record = {"ok": True, "incarnation": incarnation, "waits": waits}
    return Said(YES, record, chains.restored_lines(incarnation, waits))


if __name__ == "__main__":
    sys.exit(main())
