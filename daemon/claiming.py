"""设备认领: devices that are plugged in and not in the config, found by what a person does.

A swipe, a scan or a key tells what a new keyboard-like device is; a printer or a stick tells by
itself. The lines go into the config when it can be written and stays right, and on paper anyway;
they hold from the next start. What was swiped or scanned is looked at once and kept nowhere.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from daemon import config_claimed
from daemon.config import Config, refused_claims
from daemon.devices import DeviceConfig
from daemon.drivers.devices import Devices
from daemon.drivers.plugged import Found, look
from daemon.drivers.profiles import load_profile, profile_names
from daemon.errors import DeviceError
from daemon.events import CodeScanned, DeviceEvent, DeviceKind

CLAIM_S = 60.0  # to walk round the counter and touch every new device
TRACK_MARKS = "%;+?"  # sentinels of ISO/IEC 7811; no barcode of goods holds one
SCANNED_CHARS_MIN = 6  # the shortest barcode in trade is an EAN-8; a key is one character
ASKED = ("请刷任意会员卡 / swipe any member card", "请扫任意条码 / scan any barcode")


class Claimed(msgspec.Struct, frozen=True):
    """`kind`: None while nobody has touched it."""

    found: Found
    kind: DeviceKind | None


def unclaimed(config: Config, share: Path, sys: Path, dev: Path) -> list[Found]:
    """Return what is plugged in and no device of the config."""
    profiles = []
    for name in profile_names(share):
        with suppress(DeviceError):  # a broken profile is named when a device asks for it
            profiles.append((name, load_profile(share, name)))
    known = {device.port for device in config.devices}
    return [found for found in look(sys, dev, profiles) if found.port not in known]


async def claim(
    found: Sequence[Found],
    *,
    ours: Callable[[str], bool],
    share: Path,
    jitter: Callable[[], float],
    within_s: float = CLAIM_S,
) -> list[Claimed]:
    """Listen to what types until all of it was touched. `ours`: whether a number is a card's."""
    typing = {f"new{n}": one for n, one in enumerate(found) if one.driver == "wedge"}
    seen: dict[str, DeviceKind] = {}
    touched = asyncio.Event()

    def heard(name: str, event: DeviceEvent) -> None:
        if isinstance(event, CodeScanned):
            seen.setdefault(name, kind_of(event.code, ours=ours))
            if seen.keys() >= typing.keys():
                touched.set()

    configs = [
        DeviceConfig(name, DeviceKind.SCANNER, "wedge", one.port) for name, one in typing.items()
    ]
    devices = Devices(configs, emit=heard, jitter=jitter, share=share)
    await devices.start()
    try:
        async with asyncio.timeout(within_s if typing else 0):
            await touched.wait()
    except TimeoutError:
        pass  # what nobody touched stays unclaimed
    finally:
        await devices.stop()
    by_port = {typing[name].port: kind for name, kind in seen.items()}
    return [
        Claimed(one, by_port.get(one.port) if one.driver == "wedge" else one.kind) for one in found
    ]


def kind_of(typed: str, *, ours: Callable[[str], bool]) -> DeviceKind:
    """Return what typed this: a swiper its track, a scanner a code, a keypad a key."""
    if any(mark in typed for mark in TRACK_MARKS) or ours(typed):
        return DeviceKind.CARD_READER
    return DeviceKind.SCANNER if len(typed) >= SCANNED_CHARS_MIN else DeviceKind.KEYPAD


def lines_of(claimed: Sequence[Claimed], config: Config) -> list[str]:
    """Return the lines of the config for what was claimed."""
    taken = {device.name for device in config.devices}
    lines = []
    for one in claimed:
        if one.kind is None:
            continue
        name = next(name for n in range(1, 100) if (name := f"{one.kind.value}{n}") not in taken)
        taken.add(name)
        lines += ["", f"# {one.found.what}", *(f"# {note}" for note in one.found.notes)]
        lines += ["[[devices]]", f'name = "{name}"', f'kind = "{one.kind.value}"']
        lines += [f'driver = "{one.found.driver}"', f'port = "{one.found.port}"']
        if one.found.profile:
            lines.append(f'profile = "{one.found.profile}"')
    return lines


def write(path: Path, state_dir: Path, lines: Sequence[str]) -> str:
    """Add the lines to what was claimed before, as a whole, or not at all; return why not.

    The config itself stays as it is: an installed box may not write it.
    """
    if not lines:
        return "nothing was claimed"
    before = config_claimed.text_of(state_dir).rstrip("\n")
    text = f"{before}\n{chr(10).join(lines)}\n".lstrip("\n")
    wrong = refused_claims(path, text)
    if wrong:
        return "; ".join(map(str, wrong))
    try:
        config_claimed.write(state_dir, text)
    except OSError as error:
        return str(error)
    return ""
