"""Receipts of any sale: lines fit, amounts are whole, and nothing private is on paper."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon import cells
from daemon.display.blocks import number_of, receipt_number
from daemon.display.enrolment import enrolment_slip
from daemon.display.facts import Copy, EnrolmentFacts, InquiryFacts, MemberOnPaper, SaleFacts
from daemon.display.inquiry import inquiry_slip
from daemon.display.receipt import sale_receipt
from daemon.display.sheet import Sheet, broken, printable, yuan
from daemon.ledger.bodies import Applied, Guide, Sale, SaleLine, Tender
from daemon.ledger.kinds import Kind
from daemon.ledger.records import By
from daemon.paper import Cut, Paper, Qr, Text
from daemon.rules.vocabulary import ReceiptLine
from tests.display import samples
from tests.display.preview import paper_text
from tests.display.printed import printed

# Names as shops type them, and as nobody should: wide, narrow, emoji, joined, control characters.
NAMES = st.one_of(
    st.text(st.sampled_from("面霜保湿洁《》·,。(ab 1A-é😀\u200d\u0301¥ｱñ\t\u3000龦"), max_size=70),
    st.text(max_size=12),
)
AMOUNTS = st.integers(0, 5_000_000)
COLUMNS = st.sampled_from([16, 32, 42, 48])
LANGUAGES = st.sampled_from(samples.LANGUAGES)


@st.composite
def sales(draw: Callable[[st.SearchStrategy[object]], object]) -> Sale:
    line_of = st.builds(
        SaleLine,
        n=st.just(1),
        sku=st.sampled_from(["A", "SOAP"]),
        name=NAMES,
        qty=st.integers(1, 120),
        list_fen=AMOUNTS,
        paid_fen=AMOUNTS,
        cls=st.sampled_from(["regular", "special", "swap", "gift"]),
        points=st.integers(0, 900),
        rule=st.sampled_from(["", "mp"]),
    )
    lines = draw(st.lists(line_of, min_size=1, max_size=4))
    assert isinstance(lines, list)
    bill = sum(one.paid_fen for one in lines)
    rounding = bill % 10 if draw(st.booleans()) else 0
    change = draw(st.integers(0, 10000))
    assert isinstance(change, int)
    pay = bill - rounding
    points = sum(one.points for one in lines)
    return Sale(
        lines=tuple(lines),
        tenders=(Tender("cash", pay, given_fen=pay + change, change_fen=change),),
        list_fen=sum(one.list_fen for one in lines),
        bill_fen=bill,
        rounding_fen=rounding,
        pay_fen=pay,
        member="0018.1:3",
        card="8800000000018",
        points=points,
        guides=(Guide("02", 10000),),
        applied=(Applied("spend", "points", bill, points),),
    )


@settings(max_examples=120, deadline=None)
@given(sale=sales(), columns=COLUMNS, language=LANGUAGES, shop_name=NAMES, tender=NAMES)
def test_any_sale_fits_and_is_printed_cell_for_cell(
    sale: Sale, columns: int, language: str, shop_name: str, tender: str
) -> None:
    shop = replace(samples.shop(language), name=shop_name, chain=shop_name)
    facts = replace(
        samples.MORNING_FACTS, tender_names={"cash": tender}, weighed=frozenset({"SOAP"})
    )
    paper = sale_receipt(samples.entry(sale), facts, shop, columns, Copy.UNSURE)
    assert_fits(paper, columns)
    receipt = printed(paper, columns)
    assert (receipt.unknown_bytes, receipt.ignored) == (0, ())
    rows = [block for block in paper if isinstance(block, Text)]
    assert len([item for item in receipt.items if type(item).__name__ == "Row"]) == len(rows)


@settings(max_examples=120, deadline=None)
@given(sale=sales(), columns=COLUMNS, language=LANGUAGES)
def test_amounts_are_those_of_the_entry_and_whole(sale: Sale, columns: int, language: str) -> None:
    shop = samples.shop(language)
    facts = replace(samples.MORNING_FACTS, weighed=frozenset({"SOAP"}))
    text = flat(sale_receipt(samples.entry(renamed(sale, "X")), facts, shop, columns))
    at_the_edge = [line.split()[-1] for line in text.splitlines() if line.strip()]
    amounts = [yuan(line.paid_fen) for line in sale.lines]
    assert len([one for one in at_the_edge if one in amounts]) >= len(amounts)
    cash = sale.tenders[0]
    for amount in (sale.bill_fen, sale.pay_fen, cash.given_fen, cash.change_fen):
        assert amount == 0 or yuan(amount) in at_the_edge
    if sale.points:
        assert f"+{sale.points}" in at_the_edge


@settings(max_examples=60, deadline=None)
@given(names=st.lists(NAMES, min_size=3, max_size=3), columns=COLUMNS, language=LANGUAGES)
def test_slips_fit_whatever_things_are_called(
    names: list[str], columns: int, language: str
) -> None:
    shop = samples.shop(language)
    skus = dict(zip(("CREAM", "MAG", "BOOK"), names, strict=True))
    entry = samples.entry(samples.enrolled(fee_fen=4800), kind=Kind.MEMBER_ENROLLED)
    joined = EnrolmentFacts(samples.WANG, samples.HASH, samples.QR, skus, {"cash": names[0]})
    assert_fits(enrolment_slip(entry, joined, shop, columns), columns)
    member = replace(samples.WANG, shown=names[0], level=names[1], principal_fen=10**9)
    at = datetime(2026, 3, 6, 15, 10, tzinfo=samples.SHANGHAI)
    asked = InquiryFacts(member, at, "02", waiting=((names[2], 1),))
    assert_fits(inquiry_slip(asked, shop, columns), columns)


@settings(max_examples=300, deadline=None)
@given(text=NAMES)
def test_printable_text_takes_the_cells_that_the_layout_counts(text: str) -> None:
    made = printable(text)
    assert printable(made) == made
    for char in made:
        assert cells.width(char) == 2 or char.isascii()
        assert char.isprintable() or char == "\u3000"


@settings(max_examples=300, deadline=None)
@given(text=NAMES, room=st.integers(8, 40))
def test_broken_text_loses_nothing_but_spaces(text: str, room: int) -> None:
    lines = list(broken(text, room))
    assert all(cells.width(line) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_joined_emoji_lose_their_joiners_and_accents_their_letters_marks() -> None:
    assert printable("👩\u200d👩 e\u0301 ñ ｱ ¥ ق") == "👩👩 e n ア ￥ ?"
    assert printable("a\tb\nc\x7f") == "a b c "


def test_a_label_never_touches_its_amount() -> None:
    sheet = Sheet(16)
    sheet.row("1234567890", "12.30")
    sheet.row("12345678901", "12.30")
    sheet.tagged("面霜面霜面", "[正]")
    sheet.tagged("面霜面霜面a", "[正]")
    sheet.tagged("面霜面霜面霜", "[正]")
    assert flat(sheet.paper()).splitlines() == [
        *("1234567890 12.30", "12345678901", "           12.30"),
        *("面霜面霜面  [正]", "面霜面霜面a [正]", "面霜面霜面  [正]", "霜"),
    ]


def test_a_break_leaves_no_orphan_mark_and_tears_no_word() -> None:
    assert list(broken("一二三四五六七八,九", 16)) == ["一二三四五六七", "八,九"]
    assert list(broken("一二三四五,六七八九", 16)) == ["一二三四五,", "六七八九"]
    assert list(broken("面霜ABCDEF 2026", 11)) == ["面霜ABCDEF", "2026"]
    assert list(broken("面膜保湿 30ml大瓶", 12)) == ["面膜保湿", "30ml大瓶"]


@pytest.mark.parametrize("columns", samples.COLUMNS)
def test_the_worked_sale_says_what_wording_says(columns: int) -> None:
    text = flat(samples.documents("zh_CN", columns)["sale"])
    for row in (
        *("真子丽人俱乐部", "真子专柜·示范店(0018)", "销售小票"),
        *("单号 0018-000412 2026-03-06", "时间 10:40 导购 02 收银 02"),
        *("保湿面霜 [正]", "1×120.00 120.00", "保湿洁面乳 [正]", "1×68.00 68.00"),
        *("旅行三件套 [会]", "1×30.00(原价45.00) 30.00"),
        *("滋润护手霜 [换]", "1×9.90(原价29.00) 9.90"),
        *("件数 4 合计 227.90", "现金 230.00", "找零 2.10", "本单已优惠 34.10"),
        *("会员 王** 卡尾号 0018", "本次积分(正价 188.00 元) +188", "可用积分 808"),
        *("会籍有效期至 2026-05-05", "可开票金额 227.90", "本小票非发票,凭此可索取发票"),
        *("换货退货凭本小票,见店内公示", "规则 zhenzi v7 #412 9f3a1c", "谢谢惠顾"),
    ):
        assert row in re.sub(" +", " ", text), row
    assert "12月核对时本卡满一年,未兑换积分将清零,请提前兑换" in text.replace("\n", "")
    paper = samples.documents("zh_CN", columns)["sale"]
    assert sum(isinstance(block, Qr) for block in paper) == 1
    assert isinstance(paper[-1], Cut)


def test_lines_that_are_not_used_are_not_printed() -> None:
    anonymous = samples.documents("zh_CN", 32)["sale-anonymous"]
    text = flat(anonymous)
    for label in ("抹零", "应收", "会员", "积分", "本单已优惠", "储值", "补打"):
        assert label not in text.replace("可凭本小票办理入会", ""), label
    no_offer = SaleFacts(samples.HASH)
    plain = sale_receipt(samples.entry(samples.FIRST), no_offer, samples.shop("zh_CN"), 32)
    assert "入会" not in flat(plain)
    assert "抹零" in flat(samples.documents("zh_CN", 32)["sale-rounding"])
    assert flat(samples.documents("zh_CN", 32)["sale-reprint"]).startswith("*** 补打 ***")
    assert flat(samples.documents("zh_CN", 32)["sale-unsure"]).startswith("*** 补打(可能重复)")


def test_stored_value_is_not_invoiced_again() -> None:
    tenders = (Tender("stored_value", 20000), Tender("wechat", 2790))
    sale = msgspec.structs.replace(samples.MORNING, tenders=tenders)
    text = flat(sale_receipt(samples.entry(sale), SaleFacts(samples.HASH), samples.shop("zh"), 32))
    assert re.search(r"可开票金额 +27\.90", text)
    assert "储值支付部分不另开发票" in text


def test_the_number_of_a_receipt_names_the_epoch_from_the_second_on() -> None:
    assert receipt_number("0018", 1, 412) == "0018-000412"
    assert receipt_number("0018", 2, 7) == "0018-2-000007"
    assert number_of("0018.1:411") == "0018-000411"


@pytest.mark.parametrize("language", samples.LANGUAGES)
def test_no_document_names_a_card_or_what_was_not_given(language: str) -> None:
    for name, paper in samples.documents(language, 48).items():
        text = "".join(flat(paper).split())
        assert not re.search(r"88\d{11}", text), name
        assert not re.search(r"1[3-9]\d{9}", text), name


def test_a_card_that_is_unknown_here_shows_no_balance() -> None:
    visitor = MemberOnPaper("会员 尾号 9999", "9999")
    facts = SaleFacts(samples.HASH, member=visitor)
    text = flat(sale_receipt(samples.entry(samples.MORNING), facts, samples.shop("zh_CN"), 32))
    assert "+188" in text
    assert "可用积分" not in text
    assert "本店未登记此卡" in text


def assert_fits(paper: Paper, columns: int) -> None:
    for block in paper:
        if isinstance(block, Text):
            assert cells.width(block.text) * block.width <= columns, block
            assert "\n" not in block.text


def flat(paper: Paper) -> str:
    return "\n".join(block.text for block in paper if isinstance(block, Text))


def renamed(sale: Sale, name: str) -> Sale:
    lines = tuple(msgspec.structs.replace(line, name=name) for line in sale.lines)
    return msgspec.structs.replace(sale, lines=lines)


@pytest.mark.parametrize(("language", "said"), [("zh_CN", "收银 未上班"), ("en", "Cashier not on")])
def test_paper_says_that_nobody_was_signed_on(language: str, said: str) -> None:
    sold = samples.entry(samples.MORNING)
    alone = replace(sold, by=By("", "clerk"))
    by_itself = replace(alone, source="box")
    for entry, wanted in ((sold, False), (alone, True), (by_itself, False)):
        paper = sale_receipt(entry, samples.MORNING_FACTS, samples.shop(language), 42)
        assert (said in paper_text(paper, 42)) is wanted


@pytest.mark.parametrize(
    ("lines", "absent"),
    [
        (get_args(ReceiptLine), ()),
        (("saved",), ("本次积分", "可用积分", "会籍", "12月", "可开票", "规则 zhenzi")),
        (("points", "available", "pack", "code"), ("已优惠", "会籍", "12月", "可开票")),
    ],
)
def test_the_foot_has_the_lines_that_the_pack_prints(
    lines: tuple[str, ...], absent: tuple[str, ...]
) -> None:
    def receipt(facts: SaleFacts) -> Paper:
        return sale_receipt(samples.entry(samples.MORNING), facts, samples.shop("zh_CN"), 48)

    facts, printed = samples.MORNING_FACTS, frozenset(lines)
    assert facts.member is not None
    fewer = replace(facts, lines=printed, member=facts.member.only(printed))
    whole, cut = receipt(facts), receipt(fewer)
    assert (whole == cut) == (not absent)
    for word in absent:
        assert word in paper_text(whole, 48) and word not in paper_text(cut, 48), word
    assert any(isinstance(block, Qr) for block in cut) == ("code" in lines)
