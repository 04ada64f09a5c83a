"""Proof of a state directory: every chain, every entry's postings, and the books against both.

Reads only, beside a running box. First all is looked at in spans, by as many processes as there
are cores (sound.py). Only where something is wrong, or for a full proof, the chain is read entry
by entry and what is wrong is named; balances are named one by one only when their sum differs.
"""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import msgspec

from daemon.errors import StoreError
from daemon.ledger import bookfile, journal, local
from daemon.ledger.balances import Name, Snapshot, snapshot
from daemon.ledger.bodies import EpochOpened
from daemon.ledger.bookfile import Progress, no_progress
from daemon.ledger.booking import NOTHING
from daemon.ledger.chain import ChainCheck
from daemon.ledger.closing import closing_wrong
from daemon.ledger.codec import CodecError, Envelope, decode, encode, envelope
from daemon.ledger.crew import SPAN_ENTRIES, Crew, CrewLost, crew_size, spans
from daemon.ledger.ids import entry_id
from daemon.ledger.journal import Journal
from daemon.ledger.kinds import Kind
from daemon.ledger.medium import Medium, MediumFault, open_database
from daemon.ledger.posting import LIMIT_ACCOUNTS, check
from daemon.ledger.records import ZERO_HASH, Chain, Entry, Head, Posting
from daemon.ledger.sound import Ground, Weighed, plenty, sound
from daemon.ledger.views import Stored, Watermark
from daemon.ledger.weight import Scale

BAD_MAX = 1000  # named; a journal with more is not mended entry by entry
BALANCES_NAMED = 20  # of the wrong ones; the rest is counted
LOOKS_AHEAD = 64  # spans given to each process at once: they come back as two numbers
TELL_ENTRIES = 10_000  # between two words about progress


class Bad(msgspec.Struct, frozen=True):
    """What is wrong, and at which entry; number 0: not an entry, but the file or the books."""

    epoch: int
    seq: int
    what: str


class Verification(msgspec.Struct, frozen=True):
    ok: bool
    entries: int
    head: str  # the last entry's id, "" when there is none
    bad: tuple[Bad, ...]


def verify(
    state_dir: Path,
    *,
    full: bool = False,
    progress: Progress = no_progress,
    processes: int | None = None,
    span_entries: int = SPAN_ENTRIES,
) -> Verification:
    """Prove chains, postings and books. `full`: also every body, the canonical form of the bytes,
    and that no holding was ever below zero. `processes`: None, as many as are of use.

    Raises StoreError when there is no journal to read at all.
    """
    path = state_dir / journal.FILE
    crew = Crew(1 if full else processes or crew_size(path))  # before any database is opened
    with closing(crew), closing(Journal(path, Medium(), readonly=True)) as opened:
        proof = _Proof(opened, full=full, progress=progress)
        try:
            proof.all(state_dir / bookfile.FILE, crew, span_entries)
        except StoreError as error:
            proof.add(Bad(proof.at[0], proof.at[1], str(error)))
        for bad_tail in _against_headquarters(state_dir / local.FILE, opened):
            proof.add(bad_tail)
    bad = tuple(proof.bad[:BAD_MAX])
    return Verification(not bad, proof.entries, proof.head, bad)


def verify_journal(path: Path, *, progress: Progress = no_progress) -> Verification:
    """Prove the chains of a journal by itself, entry by entry. Raises StoreError."""
    with closing(Journal(path, Medium(), readonly=True)) as opened:
        proof = _Proof(opened, full=True, progress=progress)
        proof.alone()
    bad = tuple(proof.bad)
    return Verification(not bad, proof.entries, proof.head, bad)


def _against_headquarters(path: Path, opened: Journal) -> Iterator[Bad]:
    """Yield what the newest chain lacks of what HQ has acknowledged: a tail that was cut off.

    Older chains are not asked: a restore ends a chain, and HQ keeps what was lost here.
    """
    try:
        epoch = max(opened.epochs(), default=0)
        with closing(open_database(Medium(), path, local.SETTINGS, readonly=True)) as known:
            query = "SELECT mark, hash FROM acknowledged WHERE epoch = ?"
            row = known.execute(query, (epoch,)).fetchone()
        if row is None or row[0] == 0:
            return
        stored = opened.get(epoch, row[0])
    except (StoreError, MediumFault, OSError):
        return  # what of the journal cannot be read is named already; local.db is no part of it
    if stored is None:
        yield Bad(epoch, row[0], "headquarters has acknowledged this entry, and it is gone")
    elif stored.hash != row[1]:
        yield Bad(epoch, row[0], "headquarters has acknowledged another entry of this number")


