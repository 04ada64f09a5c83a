"""Scanned text to codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.drivers.wire.barcode import check_digit, clean, is_retail_code

PUBLISHED = ["6901234567892", "4006381333931", "036000291452", "96385074", "10614141543219"]


@pytest.mark.parametrize("code", PUBLISHED)
def test_published_codes(code):
    assert is_retail_code(code)
    assert check_digit(code[:-1]) == code[-1]


@given(st.sampled_from(PUBLISHED), st.data())
def test_any_wrong_digit_is_noticed(code, data):
    place = data.draw(st.integers(0, len(code) - 1))
    digit = data.draw(st.sampled_from("0123456789").filter(lambda each: each != code[place]))
    assert not is_retail_code(code[:place] + digit + code[place + 1 :])


@pytest.mark.parametrize(
    "code", ["", "123", "69012345678921", "690123456789x", "６９０１２３４５６７８９２"]
)
def test_what_is_no_retail_code(code):
    assert not is_retail_code(code)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("6901234100013\r", "6901234100013"),
        ("]E06901234100013\r\n", "6901234100013"),
        ("]C0ABC-123", "ABC-123"),
        ("MB1|0018|412", "MB1|0018|412"),
        ("\r\n", ""),
        ("a\x00b", ""),
        ("x" * 300, ""),
    ],
)
def test_scanned_text(text, code):
    assert clean(text) == code
