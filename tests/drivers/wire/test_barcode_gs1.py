"""GS1 codes, AIM identifiers, UPC-E: what the counter is told is the product."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.drivers.wire.barcode import check_digit, clean, is_retail_code, upc_a

GTIN = "06901234100013"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"]C101{GTIN}1726123110AB", "6901234100013"),
        (f"]d2\x1d01{GTIN}10AB\x1d17261231", "6901234100013"),
        (f"]e001{GTIN}3103001250", "6901234100013"),
        (f"]Q310AB\x1d01{GTIN}", "6901234100013"),
        (f"]C10001234567890123456701{GTIN}", "6901234100013"),  # behind a pallet's number
        ("]C10116901234100010", "16901234100010"),  # a box of them has a number of its own
        (f"(01){GTIN}(17)261231", "6901234100013"),
        (f"01{GTIN}\x1d10AB", "6901234100013"),
        (f"https://id.example.com/01/{GTIN}?17=261231", "6901234100013"),
        (f"https://id.example.com/01/{GTIN}/10/AB", "6901234100013"),
        ("]C110AB\x1d21X", "10AB\x1d21X"),  # no product in it
        ("]C101069012341000", "01069012341000"),  # cut off
        ("]E06901234100013", "6901234100013"),
        ("]E06901234100014", ""),  # a digit was lost on the way
        ("]E496385074", "96385074"),
        ("]E4963850", ""),
        ("]E0ABC", "ABC"),
        ("]E001234565", "012345000065"),
        ("2112345012501", "2112345012501"),  # a scale's label: the counter splits it
        ("]", "]"),
    ],
)
def test_the_product_in_a_code(text, code):
    assert clean(text + "\r\n") == code


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("01234505", "012000003455"),
        ("01234514", "012100003454"),
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
        ("01234565", "012345000065"),
        ("23456789", "23456789"),
    ],
)
def test_upc_e_is_upc_a_with_its_zeros_left_out(short, long):
    body = long[:-1]
    assert len(short) == 8
    assert upc_a(short)[:-1] == body
    if len(long) == 12:
        whole = body + check_digit(body)
        assert is_retail_code(upc_a(short[:-1] + whole[-1]))


@given(st.text("0123456789", min_size=13, max_size=13), st.sampled_from(["]C1", "]d2", "]Q3"]))
def test_any_gtin_is_found_whatever_stands_before_and_behind(body, aim):
    gtin = body + check_digit(body)
    told = clean(f"{aim}1726123101{gtin}10LOT\x1d21S")
    assert told == (gtin[1:] if gtin[0] == "0" else gtin)
