"""What every event of a case answers with, and its tenders and stock."""

from collections.abc import Mapping, Sequence

import msgspec

from daemon.ledger.bodies import Applied, Tender
from daemon.rules.casewords import CaseError, CaseTender
from daemon.rules.caseworld import Answer, World
from daemon.rules.tenders import BONUS, PRINCIPAL, STORED
from daemon.rules.types import KeyedTender, TenderRow

EXCHANGE = "exchange"  # the tender that goods which come back are


class CaseTenderRow(msgspec.Struct, frozen=True):
    code: str
    change: bool


# The counter's defaults, without those that spend what a member holds.
TENDERS: tuple[TenderRow, ...] = (
    CaseTenderRow("cash", change=True),
    *(CaseTenderRow(code, change=False) for code in ("bank", "wechat", "alipay", "mall")),
    CaseTenderRow("voucher", change=False),
)
GOODS_TENDERS: tuple[TenderRow, ...] = (
    *TENDERS,
    CaseTenderRow(STORED, change=False),
    CaseTenderRow(EXCHANGE, change=False),
)


def keyed(tenders: Sequence[CaseTender], place: int) -> list[KeyedTender]:
    """Return the tenders as the engine takes them. Raises CaseError."""
    for at, tender in enumerate(tenders):
        if tender.kind in ("points", "coupon", PRINCIPAL, BONUS, EXCHANGE):
            path = f"events[{place}].tenders[{at}].kind"
            said = "use redeem, coupons or the tender stored_value"
            raise CaseError(f"{path}: {tender.kind} is keyed by nobody; {said}")
    return [
        KeyedTender(tender.kind, None if tender.amount == "rest" else tender.amount)
        for tender in tenders
    ]


def moved(world: World, moves: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Return the change of stock per sku, done."""
    changes: dict[str, int] = {}
    for sku, qty in moves:
        changes[sku] = changes.get(sku, 0) + qty
        world.stock[sku] = world.stock.get(sku, 0) + qty
    return changes


def answer(
    *,
    pay: int,
    points: int,
    tenders: Sequence[Tender],
    stock: Mapping[str, int],
    trace: Sequence[Applied],
) -> Answer:
    """Return the answer of an event that went through."""
    paid_by: dict[str, int] = {}
    for tender in tenders:
        code = STORED if tender.code in (PRINCIPAL, BONUS) else tender.code
        paid_by[code] = paid_by.get(code, 0) + tender.amount_fen
    return {
        "ok": True,
        "bill": 0,
        "discount": 0,
        "pay": pay,
        "paid_by": paid_by,
        "points": points,
        "growth": 0,
        "level": None,
        "coupons": [],
        "rewards": [],
        "stock": dict(stock),
        "claim": 0,
        "trace": [
            {"rule": one.rule, "what": one.what, "in": one.base, "out": one.result} for one in trace
        ],
    }


def refused(code: str, why: str) -> Answer:
    """Return the answer of an event that was refused: nothing has changed."""
    return {"ok": False, "refused": code, "why": why}
