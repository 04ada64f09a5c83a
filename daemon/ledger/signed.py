"""What the signatures of box and headquarters cover. Pure; the keys are given.

Every signature covers a domain tag (below) and the canonical JSON of a statement, so that bytes
signed for one purpose never pass for another (spec: ledger, Integrity).
"""

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from daemon.errors import SealError
from daemon.ledger.bodies import (
    CardChanged,
    CardReplaced,
    DayClosed,
    Exchange,
    HandedOver,
    MemberEnrolled,
    MemberRenewed,
    PointsRedeemed,
    PointsTransferred,
    Returned,
    ReturnUnreferenced,
    Sale,
    SaleClaimed,
    Tender,
    TopUp,
    TopUpVoided,
    ValueRefunded,
)
from daemon.ledger.codec import CodecError, canonical, down_message, envelope, hash_of
from daemon.ledger.messages import DownMessage
from daemon.ledger.records import Chain, Entry, Record
from daemon.ledger.views import Stored
from daemon.seal import sign, verify

DOMAIN_HEAD = "memberbox/head/1"
DOMAIN_ACK = "memberbox/ack/1"
DOMAIN_DOWN = "memberbox/down/1"
DOMAIN_RECEIPT = "memberbox/receipt/1"

RECEIPT_TAG = "MB1"
HASH_SHOWN = 16  # hex digits of the entry's hash in a receipt code; the signature covers them all


Disks = Literal["one", "two"]
"""On how many disks what is acknowledged lies."""


class Ack(Record, frozen=True):
    """HQ has stored this chain without a gap up to `mark`, and has written down_seq messages."""

    incarnation: int
    box: str
    epoch: int
    mark: int
    hash: str  # of the entry at the mark
    durability: Disks
    at: str  # HQ's time, RFC 3339
    down_seq: int  # the last message of this chain's down log
    down_hash: str


class ReceiptCode(Record, frozen=True):
    """What stands in the QR code of a receipt."""

    chain: str
    seq: int
    hash_shown: str
    paid_fen: int
    points: int
    signature: bytes


_ACK = msgspec.json.Decoder(Ack)
_RECEIPT = re.compile(
    r"MB1:([^:]+):([1-9]\d{0,15}):([0-9a-f]{16}):(-?\d{1,15}):(-?\d{1,15}):([A-Za-z0-9_-]{86})"
)


def head_statement(chain: Chain, *, first: int, last: int, before: str, head: str) -> bytes:
    """Return what the box signs for entries first..last; `before` is the hash before first."""
    return canonical(
        {
            "box": chain.box,
            "epoch": chain.epoch,
            "first": first,
            "last": last,
            "before": before,
            "head": head,
        }
    )


def closing_statement(last: Stored) -> bytes:
    """Return what the box signs when it closes a day: the head that then stood, by itself."""
    seen = envelope(last.data)
    chain = Chain(seen.box, seen.epoch)
    return head_statement(chain, first=seen.seq, last=seen.seq, before=seen.prev, head=last.hash)


def verify_closing(closed: DayClosed, last: Stored, public: bytes) -> None:
    """Raise SealError unless the box signed this very entry as the head at the close of a day."""
    try:
        signature = base64.b64decode(closed.signature, validate=True)
    except binascii.Error as error:
        raise SealError("the signature over the head of the day is damaged") from error
    verify(public, DOMAIN_HEAD, closing_statement(last), signature)


def ack_statement(ack: Ack) -> bytes:
    return canonical(ack)


def parse_ack(statement: bytes) -> Ack:
    """Return the acknowledgement; whether it is signed is the caller's to verify first."""
    try:
        return _ACK.decode(statement)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CodecError(f"not an acknowledgement: {error}") from error


def down_statement(message: DownMessage | bytes) -> bytes:
    """Return what HQ signs for one message of its log. Raises CodecError.

    Every part of the message is covered: the next message links to all of its bytes, so that a
    carrier who could change one would leave a box with a log that never goes on.
    """
    if isinstance(message, bytes):
        message = down_message(message)
    return canonical(
        {
            "v": message.v,
            "at": message.at,
            "incarnation": message.incarnation,
            "box": message.box,
            "epoch": message.epoch,
            "n": message.n,
            "prev": message.prev,
            "kind": message.kind,
            "body": hash_of(bytes(message.body)),
        }
    )


def receipt_statement(
    chain: Chain, *, seq: int, entry_hash: str, paid_fen: int, points: int
) -> bytes:
    return canonical(
        {
            "box": chain.box,
            "epoch": chain.epoch,
            "seq": seq,
            "hash": entry_hash,
            "paid_fen": paid_fen,
            "points": points,
        }
    )


def receipt_code(entry: Entry, entry_hash: str, seed: bytes) -> str:
    """Return the text of the receipt's QR code: a summary that HQ and any shop can check."""
    chain = Chain(entry.box, entry.epoch)
    paid_fen, points = _summary(entry)
    statement = receipt_statement(
        chain, seq=entry.seq, entry_hash=entry_hash, paid_fen=paid_fen, points=points
    )
    signature = base64.urlsafe_b64encode(sign(seed, DOMAIN_RECEIPT, statement)).rstrip(b"=")
    shown = entry_hash[:HASH_SHOWN]
    return f"{RECEIPT_TAG}:{chain}:{entry.seq}:{shown}:{paid_fen}:{points}:{signature.decode()}"


def parse_receipt_code(text: str) -> ReceiptCode:
    """Return the parts of a receipt code. Raises CodecError."""
    match = _RECEIPT.fullmatch(text)
    if match is None:
        raise CodecError("not a receipt code")
    chain, seq, shown, paid_fen, points, encoded = match.groups()
    try:
        signature = base64.b64decode(encoded + "==", altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise CodecError("not a receipt code: its signature is damaged") from error
    return ReceiptCode(chain, int(seq), shown, int(paid_fen), int(points), signature)


def verify_receipt_code(code: ReceiptCode, entry: Entry, entry_hash: str, public: bytes) -> None:
    """Raise SealError unless the code was signed for this very entry."""
    statement = receipt_statement(
        Chain(entry.box, entry.epoch),
        seq=code.seq,
        entry_hash=entry_hash,
        paid_fen=code.paid_fen,
        points=code.points,
    )
    verify(public, DOMAIN_RECEIPT, statement, code.signature)


def _summary(entry: Entry) -> tuple[int, int]:
    """Return what the member or customer paid, and the points it brought; below zero: went back."""
    match entry.body:
        case Sale(pay_fen=paid, points=points):
            return paid, points
        case MemberEnrolled() | MemberRenewed() as joined:
            return joined.fee_fen - joined.rounding_fen, joined.points
        case Returned(pay_fen=paid, points=points):
            return -paid, -points
        case ReturnUnreferenced(pay_fen=paid):
            return -paid, 0
        case Exchange(net_fen=paid, points_net=points):
            return paid, points
        case TopUp(tenders=tenders, points=points):
            return _money(tenders), points
        case TopUpVoided(tenders=tenders, points=points):
            return -_money(tenders), -points
        case ValueRefunded(tenders=tenders):
            return -_money(tenders), 0
        case SaleClaimed(points=points):
            return 0, points
        case PointsRedeemed(points=points):
            return 0, -points
        case CardReplaced() as card:
            return card.fee_fen - card.rounding_fen, 0
        case PointsTransferred(amount=points):
            return 0, -points
        case HandedOver() | CardChanged():
            return 0, 0
        case _:
            raise ValueError(f"{entry.kind} prints no receipt code")


def _money(tenders: Iterable[Tender]) -> int:
    return sum(tender.amount_fen for tender in tenders)
