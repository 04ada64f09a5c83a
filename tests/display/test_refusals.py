"""Refusals say what wording says, to the clerk and to the customer."""

from pathlib import Path

import pytest

from daemon.counter.codes import CLERK_ONLY, TOLD_CUSTOMER, Code
from daemon.counter.effects import Audience
from daemon.counter.screens import RefusalShown
from daemon.display.poles import COLUMNS, pole
from daemon.display.refusals import REFUSALS, refusal_text

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
