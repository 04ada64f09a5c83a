"""After a sale: the demo shop's exchange of 15:30, one that costs more, late points, no receipt."""

from collections.abc import Mapping

from msgspec.structs import replace

from daemon.display.exchanged import exchange_slip
from daemon.display.facts import Copy, MemberOnPaper, ShopFacts, SlipFacts
from daemon.display.late import late_slip
from daemon.display.unreferenced import unreferenced_slip
from daemon.ledger.bodies import (
    Exchange,
    Guide,
    NewLot,
    ReturnUnreferenced,
    SaleClaimed,
    SaleLine,
    Taken,
    Tender,
)
from daemon.ledger.bodies_value import BackLine
from daemon.ledger.kinds import Kind, Unit
from daemon.paper import Paper
from tests.display.samples_returned import Made
from tests.display.samples_shift import HASH

AT = "2026-03-06T15:30:00.000+08:00"
MEMBER, CARD = "0018.1:3", "8800000000018"
LOT = "0018.1:412:1"
GUIDES = (Guide("03", 10_000),)

EVEN = Exchange(
    back=(BackLine(1, "ZZ-011", "口红01正红", 1, 8900, 89),),
    back_fen=8900,
    lines=(SaleLine(1, "ZZ-012", "口红02豆沙", 1, 8900, 8900, "regular", 89),),
    list_fen=8900,
    bill_fen=8900,
    net_fen=0,
    points_net=0,
    carried=(Tender("wechat", 8900),),
    reason=5,
    member=MEMBER,
    card=CARD,
    guides=GUIDES,
)
DEARER = Exchange(
    back=(
        BackLine(1, "SOAP", "手工皂(散)", 45, 1263, 12),
        BackLine(2, "ZZ-001", "保湿洁面乳", 1, 6800, 68),
    ),
    back_fen=8063,
    lines=(
        SaleLine(1, "ZZ-004", "保湿面霜", 1, 12000, 12000, "regular", 120),
        SaleLine(2, "ZZ-016", "旅行三件套", 2, 9000, 6000, "special", 0, "mp"),
    ),
    list_fen=21000,
    bill_fen=18000,
    net_fen=9930,
    points_net=40,
    tenders=(Tender("cash", 9930, 10000, 70),),
    carried=(Tender("cash", 8063),),
    reason=4,
    member=MEMBER,
    card=CARD,
    guides=GUIDES,
    rounding_fen=7,
)
CHEAPER = Exchange(
    back=(BackLine(1, "ZZ-004", "保湿面霜", 1, 12000, 120),),
    back_fen=12000,
    lines=(SaleLine(1, "ZZ-001", "保湿洁面乳", 1, 6800, 6800, "regular", 68),),
    list_fen=6800,
    bill_fen=6800,
    net_fen=-5200,
    points_net=-52,
    tenders=(Tender("wechat", -2200),),
    carried=(Tender("wechat", 6800),),
    restored=(Taken("stored_value", Unit.PRINCIPAL, LOT, 3000, 3000),),
    reason=3,
    member=MEMBER,
    card=CARD,
)
LATE = SaleClaimed(MEMBER, CARD, 188, 0, (120, 68), (), (NewLot(1, Unit.POINT, "sale"),))
FROZEN = SaleClaimed(
    MEMBER, CARD, 120, 0, (120,), (), (NewLot(1, Unit.POINT, "sale"),), (), "late_swipes"
)
LOOSE = ReturnUnreferenced(
    (
        SaleLine(1, "ZZ-016", "旅行三件套", 2, 9000, 6000, "special"),
        SaleLine(2, "ZZ-004", "保湿面霜", 1, 12000, 12000, "regular"),
    ),
    18000,
    (Tender("cash", 18000),),
    "01",
    2,
)


def documents(
    made: Made, shop: ShopFacts, tenders: Mapping[str, str], columns: int, member: MemberOnPaper
) -> dict[str, Paper]:
    sale = "0018.1:412"
    facts = SlipFacts(HASH, "", member, tenders, weighed=frozenset({"SOAP"}))
    even = made(EVEN, kind=Kind.EXCHANGE, seq=431, at=AT, re=sale)
    dearer = made(DEARER, kind=Kind.EXCHANGE, seq=432, at=AT, re=sale)
    cheaper = made(CHEAPER, kind=Kind.EXCHANGE, seq=433, at=AT, re=sale)
    late = made(LATE, kind=Kind.SALE_CLAIMED, seq=434, at=AT, re=sale)
    frozen = made(FROZEN, kind=Kind.SALE_CLAIMED, seq=435, at=AT, re=sale)
    loose = made(LOOSE, kind=Kind.RETURN_UNREFERENCED, seq=436, at=AT)
    ice = replace(member, points_frozen=120)
    return {
        "exchange-even": exchange_slip(even, facts, shop, columns),
        "exchange-dearer": exchange_slip(dearer, facts, shop, columns),
        "exchange-cheaper": exchange_slip(cheaper, facts, shop, columns, Copy.REPRINT),
        "late-points": late_slip(late, facts, shop, columns),
        "late-points-frozen": late_slip(frozen, replace(facts, member=ice), shop, columns),
        "return-loose": unreferenced_slip(loose, replace(facts, member=None), shop, columns),
    }
