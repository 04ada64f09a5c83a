"""Members who were erased: their keys are forgotten here and refused for ever, and boxes are told.

Points and value stay in the books, under a number that is nobody's.
"""

from collections.abc import Iterable

from daemon.errors import NotThereError
from daemon.ledger.bodies import MemberErased
from daemon.ledger.kinds import Kind
from daemon.ledger.messages import Tombstone
from hq.db import Db
from hq.ownlog import append
from hq.store import Office

CLOSED = "closed"


def erase(office: Office, erased: MemberErased) -> None:
    """Do what an entry says, in the open transaction; then wipe() overwrites what it was."""
    db, member = office.db, erased.member
    own = db.execute("SELECT card FROM member WHERE id = ?", (member,)).fetchall()
    cards = {*erased.cards, *(card for (card,) in own)}
    for card in sorted(cards):
        db.execute("INSERT INTO tombstone VALUES (?, ?) ON CONFLICT DO NOTHING", (member, card))
        db.execute(
            "INSERT INTO card_status VALUES (?, ?) ON CONFLICT (card)"
            " DO UPDATE SET status = excluded.status",
            (card, CLOSED),
        )
    db.execute(
        "UPDATE member SET cipher = NULL, nonce = NULL, key = NULL, phone = ?, reference = NULL,"
        " status = ?, digest = 'erased' WHERE id = ?",
        (b"", CLOSED, member),
    )
    db.execute("DELETE FROM carried_key WHERE member = ?", (member,))
    db.execute("DELETE FROM follow WHERE member = ?", (member,))
    office.set_meta("wipe", "1")
    office.touch_directory()


def wipe(office: Office) -> None:
    """Overwrite what was erased wherever it may still stand; again later while somebody reads."""
    if office.meta("wipe") != "1":
        return
    if office.db.wipe():
        with office.transaction():
            office.set_meta("wipe", "0")


def is_erased(db: Db, member: str, card: str = "") -> bool:
    """Tell whether a member was erased, or whoever had a card."""
    query = "SELECT 1 FROM tombstone WHERE member = ? OR card = ? LIMIT 1"
    return db.execute(query, (member, card)).fetchone() is not None


def erase_member(office: Office, who: str, reason: str) -> str:
    """Erase a member by id or card, at headquarters' own word; return the id.

    Raises NotThereError.
    """
    with office.transaction():
        rows = office.db.execute(
            "SELECT id, card FROM member WHERE id = ?1 OR card = ?1 LIMIT 2", (who,)
        ).fetchall()
        if len(rows) != 1 or is_erased(office.db, rows[0][0]):
            found = "no such member" if not rows else "that one was erased before"
            if len(rows) > 1:
                found = "two members have this card"
            raise _refused(who, found, "See memberbox-hq members for the ids.")
        member, card = rows[0]
        paid = "SELECT sum(amount) FROM balance WHERE account = ? AND amount > 0"
        left = office.db.execute(paid, (f"principal:{member}",)).fetchone()[0]
        if left:
            found = f"{left} fen of paid value are left"
            raise _refused(who, found, "Refund them first: afterwards nobody can say whose it is.")
        body = MemberErased(member, (card,), reason)
        append(office, Kind.MEMBER_ERASED, request=f"erase:{member}", body=body, postings=())
        erase(office, body)
    wipe(office)
    return str(member)


def untold(db: Db, chain: int) -> list[Tombstone]:
    """Return whom a chain has not been told of."""
    rows = db.execute(
        "SELECT s.member, s.card FROM tombstone AS s LEFT JOIN told AS t"
        " ON t.chain = ? AND t.what = 'tombstone' AND t.key = s.member || ' ' || s.card"
        " WHERE t.key IS NULL ORDER BY s.member, s.card",
        (chain,),
    ).fetchall()
    cards: dict[str, list[str]] = {}
    for member, card in rows:
        cards.setdefault(member, []).append(card)
    return [Tombstone(member, tuple(found)) for member, found in cards.items()]


def keys_told(stones: Iterable[Tombstone]) -> list[str]:
    """Return under which names untold() looks for what was told."""
    return [f"{one.member} {card}" for one in stones for card in one.cards]


def _refused(who: str, found: str, fix: str) -> NotThereError:
    return NotThereError(who, doing="erasing a member", found=found, fix=fix, retry=False)
