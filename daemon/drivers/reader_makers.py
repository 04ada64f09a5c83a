"""How each driver of a reader, scanner or keypad is made from its settings.

What few counters have is imported where it is made: a box that has none holds none of it.
"""

from collections.abc import Callable
from functools import partial

from daemon.devices import DeviceConfig
from daemon.drivers.keyboard import key_code
from daemon.drivers.kinds import Driver
from daemon.drivers.reader_settings import (
    Ends,
    HidProfile,
    Link,
    Msr605Profile,
    RfidProfile,
    ScannerProfile,
    SwiperProfile,
    WedgeProfile,
)
from daemon.drivers.resources import HidrawPort, InputPort, PipePort
from daemon.drivers.serial_reader import SerialReader
from daemon.drivers.setting import Setting, line_of, link_of
from daemon.drivers.wedge import Wedge
from daemon.drivers.wire.frames import Frames, LineDecoder
from daemon.drivers.wire.magtek_serial import FrameDecoder
from daemon.drivers.wire.readings import CardReading, CodeReading, Reading
from daemon.drivers.wire.wedge_events import BurstTaker, KeyTaker, Taker
from daemon.events import DeviceKind


def make_wedge(setting: Setting) -> Driver:
    assert isinstance(setting.port, PipePort | InputPort)
    assert isinstance(setting.profile, WedgeProfile)
    taker = taker_for(setting.config, setting.profile)
    return Wedge(setting.port, taker, setting.reporter)


def make_hid(setting: Setting) -> Driver:
    from daemon.drivers.hid_swiper import HidSwiper

    profile = setting.profile
    assert isinstance(setting.port, HidrawPort | PipePort)
    assert isinstance(profile, HidProfile)
    reading = CardReading(profile.card.habits(setting.config))
    return HidSwiper(setting.port, profile.ids, reading, setting.reporter)


def make_swiper(setting: Setting) -> Driver:
    profile = setting.profile
    assert isinstance(profile, SwiperProfile)
    reading = CardReading(profile.card.habits(setting.config))
    return _serial(setting, profile.link, FrameDecoder, reading)


def make_msr605(setting: Setting) -> Driver:
    from daemon.drivers.wire.msr605 import Msr605Decoder

    profile = setting.profile
    assert isinstance(profile, Msr605Profile)
    reading = CardReading(profile.card.habits(setting.config))
    return _serial(setting, profile.link, partial(Msr605Decoder, raw=profile.raw), reading)


def make_rfid(setting: Setting) -> Driver:
    from daemon.drivers.wire.em_serial import EmDecoder

    profile = setting.profile
    assert isinstance(profile, RfidProfile)
    reading = CardReading(profile.card.habits(setting.config))
    return _serial(setting, profile.link, EmDecoder, reading)


def make_scanner(setting: Setting) -> Driver:
    profile = setting.profile
    assert isinstance(profile, ScannerProfile)
    reading = CodeReading(setting.config.member_qr)
    return _serial(setting, profile.link, LineDecoder, reading)


def _serial(
    setting: Setting, link: Link, frames: Callable[[], Frames], reading: Reading
) -> SerialReader:
    link = link_of(setting, link)
    return SerialReader(
        line_of(setting, link),
        setting.reporter,
        frames=frames,
        reading=reading,
        stall_s=link.stall_s,
    )


def taker_for(config: DeviceConfig, profile: WedgeProfile) -> Taker:
    """Return what makes events of this wedge's keys."""
    match config.kind:
        case DeviceKind.KEYPAD:
            codes = {key_code(name): key for name, key in config.keys}
            return KeyTaker({code: key for code, key in codes.items() if code is not None})
        case DeviceKind.SCANNER:
            return BurstTaker(CodeReading(config.member_qr), ends_at_terminator=True)
        case _:
            reading = CardReading(profile.card.habits(config))
            return BurstTaker(reading, ends_at_terminator=profile.ends is Ends.ENTER)
