"""A box takes what a stick has for it: HQ's answers, messages of its log, blocked cards.

A file is read twice: once to its end, to see that all of it is whole, signed by our headquarters
and for this device; only then is any of it used. What is in it was signed piece by piece, too, and
goes the way of everything that HQ says (mailroom, inbox): twice, late or old changes nothing.
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from daemon.errors import LinkError
from daemon.ledger.records import Chain
from daemon.sync.blocked import BlockedCards
from daemon.sync.contents import Come
from daemon.sync.mailroom import ContentMail, Mail, Mailroom
from daemon.sync.stick import (
    Frame,
    Head,
    Kind,
    Name,
    StickError,
    StickFault,
    address,
    content_place,
    parse_name,
    read_blocked,
    read_file,
    read_head,
    read_key,
)
from daemon.sync.stick_folder import Shelf
from daemon.sync.wire import WireError, down


class RefusedFile(msgspec.Struct, frozen=True):
    """`fault`: a StickFault."""

    name: str
    fault: str
    why: str


class Offer(msgspec.Struct, frozen=True):
    """A file that is whole, ours and from our headquarters. `messages`: it may have some for the
    chain that goes on here."""

    name: str
    key: bytes
    head: Head
    messages: bool


class Importer:
    """Reads for one box. Blocks."""

    def __init__(
        self,
        shelf: Shelf,
        chain: Chain,
        *,
        hq_key: bytes,
        device_key: bytes,
        device_seed: bytes,
        mailroom: Mailroom,
        blocked: BlockedCards,
    ) -> None:
        self._shelf = shelf
        self._chain = chain
        self._hq_key = hq_key.hex()
        self._device_key = device_key.hex()
        self._seed = device_seed
        self._address = address(device_key)
        self._mailroom = mailroom
        self._blocked = blocked
        self.offers: list[Offer] = []
        self.refused: list[RefusedFile] = []
        self.others = 0  # files for other boxes
        self.cards = 0  # that were blocked ahead of the log

    def look(self, incarnation: int) -> None:
        """Verify every file that is for this box. `incarnation`: the highest that is known here."""
        for name in self._shelf.names():
            parsed = parse_name(name)
            if parsed is None or parsed.way != "down":
                continue
            if parsed.address != self._address:
                self.others += 1
                continue
            try:
                offer = self._verified(name)
                self.offers.append(offer)
                self._check_age(offer.head, incarnation)
            except StickError as error:
                self.refused.append(RefusedFile(name, error.fault.value, str(error)))
            except LinkError as error:  # one bad spot of the medium stops nothing else
                self.refused.append(RefusedFile(name, StickFault.DAMAGED.value, str(error)))

    def answers(self, give: Callable[[Mail], None]) -> None:
        """Give HQ's acknowledgements and refusals of every file; take blocked cards."""
        for offer, frame in self._frames():
            if frame.kind == Kind.LETTER:
                self._open(offer, "ack", frame, give)
            elif frame.kind == Kind.BLOCKED:
                self.cards += self._block(frame)

    def messages(self, give: Callable[[Mail], None]) -> None:
        """Give the messages of HQ's log; afterwards the log may have caught up with the cards."""
        for offer, frame in self._frames():
            if frame.kind == Kind.POST and offer.messages:
                self._open(offer, "log", frame, give)
        for _, frame in self._frames():
            if frame.kind == Kind.BLOCKED:
                self._block(frame)

    def contents(self, lacks: Sequence[str], give: Callable[[Mail], None]) -> int:
        """Give the parts of contents that the box lacks; return how many are whole now.

        Each part is signed, and the whole is hashed at its end: they need no second reading.
        """
        whole = 0
        there = set(self._shelf.names())
        for content in lacks:
            place, key = content_place(content)
            number, come = 1, None
            while (name := str(Name(place, number, "content"))) in there:
                come = self._content(name, key, give)
                number += 1
            whole += come is not None and come.whole
        return whole

    def _content(self, name: str, key: bytes, give: Callable[[Mail], None]) -> Come | None:
        come: Come | None = None
        try:
            with self._shelf.open(name) as file:
                for frame in read_file(file, key):
                    if frame.kind != Kind.CONTENT:
                        continue
                    mail = self._mailroom.open(down(self._chain.box, "content"), frame.content)
                    if isinstance(mail, ContentMail):
                        come = mail.come
                        give(mail)
                    if come is not None and (come.whole or come.why):
                        break
        except (StickError, WireError) as error:
            fault = error.fault if isinstance(error, StickError) else StickFault.CONTENT
            self.refused.append(RefusedFile(name, fault.value, str(error)))
        return come

    def _verified(self, name: str) -> Offer:
        with self._shelf.open(name) as file:
            key = read_key(file, self._seed)
        head: Head | None = None
        with self._shelf.open(name) as file:
            for frame in read_file(file, key):
                if head is None:
                    head = read_head(frame)
                    self._check_people(head)
        assert head is not None, "read_file begins with a head, or raises"
        return Offer(name, key, head, head.epoch == self._chain.epoch)

    def _check_people(self, head: Head) -> None:
        """Raise StickError unless our headquarters writes to this box."""
        if head.sender != self._hq_key:
            raise StickError(StickFault.SENDER, "it is from another headquarters")
        if head.what != "down":
            raise StickError(StickFault.CONTENT, "it goes to headquarters, not to a box")
        if (head.box, head.receiver) != (self._chain.box, self._device_key):
            raise StickError(StickFault.RECEIVER, f"it is for box {head.box}")

    def _check_age(self, head: Head, incarnation: int) -> None:
        """Raise StickError where the file has no messages for the chain that goes on here."""
        if head.epoch != self._chain.epoch:
            found = f"it was made for epoch {head.epoch}, this box is at {self._chain.epoch}"
            raise StickError(StickFault.OLD, found)
        if head.incarnation < incarnation:
            found = f"it was made before headquarters was restored ({head.at[:16]})"
            raise StickError(StickFault.OLD, found)

    def _frames(self) -> Iterator[tuple[Offer, Frame]]:
        for offer in self.offers:
            with self._shelf.open(offer.name) as file:
                for frame in read_file(file, offer.key):
                    yield offer, frame

    def _open(self, offer: Offer, what: str, frame: Frame, give: Callable[[Mail], None]) -> None:
        try:
            give(self._mailroom.open(down(self._chain.box, what), frame.content))
        except WireError as error:
            fault = StickFault.CONTENT.value
            self.refused.append(RefusedFile(offer.name, fault, str(error)))

    def _block(self, frame: Frame) -> int:
        told = read_blocked(frame)
        cards = [(one.card, one.reason) for one in told.cards]
        return self._blocked.put(cards, epoch=told.epoch, n=told.n)
