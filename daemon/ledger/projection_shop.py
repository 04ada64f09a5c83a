"""What entries of goods, drawer, day and person do to the books beside their postings. Pure."""

from collections.abc import Iterator

import msgspec

from daemon.ledger.bodies import (
    Body,
    DayClosed,
    MallBilled,
    MallLapsed,
    MemberErased,
    MemberUpdated,
    Profile,
    ShiftClosed,
    StockReceived,
)


class ProfilePut(msgspec.Struct, frozen=True):
    """Another profile of a member; None: it is gone for ever."""

    member: str
    profile: Profile | None


class CardErased(msgspec.Struct, frozen=True):
    card: str
    member: str


class ShiftEnded(msgspec.Struct, frozen=True):
    """Nobody is signed on."""


class DayEnded(msgspec.Struct, frozen=True):
    date: str


class BatchPut(msgspec.Struct, frozen=True):
    sku: str
    batch: str
    use_by: str
    qty: int


class MallPut(msgspec.Struct, frozen=True):
    """A bill waits for the mall's till."""

    pay_fen: int


class MallEnded(msgspec.Struct, frozen=True):
    """The bill was paid (by which slip), or lapsed."""

    bill: str
    slip: str
    lapsed: bool


class Used(msgspec.Struct, frozen=True):
    """So much of what a limit counts, of a member on a day; below zero: given back."""

    member: str
    day: str
    what: str
    amount: int


class UnlistedPut(msgspec.Struct, frozen=True):
    """Line n of a sale: goods that nobody had listed; what they earn is decided later."""

    code: str
    n: int


ShopChange = (
    ProfilePut
    | CardErased
    | ShiftEnded
    | DayEnded
    | BatchPut
    | Used
    | UnlistedPut
    | MallPut
    | MallEnded
)


def shop_changes(body: Body) -> Iterator[ShopChange]:
    """Yield what such a body does; nothing for any other."""
    match body:
        case ShiftClosed():
            yield ShiftEnded()
        case MallBilled(sale=sale):
            yield MallPut(sale.pay_fen)
        case MallLapsed(bill=bill):
            yield MallEnded(bill, "", lapsed=True)
        case DayClosed(business_date=date):
            yield DayEnded(date)
        case StockReceived(lines=lines):
            for line in lines:
                if line.use_by:
                    yield BatchPut(line.sku, line.batch, line.use_by, line.qty)
        case MemberUpdated(member=member, profile=profile):
            yield ProfilePut(member, profile)
        case MemberErased(member=member, cards=cards):
            yield from gone(member, cards)
        case _:
            return


def gone(member: str, cards: tuple[str, ...]) -> Iterator[ProfilePut | CardErased]:
    """Yield what an erasure does: the profile is gone, the cards are nobody's for ever."""
    yield ProfilePut(member, None)
    for card in cards:
        yield CardErased(card, member)
