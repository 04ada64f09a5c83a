"""The demo shop for the rules' tests: its products, its tender table, a member, the zhenzi pack."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import msgspec

from daemon.ledger.messages import Product
from daemon.rules.caseanswer import TENDERS
from daemon.rules.document import Opened, read
from daemon.rules.engine import Engine, compile_pack
from daemon.rules.types import (
    Basket,
    BasketLine,
    KeyedTender,
    MemberFacts,
    Quote,
    Refusal,
    Settlement,
)

ROOT = Path(__file__).parents[2]
PACKS = ROOT / "config" / "packs"
CASES = Path(__file__).parent / "cases"
ZHENZI = (PACKS / "zhenzi.json").read_text(encoding="utf-8")

CLEANSER, CREAM, TRAVEL, HANDCREAM = "ZZ-001", "ZZ-004", "ZZ-016", "ZZ-015"
MASK, COTTON, BAG, SOAP = "ZZ-009", "ZZ-018", "BAG", "SOAP"

_COLUMNS = {
    "sku": "sku",
    "name": "name",
    "short": "short",
    "class": "cls",
    "price": "price_fen",
    "category": "category",
    "member_price": "member_price_fen",
    "swap_price": "swap_price_fen",
    "unit": "unit",
    "limit": "limit",
}


def at(text: str) -> datetime:
    """Return a time of the shop."""
    return datetime.fromisoformat(f"{text}+08:00")


NOON = at("2026-03-06T12:00:00")


@cache
def zhenzi() -> Opened:
    return read(ZHENZI)


@cache
def engine() -> Engine:
    return compile_pack(zhenzi().pack, zhenzi().ref)


def changed(**sections: object) -> str:
    """Return the text of the zhenzi pack with some sections changed."""
    return json.dumps({**json.loads(ZHENZI), **sections})


def engine_of(**sections: object) -> Engine:
    opened = read(changed(**sections))
    return compile_pack(opened.pack, opened.ref)


@cache
def products() -> dict[str, Product]:
    """Return the demo shop's products by sku."""
    shop = json.loads((ROOT / "config" / "demo" / "demo-shop.json").read_text(encoding="utf-8"))
    listed = [
        {ours: one[theirs] for theirs, ours in _COLUMNS.items() if theirs in one}
        for one in shop["products"]
    ]
    return {product.sku: product for product in msgspec.convert(listed, list[Product])}


def line(n: int, sku: str, qty: int = 1, amount_fen: int | None = None) -> BasketLine:
    return BasketLine(n, products()[sku], qty, amount_fen)


def m1(
    *,
    kind: str = "registered",
    status: str = "active",
    term_ends: datetime | None = at("2026-05-05T00:00:00"),  # noqa: B008 - a constant
) -> MemberFacts:
    """Return M1 of the demo shop."""
    return MemberFacts("M1", "8800000000018", kind, status, at("2025-05-05T00:00:00"), term_ends)


def quote(
    lines: Sequence[BasketLine],
    who: MemberFacts | None = None,
    when: datetime = NOON,
    rules: Engine | None = None,
) -> Quote:
    return (rules or engine()).quote(Basket(tuple(lines), who, when))


def settle(priced: Quote, *keyed: KeyedTender, rules: Engine | None = None) -> Settlement:
    """Return the quote settled; the money must close it."""
    settled = (rules or engine()).settle(priced, keyed, TENDERS)
    assert isinstance(settled, Settlement), settled
    return settled


def refusal(priced: Quote, *keyed: KeyedTender) -> Refusal:
    refused = engine().settle(priced, keyed, TENDERS)
    assert isinstance(refused, Refusal), refused
    return refused
