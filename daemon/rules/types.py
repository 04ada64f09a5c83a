"""What goes into the rule engine and what comes out: frozen records, no behaviour.

Amounts are int fen, points are int; times carry an offset. Lines and tenders of a settled sale are
the ledger's own structs, so that an entry holds exactly what the engine said.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec

from daemon.ledger.bodies import Applied, NewLot, SaleLine, Tender, Use, Welcome
from daemon.ledger.messages import Product

VISITOR = "visitor"  # MemberFacts.kind of a card that is ours but unknown here


class MemberFacts(msgspec.Struct, frozen=True):
    """What the rules may know of a member. No name, no phone."""

    id: str
    card: str
    kind: str  # registered, bearer, staff, visitor
    status: str  # active, lost, frozen, closed
    joined: datetime | None
    term_ends: datetime | None  # half open: at this instant the term has ended
    level: str = ""
    staff: str = ""
    birthday: str = ""  # 1990-03-01 or 03-01; empty: not known
    tags: tuple[str, ...] = ()  # segments that he is in
    benefits: tuple[str, ...] = ()  # ids of the card types by face value that he holds
    broker: str = ""  # who brought him; his commission
    near: tuple[str, ...] = ()  # windows around the birthday that hold, when it is told again


class HeldCoupon(msgspec.Struct, frozen=True):
    """One coupon in a member's hand. `kind` is the pack's id of it."""

    id: str
    kind: str
    value_fen: int  # of an amount coupon; 0: the pack's rule says what it does
    granted: datetime
    expires: datetime | None = None  # half open
    source: str = ""


class Wallet(msgspec.Struct, frozen=True):
    """What the member may spend on this sale: available here, now. Nothing that has lapsed."""

    points: int = 0
    principal_fen: int = 0
    bonus_fen: int = 0


EMPTY = Wallet()


class Manual(msgspec.Struct, frozen=True):
    """A price that somebody set by hand: who, and why. `staff`: the second person's number."""

    role: str
    reason: str
    staff: str = ""


class BasketLine(msgspec.Struct, frozen=True):
    """One line as keyed or scanned. `amount_fen` overrides the price of the whole line."""

    n: int
    product: Product
    qty: int  # pieces, or grams for goods sold by weight
    amount_fen: int | None = None
    code: str = ""
    unlisted: bool = False  # no product of ours: the clerk keyed the price
    manual: Manual | None = None  # None with an amount: it came from a scale, or is unlisted


class Basket(msgspec.Struct, frozen=True):
    """`so_far` counts what limits look at: `<rule>:day`, `sku:<sku>:month`, `@sales:day` ..."""

    lines: tuple[BasketLine, ...]
    member: MemberFacts | None
    at: datetime
    staff: str = ""  # who serves; the commission is his
    chosen: tuple[str, ...] = ()  # rules that the member chose, of groups with mode choice
    so_far: tuple[tuple[str, int], ...] = ()


class QuotedLine(msgspec.Struct, frozen=True):
    n: int
    product: Product
    qty: int
    list_fen: int  # whole line
    paid_fen: int  # whole line
    cls: str  # regular, special, swap, gift: the class of the price it got
    rule: str = ""
    code: str = ""


class Notice(msgspec.Struct, frozen=True):
    """Something the clerk or customer should know; `code` as in wording (E05, E13 ...)."""

    code: str
    values: Mapping[str, str]


class Refusal(msgspec.Struct, frozen=True):
    """`code` as in the case files: purchase_too_small, card_in_use, underpaid ..."""

    code: str
    why: str
    values: Mapping[str, str]


class Quote(msgspec.Struct, frozen=True):
    """A priced basket; nothing is committed. Points are as if every tender earned."""

    basket: Basket
    lines: tuple[QuotedLine, ...]
    list_fen: int
    bill_fen: int
    points: int
    growth: int
    applied: tuple[Applied, ...]
    notices: tuple[Notice, ...] = ()
    refusal: Refusal | None = None  # why it may not be sold so: settle answers with it
    uses: tuple[tuple[str, int], ...] = ()  # what limits will count of it

    @property
    def saved_fen(self) -> int:
        return self.list_fen - self.bill_fen


