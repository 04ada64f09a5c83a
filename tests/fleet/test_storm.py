"""The storm after an outage, with admission and without: what is on its way at once."""

from pathlib import Path

import pytest

from hq.admission import TURN_BATCHES
from tests.sync.world import World

BOXES = 16
BACKLOG = 480  # of each: three batches
PLACES = 2


@pytest.mark.parametrize("places", [PLACES, BOXES])
def test_what_is_on_its_way_at_once_is_what_headquarters_lets(tmp_path: Path, places: int) -> None:
    """Every box comes back in the same moment. With a place for each of them, the storm shows."""
    world = World(1, tmp_path / "hq", boxes=BOXES, boxes_at_once=places)
    for box in world.boxes.values():
        for _ in range(BACKLOG):
            box.sell()
        box.connect()
    most = 0
    for _ in range(2_000):
        world.pass_time(120)
        world.step(work=40)
        most = max(most, sum(_in_flight(world, name) for name in world.boxes))
        if world.converged() and not world.parcels:
            break
    world.check_end()
    assert most <= places * TURN_BATCHES
    if places == BOXES:
        assert most > PLACES * TURN_BATCHES, "without places kept, all come at once"


def _in_flight(world: World, name: str) -> int:
    """Return the batches on their way of a box whose backlog is not at headquarters yet."""
    courier = world.boxes[name].courier
    if courier.hq_mark > BACKLOG:
        return 0  # what it says now is a little, as all day
    return sum(len(one.flights) for one in courier._session.chains.values())
