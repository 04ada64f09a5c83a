"""Entries and postings: the records of the journal. No behaviour, no I/O.

An entry is one business event, immutable. A chain is (box, epoch), written `0018.1`; an entry is
written `0018.1:412`, a lot `0018.1:412:2`. Bodies, one struct per kind: bodies.py.

A draft is an entry before it has its number. In a draft's postings three marks stand for what only
the writer knows; `sealing.py` replaces them:  `@` this chain (`0018.1`),  `#` this entry
(`0018.1:412`),  `#n` the n-th lot that this entry grants (`0018.1:412:n`). They may stand in
holder, account (`points:#`, `returnable:#1`) and lot.
"""

import msgspec

from daemon.clock import ClockState
from daemon.ledger.bodies import Body
from daemon.ledger.kinds import Kind

VERSION = 1  # of the entry's record; a reader refuses what is newer
ZERO_HASH = "0" * 64  # `prev` of the very first entry of a box


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record on disk or on the wire: frozen, and unknown fields are refused."""


class At(Record, frozen=True):
    """When, as far as the box knows. Order is the entry's number, never this."""

    boot: str
    mono_ms: int
    wall: str  # RFC 3339, milliseconds, the shop's offset
    clock: ClockState
    business_date: str  # YYYY-MM-DD, never goes back


class By(Record, frozen=True):
    """The operator signed on (not the guide, who stands in the body)."""

    operator: str  # staff number; "" when nobody is signed on, "hq" and "box" for machines
    role: str  # clerk, manager, technician, system


class PackRef(Record, frozen=True):
    id: str
    version: int
    hash: str  # SHA-256 of the pack document's canonical bytes


class Posting(Record, frozen=True, gc=False):
    """One movement. An entry's postings sum to zero per unit.

    `lot` is empty for counted and contra accounts; a posting with a lot is *held*: the balance of
    (holder, account, unit, lot) is never negative. Texts and a number make no cycles: there are
    millions of them, and each takes a third less time without the garbage collector's list.
    """

    holder: str  # a chain `0018.1`, `hq`, or `transit:<chain>`
    account: str
    unit: str
    lot: str
    amount: int


class Entry(Record, frozen=True):
    v: int
    box: str
    epoch: int
    seq: int
    prev: str  # SHA-256 of the previous entry's bytes, hex
    source: str  # who asked: till token, keypad session, down chain, the box itself
    id: str  # chosen by the source; (source, id) is committed at most once
    kind: Kind
    at: At
    by: By
    pack: PackRef | None
    re: str | None  # the entry that this one answers
    body: Body
    postings: tuple[Posting, ...]


class Draft(Record, frozen=True):
    """An entry without its place in the chain. Postings may hold the marks `@`, `#`, `#n`."""

    source: str
    id: str
    kind: Kind
    at: At
    by: By
    pack: PackRef | None
    re: str | None
    body: Body
    postings: tuple[Posting, ...]


class Chain(Record, frozen=True):
    box: str
    epoch: int

    def __str__(self) -> str:
        return f"{self.box}.{self.epoch}"


class Head(Record, frozen=True):
    """The last entry of a chain: number and hash; (0, parent hash) when it is empty."""

    seq: int
    hash: str
