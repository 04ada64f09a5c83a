"""What leaves the box for people: the register as CSV or JSON lines, one member's own data."""

import csv
import io
import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import IO

import msgspec

from daemon.commands.answer import Answer, Exit, unreachable, wrong_use
from daemon.commands.looking import open_journal
from daemon.config import Config
from daemon.errors import SealError
from daemon.howmany import HowMany
from daemon.ledger.codec import decode
from daemon.ledger.dossier import Dossier, left, member_of
from daemon.ledger.ids import parse_entry_id
from daemon.ledger.local import Local
from daemon.ledger.medium import Medium
from daemon.ledger.profiles import Person, open_profile
from daemon.ledger.records import Entry
from daemon.ledger.register import COLUMNS, register_row
from daemon.ledger.views import Stored

LOCAL = "local.db"


class Range(msgspec.Struct, frozen=True):
    """Which entries: numbers of the epoch (0: open), business dates ("": open), both ends in."""

    epoch: int = 0  # 0: all epochs
    first: int = 0
    last: int = 0
    since: str = ""
    until: str = ""


def journal_export(config: Config, span: Range, *, as_csv: bool, out: Path | None) -> Answer:
    """Write the entries of a range: as they stand, a line each, or as a register."""
    rows = _register(config, span) if as_csv else _plain(config, span)
    count = 0
    try:
        with nullcontext(sys.stdout) if out is None else _opened(out, as_csv=as_csv) as target:
            for text in rows:
                target.write(text)
                count += 1
    except BrokenPipeError:
        raise
    except OSError as error:
        return unreachable(f"{out}: {error.strerror}. Choose another place")
    count -= as_csv  # the head
    data = {"ok": True, "entries": count, "file": None if out is None else str(out)}
    return Answer(Exit.YES, data, () if out is None else (f"{HowMany(count):entry} in {out}",))


def journal_object(config: Config, span: Range) -> Answer:
    """The entries of a range in one object."""
    entries = [msgspec.Raw(stored.data) for stored, _ in _entries(config, span)]
    return Answer(Exit.YES, {"ok": True, "entries": entries})


def member_export(config: Config, who: str) -> Answer:
    """Everything that this box holds of one member, by id or card, in clear: the member's copy."""
    everything = [entry for _, entry in _entries(config, Range())]
    member = who if parse_entry_id(who) else member_of(everything, who) or who
    dossier = Dossier(member)
    for entry in everything:
        dossier.add(entry)
    if not dossier.entries:
        what = f"no member {who} in this box: give an id (0018.1:17) or a card number"
        return Answer(Exit.NO, {"ok": False, "error": what}, (what,))
    data = {
        "ok": True,
        "member": member,
        "cards": dossier.cards,
        "joined": dossier.joined,
        "term_ends": dossier.term_ends,
        "consent": {"terms": dossier.terms, "marketing": dossier.marketing},
        "erased": dossier.erased,
        "person": _person(config, dossier),
        "balances": left(dossier.balances),
        "entries": [_shown(entry) for entry in dossier.entries],
    }
    return Answer(
        Exit.YES, data, msgspec.json.format(msgspec.json.encode(data)).decode().split("\n")
    )


def range_of(first: str, last: str, since: str, until: str) -> Range | Answer:
    """Return the range that [EPOCH:]SEQ and dates name, or the answer that says what is wrong."""
    ends = []
    for text in (first, last):
        epoch, _, seq = text.rpartition(":")
        if text and not (seq.isdecimal() and (epoch.isdecimal() or not epoch)):
            return wrong_use(f"{text!r} names no entry: give a number (412) or EPOCH:NUMBER")
        ends.append((int(epoch or 0), int(seq or 0)))
    (epoch_1, from_), (epoch_2, to) = ends
    if epoch_1 and epoch_2 and epoch_1 != epoch_2:
        return wrong_use("a range of numbers lies within one epoch")
    return Range(epoch_1 or epoch_2, from_, to, since, until)


def _entries(config: Config, span: Range) -> Iterator[tuple[Stored, Entry]]:
    with open_journal(config) as journal:
        for epoch in journal.epochs():
            if span.epoch and epoch != span.epoch:
                continue
            for stored in journal.walk(epoch, max(1, span.first)):
                if span.last and stored.seq > span.last:
                    break
                entry = decode(stored.data)
                day = entry.at.business_date
                if day >= span.since and (not span.until or day <= span.until):
                    yield stored, entry


def _plain(config: Config, span: Range) -> Iterator[str]:
    for stored, _ in _entries(config, span):
        yield stored.data.decode() + "\n"


def _register(config: Config, span: Range) -> Iterator[str]:
    yield _line(COLUMNS)
    for _, entry in _entries(config, span):
        row = register_row(entry)
        if row is not None:
            yield _line(row)


def _line(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _opened(out: Path, *, as_csv: bool) -> IO[str]:
    # Excel reads Chinese only with the mark in front
    return out.open("w", encoding="utf-8-sig" if as_csv else "utf-8", newline="")


def _person(config: Config, dossier: Dossier) -> object:
    """Return the person in clear; nothing without the key."""
    if dossier.profile is None:
        return {}
    with closing(Local(config.state_dir / LOCAL, Medium())) as local:
        key = local.member_key(dossier.profile_card)
    if key is None:
        return {}
    try:
        person = open_profile(dossier.profile, card=dossier.profile_card, key=key)
    except SealError:
        return {}
    return {name: getattr(person, name) for name in Person.__struct_fields__}


def _shown(entry: Entry) -> dict[str, object]:
    return {
        "entry": f"{entry.box}.{entry.epoch}:{entry.seq}",
        "kind": entry.kind.value,
        "at": entry.at.wall,
        "body": entry.body,
        "postings": entry.postings,
    }
