"""Drafts of what the box itself commits, and what a message of HQ's log becomes. Pure."""

import json

from daemon.ledger import accounts
from daemon.ledger.bodies import (
    Anchor,
    Body,
    BoxStarted,
    ClockSet,
    DownApplied,
    DownRefused,
    EpochOpened,
    PackActivated,
    ShiftOpened,
)
from daemon.ledger.bodies_notice import PackReceived
from daemon.ledger.codec import CodecError, canonical, down_body, down_message, hash_of
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.messages import DownBody, DownMessage, HoldingGranted, OpeningStock, StockOpened
from daemon.ledger.messages import Pack as PackMessage
from daemon.ledger.messages_shop import Reservation
from daemon.ledger.posting import HQ, POSTINGS_MAX, transit
from daemon.ledger.records import At, By, Chain, Draft, PackRef, Posting

SOURCE_BOX = "box"
BY_BOX = By("box", "system")
BY_HQ = By("hq", "system")
OWN = "@"  # the mark of this chain; sealing.py
OWN_TRANSIT = transit(OWN)


def epoch_opened(at: At, body: EpochOpened, *, epoch: int) -> Draft:
    return _draft(at, Kind.EPOCH_OPENED, body, f"epoch:{epoch}")


def box_started(at: At, *, software: str, config: str, last_good: bool = False) -> Draft:
    body = BoxStarted(software, config, last_good)
    return _draft(at, Kind.BOX_STARTED, body, f"started:{at.boot}:{at.mono_ms}")


def clock_set(at: At, *, offset_ms: int, by: str) -> Draft:
    body = ClockSet(offset_ms, by)
    return _draft(at, Kind.CLOCK_SET, body, f"clock:{at.boot}:{at.mono_ms}")


def pack_activated(at: At, pack: PackRef, *, request: str) -> Draft:
    """Return the draft; `request` names why (the message's number), so that it happens once."""
    body = PackActivated(pack.id, pack.version, pack.hash)
    return _draft(at, Kind.PACK_ACTIVATED, body, f"pack:{request}")


def pack_received(at: At, *, content: str, document: str) -> Draft:
    """Return the draft that keeps the bytes of a long pack, once."""
    body = PackReceived(content, document)
    return _draft(at, Kind.PACK_RECEIVED, body, f"content:{content}")


def anchor(at: At, *, ack: bytes, signature: str) -> Draft:
    """Return the draft that keeps HQ's acknowledgement; a business day takes only one."""
    return _draft(at, Kind.ANCHOR, Anchor(ack.decode(), signature), f"anchor:{at.business_date}")


def shift_opened(
    at: At, *, by: By, float_fen: int, source: str, request: str, pack: PackRef | None = None
) -> Draft:
    """Return the draft of 上班: the 备用金 goes into the drawer."""
    postings: tuple[Posting, ...] = ()
    if float_fen:
        postings = (
            Posting(OWN, accounts.CASH_DRAWER, Unit.FEN, "", float_fen),
            Posting(OWN, accounts.FLOAT, Unit.FEN, "", -float_fen),
        )
    body = ShiftOpened(by.operator, float_fen)
    return Draft(source, request, Kind.SHIFT_OPENED, at, by, pack, None, body, postings)


def down_draft(at: At, *, message: bytes, signature: str, chain: Chain) -> Draft:
    """Return the draft that applies the message or, where it cannot be, refuses it with why.

    `message` must be verified: its signature, its link, its number. Raises CodecError when it is
    no message of this chain at all.
    """
    seen = down_message(message)
    if (seen.box, seen.epoch) != (chain.box, chain.epoch):
        raise CodecError(f"message for chain {seen.box}.{seen.epoch}, this is {chain}")
    why, postings = _meaning(seen)
    if why:
        return down_refused(at, message=message, signature=signature, why=why)
    body = DownApplied(seen.incarnation, seen.n, message.decode(), signature)
    return _from_hq(at, Kind.DOWN_APPLIED, seen, body, postings)


def down_refused(at: At, *, message: bytes, signature: str, why: str) -> Draft:
    """Return the refusal of a message; what it would have brought goes back to HQ's hand."""
    seen = down_message(message)
    body = DownRefused(seen.incarnation, seen.n, message.decode(), signature, why)
    return _from_hq(at, Kind.DOWN_REFUSED, seen, body, _sent_back(seen))


