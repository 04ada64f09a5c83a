"""A journal of a million entries and a hundred thousand members, made once and kept.

Its bytes are those of real entries: some are sealed as the store does it, and the places where the
others differ (number, link, request, member) are written into copies of them. The journal is made
anew when its shape changes, the books when what books them changes.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import islice
from pathlib import Path

import msgspec

from daemon.entropy import SystemEntropy
from daemon.ledger import accounts, machine
from daemon.ledger.bodies import Consent, EpochOpened, MemberEnrolled, NewLot, Profile
from daemon.ledger.codec import decode, encode, hash_of
from daemon.ledger.journal import FILE, Journal
from daemon.ledger.keyring import open_keyring
from daemon.ledger.kinds import Kind
from daemon.ledger.medium import Medium
from daemon.ledger.rebuild import rebuild
from daemon.ledger.records import ZERO_HASH, Chain, Draft, Posting
from daemon.ledger.sealing import seal_draft
from daemon.ledger.views import Stored
from tests.bench.sales import WALL, Till
from tests.stage import ROOT

ENTRIES = 1_000_000
MEMBERS = 100_000
TEMPLATES = 60
ROWS_PER_COMMIT = 5_000
WARM_BYTES = 1 << 20  # read at once
# More than any counter's day: so the six days of the last month are a full month of a busy one.
ENTRIES_A_DAY = 5_000
BOX = "0018"
FIRST_MEMBER = 2  # entry 1 opens the chain
CHAIN = Chain(BOX, 1)

# What decides how an entry is booked.
_BOOKING = (
    *("book*.py", "brief.py", "bulk.py", "projection*.py", "sheet.py", "statements.py"),
    "books-*.sql",
)
# What stands in a template where an entry differs. No digits of them occur elsewhere in it.
_SEQ, _PREV, _NAME, _MEMBER, _CARD = 876543219, "5" * 64, "NAMENAME", "MEMBERMEMBER", "CARDCARD"


def member_id(number: int) -> str:
    return f"{CHAIN}:{FIRST_MEMBER + number % MEMBERS}"


def card_of(number: int) -> str:
    return f"88{number % MEMBERS:011d}"


def million() -> Path:
    """Return the state directory, made where it is missing or of another shape."""
    folder = ROOT / ".bench" / f"million-{_shape(('records.py', 'parts.py', 'journal-*.sql'))}"
    if not (folder / "made").exists():
        for old in (ROOT / ".bench").glob("million-*"):
            shutil.rmtree(old)
        _say(f"making a journal of {ENTRIES:,} entries, once ...")
        _write(folder)
        (folder / "made").touch()
    booked = _shape(_BOOKING)
    mark = folder / "booked"
    if not mark.exists() or mark.read_text() != booked:
        _say("making its books ...")
        rebuild(folder)
        os.sync()  # else the first commit of whoever starts next waits for 2 GB of our writing
        mark.write_text(booked)
    return folder


def warmed(folder: Path) -> Path:
    """Return the folder, its files read once: rows over a million entries measure the program, and
    the same file is read from memory or from a disk of any speed as the machine likes."""
    for path in folder.glob("*.db"):
        with path.open("rb", buffering=0) as file:
            while file.read(WARM_BYTES):
                pass
    return folder


def entries(device_key: str, *, count: int = ENTRIES, members: int = MEMBERS) -> Iterator[Stored]:
    """Yield the entries of the journal: one opens the chain, then members, then sales."""
    opened = machine.epoch_opened(
        _till().draft(1).at, EpochOpened("0" * 16, "new", device_key, ""), epoch=1
    )
    data = encode(seal_draft(opened, CHAIN, seq=1, prev=ZERO_HASH))
    data = data.replace(_BYTES_DAY, _day(count - 1))
    before = hash_of(data)
    yield Stored(1, before, data)
    joining, sales = _template(_enrolment()), [_template(draft) for draft in _sales()]
    for seq in range(2, count + 1):
        number = seq - FIRST_MEMBER
        made = joining if number < members else sales[seq % TEMPLATES]
        data = (
            made.replace(_BYTES_DAY, _day(count - seq))
            .replace(_BYTES_SEQ, b"%d" % seq)
            .replace(_BYTES_PREV, before.encode())
            .replace(_BYTES_NAME, hashlib.md5(b"%d" % seq).hexdigest().encode())
            .replace(_BYTES_MEMBER, member_id(number * 7919 % members).encode())
            .replace(_BYTES_CARD, card_of(number if number < members else number * 7919).encode())
        )
        before = hash_of(data)
        yield Stored(seq, before, data)


@cache
def _day_before(days: int) -> bytes:
    return (WALL.date() - timedelta(days=days)).isoformat().encode()


def _day(before_the_last: int) -> bytes:
    """Return the date of an entry: as many a day, and the last of them today."""
    return _day_before(before_the_last // ENTRIES_A_DAY)


def _write(folder: Path) -> None:
    folder.mkdir(parents=True)
    device_key = open_keyring(folder, SystemEntropy()).public.hex()
    journal = Journal(folder / FILE, Medium())
    try:
        rows = entries(device_key)
        while chunk := list(islice(rows, ROWS_PER_COMMIT)):
            trouble = journal.write(1, chunk)
            assert trouble is None, trouble
        journal.checkpoint()
    finally:
        journal.close()


def _template(draft: Draft) -> bytes:
    data = encode(seal_draft(draft, CHAIN, seq=_SEQ, prev=_PREV))
    assert decode(data).seq == _SEQ
    return data


def _sales() -> Iterator[Draft]:
    till = _till()
    for number in range(1, TEMPLATES + 1):
        draft = till.draft(number)
        data = msgspec.json.encode(draft)
        body = draft.body
        old, card = getattr(body, "member"), getattr(body, "card")  # noqa: B009
        data = data.replace(old.encode(), _BYTES_MEMBER).replace(card.encode(), _BYTES_CARD)
        seen = msgspec.json.decode(data)
        postings = msgspec.convert(seen["postings"], tuple[Posting, ...])
        yield msgspec.structs.replace(
            draft,
            id=_NAME,
            body=msgspec.structs.replace(body, member=_MEMBER, card=_CARD),
            postings=postings,
        )


def _enrolment() -> Draft:
    sale = _till().draft(1)
    body = MemberEnrolled(
        _CARD,
        "fee",
        sale.at.wall,
        None,
        Consent("1", False),
        Profile("x" * 120, "n" * 32),
        fee_fen=4800,
        points=100,
        lots=(NewLot(1, "point", "join"),),
    )
    moved = (
        Posting("@", accounts.CASH_DRAWER, "fen", "", 4800),
        Posting("@", accounts.SALES_FEE, "fen", "", -4800),
        Posting("@", accounts.points("#"), "point", "#1", 100),
        Posting("@", accounts.ISSUED_POINTS, "point", "", -100),
    )
    return msgspec.structs.replace(
        sale, id=_NAME, kind=Kind.MEMBER_ENROLLED, body=body, postings=moved
    )


def _till() -> Till:
    return Till(1, "million")


def _shape(patterns: tuple[str, ...]) -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for pattern in patterns:
        for path in sorted((ROOT / "daemon/ledger").rglob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


_BYTES_DAY = WALL.date().isoformat().encode()
_BYTES_SEQ = str(_SEQ).encode()
_BYTES_PREV = _PREV.encode()
_BYTES_NAME = _NAME.encode()
_BYTES_MEMBER = _MEMBER.encode()
_BYTES_CARD = _CARD.encode()
