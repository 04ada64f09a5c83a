"""`memberbox-hq stick import | export DIR`: a stick, or any folder that is carried somehow."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from daemon.howmany import HowMany
from daemon.sync.stick import FILE_BYTES, FILE_BYTES_MAX
from daemon.sync.stick_folder import found_on, is_foreign, made_on
from hq.answers import NO, WRONG_USE, YES, Said, failed, table_unless
from hq.commands.adding import Add, told_as_json
from hq.progress import bar
from hq.stick import Collector, Deliverer
from hq.stick_contents import Contents
from hq.store import Office

MIB = 1024 * 1024


def register(add: Add) -> None:
    parser = add("stick", "what boxes have written, and what they shall know", _stick)
    whats = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    for verb, text in (
        ("import", "take in what boxes have written"),
        ("export", "write what boxes shall know; the stick is the chain's from then on"),
    ):
        what = whats.add_parser(verb, help=text, description=text, parents=[told_as_json()])
        what.add_argument("folder", type=Path, metavar="DIR")
        if verb == "export":
            what.add_argument("--boxes", nargs="+", default=[], metavar="BOX", help="else all")
            what.add_argument(
                *("--part-mib",), type=int, default=FILE_BYTES // MIB, metavar="N", help="of a file"
            )


def _stick(office: Office, arguments: argparse.Namespace) -> Said:
    folder: Path = arguments.folder
    if not folder.is_dir():
        return failed(WRONG_USE, f"{folder} is no folder: is the stick in?")
    if arguments.what == "import":
        return _import(office, folder, as_json=arguments.json)
    part_bytes = arguments.part_mib * MIB
    if not 0 < part_bytes <= FILE_BYTES_MAX:
        most = FILE_BYTES_MAX // MIB
        return failed(WRONG_USE, f"--part-mib {arguments.part_mib}: 1 to {most}, for FAT32")
    return _export(office, folder, arguments.boxes, part_bytes, as_json=arguments.json)


def _import(office: Office, folder: Path, *, as_json: bool) -> Said:
    shelf = found_on(folder, office.public)
    if shelf is None:
        whose = "another chain of shops" if is_foreign(folder) else "nobody yet"
        return failed(NO, f"{folder}: a stick of {whose}. memberbox-hq stick export makes it ours")
    with bar("reading", shown=not as_json) as progress:
        found = Collector(office).collect(shelf, progress)
    rows = [
        (
            one.box or "-",
            one.file,
            one.at[:16].replace("T", " ") or "-",
            str(one.entries),
            str(one.new),
            "refused" if one.why else "stored",
        )
        for one in found.files
    ]
    lines = table_unless(as_json, ("box", "file", "written", "entries", "new", ""), rows)
    lines += tuple(f"{one.file}: {one.why}" for one in found.refused)
    lines += (f"new: {HowMany(found.new):entry}, from {HowMany(len(found.files)):file}",)
    ok = not found.refused
    return Said(
        YES if ok else NO,
        {"ok": ok, "new": found.new, "files": found.files},
        _unless(as_json, lines),
    )


def _export(
    office: Office, folder: Path, boxes: Sequence[str], part_bytes: int, *, as_json: bool
) -> Said:
    Collector(office).book()
    writer = Deliverer(office, part_bytes=part_bytes)
    shelf = made_on(folder, office.public)
    with bar("writing", shown=not as_json) as progress:
        told = writer.deliver(shelf, boxes or writer.boxes(), progress)
    with bar("contents", shown=not as_json) as progress:
        films = Contents(office, part_bytes=part_bytes).deliver(shelf, progress)
    rows = [
        (
            one.box,
            str(one.epoch or "-"),
            str(one.messages),
            str(one.blocked),
            f"{one.bytes}",
            "nothing" if one.why else "written",
        )
        for one in told
    ]
    names = ("box", "epoch", "messages", "blocked cards", "bytes", "")
    lines = table_unless(as_json, names, rows)
    lines += tuple(f"{one.box}: {one.why}" for one in told if one.why)
    lines += (f"{shelf.path} is ready for these boxes",) if told else (f"{shelf.path} is ready",)
    if films.named:
        lines += (f"{films.named} contents on it, {films.fresh} of them new",)
    if films.left:
        lines += (f"no room for {films.left} contents: take a larger stick for them",)
    ok = not any(one.why for one in told) and not films.left
    record = {"ok": ok, "folder": str(shelf.path), "boxes": told, "contents": films}
    return Said(YES if ok else NO, record, _unless(as_json, lines))


def _unless(as_json: bool, lines: tuple[str, ...]) -> tuple[str, ...]:
    return () if as_json else lines
