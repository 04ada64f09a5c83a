"""积分核对: what the yearly check of points will take, card by card, as the books stand."""

from datetime import date

import msgspec

from daemon.desk import Desk
from daemon.ledger import accounts
from daemon.ledger.store import Store

COLUMNS = "卡号,可用积分,核对日,清零"


class Checked(msgspec.Struct, frozen=True):
    """`on`: None where the pack checks no points of this card."""

    card: str
    points: int
    on: date | None
    clears: bool


def checked(store: Store, desk: Desk) -> list[Checked]:
    """Return every member of this chain's books who has points, by card."""
    prefix = accounts.points("")
    holders = {one.account for one in store.books.holding() if one.account.startswith(prefix)}
    found = []
    for account in holders:
        row = store.books.member(account.removeprefix(prefix))
        if row is None:
            continue
        known = desk.known(row)
        check, points = desk.year_check(known.facts), known.shown.points
        if points:
            clears = check is not None and check.clears
            found.append(Checked(row.card, points, None if check is None else check.on, clears))
    return sorted(found, key=lambda one: one.card)


def table(rows: list[Checked]) -> str:
    """Return all of it as CSV, for a stick: paper has room for the cards that lose only."""
    lines = [
        f"{one.card},{one.points},{'' if one.on is None else one.on.isoformat()},"
        f"{'是' if one.clears else '否'}"
        for one in rows
    ]
    return "\ufeff" + "\r\n".join([COLUMNS, *lines, ""])
