"""Slips about members: renewals, refunds of stored value, card service, points passed on."""

from collections.abc import Mapping
from datetime import date

from msgspec.structs import replace

from daemon.display.cards import card_slip
from daemon.display.facts import Copy, MemberOnPaper, ShopFacts, SlipFacts
from daemon.display.passed import passed_slip
from daemon.display.refunded import refund_slip
from daemon.display.renewal import renewal_slip
from daemon.ledger.bodies import (
    CardChanged,
    CardReplaced,
    Guide,
    LotPart,
    MemberRenewed,
    NewLot,
    PointsTransferred,
    Tender,
    ValueRefunded,
    Welcome,
)
from daemon.ledger.kinds import Kind, Unit, coupon_unit
from daemon.paper import Paper
from tests.display.samples_returned import Made
from tests.display.samples_shift import HASH

AT = "2026-04-20T16:20:00.000+08:00"
MEMBER, CARD, NEW = "0018.1:3", "8800000000018", "8800000001022"
LIN = MemberOnPaper(shown="林*", tail="0025", points_available=1012)
NAMES: Mapping[str, str] = {"MAG": "《真子丽人风》季刊", "BOOK": "会员手册"}

BY_FEE = MemberRenewed(
    member=MEMBER,
    card=CARD,
    channel="fee",
    term_from="2026-05-05T00:00:00+08:00",
    term_ends="2027-05-05T00:00:00+08:00",
    fee_fen=4800,
    tenders=(Tender("cash", 4800, 5000, 200),),
    guides=(Guide("02", 10_000),),
)
BY_PURCHASE = MemberRenewed(
    member=MEMBER,
    card=CARD,
    channel="purchase",
    term_from="2025-12-10T00:00:00+08:00",
    term_ends="2027-04-20T16:20:00+08:00",
    points=50,
    welcome=(Welcome("MAG", 1), Welcome("BOOK", 1, owed=True)),
    lots=(
        NewLot(1, Unit.POINT, "renewal", amount=50),
        NewLot(2, coupon_unit("voucher"), "renewal", amount=1, value_fen=1000),
    ),
)
YOUNG = ValueRefunded(
    member=MEMBER,
    basis="seven_days",
    paid_fen=30000,
    bonus_fen=0,
    used_fen=0,
    used_list_fen=0,
    own_wish_fen=30000,
    not_own_wish_fen=30000,
    refund_fen=30000,
    tenders=(Tender("wechat", 30000),),
    principal_fen=30000,
    bonus_voided_fen=0,
    manager="01",
)
USED = ValueRefunded(  # the worked case of the law: 3000 and 1000, goods of 3594
    member=MEMBER,
    basis="not_own_wish",
    paid_fen=300000,
    bonus_fen=100000,
    used_fen=359400,
    used_list_fen=359400,
    own_wish_fen=0,
    not_own_wish_fen=30450,
    refund_fen=30450,
    tenders=(Tender("cash", 30450),),
    principal_fen=30450,
    bonus_voided_fen=10150,
    manager="01",
)
PASSED = PointsTransferred(
    MEMBER, "0018.1:5", Unit.POINT, 200, (LotPart(Unit.POINT, "hq.1:1:1", 200),), manager="01"
)


def documents(
    made: Made, shop: ShopFacts, tenders: Mapping[str, str], columns: int, member: MemberOnPaper
) -> dict[str, Paper]:
    again = replace(member, term_ends=date(2027, 5, 5), check=None)
    facts = SlipFacts(HASH, "", again, tenders, NAMES)
    value = replace(facts, member=replace(again, principal_fen=0))
    fee = made(BY_FEE, kind=Kind.MEMBER_RENEWED, seq=441, at=AT)
    bought = made(BY_PURCHASE, kind=Kind.MEMBER_RENEWED, seq=442, at=AT, re="0018.1:440")
    young = made(YOUNG, kind=Kind.VALUE_REFUNDED, seq=443, at=AT, re="0018.1:413")
    used = made(USED, kind=Kind.VALUE_REFUNDED, seq=444, at=AT, re="0018.1:413")
    lost = made(CardChanged(CARD, MEMBER), kind=Kind.CARD_LOST, seq=445, at=AT)
    replaced = made(
        CardReplaced(NEW, MEMBER, CARD, "CARD", fee_fen=1000, tenders=(Tender("wechat", 1000),)),
        kind=Kind.CARD_REPLACED,
        seq=446,
        at=AT,
    )
    changed = [
        made(CardChanged(CARD, MEMBER), kind=kind, seq=seq, at=AT)
        for seq, kind in ((448, Kind.CARD_FROZEN), (449, Kind.CARD_UNFROZEN))
    ]
    passed = made(PASSED, kind=Kind.POINTS_TRANSFERRED, seq=447, at=AT)
    return {
        "renewal-fee": renewal_slip(fee, facts, shop, columns),
        "renewal-purchase": renewal_slip(bought, facts, shop, columns),
        "refund-young": refund_slip(young, value, shop, columns),
        "refund-used": refund_slip(used, value, shop, columns),
        "card-lost": card_slip(lost, facts, shop, columns),
        "card-frozen": card_slip(changed[0], facts, shop, columns),
        "card-unfrozen": card_slip(changed[1], facts, shop, columns),
        "card-replaced": card_slip(replaced, facts, shop, columns, Copy.REPRINT),
        "points-passed": passed_slip(passed, replace(facts, other=LIN), shop, columns),
    }
