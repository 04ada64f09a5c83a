"""Members at headquarters: who they are, which key opens their profile, what boxes are told."""

from dataclasses import dataclass

import msgspec

from daemon.errors import SealError
from daemon.ledger.bodies import CardReplaced, MemberEnrolled, MemberUpdated, Profile
from daemon.ledger.codec import canonical, hash_of
from daemon.ledger.ids import parse_entry_id
from daemon.ledger.messages import MemberSnapshot
from daemon.ledger.profiles import open_profile
from hq.erasing import CLOSED, is_erased
from hq.store import Office

ACTIVE = "active"
_FIELDS = (
    "id, card, status, kind, joined, term_ends, level, staff, tags, broker, benefits, cipher,"
    " nonce, key"
)


@dataclass(frozen=True, slots=True)
class Member:
    """What a box is told of a member, and the key that goes beside it."""

    snapshot: MemberSnapshot
    key: bytes | None


def member(office: Office, member_id: str) -> Member | None:
    """Return a member of the directory, with the status that the card has now."""
    query = f"SELECT {_FIELDS} FROM member WHERE id = ?"  # noqa: S608  (a constant)
    row = office.db.execute(query, (member_id,)).fetchone()
    if row is None:
        return None
    name, card, status, kind, joined, term_ends, level, staff, tags, broker, *rest = row
    benefits, cipher, nonce, key = rest
    status = status_of(office, card) or status
    profile = None
    if cipher is not None and nonce is not None and key is not None:
        profile = Profile(cipher=cipher, nonce=nonce)
    snapshot = MemberSnapshot(
        name,
        card,
        status,
        kind,
        joined,
        term_ends=term_ends,
        level=level,
        staff=staff,
        profile=profile,
        tags=tuple(tags.split()),
        broker=broker,
        benefits=tuple(benefits.split()),
    )
    return Member(snapshot, None if key is None else bytes(key))


def write_member(
    office: Office, seen: Member, *, chain: int, home: str, reference: str | None
) -> None:
    """Add a member to the directory, or replace what it says of one."""
    told = seen.snapshot
    profile = told.profile
    office.db.execute(
        "INSERT INTO member (id, card, reference, home, chain, status, kind, joined, term_ends,"
        " level, staff, tags, broker, benefits, cipher, nonce, key, digest)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT (id) DO UPDATE SET card = excluded.card, reference = excluded.reference,"
        " home = excluded.home, status = excluded.status, kind = excluded.kind,"
        " joined = excluded.joined, term_ends = excluded.term_ends, level = excluded.level,"
        " staff = excluded.staff, tags = excluded.tags, broker = excluded.broker,"
        " benefits = excluded.benefits, cipher = excluded.cipher, nonce = excluded.nonce,"
        " key = excluded.key, digest = excluded.digest, phone = NULL",
        (
            told.id,
            told.card,
            reference,
            home,
            chain,
            told.status,
            told.kind,
            told.joined,
            told.term_ends,
            told.level,
            told.staff,
            " ".join(told.tags),
            told.broker,
            " ".join(told.benefits),
            None if profile is None else profile.cipher,
            None if profile is None else profile.nonce,
            seen.key,
            _digest(told),
        ),
    )
    set_status(office, told.card, told.status)


def status_of(office: Office, card: str) -> str:
    """Return what was last said of a card; "" where nobody ever said anything."""
    query = "SELECT status FROM card_status WHERE card = ?"
    row = office.db.execute(query, (card,)).fetchone()
    return "" if row is None else str(row[0])


def set_status(office: Office, card: str, status: str) -> None:
    """Note a card's status; every box hears of it when it is another than before."""
    if (status_of(office, card) or ACTIVE) != status:
        office.db.execute(
            "INSERT INTO card_status VALUES (?, ?) ON CONFLICT (card)"
            " DO UPDATE SET status = excluded.status",
            (card, status),
        )
        office.touch_directory()


