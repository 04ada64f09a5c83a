"""Refusals say what wording says, to the clerk and to the customer."""

import re
from pathlib import Path

import pytest

from daemon.counter.codes import CLERK_ONLY, TOLD_CUSTOMER, Code, Why, because, refusal_code
from daemon.counter.effects import Audience
from daemon.counter.screens import RefusalShown
from daemon.display.poles import COLUMNS, pole
from daemon.display.reasons import REASONS
from daemon.display.refusals import REFUSALS, refusal_text
from tests.display.refusal_names import PAGE, generated

GIVEN = frozenset(f"E{number:02}" for number in range(1, 21))  # in the specification's own words
WORDING = Path(__file__).parent / "wording.md"  # the table of the specification, word for word
ENGLISH = ("日期", "date"), ("电话", "phone")
TYPICAL = {"date": "2025-12-10", "x": "1280.00", "y": "1180.50", "n": "5", "phone": "020-88880018"}
CUSTOMER_EN = {"请稍候": "PLEASE WAIT", "欢迎光临": "WELCOME", "请再刷一次": "SWIPE AGAIN"}


def rows() -> list[list[str]]:
    lines = WORDING.read_text(encoding="utf-8").splitlines()[2:]
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]


def test_every_code_of_wording_has_its_words() -> None:
    assert len(rows()) == 20
    for code, clerk, customer in rows():
        words = REFUSALS[code]
        said = words.clerk
        for chinese, english in ENGLISH:
            said = said.replace(f"{{{english}}}", f"{{{chinese}}}")
        assert said == clerk
        assert words.customer == customer.removeprefix("-")
        if customer in CUSTOMER_EN:
            assert words.pole_customer == CUSTOMER_EN[customer]


def test_every_code_of_the_counter_has_words() -> None:
    assert {code.value for code in Code} <= set(REFUSALS)
    assert {code for code, words in REFUSALS.items() if not words.customer} == CLERK_ONLY


def test_a_customer_is_told_no_value_that_is_not_his() -> None:
    for code, words in REFUSALS.items():
        allowed = TOLD_CUSTOMER.get(code, frozenset())
        for template in (words.customer, words.customer_en, words.pole_customer):
            places = {name for name in TYPICAL if f"{{{name}}}" in template}
            assert places <= allowed, code


@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_refusal_is_whole_on_a_pole(code: str, audience: Audience) -> None:
    shown = pole(RefusalShown(code, TYPICAL), audience)
    assert shown.code == f"-{code[1:]}-"
    text = " ".join(line for line in shown.lines if line)
    words = REFUSALS[code]
    if audience is Audience.CLERK:
        assert text == f"{code} {words.pole.format(**TYPICAL)}"
    else:
        assert text == words.pole_customer.format(**TYPICAL)
    assert all(len(line) <= COLUMNS and line.isascii() for line in shown.lines)


def test_values_fill_their_places_and_a_missing_one_is_seen() -> None:
    short = RefusalShown("E07", {"x": "20.00", "y": "48.00"})
    assert refusal_text(short, Audience.CLERK, "zh_CN") == (
        "储值不足:可用 20.00,还差 48.00,请补其他付款"
    )
    assert refusal_text(short, Audience.CUSTOMER, "zh_CN") == "还差 48.00 元"
    assert refusal_text(RefusalShown("E07", {}), Audience.CUSTOMER, "zh_CN") == "还差 ? 元"
    assert refusal_text(RefusalShown("E11", {}), Audience.CUSTOMER, "zh_CN") == ""


def test_a_code_from_a_later_release_is_still_readable() -> None:
    unknown = RefusalShown("E77", {"x": "积分"})
    assert pole(unknown, Audience.CLERK).lines == ("E77 CALL THE", "TECHNICIAN")
    assert pole(unknown, Audience.CUSTOMER).lines == ("PLEASE WAIT", "")
    assert refusal_text(unknown, Audience.CUSTOMER, "zh_CN") == "请稍候"


# -- why something is not allowed now ----------------------------------------------------------

