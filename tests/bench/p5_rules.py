"""Row P5: a receipt of 10 lines under 50 rules, priced and earned, with the trace of what applied.

The generated pack has no easy way out: every line has several rules that fit it, three promos look
at the whole receipt, and several earning rules share it.
"""

import json
from datetime import datetime, timezone
from time import perf_counter

from daemon.ledger.messages import Product
from daemon.rules.document import read
from daemon.rules.engine import Engine, compile_pack
from daemon.rules.types import Basket, BasketLine, MemberFacts

RULES = 50
LINES = 10
_ROUNDS, _REPEATS = 200, 25
_CATEGORIES = ("skin", "colour", "set", "tool", "hair")
_AT = datetime(2026, 3, 6, 10, 40, tzinfo=timezone.utc)


def measure() -> float:
    """Return the microseconds that one quote takes (the best of several runs)."""
    engine, basket = busy_engine(), busy_basket()
    best = float("inf")
    for _ in range(_REPEATS):
        begin = perf_counter()
        for _ in range(_ROUNDS):
            engine.quote(basket)
        best = min(best, (perf_counter() - begin) / _ROUNDS)
    return best * 1e6


def busy_engine() -> Engine:
    """Return a compiled pack of 50 rules: 22 plain prices, 3 promos, 25 earning rules."""
    opened = read(json.dumps(busy_pack()))
    return compile_pack(opened.pack, opened.ref)


def busy_pack() -> dict[str, object]:
    prices: list[dict[str, object]] = [
        {"id": "member", "take": "member_price", "gives_class": "special"}
    ]
    prices += [{"id": f"cat{n}", "basis_points": 9900 - n, **_of(n)} for n in range(15)]
    prices += [{"id": f"sku{n}", "basis_points": 9500, "skus": [f"S{n}"]} for n in range(6)]
    prices += [
        {
            "id": f"swap{n}",
            "take": "swap_price",
            "gives_class": "swap",
            "needs": {"min_fen": 10000 * (n + 1)},
            "max_per_receipt": 1,
        }
        for n in range(3)
    ]
    earn = [{"id": f"earn{n}", "step_fen": 100 + n, "points": 1, **_of(n)} for n in range(25)]
    assert len(prices) + len(earn) == RULES
    return {
        "id": "busy",
        "version": 1,
        "title": "P5",
        "effective": {"starts": "2024-01-01T00:00:00+08:00"},
        "scope": {"brand": "bench"},
        "rounding": {"cash": {"unit_fen": 10, "mode": "down", "tenders": ["cash"]}},
        "groups": {"price": "best", "spend": "add"},
        "prices": [{**rule, "group": "price"} for rule in prices],
        "earn": [{**rule, "group": "spend", "excluded_tenders": ["points"]} for rule in earn],
        "expiry": {"kind": "never"},
        "lapsed": {},
        "shown": {},
    }


def busy_basket() -> Basket:
    lines = tuple(BasketLine(n + 1, _product(n), 1 + n % 3) for n in range(LINES))
    member = MemberFacts("M1", "8800000000018", "registered", "active", _AT, None)
    return Basket(lines, member, _AT)


def _of(n: int) -> dict[str, object]:
    return {"categories": [_CATEGORIES[n % len(_CATEGORIES)]]}


def _product(n: int) -> Product:
    return Product(
        f"S{n}",
        f"product {n}",
        price_fen=5000 + 710 * n,
        category=_CATEGORIES[n % len(_CATEGORIES)],
        member_price_fen=4000 + 700 * n if n % 4 == 0 else None,
        swap_price_fen=990 if n in (3, 7) else None,
    )


if __name__ == "__main__":
    print(f"{measure():.1f} us")
