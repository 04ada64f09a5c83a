"""What every act is given, and the postings that it gathers.

An act is a pure function: (request, facts of the books, stamp) -> Draft or Refusal. It reads no
clock and no file; what it must know of a lot it asks of `balance`, which is posting.py's Balance.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from daemon.ledger import accounts
from daemon.ledger.bodies import Body, Tender
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.machine import OWN
from daemon.ledger.posting import Balance
from daemon.ledger.records import At, By, Draft, PackRef, Posting
from daemon.ledger.views import LotRow

ENTRY = "#"  # the mark of this entry; sealing.py
CASH = "cash"  # the tender whose money lies in the drawer
MALL = "mall"  # the tender whose money lies with the mall
STORED_VALUE, POINTS, COUPON = "stored_value", "points", "coupon"
OF_LOTS = (STORED_VALUE, POINTS, COUPON)  # tenders that lots pay, no money
ACTIVE = "active"
BLOCKED = ("lost", "frozen", "closed")


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is asked for. (source, id) is committed at most once."""

    id: str
    source: str = "api"


class Refusal(msgspec.Struct, frozen=True):
    """Nothing is done. `code` as the rules' refusals: not_enough_points, over_cap ..."""

    code: str
    why: str


class Stamp(msgspec.Struct, frozen=True):
    """Who, when, under which pack. `now` is the lower bound of the time: what is due is due."""

    source: str
    id: str
    at: At
    by: By
    pack: PackRef | None
    now: datetime


class Member(msgspec.Struct, frozen=True):
    """What this chain's books hold of a member; `lots`: of all his accounts, claims too."""

    id: str
    card: str
    status: str
    kind: str
    lots: tuple[LotRow, ...]

    def of(self, account: str, unit: str) -> list[LotRow]:
        return [lot for lot in self.lots if (lot.account, lot.unit) == (account, unit)]

    def purse(self, unit: str) -> list[LotRow]:
        """Return the lots of what may be spent in a unit."""
        return self.of(purse(self.id, unit), unit)

    def total(self, unit: str) -> int:
        return sum(lot.amount for lot in self.purse(unit))


NOBODY = Member("", "", ACTIVE, "", ())


class Moves:
    """Postings of one act, netted per account and lot, and the numbers of the lots it grants."""

    def __init__(self, balance: Balance, *, lots_from: int = 1) -> None:
        self._balance = balance
        self._moved: dict[tuple[str, str, str], int] = {}
        self._next = lots_from

    def new_lot(self) -> int:
        """Return the number of one more lot of this entry."""
        number = self._next
        self._next += 1
        return number

    def move(self, account: str, unit: str, amount: int, lot: str = "") -> None:
        key = (account, unit, lot)
        self._moved[key] = self._moved.get(key, 0) + amount

    def left(self, account: str, unit: str, lot: str) -> int:
        """Return what a lot holds after what was gathered so far; a new lot: only that."""
        held = 0 if lot.startswith(ENTRY) else self._balance(account, unit, lot)
        return held + self._moved.get((account, unit, lot), 0)

    def pay(self, tenders: Sequence[Tender], *, back: bool = False) -> None:
        """Money comes in, or goes back."""
        for tender in tenders:
            self.move(
                money(tender.code), Unit.FEN, -tender.amount_fen if back else tender.amount_fen
            )

    def grow(self, member: str, growth: int) -> None:
        self.move(accounts.growth(member), Unit.GROWTH, growth)
        self.move(accounts.ISSUED_GROWTH, Unit.GROWTH, -growth)

    def grant(self, member: str, unit: str, amount: int, n: int) -> None:
        """The n-th lot of this entry comes into being."""
        self.move(purse(member, unit), unit, amount, f"#{n}")
        self.move(accounts.issued(unit), unit, -amount)

    def take(self, account: str, unit: str, amount: int, lot: str, *, to: str) -> None:
        """A part of a lot goes from an account to where it stays on view (spent, lapsed ...)."""
        self.move(account, unit, -amount, lot)
        self.move(to, unit, amount, lot)

    def pieces(self, sku: str, qty: int, to: str, *, serial: str = "") -> None:
        """Goods leave the stock; qty below zero: come back. Unlisted goods have no stock."""
        if sku:
            self.move(accounts.stock(sku), Unit.PIECE, -qty, serial)
            self.move(to, Unit.PIECE, qty)

    def postings(self) -> tuple[Posting, ...]:
        """Return what moved, in the order in which it was first named."""
        return tuple(
            Posting(OWN, account, unit, lot, amount)
            for (account, unit, lot), amount in self._moved.items()
            if amount
        )

    def draft(self, stamp: Stamp, kind: Kind, body: Body, re: str | None = None) -> Draft:
        postings = self.postings()
        return Draft(
            stamp.source, stamp.id, kind, stamp.at, stamp.by, stamp.pack, re, body, postings
        )


def money(code: str) -> str:
    """Return the account of a tender's money."""
    if code == MALL:
        return accounts.DUE_MALL
    return accounts.CASH_DRAWER if code == CASH else accounts.tender(code)


def purse(member: str, unit: str) -> str:
    """Return the account of a member in a held unit."""
    match unit:
        case Unit.POINT:
            return accounts.points(member)
        case Unit.PRINCIPAL:
            return accounts.principal(member)
        case Unit.BONUS:
            return accounts.bonus(member)
        case Unit.REWARD:
            return accounts.reward(member)
        case _:
            return accounts.coupons(member)


def blocked(member: Member) -> Refusal | None:
    """Return why a member may not spend or be served; None when he may."""
    match member.status:
        case "lost":
            return Refusal("card_lost", f"card {member.card} was reported lost: replace it first")
        case "frozen" | "closed":
            return Refusal("frozen", f"card {member.card} is {member.status}: ask headquarters")
        case _:
            return None


def unpaid(tenders: Sequence[Tender], due_fen: int) -> Refusal | None:
    """Return why the tenders do not make an amount; None when they do."""
    if any(tender.code in OF_LOTS for tender in tenders):
        return Refusal("not_allowed", "tenders are money; ask for value_fen, points_used, coupons")
    paid = sum(tender.amount_fen for tender in tenders)
    if any(tender.amount_fen < 0 for tender in tenders):
        return Refusal("underpaid", "a tender pays less than nothing: give amounts from 0 up")
    if paid != due_fen:
        return Refusal("underpaid", f"the tenders make {paid} fen; {due_fen} fen are due")
    return None
