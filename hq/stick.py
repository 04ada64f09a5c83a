"""Sticks at headquarters: what boxes wrote is taken in, what boxes shall know is written.

Beside a running `serve`. Every file is read to its end before any of it is used; what is in it
goes the way of everything that boxes send (intake, booking). One file for each box goes back, which
only that box opens: blocked cards, acknowledgements, and its log above what it has applied.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from daemon import vault
from daemon.errors import LinkError
from daemon.ledger.codec import canonical
from daemon.sync.batch import parse_batch
from daemon.sync.stick import (
    BLOCKED_PER_FRAME,
    FILE_BYTES,
    Blocked,
    BlockedCard,
    Frame,
    Head,
    Kind,
    Name,
    StickError,
    StickFault,
    address,
    parse_name,
    read_file,
    read_head,
    read_key,
    seal_file,
)
from daemon.sync.stick_folder import NEW, Shelf
from daemon.sync.wire import POST_BYTES_MAX, VERSION, up
from hq import downlog
from hq.headquarters import Headquarters
from hq.intake import Arrival
from hq.letters import Letters
from hq.members import ACTIVE
from hq.postman import Postman
from hq.progress import Progress
from hq.registry import keys_of
from hq.store import OWN_BOX, Office

FRAMES_AT_ONCE = 64  # of one transaction: 4 MB compressed, stored in 0.5 s
WORK_TURNS_MAX = 1_000_000  # of booking: far above what sticks can hold; a loop would hang a person


@dataclass(frozen=True, slots=True)
class FileSaid:
    """What came of one file. `why` empty: all of it is stored."""

    file: str
    box: str = ""
    at: str = ""  # when the box wrote it, by its own clock
    entries: int = 0
    new: int = 0
    fault: str = ""
    why: str = ""


@dataclass(slots=True)
class Collected:
    files: list[FileSaid] = field(default_factory=list)
    new: int = 0

    @property
    def refused(self) -> list[FileSaid]:
        return [one for one in self.files if one.why]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was written for one box. `why`: nothing was, and what to do."""

    box: str
    epoch: int = 0
    files: int = 0
    bytes: int = 0
    messages: int = 0
    blocked: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class _To:
    """A box's newest chain."""

    row: int
    box: str
    epoch: int
    applied: int
    last: int
    device: bytes


class Collector:
    """Takes in what boxes wrote. One thread."""

    def __init__(self, office: Office, hq: Headquarters | None = None) -> None:
        self._office = office
        self._hq = hq or Headquarters(office)

    def collect(self, shelf: Shelf, progress: Progress) -> Collected:
        """Store and book every file of every box. Raises LinkError: the medium failed."""
        found = Collected()
        names = [name for name in shelf.names() if _is_up(name)]
        for done, name in enumerate(names):
            progress(done, len(names))
            said = self._file(shelf, name)
            found.files.append(said)
            found.new += said.new
        self.book()
        progress(len(names), len(names))
        return found

    def book(self) -> None:
        """Book what is stored, and write what boxes shall know of it."""
        for _ in range(WORK_TURNS_MAX):
            if not self._hq.work():
                return

    def _file(self, shelf: Shelf, name: str) -> FileSaid:
        head: Head | None = None
        try:
            with shelf.open(name) as file:
                key = read_key(file, self._office.seed)
            with shelf.open(name) as file:
                for frame in read_file(file, key):
                    if head is None:
                        head = read_head(frame)
                        self._check(name, head)
            assert head is not None, "read_file begins with a head, or raises"
            with shelf.open(name) as file:
                return self._take(name, head, read_file(file, key))
        except StickError as error:
            box = "" if head is None else head.box
            return FileSaid(name, box, fault=error.fault.value, why=str(error))
        except LinkError as error:  # one bad spot of the medium: other shops' files are taken
            box = "" if head is None else head.box
            return FileSaid(name, box, fault=StickFault.DAMAGED.value, why=str(error))

    def _check(self, name: str, head: Head) -> None:
        """Raise StickError unless a box writes to us, under its own name."""
        if head.what != "up":
            raise StickError(StickFault.CONTENT, "it goes to a box, not to headquarters")
        if head.receiver != self._office.public.hex():
            raise StickError(StickFault.RECEIVER, "it is for another headquarters")
        parsed = parse_name(name)
        if parsed is None or parsed.address != address(bytes.fromhex(head.sender)):
            raise StickError(StickFault.SENDER, "its name is that of another box")

    def _take(self, name: str, head: Head, frames: Iterable[Frame]) -> FileSaid:
        waiting: list[Arrival] = []
        refused: list[str] = []
        entries = new = 0

        def store() -> None:
            nonlocal new
            drained = self._hq.take(waiting, mono_ms=0)
            new += drained.stored
            refused.extend(one.why for one in drained.refusals)
            waiting.clear()

        for frame in frames:
            if frame.kind == Kind.LETTER:
                waiting.append(Arrival(up(head.box, "hello"), frame.content, live=False))
            elif frame.kind == Kind.BATCH:
                waiting.append(Arrival(up(head.box, "journal"), frame.content, live=False))
                entries += _entries_in(frame.content)
            if len(waiting) >= FRAMES_AT_ONCE:
                store()
        store()
        if not refused:
            return FileSaid(name, head.box, head.at, entries, new)
        fault = StickFault.SENDER if not self._knows(head) else StickFault.CONTENT
        why = str(StickError(fault, refused[0]))
        return FileSaid(name, head.box, head.at, entries, new, fault.value, why)

    def _knows(self, head: Head) -> bool:
        return bytes.fromhex(head.sender) in keys_of(self._office, head.box)