def enrol(
    office: Office, member_id: str, enrolled: MemberEnrolled, *, chain: int, home: str
) -> bool:
    """Enter a member that a box enrolled; return whether a key that came opens the profile.

    One who was erased before this entry came stays nobody.
    """
    erased = is_erased(office.db, member_id, enrolled.card)
    key = None if erased else _fitting_key(office, member_id, enrolled)
    snapshot = MemberSnapshot(
        member_id,
        enrolled.card,
        CLOSED if erased else "active",
        "registered",
        enrolled.joined,
        term_ends=enrolled.term_ends,
        profile=None if erased else enrolled.profile,
    )
    write_member(office, Member(snapshot, key), chain=chain, home=home, reference=None)
    office.touch_directory()
    return erased or key is not None


def replaced(office: Office, new: CardReplaced, *, chain: int) -> None:
    """A member has a new card; the profile is locked again for it by the same key."""
    office.db.execute(
        "UPDATE member SET card = ?, status = ?, chain = ?,"
        " cipher = coalesce(nullif(?, ''), cipher), nonce = coalesce(nullif(?, ''), nonce)"
        " WHERE id = ?",
        (new.card, ACTIVE, chain, new.cipher, new.nonce, new.member),
    )
    _digested(office, new.member)


def reprofiled(office: Office, updated: MemberUpdated, *, chain: int) -> None:
    """A box changed a profile: it needs no telling, the others do."""
    office.db.execute(
        "UPDATE member SET cipher = ?, nonce = ?, chain = ?, phone = NULL WHERE id = ?",
        (updated.profile.cipher, updated.profile.nonce, chain, updated.member),
    )
    _digested(office, updated.member)


def renewed(office: Office, member_id: str, term_ends: str | None, *, chain: int) -> None:
    """A box renewed a membership: it needs no telling, the others do."""
    query = "UPDATE member SET term_ends = ?, chain = ? WHERE id = ?"
    office.db.execute(query, (term_ends, chain, member_id))
    _digested(office, member_id)


def leveled(office: Office, member_id: str, level: str, *, chain: int) -> None:
    """A box wrote down another level."""
    query = "UPDATE member SET level = ?, chain = ? WHERE id = ?"
    office.db.execute(query, (level, chain, member_id))
    _digested(office, member_id)


def benefited(office: Office, member_id: str, benefits: tuple[str, ...], *, chain: int) -> None:
    """A top-up has made card types by face value, or its reversal has taken them."""
    query = "UPDATE member SET benefits = ?, chain = ? WHERE id = ?"
    office.db.execute(query, (" ".join(benefits), chain, member_id))
    _digested(office, member_id)


def _digested(office: Office, member_id: str) -> None:
    found = member(office, member_id)
    if found is not None:
        digest = _digest(found.snapshot)
        office.db.execute("UPDATE member SET digest = ? WHERE id = ?", (digest, member_id))
        office.touch_directory()


def try_key(office: Office, member_id: str, key: bytes) -> bool:
    """Take a key that came after the entry was booked, if it opens what no other key opened."""
    row = office.db.execute(
        "SELECT card, cipher, nonce FROM member WHERE id = ? AND key IS NULL"
        " AND cipher IS NOT NULL",
        (member_id,),
    ).fetchone()
    if row is None or not _opens(Profile(cipher=row[1], nonce=row[2]), row[0], key):
        return False
    office.db.execute("UPDATE member SET key = ? WHERE id = ?", (key, member_id))
    _digested(office, member_id)
    place = parse_entry_id(member_id)
    if place is not None:
        chain, seq = place
        office.db.execute(
            "UPDATE work SET closed = ? WHERE box = ? AND epoch = ? AND seq = ? AND kind = 'key'",
            (office.now(), chain.box, chain.epoch, seq),
        )
    office.touch_directory()
    return True


def _fitting_key(office: Office, member_id: str, enrolled: MemberEnrolled) -> bytes | None:
    rows = office.db.execute("SELECT key FROM carried_key WHERE member = ?", (member_id,))
    for (key,) in rows:
        if _opens(enrolled.profile, enrolled.card, bytes(key)):
            return bytes(key)
    return None


def _opens(profile: Profile, card: str, key: bytes) -> bool:
    try:
        open_profile(profile, card=card, key=key)
    except SealError:
        return False
    return True


def _digest(told: MemberSnapshot) -> str:
    """Return what changes when boxes have to be told again; a status travels by itself."""
    return hash_of(canonical(msgspec.structs.replace(told, status="")))
