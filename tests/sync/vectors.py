"""Makes docs/protocol-vectors.json: what others can check their own implementation with.

    python -m tests.sync.vectors > docs/protocol-vectors.json

Keys are those of fixed seeds, never used elsewhere. Everything but the zstd frame comes out the
same each time; a frame may differ between versions of zstd, what it opens to does not.
"""

import json
import sys
from base64 import b64encode

import msgspec

from daemon import seal
from daemon.ledger.codec import canonical, hash_of
from daemon.ledger.messages import DownMessage, Please, PleasePart, Staff, StaffList
from daemon.ledger.records import ZERO_HASH, Chain
from daemon.ledger.requests import RELEASE
from daemon.ledger.signed import (
    DOMAIN_ACK,
    DOMAIN_DOWN,
    DOMAIN_HEAD,
    Ack,
    ack_statement,
    down_statement,
    head_statement,
)
from daemon.sync.batch import Run, Signer, pack_run
from daemon.sync.content import pack_part
from daemon.sync.wire import (
    DOMAIN_ASK,
    DOMAIN_HELLO,
    DOMAIN_NACK,
    DOMAIN_STATE,
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
    State,
    Want,
    What,
    seal_letter,
    sign_message,
)

BOX_SEED = bytes(range(32))
HQ_SEED = bytes(range(32, 64))
BOX = "0018"
# Stand-ins: a frame carries any bytes without a line feed.
ENTRIES = (b'{"box":"0018","seq":1}', b'{"box":"0018","seq":2}')
AT = "2026-03-06T09:00:00.000+08:00"


def box_sign(domain: str, payload: bytes) -> bytes:
    return seal.sign(BOX_SEED, domain, payload)


def hq_sign(domain: str, payload: bytes) -> bytes:
    return seal.sign(HQ_SEED, domain, payload)


def batch_bytes() -> bytes:
    run = Run(BOX, 1, 1, ZERO_HASH, ENTRIES, [hash_of(entry) for entry in ENTRIES])
    return pack_run(run, sign=box_sign, keys_of=lambda first, last: ())[0]


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


def vectors() -> dict[str, object]:
    """Return every vector but the batch's bytes."""
    head_hash = hash_of(ENTRIES[1])
    head = head_statement(Chain(BOX, 1), first=1, last=2, before=ZERO_HASH, head=head_hash)
    ack = Ack(1, BOX, 1, 2, head_hash, "one", AT, 1, "ab" * 32)
    nack = Nack(1, 1, BOX, 1, 2, head_hash, "branch", AT)
    staff = canonical(StaffList((Staff("02", "陈静", "clerk"),)))
    message = DownMessage(1, 1, BOX, 1, 1, ZERO_HASH, AT, "staff", msgspec.Raw(staff))
    signed = sign_message(message, hq_sign)
    hello = hello_of(head_hash)
    state = State(1, BOX, "0123456789abcdef", False)
    return {
        "keys": {
            "box_seed": BOX_SEED.hex(),
            "box_key": seal.public_key(BOX_SEED).hex(),
            "hq_seed": HQ_SEED.hex(),
            "hq_key": seal.public_key(HQ_SEED).hex(),
        },
        "head": _signed(DOMAIN_HEAD, head, box_sign),
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
        **_asking(signed.message),
        **_content(),
        "message": {
            **_signed(DOMAIN_DOWN, down_statement(message), hq_sign),
            "text": signed.message,
            "hash": hash_of(signed.message.encode()),
            "post": canonical(Post((signed,), ())).decode(),
        },
        "entries": [entry.decode() for entry in ENTRIES],
    }


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
    data = b"GIF89a"
    name = hash_of(data)
    want = Want(1, BOX, name, 0)
    return {
        "want": {
            **_signed(DOMAIN_WANT, canonical(want), box_sign),
            "letter": seal_letter(LetterKind.WANT, want, box_sign).decode(),
        },
        "part": b64encode(pack_part(name, len(data), 0, data, hq_sign)).decode(),
    }


def _signed(domain: str, statement: bytes, sign: Signer) -> dict[str, str]:
    return {
        "domain": domain,
        "statement": statement.decode(),
        "signature": b64encode(sign(domain, statement)).decode(),
    }


if __name__ == "__main__":
    made = {**vectors(), "batch": b64encode(batch_bytes()).decode()}
    json.dump(made, sys.stdout, indent=1, ensure_ascii=False, sort_keys=True)
    sys.stdout.write("\n")
