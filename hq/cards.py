"""Import of card ranges and members from CSV. A member is known by the card.

A new member becomes an entry of HQ's own log: profile locked with a key of its own, and the
opening balances as lots of HQ's hand, from where the down-log writer releases them to the home
shop. Opening balances are taken once, when the member is new; later files change the person, the
term, the status. Files may be imported again at any time: what is the same changes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from daemon import seal
from daemon.ledger import accounts
from daemon.ledger.bodies import Consent, MemberEnrolled, NewLot, Profile
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.messages import CardRange, MemberSnapshot
from daemon.ledger.posting import HQ
from daemon.ledger.profiles import Person, lock_profile, open_profile
from daemon.ledger.records import Posting
from daemon.sync.wire import BOX_SAID, is_box
from hq.columns import (
    FEN_MAX,
    Column,
    Mistake,
    Row,
    digits,
    is_day,
    is_moment,
    one_of,
    read_table,
    text,
    whole,
)
from hq.erasing import is_erased
from hq.imports import NO, YES, Imported, number, range_warnings, twins
from hq.members import Member, member, write_member
from hq.ownlog import append
from hq.progress import Progress, silent
from hq.store import OWN_BOX, Office, ensure_chain

ROWS_PER_COMMIT = 500  # a running serve waits for the writer's lock no longer than this takes
STATUSES = ("active", "lost", "frozen", "closed")
KINDS = ("registered", "bearer", "staff")
SOURCE = "opening"  # of the lots that an import grants
_FEN = f"whole fen, 0 to {FEN_MAX}"

CARDS = (
    Column("row", "range or member", one_of("range", "member"), True),
    Column("id", "1 to 32 characters: your own number of the member", text(32)),
    Column("first", "6 to 19 digits", digits(6, 19)),
    Column("last", "6 to 19 digits", digits(6, 19)),
    Column("card", "6 to 19 digits", digits(6, 19)),
    Column("name", "text, at most 40 characters", text(40)),
    Column("phone", "5 to 15 digits", digits(5, 15)),
    Column("birthday", "YYYY-MM-DD", is_day),
    Column("joined", "YYYY-MM-DD, or with time and offset", is_moment),
    Column("term_ends", "YYYY-MM-DD, or with time and offset", is_moment),
    Column("status", "one of " + ", ".join(STATUSES), one_of(*STATUSES)),
    Column("kind", "one of " + ", ".join(KINDS), one_of(*KINDS)),
    Column("staff", "a staff number", text(10)),
    Column("profile_complete", "true or false", one_of(*YES, *NO)),
    Column("points", "a whole number, 0 to 1000000000", whole(0, 10**9)),
    Column("principal_fen", _FEN, whole(0, FEN_MAX)),
    Column("bonus_fen", _FEN, whole(0, FEN_MAX)),
    Column("shop", f"a box id: {BOX_SAID}", is_box),
    # Empty: as it is; "-": none.
    Column("tags", "segments, one space between two", text(200), more=True),
    Column("broker", "who brought the member, at most 32 characters", text(32), more=True),
    Column("benefits", "card types by value, one space between two", text(200), more=True),
)
NONE = "-"

_OPENING = (
    ("points", Unit.POINT, accounts.points("#"), accounts.ISSUED_POINTS),
    ("principal_fen", Unit.PRINCIPAL, accounts.principal("#"), accounts.ISSUED_PRINCIPAL),
    ("bonus_fen", Unit.BONUS, accounts.bonus("#"), accounts.ISSUED_BONUS),
)


def import_cards(office: Office, path: Path, progress: Progress = silent) -> Imported:
    """Take card ranges and members. Raises MemberboxError when the file is unreadable."""
    rows, mistakes = read_table(path, CARDS)
    people = [row for row in rows if row.cells["row"] == "member"]
    mistakes += twins(people, ("card", "id"))
    mistakes += [wrong for row in rows for wrong in _wrong_row(row)]
    mistakes += _moved_ids(office, people)
    mistakes += _erased(office, people)
    result = Imported(len(rows), mistakes=mistakes)
    if mistakes:
        return result
    ranges = [row for row in rows if row.cells["row"] == "range"]
    done = 0
    for chunk in _chunks([*ranges, *people]):
        with office.transaction():
            changed = sum(_take(office, row) for row in chunk)
            if changed:
                office.touch_directory()
        result.changed += changed
        done += len(chunk)
        progress(done, len(rows))
    result.warnings = range_warnings(office)
    return result


def _wrong_row(row: Row) -> list[Mistake]:
    """Return mistakes that lie between columns."""
    cells = row.cells
    if cells["row"] == "range":
        first, last = cells["first"], cells["last"]
        if not first or len(first) != len(last) or first > last:
            allowed = "as many digits as first, and not before it"
            return [Mistake(row.line, "last", last, allowed)]
        return []
    wrong = []
    if not cells["card"]:
        wrong.append(Mistake(row.line, "card", "", "6 to 19 digits"))
    if any(number(cells[name]) for name, *_ in _OPENING) and not cells["shop"]:
        wrong.append(Mistake(row.line, "shop", "", "the box where the balances are spent"))
    return wrong


def _moved_ids(office: Office, rows: Iterable[Row]) -> list[Mistake]:
    """Return a mistake for each id that stands for another card already."""
    known = dict(
        office.db.execute("SELECT reference, card FROM member WHERE reference IS NOT NULL")
    )
    return [
        Mistake(row.line, "id", row.cells["id"], f"its card is {known[row.cells['id']]}")
        for row in rows
        if known.get(row.cells["id"], row.cells["card"]) != row.cells["card"]
    ]


def _erased(office: Office, rows: Iterable[Row]) -> list[Mistake]:
    """Return a mistake for each card whose member was erased: nobody comes back by a list."""
    return [
        Mistake(row.line, "card", row.cells["card"], "no card of a member who was erased")
        for row in rows
        if is_erased(office.db, "", row.cells["card"])
    ]


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), ROWS_PER_COMMIT):
        yield rows[start : start + ROWS_PER_COMMIT]


def _take(office: Office, row: Row) -> int:
    """Take one row; return 1 if something is new or another than before."""
    cells = row.cells
    if cells["row"] == "range":
        found = CardRange(cells["first"], cells["last"], cells["kind"] or "registered")
        cursor = office.db.execute(
            "INSERT INTO card_range (first, last, kind) VALUES (?, ?, ?) ON CONFLICT (first, last)"
            " DO UPDATE SET kind = excluded.kind WHERE card_range.kind <> excluded.kind",
            (found.first, found.last, found.kind),
        )
        return cursor.rowcount
    known = office.db.execute(
        "SELECT id, chain, home FROM member WHERE card = ? ORDER BY rowid LIMIT 1",
        (cells["card"],),
    ).fetchone()
    if known is None:
        _enrol(office, row)
        return 1
    return _update(office, row, member_id=known[0], chain=known[1], home=known[2])


def _enrol(office: Office, row: Row) -> None:
    """Enter a new member and its opening balances as one entry of HQ's own log."""
    cells = row.cells
    card, joined = cells["card"], cells["joined"] or office.now()
    key = office.entropy.draw(seal.KEY_BYTES)
    nonce = office.entropy.draw(seal.NONCE_BYTES)
    profile = lock_profile(_person(row), card=card, key=key, nonce=nonce)
    lots: list[NewLot] = []
    postings: list[Posting] = []
    for column, unit, account, issued in _OPENING:
        amount = number(cells[column]) or 0
        if amount:
            lots.append(NewLot(len(lots) + 1, unit, SOURCE))
            postings.append(Posting(HQ, account, unit, f"#{len(lots)}", amount))
            postings.append(Posting(HQ, issued, unit, "", -amount))
    body = MemberEnrolled(
        card,
        "import",
        joined,
        cells["term_ends"] or None,
        Consent("", False),
        profile,
        points=number(cells["points"]) or 0,
        lots=tuple(lots),
    )
    request = f"member:{card}"
    entry = append(office, Kind.MEMBER_ENROLLED, request=request, body=body, postings=postings)
    office.db.executemany(
        "INSERT INTO lot VALUES (?, ?, ?, ?, NULL, ?, '', '')",
        [
            (
                posting.lot.replace("#", f"{entry}:"),
                posting.account.replace("#", entry),
                posting.unit,
                joined,
                SOURCE,
            )
            for posting in postings
            if posting.lot
        ],
    )
    chain = ensure_chain(office.db, OWN_BOX, office.incarnation)
    seen = Member(_snapshot(row, entry, joined, profile), key)
    reference = cells["id"] or None
    write_member(office, seen, chain=chain, home=cells["shop"], reference=reference)


