"""What one model of a reader needs, as data of `devices/*.toml`. See profiles.py."""

from enum import StrEnum

import msgspec

from daemon.devices import DeviceConfig
from daemon.drivers.transport import Flow
from daemon.drivers.wire.readings import Habits
from daemon.drivers.wire.rfid import parse


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The line. A network printer ignores baud and flow."""

    baud: int = 9600
    flow: Flow = Flow.NONE
    stall_s: float = 5.0  # no byte taken for so long: stuck. Printers feed and cut for up to 3


class Ends(StrEnum):
    """What ends a swipe at a keyboard wedge."""

    GAP = "gap"  # a pause: safe for every reader
    ENTER = "enter"  # the reader sends Enter once, behind the last track


class CardTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[card]` of a profile: what a reader puts around a card, and how it writes numbers."""

    prefix: str = ""
    suffix: str = ""
    lrc: bool = False
    numbers: str = ""  # "8H-10D lsb": readers without contact; the config's `numbers` wins

    def habits(self, config: DeviceConfig) -> Habits:
        """Raises ValueError for numbers that are no format."""
        numbers = config.numbers or self.numbers
        return Habits(self.prefix, self.suffix, self.lrc, parse(numbers) if numbers else None)


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="driver"):
    """What every profile of a reader has. `ids`: VID:PID, for `memberbox suggest`."""

    model: str = ""
    source: str = ""
    ids: tuple[str, ...] = ()


class WedgeProfile(Model, frozen=True, forbid_unknown_fields=True, tag="wedge"):
    kind: str = ""  # what `memberbox suggest` takes it for
    ends: Ends = Ends.GAP
    card: CardTable = CardTable()


class HidProfile(Model, frozen=True, forbid_unknown_fields=True, tag="hid_swiper"):
    card: CardTable = CardTable()


class SwiperProfile(Model, frozen=True, forbid_unknown_fields=True, tag="serial_swiper"):
    link: Link = Link()
    card: CardTable = CardTable()


class Msr605Profile(Model, frozen=True, forbid_unknown_fields=True, tag="msr605"):
    link: Link = Link()
    card: CardTable = CardTable()
    raw: bool = False  # decode the stripe here: for cards that follow no standard


class RfidProfile(Model, frozen=True, forbid_unknown_fields=True, tag="serial_rfid"):
    link: Link = Link()
    card: CardTable = CardTable(numbers="10H msb as 8H-10D")


class ScannerProfile(Model, frozen=True, forbid_unknown_fields=True, tag="serial_scanner"):
    link: Link = Link()


ReaderProfile = (
    WedgeProfile | HidProfile | SwiperProfile | Msr605Profile | RfidProfile | ScannerProfile
)