def _is_up(name: str) -> bool:
    parsed = parse_name(name)
    return parsed is not None and parsed.way == "up"


def _entries_in(payload: bytes) -> int:
    try:
        header = parse_batch(payload).header
    except ValueError:
        return 0  # intake says why
    return header.last - header.first + 1


class Deliverer:
    """Writes what boxes shall know. One thread."""

    def __init__(self, office: Office, *, part_bytes: int = FILE_BYTES) -> None:
        self._office = office
        self._letters = Letters(office)
        self._postman = Postman(office)
        self._part_bytes = part_bytes

    def boxes(self) -> list[str]:
        """Return every box whose device is known."""
        rows = self._office.db.execute("SELECT DISTINCT box FROM device_key ORDER BY box")
        return [row[0] for row in rows]

    def deliver(self, shelf: Shelf, boxes: Sequence[str], progress: Progress) -> list[Delivered]:
        """Write the files of these boxes, each in place of its older one. Raises LinkError."""
        while downlog.write(self._office):
            pass
        told = []
        for done, box in enumerate(boxes):
            progress(done, len(boxes))
            told.append(self._box(shelf, box))
        progress(len(boxes), len(boxes))
        return told

    def _box(self, shelf: Shelf, box: str) -> Delivered:
        keys = keys_of(self._office, box)
        row = self._office.db.execute(
            "SELECT id, epoch, applied, down_seq, confirmed FROM chain WHERE box = ?"
            " ORDER BY epoch DESC LIMIT 1",
            (box,),
        ).fetchone()
        if box == OWN_BOX or not keys or row is None:
            why = "headquarters has nothing of it yet: bring a stick from it first"
            return Delivered(box, why=why)
        row_id, epoch, applied, last, confirmed = row
        if confirmed != self._office.incarnation:
            last = applied  # it has to hear first that headquarters was restored
        to = _To(row_id, box, epoch, applied, last, keys[0])
        return self._write(shelf, to)

    def _write(self, shelf: Shelf, to: _To) -> Delivered:
        place = address(to.device)
        old = [name for name in shelf.names() if _is_down_of(name, place)]
        for name in old:
            if name.endswith(NEW):
                shelf.remove(name)
        cards = self._blocked(to)
        posts = _Posts(self._postman, to)
        length = number = 0
        written: set[str] = set()
        while posts.more() or not written:
            number += 1
            name = str(Name(place, number, "down"))
            first = [*_blocked_frames(cards), *self._answers(to)] if not written else []
            used = POST_BYTES_MAX + sum(len(frame.content) for frame in first)
            frames = _joined(first, posts.take(self._part_bytes - used))
            length += shelf.put(name, self._file(to, frames))
            written.add(name)
        for name in old:
            if name not in written and not name.endswith(NEW):
                shelf.remove(name)
        messages = to.last - to.applied
        return Delivered(
            to.box, to.epoch, len(written), length, messages, sum(len(one.cards) for one in cards)
        )

    def _file(self, to: _To, frames: Iterable[Frame]) -> Iterator[bytes]:
        office = self._office
        head = Head(
            VERSION,
            "down",
            to.box,
            to.epoch,
            office.incarnation,
            office.public.hex(),
            to.device.hex(),
            office.now(),
        )
        return seal_file(
            head,
            frames,
            sign=office.sign,
            key=office.entropy.draw(vault.RECOVERY_BYTES),
            nonce=office.entropy.draw(vault.PREFIX_BYTES),
        )

    def _answers(self, to: _To) -> list[Frame]:
        return [Frame(Kind.LETTER, letter) for letter in self._letters.standing(to.box)]

    def _blocked(self, to: _To) -> list[Blocked]:
        """Return every card that is honoured no more: ahead of the log, whatever waits in it."""
        query = "SELECT card, status FROM card_status WHERE status <> ? ORDER BY card"
        cards = [BlockedCard(*row) for row in self._office.db.execute(query, (ACTIVE,))]
        return [
            Blocked(to.epoch, to.last, tuple(cards[start : start + BLOCKED_PER_FRAME]))
            for start in range(0, len(cards), BLOCKED_PER_FRAME)
        ]


class _Posts:
    """A chain's log above what it has applied, post by post."""

    def __init__(self, postman: Postman, to: _To) -> None:
        self._postman = postman
        self._to = to
        self._sent = to.applied

    def more(self) -> bool:
        return self._sent < self._to.last

    def take(self, budget: int) -> Iterator[Frame]:
        """Yield posts until `budget` bytes are passed, at least one where there is one."""
        size = 0
        while self.more() and (size < budget or not size):
            to = self._to
            payload, self._sent = self._postman.post(to.row, to.box, self._sent, to.last)
            size += len(payload)
            yield Frame(Kind.POST, payload)


def _is_down_of(name: str, place: str) -> bool:
    parsed = parse_name(name.removesuffix(NEW))
    return parsed is not None and (parsed.address, parsed.way) == (place, "down")


def _blocked_frames(lists: Iterable[Blocked]) -> list[Frame]:
    return [Frame(Kind.BLOCKED, canonical(one)) for one in lists]


def _joined(first: Iterable[Frame], then: Iterable[Frame]) -> Iterator[Frame]:
    yield from first
    yield from then
