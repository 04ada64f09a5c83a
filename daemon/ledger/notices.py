"""What headquarters has told the shop, as a board: put up by one message, taken off by the next.

Pure. What a notice makes the box do is not said here (app); that the same entries always leave the
same board is.
"""

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from daemon.ledger.bodies import Body, HandedOver, StockReceived
from daemon.ledger.bodies_notice import MessageRead, ReservationEnded
from daemon.ledger.messages import DownBody, Pack, SaleTold
from daemon.ledger.messages_shop import (
    Certificate,
    ClerkMessage,
    ConfigChange,
    GiftSent,
    GoodsSent,
    Playlist,
    Reservation,
)


class Notice(StrEnum):
    PLAYLIST = "playlist"
    SETTING = "setting"
    MESSAGE = "message"
    RESERVATION = "reservation"
    GIFT = "gift"
    GOODS = "goods"  # on their way here
    SALE = "sale"  # of another shop, of which goods may come back here
    CERTIFICATE = "certificate"
    PACK = "pack"  # whose bytes have not come yet


class NoticePut(msgspec.Struct, frozen=True):
    """The body stands under this name from now on, as JSON."""

    kind: Notice
    key: str
    body: str


class NoticeGone(msgspec.Struct, frozen=True):
    kind: Notice
    key: str


NoticeChange = NoticePut | NoticeGone


def told(body: DownBody) -> Iterator[NoticeChange]:
    """Yield what a message puts up or takes off."""
    match body:
        case Playlist():
            yield _put(Notice.PLAYLIST, "", body)
        case Certificate():
            yield _put(Notice.CERTIFICATE, "", body)
        case GiftSent(lot=lot):
            yield _put(Notice.GIFT, lot, body)
        case SaleTold(sale=sale):
            yield _put(Notice.SALE, sale, body)
        case GoodsSent(sent=sent):
            yield _put(Notice.GOODS, sent, body)
        case ClerkMessage(id=name, text=text):
            yield _put(Notice.MESSAGE, name, body) if text else NoticeGone(Notice.MESSAGE, name)
        case Reservation(id=name, cancelled=cancelled):
            gone = NoticeGone(Notice.RESERVATION, name)
            yield gone if cancelled else _put(Notice.RESERVATION, name, body)
        case ConfigChange(settings=settings):
            for one in settings:
                gone = NoticeGone(Notice.SETTING, one.key)
                yield gone if one.value is None else _put(Notice.SETTING, one.key, one)
        case Pack(content=content) if content is not None:
            yield _put(Notice.PACK, content.hash, body)
        case _:
            return


def answered(body: Body) -> Iterator[NoticeGone]:
    """Yield what an entry of the shop takes off."""
    match body:
        case MessageRead(message=name):
            yield NoticeGone(Notice.MESSAGE, name)
        case ReservationEnded(reservation=name):
            yield NoticeGone(Notice.RESERVATION, name)
        case HandedOver(lot=lot):
            yield NoticeGone(Notice.GIFT, lot)
        case StockReceived(sent=sent) if sent:
            yield NoticeGone(Notice.GOODS, sent)
        case _:
            return


def _put(kind: Notice, key: str, body: msgspec.Struct) -> NoticePut:
    return NoticePut(kind, key, msgspec.json.encode(body).decode())
