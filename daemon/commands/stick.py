"""`memberbox stick export | import | show DIR`: a stick, or any folder that is carried somehow.

A running box does it itself, beside its counter; for one that is stopped the command does.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from daemon import control
from daemon.commands.answer import Answer, Exit, Plain, unreachable, wrong_use
from daemon.config import Config
from daemon.config_tables import Hq
from daemon.howmany import HowMany
from daemon.status import DeviceSaid, PackSaid
from daemon.sticks import STICK, lines
from daemon.sync.stick import FILE_BYTES, FILE_BYTES_MAX
from daemon.sync.stick_visit import Visited

if TYPE_CHECKING:
    from daemon.commands.opening import Resting
    from daemon.sync.stick_folder import StickFolder
    from daemon.sync.stick_visit import Visit

LOOK_S = 0.1
NOTHING = "no stick of this chain of shops is there. memberbox-hq stick export makes one"
BAR = 30  # characters
MIB = 1024 * 1024


class Wanted(msgspec.Struct, frozen=True):
    verb: str
    folder: Path
    part_bytes: int


class AtRest(msgspec.Struct, frozen=True):
    """What a stopped box says of itself."""

    pack: PackSaid | None
    devices: Mapping[str, DeviceSaid] = msgspec.field(default_factory=dict)


def carry(config: Config, verb: str, folder: Path, part_mib: int) -> Answer:
    """Export to a folder, or import from it."""
    if config.hq is None:
        return wrong_use("this box has no headquarters: there is no [hq] in its config")
    if not folder.is_dir():
        return wrong_use(f"{folder} is no folder: is the stick in?")
    part_bytes = part_mib * MIB if part_mib else FILE_BYTES
    if part_bytes > FILE_BYTES_MAX:
        return wrong_use(f"--part-mib {part_mib}: FAT32 takes at most {FILE_BYTES_MAX // MIB}")
    request = msgspec.json.encode({"folder": str(folder.resolve()), "part_bytes": part_bytes})
    answer = control.ask_order(config.run_dir, STICK, verb, request)
    if answer is None:
        return _at_rest(config, Wanted(verb, folder, part_bytes))
    said = cast(dict[str, object], msgspec.json.decode(answer))
    while said.get("running") and not said.get("error"):
        _show(cast(int, said["done"]), cast(int, said["of"]))
        time.sleep(LOOK_S)
        answer = control.ask_order(config.run_dir, STICK, "state", b"{}")
        if answer is None:
            return unreachable("the box has stopped meanwhile: what is missing goes the next time")
        said = cast(dict[str, object], msgspec.json.decode(answer))
    _show(0, 0)
    if said.get("visited") is None:
        why = str(said.get("error") or NOTHING)
        return Answer(Exit.NO, {"ok": False, "error": why}, (why,))
    return _answer(msgspec.convert(said["visited"], Visited))


def show(config: Config, folder: Path) -> Answer:
    """What is on a stick of this box's files. The keys of a box are its own user's to read."""
    from daemon.ledger.keyring import read_keyring
    from daemon.sync.stick_folder import found_on
    from daemon.sync.stick_look import BoxKeys, look

    if config.hq is None:
        return wrong_use("this box has no headquarters: there is no [hq] in its config")
    shelf = found_on(folder, config.hq.key_bytes)
    if shelf is None:
        return Answer(Exit.NO, {"ok": False, "error": NOTHING}, (NOTHING,))
    ring = read_keyring(config.state_dir)
    seen = look(shelf, BoxKeys(ring.seed, ring.recovery, config.hq.key_bytes))
    ok = not any(one.why for one in seen.files)
    data: Plain = {"ok": ok, "files": seen.files, "others": seen.others, "contents": seen.contents}
    rows = [
        (
            one.file,
            "to headquarters" if one.way == "up" else "from headquarters",
            one.at[:16].replace("T", " "),
            f"{one.epoch}:{one.first}-{one.last}" if one.last else "-",
            str(one.blocked),
            f"{one.bytes:,}",
        )
        for one in seen.files
    ]
    table = columns([("file", "way", "written", "numbers", "blocked", "bytes"), *rows])
    refused = [f"{one.file}: {one.why}" for one in seen.files if one.why]
    others = f"{HowMany(seen.others):file} of other boxes, {seen.contents} of contents"
    return Answer(Exit.YES if ok else Exit.NO, data, [*table, *refused, others])


def columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows of text under each other."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _at_rest(config: Config, wanted: Wanted) -> Answer:
    """Do it on the store of a box that is stopped. Raises StoreError, LinkError."""
    from daemon.commands.opening import opened
    from daemon.sync.stick_folder import found_on, made_on

    assert config.hq is not None, "a box without headquarters was turned away"
    hq_key = config.hq.key_bytes
    shelf = (made_on if wanted.verb == "export" else found_on)(wanted.folder, hq_key)
    if shelf is None:
        return Answer(Exit.NO, {"ok": False, "error": NOTHING}, (NOTHING,))
    with opened(config) as resting:
        visit = _visit(config.hq, resting, shelf, wanted.part_bytes)
        return _answer(visit.export() if wanted.verb == "export" else visit.receive())


def _visit(hq: Hq, resting: "Resting", shelf: "StickFolder", part_bytes: int) -> "Visit":
    """Return a visit whose courier nobody else drives: the box is stopped."""
    from functools import partial

    from daemon import seal
    from daemon.sync.courier import Courier
    from daemon.sync.mailroom import Mailroom
    from daemon.sync.saying import Identity
    from daemon.sync.stick_visit import Alone, Visit

    store, hq_key = resting.store, hq.key_bytes
    token = None if hq.token is None else hq.token.reveal()
    pack = store.books.active_ref()
    courier = Courier(
        store,
        identity=Identity(hq_key, token, resting.software),
        entropy=resting.entropy,
        clock=resting.clock,
        status=lambda: AtRest(None if pack is None else PackSaid(pack.id, pack.version)),
    )
    mailroom = Mailroom(
        store.chain.box,
        hq_key=hq_key,
        unseal=partial(seal.unseal, store.device_seed),
        phone_key=store.phone_key,
        keys=store.local,
    )
    return Visit(
        store,
        shelf,
        Alone(courier),
        mailroom,
        cards=(store.local, store.books),
        hq_key=hq_key,
        entropy=resting.entropy,
        at=resting.clock.read().wall.isoformat(timespec="milliseconds"),
        progress=_show,
        part_bytes=part_bytes,
    )


def _answer(visited: Visited) -> Answer:
    _show(0, 0)
    data: Plain = {"ok": visited.ok, **msgspec.structs.asdict(visited)}
    return Answer(Exit.YES if visited.ok else Exit.NO, data, lines(visited, ""))


def _show(done: int, of: int) -> None:
    """Draw how far it is, for people; 0 of 0 wipes it away."""
    if not sys.stderr.isatty():
        return
    full = BAR * done // of if of else 0
    bar = f"[{'#' * full}{'.' * (BAR - full)}] {done:,} of {of:,}" if of else ""
    sys.stderr.write(f"\r\033[K{bar}")
    sys.stderr.flush()
