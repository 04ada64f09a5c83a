"""`/5`: what becomes of a card, and the member's own PIN."""

import pytest
from msgspec.structs import replace

from daemon.counter.pins import member_pin
from daemon.counter.screens import Idle, MemberPage, RefusalShown, Step
from daemon.ledger.bodies import CardChanged
from tests.counter.clerk import Clerk
from tests.counter.test_shift import STOLEN, WANG, body
from tests.counter.test_wallet import OwnShop
from tests.rules.shop import engine_of

MANAGER_BADGE = "2900000000018"


def allowed(clerk: Clerk) -> None:
    """The manager shows the badge and chooses a PIN, or keys the one that is chosen."""
    clerk.scans(MANAGER_BADGE)
    if clerk.sees(Step).asks == "manager_new_pin":
        clerk.keys("1234 ENTER")
    clerk.keys("1234 ENTER")


def test_a_lost_card_is_named_by_its_number_and_is_dead_here_at_once() -> None:
    clerk = Clerk()
    clerk.keys(f"/5 ..{WANG} ENTER 1")
    assert isinstance(body(clerk), CardChanged)
    assert clerk.shop.journal[-1].entry.kind == "card.lost"


def under(by: str) -> Clerk:
    return Clerk(OwnShop(under=engine_of(holds={"reasons": ["fraud"], "by": by})))


def freezes(clerk: Clerk, choice: str = "3") -> None:
    clerk.keys(f"/5 ..{WANG} ENTER {choice}")


def test_who_may_freeze_a_card_is_the_packs_to_say() -> None:
    clerk = under("hq")
    freezes(clerk)
    shown = clerk.sees(RefusalShown)
    assert (shown.code, shown.values["why"]) == ("E30", "hq_freezes")
    assert not clerk.shop.journal
    clerk = under("manager")
    freezes(clerk)
    assert not clerk.shop.journal
    allowed(clerk)
    assert clerk.shop.journal[-1].entry.kind == "card.frozen"
    clerk = under("clerk")
    freezes(clerk)
    assert clerk.shop.journal[-1].entry.kind == "card.frozen"


@pytest.mark.parametrize(("by", "may"), [("hq", False), ("manager", True), ("clerk", True)])
def test_what_headquarters_froze_no_shop_frees(by: str, *, may: bool) -> None:
    clerk = under(by)
    known = clerk.shop.members[WANG]
    frozen = replace(known, facts=replace(known.facts, status="frozen"))
    clerk.shop.members = {**clerk.shop.members, WANG: frozen}
    freezes(clerk, "4")
    if not may:
        assert clerk.sees(RefusalShown).values["why"] == "hq_freezes"
        return
    assert clerk.sees(Step).asks == "manager", "nobody frees a card alone"
    allowed(clerk)
    assert clerk.shop.journal[-1].entry.kind == "card.unfrozen"


def test_a_card_is_used_again_when_a_manager_says_so() -> None:
    clerk = Clerk()
    clerk.keys("/5")
    clerk.swipes(STOLEN)
    clerk.keys("4")
    assert clerk.sees(Step).asks == "manager"
    allowed(clerk)
    assert clerk.shop.journal[-1].entry.kind == "card.unfrozen"


def test_a_frozen_card_is_frozen_once() -> None:
    clerk = under("clerk")
    clerk.keys(f"/5 ..{STOLEN} ENTER 3")
    assert clerk.sees(RefusalShown).code == "E30"
    assert not clerk.shop.journal


def test_a_pin_is_set_by_who_has_the_card_and_holds_when_keyed_twice() -> None:
    clerk = Clerk()
    clerk.keys(f"/5 ..{WANG} ENTER 6")
    assert clerk.sees(RefusalShown).code == "E35"
    clerk.keys("CLEAR CLEAR CLEAR /5")
    clerk.swipes(WANG)
    clerk.keys("6 4711 ENTER 4712 ENTER")
    assert clerk.sees(RefusalShown).code == "E31"
    assert not clerk.shop.has_pin(member_pin(clerk.shop.members[WANG].facts.id))
    clerk.keys("4711 ENTER")
    assert isinstance(clerk.clerk, Idle)
    assert clerk.shop.has_pin(member_pin(clerk.shop.members[WANG].facts.id))
    assert "4711" not in repr(clerk.seen)


def test_headquarters_replaces_cards_where_the_pack_says_nothing() -> None:
    clerk = Clerk()
    clerk.keys(f"/5 ..{WANG} ENTER 2")
    assert clerk.sees(RefusalShown).code == "E30"


def test_a_stranger_has_no_card_here() -> None:
    clerk = Clerk()
    clerk.keys("/5 13911112222 ENTER")
    assert clerk.sees(RefusalShown).code == "E23"


def test_a_card_that_was_replaced_opens_nothing_any_more() -> None:
    clerk, new = Clerk(), "8800000001015"
    known = clerk.shop.members[WANG]
    moved = replace(known, facts=replace(known.facts, card=new))
    clerk.shop.members |= {WANG: moved, new: moved}
    clerk.swipes(WANG)
    assert clerk.sees(RefusalShown).code == "E04"
    clerk.keys("CLEAR CLEAR /5")
    clerk.swipes(WANG)
    clerk.keys("6")
    assert clerk.sees(RefusalShown).code == "E04"
    clerk.keys("CLEAR CLEAR CLEAR")
    clerk.swipes(new)
    assert isinstance(clerk.clerk, MemberPage)


def test_who_found_a_lost_card_sets_no_pin() -> None:
    clerk = Clerk()
    clerk.keys("/5")
    clerk.swipes(STOLEN)
    clerk.keys("6")
    assert clerk.sees(RefusalShown).code in ("E03", "E04")
