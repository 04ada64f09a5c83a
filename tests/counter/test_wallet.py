"""What a member pays with of his own at the total: stored value, points, coupons; and who he is."""

import json
from dataclasses import dataclass, field

from daemon.counter.effects import Audience, CommitRefused
from daemon.counter.screens import BasketShown, Done, RefusalShown, Step, TotalShown
from daemon.display.blocks import invoiceable_fen
from daemon.display.refusals import MISSING, refusal_text
from daemon.ledger import accounts
from daemon.ledger.bodies import PriceOverridden, Sale, Tender
from daemon.ledger.kinds import Unit, coupon_unit
from daemon.ledger.records import PackRef
from daemon.ledger.views import Problem
from daemon.rules.engine import Engine
from tests.counter.clerk import Clerk
from tests.counter.demo import LOT, DemoShop, rules
from tests.counter.test_day import CLEANSER, CREAM
from tests.rules.shop import ZHENZI, engine_of

MASK = "6901234100099"
M1, M4 = "8800000000018", "8800000000049"
PHONE_M4 = "13800000004"


@dataclass
class OwnShop(DemoShop):
    """The demo shop under a pack of the test's own."""

    under: Engine = field(default_factory=rules)
    olden: tuple[Engine, ...] = ()  # packs that applied before

    def engine_of(self, ref: PackRef | None) -> Engine | None:
        return next((one for one in (self.under, *self.olden) if one.ref == ref), None)

    def engine(self) -> Engine:
        return self.under


def counter(**sections: object) -> Clerk:
    return Clerk(OwnShop(under=engine_of(**sections)))


def sale_of(clerk: Clerk) -> Sale:
    body = clerk.shop.journal[-1].entry.body
    assert isinstance(body, Sale)
    return body


OFFSETS = [{"id": "offset", "block": 100, "value_fen": 1000}]


def test_stored_value_pays_and_keeps_the_list_price_of_what_it_paid_for() -> None:
    clerk = Clerk()
    clerk.swipes(M4)
    clerk.scans(CREAM, MASK)  # 120 and, for a member, 39 in place of 49
    clerk.keys("ENTER *3")
    assert clerk.sees(Done).pay_fen == 15900
    sale = sale_of(clerk)
    assert sale.tenders == (Tender("stored_value", 15900),)
    assert [(one.unit, one.amount, one.worth_fen, one.list_fen) for one in sale.spent] == [
        ("principal", 15900, 15900, 16900)
    ]
    assert clerk.shop.held(accounts.principal("M4")) == 50000 - 15900
    assert clerk.shop.held(accounts.OWED_VALUE) == 15900
    assert sale.points == 120  # principal earns, on goods at full price


def test_what_stored_value_lacks_is_told_and_another_tender_pays_it() -> None:
    clerk = Clerk()
    clerk.swipes("8800000000070")  # 88.50 there; the term has ended, value is spent all the same
    clerk.keys("CLEAR")
    clerk.scans(CREAM)
    clerk.keys("ENTER 100*3")
    assert clerk.clerk == RefusalShown("E07", {"x": "88.50", "y": "11.50"})
    assert clerk.customer == RefusalShown("E07", {"y": "11.50"})
    clerk.keys("*3")
    assert clerk.clerk == RefusalShown("E07", {"x": "88.50", "y": "31.50"})
    clerk.keys("CLEAR 50 ENTER")
    assert clerk.sees(Done).change_fen == 1850
    assert [(one.code, one.amount_fen) for one in sale_of(clerk).tenders] == [
        ("cash", 3150),
        ("stored_value", 8850),
    ]


def test_a_tender_taken_back_is_not_spent() -> None:
    clerk = Clerk()
    clerk.swipes(M4)
    clerk.scans(CREAM)
    clerk.keys("ENTER 20*3 - ENTER")
    assert sale_of(clerk).spent == ()
    assert clerk.shop.held(accounts.principal("M4")) == 50000


