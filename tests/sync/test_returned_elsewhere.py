"""Goods of another shop come back here; what value and points had paid goes back to their lots."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.ledger import accounts
from daemon.ledger.acts import returning, selling
from daemon.ledger.acts.bill import bill_of
from daemon.ledger.acts.moves import Member, Refusal, Stamp
from daemon.ledger.bodies import SaleLine, Tender, ValueRestored
from daemon.ledger.codec import decode
from daemon.ledger.ids import id_of
from daemon.ledger.machine import BY_BOX
from daemon.ledger.records import Draft, Entry
from daemon.ledger.views import Durable
from daemon.wanted import Wanted, What
from hq.writeoff import write_off
from tests.sync.shops import CARD, Shops
from tests.sync.world import Box

POINTS, LINES = 50, 2


@pytest.fixture
def shops(tmp_path: Path) -> Shops:
    return Shops(tmp_path)


def stamp(box: Box, name: str) -> Stamp:
    at = box.ledger.at()
    return Stamp("till", name, at, BY_BOX, None, box.ledger.clock.read().wall)


def buyer(box: Box, member: str) -> Member:
    purses = ((accounts.points(member), "point"), (accounts.claim(member), "claim:point"))
    lots = tuple(lot for one in purses for lot in box.ledger.books.lots(*one))
    return Member(member, CARD, "active", "registered", lots)


def done(box: Box, draft: Draft | Refusal) -> Entry:
    assert isinstance(draft, Draft), draft
    outcome = box.ledger.commit(draft)
    assert isinstance(outcome, Durable), outcome
    box.courier.wake()
    return outcome.entry


def sold(shops: Shops) -> Entry:
    """A sale in the home shop that points pay in part, brought to the other shop."""
    home, member = shops.home, shops.member(CARD)
    lines = tuple(SaleLine(n, "TOY", "Toy", 1, 1000, 1000, "regular") for n in range(1, LINES + 1))
    request = selling.SaleRequest(
        id="s1",
        lines=lines,
        tenders=(Tender("cash", 1500),),
        member=member,
        points_used=POINTS,
        points_worth_fen=500,
    )
    entry = done(
        home, selling.sell(request, buyer(home, member), home.ledger.books.held, stamp(home, "s1"))
    )
    shops.run(60)
    shops.ask(shops.other, Wanted(What.SALE, sale=id_of(entry)))
    return entry


def taken_back(shops: Shops, sale: Entry, *lines: int) -> Entry:
    """The other shop takes lines back, as the counter does with a bill that was told."""
    bill = bill_of(sale)
    assert bill is not None
    bill = replace(bill, by="0001.1")
    other = shops.other
    asked = tuple(returning.BackAsked(n, 1) for n in lines)
    name = f"r{lines[0]}"
    request = returning.ReturnRequest(id=name, sale=bill.entry, lines=asked)
    held, who = other.ledger.books.held, buyer(other, bill.member)
    return done(other, returning.give_back(request, bill, who, held, stamp(other, name)))


def test_points_that_paid_elsewhere_go_back_to_their_lots_there_once(shops: Shops) -> None:
    before = shops.points(shops.home, shops.member(CARD))
    sale = sold(shops)
    assert shops.points(shops.home, shops.member(CARD)) == before - POINTS
    first = taken_back(shops, sale, 1)
    assert shops.points(shops.home, shops.member(CARD)) == before - POINTS, "not before HQ knows"
    shops.run(80)
    assert shops.points(shops.home, shops.member(CARD)) == before - POINTS // 2
    taken_back(shops, sale, 2)
    shops.run(80)
    shops.world.crash_box(shops.home)
    shops.home.connect()
    shops.run(80)
    assert shops.points(shops.home, shops.member(CARD)) == before, "in parts as at once"
    bodies = [decode(one.data) for one in shops.home.ledger.entries]
    restored = [one.body for one in bodies if isinstance(one.body, ValueRestored)]
    assert restored[0].back == id_of(first) and len(restored) == LINES
    assert sum(part.worth_fen for one in restored for part in one.restored) == 500
    cash = [
        posting.amount
        for one in shops.other.ledger.entries
        for posting in decode(one.data).postings
        if posting.account == accounts.CASH_DRAWER
    ]
    assert sum(cash) == -1500, "the money was paid out here"
    assert shops.in_all(CARD) == before


def test_what_a_lost_chain_had_spent_is_a_case_for_a_person(shops: Shops) -> None:
    sale = sold(shops)
    db = shops.world.office.db
    with shops.world.office.transaction():
        db.execute("UPDATE chain SET closed = 'now' WHERE box = '0001'")
    taken_back(shops, sale, 1)
    shops.run(60)
    cases = db.execute("SELECT what FROM work WHERE kind = 'restore'").fetchall()
    assert len(cases) == 1 and "by hand" in cases[0][0]


def test_what_was_spent_is_no_part_of_what_a_lost_chain_costs(shops: Shops) -> None:
    sold(shops)
    lost, db = shops.home.ledger.chain, shops.world.office.db
    held = "SELECT sum(amount) FROM balance WHERE holder = ? AND unit = 'point' AND account LIKE ?"
    (points,) = db.execute(held, (str(lost), "points:%")).fetchone()
    assert db.execute(held, (str(lost), "spent:%")).fetchone() == (POINTS,)
    assert write_off(shops.world.office, lost).holding["point"] == points
    assert db.execute(held, ("hq", accounts.LOSS_CHAIN)).fetchone() == (-points,)
    assert db.execute(held, ("hq", "spent:%")).fetchone() == (None,), "granted to nobody"