def _update(office: Office, row: Row, *, member_id: str, chain: int, home: str) -> int:
    """Bring a known member up to date, if the row says something else; return whether it did."""
    known = member(office, member_id)
    assert known is not None
    cells = row.cells
    told = known.snapshot
    key, profile = known.key, told.profile
    if (
        key is None
        or profile is None
        or open_profile(profile, card=told.card, key=key) != _person(row)
    ):
        key = key or office.entropy.draw(seal.KEY_BYTES)
        nonce = office.entropy.draw(seal.NONCE_BYTES)
        profile = lock_profile(_person(row), card=told.card, key=key, nonce=nonce)
    fresh = _snapshot(row, member_id, cells["joined"] or told.joined, profile)
    fresh = _kept(msgspec.structs.replace(fresh, level=told.level), told, row)
    if fresh == told and cells["shop"] in ("", home):
        return 0
    seen = Member(fresh, key)
    shop, reference = cells["shop"] or home, cells["id"] or None
    write_member(office, seen, chain=chain, home=shop, reference=reference)
    return 1


def _person(row: Row) -> Person:
    cells = row.cells
    return Person(phone=cells["phone"], name=cells["name"], birthday=cells["birthday"])


def _snapshot(row: Row, member_id: str, joined: str, profile: Profile) -> MemberSnapshot:
    cells = row.cells
    return MemberSnapshot(
        member_id,
        cells["card"],
        cells["status"] or "active",
        cells["kind"] or "registered",
        joined,
        term_ends=cells["term_ends"] or None,
        staff=cells["staff"],
        profile=profile,
        tags=_words(cells["tags"]),
        broker=cells["broker"].removeprefix(NONE),
        benefits=_words(cells["benefits"]),
    )


def _kept(fresh: MemberSnapshot, told: MemberSnapshot, row: Row) -> MemberSnapshot:
    """Return the snapshot with what a file says nothing of as it was."""
    cells = row.cells
    return msgspec.structs.replace(
        fresh,
        tags=fresh.tags if cells["tags"] else told.tags,
        broker=fresh.broker if cells["broker"] else told.broker,
        benefits=fresh.benefits if cells["benefits"] else told.benefits,
    )


def _words(cell: str) -> tuple[str, ...]:
    return () if cell == NONE else tuple(cell.split())
