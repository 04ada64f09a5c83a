"""The `memberbox-hq` command. Results on stdout, everything else on stderr.

Exit codes: 0 yes, 1 the answer is no, 2 wrong use or unreadable input, 3 cannot open, 4 a bug.
With --json exactly one object on stdout. Commands may run beside a running `serve`.
"""

import argparse
import sqlite3
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from daemon.errors import LinkError, MemberboxError, StoreError
from daemon.ledger.ids import parse_entry_id
from daemon.rules.document import PackError
from daemon.sync.wire import is_box
from hq import downlog, memberlist, packs, report, writeoff
from hq.cards import import_cards
from hq.imports import Imported, import_products, import_staff
from hq.recovery import recovery_code
from hq.registry import issue_token
from hq.secondcopy import take_copy
from hq.serve import serve
from hq.store import OWN_BOX, Office, create, open_office

YES, NO, WRONG_USE, CANNOT, BUG = 0, 1, 2, 3, 4
PORTS = 65536  # of TCP; 0 means any free one

_IMPORTS: Mapping[str, Callable[[Office, Path], Imported]] = {
    "products": import_products,
    "staff": import_staff,
    "cards": import_cards,
}


class _Said(msgspec.Struct, frozen=True):
    """What a command says: one object for scripts, lines for people."""

    code: int
    record: object
    lines: tuple[str, ...] = ()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = sys.argv[1:] if argv is None else argv
    try:
        arguments = _parser().parse_args(words)
    except SystemExit as ended:  # argparse has said on stderr what is wrong
        if ended.code and "--json" in words:
            print('{"ok":false,"error":"wrong use; what is wrong stands on stderr"}')
        raise
    as_json = bool(arguments.json)
    try:
        said = _run(arguments)
    except (StoreError, LinkError) as error:
        said = _failed(CANNOT, str(error))
    except sqlite3.Error as error:
        said = _failed(CANNOT, f"{arguments.dir}: {error}. Look at the disk and its rights.")
    except MemberboxError as error:
        said = _failed(WRONG_USE, str(error))
    except BrokenPipeError:
        return CANNOT
    except Exception as error:  # the only place that may: everything else is a bug and is said
        traceback.print_exc()
        said = _failed(BUG, f"a bug: {error!r}")
    if as_json:
        print(msgspec.json.encode(said.record).decode())
    for line in said.lines:
        print(line, file=sys.stderr if as_json or said.code > NO else sys.stdout)
    return said.code


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object"
    )
    parser = argparse.ArgumentParser(
        prog="memberbox-hq", description="Headquarters of a chain of memberbox shops."
    )
    parser.add_argument("--dir", type=Path, required=True, help="where headquarters lives")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    commands = parser.add_subparsers(dest="command", required=True, metavar="CMD")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, parents=[shared])

    command("init", "make a headquarters: database and key")
    running = command("serve", "take what boxes send; a page on the loopback")
    running.add_argument("--mqtt", required=True, metavar="HOST:PORT", help="the broker")
    running.add_argument("--http", type=int, default=0, metavar="PORT", help="0: a free port")
    command("status", "incarnation, boxes, marks")
    command("boxes", "boxes with their marks and cases")
    command("members", "members with points and value over all holders")
    command("cases", "the work list: what a person has to look at")
    pack = command("pack", "publish, stage or roll back a rule pack")
    pack.add_argument("action", choices=("publish", "stage", "rollback"))
    pack.add_argument("what", metavar="FILE|ID")
    taking = command("import", "take products, staff or cards from a CSV file")
    taking.add_argument("table", choices=sorted(_IMPORTS))
    taking.add_argument("file", type=Path)
    token = command("token", "a one-time token for a box, for its config")
    token.add_argument("box")
    lost = command("write-off", "give up a lost chain; what it held is granted anew")
    lost.add_argument("chain", metavar="BOX.EPOCH")
    lost.add_argument("--yes", action="store_true", help="do it; without, only say what it costs")
    copied = command("second-copy", "take the entries of a box's second copy")
    copied.add_argument("folder", type=Path, help="the folder memberbox-BOX of the stick")
    found = command("recovery", "the code that opens a box's backup; give it to nobody else")
    found.add_argument("file", type=Path, help="a file of memberbox backup; its first lines do")
    command("doctor", "look whether everything is in order")
    return parser


