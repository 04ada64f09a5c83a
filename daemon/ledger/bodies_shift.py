"""Bodies of entries about the drawer, the shift and the day. Money is fen."""

from daemon.ledger.parts import Commission, Part


class ShiftOpened(Part, frozen=True):
    operator: str
    float_fen: int


class CountedTender(Part, frozen=True):
    """What was counted of a tender, blind, and what the books expected."""

    code: str
    counted_fen: int
    expected_fen: int

    @property
    def over_fen(self) -> int:
        """长款; below zero: 短款."""
        return self.counted_fen - self.expected_fen


class ShiftClosed(Part, frozen=True):
    """交班: `re` names the `shift.opened`. The cash that stays is the next shift's float."""

    operator: str
    counted: tuple[CountedTender, ...]
    left_fen: int = 0  # cash that stays in the drawer, counted


class CashMoved(Part, frozen=True):
    """Cash into the drawer (存入), paid out (支出) or handed in (缴款)."""

    way: str  # in, out, banked
    amount_fen: int  # counted upwards
    reason: str = ""
    receiver: str = ""


class DrawerOpened(Part, frozen=True):
    """The drawer was opened without a sale."""

    reason: str


class TenderTotal(Part, frozen=True):
    code: str
    sales_fen: int = 0  # sales less returns
    other_fen: int = 0  # top-ups and fees, less what of them was paid back
    count: int = 0  # entries that it took part in


class DayTotals(Part, frozen=True):
    """A day (Z) or a part of it (X) in figures: a fold over its entries.

    goods_gross - rounding + returns = goods_net = the sum of the tenders' sales. An exchange
    counts by its difference alone.
    """

    sales: int = 0
    returned: int = 0
    goods_gross_fen: int = 0
    returns_fen: int = 0  # below zero
    exchanged_fen: int = 0  # differences of exchanges, paid (above zero) or paid back
    rounding_fen: int = 0  # 抹零
    goods_net_fen: int = 0
    topup_fen: int = 0  # principal sold, less top-ups taken back and refunds
    fee_fen: int = 0
    tenders: tuple[TenderTotal, ...] = ()
    points_granted: int = 0
    points_taken_back: int = 0  # below zero
    points_redeemed: int = 0  # below zero
    points_paid: int = 0  # below zero: paid with, less what of it came back
    float_fen: int = 0
    cash_moved_fen: int = 0  # in, less out and banked
    cash_over_fen: int = 0  # 长款, or below zero 短款
    cash_expected_fen: int = 0  # in the drawer, at the end
    members_enrolled: int = 0
    drawer_opened: int = 0
    visits: int = 0  # members who were here and bought nothing (到店未购)


class DayClosed(Part, frozen=True):
    """日结 of one business date: nothing is booked on it any more."""

    business_date: str
    totals: DayTotals
    last: str = ""  # the last entry of that date
    automatic: bool = False  # 自动日结: made at the next start
    signature: str = ""  # the box's, over the head at `last` (signed.py), base64


class CommissionPaid(Part, frozen=True):
    """Commission that was owed, paid out of the drawer or (`tender`) otherwise."""

    paid: tuple[Commission, ...]
    tender: str
    period: str = ""  # what for: `2026-03`
