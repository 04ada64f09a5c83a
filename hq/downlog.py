"""The down-log writer: from what the directory says and what a chain was told, what to tell it.

One log per chain (box, epoch), numbered from 1, linked by hash, signed. Only the newest chain of a
box is told anything. At the birth of a chain: pack, activation, staff, products, card ranges,
members with the status of their cards, opening stock, holdings. Later only what has changed.
A grant and the entry of HQ's own log that releases it are one transaction.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

import msgspec

from daemon.ledger.bodies import HoldingReleased
from daemon.ledger.codec import canonical, hash_of
from daemon.ledger.kinds import Kind
from daemon.ledger.messages import (
    CardBlocked,
    CardRange,
    CardRanges,
    DownBody,
    DownMessage,
    GrantedLot,
    HoldingGranted,
    OpeningStock,
    Pack,
    PackActivate,
    Product,
    Products,
    Staff,
    StaffList,
    StockOpened,
)
from daemon.ledger.posting import HQ, transit
from daemon.ledger.records import Posting
from daemon.sync.wire import VERSION, sign_message
from hq.members import member
from hq.ownlog import append
from hq.store import OWN_BOX, Office

MESSAGES_PER_TURN = 1000  # of one transaction: 0.2 s, so that intake is not kept waiting
PRODUCTS_PER_MESSAGE = 200  # a message stays below 64 KiB
LOTS_PER_MESSAGE = 200  # an entry holds two postings for each
STOCK_PER_MESSAGE = 50  # serial-numbered goods make two postings a piece
ACTIVE = "active"

T = TypeVar("T")


def write(office: Office) -> int:
    """Write what chains have not been told; return how many messages (call again until 0)."""
    directory = int(office.meta("directory"))
    pending = _untold(office.db, directory)
    if not pending:
        return 0
    written = 0
    with office.transaction():
        directory = int(office.meta("directory"))
        for chain, box, epoch in _untold(office.db, directory):
            log = _Log(office, chain, box, epoch)
            complete = log.fill(MESSAGES_PER_TURN - written)
            written += log.written
            if complete:
                office.db.execute("UPDATE chain SET told = ? WHERE id = ?", (directory, chain))
            if written >= MESSAGES_PER_TURN:
                break
    return written


def _untold(db: sqlite3.Connection, directory: int) -> list[tuple[int, str, int]]:
    """Return the newest chain of each box that has begun and was not told everything."""
    return db.execute(
        "SELECT id, box, epoch FROM chain AS c WHERE mark > 0 AND told < ? AND box <> ?"
        " AND closed IS NULL"
        " AND epoch = (SELECT max(epoch) FROM chain WHERE box = c.box AND mark > 0)",
        (directory, OWN_BOX),
    ).fetchall()


class _Log:
    """The down log of one chain, inside one transaction."""

    def __init__(self, office: Office, chain: int, box: str, epoch: int) -> None:
        self._office = office
        self._db = office.db
        self._chain = chain
        self._box = box
        self._epoch = epoch
        self._n, self._hash = self._db.execute(
            "SELECT down_seq, down_hash FROM chain WHERE id = ?", (chain,)
        ).fetchone()
        self.written = 0

    def fill(self, limit: int) -> bool:
        """Write at most about `limit` messages; return whether that was all."""
        steps = (
            self._packs,
            self._activation,
            self._staff,
            self._products,
            self._ranges,
            self._members,
            self._blocks,
            self._stock,
            self._holdings,
        )
        for step in steps:
            for _ in step():
                if self.written >= limit:
                    return False
        return True

    def _packs(self) -> Iterator[None]:
        """Tell the pack in force and those staged after it; what is superseded stays untold."""
        rows = self._db.execute(
            "SELECT id, version, hash, document FROM pack WHERE rowid >= coalesce("
            " (SELECT p.rowid FROM pack AS p JOIN activation AS a USING (id, version)"
            "  ORDER BY a.n DESC LIMIT 1), 0) ORDER BY rowid"
        ).fetchall()
        for name, version, found, document in rows:
            if self._tell("pack", f"{name}:{version}", found):
                self._add("pack", Pack(document))
                yield

    def _activation(self) -> Iterator[None]:
        row = self._db.execute(
            "SELECT n, id, version, hash FROM activation ORDER BY n DESC LIMIT 1"
        ).fetchone()
        if row is None:
            return
        n, name, version, found = row
        if self._tell("activation", "", str(n)):
            self._add("pack.activate", PackActivate(name, version, found))
            yield

    def _staff(self) -> Iterator[None]:
        for chunk in _chunks(self._changed("staff", "no"), PRODUCTS_PER_MESSAGE):
            bodies = [self._told("staff", row) for row in chunk]
            people = tuple(msgspec.json.decode(body, type=Staff) for body in bodies)
            self._add("staff", StaffList(people))
            yield

    def _products(self) -> Iterator[None]:
        for chunk in _chunks(self._changed("product", "sku"), PRODUCTS_PER_MESSAGE):
            bodies = [self._told("product", row) for row in chunk]
            goods = tuple(msgspec.json.decode(body, type=Product) for body in bodies)
            self._add("products", Products(goods))
            yield

    def _ranges(self) -> Iterator[None]:
        rows = self._db.execute("SELECT first, last, kind FROM card_range").fetchall()
        body = CardRanges(tuple(CardRange(*row) for row in rows))
        if rows and self._tell("ranges", "", hash_of(canonical(body))):
            self._add("card.ranges", body)
            yield

    def _members(self) -> Iterator[None]:
        rows = self._db.execute(
            "SELECT m.id, m.digest FROM member AS m LEFT JOIN told AS t"
            " ON t.chain = ? AND t.what = 'member' AND t.key = m.id"
            " WHERE m.chain <> ? AND t.digest IS NOT m.digest ORDER BY m.rowid",
            (self._chain, self._chain),
        ).fetchall()
        for member_id, digest in rows:
            seen = member(self._office, member_id)
            assert seen is not None
            self._tell("member", member_id, digest)
            self._tell("status", seen.snapshot.card, seen.snapshot.status)
            self._add("member.snapshot", seen.snapshot, member_id)
            yield

    def _blocks(self) -> Iterator[None]:
        rows = self._db.execute(
            "SELECT m.card, m.status FROM member AS m LEFT JOIN told AS t"
            " ON t.chain = ? AND t.what = 'status' AND t.key = m.card"
            " WHERE m.status IS NOT coalesce(t.digest, 'active')",
            (self._chain,),
        ).fetchall()
        for card, status in rows:
            self._tell("status", card, status)
            self._add("card.blocked", CardBlocked(card, "" if status == ACTIVE else status))
            yield

    def _stock(self) -> Iterator[None]:
        rows = self._db.execute(
            "SELECT sku, qty, serial_first, serial_last FROM opening_stock"
            " WHERE box = ? AND told IS NULL ORDER BY sku",
            (self._box,),
        ).fetchall()
        for chunk in _chunks(rows, STOCK_PER_MESSAGE):
            self._add("stock.opened", StockOpened(tuple(OpeningStock(*row) for row in chunk)))
            self._db.executemany(
                "UPDATE opening_stock SET told = ? WHERE box = ? AND sku = ?",
                [(self._chain, self._box, row[0]) for row in chunk],
            )
            yield

    def _holdings(self) -> Iterator[None]:
        """Release what HQ holds of the members at home here."""
        rows = self._db.execute(
            "SELECT m.id, l.lot, l.account, l.unit, b.amount, l.granted, l.source, l.expires,"
            " l.topup, l.owner FROM balance AS b INDEXED BY balance_hq"
            " JOIN lot AS l ON l.lot = b.lot AND l.unit = b.unit"
            " JOIN member AS m ON m.id = substr(b.account, instr(b.account, ':') + 1)"
            " WHERE b.holder = 'hq' AND b.amount > 0 AND b.lot <> '' AND m.home = ?"
            " ORDER BY m.rowid, l.lot",
            (self._box,),
        ).fetchall()
        lots: dict[str, list[GrantedLot]] = {}
        for member_id, *lot in rows:
            lots.setdefault(member_id, []).append(GrantedLot(*lot))
        for member_id, held in lots.items():
            for chunk in _chunks(held, LOTS_PER_MESSAGE):
                self._release(member_id, tuple(chunk))
                yield

    def _release(self, member_id: str, lots: tuple[GrantedLot, ...]) -> None:
        to = f"{self._box}.{self._epoch}"
        n = self._n + 1
        postings = [
            Posting(holder, lot.account, lot.unit, lot.lot, amount)
            for lot in lots
            for holder, amount in ((HQ, -lot.amount), (transit(to), lot.amount))
        ]
        body = HoldingReleased(member_id, to, message=n)
        append(
            self._office,
            Kind.HOLDING_RELEASED,
            request=f"release:{to}:{n}",
            body=body,
            postings=postings,
        )
        self._add("holding.granted", HoldingGranted(member_id, lots))

    def _changed(self, table: str, key: str) -> list[tuple[str, str, str]]:
        """Return (key, body, digest) of a directory table's rows that this chain was not told."""
        return self._db.execute(
            f"SELECT d.{key}, d.body, d.digest FROM {table} AS d LEFT JOIN told AS t"  # noqa: S608
            f" ON t.chain = ? AND t.what = '{table}' AND t.key = d.{key}"
            " WHERE t.digest IS NOT d.digest AND d.shop IN ('', ?) ORDER BY d.rowid",
            (self._chain, self._box),
        ).fetchall()

    def _told(self, table: str, row: tuple[str, str, str]) -> str:
        """Note that the row goes into the message that is being written; return its body."""
        self._tell(table, row[0], row[2])
        return row[1]

    def _tell(self, what: str, key: str, digest: str) -> bool:
        """Note that the chain knows this version; return whether it did not before."""
        row = self._db.execute(
            "SELECT digest FROM told WHERE chain = ? AND what = ? AND key = ?",
            (self._chain, what, key),
        ).fetchone()
        if row is not None and row[0] == digest:
            return False
        self._db.execute(
            "INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?)", (self._chain, what, key, digest)
        )
        return True

    def _add(self, kind: str, body: DownBody, member_id: str = "") -> None:
        self._n += 1
        message = DownMessage(
            VERSION,
            self._office.incarnation,
            self._box,
            self._epoch,
            self._n,
            self._hash,
            self._office.now(),
            kind,
            msgspec.Raw(canonical(body)),
        )
        signed = sign_message(message, self._office.sign)
        self._hash = hash_of(signed.message.encode())
        self._db.execute(
            "INSERT INTO down VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self._chain, self._n, self._hash, kind, member_id, signed.message, signed.signature),
        )
        self._db.execute(
            "UPDATE chain SET down_seq = ?, down_hash = ? WHERE id = ?",
            (self._n, self._hash, self._chain),
        )
        self.written += 1


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    walk = iter(items)
    while chunk := list(islice(walk, size)):
        yield chunk
