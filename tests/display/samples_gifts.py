"""Gifts: the demo shop's redemption of 14:40, a coupon, one that waits, one that is fetched."""

from msgspec.structs import replace

from daemon.display.facts import Copy, MemberOnPaper, ShopFacts
from daemon.display.gifts import GiftFacts, gift_slip
from daemon.ledger.bodies import HandedOver, NewLot, PointsRedeemed
from daemon.ledger.kinds import Kind
from daemon.paper import Paper
from tests.display.samples_returned import AT, CARD, MEMBER, Made
from tests.display.samples_shift import HASH

FROM_HQ = PointsRedeemed(
    *(MEMBER, CARD, "gift1", 800, "GIFT1", 1, "保湿旅行礼盒"), promised=True, from_hq=True
)
HERE = PointsRedeemed(MEMBER, CARD, "gift2", 100, "SAMPLE1", 2, "精华液小样 2ml")
COUPON = PointsRedeemed(
    *(MEMBER, CARD, "c50", 500, "", 1),
    coupon="voucher",
    lots=(NewLot(1, "coupon:voucher", "redeemed", "2026-06-06", amount=1, value_fen=5000),),
)
FETCHED = HandedOver(MEMBER, "MAG", 1, "0018.1:420:2")


def documents(made: Made, shop: ShopFacts, columns: int, member: MemberOnPaper) -> dict[str, Paper]:
    after = replace(member, points_available=101, check=None)
    facts = GiftFacts(HASH, "", after, {"MAG": "《真子丽人风》季刊"})
    kind, sale = Kind.POINTS_REDEEMED, "0018.1:420"
    return {
        "gift-hq": gift_slip(made(FROM_HQ, kind=kind, seq=419, at=AT), facts, shop, columns),
        "gift": gift_slip(made(HERE, kind=kind, seq=424, at=AT), facts, shop, columns),
        "gift-coupon": gift_slip(made(COUPON, kind=kind, seq=425, at=AT), facts, shop, columns),
        "gift-fetched": gift_slip(
            made(FETCHED, kind=Kind.ENTITLEMENT_HANDED_OVER, seq=426, at=AT, re=sale),
            *(facts, shop, columns, Copy.REPRINT),
        ),
    }
