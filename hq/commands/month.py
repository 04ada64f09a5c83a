"""Commands of the month: whose a shop is, counting, closing, explaining; cases one by one."""

import argparse
import json
from collections.abc import Mapping

from hq import closing, closing_store, closing_tables, latecases, latescreen, months, settlement
from hq.answers import NO, WRONG_USE, YES, Said, failed, table_unless
from hq.closing_figures import CLOSING, OPENING
from hq.closing_key import Key
from hq.closing_store import Closing, Counted
from hq.commands.adding import Add, add_by, told_as_json
from hq.owners import set_owner
from hq.store import Office

EXPLAINED_MAX = 1000  # rows on a screen; --json has all


def register(add: Add) -> None:
    month = add("month", "count, close and explain months: sales, settlement, debts", _show)
    whats = month.add_subparsers(dest="what", metavar="WHAT", required=True)

    def what(name: str, text: str, *, named: bool = True) -> argparse.ArgumentParser:
        parser = whats.add_parser(name, help=text, description=text, parents=[told_as_json()])
        if named:
            parser.add_argument("month", metavar="YYYY-MM")
        return parser

    what("list", "every closing, and what came late since", named=False).set_defaults(do=_list)
    what("show", "a month as it was closed, or as it stands now").set_defaults(do=_show)
    shut = what("close", "freeze a month with the entries that it stands on")
    shut.set_defaults(do=_close)
    add_by(shut, "who closes it")
    shut.add_argument("--without", action="append", default=[], metavar="BOX", help="not whole yet")
    _second(shut, "needed with --without")
    again = what("reopen", "open the month that was closed last")
    again.set_defaults(do=_reopen)
    add_by(again, "who opens it")
    _second(again, "needed")
    told = what("explain", "every entry that a figure is the sum of")
    told.set_defaults(do=_explain)
    told.add_argument(
        "figure", help="as month show --json names it: goods.net, principal.spent ..."
    )
    told.add_argument("--shop", required=True, metavar="BOX")
    told.add_argument("--of", default="", help="the tender, article or shop that has to pay")
    what("replay", "add a closed month up again from its entries").set_defaults(do=_replay)
    whose = add("owner", "whose a shop is, from a month on; settlements are between owners", _owner)
    whose.add_argument("box", help="the box's id; hq is headquarters itself")
    whose.add_argument("owner", help="a name as the accountant writes it")
    whose.add_argument("--since", default="2000-01", metavar="YYYY-MM", help="all the time if not")
    case = add("case", "one case of the work list: what happened, what to do", _case)
    case.add_argument("case", type=int, metavar="ID")
    case.add_argument("--book", action="store_true", help="a late one goes into the open month")
    case.add_argument("--by", default="", help="who has looked at it")


def _second(parser: argparse.ArgumentParser, when: str) -> None:
    parser.add_argument("--second", default="", help=f"the second person; {when}")
    parser.add_argument("--reason", default="", help=f"why; {when}")


def _owner(office: Office, arguments: argparse.Namespace) -> Said:
    since = months.month_of(arguments.since)
    set_owner(office, arguments.box, arguments.owner, since)
    record = {"ok": True, "box": arguments.box, "owner": arguments.owner, "since": since}
    return Said(YES, record, (f"{arguments.box} is {arguments.owner}'s from {since} on",))


def _list(office: Office, arguments: argparse.Namespace) -> Said:
    found = closing_store.closings(office)
    late = latecases.counts(office)
    rows = [
        (
            one.month,
            str(one.n),
            one.closed[:16],
            one.by,
            f"{one.second}: {one.reason}" if one.second else "-",
            _opened(one),
            str(late.get(one.month, 0)),
        )
        for one in found
    ]
    names = ("month", "closing", "closed", "by", "second", "opened again", "late cases")
    return Said(
        YES,
        {"ok": True, "closings": found, "late_cases": late},
        table_unless(arguments.json, names, rows),
    )


def _opened(one: Closing) -> str:
    if one.reopened is None:
        return "-"
    return f"{one.reopened[:16]} {one.reopened_by} and {one.reopened_second}: {one.reopened_why}"


def _show(office: Office, arguments: argparse.Namespace) -> Said:
    said, counted = closing.show(office, months.month_of(arguments.month))
    return _said(office, said, counted, as_json=arguments.json)


def _close(office: Office, arguments: argparse.Namespace) -> Said:
    month = months.month_of(arguments.month)
    try:
        closing.close(
            office,
            month,
            by=arguments.by,
            second=arguments.second,
            reason=arguments.reason,
            without=arguments.without,
        )
    except closing.NotYet as error:
        return failed(NO, str(error))
    return _said(office, *closing.show(office, month), as_json=arguments.json)


