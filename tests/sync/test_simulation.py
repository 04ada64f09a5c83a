"""Boxes, headquarters and a bad carrier under one seed: everything arrives, nothing is doubled."""

from pathlib import Path

import pytest

from hq.cards import import_cards
from hq.imports import import_products
from hq.intake import Arrival
from hq.memberlist import members
from tests.hq.tables import cards_csv, products_csv
from tests.sync.world import Faults, World

SEEDS = range(24)
STEPS = 120


@pytest.mark.parametrize("seed", SEEDS)
def test_two_logs_over_a_bad_carrier_reach_one_state(seed: int, tmp_path: Path) -> None:
    world = World(seed, tmp_path / "hq", boxes=2)
    products_csv(tmp_path / "p1.csv", price=6800)
    products_csv(tmp_path / "p2.csv", price=6900)
    cards_csv(tmp_path / "cards.csv", shop="0001")
    random = world.random
    world.faults = Faults(random.randrange(30), random.randrange(30), random.randrange(6))
    for step in range(STEPS):
        _happen(world, tmp_path)
        world.pass_time(random.randrange(1500))
        world.step()
        if step == STEPS // 3:
            import_cards(world.office, tmp_path / "cards.csv")
    world.heal()
    world.check_end()
    points = {member.card: member.points for member in members(world.office)}
    assert points["8800000000018"] == 620
    held = world.boxes["0001"].ledger.books.balances
    assert sum(n for key, n in held.items() if key[3] == "0001.1" and key[1] == "point") == 770


def _happen(world: World, folder: Path) -> None:
    """Let one thing happen, by the seed."""
    random = world.random
    box = random.choice(list(world.boxes.values()))
    match random.randrange(16):
        case 0 | 1 | 2 | 3 | 4 | 5:
            for _ in range(random.randint(1, 6)):
                box.sell()
        case 6 | 7:
            box.connect()
        case 8:
            if box.online:
                box.disconnect()
        case 9:
            world.crash_box(box)
        case 10:
            world.crash_hq()
        case 11 | 12:
            import_products(world.office, folder / random.choice(["p1.csv", "p2.csv"]))
        case _:
            pass


def test_a_box_without_a_token_is_turned_away(tmp_path: Path) -> None:
    """A box that is not registered gets no acknowledgement and leaves no chain behind."""
    world = World(1, tmp_path / "hq", boxes=1)
    box = world.boxes["0001"]
    world.office.db.execute("DELETE FROM token")
    box.connect()
    box.sell()
    for sent in box.work(10):
        drained = world.hq.take([_arrival(sent.topic, sent.payload)], mono_ms=1)
        assert drained.answers == []
        assert "0001" in drained.refusals[0].why
    assert world.office.db.execute("SELECT count(*) FROM chain WHERE box = '0001'").fetchone() == (
        0,
    )


def _arrival(topic: str, payload: bytes) -> "Arrival":
    return Arrival(topic, payload)
