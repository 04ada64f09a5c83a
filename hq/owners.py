"""Whose shop it is: settlements are between owners. A shop without one stands for itself.

A shop changes hands at the beginning of a month, with what it owes its members.
"""

from daemon.errors import StoreError
from hq.store import OWN_BOX, Office

OWNER_CHARS_MAX = 40


def set_owner(office: Office, box: str, owner: str, since: str) -> None:
    """Let a shop be an owner's from a month on. Raises StoreError."""
    if not 0 < len(owner) <= OWNER_CHARS_MAX or not owner.isprintable():
        fix = f"Give a name of 1 to {OWNER_CHARS_MAX} characters."
        raise _refused(box, f"the owner {owner!r}", fix)
    known = "SELECT 1 FROM chain WHERE box = ?1 UNION SELECT 1 FROM token WHERE box = ?1 LIMIT 1"
    if box != OWN_BOX and office.db.execute(known, (box,)).fetchone() is None:
        raise _refused(box, "no such shop", "See memberbox-hq boxes.")
    with office.transaction():
        closed = "SELECT max(month) FROM month WHERE reopened IS NULL"
        (last,) = office.db.execute(closed).fetchone()
        if last is not None and since <= last:
            raise _refused(box, f"{last} is closed", "Give a month after it.")
        office.db.execute(
            "INSERT INTO shop_owner VALUES (?, ?, ?) ON CONFLICT (box, since)"
            " DO UPDATE SET owner = excluded.owner",
            (box, since, owner),
        )


def owners(office: Office, month: str) -> dict[str, str]:
    """Return whose each shop is in a month, as far as somebody said so."""
    rows = office.db.execute(
        "SELECT box, owner FROM shop_owner WHERE since <= ? ORDER BY since", (month,)
    )
    return dict(rows.fetchall())


def _refused(box: str, found: str, fix: str) -> StoreError:
    return StoreError(box, doing="saying whose shop it is", found=found, fix=fix, retry=False)