def test_principal_and_bonus_pay_in_the_order_of_the_pack() -> None:
    stored = dict(rules_section("stored_value"), spend_order="bonus_first")
    clerk = counter(stored_value=stored)
    clerk.shop.balance[accounts.bonus("M4"), Unit.BONUS, LOT] = 5000
    clerk.swipes(M4)
    clerk.scans(CREAM)
    clerk.keys("ENTER *3")
    sale = sale_of(clerk)
    assert {one.unit: one.amount for one in sale.spent} == {"bonus": 5000, "principal": 7000}
    assert sale.points == 70  # bonus earns nothing
    assert clerk.shop.held(accounts.REBATE_BONUS) == 5000


def test_points_pay_in_whole_blocks() -> None:
    clerk = counter(offsets=OFFSETS)
    clerk.swipes(M1)
    clerk.scans(CREAM)
    clerk.keys("ENTER *4")
    assert clerk.sees(TotalShown).due_fen == 6000  # 620 points: six blocks
    clerk.keys("ENTER")
    sale = sale_of(clerk)
    assert [(one.unit, one.amount, one.worth_fen) for one in sale.spent] == [("point", 600, 6000)]
    assert (sale.points, sale.pay_fen) == (60, 12000)  # what points paid earns nothing
    assert clerk.shop.points("M1") == 20 + 60


def test_so_many_yuan_of_points_and_too_many() -> None:
    clerk = counter(offsets=OFFSETS)
    clerk.swipes(M1)
    clerk.scans(CREAM)
    clerk.keys("ENTER 25*4")
    assert clerk.sees(TotalShown).due_fen == 10000
    clerk.keys("-")
    clerk.keys("70*4")
    assert clerk.clerk == RefusalShown("E08", {"x": "700", "y": "620"})
    clerk.shop.alone = True  # headquarters does not answer: more may lie elsewhere
    clerk.keys("CLEAR 70*4")
    assert clerk.clerk == RefusalShown("E09", {"x": "620"})
    assert clerk.customer == RefusalShown("E09", {"x": "620"})
    clerk.keys("CLEAR 5*4")
    assert clerk.clerk == RefusalShown("E22", {})


def test_points_are_no_money_under_a_pack_that_does_not_say_so() -> None:
    clerk = Clerk()
    clerk.swipes(M1)
    clerk.scans(CREAM)
    clerk.keys("ENTER *4")
    assert clerk.sees(RefusalShown).code == "E30"


def test_a_coupon_is_chosen_from_the_members_own() -> None:
    clerk = counter(coupons=[{"id": "ten", "gives": "amount", "value_fen": 1000}])
    clerk.shop.balance[accounts.coupons("M1"), coupon_unit("ten"), LOT] = 1
    clerk.swipes(M1)
    clerk.scans(CREAM)
    clerk.keys("ENTER +")
    assert [row.text for row in clerk.sees(Step).rows] == ["ten"]
    clerk.keys("1 ENTER")
    assert clerk.sees(TotalShown).due_fen == 11000
    clerk.keys("ENTER")
    sale = sale_of(clerk)
    assert [(one.unit, one.lot, one.worth_fen) for one in sale.spent] == [("coupon:ten", LOT, 1000)]
    assert clerk.shop.held(accounts.coupons("M1")) == 0
    clerk.keys("CLEAR")
    clerk.swipes(M1)
    clerk.scans(CREAM)
    clerk.keys("ENTER +")
    assert clerk.clerk == RefusalShown("E33", {})


def test_an_offer_that_the_pack_leaves_to_the_member_is_chosen_and_given_up() -> None:
    prices = [{"id": "half", "group": "pick", "who": "member", "basis_points": 5000}]
    clerk = counter(groups={"pick": "choice", "spend": "best"}, prices=prices)
    clerk.swipes(M1)
    clerk.scans(CREAM)
    clerk.keys("ENTER +")
    assert [(row.text, row.fen) for row in clerk.sees(Step).rows] == [("half", -6000)]
    clerk.keys("1 ENTER")
    assert clerk.sees(TotalShown).due_fen == 6000
    clerk.keys("+ 1 ENTER")
    assert clerk.sees(TotalShown).due_fen == 12000
    clerk.keys("+ 1 ENTER 60 ENTER")
    assert sale_of(clerk).bill_fen == 6000


