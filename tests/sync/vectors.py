"""Makes docs/protocol-vectors.json: what others can check their own implementation with.

    python -m tests.sync.vectors > docs/protocol-vectors.json

Keys are those of fixed seeds, never used elsewhere. Everything but the zstd frame comes out the
same each time; a frame may differ between versions of zstd, what it opens to does not.
"""

import json
import sys
from base64 import b64encode
from typing import Literal

import msgspec

from daemon import seal, vault
from daemon.clock import ClockState
from daemon.ledger import machine
from daemon.ledger.bodies import Consent, EpochOpened, MemberEnrolled, NewLot, Profile
from daemon.ledger.codec import canonical, encode, hash_of
from daemon.ledger.kinds import Kind as EntryKind
from daemon.ledger.messages import DownMessage, Please, PleasePart, Staff, StaffList
from daemon.ledger.profiles import Person, lock_profile
from daemon.ledger.records import ZERO_HASH, At, By, Chain, Draft, Posting
from daemon.ledger.requests import RELEASE
from daemon.ledger.sealing import seal_draft
from daemon.ledger.signed import (
    DOMAIN_ACK,
    DOMAIN_DOWN,
    DOMAIN_HEAD,
    Ack,
    ack_statement,
    down_statement,
    head_statement,
)
from daemon.rules import document as pack
from daemon.sync.batch import Run, SealedKey, Signer, Squeezer, pack_run
from daemon.sync.content import pack_part
from daemon.sync.stick import (
    Blocked,
    BlockedCard,
    Frame,
    Head,
    Kind,
    Name,
    address,
    content_place,
    marker,
    plain,
    seal_file,
)
from daemon.sync.wire import (
    DOMAIN_ASK,
    DOMAIN_HELLO,
    DOMAIN_NACK,
    DOMAIN_STATE,
    DOMAIN_TURN,
    DOMAIN_WANT,
    Ask,
    ChainOffer,
    DeviceNote,
    DownMark,
    Hello,
    LetterKind,
    Nack,
    PackHeld,
    Post,
    SignedMessage,
    State,
    Turn,
    Want,
    seal_letter,
    sign_message,
)
from daemon.wanted import What

BOX_SEED = bytes(range(32))
HQ_SEED = bytes(range(32, 64))
BOX = "0018"
CHAIN = Chain(BOX, 1)
AT = "2026-03-06T09:00:00.000+08:00"
STICK_KEY, STICK_NONCE = bytes(range(64, 80)), bytes(range(80, 96))
CARD, MEMBER = "8800000001015", f"{CHAIN}:2"
MEMBER_KEY, PROFILE_NONCE = bytes(range(96, 128)), bytes(range(128, 152))
PERSON = Person(phone="13800000000", name="王芳")
CONTENT = b"GIF89a"


def box_sign(domain: str, payload: bytes) -> bytes:
    return seal.sign(BOX_SEED, domain, payload)


def hq_sign(domain: str, payload: bytes) -> bytes:
    return seal.sign(HQ_SEED, domain, payload)


def entries() -> tuple[bytes, bytes]:
    """Return a chain's first entry, and a member who enrols and gets points."""
    at = At("boot", 1000, AT, ClockState.SYNCED, "2026-03-06")
    first = EpochOpened("0011223344556677", "new", seal.public_key(BOX_SEED).hex(), "board-1")
    opened = encode(
        seal_draft(machine.epoch_opened(at, first, epoch=1), CHAIN, seq=1, prev=ZERO_HASH)
    )
    body = MemberEnrolled(
        *(CARD, "grant", AT, None, Consent("1", marketing=False), profile()),
        points=100,
        lots=(NewLot(1, "point", "join"),),
    )
    postings = (
        Posting("@", "points:#", "point", "#1", 100),
        Posting("@", "issued:points", "point", "", -100),
    )
    by = By("02", "clerk")
    draft = Draft(
        "keypad", "0123456789abcdef", EntryKind.MEMBER_ENROLLED, at, by, None, None, body, postings
    )
    return opened, encode(seal_draft(draft, CHAIN, seq=2, prev=hash_of(opened)))


def profile() -> Profile:
    return lock_profile(PERSON, card=CARD, key=MEMBER_KEY, nonce=PROFILE_NONCE)


def batch_bytes() -> bytes:
    """Return the two entries as they travel, the member's key beside them."""
    both = entries()
    run = Run(CHAIN, 1, 2, ZERO_HASH, hash_of(both[-1]), b"\n".join(both))
    sealed = b64encode(seal.seal(seal.public_key(HQ_SEED), MEMBER_KEY)).decode()
    keys = (SealedKey(MEMBER, sealed),)
    packed = pack_run(
        lambda count: run, 2, squeeze=Squeezer(), sign=box_sign, keys_of=lambda run: keys
    )
    assert packed is not None
    return packed[0]


