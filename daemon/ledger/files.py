"""The three databases of a box, opened together, and what a start finds in them.

It decides whether the books match the journal and whether the chain goes on; store.py acts on it.
"""

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from daemon.errors import StoreError
from daemon.howmany import HowMany
from daemon.ledger import bookfile, journal, local
from daemon.ledger.bodies import EpochClosed, EpochOpened
from daemon.ledger.bookfile import Booked, BookFile, Progress
from daemon.ledger.codec import CodecError, decode
from daemon.ledger.epochs import (
    FORKED_FACT,
    KNOWN_FACT,
    MACHINE_FACT,
    RESTORED_FACT,
    SALVAGED_FACT,
    Reason,
    reason_to_end,
    rolled_back,
)
from daemon.ledger.journal import Journal
from daemon.ledger.local import Local
from daemon.ledger.medium import Medium, is_damage, salvaged_beside
from daemon.ledger.moves import SOURCE_MOVE, handed
from daemon.ledger.records import ZERO_HASH, Chain, Entry, Head
from daemon.ledger.views import Stored, Watermark

DAMAGED_FACT = "journal_damaged"  # a look at the whole file found damage; the next start salvages

_log = logging.getLogger(__name__)


class Start(msgspec.Struct, frozen=True):
    """The chain to write, its head, and the entry that must open it (None: it goes on).

    The opening still lacks its random number.
    """

    chain: Chain
    head: Head
    opening: EpochOpened | None


