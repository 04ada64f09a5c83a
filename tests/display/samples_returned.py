"""Goods that came back: the demo shop's return of 16:20, one with a claim, a void."""

from collections.abc import Mapping
from typing import Protocol

from msgspec.structs import replace

from daemon.display.facts import Copy, MemberOnPaper, ShopFacts
from daemon.display.returned import ReturnFacts, return_slip
from daemon.ledger.bodies import Body, Claim, LotPart, Returned, Taken, Tender
from daemon.ledger.bodies_value import BackLine
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Entry
from daemon.paper import Paper
from tests.display.samples_shift import HASH

AT = "2026-03-06T16:20:00.000+08:00"
MEMBER, CARD = "0018.1:3", "8800000000018"
LOT = "0018.1:412:1"

BACK = Returned(
    (BackLine(2, "ZZ-001", "保湿洁面乳", 1, 6800, 68),),
    *(6800, 0, 6800, (Tender("cash", 6800),), 1, MEMBER, CARD, 68),
)
OWED = Returned(
    (
        BackLine(1, "ZZ-004", "保湿面霜", 2, 24000, 240),
        BackLine(3, "ZZ-016", "旅行三件套", 1, 3000),
    ),
    *(27000, 3, 26997, (Tender("wechat", 6997),), 3, MEMBER, CARD, 240),
    restored=(
        Taken("stored_value", "principal", LOT, 15000, 15000),
        Taken("stored_value", "bonus", LOT, 5000, 5000),
        Taken("points", "point", LOT, 500, 500),
        Taken("coupon", "coupon:voucher", LOT, 1, 5000),
    ),
    claims=(Claim(1, "point", 68, (LotPart("point", LOT, 68),)),),
)
VOID = Returned(
    (BackLine(1, "ZZ-009", "补水面膜贴", 1, 5900),), *(5900, 0, 5900, (Tender("cash", 5900),))
)


class Made(Protocol):
    """samples.entry."""

    def __call__(
        self, body: Body, *, kind: Kind, seq: int, at: str, re: str | None = None
    ) -> Entry: ...


def documents(
    made: Made,
    shop: ShopFacts,
    tenders: Mapping[str, str],
    columns: int,
    member: MemberOnPaper,
) -> dict[str, Paper]:
    sale = "0018.1:412"
    after = replace(member, points_available=840, check=None)
    facts = ReturnFacts(HASH, "", after, tenders)
    back = made(BACK, kind=Kind.RETURN, seq=421, at=AT, re=sale)
    owed = made(OWED, kind=Kind.RETURN, seq=422, at=AT, re=sale)
    void = made(VOID, kind=Kind.SALE_VOIDED, seq=423, at=AT, re="0018.1:420")
    short = replace(facts, member=replace(after, points_available=0, points_claimed=68))
    return {
        "return": return_slip(back, facts, shop, columns),
        "return-owed": return_slip(owed, short, shop, columns),
        "void": return_slip(void, replace(facts, member=None), shop, columns, Copy.REPRINT),
    }
