"""Boxes that send in turns, over a carrier that loses, repeats and delays what they are told."""

from pathlib import Path

import pytest

from tests.sync.world import Faults, World


@pytest.mark.parametrize("seed", range(3))
def test_boxes_that_take_turns_over_a_bad_carrier_reach_one_state(
    seed: int, tmp_path: Path
) -> None:
    """One place for three boxes: turns get lost, come late and twice, headquarters forgets them."""
    world = World(seed, tmp_path / "hq", boxes=3, boxes_at_once=1)
    random = world.random
    world.faults = Faults(random.randrange(30), random.randrange(30), random.randrange(6))
    for step in range(60):
        box = random.choice(list(world.boxes.values()))
        for _ in range(random.randrange(12)):
            box.sell()
        if random.randrange(3) == 0:
            box.connect()
        if step in (20, 40):
            world.crash_hq()
        world.pass_time(random.randrange(1500))
        world.step()
    world.heal()
    world.check_end()
    assert world.hq.admission.waiting == 0
