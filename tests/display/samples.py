"""Entries by hand, of the demo shop's day, and what the books would say beside them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone

from msgspec.structs import replace

from daemon.clock import ClockState
from daemon.display.enrolment import enrolment_slip
from daemon.display.facts import (
    Copy,
    EnrolmentFacts,
    InquiryFacts,
    Lapsing,
    MemberOnPaper,
    SaleFacts,
    ShopFacts,
    YearCheck,
)
from daemon.display.inquiry import inquiry_slip
from daemon.display.receipt import sale_receipt
from daemon.ledger.bodies import (
    Applied,
    Body,
    Consent,
    Guide,
    MemberEnrolled,
    NewLot,
    Profile,
    Sale,
    SaleLine,
    Taken,
    Tender,
    Welcome,
)
from daemon.ledger.kinds import Kind
from daemon.ledger.records import ZERO_HASH, At, By, Entry, PackRef
from daemon.paper import Paper
from tests.display import (
    samples_aftersales,
    samples_asked,
    samples_gifts,
    samples_members,
    samples_reports,
    samples_returned,
    samples_service,
    samples_shift,
    samples_stock,
    samples_topup,
)

SHANGHAI = timezone(timedelta(hours=8))
HASH = "9f3a1c" + "5d" * 29
# As long as a signed receipt code is: chain, number, amounts, hash and an Ed25519 signature.
QR = "MB1.0018.1.412.22790.188." + "nzocXS0tXS0tXS0tXS0tXQ." + "k7Qz" * 21 + "AA"
LANGUAGES = ("zh_CN", "en")
COLUMNS = (32, 42, 48)

TENDERS: Mapping[str, Mapping[str, str]] = {
    "zh_CN": {
        "cash": "现金",
        "wechat": "微信",
        "bank": "银行卡",
        "stored_value": "储值卡",
        "points": "积分抵现",
        "coupon": "优惠券",
    },
    "en": {
        "cash": "Cash",
        "wechat": "WeChat",
        "bank": "Bank card",
        "stored_value": "Stored value",
        "points": "Points as money",
        "coupon": "Coupon",
    },
}
NAMES = {"CREAM": "嫩白隔离霜", "MAG": "《真子丽人风》季刊", "BOOK": "会员手册"}

WANG = MemberOnPaper(
    shown="王**",
    tail="0018",
    term_ends=date(2026, 5, 5),
    points_available=808,
    check=YearCheck(date(2026, 12, 15), clears=True),
)


def shop(language: str) -> ShopFacts:
    return ShopFacts(
        chain="真子丽人俱乐部",
        name="真子专柜·示范店",
        no="0018",
        address="广州市示范路 1 号 1 层",
        phone="020-0000 0018",
        language=language,
        box="0018",
    )


def entry(
    body: Body,
    *,
    kind: Kind = Kind.SALE,
    seq: int = 412,
    epoch: int = 1,
    at: str = "2026-03-06T10:40:12.345+08:00",
    clock: ClockState = ClockState.SYNCED,
    re: str | None = None,
) -> Entry:
    return Entry(
        v=1,
        box="0018",
        epoch=epoch,
        seq=seq,
        prev=ZERO_HASH,
        source="keypad",
        id=f"k-{seq}",
        kind=kind,
        at=At("boot", 1000, at, clock, "2026-03-06"),
        by=By("02", "clerk"),
        pack=PackRef("zhenzi", 7, ZERO_HASH),
        re=re,
        body=body,
        postings=(),
    )


def line(n: int, name: str, list_fen: int, paid_fen: int, cls: str, **more: str | int) -> SaleLine:
    sku, rule = str(more.get("sku", f"S{n}")), str(more.get("rule", ""))
    qty, points = int(more.get("qty", 1)), int(more.get("points", 0))
    return SaleLine(n, sku, name, qty, list_fen, paid_fen, cls, points, rule)


MORNING = Sale(  # 10:40, the worked sale
    lines=(
        line(1, "保湿面霜", 12000, 12000, "regular", points=120),
        line(2, "保湿洁面乳", 6800, 6800, "regular", points=68),
        line(3, "旅行三件套", 4500, 3000, "special", rule="member_price"),
        line(4, "滋润护手霜", 2900, 990, "swap", rule="swap"),
    ),
    tenders=(Tender("cash", 22790, given_fen=23000, change_fen=210),),
    list_fen=26200,
    bill_fen=22790,
    rounding_fen=0,
    pay_fen=22790,
    member="0018.1:3",
    card="8800000000018",
    points=188,
    guides=(Guide("02", 10000),),
    applied=(Applied("spend", "points", 18800, 188),),
)

AFTERNOON = Sale(  # 14:05: by weight, cash rounding, member without a name
    lines=(
        line(1, "化妆棉", 1980, 1980, "regular", qty=2, points=20),
        line(2, "手工皂(散)", 1263, 1263, "regular", qty=45, points=12, sku="SOAP"),
    ),
    tenders=(Tender("cash", 3240, given_fen=5000, change_fen=1760),),
    list_fen=3243,
    bill_fen=3243,
    rounding_fen=3,
    pay_fen=3240,
    member="0018.1:5",
    card="8800000000032",
    points=32,
    guides=(Guide("02", 5000), Guide("03", 5000)),
    applied=(Applied("moling", "rounding", 3243, 3240), Applied("spend", "points", 3240, 32)),
)

LONG = Sale(  # everything that strains a layout
    lines=(
        line(1, "焕采亮肤精华液 30ml(新年限定礼盒装·含小样三件)", 168000, 151200, "special", qty=9),
        line(2, "SUPER-LONG-ASCII-NAME-WITHOUT-ANY-SPACE-IN-IT", 10000, 10000, "regular", qty=3),
        line(3, "面膜😀👩‍👩‍👧 e\u0301té ¥9", 123456789, 123456700, "swap", qty=100),
        line(4, "礼品袋", 0, 0, "gift"),
    ),
    tenders=(Tender("wechat", 23617900), Tender("cash", 100000000, 100000000, 0)),
    list_fen=123634789,
    bill_fen=123617900,
    rounding_fen=0,
    pay_fen=123617900,
)

MORNING_FACTS = SaleFacts(HASH, QR, WANG, TENDERS["zh_CN"])

OWN = Sale(  # all that a member may pay with of his own, and what it gives for the next time
    lines=(
        line(1, "焕采精华液", 16800, 16800, "regular", points=100),
        line(2, "柔焦粉饼", 9900, 9900, "regular", points=50),
    ),
    tenders=(
        Tender("cash", 3700, given_fen=4000, change_fen=300),
        Tender("stored_value", 16000),
        Tender("points", 6000),
        Tender("coupon", 1000),
    ),
    list_fen=26700,
    bill_fen=26700,
    rounding_fen=0,
    pay_fen=26700,
    member="0018.1:3",
    card="8800000000018",
    points=150,
    guides=(Guide("02", 10000),),
    applied=(
        Applied("ten", "coupon", 26700, 1000),
        Applied("offset", "offset", 600, 6000),
        Applied("spend", "points", 15000, 150),
    ),
    lots=(
        NewLot(3, "point", "sale", amount=150),
        NewLot(4, "reward", "sale", amount=267),
        NewLot(5, "coupon:voucher", "back", "2026-04-06T10:40:12+08:00", amount=1, value_fen=5000),
    ),
    spent=(
        Taken("stored_value", "principal", "L1", 15000, 15000, 15000),
        Taken("stored_value", "bonus", "L2", 1000, 1000, 1000),
        Taken("points", "point", "L3", 600, 6000),
        Taken("coupon", "coupon:ten", "L4", 1, 1000),
    ),
    gifts=(Welcome("SAMPLE1", 2),),
)

GUARDED = Sale(  # the clerk's own card: what it earned lies frozen
    lines=(line(1, "保湿洁面乳", 6800, 6800, "regular", points=68),),
    tenders=(Tender("wechat", 6800),),
    list_fen=6800,
    bill_fen=6800,
    rounding_fen=0,
    pay_fen=6800,
    member="0018.1:6",
    card="8800000000063",
    points=68,
    applied=(Applied("spend", "points", 6800, 68),),
    lots=(NewLot(2, "point", "sale", amount=68),),
    frozen="own_sale",
)

FIRST = Sale(  # 10:15: anonymous, qualifies to join
    lines=(
        line(1, "保湿洁面乳", 6800, 6800, "regular"),
        line(2, "保湿面霜", 12000, 12000, "regular"),
    ),
    tenders=(Tender("cash", 18800, given_fen=20000, change_fen=1200),),
    list_fen=18800,
    bill_fen=18800,
    rounding_fen=0,
    pay_fen=18800,
    guides=(Guide("02", 10000),),
)


def enrolled(*, fee_fen: int = 0) -> MemberEnrolled:
    return MemberEnrolled(
        card="8800000001015",
        channel="fee" if fee_fen else "purchase",
        joined="2026-03-06T10:17:00.000+08:00",
        term_ends="2027-03-06T10:17:00.000+08:00",
        consent=Consent("ZZ-2026-01", marketing=False),
        profile=Profile("", ""),
        fee_fen=fee_fen,
        tenders=(Tender("cash", fee_fen, 5000, 5000 - fee_fen),) if fee_fen else (),
        points=100,
        welcome=(Welcome("CREAM", 1), Welcome("MAG", 1), Welcome("BOOK", 1, owed=True)),
        guides=(Guide("02", 10000),),
    )


ASKED = InquiryFacts(
    MemberOnPaper(
        "欧**",
        "0049",
        level="金卡",
        term_ends=date(2026, 8, 2),
        points_available=150,
        points_frozen=20,
        points_claimed=68,
        lapsing=(Lapsing(date(2026, 12, 31), 120), Lapsing(date(2027, 12, 31), 30)),
        principal_fen=50000,
        bonus_fen=1200,
    ),
    at=datetime(2026, 3, 6, 15, 10, tzinfo=SHANGHAI),
    operator="02",
    waiting=(("积分礼:丝巾礼盒(800分)", 1),),
)


def documents(language: str, columns: int) -> dict[str, Paper]:
    """Every document that the goldens show, by the name of its file."""
    the_shop, tenders = shop(language), TENDERS[language]
    new = MemberOnPaper(
        shown="会员 尾号 1015",
        tail="1015",
        term_ends=date(2027, 3, 6),
        points_available=100,
        check=YearCheck(date(2026, 12, 15), clears=False),
    )
    unnamed = MemberOnPaper("会员 尾号 0032", "0032", points_available=32)
    joining = EnrolmentFacts(new, HASH, QR, NAMES, tenders)
    morning = SaleFacts(HASH, QR, WANG, tenders)
    by_weight = SaleFacts(HASH, QR, unnamed, tenders, weighed=frozenset({"SOAP"}))
    plain = SaleFacts(HASH, QR, None, tenders)
    first = SaleFacts(HASH, QR, None, tenders, offer=True)
    visitor = SaleFacts(HASH, QR, MemberOnPaper("会员 尾号 9999", "9999"), tenders)
    at_fee = entry(enrolled(fee_fen=4800), kind=Kind.MEMBER_ENROLLED, seq=420)
    at_purchase = entry(enrolled(), kind=Kind.MEMBER_ENROLLED, seq=411, re="0018.1:410")
    left = replace(WANG, points_available=358, principal_fen=13200, bonus_fen=200)
    own = SaleFacts(HASH, QR, left, tenders, goods={"SAMPLE1": "精华液小样 2ml"})
    clerk = MemberOnPaper("陈*", "0063", points_available=0, points_frozen=68)
    unknown_clock = entry(MORNING, seq=7, epoch=2, clock=ClockState.UNKNOWN)
    sold = {
        "sale": (entry(MORNING), morning, Copy.FIRST),
        "sale-rounding": (entry(AFTERNOON, seq=415), by_weight, Copy.FIRST),
        "sale-strained": (entry(LONG), plain, Copy.FIRST),
        "sale-anonymous": (entry(FIRST, seq=410), first, Copy.FIRST),
        "sale-reprint": (entry(FIRST, seq=410), first, Copy.REPRINT),
        "sale-own": (entry(OWN, seq=431), own, Copy.FIRST),
        "sale-frozen": (entry(GUARDED, seq=432), SaleFacts(HASH, QR, clerk, tenders), Copy.FIRST),
        "sale-unsure": (unknown_clock, visitor, Copy.UNSURE),
    }
    papers = {
        name: sale_receipt(of, facts, the_shop, columns, copy)
        for name, (of, facts, copy) in sold.items()
    }
    papers["enrolment-fee"] = enrolment_slip(at_fee, joining, the_shop, columns)
    papers["enrolment-purchase"] = enrolment_slip(at_purchase, joining, the_shop, columns)
    papers["inquiry"] = inquiry_slip(ASKED, the_shop, columns)
    papers |= _of_flows(the_shop, tenders, columns, papers["sale-anonymous"])
    return papers


def _of_flows(
    the_shop: ShopFacts, tenders: Mapping[str, str], columns: int, practised: Paper
) -> dict[str, Paper]:
    """The papers of the functions at the keypad, by flow."""
    from tests.display import samples_mall

    return {
        **samples_shift.documents(entry, the_shop, tenders, columns),
        **samples_service.documents(the_shop, columns, practised),
        **samples_stock.documents(entry, the_shop, columns),
        **samples_topup.documents(entry, the_shop, tenders, columns, WANG),
        **samples_returned.documents(entry, the_shop, tenders, columns, WANG),
        **samples_aftersales.documents(entry, the_shop, tenders, columns, WANG),
        **samples_members.documents(entry, the_shop, tenders, columns, WANG),
        **samples_gifts.documents(entry, the_shop, columns, WANG),
        **samples_reports.documents(the_shop, tenders, columns),
        **samples_asked.documents(entry(MORNING), entry(FIRST), the_shop, columns, WANG),
        **samples_mall.documents(entry, MORNING, WANG, the_shop, columns),
    }
