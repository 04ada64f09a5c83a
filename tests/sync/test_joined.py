"""What a person has once: pending until headquarters confirms it, or given at the pack's risk."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from daemon.counter.entries import Joining, Stamp, enrolment_draft
from daemon.ledger import accounts
from daemon.ledger.bodies import Moved, Tender
from daemon.ledger.codec import decode
from daemon.ledger.kinds import Kind
from daemon.ledger.machine import BY_BOX
from daemon.ledger.profiles import Person, lock_profile
from daemon.ledger.views import Durable
from daemon.rules.tenders import Paid
from daemon.rules.types import EnrolmentOffer
from tests.ledger.shop import spend
from tests.rules.shop import ZHENZI, engine_of
from tests.sync.shops import Shops
from tests.sync.world import Box

COUPON = {"id": "c10", "gives": "amount", "value_fen": 1000}
PHONE = "13900000001"


@pytest.fixture
def shops(tmp_path: Path) -> Shops:
    return Shops(tmp_path)


def offer(offline: str, box: Box) -> EnrolmentOffer:
    rewards = [
        {"id": "join", "points": 100, "once_per": "person", "offline": offline},
        {"id": "tea", "coupon": {"kind": "c10", "value_fen": 1000}, "offline": offline},
    ]
    enrol = {**json.loads(ZHENZI)["enrol"], "rewards": rewards}
    engine = engine_of(coupons=[COUPON], enrol=enrol)
    at = datetime.fromisoformat(box.ledger.at().wall)
    found = engine.offer("fee", counted=None, at=at)
    assert isinstance(found, EnrolmentOffer), found
    return found


def joins(shops: Shops, box: Box, card: str, *, phone: str = PHONE, offline: str) -> str:
    ledger, key = box.ledger, bytes([int(card) % 251]) * 32
    profile = lock_profile(Person(phone=phone), card=card, key=key, nonce=bytes(24))
    ledger.local.put_member_key(card, key=key, phone_digest=None)
    joining = Joining(card, offer(offline, box), profile, marketing=False)
    stamp = Stamp(f"join{card}", ledger.at(), BY_BOX, None, ())
    draft = enrolment_draft(
        joining, Paid((Tender("cash", 4800),), 0, 4800), stamp, in_stock=lambda sku: 9, serial=False
    )
    outcome = ledger.commit(draft)
    assert isinstance(outcome, Durable), outcome
    box.courier.wake()
    return f"{ledger.chain}:{outcome.entry.seq}"


def purse(box: Box, account: str, unit: str = "point") -> int:
    return sum(lot.amount for lot in box.ledger.books.lots(account, unit))


def answers(box: Box) -> list[tuple[Kind, Moved]]:
    entries = [decode(one.data) for one in box.ledger.entries]
    kinds = (Kind.GRANT_CONFIRMED, Kind.GRANT_VOIDED)
    return [(one.kind, one.body) for one in entries if one.kind in kinds]  # type: ignore[misc]


def test_a_pending_bonus_cannot_be_spent_before_headquarters_has_confirmed_it(
    shops: Shops,
) -> None:
    shops.home.disconnect()
    member = joins(shops, shops.home, "8800000001015", offline="pending")
    waiting, own = accounts.pending(member), accounts.points(member)
    assert (purse(shops.home, waiting), purse(shops.home, own)) == (100, 0)
    assert purse(shops.home, waiting, "coupon:c10") == 1
    (lot,) = shops.home.ledger.books.lots(waiting, "point")
    refused = shops.home.ledger.commit(spend("early", lot.lot, 1, member=member))
    assert not isinstance(refused, Durable)
    shops.home.connect()
    shops.run(80)
    assert (purse(shops.home, waiting), purse(shops.home, own)) == (0, 100)
    assert purse(shops.home, accounts.coupons(member), "coupon:c10") == 1
    assert isinstance(shops.home.ledger.commit(spend("now", lot.lot, 1, member=member)), Durable)


@pytest.mark.parametrize("card", ["8800000001016", "8800000001015"], ids=["phone", "card"])
def test_who_joined_in_another_shop_before_gets_it_once(shops: Shops, card: str) -> None:
    first = joins(shops, shops.home, "8800000001015", offline="pending")
    shops.run(80)
    phone = PHONE if card.endswith("6") else "13900000002"
    again = joins(shops, shops.other, card, phone=phone, offline="pending")
    shops.run(80)
    assert purse(shops.home, accounts.points(first)) == 100
    assert purse(shops.other, accounts.points(again)) == 0
    assert purse(shops.other, accounts.pending(again)) == 0, "voided"
    said = answers(shops.other)
    assert {kind for kind, _ in said} == {Kind.GRANT_VOIDED} and len(said) == 2
    assert all(first in body.reason and not body.claims for _, body in said)


def test_at_the_packs_risk_it_is_there_at_once_and_what_is_spent_is_owed(shops: Shops) -> None:
    joins(shops, shops.home, "8800000001015", offline="accept_risk")
    shops.run(80)
    assert answers(shops.home) == [], "nobody asks anything of who joined once"
    shops.other.disconnect()
    again = joins(shops, shops.other, "8800000001016", offline="accept_risk")
    own = accounts.points(again)
    assert purse(shops.other, own) == 100
    assert purse(shops.other, accounts.drawn(again), "right:join:once") == 1, "the risk is said"
    (lot,) = shops.other.ledger.books.lots(own, "point")
    assert isinstance(
        shops.other.ledger.commit(spend("at once", lot.lot, 70, member=again)), Durable
    )
    shops.other.connect()
    shops.run(120)
    assert purse(shops.other, own) == 0
    (voided,) = [body for _, body in answers(shops.other) if body.unit == "point"]
    assert voided.amount == 30
    assert [(one.unit, one.amount) for one in voided.claims] == [("point", 70)]


def test_two_people_are_two(shops: Shops) -> None:
    joins(shops, shops.home, "8800000001015", offline="pending")
    other = joins(shops, shops.other, "8800000001016", phone="13900000002", offline="pending")
    shops.run(120)
    assert purse(shops.other, accounts.points(other)) == 100
