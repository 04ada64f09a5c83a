"""`memberbox rules due`: whom the pack wants told, why and when. A running box is asked for it."""

import json
from datetime import date

import msgspec

from daemon import control
from daemon.acting import DUE
from daemon.commands.answer import Answer, Exit, wrong_use
from daemon.config import Config
from daemon.reminding import DueAsked, DueRow, DueSaid, said


def due(config: Config, first: str | None, last: str | None) -> Answer:
    """List the days asked for; without any, today."""
    for text in (first, last):
        try:
            date.fromisoformat(text or "2026-03-06")
        except ValueError:
            return wrong_use(f"{text!r} is no day; write it as 2026-03-06")
    asked = DueAsked(first or "", last or first or "")
    if asked.last < asked.first:
        return wrong_use(f"{asked.last} is before {asked.first}")
    answer = control.ask_act(config.run_dir, DUE, msgspec.json.encode(asked))
    listed = (
        _at_rest(config, asked) if answer is None else msgspec.json.decode(answer, type=DueSaid)
    )
    lines = [_line(row) for row in listed.due] or [f"nobody is to be told on {_days(listed)}"]
    data = msgspec.to_builtins(listed)
    assert isinstance(data, dict), "a record becomes a table"
    return Answer(Exit.YES, data, lines)


def _at_rest(config: Config, asked: DueAsked) -> DueSaid:
    """List them from the store of a box that is stopped. Raises StoreError."""
    from daemon.actfacts import Facts
    from daemon.commands.opening import opened
    from daemon.rules.document import parse
    from daemon.rules.engine import NO_PACK, compile_pack

    with opened(config) as resting:
        facts = Facts(
            resting.store, resting.clock, resting.entropy, closing_hour=config.shop.closing_hour
        )
        ref, row = facts.pack(), resting.store.books.active_pack()
        engine = NO_PACK
        if ref is not None and row is not None:
            engine = compile_pack(parse(json.dumps(json.loads(row.document)["pack"])), ref)
        return said(facts, engine, asked)


def _line(row: DueRow) -> str:
    who = " ".join(part for part in (row.tail, row.name, row.phone) if part)
    when = row.on if row.day == row.on else f"{row.on} for {row.day}"
    how = f"{'task, ' if row.task else ''}{row.channel} to {', '.join(row.to)}"
    return f"{when}  {row.rule} ({row.why})  {who}  {how}: {row.text}"


def _days(listed: DueSaid) -> str:
    return listed.first if listed.first == listed.last else f"{listed.first} to {listed.last}"
