"""A member as a person: read by who has the key, by nobody after an erase, in no file in clear."""

import base64
from pathlib import Path

import pytest

from daemon.ledger.bodies import Profile
from daemon.ledger.messages import MemberSnapshot
from daemon.ledger.profiles import Person, lock_profile, phone_digest
from daemon.ledger.verify import verify
from tests.acts.till import CARDS, Till, cash, line

KEY = b"secret key of one member -- 32 b"
ADA = Person("13800000001", "王晓芸", "1990-03-01", "f", "广州市示范路 1 号", "")
SECRETS = (*(getattr(ADA, name) for name in ("phone", "name", "birthday", "address")), "林佳")


@pytest.fixture
def till(tmp_path: Path):
    made = Till(tmp_path)
    snapshot(made)
    yield made
    made.close()


def snapshot(till: Till, *, level: str = "", term_ends: str | None = None) -> None:
    card = CARDS["M1"]
    digest = phone_digest(till.store.phone_key, ADA.phone)
    till.store.local.put_member_key(card, key=KEY, phone_digest=digest)
    profile: Profile = lock_profile(ADA, card=card, key=KEY, nonce=b"n" * 24)
    joined = "2025-05-05T00:00:00+08:00"
    member = MemberSnapshot(
        "M1",
        card,
        "active",
        "registered",
        joined,
        term_ends=term_ends,
        level=level,
        profile=profile,
    )
    till.down("member.snapshot", member)


def person(till: Till) -> Person | None:
    row = till.facts.row("M1")
    assert row is not None
    return till.facts.person(row)


def by_phone(till: Till, phone: str) -> str | None:
    found = till.store.books.member_by_phone_digest(phone_digest(till.store.phone_key, phone))
    return None if found is None else found.id


def in_files(folder: Path, secrets: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return which secret stands in which file, in clear or as base64 or hex would show it."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            found += [(path.name, one) for one in secrets if any(way in data for way in shown(one))]
    return found


def shown(secret: str) -> list[bytes]:
    """A text as it stands in a file, as hex, and as base64 wherever in a longer text it begins."""
    plain = secret.encode()
    inner = [
        base64.b64encode(b" " * n + plain)[(4 * n + 2) // 3 : 4 * (n + len(plain)) // 3]
        for n in range(3)
    ]
    return [plain, plain.hex().encode(), *inner]


def test_the_search_finds_what_is_hidden(tmp_path: Path) -> None:
    for number, hidden in enumerate(
        (
            ADA.name.encode(),
            ADA.name.encode().hex().encode(),
            *(base64.b64encode(b"{" * n + ADA.name.encode() + b"}}") for n in range(4)),
        )
    ):
        (tmp_path / str(number)).write_bytes(b"x" + hidden)
    assert len({name for name, _ in in_files(tmp_path, SECRETS)}) == 6
    (tmp_path / "other").write_bytes(base64.b64encode("王小芸 13800000002".encode()))
    assert len(in_files(tmp_path, SECRETS)) == 6


def test_a_profile_is_changed_and_locked_again(till: Till) -> None:
    entry = till.done("member.updated", card=CARDS["M1"], name="林佳", phone="13900000009")
    assert till.body(entry)["fields"] == ["phone", "name"]
    seen = person(till)
    assert seen is not None
    assert (seen.name, seen.phone, seen.birthday) == ("林佳", "13900000009", ADA.birthday)
    assert by_phone(till, "13900000009") == "M1"
    assert by_phone(till, ADA.phone) is None
    assert till.code("member.updated", card=CARDS["M1"], name="林佳") == "not_allowed"
    assert "林佳".encode() not in str(till.body(entry)).encode()


def test_consent_is_withdrawn(till: Till) -> None:
    entry = till.done("consent.changed", member="M1", terms="ZZ-2", marketing=False, way="letter")
    assert till.body(entry)["consent"] == {"terms": "ZZ-2", "marketing": False}
    assert till.code("consent.changed", member="nobody", terms="1", marketing=True)


def test_no_file_holds_a_name_a_phone_or_a_birthday(till: Till) -> None:
    till.done("member.updated", member="M1", name="林佳", note="likes 林佳")
    till.done("sale", member="M1", lines=[line(1, "TOY", 1000)], tenders=cash(1000), points=10)
    assert in_files(till.folder, SECRETS) == []
    till.again()
    assert in_files(till.folder, SECRETS) == []


def test_an_erased_member_is_nobody_for_ever(till: Till) -> None:
    assert by_phone(till, ADA.phone) == "M1"
    assert KEY in b"".join(one.read_bytes() for one in till.folder.glob("local.db*"))
    till.done("member.erased", member="M1", reason="asked")
    assert person(till) is None
    assert by_phone(till, ADA.phone) is None
    assert till.store.books.card_status(CARDS["M1"]) == "closed"
    for path in till.folder.rglob("*"):
        if path.is_file():
            assert KEY not in path.read_bytes(), path
    assert in_files(till.folder, SECRETS) == []
    # whoever brings the key again, it is refused; the card stays closed
    snapshot(till)
    assert till.store.local.member_key(CARDS["M1"]) is None
    assert person(till) is None
    assert till.store.books.card_status(CARDS["M1"]) == "closed"
    assert till.code("member.erased", member="M1", reason="again") == "not_allowed"
    assert till.code("member.updated", member="M1", name="x") == "not_allowed"
    till.again()
    assert till.store.local.member_key(CARDS["M1"]) is None
    till.close()
    assert verify(till.folder, full=True).ok
    till.start()


def test_keys_of_an_older_backup_are_forgotten_before_the_box_is_ready(till: Till) -> None:
    till.store.close()
    backup = {path: path.read_bytes() for path in till.folder.glob("local.db*")}
    till.start()
    till.done("member.erased", member="M1", reason="asked")
    till.store.close()
    for path in till.folder.glob("local.db*"):
        path.unlink()
    for path, data in backup.items():
        path.write_bytes(data)
    till.start()
    assert till.store.local.member_key(CARDS["M1"]) is None
    assert all(KEY not in path.read_bytes() for path in till.folder.glob("local.db*"))


def test_who_has_paid_value_is_refunded_before_the_erase(till: Till) -> None:
    till.done("topup", member="M1", amount_fen=1000, tenders=cash(1000))
    assert till.code("member.erased", member="M1", reason="asked") == "not_allowed"
    assert person(till) == ADA
