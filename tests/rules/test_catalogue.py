"""Rows of docs/catalogue.tsv whose whole sentence no other test of the rules shows."""

import pytest
from msgspec.structs import replace

from daemon.rules.types import BasketLine
from tests.rules.shop import CREAM, m1, products, quote


@pytest.mark.parametrize(
    ("cls", "points"), [("regular", 120), ("special", 0), ("swap", 0), ("gift", 0)]
)
def test_only_regular_goods_earn_a_point_a_yuan(cls: str, points: int) -> None:
    goods = replace(products()[CREAM], cls=cls)
    assert quote([BasketLine(1, goods, 1)], m1()).points == points
