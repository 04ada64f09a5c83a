"""One rig per driver: the simulated device that belongs to it, and how it is configured."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from daemon.devices import DeviceConfig
from daemon.events import DeviceKind
from tests.hardware_sim.displays import Display
from tests.hardware_sim.hid_swiper import HidSwiper
from tests.hardware_sim.msr605 import Msr605
from tests.hardware_sim.printers import PrinterDevice
from tests.hardware_sim.ptys import Pty
from tests.hardware_sim.serial_swiper import SerialSwiper
from tests.hardware_sim.speaker import Speaker
from tests.hardware_sim.stick import Stick
from tests.hardware_sim.tag_reader import SerialScanner, TagReader
from tests.hardware_sim.tcp import TcpPort
from tests.hardware_sim.wedges import Wedge


class Plugged(Protocol):
    """What every simulated device has."""

    @property
    def path(self) -> str: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def fault(self, name: str) -> None: ...


@dataclass(frozen=True)
class Rig:
    """How one driver is put on the bench. `make` is called in a running loop."""

    kind: DeviceKind
    driver: str
    make: Callable[[Path], Plugged]
    pipe: bool = False
    columns: int | None = None
    profile: str = ""

    def config(self, device: Plugged) -> DeviceConfig:
        """The device as a box config has it; every one is called `it`."""
        port = f"pipe:{device.path}" if self.pipe else device.path
        return DeviceConfig(
            "it", self.kind, self.driver, port, columns=self.columns, profile=self.profile
        )


def tty(folder: Path, baud: int) -> Pty:
    return Pty(folder / "tty", baud)


class LpPrinter(PrinterDevice):
    """A printer whose node stands where the kernel's usblp would put it."""

    @property
    def path(self) -> str:
        return f"usblp:{super().path}"


RIGS = {
    "swiper": Rig(
        DeviceKind.CARD_READER, "wedge", lambda at: Wedge("it", "card_reader", at / "w"), True
    ),
    "swiper_serial": Rig(
        DeviceKind.CARD_READER, "serial_swiper", lambda at: SerialSwiper("it", at / "tty", 9600)
    ),
    "swiper_hid": Rig(
        DeviceKind.CARD_READER, "hid_swiper", lambda at: HidSwiper("it", at / "w"), True
    ),
    "swiper_idtech": Rig(
        DeviceKind.CARD_READER, "hid_swiper", lambda at: HidSwiper("it", at / "w", "idtech"), True
    ),
    "swiper_msr": Rig(DeviceKind.CARD_READER, "msr605", lambda at: Msr605("it", at / "tty", 9600)),
    "tag_serial": Rig(
        DeviceKind.CARD_READER,
        "serial_rfid",
        lambda at: TagReader("it", "card_reader", at / "tty", 9600),
    ),
    "scanner_serial": Rig(
        DeviceKind.SCANNER,
        "serial_scanner",
        lambda at: SerialScanner("it", "scanner", at / "tty", 9600),
    ),
    "scanner": Rig(DeviceKind.SCANNER, "wedge", lambda at: Wedge("it", "scanner", at / "w"), True),
    "keypad": Rig(DeviceKind.KEYPAD, "wedge", lambda at: Wedge("it", "keypad", at / "w"), True),
    "printer": Rig(
        DeviceKind.RECEIPT_PRINTER,
        "escpos",
        lambda _: PrinterDevice("it", TcpPort(), 32, has_drawer=True),
        columns=32,
    ),
    "printer_usblp": Rig(
        DeviceKind.RECEIPT_PRINTER,
        "escpos",
        lambda at: LpPrinter("it", tty(at, 9600), 48, has_drawer=False),
        columns=48,
    ),
    "printer_serial": Rig(
        DeviceKind.RECEIPT_PRINTER,
        "escpos",
        lambda at: PrinterDevice("it", tty(at, 9600), 48, has_drawer=False),
        columns=48,
    ),
    "pole": Rig(
        DeviceKind.LINE_DISPLAY, "cd5220", lambda at: Display("it", at / "tty", 9600, "cd5220")
    ),
    "led": Rig(
        DeviceKind.LINE_DISPLAY, "led8n", lambda at: Display("it", at / "tty", 2400, "led8n")
    ),
    "dm-d": Rig(
        DeviceKind.LINE_DISPLAY,
        "text_pole",
        lambda at: Display("it", at / "tty", 9600, "dm-d"),
        profile="dm-d",
    ),
    "utc": Rig(
        DeviceKind.LINE_DISPLAY,
        "text_pole",
        lambda at: Display("it", at / "tty", 9600, "utc"),
        profile="utc",
    ),
    "aedex": Rig(
        DeviceKind.LINE_DISPLAY,
        "text_pole",
        lambda at: Display("it", at / "tty", 9600, "aedex"),
        profile="aedex",
    ),
    "speaker": Rig(DeviceKind.BEEPER, "speaker", lambda at: Speaker("it", at / "spkr"), True),
    "stick": Rig(DeviceKind.STICK, "folder", lambda at: Stick("it", at / "stick")),
}
