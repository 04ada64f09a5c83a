"""The customer's page: the right figures, marked for what they are, and nobody's data."""

import re

import msgspec
import pytest
from msgspec.structs import replace

from daemon.counter.codes import Ask
from daemon.counter.effects import Audience
from daemon.counter.screens import (
    BasketShown,
    Checking,
    Done,
    GiftShown,
    Idle,
    MemberPage,
    MemberShown,
    RefusalShown,
    Step,
    TotalShown,
)
from daemon.display.kiosk.strip import strip
from daemon.display.kiosk.views import GIFTS_MAX, LINES_MAX, View, view
from daemon.display.kiosk.words import EN, STRIP_EN, STRIP_ZH, ZH, typeset
from daemon.display.refusals import REFUSALS
from tests.counter.clerk import Clerk
from tests.display.test_refusals import rows

M1, M2, M3, LOST, VISITOR = (f"88000000000{tail}" for tail in ("18", "25", "32", "56", "99"))
CUSTOMER, CLERK = Audience.CUSTOMER, Audience.CLERK


def shown(clerk: Clerk, language: str = "zh_CN") -> View:
    return view(clerk.screens[CUSTOMER], language)


def said(one: View) -> str:
    return msgspec.json.encode(one).decode()


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


def test_the_worked_sale_is_shown_from_the_swipe_to_the_thanks(clerk):
    assert shown(clerk) == View("ads")
    clerk.swipes(M1)
    page = shown(clerk)
    assert page.kind == "member" and page.member is not None and page.member.points is not None
    assert (page.member.name, page.member.card) == ("王**", "卡尾号 0018")
    assert (page.member.points.value, page.member.lapse_on) == ("620", "2026-12-15")
    clerk.scans("6901234100044", "6901234100013")
    clerk.keys("16 ENTER")
    clerk.scans("6901234100150")
    basket = shown(clerk)
    assert (basket.kind, basket.mark) == ("till", "未结账")
    assert [(line.name, line.paid, line.mark) for line in basket.lines] == [
        ("保湿面霜", "120.00", ""),
        ("保湿洁面乳", "68.00", ""),
        ("旅行三件套", "30.00", "会员价"),
        ("滋润护手霜", "9.90", "换购"),
    ]
    assert [line.fresh for line in basket.lines] == [False, False, False, True]
    assert {figure.label: figure.value for figure in basket.sums} == {
        "已优惠": "34.10",
        "预计积分": "+188",
    }
    assert basket.main is not None and (basket.main.label, basket.main.value) == ("合计", "227.90")
    clerk.keys("ENTER")
    total = shown(clerk)
    assert (total.mark, total.lines) == ("待付款", tuple(replace_fresh(basket)))
    clerk.keys("230 ENTER")
    thanks = shown(clerk)
    assert (thanks.kind, thanks.title, thanks.mark) == ("thanks", "谢谢惠顾", "已付款")
    assert {figure.label: figure.value for figure in thanks.sums} == {
        "已优惠": "34.10",
        "本次积分": "+188",
        "实收": "230.00",
        "找零": "2.10",
    }
    assert thanks.member is not None and thanks.member.points is not None
    assert thanks.member.points.value == "808"


def replace_fresh(basket: View):
    return (msgspec.structs.replace(line, fresh=False) for line in basket.lines)


def test_the_next_thing_scanned_clears_the_member_at_once(clerk):
    clerk.swipes(M1)
    clerk.keys("18 ENTER ENTER ENTER")
    assert shown(clerk).kind == "thanks"
    clerk.scans("6901234100044")
    page = shown(clerk)
    assert (page.kind, page.member, page.invite) == ("till", None, "会员请出示会员卡")
    assert "王" not in said(page)


def test_half_a_minute_after_the_end_the_pictures_come_back(clerk):
    clerk.keys("18 ENTER ENTER ENTER")
    clerk.waits(29_000)
    assert shown(clerk).kind == "thanks"
    clerk.waits(2_000)
    assert shown(clerk) == View("ads")


def test_before_a_commit_nothing_says_that_it_is_paid(clerk):
    clerk.auto = False
    clerk.swipes(M1)
    clerk.keys("4 ENTER ENTER")
    before = shown(clerk)
    clerk.keys("ENTER")
    assert shown(clerk) == before  # with the store: nobody is told anything
    assert before.mark == "待付款" and "已付" not in said(before)
    clerk.durable()
    assert shown(clerk).mark == "已付款"


def test_a_part_that_is_paid_leaves_what_is_still_due(clerk):
    clerk.keys("4 ENTER ENTER 100 ENTER")
    page = shown(clerk)
    assert page.main is not None and (page.main.label, page.main.value) == ("还差", "20.00")
    assert [(figure.label, figure.value) for figure in page.sums] == [
        ("应付", "120.00"),
        ("已付", "100.00"),
    ]


def test_who_gave_no_name_is_named_by_the_tail_of_the_card(clerk):
    clerk.swipes(M3)
    member = shown(clerk).member
    assert member is not None and (member.name, member.card) == ("会员 尾号 0032", "")
    member = shown(clerk, "en").member
    assert member is not None and member.name == "Member ..0032"


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_refusal_is_told_in_the_customers_words_alone(language):
    for code, words in REFUSALS.items():
        page = view(RefusalShown(code, {"phone": "400", "date": "2026-01-01"}), language)
        clerks = words.clerk_en if language == "en" else typeset(words.clerk)
        assert page.kind == "words" and page.title and code not in said(page)
        assert clerks not in page.title
    assert view(RefusalShown("E03", {}), "zh_CN").title == "请稍候"
    assert view(RefusalShown("E18", {}), "zh_CN").title == "暂停服务"
    assert view(RefusalShown("E07", {"y": "3.00"}), "zh_CN").title == "还差 3.00 元"


