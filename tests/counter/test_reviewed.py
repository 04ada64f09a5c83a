"""What a review of the counter found, so that it stays mended."""

import pytest

from daemon.counter.basket import unlisted
from daemon.counter.keys import may_be_bank_card


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("6222021234567890128"[:18] + "0", "6222021234567890120"),  # wrong check digit: goods
        ("4111111111111111", ""),
        ("6900000000017", "6900000000017"),
        ("", ""),
    ],
)
def test_what_may_be_a_bank_card_is_not_kept_as_a_code_of_goods(code, kept):
    assert unlisted(1000, 1, code).code == kept
    assert may_be_bank_card(code) == (kept == "" and code != "")
