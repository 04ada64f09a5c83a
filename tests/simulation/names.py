"""Which of two lots of one number an entry means.

Two media of one chain give one number to two lots, sales, members. In W each has one name, and
who wrote an entry says which one it means: headquarters the one on the history that it follows; a
box its own, else the one that headquarters named to it, else what its medium held before.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from daemon.ledger.bodies import DownApplied, DownRefused, HoldingReleased
from daemon.ledger.codec import decode
from daemon.ledger.records import Entry
from tests.ledger.invariants import HQ, TRANSIT

COPY = "~"  # stands in the name of a second history; in no box's id

Message = tuple[str, int, int]
"""A message of headquarters: chain, incarnation, number."""


@dataclass(slots=True, eq=False)
class Log:
    """One history of one chain."""

    box: str
    epoch: int
    copy: int = 0
    hashes: list[str] = field(default_factory=list)
    kin: dict[int, "Log"] = field(default_factory=dict)  # by epoch: the histories of its medium
    told: dict[str, str] = field(default_factory=dict)  # by number: what headquarters meant

    @property
    def chain(self) -> str:
        return f"{self.box}.{self.epoch}"

    @property
    def name(self) -> str:
        return f"{self.shown}.{self.epoch}"

    @property
    def shown(self) -> str:
        return f"{self.box}{COPY}{self.copy}" if self.copy else self.box


@dataclass(frozen=True, slots=True)
class Fact:
    """An entry of W: its bytes, the log that held it first."""

    data: bytes
    entry: Entry
    log: Log


class Names:
    """Reads entries as they are meant. `facts`: all of W, by hash."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self._facts = facts
        self._path: dict[str, list[str]] = {}  # the leading history of forked chains at HQ
        self._meant: dict[str, str] = {}  # by number: what headquarters meant last
        self._granted: dict[Message, dict[str, str]] = {}

    def leads(self, chain: str, path: list[str]) -> None:
        """Headquarters follows this history of a chain."""
        self._path[chain] = path

    def read(self, log: Log, data: bytes, forked: list[str]) -> Entry:
        """Return the entry, with the names that lots and hands of `forked` chains have in W."""
        entry = decode(data)
        if not forked:
            return entry
        text, name = data.decode(), self._reader(log, entry)
        for chain in forked:
            said = partial(_named, chain=chain, name=name)
            text = re.sub(rf"(?<![\w.~:-]){re.escape(chain)}:(\d+)", said, text)
        if log.copy:
            for way in ("", TRANSIT):
                text = text.replace(f'"holder":"{way}{log.chain}"', f'"holder":"{way}{log.name}"')
            text = text.replace(f'"box":"{log.box}"', f'"box":"{log.shown}"', 1)
        return decode(text.encode())

    # -- who means what --------------------------------------------------------------------------

    def _reader(self, log: Log, entry: Entry) -> Callable[[str, int], str]:
        """Return what tells whose entry `seq` of a chain is, for whoever wrote this entry."""
        body = entry.body
        if log.box == HQ and isinstance(body, HoldingReleased):
            granted = self._granted.setdefault((body.to, log.epoch, body.message), {})
            return partial(self._by_hq, kept=granted)
        if log.box == HQ:
            return partial(self._by_hq, kept={})
        if isinstance(body, DownApplied | DownRefused):  # headquarters' words
            told = self._granted.get((log.chain, body.incarnation, body.n), {})
            return partial(self._as_told, log, told)
        return partial(self._by_box, log)

    def _by_hq(self, chain: str, seq: int, *, kept: dict[str, str]) -> str:
        """As headquarters' books have it now; after a restore as they had it."""
        number, path = f"{chain}:{seq}", self._path.get(chain, [])
        if 0 < seq <= len(path) and path[seq - 1] in self._facts:
            self._meant[number] = self._facts[path[seq - 1]].log.name
        kept[number] = self._meant.get(number, chain)
        return kept[number]

    def _as_told(self, log: Log, told: Mapping[str, str], chain: str, seq: int) -> str:
        number = f"{chain}:{seq}"
        meant = told.get(number) or self._by_hq(chain, seq, kept={})
        if number not in told and chain == log.chain and seq == len(log.hashes):
            return log.name  # the entry itself
        log.told[number] = meant
        return meant

    def _by_box(self, log: Log, chain: str, seq: int) -> str:
        before = [log.kin[epoch] for epoch in sorted(log.kin, reverse=True) if epoch < log.epoch]
        for own in (log, *before):
            if own.chain == chain and 0 < seq <= len(own.hashes):
                fact = self._facts.get(own.hashes[seq - 1])
                return own.name if fact is None else fact.log.name  # itself: not in W yet
            if meant := own.told.get(f"{chain}:{seq}"):
                return meant
        return self._by_hq(chain, seq, kept={})


def _named(match: re.Match[str], *, chain: str, name: Callable[[str, int], str]) -> str:
    return f"{name(chain, int(match[1]))}:{match[1]}"
