"""The way down: HQ's log for this chain, applied in order, each message exactly once.

The mark is a fold over `down.applied` and `down.refused` in the books, never kept apart. What
comes too early waits in the local store; losing it is harmless, since HQ sends it again.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Protocol

import msgspec

from daemon.ledger.codec import CodecError, down_body
from daemon.ledger.local import Letter
from daemon.ledger.machine import down_draft, down_refused
from daemon.ledger.messages import DownBody, MemberSnapshot, Pack, PackActivate, Please, Restore
from daemon.ledger.records import ZERO_HASH, At, Chain, Draft, Entry
from daemon.ledger.requests import Hand, answer, source
from daemon.ledger.views import DownMark, PackRow
from daemon.rules.document import PackError, open_signed
from daemon.sync.mailroom import KeyStore, PostMail, opens
from daemon.sync.wire import MESSAGE_BYTES_MAX, Read, SignedMessage, WireError, read_message

EARLY_MAX = 2000  # messages that may wait for an earlier one; HQ sends 400 ahead
INCOMING_MAX = 2000  # opened messages that the loop has not looked at yet
REQUEST_TRIES = 3  # a sale may take the lots in between; then the request is refused


class Letters(KeyStore, Protocol):
    """Where early messages wait."""

    def is_erased(self, card: str) -> bool: ...

    def put_letter(self, letter: Letter) -> None: ...

    def letter(self, epoch: int, n: int) -> Letter | None: ...

    def drop_letters(self, epoch: int, *, up_to: int) -> None: ...


class DownBooks(Protocol):
    """What the books know of HQ's log."""

    def down_mark(self, epoch: int) -> DownMark | None: ...

    def pack(self, name: str, version: int) -> PackRow | None: ...


Judge = Callable[[DownBody], str | None]
"""A message -> why it cannot take effect here; "" is good, None is not known yet."""


class Applying(msgspec.Struct, frozen=True):
    """A message on its way into the journal. `tries`: of the entry that answers a request."""

    read: Read
    draft: Draft
    body: DownBody | None = None
    tries: int = 0


class Answering(msgspec.Struct, frozen=True):
    """What a request of HQ is answered from: this chain's lots, and what was answered before."""

    hand: Hand
    find: Callable[[str, str], Entry | None]


