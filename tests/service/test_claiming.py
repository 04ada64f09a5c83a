"""Devices that are not in the config: what a person does to them says what they are."""

import asyncio
import re

import pytest

from daemon import config as configs
from daemon.claiming import Claimed, claim, kind_of, lines_of, write
from daemon.config_claimed import FILE
from daemon.drivers.plugged import Found
from daemon.events import DeviceKind
from tests.config.test_config import EXAMPLE
from tests.hardware_sim.wedges import Wedge

CARD = "8800000000018"


def ours(number: str) -> bool:
    return number.startswith("88000000") and len(number) == 13


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        (f";{CARD}?", DeviceKind.CARD_READER),
        ("%B6222021234567890123^A/B^2512?", DeviceKind.CARD_READER),
        (CARD, DeviceKind.CARD_READER),  # a swiper that leaves the sentinels out
        ("6901234100044", DeviceKind.SCANNER),
        ("96385074", DeviceKind.SCANNER),
        ("7", DeviceKind.KEYPAD),
    ],
)
def test_what_was_typed_tells_the_device(typed: str, kind: DeviceKind):
    assert kind_of(typed, ours=ours) is kind


def test_a_swipe_and_a_scan_tell_two_strangers_apart_and_the_third_stays_unclaimed(tmp_path):
    async def walk() -> list[Claimed]:
        wedges = [Wedge(name, "scanner", tmp_path / name) for name in ("a", "b", "c")]
        for wedge in wedges:
            wedge.start()
        found = [
            *(Found(DeviceKind.KEYPAD, "wedge", f"pipe:{one.path}", one.name) for one in wedges),
            Found(DeviceKind.STICK, "usb_stick", "/dev/disk/by-path/x-part1", "USB stick"),
        ]
        task = asyncio.create_task(
            claim(found, ours=ours, share=configs_share(), jitter=lambda: 0.0, within_s=2.0)
        )
        await asyncio.sleep(0.5)  # the pipes are opened
        await wedges[0].type_text(f";{CARD}?\r")
        await wedges[1].type_text("6901234100044\r")
        claimed = await task
        for wedge in wedges:
            wedge.stop()
        return claimed

    claimed = asyncio.run(walk())
    kinds = [one.kind for one in claimed]
    assert kinds == [DeviceKind.CARD_READER, DeviceKind.SCANNER, None, DeviceKind.STICK]
    assert CARD not in repr(claimed)


def configs_share():
    return EXAMPLE.parent


def test_the_lines_go_beside_the_journal_as_a_whole_and_only_when_the_config_stays_right(tmp_path):
    path, state = _installed(tmp_path)
    untouched = path.read_bytes()
    config = configs.load(path)
    taken = next(iter(config.devices))
    new = Found(taken.kind, "wedge", "/dev/input/by-path/new-event-kbd", "a new one", notes=("n",))
    lines = lines_of([Claimed(new, DeviceKind.SCANNER), Claimed(new, None)], config)
    assert write(path, state, lines) == ""
    after = configs.load(path)
    (added,) = [one for one in after.devices if one.port == new.port]
    assert (added.kind, added.driver) == (DeviceKind.SCANNER, "wedge")
    assert added.name not in {one.name for one in config.devices}
    text = (state / FILE).read_text()
    assert write(path, state, ["[[devices]]", 'name = "bad"', 'port = "/dev/ttyUSB0"']) != ""
    assert (state / FILE).read_text() == text
    assert path.read_bytes() == untouched
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert write(path, state, []) == "nothing was claimed"


def test_the_technicians_file_goes_before_what_was_claimed(tmp_path):
    path, state = _installed(tmp_path)
    own = {one.port for one in configs.load(path).devices}
    lines = ["[[devices]]", 'name = "scanner9"', 'kind = "scanner"', 'driver = "wedge"']
    lines.append('port = "/dev/input/by-path/new-event-kbd"')
    assert write(path, state, lines) == ""
    assert {one.port for one in configs.load(path).devices} - own == {lines[-1].split('"')[1]}
    path.write_text(f"{path.read_text()}\n" + "\n".join(lines).replace("scanner9", "till"))
    named = [one.name for one in configs.load(path).devices if one.port not in own]
    assert named == ["till"]


@pytest.mark.parametrize(
    "damage", [b"\xff", b"[[devices", b"devices = 7", b"[[devices]]\nname = 7\n"]
)
def test_a_damaged_file_of_claims_costs_the_claims_alone(tmp_path, damage):
    path, state = _installed(tmp_path)
    before = configs.load(path)
    (state / FILE).write_bytes(damage)
    assert configs.load(path) == before


def _installed(folder):
    """A config in a folder that nobody writes to, whose state lies elsewhere."""
    path, state = folder / "etc" / "memberbox.toml", folder / "state"
    path.parent.mkdir()
    state.mkdir()
    text = re.sub(
        r"^#? ?state_dir = .*$", f'state_dir = "{state}"', EXAMPLE.read_text(), flags=re.M
    )
    assert str(state) in text
    path.write_text(text)
    return path, state
