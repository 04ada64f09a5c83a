"""Sentences about entries: the numbers of the receipt, in both languages."""

from daemon.clock import ClockState
from daemon.ledger.bodies import (
    Body,
    Consent,
    LevelChanged,
    MemberEnrolled,
    Profile,
    Sale,
    ShiftOpened,
    Welcome,
)
from daemon.ledger.kinds import Kind
from daemon.ledger.records import ZERO_HASH, At, By, Entry, PackRef
from daemon.rules.document import parse
from daemon.rules.explain import explain
from daemon.rules.types import EnrolmentOffer, KeyedTender, MemberFacts
from tests.bench.p5_rules import RULES, busy_basket, busy_engine, busy_pack
from tests.rules.shop import (
    BAG,
    CLEANSER,
    COTTON,
    CREAM,
    HANDCREAM,
    NOON,
    PACKS,
    SOAP,
    TRAVEL,
    engine,
    line,
    m1,
    quote,
    settle,
    zhenzi,
)


def entry(body: Body, kind: Kind, pack: PackRef | None = zhenzi().ref) -> Entry:  # noqa: B008
    at = At("boot", 1, NOON.isoformat(), ClockState.SYNCED, "2026-03-06")
    who = By("02", "clerk")
    return Entry(1, "0018", 1, 1, ZERO_HASH, "keypad", "x", kind, at, who, pack, None, body, ())


def sale(who: MemberFacts | None, *skus: tuple[str, int | None], money: str = "cash") -> Entry:
    goods = [line(n, sku, 1, amount_fen=fen) for n, (sku, fen) in enumerate(skus, start=1)]
    sold = settle(quote(goods, who), KeyedTender(money, None))
    body = Sale(
        sold.lines,
        sold.tenders,
        sold.quote.list_fen,
        sold.quote.bill_fen,
        sold.rounding_fen,
        sold.pay_fen,
        member="" if who is None else who.id,
        points=sold.points,
        applied=sold.applied,
    )
    return entry(body, Kind.SALE)


def test_a_level_and_a_voucher_are_explained_with_their_pack() -> None:
    """By the command's own function: the sentences end with the rules that hold."""
    pack = parse((PACKS / "year-roll.json").read_text(encoding="utf-8"))
    ref = PackRef(pack.id, pack.version, "")
    level = LevelChanged("M1", "silver", "basic", "growth", "2027-03-06T10:00:00+08:00")
    assert explain(entry(level, Kind.LEVEL_CHANGED, ref), pack, "en") == [
        "Level 普通会员 becomes 银卡会员: its needs were reached",
        "Needs (all of): growth 2000",
        "Looked at again on 2027-03-06",
        "Rules year-roll v1",
    ]
    on = entry(ShiftOpened("02", 0), Kind.SHIFT_OPENED, ref)
    assert explain(on, pack, "en")[0] == "No rule decides an entry of this kind"


WORKED = ((CREAM, None), (CLEANSER, None), (TRAVEL, None), (HANDCREAM, None))


def test_the_worked_sale_in_words() -> None:
    said = explain(sale(m1(), *WORKED), zhenzi().pack)
    assert said == [
        "原价合计 262.00 元,优惠 34.10 元,合计 227.90 元",
        "会员价(mp):原价 45.00 元,实付 30.00 元,省 15.00 元",
        "换购(swap):正价商品满 100.00 元,每单限 1 件:原价 29.00 元,实付 9.90 元,省 19.10 元",
        "正价商品 188.00 元,每满 1 元积 1 分:+188",
        "规则 zhenzi v7",
    ]
    english = explain(sale(m1(), *WORKED), zhenzi().pack, "en")
    assert english[3] == "Regular-price goods 188.00, 1 for each full 1: +188"
    assert len(english) == len(said)


def test_rounding_in_words() -> None:
    said = explain(sale(m1(), (COTTON, None), (SOAP, 1263)), zhenzi().pack)
    assert "抹零到 0.10 元,只舍不入:22.53 元收 22.50 元" in said


def test_why_there_are_no_points() -> None:
    assert "没有会员:不积分" in explain(sale(None, *WORKED), zhenzi().pack)
    assert "本单没有正价商品,不积分" in explain(sale(m1(), (BAG, None)), zhenzi().pack)
    lost = explain(sale(m1(status="lost"), *WORKED), zhenzi().pack)
    assert any("会籍或卡不在有效状态" in sentence for sentence in lost)


def test_an_enrolment_in_words() -> None:
    offer = engine().offer("purchase", counted=18800, at=NOON)
    assert isinstance(offer, EnrolmentOffer)
    assert offer.term_ends is not None
    body = MemberEnrolled(
        "8800000001015",
        offer.channel,
        offer.joined.isoformat(),
        offer.term_ends.isoformat(),
        Consent(offer.terms, marketing=False),
        Profile("", ""),
        points=offer.points,
        welcome=(*offer.welcome[:3], Welcome("BOOK", 1, owed=True)),
        applied=offer.applied,
    )
    assert explain(entry(body, Kind.MEMBER_ENROLLED), zhenzi().pack) == [
        "单笔实付 188.00 元,满 150.00 元,免会费入会",
        "入会奖励(join),每人一次:+100",
        "入会领取:CARD×1, MAG×1, CREAM×1",
        "欠赠:BOOK×1",
        "会籍有效期至 2027-03-06",
        "规则 zhenzi v7",
    ]


def test_what_the_pack_cannot_explain() -> None:
    shift = ShiftOpened("02", 30000)
    assert explain(entry(shift, Kind.SHIFT_OPENED), zhenzi().pack)[0] == "此类记录不经规则计算"
    assert explain(entry(shift, Kind.SHIFT_OPENED, None), zhenzi().pack) == [
        "没有规则包:按原价收款"
    ]
    older = PackRef("zhenzi", 6, "00")
    (said,) = explain(entry(shift, Kind.SHIFT_OPENED, older), zhenzi().pack, "en")
    assert said == "This entry was made under zhenzi v6; zhenzi v7 cannot explain it"


def test_the_bench_has_its_50_rules_and_they_work() -> None:
    pack = busy_pack()
    prices, earn = pack["prices"], pack["earn"]
    assert isinstance(prices, list)
    assert isinstance(earn, list)
    assert len(prices) + len(earn) == RULES == 50
    priced = busy_engine().quote(busy_basket())
    assert len({one.rule for one in priced.applied}) > RULES // 2