def _run(arguments: argparse.Namespace) -> _Said:
    folder: Path = arguments.dir
    if arguments.command == "init":
        return _init(folder)
    if arguments.command == "serve" and not _is_address(arguments.mqtt):
        return _failed(WRONG_USE, f"--mqtt {arguments.mqtt}: HOST:PORT")
    if arguments.command == "serve" and not 0 <= arguments.http < PORTS:
        return _failed(WRONG_USE, f"--http {arguments.http}: a port from 0 to {PORTS - 1}")
    office = open_office(folder)
    try:
        return _answer(office, arguments)
    finally:
        office.close()


def _answer(office: Office, arguments: argparse.Namespace) -> _Said:
    match arguments.command:
        case "serve":
            folder: Path = arguments.dir
            serve(
                office,
                lambda: open_office(folder),
                mqtt_at=arguments.mqtt,
                http_port=arguments.http,
                say=lambda line: print(
                    line, file=sys.stderr if arguments.json else sys.stdout, flush=True
                ),
            )
            return _Said(YES, {"ok": True})
        case "status":
            return _status(office)
        case "boxes":
            return _boxes(office)
        case "members":
            return _members(office)
        case "cases":
            return _cases(office)
        case "pack":
            return _pack(office, arguments.action, arguments.what)
        case "import":
            return _import(office, arguments.table, arguments.file)
        case "token":
            return _token(office, arguments.box)
        case "recovery":
            header, code = recovery_code(office, arguments.file)
            record = {"ok": True, "box": header.box, "about": header.about, "code": code}
            return _Said(YES, record, (f"box {header.box}, {header.about}", code))
        case "second-copy":
            stored, refused = take_copy(office, arguments.folder)
            record = {"ok": not refused, "stored": stored, "refused": refused}
            return _Said(NO if refused else YES, record, (*refused, f"{stored} new entries"))
        case "write-off":
            return _write_off(office, arguments.chain, sure=arguments.yes)
        case _:
            return _doctor(office)


def _init(folder: Path) -> _Said:
    office = create(folder)
    key, incarnation = office.public.hex(), office.incarnation
    office.close()
    record = {"ok": True, "key": key, "incarnation": incarnation}
    return _Said(YES, record, (f"headquarters in {folder}", f"key {key}"))


def _status(office: Office) -> _Said:
    said = report.status(office)
    lines = (f"incarnation {said.incarnation}   key {said.key}   pack {said.pack or '-'}",)
    return _Said(YES, said, lines + _box_lines(said.boxes))


def _boxes(office: Office) -> _Said:
    found = report.boxes(office)
    return _Said(YES, {"ok": True, "boxes": found}, _box_lines(found))


def _box_lines(boxes: Mapping[str, report.BoxSaid]) -> tuple[str, ...]:
    rows = [
        (
            name,
            "online" if box.online else "offline",
            "-" if box.seen_age_s is None else f"{box.seen_age_s:.0f} s",
            f"{box.epoch}:{box.mark}",
            box.hash[:12],
            f"{box.applied}/{box.down}",
            box.pack or "-",
            str(box.cases),
        )
        for name, box in boxes.items()
    ]
    return _table(("box", "link", "seen", "mark", "hash", "applied", "pack", "cases"), rows)


def _members(office: Office) -> _Said:
    found = memberlist.members(office)
    rows = [
        (
            member.card,
            member.id,
            str(member.points),
            _yuan(member.principal),
            _yuan(member.bonus),
            str(member.growth),
            member.level or "-",
            member.status,
        )
        for member in found
    ]
    names = ("card", "id", "points", "principal", "bonus", "growth", "level", "status")
    return _Said(YES, {"ok": True, "members": found}, _table(names, rows))


def _cases(office: Office) -> _Said:
    found = report.cases(office)
    rows = [(f"{c.box}.{c.epoch}:{c.seq}", c.kind, c.at, c.what) for c in found]
    code = NO if found else YES
    record = {"ok": not found, "cases": found}
    return _Said(code, record, _table(("entry", "kind", "at", "what"), rows))


