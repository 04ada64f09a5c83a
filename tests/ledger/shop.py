"""A small shop for the ledger's tests: a clock that is told, drafts that balance, a fresh store."""

from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path

from daemon.clock import ClockState, Reading
from daemon.ledger import accounts
from daemon.ledger.bodies import Applied, Guide, NewLot, Sale, SaleLine, Tender
from daemon.ledger.codec import canonical, hash_of
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.medium import Medium
from daemon.ledger.messages import DownMessage
from daemon.ledger.records import At, By, Draft, PackRef, Posting
from daemon.ledger.stamp import stamp
from daemon.ledger.store import Store

BOX = "0018"
MEMBER = "hq.1:7"
CARD = "8800000000018"
ZONE = timezone(timedelta(hours=8))
MORNING = datetime(2026, 3, 6, 10, 0, tzinfo=ZONE)
PACK = PackRef("zhenzi", 7, "ab" * 32)
CLERK = By("02", "clerk")


class Watch:
    """A clock that moves only when it is told."""

    def __init__(self, wall: datetime = MORNING) -> None:
        self.wall = wall
        self.state = ClockState.SYNCED
        self._mono = count(1000)

    def read(self) -> Reading:
        return Reading("b0075", next(self._mono), self.wall, self.state)


class Dice:
    """Bytes that look random and are the same in every run."""

    def __init__(self, seed: str = "dice") -> None:
        self._state = seed.encode()

    def draw(self, length: int) -> bytes:
        drawn = b""
        while len(drawn) < length:
            self._state = bytes.fromhex(hash_of(self._state))
            drawn += self._state
        return drawn[:length]


def open_store(
    folder: Path,
    *,
    box: str = BOX,
    hardware: str = "",
    medium: Medium | None = None,
    clock: Watch | None = None,
    seed: str = "dice",
) -> Store:
    return Store.open(
        folder,
        box,
        clock=clock or Watch(),
        entropy=Dice(seed),
        closing_hour=4,
        software="test",
        hardware=hardware,
        medium=medium,
    )


def at(wall: datetime = MORNING, not_before: str | None = None) -> At:
    return stamp(Watch(wall).read(), closing_hour=4, not_before=not_before)


def sale(
    name: str,
    *,
    lines: int = 1,
    points: int = 120,
    member: str = MEMBER,
    when: At | None = None,
    price_fen: int = 12000,
) -> Draft:
    """A sale of cream for cash; a member's points lie in the lot after the lines' lots."""
    total = lines * price_fen
    body = Sale(
        lines=tuple(
            SaleLine(n, "CREAM", "嫩白防护隔离霜", 1, price_fen, price_fen, "regular", 0)
            for n in range(1, lines + 1)
        ),
        tenders=(Tender("cash", total, total + 500, 500),),
        list_fen=total,
        bill_fen=total,
        rounding_fen=0,
        pay_fen=total,
        member=member,
        card=CARD if member else "",
        points=points,
        guides=(Guide("02", 10000),),
        applied=(Applied("earn", "points", total, points),),
        lots=(NewLot(lines + 1, Unit.POINT, "sale"),) if member and points else (),
    )
    moved = [
        Posting("@", accounts.CASH_DRAWER, Unit.FEN, "", total),
        Posting("@", accounts.SALES_GOODS, Unit.FEN, "", -total),
        Posting("@", accounts.stock("CREAM"), Unit.PIECE, "", -lines),
        Posting("@", accounts.sold("CREAM"), Unit.PIECE, "", lines),
    ]
    for n in range(1, lines + 1):
        moved += [
            Posting("@", accounts.returnable(f"#{n}"), Unit.RETURNABLE, f"#{n}", 1),
            Posting("@", accounts.SOLD_LINES, Unit.RETURNABLE, "", -1),
        ]
    if member and points:
        moved += [
            Posting("@", accounts.points(member), Unit.POINT, f"#{lines + 1}", points),
            Posting("@", accounts.ISSUED_POINTS, Unit.POINT, "", -points),
        ]
    return Draft("keypad", name, Kind.SALE, when or at(), CLERK, PACK, None, body, tuple(moved))


def spend(name: str, lot: str, amount: int, *, member: str = MEMBER) -> Draft:
    """Points of one lot given back to their issuer: the smallest entry that takes."""
    body = Sale(
        lines=(), tenders=(), list_fen=0, bill_fen=0, rounding_fen=0, pay_fen=0, member=member
    )
    moved = (
        Posting("@", accounts.points(member), Unit.POINT, lot, -amount),
        Posting("@", accounts.ISSUED_POINTS, Unit.POINT, "", amount),
    )
    return Draft("keypad", name, Kind.SALE, at(), CLERK, PACK, None, body, moved)


def message(kind: str, body: object, *, n: int = 1, epoch: int = 1, box: str = BOX) -> bytes:
    """A message of HQ's log; nobody checks its link here."""
    import msgspec

    return canonical(
        DownMessage(
            1,
            1,
            box,
            epoch,
            n,
            "0" * 64,
            "2026-03-06T08:00:00+08:00",
            kind,
            msgspec.Raw(canonical(body)),
        )
    )
