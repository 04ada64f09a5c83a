"""W: every entry that any medium ever held, with the checker of the books' invariants over it.

A chain that lives on two media (a copied card, an image put back) has two histories from there on.
Each is checked as a log of its own: the second one gets another box's name here (`0001~1`), and so
do the lots that it grants. What the copy held beside the original is the allowance of rule 4, like
a write-off. Headquarters' restore takes its lost entries out of W; until its pool is open again
its hand, and what is on its way, may be below zero.
"""

import msgspec

from daemon.ledger.bodies import DownApplied, DownRefused
from daemon.ledger.kinds import is_limit
from daemon.ledger.limits import VALUE
from daemon.ledger.records import Entry, Posting
from daemon.ledger.views import Stored
from daemon.rules.limited import NO_LIMITS, Limits
from tests.ledger.invariants import HQ, TRANSIT, Checker, Part, Place, _Life, _Log, _takes_last
from tests.ledger.witnesses import STORED, Broken
from tests.simulation.names import Fact, Log, Names


class Tolerant(Checker):
    """The checker, able to take a copied chain and a restore of headquarters into account."""

    def __init__(self, limits: Limits = NO_LIMITS, floor_points: int = 0) -> None:
        super().__init__(limits, floor_points)
        self.hq_open = True
        self.restored = False  # headquarters once was
        self.mixed: set[str] = set()  # chains of which there are two histories, by every name

    def _post(self, entry: Entry, where: str) -> None:
        self._limited(entry)
        for lot in getattr(entry.body, "lots", ()):
            if getattr(lot, "n", 0) and getattr(lot, "expires", None):
                self._expires[f"{where}:{lot.n}"] = lot.expires
        for posting in _takes_last(entry.postings):
            place = (posting.holder, posting.account, posting.unit, posting.lot)
            amount = self.balances[place] = self.balances.get(place, 0) + posting.amount
            if posting.lot and amount < 0 and not self._may_owe(posting.holder, posting.lot):
                raise Broken(1, where, f"{place} is {amount}")
        for posting in entry.postings:  # as the whole entry leaves it
            place = (posting.holder, posting.account, posting.unit, posting.lot)
            claim = posting.unit.startswith("claim:") and posting.lot
            if claim and self.hq_open and self.balances[place] > 0:
                self._one_holder(place, where)

    def _limited(self, entry: Entry) -> None:
        """What two media hold is issued by both; what a restore of HQ finds again it allows."""
        adopted = entry.box == HQ and entry.id.startswith("adopted:")
        for one in entry.postings:
            if not is_limit(one.unit) and one.unit not in STORED:
                continue
            member = one.account.partition(":")[2]
            if one.holder.removeprefix(TRANSIT) in self.mixed:
                self.issues.exempt.add((member, VALUE if one.unit in STORED else one.unit))
            if adopted and one.lot and one.amount > 0:
                self.issues.allow(member, one.unit, one.amount)

    def _one_holder(self, place: Place, where: str) -> None:
        """A claim that lies on a copied medium too is one: headquarters follows one history."""
        twins = [key for key in self.balances if key[1:] == place[1:] and key[0] in self.mixed]
        if not twins:
            super()._one_holder(place, where)

    def _may_owe(self, holder: str, lot: str) -> bool:
        """While headquarters is restored, and ever after for what a chain had taken on a medium
        that is gone: one that has ended, or the history of a copied one that headquarters does
        not follow. And where two media gave one number to two lots."""
        if not self.hq_open and (holder == HQ or holder.startswith(TRANSIT)):
            return True
        if self.restored and holder.startswith(TRANSIT):
            chain = holder.removeprefix(TRANSIT)
            box, _, epoch = chain.rpartition(".")
            ended = epoch.isdecimal() and f"{box}.{int(epoch) + 1}" in self._logs
            return ended or chain in self.mixed
        return {holder.removeprefix(TRANSIT), lot.partition(":")[0]} <= self.mixed

    def open_again(self, where: str) -> None:
        """Headquarters' pool is open: whatever was lost is booked as its loss."""
        self.hq_open = True
        for place, amount in self.balances.items():
            if place[3] and amount < 0 and not self._may_owe(place[0], place[3]):
                raise Broken(1, where, f"{place} is {amount}")

    def _flow(self, entry: Entry, where: str, part: Part, amount: int, *, own: bool) -> None:
        if entry.box == HQ and entry.id.startswith("adopted:") and amount > 0:
            self._allow(part, amount)  # the restore's own loss
            self._lives.setdefault(part, _Life()).granted += 0
            return
        super()._flow(entry, where, part, amount, own=own)

    def _lived(self, entry: Entry, where: str, part: Part) -> None:
        if entry.at.clock == "synced":
            super()._lived(entry, where, part)

    def allow(self, part: Part, amount: int) -> None:
        self._allow(part, amount)

    def _allow(self, part: Part, amount: int) -> None:
        root = (part[0], self._roots.get(part[1], part[1]))
        self._written_off[root] = self._written_off.get(root, 0) + amount