def test_who_was_found_by_phone_proves_himself_before_he_spends() -> None:
    clerk = Clerk()
    clerk.keys(f"{PHONE_M4} ENTER")
    clerk.scans(CREAM)
    clerk.keys("ENTER *3")
    assert clerk.clerk == RefusalShown("E35", {})  # no PIN: the card
    clerk.keys("CLEAR")
    clerk.shop.pins["member:M4"] = "4711"
    clerk.keys("*3")
    assert clerk.sees(Step).asks == "pin"
    assert clerk.customer == RefusalShown("E20", {})
    clerk.keys("1 2 3 4 ENTER")
    assert clerk.sees(RefusalShown).code == "E31"
    clerk.keys("4 7 1 1")
    assert clerk.sees(Step).typed == "****"
    clerk.keys("ENTER")
    assert clerk.sees(Done).pay_fen == 12000
    assert sale_of(clerk).tenders == (Tender("stored_value", 12000),)


def test_the_card_proves_as_well_and_money_taken_stays_taken() -> None:
    clerk = Clerk()
    clerk.shop.pins["member:M4"] = "4711"
    clerk.keys(f"{PHONE_M4} ENTER")
    clerk.scans(CREAM)
    clerk.keys("ENTER 50 ENTER *3")
    clerk.swipes(M1)
    assert clerk.clerk == RefusalShown("E35", {})  # somebody else's
    clerk.keys("CLEAR CLEAR")
    clerk = Clerk()
    clerk.shop.pins["member:M4"] = "4711"
    clerk.keys(f"..{M4} ENTER")
    clerk.scans(CREAM)
    clerk.keys("ENTER 50 ENTER *3")
    assert clerk.sees(Step).asks == "pin"
    clerk.waits(300_000)
    assert clerk.sees(TotalShown).paid_fen == 5000
    clerk.keys("*3")
    clerk.swipes(M4)
    assert [(one.code, one.amount_fen) for one in sale_of(clerk).tenders] == [
        ("cash", 5000),
        ("stored_value", 7000),
    ]


def test_a_limit_holds_over_several_receipts_and_a_part_that_comes_back_is_free_again() -> None:
    clerk = Clerk()
    for qty, bill in ((4, 4 * 3900), (3, 3900 + 2 * 4900)):
        clerk.swipes(M1)
        clerk.keys(f"{qty}*")
        clerk.scans(MASK)
        if qty == 3:
            assert "E13" in [notice.code for notice in clerk.sees(BasketShown).notices]
        clerk.keys("ENTER *2")
        assert sale_of(clerk).bill_fen == bill
    clerk.swipes(M4)  # of a card: another member has his own five
    clerk.scans(MASK)
    clerk.keys("ENTER *2")
    assert sale_of(clerk).bill_fen == 3900


def rules_section(name: str) -> dict[str, object]:
    section: dict[str, object] = json.loads(ZHENZI)[name]
    return section


def test_points_beyond_a_guard_lie_frozen_for_headquarters() -> None:
    clerk = counter(guard={"earning_sales_per_day": 1})
    for frozen in ("", "sales_per_day"):
        clerk.swipes(M1)
        clerk.scans(CLEANSER)
        clerk.keys("ENTER *2")
        assert (sale_of(clerk).points, sale_of(clerk).frozen) == (68, frozen)
    assert clerk.shop.points("M1") == 620 + 68
    assert clerk.shop.held(accounts.frozen("M1")) == 68


MANUAL = [{"id": "boss", "role": "manager", "max_off": 3000, "reasons": ["damaged", "regular"]}]


