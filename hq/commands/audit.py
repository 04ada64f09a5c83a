"""积分核对: `memberbox-hq audit start | statements | import-paper | differences | decide | ...`."""

import argparse
from collections.abc import Callable
from pathlib import Path

from daemon.howmany import HowMany
from hq import audit as audits
from hq import auditclear, auditcount, auditpaper, corrections, downlog, trail
from hq.answers import NO, WRONG_USE, YES, Said, failed
from hq.audit import COUNTING, Audit, AuditRefused
from hq.auditscreen import (
    differences_screen,
    mistakes_screen,
    show_screen,
    statements_screen,
    write_csv,
)
from hq.columns import is_day
from hq.commands.adding import Add, add_by, add_two, told_as_json
from hq.corrections import NotTwoPersons, Signed
from hq.progress import bar
from hq.store import Office

CARDS_SHOWN = 200  # of statements on a screen; --csv and --json have all
NONE = "there is no audit. Begin one: memberbox-hq audit start"
_Do = Callable[[Office, Audit, argparse.Namespace], Said]


def register(add: Add) -> None:
    parser = add("audit", "积分核对: the yearly check of points, against the shops' paper", _audit)
    whats = parser.add_subparsers(dest="what", metavar="WHAT", required=True)

    def what(name: str, text: str, do: _Do) -> argparse.ArgumentParser:
        made = whats.add_parser(name, help=text, description=text, parents=[told_as_json()])
        made.set_defaults(act=do)
        return made

    begun = what("start", "count what the books say of every card", _start)
    add_by(begun)
    begun.add_argument("--day", default="", help="of the check; the pack's when left out")
    begun.add_argument("--since", default="", metavar="DAY", help="the statements' first day")
    told = what("statements", "each card: opening, what moved, closing, by shop", _statements)
    told.add_argument("--card", default="", help="this one, with every shop")
    told.add_argument("--csv", type=Path, metavar="FILE", help="all cards, for a spreadsheet")
    paper = what("import-paper", "what a shop's register says, as it was keyed in", _paper)
    paper.add_argument("file", type=Path, metavar="FILE.csv", help="card,points[,note]")
    add_by(paper)
    differ = what("differences", "where books and paper differ, and why", _differences)
    differ.add_argument("--card", default="", help="this one")
    right = what("decide", "say who is right about a card", _decide)
    right.add_argument("card", metavar="CARD", help="or a class of differences, for box")
    right.add_argument("right", choices=(auditpaper.BOX, auditpaper.PAPERS))
    add_by(right)
    right.add_argument("--second", default="", metavar="PERSON", help="who agrees: for paper")
    right.add_argument("--reason", default="", help="for paper: stands in the books")
    sure = what("confirm", "clear and put right, in every shop; closes the audit", _confirm)
    add_two(sure)
    back = what("undo", "take back the last act that was not taken back", _undo)
    add_by(back)
    what("show", "how far it is, and who did what", _show)


def _audit(office: Office, arguments: argparse.Namespace) -> Said:
    """Go on with what was interrupted, then do what was asked."""
    act: _Do = arguments.act
    try:
        one = audits.latest(office)
        if arguments.what == "start":
            by, day, since = arguments.by, arguments.day, arguments.since
            if not all(text == "" or is_day(text) for text in (day, since)):
                return failed(WRONG_USE, "--day and --since: YYYY-MM-DD")
            one = audits.start(office, operator=by, day=day, since=since)
        if one is None:
            return failed(NO, NONE)
        with bar("counting entries", shown=not arguments.json) as progress:
            if one.state == COUNTING:
                auditcount.count(office, one, progress)
            trail.catch_up(office, progress)
        return act(office, audits.audit(office, one.id) or one, arguments)
    except (AuditRefused, NotTwoPersons) as error:
        return failed(NO, str(error))


def _start(office: Office, one: Audit, arguments: argparse.Namespace) -> Said:
    return _show(office, one, arguments)


