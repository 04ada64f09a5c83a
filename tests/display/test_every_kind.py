"""Every kind of paper that the code can print has its goldens: text and picture, all widths."""

from collections.abc import Mapping

import pytest

from daemon.counter.effects import DOCUMENTS, DocumentKind
from daemon.counter.flows.service import REPORTED
from daemon.counter.flows.shift import WAYS
from daemon.display.facts import Copy
from daemon.display.service import TITLES
from daemon.ledger.kinds import Kind
from tests.display import samples
from tests.display.regenerate import WIDTHS, png_file, text_file

# The paper of an entry: its title (spec: wording), and the samples that show it.
OF_ENTRIES: Mapping[Kind, tuple[str, tuple[str, ...]]] = {
    Kind.SALE: ("销售小票", ("sale", "sale-rounding", "sale-anonymous", "sale-own", "sale-frozen")),
    Kind.MEMBER_ENROLLED: ("入会登记单", ("enrolment-fee", "enrolment-purchase")),
    Kind.MEMBER_RENEWED: ("续会单", ("renewal-fee", "renewal-purchase")),
    Kind.CARD_LOST: ("挂失单", ("card-lost",)),
    Kind.CARD_FROZEN: ("冻结单", ("card-frozen",)),
    Kind.CARD_UNFROZEN: ("解冻单", ("card-unfrozen",)),
    Kind.CARD_REPLACED: ("补卡单", ("card-replaced",)),
    Kind.POINTS_TRANSFERRED: ("积分转赠单", ("points-passed",)),
    Kind.MALL_BILLED: ("缴款单(未付款·非购物凭证)", ("mall-bill",)),
    Kind.SHIFT_CLOSED: ("交班单", ("shift",)),
    Kind.CASH_MOVED: ("现金", tuple(f"cash-{way}" for way in WAYS.values())),
    Kind.DAY_CLOSED: ("日结单(Z)", ("day", "day-automatic", "day-alone")),
    Kind.POINTS_REDEEMED: ("积分兑换单", ("gift", "gift-hq", "gift-coupon")),
    Kind.ENTITLEMENT_HANDED_OVER: ("礼品签收单", ("gift-fetched",)),
    Kind.RETURN: ("退货单", ("return", "return-owed")),
    Kind.SALE_VOIDED: ("整单作废单", ("void",)),
    Kind.RETURN_UNREFERENCED: ("退货单", ("return-loose",)),
    Kind.EXCHANGE: ("换货单", ("exchange-even", "exchange-dearer", "exchange-cheaper")),
    Kind.SALE_CLAIMED: ("补积分单", ("late-points", "late-points-frozen")),
    Kind.TOPUP: ("储值充值凭证", ("topup", "topup-shop", "topup-full")),
    Kind.TOPUP_VOIDED: ("储值充值冲正", ("topup-voided",)),
    Kind.VALUE_REFUNDED: ("储值退款单", ("refund-young", "refund-used")),
    Kind.STOCK_RECEIVED: ("收货单", ("stock-received",)),
    Kind.STOCK_ADJUSTED: ("领用报损单", ("stock-taken",)),
    Kind.STOCK_COUNTED: ("盘点单", ("stock-count",)),
}
# Papers of now.
OF_NOW: Mapping[DocumentKind, tuple[str, tuple[str, ...]]] = {
    DocumentKind.INQUIRY: ("会员查询单", ("inquiry",)),
    DocumentKind.LISTING: ("", ("list-parked", "list-choices")),
    DocumentKind.STOCK_LEVELS: ("库存单", ("stock-levels",)),
    DocumentKind.X: ("交班单(X)", ("x", "x-nobody")),
    DocumentKind.SERVICE: ("", tuple(f"service-{topic}" for topic in TITLES)),
    DocumentKind.REPORT: ("", tuple(f"report-{report}" for report in REPORTED.values())),
    DocumentKind.MALL_DAY: ("商场对账表", ("mall-day",)),
    DocumentKind.POINTS_CHECK: ("积分核对单", ("points-check", "points-check-none")),
    DocumentKind.EXPLAINED: ("积分计算说明", ("explained", "explained-not-yet")),
    DocumentKind.STATEMENT: ("积分对账单", ("statement", "statement-long")),
}
ALL = (*OF_ENTRIES.values(), *OF_NOW.values())


def test_no_kind_of_paper_is_forgotten() -> None:
    assert set(OF_ENTRIES) == set(DOCUMENTS)
    assert set(OF_NOW) == set(DocumentKind) - set(DOCUMENTS.values())


@pytest.mark.parametrize(("language", "columns"), WIDTHS)
def test_each_has_its_text_and_its_picture(language: str, columns: int) -> None:
    made = samples.documents(language, columns)
    for _, names in ALL:
        for name in names:
            assert name in made, name
            assert text_file(name, language, columns).is_file(), name
            assert png_file(name, language, columns).is_file(), name


@pytest.mark.parametrize("columns", samples.COLUMNS)
def test_each_is_titled_as_wording_says(columns: int) -> None:
    for title, names in ALL:
        for name in names:
            text = text_file(name, "zh_CN", columns).read_text(encoding="utf-8")
            assert title in text, name
    for topic, (title, _) in TITLES.items():
        text = text_file(f"service-{topic}", "zh_CN", columns).read_text(encoding="utf-8")
        assert title in text, topic


def test_what_is_printed_again_and_what_is_practice_says_so() -> None:
    marks = {Copy.REPRINT: "*** 补打 ***", Copy.UNSURE: "补打(可能重复)"}
    shown = {Copy.REPRINT: "sale-reprint", Copy.UNSURE: "sale-unsure"}
    assert {*marks, Copy.FIRST} == set(Copy)
    for copy, mark in marks.items():
        assert mark in text_file(shown[copy], "zh_CN", 32).read_text(encoding="utf-8")
    assert "练习·无效" in text_file("practice-sale", "zh_CN", 32).read_text(encoding="utf-8")