class Witness:
    """Sees every entry as it becomes durable, on whichever medium."""

    def __init__(self, limits: Limits = NO_LIMITS, floor_points: int = 0) -> None:
        """`limits`, `floor_points`: of the pack that is in force."""
        self._limits = limits
        self._floor_points = floor_points
        self.checker = Tolerant(limits, floor_points)
        self.facts: dict[str, Fact] = {}  # by hash
        self.logs: dict[str, list[Log]] = {}  # the histories of each chain
        self._refused: set[tuple[str, str]] = set()  # source and id that came to nothing
        self._asked: set[tuple[str, str]] = set()
        self._order: list[str | tuple[Log, Log]] = []  # hashes as they came; histories that parted
        self._common: dict[
            str, list[str]
        ] = {}  # of a second history, what it shares with the first
        self._hq: dict[str, list[str]] = {}  # headquarters' own logs, as it has them now
        self._names = Names(self.facts)

    def log(self, box: str, epoch: int) -> Log:
        """Return the first history of a chain, or a new one where it has one already."""
        known = self.logs.setdefault(f"{box}.{epoch}", [])
        log = Log(box, epoch, len(known))
        known.append(log)
        if log.copy:
            self._part(known[0], log)
        return log

    def saw(self, log: Log, stored: Stored, *, poisoned: bool = False) -> None:
        """An entry is durable on a medium that holds this history."""
        if stored.seq != len(log.hashes) + 1:
            raise Broken(8, log.name, f"entry {stored.seq} after {len(log.hashes)}")
        known = self.facts.get(stored.hash)
        log.hashes.append(stored.hash)
        if known is not None:
            raise Broken(8, log.name, f"entry {stored.seq} is also one of {known.log.name}")
        self._note(log, stored, poisoned=poisoned)

    def fork(self, log: Log, at: int) -> Log:
        """The history goes on twice from entry `at` on: return the second one."""
        known = self.logs[log.chain]
        copy = Log(log.box, log.epoch, len(known), log.hashes[:at], told=dict(log.told))
        known.append(copy)
        self._part(log, copy)
        return copy

    def refused(self, log: Log, source: str, name: str) -> None:
        """Whoever asked was told that nothing was written, and so it must stay."""
        if (source, name) in self._asked:
            raise Broken(9, log.name, f"{name} was refused, and is an entry")
        self._refused.add((source, name))

    def hq_saw(self, name: str, stored: Stored) -> None:
        """An entry of headquarters' own log is durable."""
        known = self._hq.setdefault(name, [])
        known.append(stored.hash)
        box, _, epoch = name.rpartition(".")
        self._note(Log(box, int(epoch)), stored)

    def hq_has(self, name: str) -> int:
        return len(self._hq.get(name, []))

    def leads(self, chain: str, path: list[str]) -> None:
        """Which history of a chain headquarters follows; asked of forked chains only."""
        self._names.leads(chain, path)

    @property
    def forked(self) -> list[str]:
        return [chain for chain, logs in self.logs.items() if len(logs) > 1]

    def hq_restored(self, kept: dict[str, int]) -> int:
        """Headquarters lost what it wrote after a backup; return how many entries."""
        lost: set[str] = set()
        for name, hashes in self._hq.items():
            lost.update(hashes[kept.get(name, 0) :])
            self._hq[name] = hashes[: kept.get(name, 0)]
        self.checker = Tolerant(self._limits, self._floor_points)
        self.checker.hq_open, self.checker.restored = False, True
        order, self._order = self._order, []
        for one in order:
            if isinstance(one, tuple):
                self._hand_over(*one)
            elif one in lost:
                self._minted(self.facts[one].entry)
                continue
            else:
                self.checker.add(self.facts[one].entry)
                self._mirror(self.facts[one].entry)
            self._order.append(one)
        return len(lost)

    # -- inside ----------------------------------------------------------------------------------

    def _note(self, log: Log, stored: Stored, *, poisoned: bool = False) -> None:
        entry = self._names.read(log, stored.data, self.forked)
        self.facts[stored.hash] = Fact(stored.data, entry, log)
        self._asked.add((entry.source, entry.id))
        if (entry.source, entry.id) in self._refused:
            raise Broken(9, log.name, f"{entry.id} was refused, and is entry {stored.seq}")
        if poisoned:
            entry = _harmless(entry)
            self.facts[stored.hash] = Fact(stored.data, entry, log)
        self._order.append(stored.hash)
        self.checker.add(entry)
        self._mirror(entry)

    def _part(self, log: Log, copy: Log) -> None:
        self._common[copy.name] = list(copy.hashes)
        self._hand_over(log, copy)
        self._order.append((log, copy))

    def _hand_over(self, log: Log, copy: Log) -> None:
        """Give the copy what the chain held at its last common entry, as an allowance."""
        checker, state = self.checker, _Log()
        held: dict[tuple[str, str, str, str], int] = {}
        way = f"{TRANSIT}{log.chain}"
        for found in self._common[copy.name]:
            entry = self.facts[found].entry
            state.last = entry.seq
            state.asked.add((entry.source, entry.id))
            if isinstance(entry.body, DownApplied | DownRefused):
                state.down, state.incarnation = entry.body.n, entry.body.incarnation
            _add(held, entry.postings, (f"{entry.box}.{entry.epoch}",), copy.name)
            _add(held, entry.postings, (f"{TRANSIT}{entry.box}.{entry.epoch}",), way)
        for one in self._order:  # what others have sent to it
            if isinstance(one, str):
                sent = [part for part in self.facts[one].entry.postings if part.amount > 0]
                _add(held, tuple(sent), (way,), way)
        checker._logs[copy.name] = state
        checker.mixed |= {log.chain, copy.name}
        for (holder, account, unit, lot), amount in held.items():
            named = f"{TRANSIT}{copy.name}" if holder == way else holder
            checker.balances[named, account, unit, lot] = amount
            if lot and amount > 0:
                checker.allow((unit, lot), amount)

    def _mirror(self, entry: Entry) -> None:
        """What is sent to a chain reaches whichever medium asks for it."""
        if not self.forked:
            return
        for posting in entry.postings:
            chain = posting.holder.removeprefix(TRANSIT)
            if posting.amount > 0 and chain != posting.holder:
                for log in self.logs.get(chain, [])[1:]:
                    place = (f"{TRANSIT}{log.name}", posting.account, posting.unit, posting.lot)
                    self.checker.balances[place] = (
                        self.checker.balances.get(place, 0) + posting.amount
                    )
                    self.checker.allow((posting.unit, posting.lot), posting.amount)

    def _minted(self, entry: Entry) -> None:
        """An entry that headquarters lost: the lots that it made are among boxes all the same."""
        where = f"{entry.box}.{entry.epoch}:{entry.seq}"
        for posting in entry.postings:
            if posting.lot.startswith(f"{where}:") and posting.amount > 0:
                life = self.checker._lives.setdefault((posting.unit, posting.lot), _Life())
                if posting.holder == HQ:
                    life.granted += posting.amount


def _add(
    held: dict[tuple[str, str, str, str], int],
    postings: tuple[Posting, ...],
    holders: tuple[str, ...],
    name: str,
) -> None:
    for posting in postings:
        if posting.holder in holders:
            place = (name, posting.account, posting.unit, posting.lot)
            held[place] = held.get(place, 0) + posting.amount


def _harmless(entry: Entry) -> Entry:
    return msgspec.structs.replace(entry, postings=())


class Deaf(Witness):
    """Takes everything as it comes."""

    def saw(self, log: Log, stored: Stored, *, poisoned: bool = False) -> None:
        log.hashes.append(stored.hash)
