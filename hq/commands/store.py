"""Commands about where headquarters' database is."""

import argparse
from pathlib import Path

from daemon.howmany import HowMany
from hq.answers import NO, YES, Said, failed
from hq.commands.adding import Add
from hq.moving import check_empty, move, put_aside
from hq.sqlite import Sqlite
from hq.store import DATABASE, Office, alone, connect, name_store


def register(add: Add) -> None:
    moved = add("move-store", "from DIR/hq.db into an empty PostgreSQL database", _move)
    moved.add_argument("address", help="postgresql://USER@HOST/DATABASE, without a password")


def check_target(folder: Path, address: str) -> None:
    """Raise StoreError unless an empty database is at an address."""
    target = connect(folder, address)
    try:
        check_empty(target)
    finally:
        target.close()


def move_to(folder: Path, address: str) -> int:
    """Let the database of a folder be the one of an address; return how many entries moved.

    The file stays beside it under another name, as a copy of that moment. Raises StoreError.
    """
    target = connect(folder, address)
    try:
        entries = move(folder / DATABASE, target)
    finally:
        target.close()
    name_store(folder, address)
    put_aside(folder / DATABASE)
    return entries


def _move(office: Office, arguments: argparse.Namespace) -> Said:
    if not isinstance(office.db, Sqlite):
        return failed(NO, f"headquarters is on a server already: {office.db.place}")
    with alone(office):
        office.close()
        entries = move_to(office.folder, arguments.address)
    record = {"ok": True, "store": arguments.address, "entries": entries}
    lines = (
        f"{HowMany(entries):entry} moved to {arguments.address}",
        f"the old file: {DATABASE}.moved",
    )
    return Said(YES, record, lines)
