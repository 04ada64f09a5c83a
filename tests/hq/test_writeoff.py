"""Giving up a lost chain: the exposure first, new lots at the cost of the loss, late entries."""

import json
from pathlib import Path

import pytest

from daemon.errors import StoreError
from daemon.ledger import accounts
from daemon.ledger.moves import goes_along, handed_over
from daemon.ledger.records import Chain
from daemon.ledger.views import Durable, Held
from hq.answers import NO, YES
from hq.cli import main
from hq.store import create
from hq.writeoff import exposure, write_off
from tests.ledger.chains import World

MEMBER = "hq.1:900"


def hand(world: World, holder: str, account: str = "", unit: str = "point") -> int:
    row = world.office.db.execute(
        "SELECT coalesce(sum(amount), 0) FROM balance WHERE holder = ? AND unit = ?"
        " AND (account = ? OR (? = '' AND lot <> ''))",
        (holder, unit, account, account),
    ).fetchone()
    return int(row[0])


@pytest.fixture
def world() -> World:
    """One shop that earned and got points, and released some; headquarters knows the first part."""
    world = World(11, boxes=1)
    till = world.tills[0]
    world.grant(MEMBER, 100)
    world.heal()
    for _ in range(4):
        world.sell(till, MEMBER)
    world.ship(till, 100)
    world.work()
    return world


def test_the_exposure_is_what_the_chain_holds_and_what_is_on_its_way(world: World) -> None:
    till = world.tills[0]
    held = hand(world, str(till.chain))
    assert held > 0
    world.grant(MEMBER, 30)
    world.work()
    shown = exposure(world.office, till.chain)
    assert shown.holding["point"] == held
    assert shown.undelivered["point"] >= 30
    assert shown.mark == till.head.seq
    assert hand(world, "hq", accounts.LOSS_CHAIN) == 0, "to look changes nothing"


def test_what_a_lost_chain_held_is_granted_anew_and_reaches_the_next(world: World) -> None:
    till = world.tills[0]
    lost, held = str(till.chain), hand(world, str(till.chain))
    till.lose(1)
    world.ship(till, 100)
    world.work()
    write_off(world.office, Chain(till.name, 1))
    world.look_at_hq()
    assert hand(world, "hq", accounts.LOSS_CHAIN) == -held
    assert hand(world, "hq") == held
    assert hand(world, lost) == held, "nothing is taken from the lost holder"
    for _ in range(30):  # the box refuses some grants, at random; they come back and are kept
        world.work()
        world.receive(till, 100)
        world.ship(till, 100)
    world.work()
    assert hand(world, str(till.chain)) + hand(world, "hq") == held
    with pytest.raises(StoreError, match="was given up"):
        write_off(world.office, Chain(till.name, 1))
    with pytest.raises(StoreError, match="no such chain"):
        exposure(world.office, Chain(till.name, 9))


def test_what_a_closed_chain_sends_back_later_goes_against_the_loss(world: World) -> None:
    till = world.tills[0]
    held = hand(world, str(till.chain))
    write_off(world.office, till.chain)
    world.look_at_hq()
    world.release(till, MEMBER, 20)
    world.spend(till, MEMBER)
    world.ship(till, 100)
    world.work()
    assert hand(world, "hq", accounts.LOSS_CHAIN) == -held + 20
    assert hand(world, "hq") == held, "not twice in HQ's hand"
    assert hand(world, "transit:hq") == 0
    cases = world.office.db.execute("SELECT kind FROM work WHERE kind <> 'refused'").fetchall()
    assert cases == [], "late entries are facts"


def test_what_is_on_its_way_to_an_heir_of_whom_nothing_was_heard_is_given_up_with_its_giver(
    world: World,
) -> None:
    till = world.tills[0]
    held = hand(world, str(till.chain))
    heir = Chain(till.name, 2)
    parts = [
        Held(*key, amount)
        for key, amount in till.holding.items()
        if amount > 0 and goes_along(key[0], key[2])
    ]
    drafts = handed_over(till.at(), heir=heir, head_seq=till.head.seq, holding=iter(parts))
    assert isinstance(till.commit(next(drafts)), Durable)  # and the power goes, for ever
    world.ship(till, 100)
    world.work()
    assert (hand(world, str(till.chain)), hand(world, "transit:0001.2")) == (0, held)
    shown = exposure(world.office, till.chain)
    assert (shown.holding.get("point", 0), shown.undelivered["point"]) == (0, held)
    assert write_off(world.office, till.chain) == shown
    assert hand(world, "hq") == held
    assert hand(world, "hq", accounts.LOSS_CHAIN) == -held
    with pytest.raises(StoreError, match="was given up"):
        exposure(world.office, heir)


def test_a_closed_chain_is_told_nothing_any_more(world: World) -> None:
    till = world.tills[0]
    write_off(world.office, till.chain)
    before = world.office.db.execute("SELECT count(*) FROM down").fetchone()
    world.work()
    assert world.office.db.execute("SELECT count(*) FROM down").fetchone() == before


def test_the_command_shows_the_cost_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = create(tmp_path)
    office.db.execute(
        "INSERT INTO chain (box, epoch, mark, mark_hash, booked, booked_hash, down_hash)"
        " VALUES ('0018', 1, 3, 'aa', 3, 'aa', '')"
    )
    office.db.execute("INSERT INTO balance VALUES ('points:M', 'point', '0018.1:2:1', '0018.1', 7)")
    office.close()
    asked = ["--dir", str(tmp_path), "--json", "write-off", "0018.1"]
    assert main(asked) == NO
    said = json.loads(capsys.readouterr().out)
    assert said["exposure"]["holding"] == {"point": 7}
    assert main([*asked, "--yes"]) == YES
    assert main(asked) not in (YES, NO)
    capsys.readouterr()
    assert main(["--dir", str(tmp_path), "write-off", "18"]) == 2