def _reopen(office: Office, arguments: argparse.Namespace) -> Said:
    month = months.month_of(arguments.month)
    try:
        closing.reopen(
            office, month, by=arguments.by, second=arguments.second, reason=arguments.reason
        )
    except closing.NotYet as error:
        return failed(NO, str(error))
    line = f"{month} is open again; its closing is kept (month list)"
    return Said(YES, {"ok": True, "month": month}, (line,))


def _said(office: Office, said: Closing | None, counted: Counted, *, as_json: bool) -> Said:
    sums = closing_tables.Sums(counted)
    found = closing_tables.transfers(sums)
    record = {
        "ok": True,
        "month": counted.month,
        "closing": said,
        "shops": counted.shops,
        "stands_on": [
            {"chain": str(part.chain), "first": part.first, "last": part.last, "hash": part.hash}
            for part, _ in counted.spans
        ],
        "figures": [
            {"shop": key.shop, "figure": key.what, "of": key.part, "late": late, "amount": amount}
            for (late, key), amount in sorted(counted.figures.items())
        ],
        "settlement": [
            {"from": one.payer, "to": one.to, **one.parts, "pays": one.fen} for one in found
        ],
        "net": settlement.net(found),
    }
    lines = () if as_json else closing_tables.lines(said, counted, _gifts(office))
    return Said(YES, record, lines)


def _gifts(office: Office) -> Mapping[str, str]:
    """Return the articles that are not for sale: cards, gifts, samples."""
    rows = office.db.execute("SELECT sku, body FROM product").fetchall()
    bodies = {sku: json.loads(body) for sku, body in rows}
    return {
        sku: str(body.get("name") or sku)
        for sku, body in bodies.items()
        if body.get("price_fen") is None
    }


def _explain(office: Office, arguments: argparse.Namespace) -> Said:
    month = months.month_of(arguments.month)
    key = Key(arguments.shop, arguments.figure, arguments.of)
    try:
        parts = closing.explain(office, month, key)
    except closing.NotYet as error:
        return failed(NO, str(error))
    opening = key.called(f"{key.group}.{OPENING}") if key.how == CLOSING else None
    base = 0 if opening is None else closing.figure(office, month, opening)
    total = base + sum(one.amount for one in parts)
    stated = closing.figure(office, month, key)
    rows = [
        (
            f"{one.entry.box}.{one.entry.epoch}:{one.entry.seq}",
            one.entry.kind.value,
            one.entry.at.business_date,
            one.late or "-",
            closing_tables.said(key, one.amount),
        )
        for one in parts
    ]
    record = {
        "ok": total == stated,
        "figure": {"shop": key.shop, "figure": key.what, "of": key.part, "amount": stated},
        "opening": base,
        "sum": total,
        "entries": [
            {"entry": row[0], "kind": row[1], "day": row[2], "late": one.late, "amount": one.amount}
            for row, one in zip(rows, parts, strict=True)
        ],
    }
    names = ("entry", "kind", "day", "corrects", "amount")
    lines = table_unless(arguments.json, names, rows[:EXPLAINED_MAX])
    if len(rows) > EXPLAINED_MAX:
        lines += (f"... and {len(rows) - EXPLAINED_MAX} more: --json has all",)
    told = closing_tables.said(key, total)
    said = closing_tables.said(key, stated)
    began = "" if opening is None else f" from {closing_tables.said(key, base)} on"
    lines += (f"entries: {len(parts)},{began} together {told}; the month says {said}",)
    return Said(YES if total == stated else NO, record, lines)


def _replay(office: Office, arguments: argparse.Namespace) -> Said:
    month = months.month_of(arguments.month)
    said = closing_store.closing_of(office, month)
    if said is None:
        return failed(WRONG_USE, f"{month} is not closed: month show {month} counts it anew")
    wrong = closing.replay(office, said)
    ends = () if wrong else (f"{month}: its entries make every figure of it",)
    return Said(NO if wrong else YES, {"ok": not wrong, "wrong": wrong}, (*wrong, *ends))


def _case(office: Office, arguments: argparse.Namespace) -> Said:
    if arguments.book and not arguments.by.strip():
        return failed(WRONG_USE, "--book needs --by WHO")
    if arguments.book:
        latecases.book(office, arguments.case, by=arguments.by)
        done = f"case {arguments.case} goes into the open month"
        return Said(YES, {"ok": True, "booked": arguments.case}, (done,))
    case, closed = latescreen.case_of(office, arguments.case)
    changed = latecases.effects(office, latecases.late_entries(office, arguments.case))
    record = {
        "ok": closed is not None,
        "case": case,
        "closed": closed,
        "changes": latescreen.effects_said(changed),
    }
    lines = () if arguments.json else latescreen.screen(office, case, closed)
    return Said(YES, record, lines)
