"""Packs batches out of the journal: the entries' own bytes, and beside them members' keys."""

from base64 import b64encode

import msgspec

from daemon import seal
from daemon.ledger.bodies import CardReplaced, DownApplied, MemberEnrolled, MemberUpdated
from daemon.ledger.codec import CodecError, decode, down_body, down_message, envelope
from daemon.ledger.ids import entry_id
from daemon.ledger.kinds import Kind
from daemon.ledger.messages import MemberSnapshot
from daemon.ledger.records import Chain
from daemon.sync.ahead import ReadAhead
from daemon.sync.batch import Run, SealedKey, Squeezer, pack_run
from daemon.sync.ports import Ledger

# One is 380 KB joined: packed in 0.6 ms here, while the next one is read.
BATCH_ENTRIES = 240
GROWS_BY = 8  # entries, from one batch to the next, after some did not fit
_ENROLLED = b'"kind":"member.enrolled"'
_PERSONAL = (  # entries with a profile; a message stands in its entry as text, so with \"
    _ENROLLED,
    b'"kind":"member.updated"',
    b'"kind":"card.replaced"',
    b'\\"kind\\":\\"member.snapshot\\"',
)


class _Enrolled(msgspec.Struct, frozen=True):
    card: str = ""


class _Seen(msgspec.Struct, frozen=True):
    """Of an enrolment, no more than whose key goes along."""

    kind: str
    body: _Enrolled


_CARD = msgspec.json.Decoder(_Seen)


class Shipping:
    """Makes batches of one box's chains."""

    def __init__(self, store: Ledger, *, hq_key: bytes | None, warm: bool = False) -> None:
        """`hq_key` None: members' keys do not travel. `warm`: memory for a backlog from now on."""
        self._store = store
        self._hq_key = hq_key
        self._squeeze = Squeezer(warm=warm)
        self._ahead = ReadAhead(store.joined)
        self._count = BATCH_ENTRIES  # as many as fitted last; entries are alike

    def pack(self, epoch: int, *, first: int, last: int) -> tuple[bytes, int] | None:
        """Return a batch from `first` on and the last number in it; None: nothing is there."""
        wanted = min(self._count, last - first + 1)
        packed = pack_run(
            lambda count: self._run(epoch, first, count, last),
            wanted,
            squeeze=self._squeeze,
            sign=self._store.sign,
            keys_of=self._keys,
        )
        if packed is not None:
            fitted = packed[1] - first + 1
            grown = min(BATCH_ENTRIES, self._count + GROWS_BY)
            self._count = fitted if fitted < wanted else grown
        return packed

    def _run(self, epoch: int, first: int, count: int, until: int) -> Run | None:
        found = self._ahead.joined(epoch, first, count, until=until)
        if found is None:
            return None
        before = found.before
        if not before:  # the first of its chain names what it follows
            before = envelope(bytes(found.text.partition(b"\n")[0])).prev
        chain = Chain(self._store.chain.box, epoch)
        return Run(chain, first, found.last, before, found.head, found.text)

    def _keys(self, run: Run) -> tuple[SealedKey, ...]:
        """Return the keys of members enrolled in this run, sealed to HQ."""
        if self._hq_key is None or _ENROLLED not in run.joined:
            return ()
        cards: dict[int, str] = {}
        for seq, data in enumerate(bytes(run.joined).split(b"\n"), run.first):
            if _ENROLLED in data and (card := _enrolled_card(data)):
                cards[seq] = card
        known = self._store.local.keys_to_ship(cards.values())
        return tuple(
            SealedKey(
                entry_id(run.chain, seq), b64encode(seal.seal(self._hq_key, known[card])).decode()
            )
            for seq, card in cards.items()
            if card in known
        )


def _enrolled_card(data: bytes) -> str:
    """Return the card of an enrolment; "": it is none that we can read."""
    try:
        seen = _CARD.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return seen.body.card if seen.kind == Kind.MEMBER_ENROLLED else ""


def cards_in(data: bytes) -> list[str]:
    """Return the cards whose profiles stand in an entry."""
    if not any(mark in data for mark in _PERSONAL):
        return []
    try:
        body = decode(data).body
        match body:
            case MemberEnrolled(card=card) | MemberUpdated(card=card) | CardReplaced(card=card):
                return [card]
            case DownApplied(message=message):
                told = down_body(down_message(message.encode()))
                return [told.card] if isinstance(told, MemberSnapshot) else []
            case _:
                return []
    except CodecError:
        return []
