"""The down-log writer: from what the directory says and what a chain was told, what to tell it.

Only the newest chain of a box is told anything. At the birth of a chain: blocked cards, pack,
activation, staff, products, card ranges, the members that the box follows, aliases, opening stock,
holdings. Later only what has changed.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

import msgspec

from daemon.ledger.codec import canonical, hash_of
from daemon.ledger.messages import (
    CardBlocked,
    CardRange,
    CardRanges,
    MemberAlias,
    OpeningStock,
    PackActivate,
    Product,
    Products,
    Staff,
    StaffList,
    StockOpened,
    Tombstones,
)
from daemon.ledger.messages_shop import GoodsSent
from daemon.ledger.records import PackRef
from hq import notices
from hq.chainlog import LOTS_PER_MESSAGE, ChainLog
from hq.db import Db
from hq.erasing import keys_told, untold
from hq.joined import judge
from hq.limits import give_homes
from hq.packs import message, wanted_in
from hq.pool import homeward, is_open
from hq.store import OWN_BOX, Office

MESSAGES_PER_TURN = 1000  # of one transaction: 0.2 s, so that intake is not kept waiting
CHAINS_PER_TURN = 50  # of one transaction, for the same: looking at a chain takes 14 questions
PRODUCTS_PER_MESSAGE = 200  # a message stays below 64 KiB
STOCK_PER_MESSAGE = 50  # serial-numbered goods make two postings a piece
STONES_PER_MESSAGE = 500  # a member's id and cards take 60 bytes
ACTIVE = "active"
RETIRED = "retired"  # the digest of a row that a shop was told is gone

T = TypeVar("T")


def write(office: Office) -> int:
    """Write what chains have not been told; return how much was done (call again until 0)."""
    directory = int(office.meta("directory"))
    pending = _untold(office.db, directory)
    if not pending:
        return 0
    written = told = 0
    with office.transaction():
        directory = int(office.meta("directory"))
        for chain, box, epoch in _untold(office.db, directory)[:CHAINS_PER_TURN]:
            log = ChainLog(office, chain, box, epoch)
            complete = _Telling(office, log).fill(MESSAGES_PER_TURN - written)
            written += log.written
            if complete:
                office.db.execute("UPDATE chain SET told = ? WHERE id = ?", (directory, chain))
                told += 1
            if written >= MESSAGES_PER_TURN:
                break
    return written + told


def _untold(db: Db, directory: int) -> list[tuple[int, str, int]]:
    """Return the newest chain of each box that has begun and was not told everything."""
    return db.execute(
        "SELECT id, box, epoch FROM chain AS c WHERE mark > 0 AND told < ? AND box <> ?"
        " AND closed IS NULL AND confirmed = (SELECT CAST(value AS BIGINT) FROM meta"
        " WHERE name = 'incarnation')"
        " AND epoch = (SELECT max(epoch) FROM chain WHERE box = c.box AND mark > 0)",
        (directory, OWN_BOX),
    ).fetchall()


class _Telling:
    """Fills the log of one chain from the directory, inside one transaction."""

    def __init__(self, office: Office, log: ChainLog) -> None:
        self._office = office
        self._db = office.db
        self._log = log
        self._wanted = wanted_in(office.db, log.box)

    def fill(self, limit: int) -> bool:
        """Write at most about `limit` messages; return whether that was all."""
        steps = (
            self._tombstones,
            self._blocks,
            self._packs,
            self._activation,
            self._staff,
            self._products,
            self._ranges,
            self._members,
            self._joined,
            self._aliases,
            self._stock,
            self._notices,
            self._goods,
            self._holdings,
        )
        for step in steps:
            for _ in step():
                if self._log.written >= limit:
                    return False
        return True

    def _tombstones(self) -> Iterator[None]:
        """Tell every box of everyone who was erased, before anything else.

        A chain that follows another may be a restored box, whose keys are older than an erasure:
        it also hears that these are all.
        """
        chunks = list(_chunks(untold(self._db, self._log.chain), STONES_PER_MESSAGE))
        for at, chunk in enumerate(chunks, 1):
            for key in keys_told(chunk):
                self._log.tell("tombstone", key, "told")
            complete = at == len(chunks) and self._these_are_all()
            self._log.add("member.tombstones", Tombstones(tuple(chunk), complete))
            yield
        if not chunks and self._these_are_all():
            self._log.add("member.tombstones", Tombstones((), complete=True))
            yield

    def _these_are_all(self) -> bool:
        """Whether the chain waits for that word; it is said once."""
        return self._log.epoch > 1 and self._log.tell("tombstones", "", "all")

    def _packs(self) -> Iterator[None]:
        """Tell the pack that is to be in force here and those staged after it."""
        wanted = self._wanted
        rows = self._db.execute(
            "SELECT id, version, hash, document FROM pack WHERE rowid >= coalesce("
            " (SELECT rowid FROM pack WHERE id = ? AND version = ?), 0) ORDER BY rowid",
            ("", 0) if wanted is None else (wanted.ref.id, wanted.ref.version),
        ).fetchall()
        for name, version, found, document in rows:
            if self._log.tell("pack", f"{name}:{version}", found):
                self._log.add("pack", message(PackRef(name, version, found), document))
                yield

    def _activation(self) -> Iterator[None]:
        wanted = self._wanted
        if wanted is not None and self._log.tell("activation", "", str(wanted.n)):
            ref = wanted.ref
            self._log.add(
                "pack.activate", PackActivate(ref.id, ref.version, ref.hash, wanted.start)
            )
            yield

    def _staff(self) -> Iterator[None]:
        for gone in _chunks(self._retired("staff", "no"), PRODUCTS_PER_MESSAGE):
            self._log.add("staff", StaffList((), tuple(gone)))
            yield
        for chunk in _chunks(self._changed("staff", "no"), PRODUCTS_PER_MESSAGE):
            bodies = [self._told("staff", row) for row in chunk]
            people = tuple(msgspec.json.decode(body, type=Staff) for body in bodies)
            self._log.add("staff", StaffList(people))
            yield

    def _products(self) -> Iterator[None]:
        for gone in _chunks(self._retired("product", "sku"), PRODUCTS_PER_MESSAGE):
            self._log.add("products", Products((), tuple(gone)))
            yield
        for chunk in _chunks(self._changed("product", "sku"), PRODUCTS_PER_MESSAGE):
            bodies = [self._told("product", row) for row in chunk]
            goods = tuple(msgspec.json.decode(body, type=Product) for body in bodies)
            self._log.add("products", Products(goods))
            yield

    def _ranges(self) -> Iterator[None]:
        rows = self._db.execute("SELECT first, last, kind FROM card_range").fetchall()
        body = CardRanges(tuple(CardRange(*row) for row in rows))
        if rows and self._log.tell("ranges", "", hash_of(canonical(body))):
            self._log.add("card.ranges", body)
            yield

    def _members(self) -> Iterator[None]:
        """Tell of the members at home here, and of those that this box has asked for."""
        rows = self._db.execute(
            "SELECT m.id FROM member AS m LEFT JOIN told AS t"
            " ON t.chain = ?1 AND t.what = 'member' AND t.key = m.id"
            " WHERE m.chain <> ?1 AND t.digest IS DISTINCT FROM m.digest AND (m.home = ?2"
            " OR EXISTS (SELECT 1 FROM follow AS f WHERE f.box = ?2 AND f.member = m.id))"
            " ORDER BY m.rowid",
            (self._log.chain, self._log.box),
        ).fetchall()
        for (member_id,) in rows:
            self._log.snapshot(member_id)
            yield

    def _joined(self) -> Iterator[None]:
        yield from judge(self._office, self._log)

    def _aliases(self) -> Iterator[None]:
        """Tell which ids of cards that were unknown here belong to a member, and no longer."""
        rows = self._db.execute(
            "SELECT v.id, coalesce(a.member, '') FROM visitor AS v"
            " LEFT JOIN alias AS a ON a.alias = v.id LEFT JOIN told AS t"
            " ON t.chain = ?1 AND t.what = 'alias' AND t.key = v.id"
            " WHERE coalesce(a.member, '') <> coalesce(t.digest, '') AND (v.box = ?2"
            " OR EXISTS (SELECT 1 FROM follow AS f WHERE f.box = ?2 AND f.member = a.member))"
            " UNION SELECT a.alias, a.member FROM alias AS a JOIN member AS m ON m.id = a.member"
            " LEFT JOIN told AS t ON t.chain = ?1 AND t.what = 'alias' AND t.key = a.alias"
            " WHERE (m.home = ?2 OR EXISTS (SELECT 1 FROM follow AS f WHERE f.box = ?2"
            " AND f.member = m.id)) AND t.digest IS DISTINCT FROM a.member",
            (self._log.chain, self._log.box),
        ).fetchall()
        gone = self._db.execute(
            "SELECT t.key, '' FROM told AS t LEFT JOIN alias AS a ON a.alias = t.key"
            " WHERE t.chain = ? AND t.what = 'alias' AND t.digest <> '' AND a.alias IS NULL",
            (self._log.chain,),
        ).fetchall()
        for alias, member_id in dict([*rows, *gone]).items():
            if self._log.tell("alias", alias, member_id):
                self._log.add("member.alias", MemberAlias(alias, member_id))
                yield

    def _blocks(self) -> Iterator[None]:
        """Tell every box of every card that is honoured no more, and again: first of all."""
        rows = self._db.execute(
            "SELECT s.card, s.status FROM card_status AS s LEFT JOIN told AS t"
            " ON t.chain = ? AND t.what = 'status' AND t.key = s.card"
            " WHERE s.status <> coalesce(t.digest, 'active')",
            (self._log.chain,),
        ).fetchall()
        for card, status in rows:
            self._log.tell("status", card, status)
            self._log.add("card.blocked", CardBlocked(card, "" if status == ACTIVE else status))
            yield

    def _stock(self) -> Iterator[None]:
        rows = self._db.execute(
            "SELECT sku, qty, serial_first, serial_last FROM opening_stock"
            " WHERE box = ? AND told IS NULL ORDER BY sku",
            (self._log.box,),
        ).fetchall()
        for chunk in _chunks(rows, STOCK_PER_MESSAGE):
            self._log.add("stock.opened", StockOpened(tuple(OpeningStock(*row) for row in chunk)))
            self._db.executemany(
                "UPDATE opening_stock SET told = ? WHERE box = ? AND sku = ?",
                [(self._log.chain, self._log.box, row[0]) for row in chunk],
            )
            yield

    def _goods(self) -> Iterator[None]:
        """Tell what other shops have sent here."""
        rows = self._db.execute(
            "SELECT sent, body FROM goods_way WHERE box = ? AND epoch = ? AND told = 0",
            (self._log.box, self._log.epoch),
        ).fetchall()
        for sent, body in rows:
            self._log.add("goods.sent", msgspec.json.decode(body, type=GoodsSent))
            self._db.execute("UPDATE goods_way SET told = 1 WHERE sent = ?", (sent,))
            yield

    def _notices(self) -> Iterator[None]:
        yield from notices.tell(self._log)

    def _holdings(self) -> Iterator[None]:
        """Release what HQ granted to the members at home here; the pool waits to be asked for."""
        while is_open(self._office) and give_homes(self._office, self._log.box):
            pass
        for member_id, held in homeward(self._office, self._log.box).items():
            for chunk in _chunks(held, LOTS_PER_MESSAGE):
                self._log.grant(member_id, chunk)
                yield

    def _changed(self, table: str, key: str) -> list[tuple[str, str, str]]:
        """Return (key, body, digest) of a directory table's rows that this chain was not told."""
        return self._db.execute(
            # names of ours
            f"SELECT d.{key}, d.body, d.digest FROM {table} AS d LEFT JOIN told AS t"  # noqa: S608
            f" ON t.chain = ? AND t.what = '{table}' AND t.key = d.{key}"
            " WHERE t.digest IS DISTINCT FROM d.digest AND d.shop IN ('', ?) ORDER BY d.rowid",
            (self._log.chain, self._log.box),
        ).fetchall()

    def _retired(self, table: str, key: str) -> Iterator[str]:
        """Yield what this shop was told of a table and that stands there no more."""
        rows = self._db.execute(
            # names of ours
            "SELECT DISTINCT t.key FROM told AS t JOIN chain AS c ON c.id = t.chain"  # noqa: S608
            f" WHERE c.box = ?1 AND t.what = '{table}' AND t.key NOT IN"
            f" (SELECT {key} FROM {table} WHERE shop IN ('', ?1)) ORDER BY t.key",
            (self._log.box,),
        ).fetchall()
        for (name,) in rows:
            if self._log.tell(table, name, RETIRED):
                yield name

    def _told(self, table: str, row: tuple[str, str, str]) -> str:
        """Note that the row goes into the message that is being written; return its body."""
        self._log.tell(table, row[0], row[2])
        return row[1]


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    walk = iter(items)
    while chunk := list(islice(walk, size)):
        yield chunk