def serials(line: OpeningStock) -> list[str]:
    """Return every number of a serial-numbered line; empty for plain goods.

    Raises CodecError when first and last do not make `qty` numbers of one length.
    """
    if not line.serial_first and not line.serial_last:
        return []
    first, last = line.serial_first, line.serial_last
    digits = len(first)
    if not (first.isdecimal() and last.isdecimal() and first.isascii() and digits == len(last)):
        raise CodecError(f"{line.sku}: serials {first}..{last} are no numbers of one length")
    if int(last) - int(first) + 1 != line.qty or line.qty > POSTINGS_MAX // 2:
        raise CodecError(f"{line.sku}: serials {first}..{last} do not make {line.qty} pieces")
    return [str(number).zfill(digits) for number in range(int(first), int(last) + 1)]


def reserved(kept: Reservation, *, back: bool) -> tuple[Posting, ...]:
    """Return what keeping goods for somebody moves, or (back) putting them on the shelf again."""
    sign = -1 if back else 1
    return tuple(
        posting
        for line in kept.lines
        for posting in (
            Posting(OWN, accounts.stock(line.sku), Unit.PIECE, "", -sign * line.qty),
            Posting(OWN, accounts.reserved(line.sku), Unit.PIECE, kept.id, sign * line.qty),
        )
    )


def pack_of(document: str) -> PackRef:
    """Return how entries name the pack of a signed document. Raises CodecError.

    The hash is that of the pack's canonical bytes; `$schema`, for editors, is no part of it.
    """
    try:
        parsed = json.loads(document)
    except ValueError as error:
        raise CodecError(f"pack: not JSON: {error}") from error
    match parsed:
        case {"pack": {"id": str(name), "version": int(version)} as pack}:
            pack = {key: value for key, value in pack.items() if key != "$schema"}
            return PackRef(name, version, hash_of(canonical(pack)))
        case _:
            raise CodecError("pack: no pack with id and version")


def _draft(at: At, kind: Kind, body: Body, name: str) -> Draft:
    return Draft(SOURCE_BOX, name, kind, at, BY_BOX, None, None, body, ())


def _from_hq(
    at: At, kind: Kind, message: DownMessage, body: Body, postings: tuple[Posting, ...]
) -> Draft:
    source = f"down:{message.epoch}"
    return Draft(source, str(message.n), kind, at, BY_HQ, None, None, body, postings)


def _meaning(message: DownMessage) -> tuple[str, tuple[Posting, ...]]:
    """Return why the message cannot be applied ("" when it can), and what it moves."""
    try:
        return "", _postings(down_body(message))
    except CodecError as error:
        return str(error), ()


def _postings(body: DownBody) -> tuple[Posting, ...]:
    match body:
        case HoldingGranted(lots=lots):
            for lot in lots:
                if lot.amount <= 0 or not lot.lot:
                    raise CodecError(f"holding.granted: {lot.amount} {lot.unit} of {lot.lot!r}")
            return tuple(
                Posting(holder, lot.account, lot.unit, lot.lot, amount)
                for lot in lots
                for holder, amount in ((OWN_TRANSIT, -lot.amount), (OWN, lot.amount))
            )
        case StockOpened(lines=lines):
            return tuple(posting for line in lines for posting in _opened(line))
        case PackMessage(content=content, document=document):
            if content is None:
                pack_of(document)
            return ()
        case Reservation(lines=lines) as kept:
            if not lines or any(line.qty <= 0 for line in lines) or not kept.id:
                raise CodecError(f"reservation {kept.id!r}: of each article at least one")
            return reserved(kept, back=kept.cancelled)
        case _:
            return ()


def _opened(line: OpeningStock) -> list[Posting]:
    account = accounts.stock(line.sku)
    if line.qty == 0:
        return []
    numbers = serials(line)
    pieces = [Posting(OWN, account, Unit.PIECE, number, 1) for number in numbers] or [
        Posting(OWN, account, Unit.PIECE, "", line.qty)
    ]
    return [*pieces, Posting(OWN, accounts.STOCK_OPENING, Unit.PIECE, "", -line.qty)]


def _sent_back(message: DownMessage) -> tuple[Posting, ...]:
    try:
        body = down_body(message)
    except CodecError:
        return ()
    if not isinstance(body, HoldingGranted):
        return ()
    return tuple(
        Posting(holder, lot.account, lot.unit, lot.lot, amount)
        for lot in body.lots
        if lot.amount > 0
        for holder, amount in ((OWN_TRANSIT, -lot.amount), (transit(HQ), lot.amount))
    )