def _statements(office: Office, one: Audit, arguments: argparse.Namespace) -> Said:
    known = auditcount.ages_s(office, one)
    if arguments.card:
        said = auditcount.card(office, one, arguments.card)
        if said is None:
            return failed(NO, f"{arguments.card} is no card of this audit")
        found = [said]
    else:
        found = []
        with bar("reading cards", shown=not arguments.json) as progress:
            for card in auditcount.cards(office, one):
                found.append(card)
                progress(len(found), 0)
    record = {"ok": True, "audit": one, "statements": found, "data_age_s": known}
    if arguments.csv is not None:
        write_csv(arguments.csv, found)
        record |= {"csv": str(arguments.csv)}
        return Said(YES, record, (f"{HowMany(len(found)):card} in {arguments.csv}",))
    if arguments.json:
        return Said(YES, record)
    lines = statements_screen(one, found[:CARDS_SHOWN], known, shops=bool(arguments.card))
    if len(found) > CARDS_SHOWN:
        lines += (f"{HowMany(len(found) - CARDS_SHOWN):card} more: --csv FILE has all",)
    return Said(YES, record, lines)


def _paper(office: Office, one: Audit, arguments: argparse.Namespace) -> Said:
    with bar("taking the paper", shown=not arguments.json) as progress:
        done = auditpaper.import_paper(
            office, one, arguments.file, operator=arguments.by, progress=progress
        )
    if done.mistakes:
        errors = [
            {
                "file": str(arguments.file),
                "line": wrong.line,
                "column": wrong.column,
                "value": wrong.value,
                "allowed": wrong.allowed,
            }
            for wrong in done.mistakes
        ]
        lines = () if arguments.json else mistakes_screen(arguments.file, done.mistakes)
        return Said(NO, {"ok": False, "errors": errors}, lines)
    line = f"{HowMany(done.rows):card} of {arguments.file}: {done.differ} differ from the books"
    return Said(YES, {"ok": True, "paper": done}, (line,))


def _differences(office: Office, one: Audit, arguments: argparse.Namespace) -> Said:
    with bar("comparing cards", shown=not arguments.json) as progress:
        found = list(auditpaper.differences(office, one, only=arguments.card, progress=progress))
    left = sum(1 for said in found if not said.decision)
    record = {"ok": left == 0, "audit": one, "undecided": left, "differences": found}
    lines = () if arguments.json else differences_screen(found)
    return Said(NO if left else YES, record, lines)


def _decide(office: Office, one: Audit, arguments: argparse.Namespace) -> Said:
    classes = [name for name, _ in auditpaper.CLASSES]
    if arguments.card in classes:
        if arguments.right != auditpaper.BOX:
            return failed(WRONG_USE, "of a class only the box can be right; decide card by card")
        done = auditpaper.decide_class(
            office, one, arguments.card, operator=arguments.by, reason=arguments.reason
        )
        line = f"box is right about {HowMany(done):card}"
        return Said(YES, {"ok": True, "decided": done}, (line,))
    signed = Signed(arguments.reason, arguments.by, arguments.second)
    said = auditpaper.decide(
        office, one, arguments.card, arguments.right, signed, operator=arguments.by
    )
    line = f"{said.card}: {said.decision} is right"
    return Said(YES, {"ok": True, "card": said}, (line,))


def _confirm(office: Office, one: Audit, arguments: argparse.Namespace) -> Said:
    before = one.state
    with bar("confirming cards", shown=not arguments.json) as progress:
        done = auditclear.confirm(
            office, one, operator=arguments.by, second=arguments.second, progress=progress
        )
    downlog.write(office)
    said = _show(office, done, arguments)
    if before == audits.CONFIRMED:
        was = f"the audit of {done.period} was confirmed before: nothing was done again"
        return Said(said.code, said.record, (was, *said.lines))
    return said


def _undo(office: Office, one: Audit, arguments: argparse.Namespace) -> Said:
    gone = audits.undo(office, operator=arguments.by)
    line = f"taken back: {gone.what} {gone.card} {gone.note} ({gone.operator}, {gone.at[:16]})"
    return Said(YES, {"ok": True, "undone": gone, "audit": one.id}, (" ".join(line.split()),))


def _show(office: Office, one: Audit, arguments: argparse.Namespace) -> Said:
    if one.state == audits.CONFIRMED:  # nobody may be serving, where all shops live by sticks
        corrections.pursue(office)
    shown = auditclear.shown(office, one)
    record = {"ok": True, "audit": one, "shown": shown}
    return Said(YES, record, () if arguments.json else show_screen(one, shown))
