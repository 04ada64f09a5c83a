"""Case files: worked examples as people write them, and what is wrong with one. No evaluation.

The format is the black-box contract of the engine. Unknown keys beside `events` are comments;
unknown keys inside an event are mistakes, and so is what this version does not evaluate.
"""

from datetime import datetime, timedelta, timezone, tzinfo
from typing import Literal

import msgspec

from daemon.rules.casefile_account import AccountEvent
from daemon.rules.casefile_sale import CaseLine, ExchangeEvent, GoodsEvent, ReturnEvent, SaleEvent
from daemon.rules.casewords import Amount, CaseError, Number

EVALUATED = (
    *("sale", "enrol", "renew", "topup", "redeem_gift", "grant", "life_event", "transfer"),
    *("freeze", "unfreeze", "lost", "adjust", "inquire", "share", "tick", "december_check"),
    *("return", "void", "exchange", "claim", "listed"),
)
YEAR_FIRST, YEAR_LAST = 1900, 2200  # no arithmetic of the rules leaves what a date can be
QTY_MAX = 1_000_000  # pieces, or grams: a ton
CASE_BYTES_MAX = 4_000_000  # a year of one shop by hand; what is longer is no example

_SHOP_ZONE = timezone(timedelta(hours=8))  # of a case without any event


class CaseLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    qty: Amount
    per: Literal["receipt", "day", "month"] = "receipt"


class CaseProduct(msgspec.Struct, frozen=True, rename={"cls": "class"}):
    sku: str
    name: str = ""
    price: Amount | None = None
    cls: str = "regular"
    category: str = ""
    cost: Amount | None = None
    member_price: Amount | None = None
    swap_price: Amount | None = None
    unit: str = "piece"
    brand: str = ""
    department: str = ""
    exchange_group: str = ""
    limit: CaseLimit | None = None
    least: Amount | None = None  # of it in stock
    most: Amount | None = None


class CaseLot(msgspec.Struct, frozen=True):
    amount: Amount
    granted: datetime
    expires: datetime | None = None


class CaseCoupon(msgspec.Struct, frozen=True):
    kind: str
    id: str = ""
    value: Amount = 0
    granted: datetime | None = None
    expires: datetime | None = None


class CaseMember(msgspec.Struct, frozen=True):
    id: str
    card: str
    joined: str  # a date is its first instant
    level: str | None = None
    status: Literal["active", "lost", "frozen", "closed"] = "active"
    points: tuple[CaseLot, ...] = ()
    principal: tuple[CaseLot, ...] = ()
    bonus: tuple[CaseLot, ...] = ()
    coupons: tuple[CaseCoupon, ...] = ()
    growth: Amount = 0
    birthday: str | None = None
    tags: tuple[str, ...] = ()
    kind: Literal["registered", "bearer", "staff"] = "registered"
    staff: str = ""
    broker: str = ""
    phone: Literal["", "in_service", "out_of_service"] = "in_service"
    consent: bool = False  # to be told of offers


Event = GoodsEvent | AccountEvent


class Case(msgspec.Struct, frozen=True):
    products: tuple[CaseProduct, ...] = ()
    stock: dict[str, Number] = {}
    counted: dict[str, datetime] = {}  # sku -> when it was counted last
    members: tuple[CaseMember, ...] = ()
    events: tuple[Event, ...] = ()


class _Kind(msgspec.Struct, frozen=True):
    do: str


class _Kinds(msgspec.Struct, frozen=True):
    events: tuple[_Kind, ...] = ()


def read_case(text: str) -> Case:
    """Return the case. Raises CaseError."""
    if len(text) > CASE_BYTES_MAX:
        raise CaseError(f"a case of more than {CASE_BYTES_MAX} characters is none")
    try:
        _refuse_kinds(msgspec.json.decode(text, type=_Kinds))
        case = msgspec.json.decode(text, type=Case)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise CaseError(f"no case file: {error}") from error
    for place, event in enumerate(case.events):
        _refuse_event(event, f"events[{place}]")
    for place, member in enumerate(case.members):
        _refuse_member(member, f"members[{place}]")
    return case


def zone_of(case: Case) -> tzinfo:
    """Return the shop's offset: that of the first event."""
    zone = case.events[0].at.tzinfo if case.events else None
    return zone or _SHOP_ZONE


def joined_at(member: CaseMember, zone: tzinfo) -> datetime:
    """Return when the member joined; a date is its first instant. Raises CaseError."""
    try:
        moment = datetime.fromisoformat(member.joined)
    except ValueError as error:
        found = f"members: {member.id} joined {member.joined!r}: no date"
        raise CaseError(f"{found}. Use 2025-05-05.") from error
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    _refuse_time(moment, f"members: {member.id} joined")
    return moment


def _refuse_time(moment: datetime, path: str) -> None:
    if moment.tzinfo is None:
        raise CaseError(f"{path}: a time needs its offset, as +08:00")
    if not YEAR_FIRST <= moment.year <= YEAR_LAST:
        found = f"{path}: {moment.year} is no year of a shop"
        raise CaseError(f"{found}; use {YEAR_FIRST} to {YEAR_LAST}")


def _refuse_member(member: CaseMember, path: str) -> None:
    for section in ("points", "principal", "bonus", "coupons"):
        held: tuple[CaseLot | CaseCoupon, ...] = getattr(member, section)
        for place, one in enumerate(held):
            for moment in (one.granted, one.expires):
                if moment is not None:
                    _refuse_time(moment, f"{path}.{section}[{place}]")


def _refuse_kinds(kinds: _Kinds) -> None:
    for place, event in enumerate(kinds.events):
        if event.do in EVALUATED:
            continue
        known = ", ".join(EVALUATED)
        raise CaseError(f"events[{place}].do: {event.do} is no event. Use one of {known}.")


def _refuse_event(event: Event, path: str) -> None:
    _refuse_time(event.at, f"{path}.at")
    if isinstance(event, SaleEvent):
        _refuse_lines(event.lines, f"{path}.lines")
    elif isinstance(event, ExchangeEvent):
        _refuse_lines(event.take, f"{path}.take")
    if isinstance(event, ReturnEvent | ExchangeEvent):
        for place, back in enumerate(event.lines):
            if back.qty < 1 or back.line < 0:
                found = f"{path}.lines[{place}]: line {back.line}, qty {back.qty}"
                raise CaseError(f"{found}: use a line from 0 and 1 piece or more")


def _refuse_lines(lines: tuple[CaseLine, ...], path: str) -> None:
    for place, line in enumerate(lines):
        if not 1 <= line.qty <= QTY_MAX:
            found = f"{path}[{place}].qty: {line.qty} is no quantity"
            raise CaseError(f"{found}; use 1 to {QTY_MAX}")
        if line.price is not None and line.price < 0:
            raise CaseError(f"{path}[{place}].price: less than nothing; use fen, 0 or more")
