"""The events of a case file that move goods: sales and what undoes them. No evaluation."""

from typing import Literal

import msgspec

from daemon.rules.casewords import CaseEvent, CaseTender


class CaseLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sku: str
    qty: int = 1
    price: int | None = None


class Redeem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    points: int | Literal["max"] = 0


class SaleEvent(CaseEvent, frozen=True, kw_only=True, tag="sale"):
    lines: tuple[CaseLine, ...] = ()
    member: str | None = None
    staff: str = ""
    redeem: Redeem = Redeem()
    coupons: tuple[str, ...] = ()
    tenders: tuple[CaseTender, ...] = ()
