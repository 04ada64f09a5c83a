"""Papers of stored value: the demo shop's top-up of 11:20, one with everything, a reversal."""

from collections.abc import Mapping

from msgspec.structs import replace

from daemon.display.facts import Copy, MemberOnPaper, ShopFacts
from daemon.display.topup import TopUpFacts, Whose, topup_slip
from daemon.ledger.bodies import NewLot, Tender, TopUp, TopUpVoided
from daemon.ledger.kinds import Kind
from daemon.paper import Paper
from tests.display.samples_shift import HASH, Made

WECHAT, CASH = (Tender("wechat", 30000),), (Tender("cash", 100000, 100000),)
PLAIN = TopUp(
    *("0018.1:3", "8800000000018", 30000, WECHAT, "ZZ-CZ-2026-01", True),
    points=100,
    identity="recorded",
)
FULL = TopUp(
    *("0018.1:3", "8800000000018", 100000, CASH, "ZZ-CZ-2026-01", True),
    bonus_fen=20000,
    identity="missing",
    lots=(NewLot(3, "coupon:voucher", "topup", amount=1, value_fen=5000),),
)
GONE = TopUpVoided("0018.1:3", 30000, 0, WECHAT, 100)


def documents(
    made: Made,
    shop: ShopFacts,
    tenders: Mapping[str, str],
    columns: int,
    member: MemberOnPaper,
) -> dict[str, Paper]:
    at = "2026-03-06T11:20:00.000+08:00"
    after = replace(member, points_available=908, principal_fen=30000, check=None)
    facts = TopUpFacts(HASH, "", after, tenders)
    full = replace(facts, member=replace(after, principal_fen=100000, bonus_fen=20000))
    back = replace(facts, member=replace(member, check=None))
    bought = made(PLAIN, kind=Kind.TOPUP, seq=413, at=at)
    large = made(FULL, kind=Kind.TOPUP, seq=414, at=at)
    gone = made(GONE, kind=Kind.TOPUP_VOIDED, seq=415, at=at)
    return {
        "topup": topup_slip(bought, facts, shop, columns),
        "topup-shop": topup_slip(bought, facts, shop, columns, whose=Whose.SHOP),
        "topup-full": topup_slip(large, full, shop, columns),
        "topup-voided": topup_slip(gone, back, shop, columns, Copy.REPRINT),
    }
