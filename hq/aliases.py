"""Member ids that stand for another: a card served before anybody knew whose it is. By HQ only.

Nothing is posted; lots keep the account they were granted under. Taking an alias back undoes it.
"""

from collections.abc import Iterable, Sequence

import msgspec

from daemon.errors import NotThereError
from daemon.ledger import accounts
from daemon.ledger.bodies import CardIssued, LotPart, MemberAliased, PointsTransferred
from daemon.ledger.kinds import Kind
from daemon.ledger.messages import GrantedLot
from daemon.ledger.posting import HQ
from daemon.ledger.records import Posting
from hq.ownlog import append
from hq.store import Office

_VISITOR = accounts.visitor("")


def seen_as_visitor(office: Office, seen: Iterable[tuple[str, str]]) -> None:
    """Note where accounts of unknown cards were seen: (member id, box); match them."""
    for name, box in seen:
        card = name.removeprefix(_VISITOR)
        cursor = office.db.execute(
            "INSERT INTO visitor VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (name, box, card)
        )
        if cursor.rowcount:
            match_card(office, card)


def match_card(office: Office, card: str) -> None:
    """Let the account of a card that was unknown stand for the member who has the card."""
    row = office.db.execute(
        "SELECT v.id, m.id FROM visitor AS v JOIN member AS m ON m.card = v.card"
        " LEFT JOIN alias AS a ON a.alias = v.id"
        " WHERE v.card = ? AND a.alias IS NULL ORDER BY m.rowid LIMIT 1",
        (card,),
    ).fetchone()
    if row is not None:
        _alias(office, row[0], row[1], by="")
    office.touch_directory()


def one_more_card(office: Office, more: CardIssued) -> None:
    """A box gave a member another card: wherever it is unknown, its account stands for his."""
    name = accounts.visitor(more.card)
    known = "SELECT 1 FROM member WHERE id = ?"
    if office.db.execute(known, (more.member,)).fetchone() and not is_alias(office, name):
        _alias(office, name, more.member, by="")
        office.touch_directory()


def put_alias(office: Office, alias: str, member: str, *, by: str) -> None:
    """Merge by an operator: `alias` stands for `member`. Raises NotThereError."""
    with office.transaction():
        known = "SELECT 1 FROM member WHERE id = ?"
        if office.db.execute(known, (member,)).fetchone() is None:
            raise _wrong(alias, f"{member} is no member", "See memberbox-hq members for the ids.")
        if alias == member or is_alias(office, member) or _stands_for_any(office, alias):
            found = f"{alias} and {member} would make a chain of aliases"
            raise _wrong(alias, found, "Lift the other alias first: memberbox-hq unalias ID.")
        _alias(office, alias, member, by=by)
        office.touch_directory()


def lift_alias(office: Office, alias: str, *, by: str) -> None:
    """Undo a merge: the two are two again. Raises NotThereError."""
    with office.transaction():
        if not is_alias(office, alias):
            raise _wrong(alias, "it stands for nobody", "See memberbox-hq members.")
        _alias(office, alias, "", by=by)
        office.touch_directory()


def own_name(
    office: Office, member: str, account: str, lots: Sequence[GrantedLot]
) -> list[GrantedLot]:
    """Let lots of HQ's hand go over to a member's own account, with their dates: he spends them.

    A shop looks for his value there only. What was never asked for stays under its alias.
    """
    for lot in lots:
        if lot.account == account:
            continue
        name = lot.account.partition(":")[2]
        part = LotPart(lot.unit, lot.lot, lot.amount)
        body = PointsTransferred(name, member, lot.unit, lot.amount, (part,), "alias")
        postings = (
            Posting(HQ, lot.account, lot.unit, lot.lot, -lot.amount),
            Posting(HQ, account, lot.unit, lot.lot, lot.amount),
        )
        request = f"alias:{lot.account}:{lot.lot}:{office.entropy.draw(8).hex()}"
        kind = Kind.POINTS_TRANSFERRED
        append(office, kind, request=request, body=body, postings=postings)
    return [msgspec.structs.replace(lot, account=account) for lot in lots]


def is_alias(office: Office, name: str) -> bool:
    query = "SELECT 1 FROM alias WHERE alias = ?"
    return office.db.execute(query, (name,)).fetchone() is not None


def _stands_for_any(office: Office, name: str) -> bool:
    query = "SELECT 1 FROM alias WHERE member = ?"
    return office.db.execute(query, (name,)).fetchone() is not None


def _alias(office: Office, alias: str, member: str, *, by: str) -> None:
    request = f"alias:{alias}:{office.now()}"
    body = MemberAliased(alias, member, by)
    append(office, Kind.MEMBER_ALIASED, request=request, body=body, postings=())
    if member:
        office.db.execute(
            "INSERT INTO alias VALUES (?, ?) ON CONFLICT (alias)"
            " DO UPDATE SET member = excluded.member",
            (alias, member),
        )
    else:
        office.db.execute("DELETE FROM alias WHERE alias = ?", (alias,))


def _wrong(alias: str, found: str, fix: str) -> NotThereError:
    return NotThereError(alias, doing="merging members", found=found, fix=fix, retry=False)