def test_a_price_is_set_by_hand_with_a_reason_and_a_second_person() -> None:
    clerk = counter(manual=MANUAL)
    clerk.scans(CREAM, CLEANSER)
    clerk.keys("+")
    assert [row.fen for row in clerk.sees(Step).rows] == [12000, 6800]
    clerk.keys("1 ENTER 50 ENTER 1 ENTER")  # more than 30% off
    assert clerk.sees(RefusalShown).code == "E30"
    clerk.keys("CLEAR 100 ENTER 1 ENTER 02 ENTER")
    assert clerk.sees(RefusalShown).code == "E16"  # the clerk is no second person
    clerk.keys("CLEAR 01 ENTER 1234 ENTER")
    assert [line.paid_fen for line in clerk.sees(BasketShown).quote.lines] == [10000, 6800]
    noted = clerk.shop.journal[-1].entry.body  # also if nothing is sold now
    assert isinstance(noted, PriceOverridden)
    assert (noted.list_fen, noted.fen, noted.qty) == (12000, 10000, 1)
    assert (noted.reason, noted.staff, noted.role) == ("damaged", "01", "manager")
    clerk.keys("ENTER ENTER")
    (first, _) = sale_of(clerk).lines
    assert (first.list_fen, first.paid_fen) == (12000, 10000)
    assert first.by_hand is not None
    assert (first.by_hand.fen, first.by_hand.reason, first.by_hand.staff) == (
        *(10000, "damaged"),
        "01",
    )


def test_a_price_by_hand_waits_until_it_is_written_that_it_was_allowed() -> None:
    clerk = counter(manual=MANUAL)
    clerk.scans(CREAM)
    clerk.auto = False
    clerk.keys("+ 100 ENTER 1 ENTER 01 ENTER 1234 ENTER")
    assert clerk.pending is not None
    clerk.keys("ENTER CLEAR 1")  # nothing is heard meanwhile
    clerk.pending = None
    clerk.does(CommitRefused((Problem("the disk is full"),)))
    assert clerk.sees(RefusalShown).code == "E18"
    assert clerk.shop.journal == []
    clerk.keys("CLEAR 1234 ENTER")  # the disk has room again
    clerk.durable()
    assert clerk.sees(BasketShown).quote.bill_fen == 10000
    assert len(clerk.shop.journal) == 1


def test_the_price_it_has_is_no_new_price() -> None:
    clerk = counter(manual=MANUAL)
    clerk.scans(CREAM)
    clerk.keys("+ 120 ENTER 1 ENTER")
    assert clerk.sees(RefusalShown).code == "E22"


def test_nobody_sets_a_price_where_the_pack_lets_nobody() -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys("+")
    assert clerk.sees(RefusalShown).code == "E30"


def test_much_value_wants_the_pin_with_the_card_in_hand() -> None:
    clerk = counter(guard={"pin_above_fen": 10000})
    clerk.swipes(M4)
    clerk.scans(CREAM)
    clerk.keys("ENTER *3")
    assert clerk.clerk == RefusalShown("E20", {})  # none is set
    clerk.shop.pins["member:M4"] = "4711"
    clerk.keys("CLEAR 100*3")
    assert clerk.sees(TotalShown).due_fen == 2000
    clerk.keys("*3")
    assert clerk.sees(Step).asks == "pin"
    clerk.keys("4711 ENTER")
    assert clerk.shop.held(accounts.principal("M4")) == 50000 - 12000


def test_1900_stored_value_of_the_morning_pays_an_essence_and_earns() -> None:
    """The demo shop's evening: 300 were topped up at 11:20, and 168 are spent of them."""
    clerk = Clerk()
    clerk.shop.balance[accounts.principal("M1"), Unit.PRINCIPAL, LOT] = 30000
    clerk.swipes(M1)
    clerk.keys("5 ENTER ENTER *3")
    sale = sale_of(clerk)
    assert (sale.points, sale.tenders) == (168, (Tender("stored_value", 16800),))
    assert clerk.shop.held(accounts.principal("M1")) == 13200
    assert invoiceable_fen(sale.tenders) == 0


def test_who_spends_points_after_his_term_is_told_when_it_ended() -> None:
    clerk = counter(offsets=[{"id": "off", "block": 100, "value_fen": 1000}])
    clerk.scans(CREAM)
    clerk.swipes("8800000000070")
    clerk.keys("ENTER *4")
    shown = clerk.sees(RefusalShown)
    assert shown.code == "E05"
    assert MISSING not in refusal_text(shown, Audience.CLERK, "zh_CN")
