"""Opens what headquarters sends: signatures first, members' keys into the local store.

Works in the pipe's own thread, so that neither a signature nor a disk keeps the counter waiting.
It decides nothing about order; that is the courier's.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from daemon.errors import SealError
from daemon.ledger.codec import CodecError, down_body
from daemon.ledger.messages import MemberSnapshot
from daemon.ledger.profiles import open_profile, phone_digest
from daemon.ledger.signed import Ack
from daemon.sync.batch import unbase64
from daemon.sync.content import parse_part
from daemon.sync.contents import Come, Contents
from daemon.sync.wire import (
    CarriedKey,
    LetterKind,
    Nack,
    Post,
    Read,
    Turn,
    WireError,
    check_letter,
    down,
    parse_letter,
    parse_post,
    read_ack,
    read_message,
    read_nack,
    read_turn,
)


class AckMail(msgspec.Struct, frozen=True):
    """An acknowledgement that HQ signed, and the bytes that it signed."""

    ack: Ack
    statement: str
    signature: str


class NackMail(msgspec.Struct, frozen=True):
    nack: Nack


class TurnMail(msgspec.Struct, frozen=True):
    turn: Turn


class PostMail(msgspec.Struct, frozen=True):
    """Messages that HQ signed. `keyless`: members whose profile nobody can open any more.

    `keyed`: those whose key came beside and opened it. Two members may have one card (each enrolled
    in another shop): of their keys the last one is kept, and none of them is waited for.
    """

    messages: tuple[Read, ...]
    keyless: frozenset[str]
    keyed: frozenset[str] = frozenset()


class ContentMail(msgspec.Struct, frozen=True):
    """A part of a content was kept, or was not the next one."""

    come: Come


Mail = AckMail | NackMail | TurnMail | PostMail | ContentMail


class KeyStore(Protocol):
    """Where members' keys are kept, durably; safe to call from any thread."""

    def put_member_key(self, card: str, *, key: bytes, phone_digest: bytes | None) -> None: ...

    def member_key(self, card: str) -> bytes | None: ...


class Mailroom:
    """Opens mail for one box."""

    def __init__(
        self,
        box: str,
        *,
        hq_key: bytes,
        unseal: Callable[[bytes], bytes],
        phone_key: bytes,
        keys: KeyStore,
        contents: Contents | None = None,
    ) -> None:
        """`contents` None: a box that takes none."""
        self._hq_key = hq_key
        self._unseal = unseal
        self._phone_key = phone_key
        self._keys = keys
        self._contents = contents
        self._box = box

    def open(self, topic: str, payload: bytes) -> Mail:
        """Return what HQ signed for this box. Raises WireError for everything else."""
        if topic == down(self._box, "log"):
            return self._post(parse_post(payload))
        if topic == down(self._box, "content") and self._contents is not None:
            return ContentMail(self._contents.add(parse_part(payload, self._hq_key)))
        if topic != down(self._box, "ack"):
            raise WireError(f"{topic} is not ours")
        letter = parse_letter(payload)
        check_letter(letter, self._hq_key)
        if letter.kind is LetterKind.NACK:
            nack = read_nack(letter)
            self._ours(nack.box)
            return NackMail(nack)
        if letter.kind is LetterKind.TURN:
            turn = read_turn(letter)
            self._ours(turn.box)
            return TurnMail(turn)
        ack = read_ack(letter)
        self._ours(ack.box)
        return AckMail(ack, letter.text, letter.signature)

    def _ours(self, box: str) -> None:
        if box != self._box:
            raise WireError(f"a letter to {box}")

    def _post(self, post: Post) -> PostMail:
        carried = {key.member: key for key in post.keys}
        messages = tuple(read_message(signed, self._hq_key) for signed in post.messages)
        keyed = set()
        for read in messages:
            snapshot = _snapshot(read)
            if snapshot is None or snapshot.profile is None or snapshot.id not in carried:
                continue
            if self._keep(snapshot, carried[snapshot.id]):
                keyed.add(snapshot.id)
        keyless = frozenset(key.member for key in post.keys if not key.sealed)
        return PostMail(messages, keyless, frozenset(keyed))

    def _keep(self, snapshot: MemberSnapshot, carried: CarriedKey) -> bool:
        """Keep a key that opens the profile it came with; any other is no key."""
        profile = snapshot.profile
        assert profile is not None, "asked for members with a profile only"
        try:
            key = self._unseal(unbase64(carried.sealed))
            person = open_profile(profile, card=snapshot.card, key=key)
        except SealError:
            return False
        digest = phone_digest(self._phone_key, person.phone) if person.phone else None
        self._keys.put_member_key(snapshot.card, key=key, phone_digest=digest)
        return True


def opens(keys: KeyStore, snapshot: MemberSnapshot) -> bool:
    """Whether a key that is kept here opens the snapshot's profile."""
    key = keys.member_key(snapshot.card)
    if key is None or snapshot.profile is None:
        return False
    try:
        open_profile(snapshot.profile, card=snapshot.card, key=key)
    except SealError:
        return False
    return True


def _snapshot(read: Read) -> MemberSnapshot | None:
    try:
        body = down_body(read.message)
    except CodecError:
        return None
    return body if isinstance(body, MemberSnapshot) else None
