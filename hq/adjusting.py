"""What headquarters gives and asks back by hand: clicks, prizes, corrections, freezes.

What it gives is a lot of its own that goes to the home shop. What it takes it takes from its own
pool, and asks the shops for the rest: a shop does min(asked, held) and says so (`requests`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from daemon.errors import NotThereError
from daemon.ledger import accounts
from daemon.ledger.bodies import LotPart, Moved, NewLot, PointsGranted
from daemon.ledger.ids import lot_id
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.messages import Please, PleasePart
from daemon.ledger.posting import HQ
from daemon.ledger.records import Posting
from daemon.ledger.requests import FREEZE, RELEASE, UNFREEZE, VOID
from hq import pool
from hq.chainlog import newest_log
from hq.members import ACTIVE, set_status
from hq.ownlog import append
from hq.store import Office

_KINDS: Mapping[str, Kind] = MappingProxyType(
    {VOID: Kind.POINTS_VOIDED, FREEZE: Kind.POINTS_FROZEN, UNFREEZE: Kind.POINTS_UNFROZEN}
)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of taking: by HQ at once, asked of shops, and held by nobody that was asked."""

    member: str
    here: int
    asked: Mapping[str, int]  # by box
    nowhere: int
    messages: tuple[tuple[int, int], ...] = ()  # that ask: number n of a chain's log


def member_of(office: Office, name: str) -> str:
    """Return the id of a member named by id, card or HQ's own reference. Raises NotThereError."""
    row = office.db.execute(
        "SELECT id FROM member WHERE id = ?1 OR card = ?1 OR reference = ?1 LIMIT 1", (name,)
    ).fetchone()
    if row is None:
        raise NotThereError(
            name,
            doing="looking for a member",
            found="no member has this id, card or number",
            fix="See memberbox-hq members.",
            retry=False,
        )
    return str(row[0])


def give(office: Office, member: str, points: int, *, source: str, expires: str | None) -> str:
    """Grant points to a member; the home shop gets them. Returns the entry's id."""
    with office.transaction():
        return granted(office, member, points, source=source, expires=expires)


def granted(office: Office, member: str, points: int, *, source: str, expires: str | None) -> str:
    """Do the same inside the open transaction."""
    assert points > 0, "the command has looked"
    account = accounts.points(member)
    lot = NewLot(1, Unit.POINT, source, expires)
    body = PointsGranted(member, points, source, lots=(lot,))
    request = f"grant:{member}:{office.entropy.draw(8).hex()}"
    postings = (
        Posting(HQ, account, Unit.POINT, "#1", points),
        Posting(HQ, accounts.ISSUED_POINTS, Unit.POINT, "", -points),
    )
    entry = append(office, Kind.POINTS_GRANTED, request=request, body=body, postings=postings)
    row = (lot_id(entry, 1), account, Unit.POINT, office.now(), expires, source, "", "")
    office.db.execute("INSERT INTO lot VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    office.touch_directory()
    return entry


def take(office: Office, member: str, kind: str, points: int | None, *, reason: str) -> Done:
    """Void, freeze, let go or recall points: HQ's own first, then the shops' (kind: please.*).

    `points` None: all there is.
    """
    with office.transaction():
        return taken(office, member, kind, points, reason=reason)


def taken(
    office: Office,
    member: str,
    kind: str,
    points: int | None,
    *,
    reason: str,
    but: Collection[str] = (),
) -> Done:
    """Do the same inside the open transaction; `but`: boxes that are not asked."""
    names = [
        accounts.frozen(one) if kind == UNFREEZE else accounts.points(one)
        for one in pool.ids_of(office, member)
    ]
    free = pool.free(office, names, Unit.POINT)
    by_shops = pool.held_by_shops(office, names, Unit.POINT, but=0)
    held = [one for one in by_shops if one.box not in but]
    have = sum(lot.amount for lot in free) + sum(one.amount for one in held)
    rest = have if points is None else points
    here = 0
    if kind != RELEASE and pool.is_open(office):
        own = [(lot.account, lot.lot, lot.amount) for lot in pool.cut(free, rest)]
        here = sum(amount for _, _, amount in own)
        if own:
            _move(office, member, kind, own, reason)
    rest -= here
    asked: dict[str, list[PleasePart]] = {}
    for one in held:
        part = min(one.amount, rest)
        if part > 0:
            rest -= part
            asked.setdefault(one.box, []).append(
                PleasePart(one.account, Unit.POINT, part, (one.lot,))
            )
    messages = []
    for box, parts in asked.items():
        log = newest_log(office, box)
        if log is not None:
            messages.append((log.chain, log.please(kind, Please(member, tuple(parts), reason))))
    sums = {box: sum(part.amount for part in parts) for box, parts in asked.items()}
    return Done(member, here, sums, rest, tuple(messages))


def block(office: Office, card: str, status: str) -> None:
    """Note that a card is lost, frozen, closed or good again; every shop hears of it first."""
    with office.transaction():
        office.db.execute("UPDATE member SET status = ? WHERE card = ?", (status, card))
        set_status(office, card, status or ACTIVE)


def _move(
    office: Office, member: str, kind: str, own: list[tuple[str, str, int]], reason: str
) -> None:
    target = {
        VOID: accounts.voided(Unit.POINT),
        FREEZE: accounts.frozen(member),
        UNFREEZE: accounts.points(member),
    }[kind]
    postings = [
        Posting(HQ, account, Unit.POINT, lot, amount)
        for name, lot, part in own
        for account, amount in ((name, -part), (target, part))
    ]
    parts = tuple(LotPart(Unit.POINT, lot, amount) for _, lot, amount in own)
    total = sum(part.amount for part in parts)
    body = Moved(member, Unit.POINT, total, parts, "", reason)
    request = f"{kind}:{member}:{office.entropy.draw(8).hex()}"
    append(office, _KINDS[kind], request=request, body=body, postings=postings)