NOT_NOW = Code.NOT_ALLOWED, "现在不能这样做"
OTHERWISE = f"{NOT_NOW[1]}:规则或账本不许,请问店长"  # what nobody has named
CHINESE = re.compile(r"[\u4e00-\u9fff,、ENTR ]{3,24}")  # one short line: why, and what to do
ENGLISH_WORDS = re.compile(r"[a-z][a-zENTR:,' ]{8,60}")
TO_DO = re.compile(r"请|按|再|不必|CLEAR|ENTER|可继续|勿")
TO_DO_EN = re.compile(r"[:;,(] ?(?!nothing)[\w/{]|\b(swipe|call|key)\b")


def why(reason: str, language: str, **values: str) -> str:
    shown = RefusalShown(Code.NOT_ALLOWED, dict(because(reason)) | values)
    return refusal_text(shown, Audience.CLERK, language)


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_a_clerk_reads_in_both_languages_why_not_and_what_to_do(reason: str) -> None:
    code, beginning = NOT_NOW
    said = why(reason, "zh_CN").removeprefix(f"{beginning}:")
    assert CHINESE.fullmatch(said) and TO_DO.search(said), said
    assert why(reason, "zh_CN", said="in words that nobody knows") == f"{beginning}:{said}"
    english = why(reason, "en").removeprefix("That cannot be done now: ")
    assert ENGLISH_WORDS.fullmatch(english) and ":" in english, english
    lines = pole(RefusalShown(code, dict(because(reason))), Audience.CLERK).lines
    assert " ".join(lines).replace("  ", " ").startswith(f"{code} NOT NOW: {english.upper()[:9]}")
    assert refusal_text(RefusalShown(code, dict(because(reason))), Audience.CUSTOMER, "zh_CN") == ""


def test_every_reason_has_words_of_its_own() -> None:
    of_rules = {"not_returnable", "window_closed", "out_of_stock", "coupon_unknown", "coupon_used"}
    assert {refusal_code(one) for one in of_rules} == {Code.NOT_ALLOWED}
    assert {*Why, *of_rules} <= set(REASONS)
    for words in zip(*REASONS.values(), strict=True):
        assert len(set(words)) == len(REASONS)


def test_no_refusal_comes_bare() -> None:
    assert why("not_allowed", "zh_CN", said="words that nobody knows") == OTHERWISE
    assert why("no_such_reason", "zh_CN") == OTHERWISE
    assert (
        why("not_allowed", "en", said="it is too big.") == "That cannot be done now: it is too big"
    )
    assert why("not_allowed", "en").startswith("That cannot be done now: rules or books")


def test_some_reasons_word_for_word() -> None:
    assert why(Why.TOO_LATE, "zh_CN") == "现在不能这样做:已过办理期限,请店长处理"
    assert why(Why.NO_HAND_PRICE, "zh_CN") == "现在不能这样做:规则不许改价,请按原价收款"
    assert why("out_of_stock", "zh_CN") == "现在不能这样做:库存不足,请换一样"
    short = "12.50 is still open. Take one more tender."
    assert why("underpaid", "zh_CN", said=short) == "现在不能这样做:还差 12.50,请再收一笔"


# -- every code that there is ---------------------------------------------------------------------


def test_the_page_of_names_has_every_code_with_its_words() -> None:
    assert generated() in PAGE.read_text(encoding="utf-8"), "python -m tests.display.refusal_names"


@pytest.mark.parametrize("code", sorted(set(REFUSALS) - GIVEN))
def test_every_code_of_ours_says_why_and_what_to_do_in_both_languages(code: str) -> None:
    words = REFUSALS[code]
    assert TO_DO.search(words.clerk) or "{why}" in words.clerk, words.clerk
    assert TO_DO_EN.search(words.clerk_en), words.clerk_en


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_code_speaks_both_languages(code: str) -> None:
    words = REFUSALS[code]
    assert re.search("[\u4e00-\u9fff]{3}", words.clerk), words.clerk
    assert re.search("[A-Za-z]{3} ", words.clerk_en) and words.clerk_en.isascii(), words.clerk_en
