"""Commands that hold rules against the past: replay, backtest; and two packs side by side."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

from daemon.commands.answer import Answer, Exit, Plain, wrong_use
from daemon.commands.looking import last_wall, open_journal
from daemon.commands.vocabulary import share_dir
from daemon.config import Config
from daemon.howmany import HowMany
from daemon.ledger.codec import decode
from daemon.ledger.records import Entry, PackRef
from daemon.rules.backtest import Backtest, Sums
from daemon.rules.compare import compare
from daemon.rules.document import Opened, PackError, parse, read
from daemon.rules.engine import Engine, compile_pack
from daemon.rules.history import Past, differences
from daemon.rules.models import Pack
from daemon.rules.rounding import yuan

SHOWN_MAX = 100  # differences that are named; all are counted
MONTH_DAYS = 30
PROGRESS_EVERY = 2000  # entries: some ten times a second
TEXT_BYTES_MAX = 4 * 1024 * 1024  # packs have tens of KiB


def replay(config: Config, first: str | None, last: str | None) -> Answer:
    """Evaluate past entries anew under their own packs; any difference is an error."""
    span = _span(first, last)
    if isinstance(span, Answer):
        return span
    past = Past(_compiled)
    evaluated, differing, named = 0, 0, list[dict[str, object]]()
    for entry in _entries(config):
        if span[0] <= entry.at.business_date <= span[1]:
            found = differences(past, entry)
            evaluated += found is not None
            if found:
                differing += 1
                if len(named) < SHOWN_MAX:
                    named.append({"entry": f"{entry.epoch}:{entry.seq}", "differences": found})
        past.apply(entry)
    good = not differing
    data: Plain = {
        "ok": good,
        "evaluated": evaluated,
        "differing": differing,
        "differences": named,
    }
    lines = [f"{one['entry']}: {what}" for one in named for what in _said(one["differences"])]
    lines.append(f"{HowMany(evaluated):entry} evaluated anew, {differing} differ")
    return Answer(Exit.YES if good else Exit.NO, data, lines)


def backtest(config: Config, pack: str, days: int | None) -> Answer:
    """Run a candidate pack over the shop's own sales: totals only, nobody by name."""
    opened = _opened(pack)
    if isinstance(opened, Answer):
        return opened
    since = ""
    if days is not None:
        end = last_wall(config)
        since = "" if end is None else (end - timedelta(days=days)).date().isoformat()
    engine = compile_pack(opened.pack, opened.ref)
    past, totals = Past(_compiled), Backtest()
    for entry in _entries(config):
        if entry.at.business_date >= since:
            totals.add(past, entry, engine)
        past.apply(entry)
    owed = dict(zip(("then_fen", "now_fen"), totals.liability(opened.pack.offsets), strict=True))
    data: Plain = {
        "ok": True,
        "liability": owed,
        "budget_fen": None if opened.pack.about is None else opened.pack.about.budget_fen,
        "pack": {"id": opened.ref.id, "version": opened.ref.version},
        "sales": totals.sales,
        "refused": totals.refused,
        "levels": {name: asdict(sums) for name, sums in sorted(totals.levels.items())},
        "rules": {name: asdict(sums) for name, sums in sorted(totals.rules.items())},
    }
    return Answer(Exit.YES, data, [*_table(totals), *_owed(totals, opened.pack, days)])


def difference(old: str, new: str) -> Answer:
    """Say in words what another pack changes for a member, in Chinese and English."""
    before, after = _opened(old), _opened(new)
    if isinstance(before, Answer):
        return before
    if isinstance(after, Answer):
        return after
    pairs = compare(before.pack, after.pack)
    data: Plain = {"ok": True, "zh_CN": [zh for zh, _ in pairs], "en": [en for _, en in pairs]}
    lines = [line for pair in pairs for line in pair]
    return Answer(Exit.YES, data, lines or ["对会员没有变化", "Nothing changes for a member"])


def _entries(config: Config) -> Iterator[Entry]:
    """Yield all entries in order, one in memory at a time; say how far on a terminal."""
    with open_journal(config) as journal:
        heads = {epoch: journal.head(epoch) for epoch in journal.epochs()}
        whole = sum(0 if head is None else head.seq for head in heads.values())
        count = 0
        for epoch in heads:
            for stored in journal.walk(epoch, 1):
                count += 1
                if count % PROGRESS_EVERY == 0:
                    _progress(count, whole)
                yield decode(stored.data)
        _progress(whole, whole)


def _progress(count: int, whole: int) -> None:
    if not sys.stderr.isatty() or not whole:
        return
    filled = 40 * count // whole
    end = "\n" if count >= whole else ""
    sys.stderr.write(f"\r[{'#' * filled}{'.' * (40 - filled)}] {count}/{whole}{end}")
    sys.stderr.flush()


def _compiled(document: str, ref: PackRef) -> Engine:
    """Compile a pack that this box once accepted; its signature was proved then."""
    return compile_pack(parse(json.dumps(json.loads(document)["pack"])), ref)


def _opened(pack: str) -> Opened | Answer:
    named = Path(pack)
    path = named if named.exists() else share_dir() / "packs" / f"{pack}.json"
    try:
        with path.open("rb") as file:
            return read(file.read(TEXT_BYTES_MAX).decode(), path.name)
    except (OSError, UnicodeDecodeError) as error:
        return wrong_use(f"{path}: cannot be read: {error}")
    except PackError as error:
        return wrong_use(str(error))


def _span(first: str | None, last: str | None) -> tuple[str, str] | Answer:
    for text in (first, last):
        try:
            if text is not None:
                date.fromisoformat(text)
        except ValueError:
            return wrong_use(f"{text!r} is no day; write it as 2026-03-06")
    return first or date.min.isoformat(), last or date.max.isoformat()


def _said(found: object) -> list[str]:
    return [str(one) for one in found] if isinstance(found, list) else []


def _table(totals: Backtest) -> list[str]:
    lines = [f"{HowMany(totals.sales):sale} settled once more"]
    for code, count in sorted(totals.refused.items()):
        lines.append(f"refused {count}: {code}")
    for name, sums in sorted(totals.levels.items()):
        lines += _level_lines(name, sums)
    for name, rule in sorted(totals.rules.items()):
        lines.append(
            f"{name} ({rule.what}): {rule.times_then} -> {HowMany(rule.times_now):time},"
            f" {rule.result_then} -> {rule.result_now}"
        )
    return lines


def _owed(totals: Backtest, pack: Pack, days: int | None) -> list[str]:
    """Say what is left owed to members, and which part of the budget would be given away."""
    then, now = totals.liability(pack.offsets)
    lines = [f"owed to members {yuan(then)} -> {yuan(now)}"]
    budget = None if pack.about is None else pack.about.budget_fen
    if budget is not None and days is not None and days > 0:
        off = sum(one.off_now_fen for one in totals.levels.values())
        month = (now + off) * MONTH_DAYS // days
        lines.append(f"given away in a month {yuan(month)} of {yuan(budget)}")
    return lines


def _level_lines(name: str, sums: Sums) -> list[str]:
    return [
        f"{name}: {HowMany(sums.sales):sale}, {sums.better} better off, {sums.worse} worse off",
        f"  paid {yuan(sums.paid_then_fen)} -> {yuan(sums.paid_now_fen)},"
        f" off {yuan(sums.off_then_fen)} -> {yuan(sums.off_now_fen)},"
        f" points {sums.points_then} -> {sums.points_now}",
    ]
