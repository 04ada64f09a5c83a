"""The worked month: shops of several owners live it, headquarters closes it, and it all adds up.

`python -m tests.hq.worked_month --shops 6 --days 31` lives a month and two days of the next one,
with one shop whose line is cut before the month ends, closes both, and prints what people see.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

from daemon.ledger.bodies import DayTotals, Returned, Sale, Taken
from daemon.ledger.codec import decode
from daemon.ledger.records import Entry
from daemon.ledger.store import Store
from hq import (
    cli,
    closing,
    closing_store,
    closing_tables,
    latecases,
    latescreen,
    months,
    report,
    settlement,
)
from tests.hq.worked_shops import BLANK, GIFT, Shops
from tests.hq.worked_trade import Month

BY, SECOND = "07 王会计", "01 李总"
UNITS = ("principal", "bonus", "point")


# -- what the shops themselves say ---------------------------------------------------------------


def z_sums(shops: Shops, shop: str, month: str) -> Counter[tuple[str, str]]:
    """Return the sums of a shop's Z reports, made anew from its own journal, day by day."""
    sums: Counter[tuple[str, str]] = Counter()
    day = date.fromisoformat(months.first_day(month))
    while day.isoformat() <= months.last_day(month):
        totals: DayTotals = shops.z(shop, day)
        sums["goods.net", ""] += totals.goods_net_fen
        sums["fee", ""] += totals.fee_fen
        sums["topups", ""] += totals.topup_fen
        sums["cash.over", ""] += totals.cash_over_fen
        sums["count.sales", ""] += totals.sales
        for one in totals.tenders:
            sums["tender.goods", one.code] += one.sales_fen
            sums["tender.other", one.code] += one.other_fen
        day += timedelta(days=1)
    return sums


def told(figures: closing_store.Figures, shop: str, late: str = "") -> Counter[tuple[str, str]]:
    """Return the same of what headquarters says of a shop."""
    topups = ("topup.sold", "topup.voided", "value.refunded")
    wanted = ("goods.net", "fee", "cash.over", "count.sales", "tender.goods", "tender.other")
    sums: Counter[tuple[str, str]] = Counter()
    for (of, key), amount in figures.items():
        if key.shop == shop and of == late and key.what in (*topups, *wanted):
            sums["topups" if key.what in topups else key.what, key.part] += amount
    return sums


def paid_elsewhere(shops: Shops) -> Counter[tuple[str, str]]:
    """Return what every journal says of others' lots: (who granted, where it paid) -> fen."""
    sums: Counter[tuple[str, str]] = Counter()
    for shop, box in shops.boxes.items():
        for entry in journal(box.store):
            for taken, sign in _paid(entry):
                seller = taken.lot.split(".")[0]
                if seller != shop:
                    sums[seller, shop] += sign * taken.worth_fen
    return sums


def journal(store: Store) -> Iterator[Entry]:
    for chain, head in store.chains():
        for stored in store.read(chain.epoch, 1, head.seq):
            yield decode(stored.data)


def _paid(entry: Entry) -> list[tuple[Taken, int]]:
    match entry.body:
        case Sale(spent=spent):
            return [(one, 1) for one in spent]
        case Returned(restored=restored):
            return [(one, -1) for one in restored]
        case _:
            return []


# -- the story -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Story:
    """What the shops lived and what headquarters said of it."""

    month: Month
    first: closing_store.Closing
    second: closing_store.Closing
    late: str  # the shop that was late
    pages: Mapping[str, tuple[str, ...]]  # what people saw, by command


def live(folder: Path, *, shops: int, days: int, acts: int, seed: int) -> Story:
    """Live the last days of March and the first of April 2026, and close both."""
    last = date(2026, 3, 31)
    names = [f"{n:04d}" for n in range(1, shops + 1)]
    begin = last - timedelta(days=days - 1)
    story = Month(Shops(folder, names, begin, seed=seed))
    world, office, late = story.shops, story.shops.office, names[-1]
    story.begin()
    for n in range(days):
        story.day(begin + timedelta(days=n), acts, cut=late if n == days - 1 else "")
    story.day(date(2026, 4, 1), acts)
    back = {"sale": story.kept, "lines": [{"n": 1, "qty": 1}], "reason": 1}
    world.done(names[0], "return", **back)  # of a sale of March
    pages: dict[str, tuple[str, ...]] = {"refused": (_refusal(world, late),)}
    pages["open"] = shown(world, "2026-03")
    reason = {"second": SECOND, "reason": "line cut since the 31st"}
    closing.close(office, "2026-03", by=BY, without=[late], **reason)
    pages["closed"] = shown(world, "2026-03")
    pages["explained"] = told_by(world, "month", "explain", "2026-03", "settle.principal",
                                 "--shop", late, "--of", names[0])  # fmt: skip
    world.away.clear()
    story.day(date(2026, 4, 2), acts)
    for case in latecases.undecided(office):
        said, closed = latescreen.case_of(office, case)
        pages[said.kind] = latescreen.screen(office, said, closed)
        assert not report.close_case(office, case, "seen"), "by nobody, and into no month"
        latecases.book(office, case, by=BY)
    world.at(date(2026, 5, 1), 9)
    for shop in world.boxes:
        story.morning(shop)
    world.settle()
    closing.close(office, "2026-04", by=BY)
    pages["next"] = shown(world, "2026-04")
    pages["corrections"] = closing_tables.corrections(closing.show(office, "2026-04")[1])
    first, second = (closing_store.closing_of(office, one) for one in ("2026-03", "2026-04"))
    assert first is not None and second is not None
    return Story(story, first, second, late, pages)


