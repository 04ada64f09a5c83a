"""异店消费结算: who has to pay whom for value, points and coupons that another shop honoured. Pure.

A shop hands out goods for a lot that another one has sold or given: that one owes it what the lot
paid for. Goods that come back turn it round, also in a third shop: it owes the seller, whose debt
to the member lives again. Of what the pack lets headquarters pay for, headquarters owes its share.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from daemon.ledger.bodies import Body, Exchange, Returned, Sale, Taken
from daemon.ledger.ids import id_of, lot_id
from daemon.ledger.kinds import Unit
from daemon.ledger.records import Entry
from hq.closing_key import Key
from hq.closing_origin import COUPON, Origin
from hq.store import OWN_BOX

SETTLE = "settle."
KINDS = (Unit.PRINCIPAL.value, Unit.BONUS.value, Unit.POINT.value, "coupon", Unit.REWARD.value)


@dataclass(frozen=True, slots=True)
class Transfer:
    """What one owner has to pay another, by what had paid for the goods; fen."""

    payer: str
    to: str
    parts: Mapping[str, int]

    @property
    def fen(self) -> int:
        return sum(self.parts.values())


def settled(entry: Entry, origin: Callable[[str], Origin]) -> Iterator[tuple[Key, int]]:
    """Yield what others owe the shop of an entry by it; below zero: the shop owes them."""
    shop = entry.box
    for taken, sign in _paid(entry.body):
        if not taken.worth_fen:
            continue
        lot = taken.lot or lot_id(id_of(entry), taken.n)
        of = origin(lot)
        by_hq = of.hq_share(taken.unit, taken.worth_fen)
        what = SETTLE + ("coupon" if taken.unit.startswith(COUPON) else taken.unit)
        shares = ((OWN_BOX, by_hq), (of.box, taken.worth_fen - by_hq))
        for payer, fen in shares:
            if fen and payer != shop:
                yield Key(shop, what, payer), sign * fen


def transfers(
    figures: Iterable[tuple[Key, int]], owner: Callable[[str], str]
) -> tuple[Transfer, ...]:
    """Return what owners owe each other; what an owner's shops owe each other is his own."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for key, fen in figures:
        if not key.what.startswith(SETTLE):
            continue
        payer, to = owner(key.part), owner(key.shop)
        if payer != to:
            kind = key.what.removeprefix(SETTLE)
            parts = found.setdefault((payer, to), {})
            parts[kind] = parts.get(kind, 0) + fen
    return tuple(
        Transfer(*pair, found[pair]) for pair in sorted(found) if any(found[pair].values())
    )


def net(found: Iterable[Transfer]) -> dict[str, int]:
    """Return what each owner gets in the end; below zero: has to pay. Sums to zero."""
    sums: dict[str, int] = {}
    for one in found:
        sums[one.to] = sums.get(one.to, 0) + one.fen
        sums[one.payer] = sums.get(one.payer, 0) - one.fen
    assert not sum(sums.values()), "what one owner pays another gets"
    return dict(sorted(sums.items()))


def _paid(body: Body) -> Iterator[tuple[Taken, int]]:
    """Yield the parts of lots that paid (1) or got back (-1) money's worth here."""
    match body:
        case Sale(spent=spent):
            yield from ((one, 1) for one in spent)
        case Returned(restored=restored) | Exchange(restored=restored):
            yield from ((one, -1) for one in restored)
        case _:
            return
