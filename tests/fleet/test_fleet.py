"""A small fleet with everything that the large one has: real broker, database, headquarters."""

import tempfile
from pathlib import Path

import pytest

from tests.fleet.play import Plan, play

BOXES = 24


@pytest.mark.timeout(400)  # of a busy machine; a quiet one takes a twentieth of it
def test_a_fleet_is_born_sells_gets_a_pack_and_comes_back_from_an_outage() -> None:
    plan = Plan(BOXES, processes=1, each=3, over_s=2.0, away_s=1.0, pile=40, at_once=4)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)  # the database's own user goes through it
        story = play(Path(folder), plan)
    assert story.wrong == [], "every entry of every box once, and the sums agree"
    assert story.online == BOXES
    assert story.entries >= (BOXES - 2) * (plan.each + plan.pile)
    # Not the forger; the copied card, whose chain has ended, may have taken it before it knew.
    assert story.progress in [
        [{"pack": "zhenzi 70", "shops": BOXES, "have": BOXES - lack}] for lack in (1, 2)
    ]
    # The bad ones are named, with the reason; nothing of them kept the others.
    assert story.refused == [
        "refused mb1/0001/up/journal: not signed by a device of 0001 that headquarters knows"
    ]
    assert story.forked == {"0003": "rolled_back"}
    assert story.cases == {"0002 unknown: unknown kind 'sale.imagined'": 1}
