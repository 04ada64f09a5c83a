"""The shift's and the day's papers, with the figures of the demo shop's day."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol

from msgspec.structs import replace

from daemon.display.day import day_slip, x_slip
from daemon.display.facts import (
    CashFacts,
    Copy,
    DayFacts,
    PointsCheckFacts,
    ShiftFacts,
    ShopFacts,
    XFacts,
)
from daemon.display.points_check import points_check_slip
from daemon.display.shift import cash_slip, shift_slip
from daemon.ledger.bodies import (
    Body,
    CashMoved,
    CountedTender,
    DayClosed,
    DayTotals,
    ShiftClosed,
    TenderTotal,
)
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Entry
from daemon.paper import Paper

HASH = "9f3a1c" + "5d" * 29

DAY = DayTotals(
    sales=6,
    returned=1,
    goods_gross_fen=70533,
    returns_fen=-6800,
    rounding_fen=3,
    goods_net_fen=63730,
    topup_fen=30000,
    tenders=(
        TenderTotal("cash", 38030, 0, 4),
        TenderTotal("stored_value", 16800, 0, 1),
        TenderTotal("wechat", 8900, 30000, 2),
    ),
    points_granted=677,
    points_taken_back=-68,
    points_redeemed=-800,
    points_paid=-500,
    float_fen=30000,
    cash_expected_fen=68030,
    members_enrolled=1,
    visits=3,
)
SHORT = DayTotals(
    sales=1,
    goods_gross_fen=1000,
    goods_net_fen=1000,
    exchanged_fen=-500,
    fee_fen=4800,
    tenders=(TenderTotal("cash", 1000, 4800, 2),),
    cash_moved_fen=-10000,
    cash_over_fen=-120,
    cash_expected_fen=-4320,
    drawer_opened=2,
)
COUNTED = ShiftClosed(
    "02",
    (
        CountedTender("cash", 67910, 68030),
        CountedTender("wechat", 38900, 38900),
        CountedTender("bank", 100, 0),
    ),
    67910,
)


class Made(Protocol):
    """samples.entry."""

    def __call__(self, body: Body, *, kind: Kind, seq: int, at: str) -> Entry: ...


def documents(
    made: Made, shop: ShopFacts, tenders: Mapping[str, str], columns: int
) -> dict[str, Paper]:
    late = "2026-03-06T21:30:05.000+08:00"
    day = DayFacts(HASH, tenders)
    closed = made(
        DayClosed("2026-03-06", DAY, "0018.1:430"), kind=Kind.DAY_CLOSED, seq=431, at=late
    )
    forgotten = made(
        DayClosed("2026-03-05", SHORT, "0018.1:409", automatic=True),
        kind=Kind.DAY_CLOSED,
        seq=410,
        at="2026-03-06T09:54:00.000+08:00",
    )
    handed = made(COUNTED, kind=Kind.SHIFT_CLOSED, seq=430, at=late)
    paid_out = made(CashMoved("out", 3500, "purchase"), kind=Kind.CASH_MOVED, seq=428, at=late)
    put_in = made(CashMoved("in", 20000, "change"), kind=Kind.CASH_MOVED, seq=427, at=late)
    banked = made(CashMoved("banked", 50000, receiver="01"), kind=Kind.CASH_MOVED, seq=429, at=late)
    at = datetime.fromisoformat("2026-03-06T15:10:00+08:00")
    december = datetime.fromisoformat("2026-12-01T15:10:00+08:00")
    check = PointsCheckFacts(december, "02", date(2026, 12, 15), (("0018", 808), ("0025", 101)))
    return {
        "day": day_slip(closed, day, shop, columns),
        "day-automatic": day_slip(forgotten, day, shop, columns, Copy.REPRINT),
        "day-alone": day_slip(closed, replace(day, alone_days=9), shop, columns),
        "x": x_slip(XFacts(DAY, at, "02", "2026-03-06 09:55", tenders), shop, columns),
        "x-nobody": x_slip(XFacts(DayTotals(), at), shop, columns),
        "shift": shift_slip(handed, ShiftFacts(HASH, "2026-03-06 09:55", tenders), shop, columns),
        "cash-in": cash_slip(put_in, CashFacts(HASH, 88030), shop, columns),
        "cash-out": cash_slip(paid_out, CashFacts(HASH, 64530), shop, columns),
        "cash-banked": cash_slip(banked, CashFacts(HASH, 14530), shop, columns),
        "points-check": points_check_slip(check, shop, columns),
        "points-check-none": points_check_slip(PointsCheckFacts(at, "02", None), shop, columns),
    }