def _pack(office: Office, action: str, what: str) -> _Said:
    try:
        if action == "rollback":
            ref = packs.roll_back(office, what)
        else:
            text = Path(what).read_text(encoding="utf-8")
            ref = packs.publish(office, text) if action == "publish" else packs.stage(office, text)
    except (OSError, UnicodeDecodeError) as error:
        return _failed(WRONG_USE, f"{what}: {error}")
    except packs.PackConflict as error:
        return _failed(NO, str(error))
    except PackError as error:
        problems = [str(problem) for problem in error.problems]
        return _Said(NO, {"ok": False, "errors": error.problems}, tuple(problems))
    downlog.write(office)
    record = {"ok": True, "id": ref.id, "version": ref.version, "hash": ref.hash}
    return _Said(YES, record, (f"{action}: {ref.id} version {ref.version}  {ref.hash}",))


def _import(office: Office, table: str, path: Path) -> _Said:
    done = _IMPORTS[table](office, path)
    downlog.write(office)
    record = {
        "ok": not done.mistakes,
        "rows": done.rows,
        "changed": done.changed,
        "errors": [
            {"file": str(path), "line": m.line, "column": m.column, "value": m.value}
            | {"allowed": m.allowed}
            for m in done.mistakes
        ],
        "warnings": done.warnings,
    }
    lines = [f"{path}: warning: {warning}" for warning in done.warnings]
    lines += [
        f"{path}:{m.line}: {m.column}: {m.value!r} is not allowed. Use {m.allowed}."
        for m in done.mistakes
    ]
    if done.mistakes:
        lines.append(f"{len(done.mistakes)} mistakes; nothing was taken")
        return _Said(NO, record, tuple(lines))
    lines.append(f"{table}: {done.rows} rows, {done.changed} new or changed")
    return _Said(YES, record, tuple(lines))


def _token(office: Office, box: str) -> _Said:
    if not is_box(box) or box == OWN_BOX:
        return _failed(WRONG_USE, f"{box!r} is no box id: letters, digits, - and _, at most 32")
    token = issue_token(office, box)
    return _Said(YES, {"ok": True, "box": box, "token": token}, (token,))


def _write_off(office: Office, text: str, *, sure: bool) -> _Said:
    """Show what giving the chain up may cost; do it only when that was confirmed."""
    place = parse_entry_id(f"{text}:1")
    if place is None:
        return _failed(WRONG_USE, f"{text!r} is no chain: write it as BOX.EPOCH, like 0018.1")
    chain = place[0]
    shown = writeoff.write_off(office, chain) if sure else writeoff.exposure(office, chain)
    units = sorted(shown.holding.keys() | shown.undelivered.keys())
    rows = [
        (unit, str(shown.holding.get(unit, 0)), str(shown.undelivered.get(unit, 0)))
        for unit in units
    ]
    lines = _table(("unit", "held at the mark", "granted, unconfirmed"), rows)
    lines += (f"chain {shown.chain} up to entry {shown.mark}",)
    record = {"ok": sure, "exposure": shown}
    if sure:
        downlog.write(office)
        return _Said(YES, record, (*lines, "given up; what it held is granted anew"))
    ask = "Nothing was done. This is the most it can cost; say --yes to give the chain up."
    return _Said(NO, record, (*lines, ask))


def _doctor(office: Office) -> _Said:
    """Look at what goes wrong in the field: the file, its keys, boxes that fell silent, cases."""
    notes: list[str] = []
    damage = office.db.execute("PRAGMA quick_check(5)").fetchall()
    if damage != [("ok",)]:
        notes += [f"hq.db: {row[0]}. Restore the last backup." for row in damage]
    if packs.in_force(office.db) is None:
        notes.append("no rule pack is in force. Publish one: memberbox-hq pack publish FILE.")
    for name, box in report.boxes(office).items():
        if not box.online:
            notes.append(f"box {name} is offline. Look at its network and its status.")
        if box.cases:
            notes.append(f"box {name} has {box.cases} cases. See memberbox-hq cases.")
    record = {"ok": not notes, "notes": notes}
    return _Said(NO if notes else YES, record, tuple(notes) or ("all in order",))


def _failed(code: int, why: str) -> _Said:
    return _Said(code, {"ok": False, "error": why}, (why,))


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isdecimal() and 0 < int(port) < PORTS


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    widths = [max(len(row[index]) for row in [names, *rows]) for index in range(len(names))]
    return tuple(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [names, *rows]
    )


if __name__ == "__main__":
    sys.exit(main())
