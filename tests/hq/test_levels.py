"""Levels by what a member did in all shops: he rises and is reviewed where all of it is known."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from daemon.ledger import accounts
from daemon.ledger.bodies import LevelChanged, MemberRenewed
from daemon.ledger.codec import decode
from daemon.ledger.kinds import Kind
from daemon.ledger.machine import BY_BOX, SOURCE_BOX
from daemon.ledger.parts import Use
from daemon.ledger.records import By, Draft, Posting
from daemon.ledger.views import Durable
from hq import packs
from hq.aliases import put_alias
from hq.cards import import_cards
from hq.headquarters import Headquarters
from hq.members import member as known
from hq.standing import Standing
from tests.hq.office import Sender, new_office, take, work_all
from tests.hq.tables import cards_csv
from tests.hq.test_booking import CARD, enrol
from tests.hq.test_retention import reached, seen
from tests.hq.test_standing import snapshots
from tests.rules.shop import changed

LIST = [
    {"id": "basic", "name": "普通", "needs": {}},
    {"id": "silver", "name": "银卡", "needs": {"growth": 100}},
]
GROWTH = [{"id": "grow", "on": "sale", "step_fen": 100, "growth": 1}]
EVER = {"list": LIST, "growth": GROWTH, "decided_by": "chain"}
YEARLY = EVER | {"window": "P6M", "validity": "P1Y", "down": "to_reached"}
JOINED = date(2026, 3, 6)  # with 58 of growth


@pytest.fixture
def hq(tmp_path: Path) -> Iterator[Headquarters]:
    made = Headquarters(new_office(tmp_path / "hq"))
    yield made
    made.office.close()


@pytest.fixture
def shops(hq: Headquarters) -> tuple[Sender, Sender]:
    made = Sender(hq.office), Sender(hq.office, "0002", seed=8)
    take(hq, *(one.hello() for one in made))
    return made


def under(hq: Headquarters, **levels: object) -> None:
    packs.publish(hq.office, changed(levels=levels))


def grows(shop: Sender, member: str, growth: int) -> None:
    """Let a member do something in a shop that counts as growth today."""
    moved = (
        Posting("@", accounts.growth(member), "growth", "", growth),
        Posting("@", accounts.ISSUED_GROWTH, "growth", "", -growth),
    )
    body = MemberRenewed(
        member, CARD, "grant", None, "2030-01-01", growth=growth, uses=(Use("@growth", growth),)
    )
    ledger = shop.ledger
    draft = Draft(
        source="keypad",
        id=f"grown {ledger.head.seq}",
        kind=Kind.MEMBER_RENEWED,
        at=ledger.at(),
        by=By("02", "clerk"),
        pack=None,
        re=None,
        body=body,
        postings=moved,
    )
    assert isinstance(ledger.commit(draft), Durable)


def brought(hq: Headquarters, *shops: Sender) -> None:
    take(hq, *(shop.batch() for shop in shops))
    work_all(hq)


def level(hq: Headquarters, member: str) -> str:
    found = known(hq.office, member)
    assert found is not None
    return found.snapshot.level


def own_changes(hq: Headquarters) -> list[tuple[str, str, str]]:
    """Every change of a level that headquarters itself wrote down."""
    rows = hq.office.db.execute(
        "SELECT e.data FROM entry AS e JOIN chain AS c ON c.id = e.chain WHERE c.box = 'hq'"
        " ORDER BY e.seq"
    )
    bodies = (decode(bytes(data)).body for (data,) in rows.fetchall())
    return [(one.before, one.level, one.reason) for one in bodies if isinstance(one, LevelChanged)]


def test_parts_of_several_shops_make_a_level_that_comes_down(
    hq: Headquarters, shops: tuple[Sender, Sender]
) -> None:
    under(hq, **EVER)
    home, other = shops
    member = enrol(home)
    brought(hq, home)
    assert level(hq, member) == "basic"
    grows(other, member, 41)
    brought(hq, other)
    assert level(hq, member) == "basic"  # 99
    grows(other, member, 1)
    brought(hq, other)
    assert own_changes(hq) == [("", "basic", "growth"), ("basic", "silver", "growth")]
    assert snapshots(hq, "0001")[-1].level == "silver"
    work_all(hq)
    assert len(own_changes(hq)) == 2, "it is written once"


def test_growth_under_an_alias_is_his(hq: Headquarters, shops: tuple[Sender, Sender]) -> None:
    under(hq, **EVER)
    home, other = shops
    member = enrol(home)
    brought(hq, home)
    put_alias(hq.office, "card:8800000000999", member, by="hq")
    grows(other, "card:8800000000999", 42)
    brought(hq, other)
    assert level(hq, member) == "silver"


@pytest.mark.parametrize("again", [0, 99, 100])
def test_a_review_looks_at_the_year_in_all_shops(
    hq: Headquarters, shops: tuple[Sender, Sender], again: int
) -> None:
    under(hq, **YEARLY)
    home, other = shops
    member = enrol(home)
    grows(home, member, 100)
    brought(hq, home)
    assert level(hq, member) == "silver"
    over = date(2027, 3, 6)
    for shop, part in ((home, again // 2), (other, again - again // 2)):
        shop.ledger.clock.move(int(timedelta(days=200).total_seconds() * 1000))
        if part:
            grows(shop, member, part)
    seen(other, "0003.1:1", over - timedelta(days=1))
    reached(hq.office, over)
    brought(hq, home, other)
    assert level(hq, member) == "silver"  # the shops have not reached the day yet
    seen(other, "0003.1:1", over)
    reached(hq.office, over + timedelta(days=1))
    brought(hq, other)
    assert level(hq, member) == ("silver" if again >= 100 else "basic")
    assert own_changes(hq)[-1][2] == "review"


def test_a_shop_that_knows_a_part_is_put_right_by_an_entry(
    hq: Headquarters, shops: tuple[Sender, Sender]
) -> None:
    under(hq, **EVER)
    home, other = shops
    member = enrol(home)
    grows(other, member, 60)
    brought(hq, home, other)
    assert level(hq, member) == "silver"
    body = LevelChanged(member, "basic", "", "growth", provisional=True)
    draft = Draft(
        *(SOURCE_BOX, "late", Kind.LEVEL_CHANGED, home.ledger.at(), BY_BOX, None, None, body, ())
    )
    assert isinstance(home.ledger.commit(draft), Durable)
    brought(hq, home)
    assert level(hq, member) == "silver" and own_changes(hq)[-1] == ("basic", "silver", "growth")


def test_of_shops_that_decide_headquarters_leaves_whom_they_let_in(
    hq: Headquarters, shops: tuple[Sender, Sender], tmp_path: Path
) -> None:
    under(hq, **(EVER | {"decided_by": "shop"}))
    home, other = shops
    member = enrol(home)
    import_cards(hq.office, cards_csv(tmp_path / "cards.csv"))
    (imported, *_) = [
        row[0]
        for row in hq.office.db.execute("SELECT id FROM member WHERE id LIKE 'hq.%' ORDER BY id")
    ]
    grows(other, member, 500)
    grows(other, imported, 500)
    brought(hq, home, other)
    assert (level(hq, member), level(hq, imported)) == ("", "silver")


def test_levels_that_come_later_count_what_was_done_before(
    hq: Headquarters, shops: tuple[Sender, Sender]
) -> None:
    home, other = shops
    member = enrol(home)
    grows(other, member, 60)
    brought(hq, home, other)
    assert level(hq, member) == ""
    under(hq, **EVER)
    work_all(hq)
    assert level(hq, member) == "silver"


def test_a_chain_that_gets_levels_is_reviewed_a_part_at_a_time(
    hq: Headquarters, shops: tuple[Sender, Sender]
) -> None:
    import_cards(hq.office, cards_csv(hq.office.folder / "cards.csv"))  # two, who joined long ago
    seen(shops[0], "0003.1:1", JOINED)
    brought(hq, shops[0])
    under(hq, **(YEARLY | {"validity": "P1M"}))
    standing = Standing(hq.office, per_turn=1)
    done = [standing.work() for _ in range(4)]
    assert (sum(done), max(done[1:])) == (done[0] + 1, 1)
    assert [one[2] for one in own_changes(hq)] == ["review", "review"]
