"""Members by phone number: a digest under a key that only headquarters has.

The number itself stands only in the encrypted profile. Digests are made when somebody first asks:
a column that an import of a hundred thousand members would have to pay for otherwise.
"""

from daemon import seal
from daemon.errors import SealError
from daemon.ledger.bodies import Profile
from daemon.ledger.profiles import open_profile
from hq.store import Office

NONE = b""  # looked at: there is no number in it


def member_by_phone(office: Office, phone: str) -> str | None:
    """Return the member with this number, the newest of several. In an open transaction."""
    _look(office)
    row = office.db.execute(
        "SELECT id FROM member WHERE phone = ? ORDER BY rowid DESC LIMIT 1",
        (_digest(office, phone),),
    ).fetchone()
    return None if row is None else str(row[0])


def first_with_phone(office: Office, member: str) -> str:
    """Return who came here first with this member's number, if it was another; else ""."""
    _look(office)
    row = office.db.execute(
        "SELECT o.id FROM member AS o JOIN member AS m ON m.id = ? WHERE o.phone = m.phone"
        " AND length(o.phone) > 0 AND o.rowid < m.rowid ORDER BY o.rowid LIMIT 1",
        (member,),
    ).fetchone()
    return "" if row is None else str(row[0])


def _look(office: Office) -> None:
    rows = office.db.execute(
        "SELECT id, card, cipher, nonce, key FROM member"
        " WHERE phone IS NULL AND key IS NOT NULL AND cipher IS NOT NULL"
    ).fetchall()
    found = []
    for member, card, cipher, nonce, key in rows:
        try:
            person = open_profile(Profile(cipher, nonce), card=card, key=bytes(key))
        except SealError:
            continue
        found.append((_digest(office, person.phone) if person.phone else NONE, member))
    office.db.executemany("UPDATE member SET phone = ? WHERE id = ?", found)


def _digest(office: Office, phone: str) -> bytes:
    key = seal.keyed_digest(office.seed, "memberbox/phone/1")
    return seal.keyed_digest(key, phone)
