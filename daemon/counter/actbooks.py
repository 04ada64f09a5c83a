"""What acts (ledger/acts) ask of the books; daemon/actfacts.py answers. A protocol alone."""

from collections.abc import Callable, Sequence
from typing import Protocol

from daemon.ledger.acts.bill import Bill
from daemon.ledger.acts.moves import Member, Refusal, Request, Stamp
from daemon.ledger.acts.refund import Used
from daemon.ledger.acts.shift import CloseDayRequest, Till
from daemon.ledger.acts.stock import Shelf
from daemon.ledger.acts.topup import ValueLimits
from daemon.ledger.bodies import Profile
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Chain, Draft, Entry
from daemon.ledger.views import MemberRow


class ActBooks(Protocol):
    @property
    def limits(self) -> ValueLimits: ...

    def stamp(self, request: Request) -> Stamp:
        """Return who, when and under which pack; the request brings source and id."""

    def member(self, member: str, card: str = "") -> Member:
        """Return a member by id or card with all lots; nobody for neither."""

    def row(self, member: str) -> MemberRow | None: ...

    def balance(self, account: str, unit: str, lot: str) -> int: ...

    def is_blank(self, sku: str, card: str) -> bool: ...

    def profile_for(self, row: MemberRow, card: str) -> Profile | None:
        """Return the profile locked for a new card; its key is kept before it returns."""

    def entry(self, entry: str) -> Entry | None: ...

    def answer(self, entry: str, kind: Kind) -> Entry | None: ...

    def bill(self, sale: str) -> Bill | Refusal: ...

    def in_shift(self, entry: str) -> bool: ...

    def used(self, topup: Entry) -> Used: ...

    def held_value(self, member: Member) -> int:
        """Return what counts against the cap of a member's card: also what lies elsewhere."""

    def till(self) -> Till:
        """Return what the books expect of the drawer and of every tender in this shift."""

    def shelf(self, skus: Sequence[str], position: str) -> Shelf:
        """Return what the books say of goods just after an entry; "" is now."""

    def chain(self) -> Chain: ...

    def close_day(self, request: CloseDayRequest) -> Draft | Refusal:
        """Return 日结 of the business date that is open."""

    def find(self, wanted: Callable[[Entry], bool], *, most: int) -> tuple[Entry, ...]:
        """Return the latest entries that are wanted, the newest first."""
