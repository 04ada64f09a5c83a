"""Packs go to a pilot first, then to all; never back in silence. Who has which is always said."""

import json
from pathlib import Path

import pytest

from daemon.ledger.bodies import DownApplied
from daemon.ledger.codec import decode, down_body, down_message
from daemon.ledger.messages import PackActivate
from hq import packs
from hq.cli import main
from hq.store import create
from tests.sync.world import Box, World

PACK = Path(__file__).parents[2] / "config" / "packs" / "zhenzi.json"
START = "2026-04-01T00:00:00+08:00"


def pack_of(version: int, *stores: str) -> str:
    document = json.loads(PACK.read_text(encoding="utf-8"))
    document["version"] = version
    document["scope"]["stores"] = list(stores)
    return json.dumps(document)


def activated(box: Box) -> list[tuple[int, str | None]]:
    found = []
    for stored in box.ledger.entries:
        body = decode(stored.data).body
        if isinstance(body, DownApplied):
            said = down_body(down_message(body.message.encode()))
            if isinstance(said, PackActivate):
                found.append((said.version, said.start))
    return found


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(5, tmp_path / "hq", boxes=2)
    for box in world.boxes.values():
        box.connect()
    run(world)
    return world


def run(world: World) -> None:
    for _ in range(30):
        world.pass_time(50)
        world.step(work=20)


def test_a_pilot_gets_a_pack_before_the_others_and_may_go_back_alone(world: World) -> None:
    office = world.office
    one, two = world.boxes.values()
    packs.put_channel(office, "pilot", ["0001"])
    packs.publish(office, pack_of(7))
    run(world)
    packs.publish(office, pack_of(8), to="pilot")
    assert packs.progress(packs.rolled_out(office)) == [
        packs.Progress("zhenzi 7", 1, 0),
        packs.Progress("zhenzi 8", 1, 0),
    ]
    run(world)
    assert (activated(one), activated(two)) == ([(7, None), (8, None)], [(7, None)])
    said = {one.box: (one.channel, one.wanted) for one in packs.rolled_out(office)}
    assert said == {"0001": ("pilot", "zhenzi 8"), "0002": ("", "zhenzi 7")}
    packs.roll_back(office, "zhenzi", to="pilot")
    run(world)
    assert activated(one)[-1] == (7, None) and len(activated(two)) == 1
    packs.publish(office, pack_of(9), start=START)
    run(world)
    assert activated(one)[-1] == activated(two)[-1] == (9, START)


def test_an_older_version_is_never_published_in_silence(world: World) -> None:
    office = world.office
    packs.put_channel(office, "pilot", ["0001"])
    packs.publish(office, pack_of(7))
    packs.publish(office, pack_of(8), to="pilot")
    with pytest.raises(packs.PackConflict, match="pack rollback zhenzi"):
        packs.publish(office, pack_of(6))
    with pytest.raises(packs.PackConflict, match="box 0001 has zhenzi version 8"):
        packs.publish(office, pack_of(7))
    with pytest.raises(packs.PackConflict, match="no channel and no box"):
        packs.publish(office, pack_of(9), to="pilots")
    packs.publish(office, pack_of(8))
    assert packs.roll_back(office, "zhenzi").version == 7


def test_the_way_back_goes_as_far_as_it_is_asked(world: World) -> None:
    office = world.office
    for version in (7, 8, 9):
        packs.publish(office, pack_of(version))
    assert [packs.roll_back(office, "zhenzi").version for _ in range(2)] == [8, 7]
    with pytest.raises(packs.PackConflict, match="no earlier version"):
        packs.roll_back(office, "zhenzi")
    packs.publish(office, pack_of(10))
    with pytest.raises(packs.PackConflict, match="version 5 is not what was in force"):
        packs.roll_back(office, "zhenzi", version=5)
    assert packs.roll_back(office, "zhenzi", version=8).version == 8


def test_a_pack_whose_scope_names_shops_is_for_those_only(world: World) -> None:
    packs.publish(world.office, pack_of(7))
    packs.publish(world.office, pack_of(8, "0002"))
    run(world)
    assert [activated(box)[-1][0] for box in world.boxes.values()] == [7, 8]


def test_the_commands_say_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create(tmp_path / "hq").close()
    hq = ["--dir", str(tmp_path / "hq"), "--json"]
    path = tmp_path / "pack.json"
    path.write_text("no JSON at all")
    assert main([*hq, "pack", "publish", str(path)]) == 2
    path.write_text("{}")
    assert main([*hq, "pack", "publish", str(path)]) == 1
    path.write_text(pack_of(7))
    assert main([*hq, "pack", "publish", str(path)]) == 0
    path.write_text(pack_of(6))
    assert main([*hq, "pack", "publish", str(path)]) == 1
    assert main([*hq, "pack", "publish"]) == 2
    assert main([*hq, "channel", "pilot", "a_b"]) == 2
    assert main([*hq, "channel", "pilot", "0001", "0002"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["boxes"] == ["0001", "0002"]
    assert main([*hq, "pack", "list"]) == 0
