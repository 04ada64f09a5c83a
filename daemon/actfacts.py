"""What acts ask of a store: members, entries, balances, the stamp. Safe from any thread."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from daemon.clock import Clock
from daemon.entropy import Entropy
from daemon.errors import SealError
from daemon.ledger import accounts
from daemon.ledger.acts.bill import Bill, Ended, bill_of
from daemon.ledger.acts.moves import ACTIVE, NOBODY, Member, Refusal, Request, Stamp
from daemon.ledger.acts.refund import Used, lots_of, used_of
from daemon.ledger.acts.returning import GRACE
from daemon.ledger.acts.shift import CloseDayRequest, Till, day_closed
from daemon.ledger.acts.stock import Shelf
from daemon.ledger.acts.topup import ValueLimits
from daemon.ledger.bodies import Exchange, Profile, Returned, Sale, Taken, ValueRestored
from daemon.ledger.codec import decode
from daemon.ledger.ids import id_of, lot_id
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.lots import ended
from daemon.ledger.messages import SaleTold
from daemon.ledger.notices import Notice
from daemon.ledger.profiles import Person, lock_profile, open_profile, phone_digest
from daemon.ledger.records import At, By, Chain, Draft, Entry, PackRef
from daemon.ledger.stamp import least_now, stamp
from daemon.ledger.store import Store
from daemon.ledger.views import MemberRow
from daemon.limiting import Limiting
from daemon.rules.periods import later, span
from daemon.seal import NONCE_BYTES

LOOK_BACK_ENTRIES = 5_000  # a list at the counter goes back a month; older is asked by number
PAGE_ENTRIES = 200

_Asked = TypeVar("_Asked", bound=Request)


class Facts:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        entropy: Entropy,
        *,
        closing_hour: int,
        limits: ValueLimits | None = None,
        limiting: Limiting | None = None,
    ) -> None:
        """`limiting` None: of a box that has no headquarters."""
        self.store = store
        self.limiting = Limiting(store, alone=True) if limiting is None else limiting
        self._limits = limits
        self.clock = clock
        self._entropy = entropy
        self.closing_hour = closing_hour

    # -- now -----------------------------------------------------------------------------------

    def at(self) -> At:
        return stamp(
            self.clock.read(),
            closing_hour=self.closing_hour,
            not_before=self.store.books.open_date(),
        )

    def now(self) -> datetime:
        """Return the lower bound of now: a trusted clock, or the last trusted time and since."""
        return least_now(self.clock.read(), self.store.purses.last_trusted())

    def stamp(self, request: Request) -> Stamp:
        return Stamp(request.source, request.id, self.at(), self.by(), self.pack(), self.now())

    def by(self) -> By:
        shift = self.store.books.open_shift()
        operator = shift.operator if shift is not None else ""
        staff = self.store.books.staff(operator)
        return By(operator, staff.role if staff is not None else "clerk")

    def pack(self) -> PackRef | None:
        return self.store.books.active_ref()

    @property
    def limits(self) -> ValueLimits:
        """What the active pack says of stored value."""
        return self.limiting.of_value if self._limits is None else self._limits

    # -- members and lots ----------------------------------------------------------------------

    def member(self, member: str, card: str = "") -> Member:
        """Return a member by id or card; nobody for neither; no kind: not known here."""
        books = self.store.books
        row = books.member(member) if member else None
        if row is None and card:
            row = books.member_by_card(card)
        if row is None:
            name = member or (accounts.visitor(card) if card and books.card_range(card) else "")
            return Member(name, card, ACTIVE, "", self.store.purses.of(name)) if name else NOBODY
        status = books.card_status(card) if card else row.status
        return Member(row.id, card or row.card, status, row.kind, self.store.purses.of(row.id))

    def row(self, member: str) -> MemberRow | None:
        return self.store.books.member(member)

    def balance(self, account: str, unit: str, lot: str) -> int:
        return self.store.purses.held(account, unit, lot)

    def is_blank(self, sku: str, card: str) -> bool:
        known = self.store.books.card_status(card)
        return not known and self.store.books.serial_in_stock(sku, card)

    def profile_for(self, row: MemberRow, card: str) -> Profile | None:
        """Return a member's profile locked for a new card; its key is kept before it returns.

        It is the member's own key: headquarters has it already.
        """
        person = self.person(row)
        if person is None:
            return None
        key = self.store.local.member_key(row.card)
        assert key is not None, "who could be read has a key"
        digest = phone_digest(self.store.phone_key, person.phone) if person.phone else None
        self.store.local.put_member_key(card, key=key, phone_digest=digest)
        return lock_profile(person, card=card, key=key, nonce=self._entropy.draw(NONCE_BYTES))

    def person(self, row: MemberRow) -> Person | None:
        """Return a member's personal data; None: its key is not here, or was erased."""
        key = self.store.local.member_key(row.card)
        if key is None or row.profile is None:
            return None
        try:
            return open_profile(row.profile, card=row.card, key=key)
        except SealError:
            return None

    def locked_again(self, row: MemberRow, person: Person) -> Profile:
        """Return a profile locked with the member's own key, under a fresh nonce."""
        key = self.store.local.member_key(row.card)
        assert key is not None, "who could be read has a key"
        digest = phone_digest(self.store.phone_key, person.phone) if person.phone else None
        self.store.local.put_member_key(row.card, key=key, phone_digest=digest)
        return lock_profile(person, card=row.card, key=key, nonce=self._entropy.draw(NONCE_BYTES))

    # -- entries -------------------------------------------------------------------------------

    def entry(self, entry: str) -> Entry | None:
        stored = self.store.entry(entry)
        return None if stored is None else decode(stored.data)

    def answer(self, entry: str, kind: Kind) -> Entry | None:
        """Return the first entry of a kind that answers another, when there is one."""
        return next(self._answers(entry, kind), None)

    def _answers(self, entry: str, kind: Kind) -> Iterator[Entry]:
        for name in self.store.purses.answers(entry):
            found = self.entry(name)
            if found is not None and found.kind is kind:
                yield found

    def bill(self, sale: str) -> Bill | Refusal:
        """Return the bill of a sale or exchange of this chain."""
        entry = self.entry(sale)
        if entry is None:
            return self._told_bill(sale)
        if entry.epoch != self.store.chain.epoch:
            return Refusal("not_returnable", f"{sale} was sold before the books of this box began")
        bill = bill_of(entry, *self._answers(sale, Kind.SALE_CLAIMED))
        if bill is None:
            return Refusal("not_returnable", f"{sale} sold nothing that can come back")
        return replace(bill, ended=self._ended(bill))

    def _told_bill(self, sale: str) -> Bill | Refusal:
        """Return the bill of another shop's sale, as headquarters told it.

        What of its lines may come back lies here once headquarters has brought it. Value and
        points that paid go back to their lots where they were spent, by headquarters' word.
        """
        told = {row.key: row.body for row in self.store.books.notices(Notice.SALE)}.get(sale)
        if told is None:
            return Refusal("not_returnable", f"{sale} is no sale of this box: ask headquarters")
        entry = decode(msgspec.json.decode(told, type=SaleTold).entry.encode())
        bill = bill_of(entry) if id_of(entry) == sale else None
        if bill is None:
            return Refusal("not_returnable", f"{sale} sold nothing that can come back")
        return replace(bill, by=str(Chain(entry.box, entry.epoch)))

    def _ended(self, bill: Bill) -> tuple[Ended, ...]:
        """Return the lots that paid and have ended since, with the end that the pack's grace
        gives to what comes back; none where the pack gives none."""
        grace = self.limits.grace
        if grace is None or not bill.spent:
            return ()
        now = self.now()
        until = later(now, span(grace)).isoformat()
        ends = {one.lot: self.store.purses.end(one.lot) for one in bill.spent}
        return tuple(
            Ended(lot, until, topup) for lot, (end, topup) in ends.items() if ended(end, now)
        )

    def find(self, wanted: Callable[[Entry], bool], *, most: int) -> tuple[Entry, ...]:
        """Return the latest entries of this chain that are wanted, the newest first."""
        found: list[Entry] = []
        epoch, seq = self.store.chain.epoch, self.store.head.seq
        oldest = max(0, seq - LOOK_BACK_ENTRIES)
        while seq > oldest and len(found) < most:
            first = max(oldest, seq - PAGE_ENTRIES) + 1
            page = self.store.read(epoch, first, seq - first + 1)
            found += filter(wanted, (decode(stored.data) for stored in reversed(page)))
            seq = first - 1
        return tuple(found[:most])

    def held_value(self, member: Member) -> int:
        """Return what counts against the cap of a member's card: also what lies elsewhere."""
        return self.limiting.counted_value(member, self.limits.most(member.kind))

    def till(self) -> Till:
        """Return what the books expect of the drawer and the other tenders of this shift."""
        from daemon.ledger import daybook  # a shift ends seldom: not carried all day

        return daybook.till(self.store)

    def shelf(self, skus: Sequence[str], position: str) -> Shelf:
        """Return what the books say of goods just after an entry; "" is now."""
        store, expected, numbers = self.store, {}, {}
        here = f"{store.chain}:{store.head.seq}"
        for sku in skus:
            account = accounts.stock(sku)
            numbers[sku] = frozenset(row.lot for row in store.books.lots(account, Unit.PIECE))
            expected[sku] = (
                store.books.balance_as_of(account, Unit.PIECE, position)
                if position and position != here
                else store.books.stock(sku)
            )
        return Shelf(here, expected, numbers)

    def chain(self) -> Chain:
        return self.store.chain

    def close_day(self, request: CloseDayRequest) -> Draft | Refusal:
        """Return 日结 of the business date that is open."""
        from daemon.ledger import daybook

        books = self.store.books
        date = books.business_date()
        if date is None or books.day_closed(date):
            why = f"{date or 'the day'} is closed already, or nothing was sold"
            return Refusal("not_allowed", why)
        at = self.at()
        totals, last = daybook.z_totals(self.store, date)
        return day_closed(
            at,
            date=date,
            totals=totals,
            last=last,
            signature=daybook.signed_at(self.store, last),
            stamp=self.stamp(request),
        )

    def in_shift(self, entry: str) -> bool:
        """Tell whether an entry is of the shift that is open now."""
        found, shift = self.entry(entry), self.store.books.open_shift()
        opened = None if shift is None else self.entry(shift.opened)
        if found is None or opened is None:
            return False
        return (found.epoch, found.seq) > (opened.epoch, opened.seq)

    def used(self, topup: Entry) -> Used:
        """Return what of a top-up's value was used, read from the entries that used it."""
        units = {lot: unit for lot, (unit, _) in lots_of(topup).items()}
        spent: list[Taken] = []
        restored: list[Taken] = []
        anew: dict[str, tuple[str, int]] = {}
        read, waiting = set[str](), list(units)
        while waiting:
            lot = waiting.pop()
            for name in self.store.purses.touching(accounts.spent(units[lot]), units[lot], lot):
                if name in read:
                    continue
                read.add(name)
                for more, part in self._used_in(name, topup, spent, restored):
                    anew[more], units[more] = part, part[0]
                    waiting.append(more)
        return used_of(list(units), spent, restored, anew)

    def _used_in(
        self, name: str, topup: Entry, spent: list[Taken], restored: list[Taken]
    ) -> Iterator[tuple[str, tuple[str, int]]]:
        """Add what an entry spent and restored; yield the lots by grace that it granted."""
        found = self.entry(name)
        match None if found is None else found.body:
            case Sale() as sale:
                spent += sale.spent
            case Returned() | Exchange() as back:
                restored += back.restored
                for lot in back.lots:
                    if (lot.source, lot.topup) == (GRACE, id_of(topup)):
                        yield lot_id(name, lot.n), (lot.unit, lot.amount)
            case ValueRestored(restored=parts):
                restored += parts
            case _:
                pass


def read(data: bytes, kind: type[_Asked]) -> _Asked:
    """Return the typed request. Raises msgspec.DecodeError or ValidationError."""
    return msgspec.json.decode(data, type=kind)
