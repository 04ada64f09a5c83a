"""Every offer is told with its numbers, in Chinese and English."""

import re

from daemon.ledger.bodies import Applied
from daemon.rules.document import parse
from daemon.rules.explain_offers import offer_said
from tests.rules.shop import changed
from tests.rules.test_offers_properties import PACK, run, sale_of


def test_every_offer_of_a_sale_is_told() -> None:
    use = {"points": "max", "coupons": ["c50"], "tender": "cash"}
    sales = [sale_of([("A", 2), ("B", 3)], use), sale_of([("D", 2)], use | {"coupons": []})]
    said: dict[str, tuple[str, str]] = {}
    for one in [one for sold in run(PACK, sales)["events"] for one in sold["trace"]]:
        told = offer_said(Applied(one["rule"], one["what"], one["in"], one["out"]), PACK)
        if told is None:
            assert one["what"] in ("price", "points", "rounding"), one
            continue
        assert all(text and one["rule"] in text for text in told)
        said.setdefault(one["rule"], told)
    assert {"off50", "half", "c50", "offset", "twice", "back", "extra", "gift"} <= set(said)
    assert said["off50"] == (
        "每满 200.00 元起减(off50):240.00 元减为 189.99 元,省 50.01 元",
        "Off from each 200.00 on (off50): 240.00 becomes 189.99, saved 50.01",
    )
    assert said["half"][0] == "每 2 件中 1 件5 折(half):58.00 元减为 43.50 元,省 14.50 元"
    assert said["c50"][1].endswith("pays 50.00")
    assert re.fullmatch(
        r"积分抵现\(offset\):用 \d+ 分抵 \d+\.\d\d 元,每 10 分抵 0.70 元", said["offset"][0]
    )
    assert said["gift"][1].startswith("For ")


def test_what_only_some_packs_do_is_told_too() -> None:
    pack = parse(changed())
    for what in ("manual", "growth", "reward", "give", "factor", "promo", "offset"):
        told = offer_said(Applied("gone", what, 1000, 900), pack)
        assert told is not None
        assert "gone" in told[0]
    assert offer_said(Applied("mp", "price", 1000, 900), pack) is None
