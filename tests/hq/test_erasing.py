"""A member who was erased is nobody at headquarters and in every shop, whoever brings the key."""

from pathlib import Path

import msgspec
import pytest

from daemon.errors import StoreError
from daemon.ledger.bodies import MemberErased
from daemon.ledger.codec import down_body, down_message
from daemon.ledger.kinds import Kind
from daemon.ledger.messages import MemberSnapshot, Tombstone, Tombstones
from daemon.ledger.records import By, Draft
from daemon.ledger.views import Durable
from daemon.sync.wire import Post
from hq.cards import import_cards
from hq.cli import main
from hq.erasing import erase_member
from hq.headquarters import Headquarters
from hq.sqlite import Sqlite
from tests.hq.office import Sender, new_office, take, work_all
from tests.hq.tables import cards_csv
from tests.hq.test_booking import CARD, KEY, enrol


@pytest.fixture
def hq(tmp_path: Path):
    office = new_office(tmp_path / "hq")
    yield Headquarters(office)
    office.close()


def erase_at(box: Sender, member: str) -> None:
    ledger = box.ledger
    body = MemberErased(member, (CARD,), "asked")
    draft = Draft(
        "api", "erase", Kind.MEMBER_ERASED, ledger.at(), By("02", "clerk"), None, None, body, ()
    )
    assert isinstance(ledger.commit(draft), Durable)


def told(hq: Headquarters, box: str) -> list[object]:
    """Every message that a box's newest chain was sent, in order."""
    rows = hq.office.db.execute(
        "SELECT text FROM down JOIN chain ON chain.id = down.chain WHERE box = ? ORDER BY n", (box,)
    )
    return [down_body(down_message(text.encode())) for (text,) in rows]


def holds_key(hq: Headquarters) -> list[str]:
    """The files of headquarters that hold the member's key, however it is written.

    On PostgreSQL those of the database; its write-ahead log forgets by rotation alone.
    """
    folder, db = hq.office.folder, hq.office.db
    if not isinstance(db, Sqlite):
        db.execute("CHECKPOINT")
        (data, oid) = db.execute(
            "SELECT current_setting('data_directory'), oid FROM pg_database"
            " WHERE datname = current_database()"
        ).fetchone()
        folder = Path(data) / "base" / str(oid)
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and KEY in path.read_bytes():
            found.append(path.name)
    return found


def test_an_erasure_at_a_shop_reaches_headquarters_and_every_other_shop(
    hq: Headquarters,
) -> None:
    shop, other = Sender(hq.office), Sender(hq.office, "0002", seed=8)
    member = enrol(shop)
    take(hq, shop.hello(), other.hello(), shop.batch(), other.batch())
    work_all(hq)
    assert holds_key(hq)
    erase_at(shop, member)
    take(hq, shop.batch())
    work_all(hq)
    hq.work()
    assert holds_key(hq) == []
    row = hq.office.db.execute("SELECT cipher, key, status FROM member").fetchone()
    assert row == (None, None, "closed")
    stone = Tombstones((Tombstone(member, (CARD,)),))
    for box in ("0001", "0002"):
        assert told(hq, box).count(stone) == 1, box
    assert not hq.work(), "it is told once"


def test_the_key_of_an_erased_member_is_taken_from_nobody(hq: Headquarters, tmp_path: Path) -> None:
    shop, late = Sender(hq.office), Sender(hq.office, "0002", seed=8)
    member = enrol(shop)
    # the erasure is known before the entry that it erases: another shop was faster
    take(hq, late.hello())
    erase_at(late, member)
    take(hq, late.batch())
    work_all(hq)
    take(hq, shop.hello(), shop.batch())
    work_all(hq)
    take(hq, shop.batch())  # and the whole batch again, with its key
    work_all(hq)
    assert holds_key(hq) == []
    assert hq.office.db.execute("SELECT key, cipher FROM member").fetchall() == [(None, None)]
    assert hq.office.db.execute("SELECT count(*) FROM work WHERE kind = 'key'").fetchone() == (0,)
    path = cards_csv(tmp_path / "cards.csv")
    path.write_text(path.read_text().replace("8800000000018", CARD), encoding="utf-8")
    done = import_cards(hq.office, path)
    assert [one.value for one in done.mistakes] == [CARD] and done.changed == 0


def test_a_new_chain_of_a_box_hears_of_everyone_first(hq: Headquarters) -> None:
    shop = Sender(hq.office)
    member = enrol(shop)
    take(hq, shop.hello(), shop.batch())
    erase_at(shop, member)
    take(hq, shop.batch())
    work_all(hq)
    again = Sender(hq.office, "0001", seed=9, epoch=2)
    take(hq, again.hello(), again.batch())
    work_all(hq)
    rows = hq.office.db.execute(
        "SELECT text FROM down JOIN chain ON chain.id = down.chain WHERE epoch = 2 ORDER BY n"
    ).fetchall()
    bodies = [down_body(down_message(text.encode())) for (text,) in rows]
    assert bodies[0] == Tombstones((Tombstone(member, (CARD,)),), complete=True)
    snapshots = [body for body in bodies if isinstance(body, MemberSnapshot)]
    assert all(body.profile is None for body in snapshots)
    assert sum(isinstance(body, Tombstones) for body in bodies) == 1


def test_a_second_chain_hears_that_nobody_was_erased(hq: Headquarters) -> None:
    again = Sender(hq.office, "0003", seed=9, epoch=2)
    take(hq, again.hello(), again.batch())
    work_all(hq)
    assert told(hq, "0003")[0] == Tombstones((), complete=True)


def test_headquarters_erases_by_its_own_word(hq: Headquarters) -> None:
    shop = Sender(hq.office)
    member = enrol(shop)
    take(hq, shop.hello(), shop.batch())
    work_all(hq)
    assert erase_member(hq.office, CARD, "asked by letter") == member
    assert holds_key(hq) == []
    work_all(hq)
    assert Tombstones((Tombstone(member, (CARD,)),)) in told(hq, "0001")
    with pytest.raises(StoreError, match="erased before"):
        erase_member(hq.office, member, "again")
    with pytest.raises(StoreError, match="no such member"):
        erase_member(hq.office, "nobody", "x")
    posts = [msgspec.json.decode(one.payload, type=Post) for one in hq.posts(10**6)]
    assert all(not key.sealed for post in posts for key in post.keys if key.member == member)


def test_the_command_erases_by_card_and_says_no_to_a_second_time(tmp_path: Path, capsys) -> None:
    folder = ["--dir", str(tmp_path / "hq")]
    assert main([*folder, "init", "--json"]) == 0
    assert main([*folder, "import", "cards", str(cards_csv(tmp_path / "cards.csv"))]) == 0
    erase = [*folder, "erase", "8800000000018", "--reason", "asked", "--json"]
    capsys.readouterr()
    assert main(erase) == 0
    assert '"ok":true' in capsys.readouterr().out
    assert main(erase) != 0
    assert "erased before" in capsys.readouterr().out