def hello_of(head_hash: str) -> Hello:
    return Hello(
        1,
        BOX,
        "0123456789abcdef",
        "0.1.0",
        (ChainOffer(1, 2, head_hash),),
        DownMark(1, 0, ZERO_HASH),
        1,
        PackHeld("zhenzi", 7),
        (DeviceNote("printer", "receipt_printer", "online"),),
        seal.public_key(BOX_SEED).hex(),
        "",
    )


def staff_message() -> DownMessage:
    staff = canonical(StaffList((Staff("02", "陈静", "clerk"),)))
    return DownMessage(1, 1, BOX, 1, 1, ZERO_HASH, AT, "staff", msgspec.Raw(staff))


def vectors() -> dict[str, object]:
    """Return every vector but the batch's bytes."""
    both = entries()
    head_hash = hash_of(both[1])
    head = head_statement(CHAIN, first=1, last=2, before=ZERO_HASH, head=head_hash)
    message = staff_message()
    signed = sign_message(message, hq_sign)
    return {
        "keys": {
            "box_seed": BOX_SEED.hex(),
            "box_key": seal.public_key(BOX_SEED).hex(),
            "hq_seed": HQ_SEED.hex(),
            "hq_key": seal.public_key(HQ_SEED).hex(),
        },
        "head": _signed(DOMAIN_HEAD, head, box_sign),
        **_letters(head_hash),
        **_asking(signed.message),
        **_content(),
        "message": {
            **_signed(DOMAIN_DOWN, down_statement(message), hq_sign),
            "text": signed.message,
            "hash": hash_of(signed.message.encode()),
            "post": canonical(Post((signed,), ())).decode(),
        },
        "entries": [entry.decode() for entry in both],
        "hashes": [hash_of(entry) for entry in both],
        "profile": {
            "card": CARD,
            "member": MEMBER,
            "key": MEMBER_KEY.hex(),
            "plain": canonical(PERSON).decode(),
            **msgspec.to_builtins(profile()),
        },
        "pack": _signed(pack.DOMAIN, canonical({"id": "zhenzi", "version": 7}), hq_sign),
        "stick": stick(signed),
    }


def _letters(head_hash: str) -> dict[str, object]:
    ack = Ack(1, BOX, 1, 2, head_hash, "one", AT, 1, "ab" * 32)
    nack = Nack(1, 1, BOX, 1, 2, head_hash, "branch", AT)
    hello = hello_of(head_hash)
    state = State(1, BOX, "0123456789abcdef", False)
    turn = Turn(1, BOX, "0123456789abcdef", 0)
    return {
        "ack": {
            **_signed(DOMAIN_ACK, ack_statement(ack), hq_sign),
            "letter": seal_letter(LetterKind.ACK, ack, hq_sign).decode(),
        },
        "nack": {
            **_signed(DOMAIN_NACK, canonical(nack), hq_sign),
            "letter": seal_letter(LetterKind.NACK, nack, hq_sign).decode(),
        },
        "hello": {
            **_signed(DOMAIN_HELLO, canonical(hello), box_sign),
            "letter": seal_letter(LetterKind.HELLO, hello, box_sign).decode(),
        },
        "state": {
            **_signed(DOMAIN_STATE, canonical(state), box_sign),
            "letter": seal_letter(LetterKind.STATE, state, box_sign).decode(),
        },
        "turn": {
            **_signed(DOMAIN_TURN, canonical(turn), hq_sign),
            "letter": seal_letter(LetterKind.TURN, turn, hq_sign).decode(),
        },
    }


def stick(signed: SignedMessage) -> dict[str, object]:
    """Return names, keys and statements of the two files; their bytes hold sealed keys, which come
    out another each time."""
    box, hq = seal.public_key(BOX_SEED), seal.public_key(HQ_SEED)
    up, down = stick_head("up"), stick_head("down")
    return {
        "marker": marker(hq),
        "up_name": str(Name(address(box), 1, "up")),
        "down_name": str(Name(address(box), 1, "down")),
        "key": STICK_KEY.hex(),
        "nonce": STICK_NONCE.hex(),
        "piece_key": vault.piece_key(STICK_KEY, STICK_NONCE).hex(),
        **_content_file(),
        "up_plain": plain_hex(up, up_frames(), box_sign),
        "down_plain": plain_hex(down, down_frames(signed), hq_sign),
    }


