"""How each driver of a line display is made from its settings."""

from collections.abc import Callable

from msgspec.structs import replace

from daemon.drivers.kinds import Driver
from daemon.drivers.pole import PoleDisplay
from daemon.drivers.pole_on_printer import PoleOnPrinter
from daemon.drivers.profiles import Cd5220Profile, Led8nProfile, TextPoleProfile
from daemon.drivers.reader_settings import Link
from daemon.drivers.resources import PrinterPort
from daemon.drivers.setting import Setting, line_of, link_of
from daemon.drivers.wire import cd5220, led8n, text_pole
from daemon.paper import Pole


def make_cd5220(setting: Setting) -> Driver:
    profile = setting.profile
    assert isinstance(profile, Cd5220Profile)
    columns = setting.config.columns or profile.columns
    return _pole(
        setting,
        profile.link,
        cd5220.INIT,
        lambda pole: cd5220.frame(pole.lines, columns),
        columns,
    )


def make_led8n(setting: Setting) -> Driver:
    profile = setting.profile
    assert isinstance(profile, Led8nProfile)
    return _pole(
        setting,
        profile.link,
        led8n.INIT,
        lambda pole: led8n.frame(pole, profile.digits),
        profile.digits,
    )


def make_text_pole(setting: Setting) -> Driver:
    """A display of its own, or one behind a printer."""
    profile = setting.profile
    assert isinstance(profile, TextPoleProfile)
    speech, columns = profile.speech(), setting.config.columns or profile.columns
    if isinstance(setting.port, PrinterPort):
        name = setting.port.name
        own_part = replace(speech, init=speech.init.replace(text_pole.TO_DISPLAY, b""))
        return PoleOnPrinter(
            setting.printers[name], name, setting.reporter, speech=own_part, columns=columns
        )
    return _pole(
        setting,
        profile.link,
        speech.init,
        lambda pole: text_pole.frame(pole.lines, speech, columns),
        columns,
    )


def _pole(
    setting: Setting, link: Link, init: bytes, frame: Callable[[Pole], bytes], columns: int
) -> PoleDisplay:
    link = link_of(setting, link)
    return PoleDisplay(
        line_of(setting, link),
        setting.reporter,
        init=init,
        frame=frame,
        columns=columns,
        link=link,
    )
