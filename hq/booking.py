"""Booking: what stored entries mean for headquarters' books. It has a mark of its own per chain.

What cannot be booked (unknown kind or version, a broken invariant) becomes a case on the work list
and the rest goes on. The books are a fold over stored entries: this file writes balances, lots and
members, and nothing here is needed for an acknowledgement.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import msgspec

from daemon.ledger import accounts
from daemon.ledger.bodies import (
    CardChanged,
    CardIssued,
    CardReplaced,
    Claim,
    CouponIssued,
    DownApplied,
    DownRefused,
    EpochOpened,
    Exchange,
    HoldingReleased,
    HoldingTaken,
    LevelChanged,
    MemberEnrolled,
    MemberErased,
    MemberRenewed,
    MemberUpdated,
    Moved,
    NewLot,
    PackActivated,
    PointsAdjusted,
    PointsGranted,
    PointsRedeemed,
    Promised,
    Returned,
    Sale,
    SaleClaimed,
    StockMoved,
    TopUp,
    TopUpVoided,
)
from daemon.ledger.bodies_notice import MessageRead, ReservationEnded
from daemon.ledger.codec import CodecError, decode
from daemon.ledger.kinds import Kind, claim_unit
from daemon.ledger.lots import lent
from daemon.ledger.posting import HQ, check, transit
from daemon.ledger.records import Chain, Entry, Posting
from daemon.ledger.requests import source as request_source
from hq import latepoints, notices
from hq.adoption import adopt
from hq.aliases import match_card, one_more_card, seen_as_visitor
from hq.balance import Balance
from hq.db import Table
from hq.erasing import erase
from hq.giving_back import ask
from hq.goods import sent
from hq.members import benefited, enrol, leveled, renewed, replaced, reprofiled, set_status
from hq.ownlog import append, write_balances
from hq.retention import Seen
from hq.store import OWN_BOX, Case, Office, open_case

_VISITORS = accounts.points(accounts.visitor("")).removeprefix("points")  # ":card:"
STATUS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.CARD_LOST: "lost",
        Kind.CARD_FROZEN: "frozen",
        Kind.CARD_UNFROZEN: "active",
        Kind.CARD_CLOSED: "closed",
    }
)
_LOT = Table(
    "lot",
    ("lot", "account", "unit", "granted", "expires", "source", "topup", "owner"),
    ("text",) * 8,
)
ENTRIES_PER_TURN = 2000  # of one transaction: intake waits for at most 0.3 s


@dataclass(frozen=True, slots=True)
class _Row:
    """A chain with entries that are stored and not booked."""

    id: int
    chain: Chain
    booked: int
    booked_hash: bytes
    mark: int


class Booking:
    """Books what intake has stored. One thread at a time, the same as intake's."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._moved: dict[tuple[str, str, str, str], int] = {}
        self._new_lots: list[tuple[object, ...]] = []
        self._visitors: set[tuple[str, str]] = set()
        self._seen = Seen(office)

    def turn(self) -> int:
        """Book some entries of every chain; return how many, 0 when there is nothing to book."""
        db = self._office.db
        pending = "SELECT 1 FROM chain WHERE booked < mark LIMIT 1"
        if db.execute(pending).fetchone() is None:
            return 0
        done = 0
        with self._office.transaction():
            rows = db.execute(
                "SELECT id, box, epoch, booked, booked_hash, mark FROM chain"
                " WHERE booked < mark AND box <> ?",
                (OWN_BOX,),
            ).fetchall()
            for chain, box, epoch, booked, booked_hash, mark in rows:
                row = _Row(chain, Chain(box, epoch), booked, bytes.fromhex(booked_hash), mark)
                done += self._book_chain(row, ENTRIES_PER_TURN - done)
                if done >= ENTRIES_PER_TURN:
                    break
            self._write_balances()
            seen_as_visitor(self._office, sorted(self._visitors))
            self._visitors.clear()
            self._seen.write()
        return done

    def _book_chain(self, row: _Row, limit: int) -> int:
        db = self._office.db
        booked, before = row.booked, row.booked_hash
        entries = db.execute(
            "SELECT seq, hash, prev, data FROM entry WHERE chain = ? AND seq > ? AND seq <= ?"
            " ORDER BY seq, rowid",
            (row.id, row.booked, min(row.mark, row.booked + limit)),
        )
        for seq, found, prev, data in entries.fetchall():
            if seq != booked + 1 or (prev != before and seq != 1):
                continue  # another branch; the mark went along the first stored one
            self._book(row, bytes(data), found.hex(), seq)
            booked, before = seq, found
        db.execute(
            "UPDATE chain SET booked = ?, booked_hash = ? WHERE id = ?",
            (booked, before.hex(), row.id),
        )
        return int(booked - row.booked)

    def _book(self, row: _Row, data: bytes, found: str, seq: int) -> None:
        try:
            entry = decode(data)
        except (CodecError, RecursionError) as error:
            self._case(row, seq, found, "unknown", str(error))
            return
        problems = check(entry.postings, row.chain, self._balance_of(row.chain))
        if problems:
            what = "; ".join(problem.what for problem in problems)
            self._case(row, seq, found, "invariant", what)
            return
        self.move(entry.postings)
        self._visitors |= {
            (one.account.partition(":")[2], entry.box)
            for one in entry.postings
            if _VISITORS in one.account and one.lot
        }
        self._seen.note(f"{row.chain}:{entry.seq}", entry)
        self._take_back(row, entry)
        self._mean(row, entry, found)

    def _take_back(self, row: _Row, entry: Entry) -> None:
        """Take into HQ's hand what the chain sent there; of a chain that was given up it goes
        against the loss, since its holding was granted anew."""
        on_the_way = transit(HQ)
        sent = [one for one in entry.postings if one.holder == on_the_way and one.amount > 0]
        if not sent:
            return
        closed = self._office.db.execute("SELECT closed FROM chain WHERE id = ?", (row.id,))
        lost = closed.fetchone()[0] is not None
        name = f"{row.chain}:{entry.seq}"
        postings: list[Posting] = []
        for one in sent:
            account, lot = (accounts.LOSS_CHAIN, "") if lost else (one.account, one.lot)
            postings.append(Posting(on_the_way, one.account, one.unit, one.lot, -one.amount))
            postings.append(Posting(HQ, account, one.unit, lot, one.amount))
        body = HoldingTaken(name)
        append(
            self._office, Kind.HOLDING_TAKEN, request=f"taken:{name}", body=body, postings=postings
        )

    def _mean(self, row: _Row, entry: Entry, found: str) -> None:
        """Book what an entry says besides its postings."""
        name = f"{row.chain}:{entry.seq}"
        match entry.body:
            case Sale() as sale:
                self._sold(name, entry, sale)
            case MemberEnrolled() as enrolled:
                self._lots(name, entry.at.wall, enrolled.lots, entry.postings)
                self._twins(row, entry, enrolled.card, found)
                if not enrol(self._office, name, enrolled, chain=row.id, home=entry.box):
                    what = f"no key that came opens the profile of {name}"
                    self._case(row, entry.seq, found, "key", what)
                match_card(self._office, enrolled.card)
            case TopUp() as topup:
                self._lots(name, entry.at.wall, topup.lots, entry.postings, topup=name)
                self._person(row, entry, found)
            case TopUpVoided() as gone:
                self._claims(name, entry.at.wall, gone.member, gone.claims)
                self._person(row, entry, found)
            case Returned() | Exchange() as back:
                self._lots(name, entry.at.wall, back.lots, entry.postings)
                self._claims(name, entry.at.wall, back.member, back.claims)
                self._given_back(row, entry, found)
            case SaleClaimed() as late:
                self._lots(name, entry.at.wall, late.lots, entry.postings)
                self._claims(name, entry.at.wall, late.member, late.claims)
                if what := latepoints.found(self._office, entry.re, late):
                    self._case(row, entry.seq, found, latepoints.KIND, what)
            case (
                PointsGranted() | PointsAdjusted() | PointsRedeemed() | CouponIssued() | Promised()
            ) as granted:
                self._lots(name, entry.at.wall, granted.lots, entry.postings)
            case DownApplied() as applied:
                self._answered(row, entry, applied, found)
            case DownRefused() as refused:
                self._refused(row, entry, refused, found)
            case EpochOpened(parent_epoch=parent) as opened if parent:
                self._ended(row, opened)
            case HoldingReleased() | Moved():
                self._did(row, entry)
            case PackActivated() as pack:
                self._office.db.execute(
                    "UPDATE box SET pack = ? WHERE name = ?",
                    (f"{pack.id} {pack.version}", entry.box),
                )
            case MessageRead() | ReservationEnded():
                notices.answered(self._office, entry.box, entry.body)
            case _:
                self._person(row, entry, found)

    def _sold(self, name: str, entry: Entry, sale: Sale) -> None:
        self._lots(name, entry.at.wall, sale.lots, entry.postings)
        if sale.advance is not None:
            lot, claim = lent(sale.advance, name)
            self._lots(name, entry.at.wall, (lot,), entry.postings)
            self._claims(name, entry.at.wall, sale.member, (claim,))

    def _person(self, row: _Row, entry: Entry, found: str) -> None:
        """Book what an entry says of a member as a person, of cards, and of goods that are sent."""
        match entry.body:
            case CardChanged(card=card):
                self._card(card, STATUS[entry.kind])
            case CardReplaced() as new:
                self._card(new.old, "closed")
                replaced(self._office, new, chain=row.id)
            case MemberRenewed() as again:
                self._lots(f"{row.chain}:{entry.seq}", entry.at.wall, again.lots, entry.postings)
                renewed(self._office, again.member, again.term_ends, chain=row.id)
            case TopUp(member=member, benefits=benefits) if benefits:
                benefited(self._office, member, benefits, chain=row.id)
            case TopUpVoided(member=member, benefits=benefits) if benefits is not None:
                benefited(self._office, member, benefits, chain=row.id)
            case LevelChanged(member=member, level=level):
                leveled(self._office, member, level, chain=row.id)
            case CardIssued() as more:
                one_more_card(self._office, more)
            case StockMoved() as moved:
                why = sent(self._office, entry, moved)
                if why is not None:
                    self._case(row, entry.seq, found, "goods", why)
            case MemberUpdated() as updated:
                reprofiled(self._office, updated, chain=row.id)
            case MemberErased() as erased:
                erase(self._office, erased)
            case _:
                pass

    def _ended(self, row: _Row, opened: EpochOpened) -> None:
        """A chain that was not handed over has ended: what it held waits for a decision."""
        if opened.reason == "replacement":
            return
        ended = Chain(row.chain.box, opened.parent_epoch)
        what = (
            f"chain {ended} ended ({opened.reason}); what it held is given anew by "
            f"memberbox-hq write-off {ended}, which shows first what that may cost"
        )
        case = Case(ended.box, ended.epoch, "ended", what, opened.parent_seq, opened.parent_hash)
        open_case(self._office, case)

    def _given_back(self, row: _Row, entry: Entry, found: str) -> None:
        """What another shop's lots had paid is given back there."""
        if isinstance(entry.body, Returned) and entry.body.by:
            name = f"{row.chain}:{entry.seq}"
            why = ask(self._office, entry.body, name=name, sale=entry.re or "")
            if why:
                self._case(row, entry.seq, found, "restore", why)

    def _twins(self, row: _Row, entry: Entry, card: str, found: str) -> None:
        """Two shops that were offline may have enrolled one card."""
        query = "SELECT id FROM member WHERE card = ? LIMIT 1"
        other = self._office.db.execute(query, (card,)).fetchone()
        if other is not None:
            what = f"card {card} was enrolled as {other[0]} before; merge them (memberbox-hq alias)"
            self._case(row, entry.seq, found, "duplicate", what)

    def _card(self, card: str, status: str) -> None:
        self._office.db.execute("UPDATE member SET status = ? WHERE card = ?", (status, card))
        set_status(self._office, card, status)

    def _did(self, row: _Row, entry: Entry) -> None:
        """Note how much of a request the holder has done, and what is owed back of it."""
        if isinstance(entry.body, Moved):
            name, moved = f"{row.chain}:{entry.seq}", entry.body
            self._claims(name, entry.at.wall, moved.member, moved.claims)
        if entry.source == request_source(entry.epoch) and entry.id.isdecimal():
            done = sum(-one.amount for one in entry.postings if one.lot and one.amount < 0)
            self._office.db.execute(
                "UPDATE please SET done = ? WHERE chain = ? AND n = ?",
                (done, row.id, int(entry.id)),
            )

    def _refused(self, row: _Row, entry: Entry, refused: DownRefused, found: str) -> None:
        self._answered(row, entry, refused, found)
        notices.answered(self._office, row.chain.box, refused)
        what = f"message {refused.n} was refused: {refused.why}"
        self._case(row, entry.seq, found, "refused", what)

    def _answered(
        self, row: _Row, entry: Entry, answer: DownApplied | DownRefused, found: str
    ) -> None:
        """The chain has taken message n of its log; it must be the one that HQ wrote."""
        db = self._office.db
        told = db.execute(
            "SELECT text FROM down WHERE chain = ? AND n = ?", (row.id, answer.n)
        ).fetchone()
        known = told is not None and told[0] == answer.message
        if not known and not adopt(self._office, row.id, row.chain, answer):
            what = f"message {answer.n} is not the one that headquarters wrote"
            self._case(row, entry.seq, found, "foreign", what)
        db.execute(
            "UPDATE chain SET applied = greatest(applied, ?) WHERE id = ?", (answer.n, row.id)
        )

    def _lots(
        self,
        entry: str,
        granted: str,
        lots: Iterable[NewLot],
        postings: Iterable[Posting],
        *,
        topup: str = "",
    ) -> None:
        accounts = {(posting.lot, posting.unit): posting.account for posting in postings}
        rows = []
        for lot in lots:
            name = f"{entry}:{lot.n}"
            account = accounts.get((name, lot.unit), "")
            rows.append(
                (
                    name,
                    account,
                    lot.unit,
                    granted,
                    lot.expires,
                    lot.source,
                    lot.topup or topup,
                    lot.owner,
                )
            )
        self._new_lots += rows

    def _claims(self, entry: str, granted: str, member: str, claims: tuple[Claim, ...]) -> None:
        for claim in claims:
            lot, unit = f"{entry}:{claim.n}", claim_unit(claim.unit)
            row = (lot, accounts.claim(member), unit, granted, None, unit, "", "")
            self._new_lots.append(row)
            stands = msgspec.json.encode(claim.lots).decode()
            self._office.db.execute(
                "INSERT INTO claim VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (lot, member, claim.unit, stands),
            )

    def move(self, postings: Iterable[Posting]) -> None:
        """Add postings to the balances; written by the end of the turn."""
        for posting in postings:
            key = (posting.account, posting.unit, posting.lot, posting.holder)
            self._moved[key] = self._moved.get(key, 0) + posting.amount

    def _write_balances(self) -> None:
        if self._new_lots:
            self._office.db.merge(_LOT, self._new_lots)
        write_balances(self._office, self._moved)
        self._moved, self._new_lots = {}, []

    def _balance_of(self, chain: Chain) -> Balance:
        return Balance(self._office, self._moved, str(chain))

    def _case(self, row: _Row, seq: int, found: str, kind: str, what: str) -> None:
        case = Case(row.chain.box, row.chain.epoch, kind, what, seq, found)
        open_case(self._office, case)