def stick_head(what: Literal["up", "down"]) -> Head:
    keys = (seal.public_key(BOX_SEED).hex(), seal.public_key(HQ_SEED).hex())
    sender, receiver = keys if what == "up" else keys[::-1]
    return Head(1, what, BOX, 1, 1, sender, receiver, AT)


def up_frames() -> list[Frame]:
    """A hello as it travels on a stick: without a session."""
    hello = msgspec.structs.replace(hello_of(hash_of(entries()[1])), session="")
    return [Frame(Kind.LETTER, seal_letter(LetterKind.HELLO, hello, box_sign))]


def down_frames(signed: SignedMessage) -> list[Frame]:
    ack = Ack(1, BOX, 1, 2, hash_of(entries()[1]), "one", AT, 1, "ab" * 32)
    blocked = Blocked(1, 1, (BlockedCard("8800000000018", "lost"),))
    return [
        Frame(Kind.BLOCKED, canonical(blocked)),
        Frame(Kind.LETTER, seal_letter(LetterKind.ACK, ack, hq_sign)),
        Frame(Kind.POST, canonical(Post((signed,), ()))),
    ]


def plain_hex(head: Head, frames: list[Frame], sign: Signer) -> str:
    return b"".join(plain(head, frames, sign)).hex()


def stick_file(what: Literal["up", "down"], signed: SignedMessage) -> bytes:
    frames, sign = (up_frames(), box_sign) if what == "up" else (down_frames(signed), hq_sign)
    return b"".join(
        seal_file(stick_head(what), frames, sign=sign, key=STICK_KEY, nonce=STICK_NONCE)
    )


def _content_file() -> dict[str, str]:
    """Return the file of a content: sealed to nobody, it comes out the same each time."""
    name = hash_of(CONTENT)
    place, key = content_place(name)
    own = seal.public_key(HQ_SEED).hex()
    head = Head(1, "content", "", 0, 1, own, own, AT)
    frames = [Frame(Kind.CONTENT, part(name))]
    file = b"".join(seal_file(head, frames, sign=hq_sign, key=key, nonce=STICK_NONCE))
    return {
        "content_name": str(Name(place, 1, "content")),
        "content_key": key.hex(),
        "content_plain": plain_hex(head, frames, hq_sign),
        "content_file": b64encode(file).decode(),
    }


def part(name: str) -> bytes:
    return pack_part(name, len(CONTENT), 0, CONTENT, hq_sign)


def _asking(before: str) -> dict[str, object]:
    """Return a question, and the request to another shop that comes of it, message 2 of its log."""
    name, member = "00112233445566aa", "hq.1:7"
    ask = Ask(1, BOX, 1, name, What.HOLDING, member=member, unit="point", amount=100)
    part = PleasePart(f"points:{member}", "point", 100, (f"{member}:1",))
    body = msgspec.Raw(canonical(Please(member, (part,), ask=name)))
    prev = hash_of(before.encode())
    message = DownMessage(1, 1, BOX, 1, 2, prev, AT, RELEASE, body)
    request = sign_message(message, hq_sign)
    return {
        "ask": {
            **_signed(DOMAIN_ASK, canonical(ask), box_sign),
            "letter": seal_letter(LetterKind.ASK, ask, box_sign).decode(),
        },
        "request": {
            "text": request.message,
            "hash": hash_of(request.message.encode()),
            "signature": request.signature,
        },
    }


def _content() -> dict[str, object]:
    """Return a wish for a content, and the part that answers it."""
    name = hash_of(CONTENT)
    want = Want(1, BOX, name, 0)
    return {
        "want": {
            **_signed(DOMAIN_WANT, canonical(want), box_sign),
            "letter": seal_letter(LetterKind.WANT, want, box_sign).decode(),
        },
        "part": b64encode(part(name)).decode(),
    }


def _signed(domain: str, statement: bytes, sign: Signer) -> dict[str, str]:
    return {
        "domain": domain,
        "statement": statement.decode(),
        "signature": b64encode(sign(domain, statement)).decode(),
    }


if __name__ == "__main__":
    made: dict[str, object] = {**vectors(), "batch": b64encode(batch_bytes()).decode()}
    message = sign_message(staff_message(), hq_sign)
    made["stick_up"] = b64encode(stick_file("up", message)).decode()
    made["stick_down"] = b64encode(stick_file("down", message)).decode()
    json.dump(made, sys.stdout, indent=1, ensure_ascii=False, sort_keys=True)
    sys.stdout.write("\n")
