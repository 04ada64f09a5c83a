"""Commands about what boxes shall know: rule packs and their roll-out, products, staff, cards."""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from daemon.howmany import HowMany
from daemon.rules.document import PackError
from daemon.sync.wire import BOX_SAID, is_box
from hq import downlog, packs
from hq.answers import NO, WRONG_USE, YES, Said, age, failed, table
from hq.cards import import_cards
from hq.columns import is_moment
from hq.commands.adding import Add
from hq.imports import Imported, import_products, import_staff
from hq.progress import Progress, bar
from hq.store import Office

_IMPORTS: Mapping[str, Callable[[Office, Path, Progress], Imported]] = MappingProxyType(
    {
        "products": lambda office, path, _: import_products(office, path),
        "staff": lambda office, path, _: import_staff(office, path),
        "cards": import_cards,
    }
)


def register(add: Add) -> None:
    pack = add("pack", "publish, stage or roll back a rule pack; list who has which", _pack)
    pack.add_argument("action", choices=("publish", "stage", "rollback", "list"))
    pack.add_argument("what", metavar="FILE|ID", nargs="?", default="")
    pack.add_argument("--to", default="", metavar="CHANNEL|BOX", help="every shop when left out")
    pack.add_argument("--version", type=int, help="of a rollback: the one before when left out")
    pack.add_argument("--start", metavar="TIME", help="in force from then on; RFC 3339")
    channel = add("channel", "shops that get packs together: a pilot, a region", _channel)
    channel.add_argument("name", help='"-": the shops leave their channel')
    channel.add_argument("boxes", nargs="*", metavar="BOX", help="none: list the channel")
    taking = add("import", "take products, staff or cards from a CSV file", _import)
    taking.add_argument("table", choices=sorted(_IMPORTS))
    taking.add_argument("file", type=Path)


def _pack(office: Office, arguments: argparse.Namespace) -> Said:
    action, what, to, start = arguments.action, arguments.what, arguments.to, arguments.start
    if action == "list":
        return _packs(office)
    if not what:
        needs = "the pack's id" if action == "rollback" else "a file"
        return failed(WRONG_USE, f"pack {action} needs {needs}")
    if start is not None and not (is_moment(start) and "T" in start):
        return failed(WRONG_USE, f"--start {start}: a time with its offset, RFC 3339")
    try:
        if action == "rollback":
            ref = packs.roll_back(office, what, to=to, version=arguments.version)
        else:
            text = Path(what).read_text(encoding="utf-8")
            json.loads(text)  # no JSON at all: the wrong file, not a wrong pack
            if action == "publish":
                ref = packs.publish(office, text, to=to, start=start)
            else:
                ref = packs.stage(office, text)
    except (OSError, UnicodeDecodeError) as error:
        return failed(WRONG_USE, f"{what}: {error}")
    except json.JSONDecodeError as error:
        return failed(WRONG_USE, f"{what}: not JSON: {error}")
    except packs.PackConflict as error:
        return failed(NO, str(error))
    except PackError as error:
        problems = [str(problem) for problem in error.problems]
        return Said(NO, {"ok": False, "errors": error.problems}, tuple(problems))
    downlog.write(office)
    record = {"ok": True, "id": ref.id, "version": ref.version, "hash": ref.hash, "to": to}
    whom = f" for {to}" if to else ""
    return Said(YES, record, (f"{action}{whom}: {ref.id} version {ref.version}  {ref.hash}",))


def _packs(office: Office) -> Said:
    found = packs.rolled_out(office)
    rows = [
        (one.box, one.channel or "-", one.wanted or "-", one.has or "-", age(one.data_age_s))
        for one in found
    ]
    lines = table(("box", "channel", "shall have", "has", "data"), rows)
    packs_on_their_way = packs.progress(found)
    lines += tuple(
        f"{one.pack}: {one.have} of {HowMany(one.shops):shop} got it" for one in packs_on_their_way
    )
    return Said(YES, {"ok": True, "boxes": found, "packs": packs_on_their_way}, lines)


def _channel(office: Office, arguments: argparse.Namespace) -> Said:
    name, boxes = arguments.name, arguments.boxes
    wrong = [box for box in boxes if not is_box(box)]
    if wrong or (name != "-" and not name.isidentifier()):
        found = wrong[0] if wrong else name
        return failed(WRONG_USE, f"{found!r}: a channel is a word, a box {BOX_SAID}")
    if boxes:
        packs.put_channel(office, "" if name == "-" else name, boxes)
        downlog.write(office)
    members = packs.channel(office, name)
    return Said(YES, {"ok": True, "channel": name, "boxes": members}, (" ".join(members) or "-",))


def _import(office: Office, arguments: argparse.Namespace) -> Said:
    path, name = arguments.file, arguments.table
    with bar(f"importing {name}", shown=not arguments.json) as progress:
        done = _IMPORTS[name](office, path, progress)
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
        lines.append(f"{HowMany(len(done.mistakes)):mistake}; nothing was taken")
        return Said(NO, record, tuple(lines))
    lines.append(f"{name}: {HowMany(done.rows):row}, {done.changed} new or changed")
    return Said(YES, record, tuple(lines))