def test_the_customers_column_of_wording_is_what_he_reads():
    for code, _, customer in rows():
        if customer != "-" and "{" not in customer:
            assert view(RefusalShown(code, {}), "zh_CN").title == typeset(customer)


def test_what_a_clerk_types_is_never_on_the_customers_page(clerk):
    clerk.keys("13800000001")
    assert shown(clerk) == View("ads")
    clerk.keys("ENTER")
    clerk.keys("4 ENTER 77")
    assert "77" not in said(shown(clerk))
    clerk.keys("CLEAR CLEAR CLEAR /2")
    assert shown(clerk).title == "请稍候"
    assert view(Step("41", Ask.PIN, "**"), "zh_CN").title == "请输入密码 ****"


def test_what_is_no_customers_business_is_not_shown():
    done = Done("0018.1:9", 50000, 0, 0, (), 0, None, None)
    assert view(done, "zh_CN").kind == "thanks"
    for kind in ("shift.closed", "stock.counted", "cash.moved", "day.closed"):
        assert view(replace(done, kind=kind), "zh_CN") == View("ads")


def test_a_return_says_what_was_paid_back():
    page = view(Done("e", -12000, 0, 0, ("cash",), -120, 500, None, kind="return"), "zh_CN")
    assert page.main is not None
    assert (page.title, page.mark, page.main.label, page.main.value) == (
        *("退货完成", ""),
        *("已退", "120.00"),
    )


def test_a_bill_for_the_malls_till_is_not_called_paid():
    page = view(Done("e", 12000, 0, 0, (), 0, None, None, kind="mall.billed"), "zh_CN")
    assert page.main is not None
    assert (page.title, page.mark, page.main.label) == ("请到商场收银台付款", "待付款", "应付")


def test_a_long_basket_keeps_the_fresh_line_and_counts_the_rest(clerk):
    for number in range(1, 18):
        clerk.keys(f"{number} ENTER")
    page = shown(clerk)
    assert (len(page.lines), page.above) == (LINES_MAX, 17 - LINES_MAX)
    assert page.lines[-1].fresh and page.lines[-1].n == 17
    basket = clerk.tells(BasketShown)
    early = replace(basket, line=basket.quote.lines[2])
    assert [line.n for line in view(early, "zh_CN").lines if line.fresh] == [3]


def test_gifts_are_the_dearest_he_can_have_and_the_next():
    gifts = tuple(GiftShown(f"g{points}", points) for points in (100, 200, 300, 400, 500, 600))
    member = MemberShown("王**", "0018", "", 450, gifts=gifts)
    page = view(MemberPage(member, None, ()), "zh_CN").member
    assert page is not None and len(page.gifts) == GIFTS_MAX
    assert [(gift.name, gift.lacks) for gift in page.gifts] == [
        ("g400", ""),
        ("g300", ""),
        ("g500", "还差 50 分"),
    ]
    nobody = view(MemberPage(replace(member, points=None, visitor=True), None, ()), "en").member
    assert nobody is not None and nobody.gifts == ()


def test_the_strip_says_what_the_clerk_needs(clerk):
    def strip_now():
        return strip(clerk.screens[CLERK], "zh_CN")

    assert strip_now().words == "待机"
    clerk.swipes(LOST)
    assert (strip_now().code, strip_now().words) == ("E03", "此卡已挂失，请持证件补卡")
    clerk.keys("CLEAR CLEAR 12")
    assert (strip_now().code, strip_now().typed, strip_now().tone) == ("01-", "12", "ask")
    clerk.keys("ENTER ENTER")
    assert strip_now().words == "应收 89.00"
    clerk.keys("100 ENTER")
    assert (strip_now().words, strip_now().code) == ("找零 11.00", "")


@pytest.mark.parametrize("ask", list(Ask))
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_step_has_words_on_the_strip(ask, language):
    assert strip(Step("00", ask), language).words


def test_a_members_page_says_what_waits_and_how_much_more():
    waits = (("会员手册", 2), ("丝巾礼盒", 1))
    one = MemberPage(MemberShown("王**", "0018", "", 450, waiting=waits[1:]), "2026-05-05", (), 100)
    assert [figure.value for figure in view(one, "zh_CN").sums] == ["1.00", "丝巾礼盒"]
    member = MemberShown("王**", "0018", "", 450, waiting=waits)
    for shown_of, said_of in ((waits, "会员手册 ×2 等 2 样"), (waits[:1], "会员手册 ×2")):
        page = MemberPage(replace(member, waiting=shown_of), None, ())
        (figure,) = view(page, "zh_CN").sums
        assert (figure.label, figure.value, figure.money) == ("待领取", said_of, False)
    assert view(MemberPage(replace(member, waiting=()), None, ()), "zh_CN").sums == ()


def test_both_languages_say_the_same_things():
    for ours, theirs in ((ZH, EN), (STRIP_ZH, STRIP_EN)):
        for name in ours.__struct_fields__:
            mine, other = getattr(ours, name), getattr(theirs, name)
            if isinstance(mine, str):
                places = [set(re.findall(r"{(\w+)", text)) for text in (mine, other)]
                assert mine and other and places[0] == places[1], name
            else:
                assert mine.keys() == other.keys()


def test_every_screen_has_a_view_in_both_languages():
    for screen in (Idle("enrol_by_purchase"), Checking(), TotalShown(1, 1, 0, 0, None)):
        for language in ("zh_CN", "en"):
            assert view(screen, language).kind and strip(screen, language).words