class Inbox:
    """Puts the messages of one chain in order. One at a time is being applied."""

    def __init__(
        self,
        chain: Chain,
        *,
        hq_key: bytes,
        books: DownBooks,
        letters: Letters,
        answering: Answering,
        judge: Judge | None = None,
    ) -> None:
        """`judge` None: packs are checked here and at once, the rest is taken."""
        self._chain = chain
        self._incarnation = 0  # the highest that HQ has acknowledged with
        self._answering = answering
        self._hq_key = hq_key
        self._judge = judge or partial(_wrong_pack, hq_key)
        self._looking = False  # the next message is being looked through
        self._books = books
        self._letters = letters
        self._incoming: deque[Read] = deque()
        self._resting = False  # the disk took nothing: wait for look_again()
        self._keyless: set[str] = set()
        self._keyed: set[str] = set()
        self._applying: Applying | None = None
        self.last: DownBody | None = None  # the message that was applied last
        self.waiting_for = ""  # the member whose key has not come; empty when nobody waits
        self.broken = ""  # why HQ's log does not go on from ours; empty when it does

    @property
    def mark(self) -> DownMark:
        """How far HQ's log is applied: number and hash."""
        return self._books.down_mark(self._chain.epoch) or DownMark(0, ZERO_HASH)

    def obey(self, incarnation: int) -> None:
        """HQ was restored: what it signed before and we did not apply is signed again, or void."""
        if incarnation <= self._incarnation:
            return
        self._incarnation = incarnation
        self._incoming = deque(one for one in self._incoming if not self._is_void(one))
        self._letters.drop_letters(self._chain.epoch, up_to=self.mark.n + 2 * EARLY_MAX)

    def _is_void(self, read: Read) -> bool:
        return read.message.incarnation < self._incarnation

    @property
    def busy(self) -> bool:
        """Whether a message is on its way into the journal."""
        return self._applying is not None

    @property
    def taking(self) -> bool:
        """Whether something that was brought is not yet in the journal, nor kept for later."""
        return self.pending or self.busy or self._looking

    @property
    def pending(self) -> bool:
        """Whether next() may have something to apply now."""
        return bool(self._incoming) and self._applying is None and not self._resting

    def take(self, mail: PostMail) -> None:
        """Take opened messages; what is too much is dropped and comes again."""
        self._keyless |= mail.keyless
        self._keyed |= mail.keyed
        room = INCOMING_MAX - len(self._incoming)
        self._incoming.extend(mail.messages[:room])

    def next(self, at: At) -> Draft | None:
        """Return the draft of the next message in order, to be committed; then call settled()."""
        if self._applying is not None:
            return None
        while self._incoming:
            read = self._incoming.popleft()
            if self._is_next(read):
                return self._start(read, at)
        return None

    def look_again(self) -> None:
        """Take up again what had to wait: a pack that was being checked, a disk that was full."""
        self._resting = False
        if self._looking and self._applying is None:
            epoch, n = self._chain.epoch, self.mark.n + 1
            waiting = self._letters.letter(epoch, n)
            self._looking = False
            if waiting is not None:
                self._requeue(waiting)

    def settled(self, problems: tuple[str, ...], at: At) -> Draft | None:
        """The commit has an outcome; without problems it is durable. With some, the message is
        refused: the draft to commit instead is returned."""
        done, self._applying = self._applying, None
        assert done is not None, "nothing was being applied"
        if problems:
            if done.draft.kind == "down.refused":
                self.broken = "; ".join(problems)
                return None
            if 0 < done.tries < REQUEST_TRIES and isinstance(done.body, Please | Restore):
                return self._request(done.read, done.body, at, done.tries + 1)
            return self._refusal(done.read, "; ".join(problems), at)
        if done.tries:  # the request is answered: now the message itself
            return self._apply(done.read, done.body, at)
        self.last = done.body
        epoch, n = self._chain.epoch, done.read.message.n
        waiting = self._letters.letter(epoch, n + 1)
        self._letters.drop_letters(epoch, up_to=n)
        if waiting is not None:
            self._requeue(waiting)
        return None

    def put_off(self) -> None:
        """Nothing was written, for no fault of the message: it comes next, a little later."""
        done, self._applying = self._applying, None
        assert done is not None, "nothing was being applied"
        self._incoming.appendleft(done.read)
        self._resting = True

    def _is_next(self, read: Read) -> bool:
        message, mark = read.message, self.mark
        if (message.box, message.epoch) != (self._chain.box, self._chain.epoch):
            return False
        if message.n <= mark.n or self._is_void(read):
            return False
        if message.n > mark.n + 1:
            if message.n <= mark.n + EARLY_MAX:
                self._keep(read)
            return False
        if message.prev != mark.hash:
            self.broken = f"message {message.n} does not follow message {mark.n}"
            return False
        self.broken = ""
        return True

    def _start(self, read: Read, at: At) -> Draft | None:
        why = ""
        try:
            body = down_body(read.message)
        except CodecError as error:
            return self._refusal(read, str(error), at)
        match body:
            case MemberSnapshot() if not self._has_key(body):
                self.waiting_for = body.id
                self._keep(read)
                return None
            case PackActivate() as wanted:
                why = self._unknown_pack(wanted) or self._judge(wanted) or ""
            case Please() | Restore() as please:
                return self._request(read, please, at, 1)
            case _:
                verdict = self._judge(body)
                self._looking = verdict is None
                if verdict is None:
                    self._keep(read)
                    return None
                why = verdict
        self.waiting_for = ""
        if len(read.text) > MESSAGE_BYTES_MAX:
            why = f"a message of {len(read.text)} characters"
        if why:
            return self._refusal(read, why, at)
        return self._apply(read, body, at)

    def _apply(self, read: Read, body: DownBody | None, at: At) -> Draft:
        draft = down_draft(
            at, message=read.text.encode(), signature=read.signature, chain=self._chain
        )
        self._applying = Applying(read, draft, body)
        return draft

    def _request(self, read: Read, please: Please | Restore, at: At, tries: int) -> Draft:
        """Answer a request by an entry of our own first, unless that was done before a crash."""
        message, asked = read.message, self._answering
        if asked.find(source(message.epoch), str(message.n)) is not None:
            return self._apply(read, please, at)
        try:
            draft = answer(at, message, please, asked.hand)
        except CodecError as error:
            return self._refusal(read, str(error), at)
        self._applying = Applying(read, draft, please, tries)
        return draft

    def _refusal(self, read: Read, why: str, at: At) -> Draft:
        text = read.text.encode()
        draft = down_refused(at, message=text, signature=read.signature, why=why)
        self._applying = Applying(read, draft)
        return draft

    def _has_key(self, snapshot: MemberSnapshot) -> bool:
        if snapshot.profile is None or snapshot.id in self._keyless | self._keyed:
            return True
        if self._letters.is_erased(snapshot.card):  # its key is refused: do not wait for it
            return True
        return opens(self._letters, snapshot)

    def _unknown_pack(self, wanted: PackActivate) -> str:
        row = self._books.pack(wanted.id, wanted.version)
        if row is None or row.hash != wanted.hash:
            return f"pack {wanted.id} version {wanted.version} with this hash is not here"
        return ""

    def _keep(self, read: Read) -> None:
        message = read.message
        letter = Letter(message.epoch, message.n, read.text.encode(), read.signature)
        self._letters.put_letter(letter)

    def _requeue(self, letter: Letter) -> None:
        """Take a message out of the store; local.db proves nothing, so it is verified again."""
        signed = SignedMessage(letter.message.decode(errors="replace"), letter.signature)
        try:
            self._incoming.appendleft(read_message(signed, self._hq_key))
        except WireError:
            return


def _wrong_pack(hq_key: bytes, body: DownBody) -> str:
    if not isinstance(body, Pack) or body.content is not None:
        return ""
    try:
        open_signed(body.document, hq_key)
    except PackError as error:
        return str(error)
    return ""
