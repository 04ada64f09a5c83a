"""A month on paper: the tables that an accountant reads. Owners' sums stand under their shops."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from daemon.howmany import HowMany
from hq import closing_store, settlement
from hq.answers import age, table, yuan
from hq.closing_figures import CLOSING, HOWS, OPENING, STOCK, STOCK_HOWS, UNITS
from hq.closing_key import Key
from hq.closing_store import Closing, Counted

SALES = (
    ("sold", "goods.sold"),
    ("returned", "goods.returned"),
    ("exchanged", "goods.exchanged"),
    ("rounding", "goods.rounding"),
    ("goods net", "goods.net"),
    ("fees", "fee"),
    ("top-ups", "topup.sold"),
    ("taken back", "topup.voided"),
    ("refunded", "value.refunded"),
    ("over", "cash.over"),
)
KEPT = (("lapsed", "kept.lapsed"), ("left by refunds", "kept.refunds"))
POINTS = "point"
CORRECTIONS = (
    "Corrections of closed months: in the settlement, in what is owed and in the pieces above;"
    " not in sales, tenders and what was kept"
)
Lines = tuple[str, ...]


class Sums:
    """The figures of a month, by shop and by owner."""

    def __init__(self, counted: Counted) -> None:
        self.counted = counted
        self.shops = [one for one in counted.shops if self._has(one.box) or one.entries]
        self._owner = {one.box: one.owner for one in counted.shops}

    def owner(self, box: str) -> str:
        return self._owner.get(box, box)

    def of(self, box: str, what: str, part: str = "") -> int:
        return self.counted.figures.get(("", Key(box, what, part)), 0)

    def parts(self, *whats: str) -> list[str]:
        """Return the tenders, articles ... that some shop has of these figures."""
        keys = (key for late, key in self.counted.figures if not late)
        return sorted({key.part for key in keys if key.what in whats})

    def rows(
        self, figures: Callable[[str], Sequence[int]], said: Callable[[int], str] = yuan
    ) -> Iterator[tuple[str, ...]]:
        """Yield a row for each shop that has such figures, and one for each owner of several."""
        by_owner: dict[str, list[tuple[str, Sequence[int]]]] = {}
        for shop in self.shops:
            row = figures(shop.box)
            if any(row):
                by_owner.setdefault(shop.owner, []).append((shop.box, row))
        for owner in sorted(by_owner):
            shops = by_owner[owner]
            yield from ((owner, box, *map(said, row)) for box, row in shops)
            if len(shops) > 1:
                sums = [sum(column) for column in zip(*(row for _, row in shops), strict=True)]
                yield (owner, "all", *map(said, sums))

    def _has(self, box: str) -> bool:
        return any(key.shop == box for _, key in self.counted.figures)


def lines(closing: Closing | None, counted: Counted, gifts: Mapping[str, str]) -> Lines:
    """Return the whole month; `gifts`: cards and gifts by sku, the only goods that are shown."""
    sums = Sums(counted)
    return (
        *_head(closing, counted),
        *_shops(sums),
        *_titled("Sales and money", sales(sums)),
        *_titled("Tenders: goods / other", tenders(sums)),
        *_titled("异店消费结算: who pays whom", settled(sums)),
        *_titled("Owed to members, by who sold or gave it", owed(sums)),
        *_titled("Kept: value that lapsed, and what refunds left", kept(sums)),
        *_titled("Cards and gifts, pieces", stock(sums, gifts)),
        *_titled(CORRECTIONS, corrections(counted)),
    )


def sales(sums: Sums) -> Lines:
    rows = sums.rows(lambda box: [sums.of(box, what) for _, what in SALES])
    return _table(("owner", "shop", *(name for name, _ in SALES)), rows)


def tenders(sums: Sums) -> Lines:
    codes = sums.parts("tender.goods", "tender.other")
    rows = sums.rows(
        lambda box: [
            sums.of(box, what, code) for code in codes for what in ("tender.goods", "tender.other")
        ]
    )
    paired = [
        (*row[:2], *(f"{row[n]} / {row[n + 1]}" for n in range(2, len(row), 2))) for row in rows
    ]
    return _table(("owner", "shop", *codes), paired)


def transfers(sums: Sums) -> tuple[settlement.Transfer, ...]:
    """Return what the month makes one owner owe another, corrections of earlier ones too."""
    figures = ((key, fen) for (_, key), fen in sums.counted.figures.items())
    return settlement.transfers(figures, sums.owner)


def settled(sums: Sums) -> Lines:
    found = transfers(sums)
    rows = [
        (one.payer, one.to, *(yuan(one.parts.get(kind, 0)) for kind in settlement.KINDS),
         yuan(one.fen))
        for one in found
    ]  # fmt: skip
    net = [(owner, yuan(fen)) for owner, fen in settlement.net(found).items()]
    return (
        *_table(("from", "to", *settlement.KINDS, "pays"), rows),
        *_table(("owner", "gets in the end"), net),
    )


def owed(sums: Sums) -> Lines:
    found: list[tuple[str, ...]] = []
    for unit in UNITS:
        names = [f"{unit}.{how}" for how in (OPENING, *HOWS, CLOSING)]
        said = str if unit == POINTS else yuan
        found += [(unit, *row) for row in sums.rows(_moves(sums, names), said)]
    return _table(("what", "owner", "shop", OPENING, *HOWS, CLOSING), found)


def kept(sums: Sums) -> Lines:
    rows = sums.rows(lambda box: [sums.of(box, what) for _, what in KEPT])
    return _table(("owner", "shop", *(name for name, _ in KEPT)), rows)


def stock(sums: Sums, gifts: Mapping[str, str]) -> Lines:
    found = []
    whats = [f"{STOCK}.{how}" for how in (OPENING, *STOCK_HOWS, CLOSING)]
    for sku in sums.parts(*whats):
        if sku in gifts:
            rows = sums.rows(_moves(sums, whats, sku), str)
            found += [(gifts[sku], *row) for row in rows]
    return _table(("article", "owner", "shop", OPENING, *STOCK_HOWS, CLOSING), found)


def corrections(counted: Counted) -> Lines:
    rows = [
        (late, key.shop, key.what, key.part, said(key, amount))
        for (late, key), amount in sorted(counted.figures.items())
        if late
    ]
    return _table(("of", "shop", "figure", "of what", "amount"), rows)


def said(key: Key, amount: int) -> str:
    """Return an amount as people read it: money in yuan, points and pieces as they are."""
    counted = key.group in (STOCK, "count", POINTS, "gift")
    return str(amount) if counted else yuan(amount)


def _moves(sums: Sums, whats: Sequence[str], part: str = "") -> Callable[[str], Sequence[int]]:
    return lambda box: [_all(sums, box, what, part) for what in whats]


def _all(sums: Sums, box: str, what: str, part: str = "") -> int:
    """Return a figure with what corrects earlier months in it: opening + all = closing."""
    figures = sums.counted.figures
    lates = {late for late, _ in figures}
    return sum(figures.get((late, Key(box, what, part)), 0) for late in lates)


def _head(closing: Closing | None, counted: Counted) -> Lines:
    owners = len({one.owner for one in counted.shops if one.entries})
    shops = sum(1 for one in counted.shops if one.entries)
    of = f"{HowMany(shops):log} of {HowMany(owners):owner}"
    if closing is None:
        late = [one.box for one in counted.shops if one.state == closing_store.LATE]
        what = f"provisional: {', '.join(late)} not whole" if late else "whole, not closed yet"
        return (f"{counted.month}: open, {what}; {of}",)
    again = f" (closing {closing.n})" if closing.n > 1 else ""
    second = f" and {closing.second}: {closing.reason}" if closing.second else ""
    return (f"{counted.month}: closed {closing.closed[:16]} by {closing.by}{second}{again}; {of}",)


def _shops(sums: Sums) -> Lines:
    heads = {part.chain.box: part for part, _ in sums.counted.spans if len(part) > 0}
    rows = []
    for one in sums.shops:
        head = heads.get(one.box)
        stands = "-" if head is None else f"{head.chain}:{head.last} {head.hash[:12]}"
        agree = "here" if one.state == closing_store.LATE else "agree"
        z = "-" if not one.z_days else one.z_wrong or f"{one.z_days} {agree}"
        rows.append((one.owner, one.box, one.state, one.last_day or "-", str(one.entries),
                     stands, z, age(one.data_age_s)))  # fmt: skip
    names = ("owner", "shop", "state", "last day", "entries", "up to", "Z", "data")
    why = (f"{one.box}: {one.why}" for one in sums.shops if one.why)
    return (*_table(names, rows), *why)


def _titled(title: str, rows: Lines) -> Lines:
    return ("", title, *rows) if rows else ()


def _table(
    names: Sequence[str], rows: Iterator[tuple[str, ...]] | Sequence[tuple[str, ...]]
) -> Lines:
    found = list(rows)
    return table(names, found) if found else ()
