"""Captures of devices, replayed: what lies there must go on meaning what it says."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from daemon.devices import DeviceConfig
from daemon.drivers.profiles import Profile, load_profile
from daemon.drivers.reader_makers import taker_for
from daemon.drivers.reader_settings import (
    HidProfile,
    Msr605Profile,
    RfidProfile,
    SwiperProfile,
    WedgeProfile,
)
from daemon.drivers.registry import DRIVERS
from daemon.drivers.wire.em_serial import EmDecoder
from daemon.drivers.wire.frames import Frames
from daemon.drivers.wire.hid_report import read_report
from daemon.drivers.wire.magtek_serial import FrameDecoder
from daemon.drivers.wire.msr605 import Msr605Decoder
from daemon.drivers.wire.readings import CardReading
from daemon.drivers.wire.wedge import Burst
from daemon.events import CardRefused, CardSwiped, CodeScanned, DeviceKind, InputEvent
from tests.contract.counter import SHARE
from tests.drivers.typing import feed

FOLDER = Path(__file__).parents[1] / "hardware_sim" / "captures"
CAPTURES = sorted(path.parent.name for path in FOLDER.glob("*/capture.toml"))
PROVENANCE = ("maker", "model", "firmware", "settings", "taken", "driver")


def capture(name):
    return tomllib.loads((FOLDER / name / "capture.toml").read_text())


@pytest.mark.parametrize("name", CAPTURES)
def test_where_it_comes_from_is_said(name):
    about = capture(name)
    assert all(isinstance(about[key], str) and about[key] for key in PROVENANCE)
    assert isinstance(about["date"], date)
    assert about["swipes"]


@pytest.mark.parametrize("name", CAPTURES)
def test_it_means_what_it_says(name):
    about = capture(name)
    profile = profile_of(about)
    for swipe in about["swipes"]:
        told = [event for event in replayed(about, profile, swipe) if event is not None]
        assert [words(event) for event in told] == swipe["events"], swipe["what"]


def profile_of(about) -> Profile:
    if "profile" in about:
        return load_profile(SHARE, about["profile"])
    known = DRIVERS[about["driver"]].profile
    assert known is not None
    return known


def replayed(about, profile, swipe) -> list[InputEvent | None]:
    kind = DeviceKind(about.get("kind", "card_reader"))
    config = DeviceConfig("it", kind, about["driver"], "/x")
    if isinstance(profile, WedgeProfile):
        return [*feed(taker_for(config, profile), keys(swipe["keys"]))]
    reading = CardReading(profile.card.habits(config))
    if isinstance(profile, HidProfile):
        report = read_report(bytes.fromhex("".join(swipe["report"].split())))
        return [reading.read(report.burst, 0)]
    frames = decoder(profile)
    data = bytes.fromhex("".join(swipe["bytes"].split()))
    bursts: list[Burst] = []
    for byte in data:
        bursts += frames.feed(bytes([byte]), 0)
    return [reading.read(burst, 0) for burst in bursts]


def decoder(profile: Profile) -> Frames:
    match profile:
        case SwiperProfile():
            return FrameDecoder()
        case Msr605Profile():
            return Msr605Decoder(raw=profile.raw)
        case RfidProfile():
            return EmDecoder()
    raise AssertionError(profile)


def keys(text: str) -> list[tuple[int, int, int]]:
    """`42+` is key 42 down, `42-` up."""
    return [(1, int(key[:-1]), int(key[-1] == "+")) for key in text.split()]


def words(event: InputEvent) -> str:
    match event:
        case CardSwiped(number):
            return f"CardSwiped {number}"
        case CardRefused(code) | CodeScanned(code):
            return f"{type(event).__name__} {code}"
    raise AssertionError(event)
