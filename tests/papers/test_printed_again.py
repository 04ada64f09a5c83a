"""A paper that is printed again says what held when its entry was made."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.config import load
from daemon.counter.effects import DOCUMENTS
from daemon.desk import Desk
from daemon.display.facts import Copy
from daemon.ledger.ids import id_of
from daemon.ledger.records import Entry
from daemon.papers.stood import stood
from daemon.paperwork import Paperwork
from daemon.spooler import Slip
from tests.acts.test_person import snapshot
from tests.acts.till import CARDS, Till, cash, line
from tests.display.printed import pieces
from tests.ledger.shop import Dice
from tests.papers.test_every_paper import EXAMPLE
from tests.papers.test_told_at_a_swipe import LEVELS
from tests.rules.shop import engine_of

OLD, NEW = "2026-05-05", "2027-05-05"
LAST_DAY = "-05-05T00:00:00+08:00"


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    made = Till(tmp_path)
    snapshot(made, level="gold", term_ends=f"2026{LAST_DAY}")
    yield made
    made.close()


def printed(till: Till, entry: Entry, copy: Copy = Copy.REPRINT) -> str:
    config = load(EXAMPLE)
    desk = Desk(config, till.store, till.clock, Dice())
    desk.use(engine_of(levels=LEVELS))
    slip = Slip(DOCUMENTS[entry.kind], id_of(entry), copy=copy)
    (paper,) = pieces(Paperwork(config, till.store, desk).render(slip, 32), 32)
    return paper.text


def sold(till: Till) -> Entry:
    lines = [line(1, "TOY", 1000, qty=2, points=20)]
    name = till.done("sale", member="M1", lines=lines, points=20, tenders=cash(1000))
    entry = till.facts.entry(name)
    assert entry is not None
    return entry


def renewed(till: Till) -> None:
    paid = {"channel": "fee", "fee_fen": 4800, "tenders": cash(4800)}
    till.done("member.renewed", card=CARDS["M1"], term_ends=f"2027{LAST_DAY}", **paid)


def test_a_receipt_from_before_a_renewal_keeps_its_term(till: Till) -> None:
    before = sold(till)
    first = printed(till, before, Copy.FIRST)
    assert OLD in first
    renewed(till)
    later = sold(till)
    assert printed(till, before, Copy.FIRST) == first, "a slip that waited for its printer"
    assert OLD in printed(till, before) and NEW not in printed(till, before)
    assert NEW in printed(till, later) and OLD not in printed(till, later)


def test_term_and_level_are_those_of_then_and_unsaid_when_that_is_too_long_ago(till: Till) -> None:
    before = sold(till)
    then = till.facts.row("M1")
    renewed(till)
    till.done("level.changed", card=CARDS["M1"], level="silver", reason="review")
    between = sold(till)
    till.done("level.changed", card=CARDS["M1"], level="", reason="review")
    now = till.facts.row("M1")
    assert then is not None and now is not None and then.level == "gold"
    assert stood(till.store, now, before) == then
    assert stood(till.store, now, between).level == "silver"
    since = till.store.head.seq - before.seq
    assert stood(till.store, now, before, look_back=since) == then
    unsaid = stood(till.store, now, before, look_back=since - 1)
    assert (unsaid.term_ends, unsaid.level) == (None, "")


def test_what_lapses_next_is_said_on_its_day_alone(till: Till) -> None:
    till.clock.wall = till.clock.wall.replace(month=11, day=20)
    before = sold(till)
    assert "12月核对" in printed(till, before)
    till.later(days=1)
    assert "12月核对" not in printed(till, before)