class Spend(msgspec.Struct, frozen=True):
    """What the member wants to use on this sale. Points None: as many as may be used."""

    points: int | None = 0
    coupons: tuple[HeldCoupon, ...] = ()


NO_SPEND = Spend()


class Given(msgspec.Struct, frozen=True):
    """What a sale gives beside points for spending: usable on the next purchase."""

    rule: str
    payout: str  # coupon, points, reward, gift
    value: int  # fen of a coupon or reward, points; 0 of a gift
    coupon: str = ""  # the kind
    expires: datetime | None = None
    sku: str = ""
    qty: int = 0
    hq_part: int = 0  # of its value, what headquarters pays for


class Share(msgspec.Struct, frozen=True):
    """A commission: floored, of what was paid for its goods."""

    rule: str
    payee: str
    base_fen: int
    amount_fen: int


class Settlement(msgspec.Struct, frozen=True):
    """A quote with its tenders: what the sale's entry will say."""

    quote: Quote
    lines: tuple[SaleLine, ...]
    tenders: tuple[Tender, ...]
    rounding_fen: int
    pay_fen: int
    points: int
    growth: int
    applied: tuple[Applied, ...]
    lots: tuple[NewLot, ...]  # numbered after the sale's lines
    points_spent: int = 0
    coupons_used: tuple[HeldCoupon, ...] = ()
    reward_fen: int = 0  # money owed as a reward, paid out later
    given: tuple[Given, ...] = ()
    commissions: tuple[Share, ...] = ()
    uses: tuple[Use, ...] = ()  # what limits count of this sale
    near: tuple[str, ...] = ()  # windows of the pack around the member's birthday that held
    frozen: str = ""  # the guard beyond whose limit it is: what it earned lies frozen
    later: tuple[int, ...] = ()  # lines of goods not listed yet, whose points are decided later
    hq_reward_fen: int = 0  # of the reward, what headquarters pays for

    @property
    def points_in_all(self) -> int:
        """The points of its lines, and those that it gives beside them."""
        return self.points + sum(one.value for one in self.given if one.payout == "points")

    @property
    def tendered_fen(self) -> int:
        """What is paid with neither coupons nor points."""
        own = ("coupon", "points")
        return self.pay_fen - sum(one.amount_fen for one in self.tenders if one.code in own)


class EnrolmentOffer(msgspec.Struct, frozen=True):
    """What an enrolment by this channel costs and gives."""

    channel: str  # fee, purchase, topup, grant
    fee_fen: int
    joined: datetime
    term_ends: datetime | None
    points: int
    growth: int
    welcome: tuple[Welcome, ...]
    applied: tuple[Applied, ...]
    lots: tuple[NewLot, ...]  # numbered from 1
    terms: str  # version of the terms to agree to
    uses: tuple[Use, ...] = ()  # what levels count of it
    coupons: tuple[Given, ...] = ()  # that rewards give
    level: str = ""  # that the fee bought
    once: tuple[str, ...] = ()  # rewards that a person has once, given at the pack's own risk
    pending: tuple[str, ...] = ()  # and those that headquarters has to confirm first
    waits: str = ""  # message, approval: the card has no rights before; "": at once


class TenderRow(Protocol):
    """A row of the counter's tender table, as far as the rules care (config's own row fits).

    Whether a tender earns is the pack's alone: an entry must replay without the config of its day.
    """

    @property
    def code(self) -> str: ...
    @property
    def change(self) -> bool: ...


class KeyedTender(msgspec.Struct, frozen=True):
    """Money as keyed: more than is open where the tender gives change; None: the rest."""

    code: str
    amount_fen: int | None
    reference: str = ""