class _Proof:
    def __init__(self, opened: Journal, *, full: bool, progress: Progress) -> None:
        self.bad: list[Bad] = []
        self.entries = 0
        self.head = ""
        self.at = (0, 0)  # where reading stands, for what cannot be read
        self._journal = opened
        self._full = full
        self._progress = progress
        self._box = ""
        self._scale = Scale("", {})
        self._weight = 0  # of all postings up to the books' watermark
        self._key = ""  # of the device, of the chain being read
        self._signed = False  # whether a close of a day was, in the chain being read
        self._held: dict[tuple[str, str, str], int] = {}  # of the chain being read

    def all(self, path: Path, crew: Crew, span_entries: int) -> None:
        """Prove the chains, and the books if they can be read. Raises StoreError."""
        self._box = _box_of(self._journal)
        try:
            with snapshot(path, self._box) as books:
                self._scale = Scale(self._box, books.first_no)
                looks = iter(()) if self._full else self._looks(books.mark, crew, span_entries)
                weight = self._scale.balances(books.places())  # while the crew is looking
                if self._full or not self._sound(looks):
                    self._chains(books.mark)
                if not self.bad:
                    self._ends()
                if not self.bad:
                    self._books(books, weight)
        except StoreError as error:
            if self.entries:
                raise
            self._chains(NOTHING)
            self.at = (0, 0)
            self.add(Bad(0, 0, str(error)))

    def alone(self) -> None:
        """Prove the chains; nobody asks the books. Raises StoreError."""
        self._box = _box_of(self._journal)
        self._chains(NOTHING)
        if not self.bad:
            self._ends()

    def _looks(self, mark: Watermark, crew: Crew, span_entries: int) -> Iterator[Weighed | None]:
        """Let the crew look at the chains, span by span."""
        chains = [(Chain(self._box, epoch), head) for epoch, head in self._heads()]
        ground = Ground(
            self._journal.path,
            self._box,
            {chain.epoch: self._parent_hash(chain.epoch) for chain, _ in chains},
            (mark.epoch, mark.seq),
            self._scale.first_no,
            {chain.epoch: self._device_key(chain.epoch) for chain, _ in chains},
            mapped=crew.size > 1,
        )
        if chains:
            self.head = entry_id(chains[-1][0], chains[-1][1].seq)
        parts = spans(chains, length=span_entries)
        return crew.each(partial(sound, ground), parts, ahead=LOOKS_AHEAD)

    def _sound(self, looks: Iterator[Weighed | None]) -> bool:
        """Tell whether all is sound; if not, nothing is said yet."""
        entries, weight = 0, 0
        try:
            for one in looks:
                if one is None:
                    return False
                entries, weight = entries + one.entries, weight + one.weight
                self._progress(entries)
        except CrewLost:
            return False
        self.entries, self._weight = entries, weight
        return True

    def _heads(self) -> Iterator[tuple[int, Head]]:
        for epoch in self._journal.epochs():
            head = self._journal.head(epoch)
            assert head is not None, "an epoch with entries has a last one"
            yield epoch, head

    def _chains(self, mark: Watermark) -> None:
        """Read every chain, note what is wrong in it, and weigh what the books must hold."""
        for epoch in self._journal.epochs():
            chain = Chain(self._box, epoch)
            links = ChainCheck(chain, Head(0, self._parent_hash(epoch)))
            self._held.clear()
            self._key, self._signed = self._device_key(epoch), False
            for stored in self._journal.walk(epoch, 1):
                self.at = (epoch, stored.seq)
                seen = self._entry(chain, links, stored)
                if seen is not None and self.at <= (mark.epoch, mark.seq):
                    self._weight += self._scale.postings(seen.postings, epoch=epoch, seq=stored.seq)
                self.head = entry_id(chain, stored.seq)
            for broken in links.end():
                self.add(Bad(epoch, broken.seq, broken.what))
            self.at = (0, 0)

    def _books(self, books: Snapshot, weight: int) -> None:
        """Compare the books with what the journal says at their watermark."""
        mark = books.mark
        stored = self._journal.get(mark.epoch, mark.seq) if mark.no else None
        if mark.no and (stored is None or stored.hash != mark.hash):
            self.add(Bad(mark.epoch, mark.seq, "the books follow another journal: run rebuild"))
        elif self._weight != weight:
            self._name_balances(books)

    def add(self, bad: Bad) -> None:
        if len(self.bad) < BAD_MAX:
            self.bad.append(bad)

    def _entry(self, chain: Chain, links: ChainCheck, stored: Stored) -> Envelope | Entry | None:
        seen: Envelope | Entry | None = None
        unreadable = ""
        try:
            seen = decode(stored.data) if self._full else envelope(stored.data)
        except CodecError as error:
            unreadable = str(error)
        broken = links.feed(stored, seen)
        for one in broken:
            self.add(Bad(chain.epoch, one.seq, one.what))
        if unreadable and not broken:
            self.add(Bad(chain.epoch, stored.seq, unreadable))
        if seen is not None and not broken:
            self._posted(chain, stored, seen)
            if seen.kind == Kind.DAY_CLOSED:
                self._closed(seen)
        self.entries += 1
        if self.entries % TELL_ENTRIES == 0:
            self._progress(self.entries)
        return seen

    def _closed(self, seen: Envelope | Entry) -> None:
        """A close of a day is signed, once one of its chain was: older software signed none."""
        wrong = closing_wrong(seen, self._key, self._journal.get)
        if wrong is None:
            self._signed = True
        elif self._signed or wrong[1] != seen.seq:
            self.add(Bad(*wrong))

    def _posted(self, chain: Chain, stored: Stored, seen: Envelope | Entry) -> None:
        held = self._balance if self._full else plenty
        for problem in check(seen.postings, chain, held):
            self.add(Bad(chain.epoch, stored.seq, problem.what))
        if not self._full:
            return
        if isinstance(seen, Entry) and encode(seen) != stored.data:
            self.add(Bad(chain.epoch, stored.seq, "its bytes are not in canonical form"))
        own = str(chain)
        for posting in seen.postings:
            kept = posting.lot or posting.account.startswith(LIMIT_ACCOUNTS)
            if kept and posting.holder == own:
                key = (posting.account, posting.unit, posting.lot)
                left = self._held.pop(key, 0) + posting.amount
                if left:
                    self._held[key] = left

    def _balance(self, account: str, unit: str, lot: str) -> int:
        return self._held.get((account, unit, lot), 0)

    def _device_key(self, epoch: int) -> str:
        opened = self._opened(epoch)
        return "" if opened is None else opened.device_key

    def _parent_hash(self, epoch: int) -> str:
        """Return what an epoch's first entry must follow: the entry that its opening names.

        A parent that is not in this journal (it was lost) is taken at its word.
        """
        opened = self._opened(epoch)
        if opened is None or opened.parent_epoch == 0:
            return ZERO_HASH
        parent = self._journal.get(opened.parent_epoch, opened.parent_seq)
        return opened.parent_hash if parent is None else parent.hash

    def _opened(self, epoch: int) -> EpochOpened | None:
        first = next(iter(self._journal.read(epoch, 1, 1)), None)
        return None if first is None else _opening(first)

    def _ends(self) -> None:
        """Name what is missing, or too much, at the end of a chain that another one follows.

        A chain of which nothing is here was lost before. Nor is a rest missing that a later
        salvage could not read: that chain's opening says so.
        """
        last = {epoch: head.seq for epoch, head in self._heads()}
        followed = [(epoch, opened) for epoch in last if (opened := self._opened(epoch))]
        salvaged = max((n for n, opened in followed if opened.reason == "salvage"), default=0)
        for epoch, opened in followed:
            of, end = opened.parent_epoch, opened.parent_seq
            here = last.get(of, end)
            if here > end:
                self.add(Bad(of, end + 1, f"the chain had ended before it: epoch {epoch} follows"))
            elif here < end and epoch >= salvaged:
                self.add(Bad(of, here + 1, "missing"))

    def _postings(self, epoch: int, seq: int) -> Iterator[Posting]:
        for one in self._journal.epochs():
            for stored in self._journal.walk(one, 1):
                if (one, stored.seq) > (epoch, seq):
                    return
                yield from envelope(stored.data).postings

    def _name_balances(self, books: Snapshot) -> None:
        """Name the balances that differ, the expensive way."""
        mark = books.mark
        differ: dict[Name, int] = {}
        for posting in self._postings(mark.epoch, mark.seq):
            name = (posting.holder, posting.account, posting.unit, posting.lot)
            _move(differ, name, posting.amount)
        found = dict(books.balances())
        for name, amount in found.items():
            _move(differ, name, -amount)
        for name in list(differ)[:BALANCES_NAMED]:
            holder, account, unit, lot = name
            shown = f"{account} {unit}" + (f" lot {lot}" if lot else "") + f" of {holder}"
            has = found.get(name, 0)
            said = has + differ[name]
            self.add(
                Bad(mark.epoch, 0, f"books: {shown} is {has}, the journal says {said}: run rebuild")
            )
        if len(differ) > BALANCES_NAMED:
            more = len(differ) - BALANCES_NAMED
            self.add(Bad(mark.epoch, 0, f"books: and {more} more balances: run rebuild"))


def _move(balances: dict[Name, int], name: Name, amount: int) -> None:
    left = balances.pop(name, 0) + amount
    if left:
        balances[name] = left


def _box_of(opened: Journal) -> str:
    """Return whose journal it is, from the first entry that can be read."""
    for epoch in opened.epochs():
        for stored in opened.read(epoch, 1, 1):
            try:
                return envelope(stored.data).box
            except CodecError:
                continue
    return ""


def _opening(stored: Stored) -> EpochOpened | None:
    try:
        return msgspec.json.decode(envelope(stored.data).body, type=EpochOpened)
    except (CodecError, msgspec.DecodeError):
        return None
