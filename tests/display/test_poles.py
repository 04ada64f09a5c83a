"""Pole displays: two lines of 20 ASCII cells for every screen, in the words of wording."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.counter.codes import STEPS, Ask
from daemon.counter.effects import DOCUMENTS, Audience
from daemon.counter.screens import (
    BasketShown,
    Checking,
    Done,
    Idle,
    MemberPage,
    MemberShown,
    PriceShown,
    RefusalShown,
    Screen,
    Step,
    TotalShown,
)
from daemon.display.asks import ASKED
from daemon.display.kiosk.words import words_of
from daemon.display.pole_words import DONE_WORDS, OTHERWISE
from daemon.display.poles import COLUMNS, SOLD, page_after, pole
from daemon.ledger.kinds import Kind
from daemon.ledger.messages import Product
from daemon.paper import Lamp, Pole
from daemon.rules.types import Basket, Notice, Quote, QuotedLine
from tests.display.samples import SHANGHAI

CLERK, CUSTOMER = Audience.CLERK, Audience.CUSTOMER
AT = datetime(2026, 3, 6, 10, 40, tzinfo=SHANGHAI)
CREAM = Product("ZZ-004", "水漾保湿面霜 50g", price_fen=12000, pole="CREAM", plu=4)
SOAP = Product("SOAP", "手工冷制皂(散装)", price_fen=28, pole="SOAP", unit="g")
WANG = MemberShown("王**", "0018", "", 808)
VISITOR = MemberShown("会员 尾号 9999", "9999", "", None, visitor=True)
DONE = Done("0018.1:412", 22790, 23000, 210, ("cash",), 188, 808, WANG)


def line(product: Product = CREAM, qty: int = 1, paid_fen: int = 12000) -> QuotedLine:
    return QuotedLine(1, product, qty, paid_fen, paid_fen, "regular")


def quote(*lines: QuotedLine, bill_fen: int) -> Quote:
    return Quote(Basket((), None, AT), lines, bill_fen, bill_fen, 0, 0, ())


def basket(last: QuotedLine | None, bill_fen: int = 22790, typed: str = "") -> BasketShown:
    lines = () if last is None else (last,)
    return BasketShown(last, quote(*lines, bill_fen=bill_fen), None, typed)


@pytest.mark.parametrize(
    ("screen", "lines", "amount_fen", "lamp"),
    [
        (Idle(), ("WELCOME", ""), None, None),
        (basket(line()), ("CREAM      1 x120.00", "TOTAL         227.90"), 12000, Lamp.PRICE),
        (
            basket(line(qty=3, paid_fen=10000)),
            ("CREAM      3 =100.00", "TOTAL         227.90"),
            *(10000, Lamp.PRICE),
        ),
        (
            basket(line(SOAP, 45, 1263), 1263),
            ("SOAP      45g =12.63", "TOTAL          12.63"),
            *(1263, Lamp.PRICE),
        ),
        (basket(None), ("ITEMS 0", "TOTAL         227.90"), 22790, Lamp.TOTAL),
        (TotalShown(22790, 22790, 0, 4, WANG), ("DUE 227.90", "ITEMS 4"), 22790, Lamp.TOTAL),
        (
            TotalShown(22790, 12790, 10000, 4, None),
            ("DUE 127.90", "PAID 100.00"),
            12790,
            Lamp.TOTAL,
        ),
        (DONE, ("DUE 227.90", "CASH 230 CHG 2.10"), 210, Lamp.CHANGE),
        (
            Done("e", 10000050, 20000050, 10000000, ("cash",), 0, None, None),
            ("DUE 100000.50", "CHG 100000.00"),
            *(10000000, Lamp.CHANGE),
        ),
        (
            Done("e", 8900, 0, 0, ("wechat",), 89, 901, WANG),
            ("DUE 89.00", "PAID 89.00"),
            *(8900, Lamp.PAID),
        ),
        (MemberPage(WANG, "2026-05-05", ()), ("CARD 0018", "POINTS 808"), None, None),
        (MemberPage(VISITOR, None, ()), ("CARD 9999", "WELCOME"), None, None),
        (
            MemberPage(WANG, None, (), balance_fen=8850),
            ("POINTS 808", "BALANCE 88.50"),
            *(8850, Lamp.TOTAL),
        ),
        (
            PriceShown("补水面膜贴", "MASK5", 4900, 3900),
            ("MASK5          49.00", "MEMBER         39.00"),
            *(4900, Lamp.PRICE),
        ),
        (Checking(), ("PLEASE WAIT", ""), None, None),
        (Step("32", "channel"), ("PLEASE WAIT", ""), None, None),
        (RefusalShown("E03", {}), ("PLEASE WAIT", ""), None, None),
    ],
)
def test_what_a_customer_sees(
    screen: Screen, lines: tuple[str, str], amount_fen: int | None, lamp: Lamp | None
) -> None:
    shown = pole(screen, CUSTOMER)
    assert (shown.lines, shown.amount_fen, shown.lamp) == (lines, amount_fen, lamp)


@pytest.mark.parametrize(
    ("screen", "lines", "code"),
    [
        (Idle("enrol_by_purchase"), ("READY", "/2 TO ENROL"), "-2"),
        (basket(line(), typed="12"), ("CREAM      1 x120.00", "12_           227.90"), ""),
        (TotalShown(1, 1, 0, 1, None, typed="9.9"), ("DUE 0.01", "9.9_"), ""),
        (MemberPage(WANG, "2026-05-05", ()), ("0018 TERM 2026-05-05", "POINTS 808"), "808"),
        (Step("31", "blank_card"), ("31- SWIPE BLANK CARD", ""), "31-"),
        (Step("33", "phone", typed="138"), ("33- PHONE NUMBER", "138_"), "33-"),
        (
            Step("22", "much_cash", values={"given": "5000.00", "due": "9.90"}),
            ("22- SO MUCH? ENTER", "GIVEN 5000.00"),
            "22-",
        ),
        (
            RefusalShown("E07", {"x": "20.00", "y": "48.00"}),
            ("E07 VALUE 20.00,", "SHORT 48.00"),
            "-07-",
        ),
        (Checking(), ("CHECKING THE BOOKS", "KEEP THE POWER ON"), "----"),
    ],
)
def test_what_the_clerk_sees(screen: Screen, lines: tuple[str, str], code: str) -> None:
    shown = pole(screen, CLERK)
    assert (shown.lines, shown.code) == (lines, code)


def test_after_a_sale_a_member_sees_the_points() -> None:
    points = ("POINTS 808    (+188)", "THANK YOU")
    assert page_after(DONE, CUSTOMER) == Pole(points, 210, Lamp.CHANGE), "an LED keeps the change"
    assert page_after(Done("e", 1, 0, 0, (), 0, None, None), CUSTOMER) is None
    assert page_after(Idle(), CUSTOMER) is None
    many = Done("e", 1, 0, 0, (), 1234567, 123456789, WANG)
    page = page_after(many, CUSTOMER)
    assert page is not None and page.lines == ("POINTS 123456789", "THANK YOU")


def test_a_member_swiped_first_is_greeted_with_the_points() -> None:
    screen = BasketShown(None, quote(bill_fen=0), WANG)
    assert pole(screen, CUSTOMER).lines == ("CARD 0018", "POINTS 808")


def test_a_notice_is_for_the_clerk() -> None:
    notices = (Notice("E05", {"date": "2025-12-10"}),)
    screen = BasketShown(line(), quote(line(), bill_fen=12000), WANG, notices=notices)
    assert pole(screen, CLERK).lines == ("E05 TERM ENDED", "TOTAL         120.00")
    assert pole(screen, CUSTOMER).lines[0] == "CREAM      1 x120.00"


@pytest.mark.parametrize(
    ("product", "name"),
    [
        (Product("ZZ-9", "面膜", pole="", plu=9), "NO.9"),
        (Product("ZZ-9", "面膜", pole="面膜"), "ZZ-9"),
        (Product("面膜", "面膜"), "ITEM"),
    ],
)
def test_a_product_without_a_pole_name_shows_its_number(product: Product, name: str) -> None:
    assert pole(basket(line(product)), CUSTOMER).lines[0].split()[0] == name


def test_of_long_typing_the_end_is_seen() -> None:
    typed = "01234567890123456789012"
    assert pole(Step("15", "card_number", typed), CLERK).lines[1] == "4567890123456789012_"
    assert pole(basket(line(), typed=typed), CLERK).lines[1] == "123456789012_ 227.90"


def test_every_step_has_words_that_fit() -> None:
    for ask in Ask:
        assert len(f"{STEPS[ask]}- {ASKED[ask].pole}") <= COLUMNS


@settings(max_examples=150, deadline=None)
@given(
    name=st.text(max_size=30),
    qty=st.integers(-5, 20000),
    paid_fen=st.integers(-100, 99_999_999),
    typed=st.text("0123456789.*+-/", max_size=30),
    audience=st.sampled_from(list(Audience)),
)
def test_any_line_is_twenty_ascii_cells_with_a_whole_total(
    name: str, qty: int, paid_fen: int, typed: str, audience: Audience
) -> None:
    product = Product("面膜", "面膜", pole=name)
    shown = pole(basket(line(product, qty, paid_fen), abs(paid_fen), typed), audience)
    for text in shown.lines:
        assert len(text) <= COLUMNS
        assert text.isascii()
        assert text.isprintable()
    assert shown.lines[1].endswith(f"{abs(paid_fen) // 100}.{abs(paid_fen) % 100:02d}")


def test_who_pays_nothing_is_told_of_no_amount() -> None:
    joined = Done("e", 0, 0, 0, (), 100, 100, None, kind="member.enrolled")
    assert pole(joined, CUSTOMER).lines == ("WELCOME TO THE CLUB", "OK")
    assert pole(TotalShown(30000, 30000, 0, 0, None), CUSTOMER).lines == ("DUE 300.00", "")


def test_what_was_done_is_said_in_words_not_in_kinds() -> None:
    """Each entry that has a paper, or that the customer's page speaks of, has words of its own."""
    for kind in {*DOCUMENTS, *words_of("en").done, Kind.SHIFT_OPENED, Kind.DRAWER_OPENED}:
        for pay_fen, change_fen in ((0, 0), (-1999_999, 0), (500, 1999_999)):
            done = Done("e", pay_fen, 0, change_fen, (), 0, None, None, kind=kind)
            assert OTHERWISE not in pole(done, CLERK).lines, kind
            words = DONE_WORDS[kind]
            assert len(words) <= COLUMNS
            assert words.isascii()
            if kind not in SOLD:
                assert pole(done, CLERK).lines[0] == words
    fetched = Done("e", 0, 0, 0, (), 0, None, None, kind=Kind.ENTITLEMENT_HANDED_OVER)
    assert pole(fetched, CUSTOMER).lines == ("ENJOY YOUR GIFT", "OK")