def told_by(world: Shops, *words: str) -> tuple[str, ...]:
    """Return what the command prints."""
    with redirect_stdout(StringIO()) as said:
        assert cli.main(["--dir", str(world.office.folder), *words]) == 0, said.getvalue()
    return tuple(said.getvalue().splitlines())


def shown(world: Shops, month: str) -> tuple[str, ...]:
    gifts = {BLANK: "空白卡", GIFT: "小样礼盒"}
    return closing_tables.lines(*closing.show(world.office, month), gifts)


def _refusal(world: Shops, late: str) -> str:
    try:
        closing.close(world.office, "2026-03", by=BY)
    except closing.NotYet as refused:
        assert late in str(refused)
        return str(refused)
    raise AssertionError("a month was closed without a shop")


def agree(story: Story) -> list[str]:
    """Return where the consolidation and the shops' own Z reports differ: nowhere."""
    world, office = story.month.shops, story.month.shops.office
    march = closing_store.figures_of(office, story.first)
    april = closing_store.figures_of(office, story.second)
    wrong = []
    for shop in world.boxes:
        late = told(april, shop, "2026-03")
        for month, parts in (
            ("2026-03", [told(march, shop), late]),
            ("2026-04", [told(april, shop)]),
        ):
            z = z_sums(world, shop, month)
            for key in {*z, *(key for part in parts for key in part)}:
                said = sum(part[key] for part in parts)
                if z[key] != said:
                    wrong.append(f"{month} {shop} {key}: Z {z[key]}, headquarters {said}")
    return wrong


def owed(story: Story) -> list[str]:
    """Return where what members are owed differs from what lies in all hands now: nowhere."""
    office, wrong = story.month.shops.office, []
    figures = closing.count(office, "2026-05").figures  # opened by April, and as far as it is
    for unit in UNITS:
        query = "SELECT account, amount FROM balance WHERE unit = ? AND lot <> ''"
        purses = ("points:", "frozen:", "pending:", "principal:", "bonus:")
        rows = office.db.execute(query, (unit,)).fetchall()
        held = sum(amount for account, amount in rows if account.startswith(purses))
        said = sum(fen for (_, key), fen in figures.items() if key.what == f"{unit}.closing")
        if held != said:
            wrong.append(f"{unit}: {held} in all hands, {said} closed")
    return wrong


def settlements(story: Story) -> list[str]:
    """Return where the settlement differs from what every journal says: nowhere."""
    office = story.month.shops.office
    sums: Counter[tuple[str, str]] = Counter()
    for one in (story.first, story.second):
        for (_, key), fen in closing_store.figures_of(office, one).items():
            if key.what.startswith(settlement.SETTLE):
                sums[key.part, key.shop] += fen
    paid = paid_elsewhere(story.month.shops)
    return [f"{pair}: {sums[pair]}, journals {paid[pair]}" for pair in {*sums, *paid}
            if sums[pair] != paid[pair]]  # fmt: skip


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shops", type=int, default=6)
    parser.add_argument("--days", type=int, default=31)
    parser.add_argument("--acts", type=int, default=12, help="of each shop on each day")
    parser.add_argument("--seed", type=int, default=8)
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        story = live(
            Path(folder), shops=asked.shops, days=asked.days, acts=asked.acts, seed=asked.seed
        )
        for name, page in story.pages.items():
            print(f"\n=== {name}", *page, sep="\n")
        office = story.month.shops.office
        runs = [closing_store.spans_of(office, one) for one in (story.first, story.second)]
        print(f"\nstands on {sum(len(part) for run in runs for part, _ in run)} entries")
        print("lived:", dict(sorted(story.month.lived.items())))
        wrong = [*agree(story), *owed(story), *settlements(story)]
        print("\n".join(wrong) or "the consolidation is the sum of the shops' own Z reports")
        story.month.shops.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
