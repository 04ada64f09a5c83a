"""Commands that only look: status, boxes, members, requests; cases, which may be closed; doctor."""

import argparse
from collections.abc import Mapping
from itertools import islice

from daemon.finding import printed, told
from hq import latecases, memberlist, report
from hq.answers import NO, WRONG_USE, YES, Said, age, failed, table_unless, yuan
from hq.checkup import checkup
from hq.commands.adding import Add
from hq.store import Office

PAGES = "hq-"  # begin the names of headquarters' pages in docs/incidents


def register(add: Add) -> None:
    add("status", "incarnation, boxes, marks", _status)
    add("boxes", "boxes with their marks and cases", _boxes)
    listed = add("members", "members with points and value over all holders", _members)
    listed.add_argument("--rows", type=int, default=0, help="so many; all when left out")
    listed.add_argument("--after", default="", metavar="CARD", help="begin after this card")
    add("requests", "what shops were asked to release, void or freeze, and did", _requests)
    cases = add("cases", "the work list: what a person has to look at", _cases)
    cases.add_argument("--close", type=int, metavar="ID", help="this one is settled")
    cases.add_argument("--note", default="", help="how it was settled")
    cases.add_argument("--by", default="", metavar="PERSON", help="who settled it")
    add("doctor", "look whether everything is in order", _doctor)


def _status(office: Office, arguments: argparse.Namespace) -> Said:
    said = report.status(office)
    lines: tuple[str, ...] = (
        f"incarnation {said.incarnation}   key {said.key}   pack {said.pack or '-'}",
    )
    if said.pool != "open":
        lines += (f"pool closed: {said.pool}",)
    return Said(YES, said, lines + _box_lines(said.boxes, as_json=arguments.json))


def _boxes(office: Office, arguments: argparse.Namespace) -> Said:
    found = report.boxes(office)
    return Said(YES, {"ok": True, "boxes": found}, _box_lines(found, as_json=arguments.json))


def _box_lines(boxes: Mapping[str, report.BoxSaid], *, as_json: bool) -> tuple[str, ...]:
    rows = [
        (
            name,
            "online" if box.online else "offline",
            age(box.seen_age_s),
            age(box.data_age_s),
            f"{box.epoch}:{box.mark}",
            box.hash[:12],
            f"{box.applied}/{box.down}",
            box.pack or "-",
            box.channel or "-",
            str(box.cases),
        )
        for name, box in boxes.items()
    ]
    names = ("box", "link", "seen", "data", "mark", "hash", "applied", "pack", "channel", "cases")
    return table_unless(as_json, names, rows)


def _members(office: Office, arguments: argparse.Namespace) -> Said:
    if arguments.rows < 0:
        return failed(WRONG_USE, f"--rows {arguments.rows}: 1 and more, or 0 for all")
    begin = memberlist.place_of(office, arguments.after)
    found = list(islice(memberlist.everyone(office, begin), arguments.rows or None))
    rows = [
        (
            member.card,
            member.id,
            str(member.points),
            yuan(member.principal),
            yuan(member.bonus),
            str(member.growth),
            member.level or "-",
            member.status,
            age(member.data_age_s),
        )
        for member in found
    ]
    names = ("card", "id", "points", "principal", "bonus", "growth", "level", "status", "data")
    return Said(YES, {"ok": True, "members": found}, table_unless(arguments.json, names, rows))


def _requests(office: Office, arguments: argparse.Namespace) -> Said:
    found = report.requests(office)
    rows = [
        (
            one.box,
            one.kind,
            one.member,
            one.unit,
            str(one.asked),
            str(one.done),
            one.state,
            age(one.data_age_s),
        )
        for one in found
    ]
    names = ("box", "request", "member", "unit", "asked", "done", "state", "data")
    return Said(YES, {"ok": True, "requests": found}, table_unless(arguments.json, names, rows))


def _cases(office: Office, arguments: argparse.Namespace) -> Said:
    if arguments.close is not None:
        if arguments.close in latecases.undecided(office):
            what = f"memberbox-hq case {arguments.close} --book --by WHO"
            return failed(NO, f"case {arguments.close} came late for a closed month: {what}.")
        note = ", ".join(word for word in (arguments.note, arguments.by.strip()) if word)
        if not report.close_case(office, arguments.close, note):
            return failed(NO, f"no open case {arguments.close}. See memberbox-hq cases.")
        return Said(YES, {"ok": True, "closed": arguments.close}, ("closed",))
    if arguments.note or arguments.by:
        return failed(WRONG_USE, "--note and --by belong to --close ID")
    found = report.cases(office)
    rows = [(str(c.id), f"{c.box}.{c.epoch}:{c.seq}", c.kind, c.at, c.what) for c in found]
    record = {"ok": not found, "cases": found}
    names = ("case", "entry", "kind", "at", "what")
    return Said(NO if found else YES, record, table_unless(arguments.json, names, rows))


def _doctor(office: Office, _: argparse.Namespace) -> Said:
    found = checkup(office)
    bad = any(finding.level == "error" for finding in found)
    record = {
        "ok": not bad,
        "durability": office.db.durability(),
        "findings": told(found, room=PAGES),
    }
    return Said(NO if bad else YES, record, tuple(printed(found, room=PAGES)))