class Files:
    def __init__(self, state_dir: Path, box: str, medium: Medium, *, when: str) -> None:
        """Open the files; a damaged one is moved aside. Raises StoreError.

        `when` names what is moved aside: the time of this start, as it shall stand in a file name.
        """
        self._box = box
        self._chain = Chain(box, 0)
        self.notes: tuple[str, ...] = ()  # what a person must hear of
        self._salvaged = False
        self._known_epoch = 0  # of chains that this box had, also lost ones
        self.local = self._open_local(state_dir / local.FILE, medium, when)
        try:
            self.journal = self._open_journal(state_dir / journal.FILE, medium, when)
            try:
                self.books = self._open_books(state_dir / bookfile.FILE, medium)
            except BaseException:
                self.journal.close()
                raise
        except BaseException:
            self.local.close()
            raise

    def start(self, *, device_key: str, hardware: str, progress: Progress) -> Start:
        """Follow the journal up and say which chain to write. Raises StoreError."""
        chains = self.chains()
        mark = self.books.mark
        lost = False
        newest = chains[-1][0].epoch if chains else 0
        salvaged = self.local.fact(SALVAGED_FACT) == str(newest)
        # Of a salvaged journal the head may be there, and what is before it not.
        if mark.no and (salvaged or not self._has(mark)):
            lost = not chains or rolled_back(mark, chains[-1][0].epoch, chains[-1][1])
            _log.warning("books.db does not match the journal: it is made again")
            self.books.discard()
        self.books.load(progress=progress)
        told = int(self.local.fact(KNOWN_FACT) or 0)
        self._known_epoch = max(mark.epoch, self.local.last_epoch(), told)
        if not chains:
            return self._first(mark, device_key, hardware)
        chain, head = chains[-1]
        heir = self._heir(chain, head)
        following = str(self._following(chain, "replacement"))
        why = reason_to_end(
            self._begun(chain),
            device_key=device_key,
            hardware=hardware,
            lost=lost
            or self.local.fact(RESTORED_FACT) == str(chain.epoch)
            or heir not in ("", following),
            acknowledged=self._acknowledged(chain, head),
            salvaged=salvaged,
            closed=heir == following,
        )
        if why is not None:
            return self._next(chain, head, why, device_key, hardware)
        self._chain = chain
        return Start(chain, head, None)

    def keep_what_the_books_knew(self) -> None:
        """Keep, before the books are made anew, that they are ahead of the journal: it was rolled
        back, and its chain has to end."""
        chains, mark = self.chains(), self.books.mark
        if chains and rolled_back(mark, chains[-1][0].epoch, chains[-1][1]):
            self.local.keep_fact(RESTORED_FACT, str(chains[-1][0].epoch))

    def chains(self) -> list[tuple[Chain, Head]]:
        """Return every chain with its head, the oldest first."""
        found = []
        for epoch in self.journal.epochs():
            head = self.journal.head(epoch)
            assert head is not None, "an epoch with entries has a last one"
            found.append((Chain(self._box, epoch), head))
        return found

    def find(self, source: str, name: str) -> tuple[Entry, str] | None:
        """Return the entry of (source, id) and its hash. Raises StoreError."""
        asked = self.books.asked(source, name)
        if isinstance(asked, tuple):
            return asked
        for epoch, seq in asked:
            stored = self.journal.get(epoch, seq)
            if stored is not None:
                entry = self._read(stored, epoch)
                if (entry.source, entry.id) == (source, name):
                    return entry, stored.hash
        return None

    def held(self, account: str, unit: str, lot: str) -> int:
        """Return what this chain holds of a lot. Raises StoreError."""
        return self.books.held(str(self._chain), account, unit, lot)

    def close(self) -> None:
        self.books.close()
        self.local.close()
        self.journal.close()

    def _open_local(self, path: Path, medium: Medium, when: str) -> Local:
        try:
            if not salvaged_beside(path).exists():
                return Local(path, medium)
        except StoreError as error:
            if not is_damage(error):
                raise
        from daemon.ledger import salvage  # not carried by a sound box

        if not salvaged_beside(path).exists():
            salvage.salvage_local(path, medium)
        aside = salvage.finish_salvage(path, when)
        self._note(f"local.db was damaged and lies in {aside.name}; papers may be missing")
        return Local(path, medium)

    def _open_journal(self, path: Path, medium: Medium, when: str) -> Journal:
        """Open the journal; where it cannot be read, what can be read goes into a new one."""
        if self.local.fact(DAMAGED_FACT) is None and not salvaged_beside(path).exists():
            try:
                return _readable(Journal(path, medium))
            except StoreError as error:
                if not is_damage(error):
                    raise
        from daemon.ledger import salvage

        if not salvaged_beside(path).exists():
            salvage.salvage_journal(path, medium)
        with closing(Journal(salvaged_beside(path), medium)) as fresh:
            epochs = fresh.epochs()
            carried = sum(head.seq for head in map(fresh.head, epochs) if head is not None)
            self.local.keep_fact(SALVAGED_FACT, str(max(epochs, default=0)))
        aside = salvage.finish_salvage(path, when)
        self._note(
            f"journal.db was damaged and lies in {aside.name}; carried over:"
            f" {HowMany(carried):entry}. Keep the file and call your technician."
        )
        self._salvaged = True
        self.local.drop_fact(DAMAGED_FACT)
        return Journal(path, medium)

    def _note(self, note: str) -> None:
        self.notes = (*self.notes, note)

    def _heir(self, chain: Chain, head: Head) -> str:
        """Return whom a planned replacement has left everything to; "" when there was none."""
        stored = self.journal.get(chain.epoch, head.seq)
        body = None if stored is None else self._read(stored, chain.epoch).body
        return body.heir if isinstance(body, EpochClosed) else ""

    def _following(self, parent: Chain, reason: Reason) -> Chain:
        """Return the chain that comes after the parent.

        What was handed over, whole or in part, is the heir's: a chain that begins for another
        reason takes nothing of it, and so has another number.
        """
        epoch = max(parent.epoch, self._known_epoch) + 1
        if reason != "replacement":
            while self.find(SOURCE_MOVE, handed(Chain(self._box, epoch), 1)) is not None:
                epoch += 1
        return Chain(self._box, epoch)

    def _open_books(self, path: Path, medium: Medium) -> BookFile:
        try:
            return BookFile(path, medium, self._box, self._after)
        except StoreError as error:
            if error.retry:
                raise
            _log.warning("%s: it is made again from the journal", error)
            bookfile.remove(path)
            return BookFile(path, medium, self._box, self._after)

    def _after(self, mark: Watermark) -> Iterator[Booked]:
        """Yield every entry after the mark. Raises StoreError naming one that cannot be read."""
        for epoch in self.journal.epochs():
            if epoch >= mark.epoch:
                first = mark.seq + 1 if epoch == mark.epoch else 1
                for stored in self.journal.walk(epoch, first):
                    yield self._read(stored, epoch), stored.hash

    def _read(self, stored: Stored, epoch: int) -> Entry:
        try:
            entry = decode(stored.data)
        except CodecError as error:
            raise StoreError(
                self.journal.path.name,
                doing=f"reading entry {epoch}:{stored.seq}",
                found=str(error),
                fix="If the software was set back, install the newer one; else run verify.",
                retry=False,
            ) from error
        if entry.box != self._box:
            raise StoreError(
                self.journal.path.name,
                doing=f"reading entry {epoch}:{stored.seq}",
                found=f"it belongs to box {entry.box}, this is box {self._box}",
                fix="Check [box] id, or give this box a state directory of its own.",
                retry=False,
            )
        return entry

    def _begun(self, chain: Chain) -> EpochOpened:
        """Return what opened a chain, with the machine on which a restore has let it go on."""
        epoch, _, machine = (self.local.fact(MACHINE_FACT) or "").partition(" ")
        opened = self._opened(chain)
        if epoch != str(chain.epoch):
            return opened
        return msgspec.structs.replace(opened, hardware=machine)

    def _opened(self, chain: Chain) -> EpochOpened:
        stored = self.journal.get(chain.epoch, 1)
        if stored is not None:
            body = self._read(stored, chain.epoch).body
            if isinstance(body, EpochOpened):
                return body
        raise StoreError(
            self.journal.path.name,
            doing=f"reading entry {chain.epoch}:1",
            found="it does not open the epoch",
            fix="The journal is damaged: run verify and keep a copy of the state directory.",
            retry=False,
        )

    def _has(self, mark: Watermark) -> bool:
        stored = self.journal.get(mark.epoch, mark.seq)
        return stored is not None and stored.hash == mark.hash

    def _acknowledged(self, chain: Chain, head: Head) -> Reason | None:
        """Return why HQ's last acknowledgement says that this chain cannot go on."""
        if self.local.fact(FORKED_FACT) == str(chain.epoch):
            return "fork"
        ack = self.local.acknowledged(chain.epoch)
        if ack is None or ack.mark == 0:
            return None
        if ack.mark > head.seq:
            return "restore"
        stored = self.journal.get(chain.epoch, ack.mark)
        return None if stored is not None and stored.hash == ack.hash else "fork"

    def _first(self, mark: Watermark, device_key: str, hardware: str) -> Start:
        """Begin epoch 1; where books or acknowledgements know of a lost journal, the next."""
        ack = self.local.last_acknowledged()
        parent = (mark.epoch, mark.seq, mark.hash)
        if ack is not None:
            parent = max(parent, (ack.epoch, ack.mark, ack.hash))
        epoch, seq, digest = parent
        if epoch == 0:
            return self._next(Chain(self._box, 0), Head(0, ZERO_HASH), "new", device_key, hardware)
        known = Head(seq, digest or ZERO_HASH)
        why: Reason = "salvage" if self._salvaged else "restore"
        return self._next(Chain(self._box, epoch), known, why, device_key, hardware)

    def _next(
        self, parent: Chain, head: Head, reason: Reason, device_key: str, hardware: str
    ) -> Start:
        first = parent.epoch == 0
        opening = EpochOpened(
            random="",
            reason=reason,
            device_key=device_key,
            hardware=hardware,
            parent_epoch=parent.epoch,
            parent_seq=head.seq,
            parent_hash="" if first else head.hash,
        )
        self._chain = self._following(parent, reason)
        return Start(self._chain, Head(0, head.hash), opening)


def _readable(opened: Journal) -> Journal:
    """Return the journal once every head in it was read. Raises StoreError."""
    try:
        for epoch in opened.epochs():
            opened.head(epoch)
    except BaseException:
        opened.close()
        raise
    return opened
