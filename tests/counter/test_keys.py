"""The key grammar: shapes, amounts, check digits; and no sequence of keys that it cannot answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.counter import keys

KEYS = st.lists(st.sampled_from((*"0123456789.+-*/", "ENTER")), max_size=20)


def keyed(text: str) -> keys.BasketCommand:
    command: keys.BasketCommand = keys.Typing("")
    for press in text.replace("ENTER", "E"):
        typed = command.typed if isinstance(command, keys.Typing) else ""
        command = keys.basket_key(typed, "ENTER" if press == "E" else press)
    return command


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("ENTER", keys.Enter()),
        ("4ENTER", keys.Find("4", 1)),
        ("00020ENTER", keys.Find("00020", 1)),
        ("12*18ENTER", keys.Find("18", 12)),
        ("6901234100044ENTER", keys.Find("6901234100044", 1)),
        ("96385074ENTER", keys.Find("96385074", 1)),
        ("036000291452ENTER", keys.Find("036000291452", 1)),
        ("6901234100045ENTER", keys.Wrong()),
        ("123456ENTER", keys.Wrong()),
        ("13800000001ENTER", keys.Phone("13800000001")),
        ("12800000001ENTER", keys.Wrong()),
        ("..8800000000018ENTER", keys.CardNumber("8800000000018")),
        ("..88ENTER", keys.Wrong()),
        (".4ENTER", keys.LookUp("4")),
        ("9.9+", keys.Amount(990, 1)),
        ("3*9.90+", keys.Amount(990, 3)),
        ("9.999+", keys.Wrong()),
        ("0+", keys.Wrong()),
        ("9999999+", keys.Wrong()),
        ("0*4ENTER", keys.Wrong()),
        ("-", keys.Void(None)),
        ("2-", keys.Void(2)),
        ("*2ENTER", keys.GuideNumbers(("2",))),
        ("*2*3ENTER", keys.GuideNumbers(("2", "3"))),
        ("*2*ENTER", keys.Wrong()),
        ("/2", keys.Function("2")),
        ("/+", keys.Wrong()),
    ],
)
def test_shape_decides_the_command(text: str, command: keys.BasketCommand) -> None:
    assert keyed(text) == command


@given(st.integers(1, keys.AMOUNT_FEN_MAX))
def test_every_amount_can_be_keyed(fen: int) -> None:
    assert keys.amount_fen(f"{fen // 100}.{fen % 100:02d}") == fen


@given(st.integers(1, keys.AMOUNT_FEN_MAX // 100))
def test_whole_yuan_need_no_point(yuan: int) -> None:
    assert keys.amount_fen(str(yuan)) == yuan * 100


@given(st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_no_barcode(place: int, off: int) -> None:
    code = "6901234100044"
    assert keys.is_gtin(code)
    digit = str((int(code[place]) + off) % 10)
    assert not keys.is_gtin(code[:place] + digit + code[place + 1 :])


@given(KEYS)
def test_what_is_typed_stays_short_and_every_key_is_answered(presses: list[str]) -> None:
    for grammar in (keys.basket_key, keys.tender_key):
        typed = ""
        for press in presses:
            command = grammar(typed, press)
            typed = command.typed if isinstance(command, keys.Typing) else ""
            assert len(typed) <= 25
