"""积分核对: what the yearly check of points will take, card by card, as the books stand."""

from datetime import date

import msgspec

from daemon.desk import Desk
from daemon.display.facts import YearCheck
from daemon.ledger.store import Store

COLUMNS = "卡号,可用积分,核对日,清零"


class Checked(msgspec.Struct, frozen=True, gc=False):
    """`on`: None where the pack checks no points of this card."""

    card: str
    points: int
    on: date | None
    clears: bool


def checked(store: Store, desk: Desk) -> list[Checked]:
    """Return every member of this chain's books who has points, by card."""
    checks: dict[str, YearCheck | None] = {}  # members who joined together are checked together
    found = []
    for card, joined, points in store.purses.point_holders(desk.least_now()):
        if joined not in checks:
            checks[joined] = desk.year_check_of(joined)
        check = checks[joined]
        if check is None:
            found.append(Checked(card, points, None, clears=False))
        else:
            found.append(Checked(card, points, check.on, check.clears))
    return found


def table(rows: list[Checked]) -> str:
    """Return all of it as CSV, for a stick: paper has room for the cards that lose only."""
    lines = [
        f"{one.card},{one.points},{'' if one.on is None else one.on.isoformat()},"
        f"{'是' if one.clears else '否'}"
        for one in rows
    ]
    return "\ufeff" + "\r\n".join([COLUMNS, *lines, ""])
