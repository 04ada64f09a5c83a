"""What the flows ask of the shop they stand in. `app` implements it; nothing here does I/O.

Answers are the books as of the last commit. Asking changes nothing, but for `lock_profile`, which
keeps the member's new key before it returns, and is asked only when the commit follows, and for
PINs, whose tries are counted.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import msgspec

from daemon.counter.screens import GiftShown, MemberShown, Row
from daemon.ledger.bodies import Guide, Profile
from daemon.ledger.messages import Product, Staff
from daemon.ledger.profiles import Person
from daemon.ledger.records import At, By, PackRef
from daemon.ledger.views import LotRow, MallBill, SaleRow
from daemon.rules.counts import SoFar
from daemon.rules.engine import Engine
from daemon.rules.types import MemberFacts, TenderRow

if TYPE_CHECKING:
    from daemon.counter.actbooks import ActBooks


class Known(msgspec.Struct, frozen=True):
    """A member: what the rules may know of him, and what a screen may show."""

    facts: MemberFacts
    shown: MemberShown
    proved: bool = True  # by card, code or PIN; found by a number, he earns and spends nothing
    by_pin: bool = False  # his own number, which the pack may want above an amount


class PinTry(msgspec.Struct, frozen=True):
    """What became of a PIN. `left`: tries before it is locked for `locked_min` minutes."""

    fits: bool
    left: int = 0
    locked_min: int = 0


class TenderKey(TenderRow, Protocol):
    """A row of the tender table with its key; config's own row fits."""

    @property
    def key(self) -> str: ...  # ENTER, *0 ... *9
    @property
    def name(self) -> str: ...
    @property
    def drawer(self) -> bool: ...
    @property
    def reference(self) -> bool: ...
    @property
    def refundable(self) -> bool | None:
        """Whether it is paid back here; False: in cash."""


class Shop(Protocol):
    def at(self) -> At: ...

    def by(self) -> By: ...

    def engine(self) -> Engine:
        """Return the active pack's engine, or the one without a pack."""

    def engine_of(self, ref: PackRef | None) -> Engine | None:
        """Return the engine of the pack of an entry; None: that pack is not here any more."""

    def fresh_id(self) -> str:
        """Return a random 128-bit id, for one flow."""

    def product_by_plu(self, plu: int) -> Product | None: ...

    def product_by_barcode(self, code: str) -> Product | None: ...

    def product(self, sku: str) -> Product | None: ...

    def products_without_code(self) -> Sequence[Product]:
        """Return what has neither number nor barcode: gifts, samples, cards."""

    def scale_product(self, code: str) -> Product | None:
        """Return the product whose scale prefix and item stand at the front of `code`."""

    def member_by_card(self, card: str) -> Known | None:
        """Return whose card it is, or was: a replaced card's facts are those of the new one."""

    def card_status(self, card: str) -> str:
        """Return active, lost, frozen or closed of this very card; "" where nobody knows it."""

    def member_by_phone(self, phone: str) -> Known | None: ...

    def in_card_range(self, card: str) -> bool: ...

    def blank_card(self, card: str) -> bool:
        """Return whether the number is one of our own stock of cards not yet issued."""

    def stock(self, sku: str) -> int: ...

    def staff(self, no: str) -> Staff | None: ...

    def default_guides(self) -> tuple[Guide, ...]: ...

    def tenders(self) -> Sequence[TenderKey]: ...

    def exact_cash_guard_ms(self) -> int: ...

    def last_anonymous_sale(self) -> SaleRow | None:
        """Return the operator's last sale of this business date if it had no member."""

    def expiring(self, member: str) -> tuple[tuple[str, int], ...]:
        """Return what lapses next: (date, points), soonest first."""

    def gifts(self, member: MemberFacts) -> tuple[GiftShown, ...]:
        """Return what points buy now, the cheapest first; what the member lacks points for too."""

    def balance_fen(self, member: str) -> int: ...

    def lots(self, member: str) -> Sequence[LotRow]:
        """Return every lot of a member: points, value, coupons, and what he owes back (待扣)."""

    def mall_bill(self, entry: str) -> MallBill | None:
        """Return a bill that waits for the mall's till, or what became of it."""

    def least_now(self) -> datetime:
        """Return the lower bound of now: what is due by it may not be spent."""

    def so_far(self, member: str) -> SoFar:
        """Return what limits count of a member: of today, this month, this year."""

    def lacking(self, member: str, *, value: bool = False) -> Sequence[tuple[str, int]]:
        """Return the rights of a visiting member that must be asked for: unit and how much.

        `value`: also the room for stored value on his card.
        """

    def lock_profile(self, person: Person, card: str) -> Profile: ...

    def books(self) -> "ActBooks":
        """Return what the acts of the ledger ask: stamps, members with their lots, entries."""

    def staff_by_badge(self, badge: str) -> Staff | None: ...

    def has_pin(self, whose: str) -> bool:
        """Return whether `staff:<no>` or `member:<id>` has a PIN that was keyed twice."""

    def set_pin(self, whose: str, pin: str) -> None:
        """Keep a new PIN; it holds once it has been tried with success."""

    def try_pin(self, whose: str, pin: str) -> PinTry:
        """Return whether the PIN is right; wrong tries are counted, over restarts."""

    def parked(self) -> Mapping[int, str]:
        """Return the baskets set aside (counter/parked.py), by number."""

    def service(self, topic: str) -> tuple[Row, ...]:
        """Return what the service menu reads out: `devices`, `sync`, `network`."""

    def cut_off(self) -> bool:
        """Return whether there is a headquarters that does not answer now."""

    def hq_answers(self) -> bool:
        """Return whether headquarters can be asked during a sale now; never in practice."""

    def clerk_reads(self) -> bool:
        """Return whether the clerk has a display; else every list goes to paper."""
