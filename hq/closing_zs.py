"""What a shop's own Z reports say of a month, in the names of headquarters' figures. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from daemon.ledger.bodies import DayClosed, DayTotals
from hq.answers import yuan
from hq.closing_key import Key

SHOWN = 3  # differences that are named
COUNTS = ("count.sales", "count.returned", "count.enrolled")
NOT_IN_Z = ("topup.voided", "value.refunded")  # are in its one line of top-ups
CASH = ("cash.in", "cash.out", "cash.banked")  # and these in one of cash that was moved


def said(zs: Iterable[DayClosed]) -> dict[tuple[str, str], int]:
    """Return the sums of Z reports, by figure and part."""
    sums: dict[tuple[str, str], int] = {}
    for one in zs:
        for key, amount in _of(one.totals):
            sums[key] = sums.get(key, 0) + amount
    return sums


def counted(figures: Mapping[Key, int]) -> dict[tuple[str, str], int]:
    """Return a shop's own figures, those put together that stand in one line of a Z."""
    names = {*NOT_IN_Z, "topup.sold"}
    sums: dict[tuple[str, str], int] = {}
    for key, amount in figures.items():
        what = "topups" if key.what in names else "cash.moved" if key.what in CASH else key.what
        sums[what, key.part] = sums.get((what, key.part), 0) + amount
    return sums


def differences(zs: Iterable[DayClosed], figures: Mapping[Key, int]) -> str:
    """Return where a shop's Z reports and its entries differ, for people; "" for nowhere."""
    told, have = said(zs), counted(figures)
    wrong = [
        f"{what}{f' {part}' if part else ''}: Z {_shown(what, fen)}, entries"
        f" {_shown(what, have.get((what, part), 0))}"
        for (what, part), fen in sorted(told.items())
        if have.get((what, part), 0) != fen
    ]
    wrong += [
        f"{what} {part}: Z 0.00, entries {yuan(fen)}"
        for (what, part), fen in sorted(have.items())
        if what.startswith("tender.") and fen and (what, part) not in told
    ]
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return "; ".join(wrong[:SHOWN]) + more


def _of(totals: DayTotals) -> Iterator[tuple[tuple[str, str], int]]:
    for what, amount in (
        ("count.sales", totals.sales),
        ("count.returned", totals.returned),
        ("count.enrolled", totals.members_enrolled),
        ("goods.sold", totals.goods_gross_fen),
        ("goods.returned", totals.returns_fen),
        ("goods.exchanged", totals.exchanged_fen),
        ("goods.rounding", -totals.rounding_fen),
        ("goods.net", totals.goods_net_fen),
        ("topups", totals.topup_fen),
        ("fee", totals.fee_fen),
        ("cash.float", totals.float_fen),
        ("cash.moved", totals.cash_moved_fen),
        ("cash.over", totals.cash_over_fen),
    ):
        yield (what, ""), amount
    for tender in totals.tenders:
        yield ("tender.goods", tender.code), tender.sales_fen
        yield ("tender.other", tender.code), tender.other_fen


def _shown(what: str, amount: int) -> str:
    return str(amount) if what in COUNTS else yuan(amount)
