"""The events of a case file that move goods: sales and what undoes them. No evaluation."""

from typing import Literal

import msgspec

from daemon.rules.casewords import CaseEvent, CaseTender, Number


class CaseManual(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    role: str
    reason: str = ""


class CaseLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`price` overrides the price of one piece; with `manual` it is one set by hand."""

    sku: str
    qty: int = 1
    price: Number | None = None
    manual: CaseManual | None = None
    unlisted: bool = False


class Back(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    line: Number  # 0 is the first of the event that `of` names
    qty: Number = 1


class Redeem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    points: Number | Literal["max"] = 0


class SaleEvent(CaseEvent, frozen=True, kw_only=True, tag="sale"):
    lines: tuple[CaseLine, ...] = ()
    member: str | None = None
    staff: str = ""
    redeem: Redeem = Redeem()
    coupons: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()  # rules of groups with mode choice
    cut_off: bool = False  # headquarters does not answer
    tenders: tuple[CaseTender, ...] = ()


class ReturnEvent(CaseEvent, frozen=True, kw_only=True, tag="return"):
    """No lines: all that has not come back."""

    of: int
    lines: tuple[Back, ...] = ()
    staff: str = ""


class VoidEvent(CaseEvent, frozen=True, kw_only=True, tag="void"):
    """The return of everything, in the same business day."""

    of: int
    staff: str = ""


class ExchangeEvent(CaseEvent, frozen=True, kw_only=True, tag="exchange"):
    """`lines` come back, `take` goes out. An even swap leaves money and points untouched."""

    of: int
    lines: tuple[Back, ...]
    take: tuple[CaseLine, ...]
    staff: str = ""
    tenders: tuple[CaseTender, ...] = ()


class ClaimEvent(CaseEvent, frozen=True, kw_only=True, tag="claim"):
    """补登: the points of a sale without card, for a member."""

    of: int
    member: str
    staff: str = ""


class ListedEvent(CaseEvent, frozen=True, kw_only=True, tag="listed"):
    """Headquarters has listed goods that were sold unlisted: line (from 0) of a sale is `sku`."""

    of: int
    line: Number
    sku: str


GoodsEvent = SaleEvent | ReturnEvent | VoidEvent | ExchangeEvent | ClaimEvent | ListedEvent
