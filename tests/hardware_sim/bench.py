"""The simulated counter: every device with its cable, and the files that go with it."""

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from tests.hardware_sim.box_config import Headquarters, box_toml
from tests.hardware_sim.demo_shop import DemoShop
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


class Device(Protocol):
    """What the bench asks of every device."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def plugged(self) -> bool: ...
    @property
    def faults(self) -> Mapping[str, str]: ...
    @property
    def active_faults(self) -> list[str]: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def fault(self, name: str) -> None: ...


class FolderTakenError(Exception):
    """Another bench runs in this folder."""


class Bench:
    """All devices in one folder; start() before use, stop() at the end."""

    def __init__(self, folder: Path, *, every: bool = False) -> None:
        self.folder = folder
        self._lock = -1
        lines = folder / "tty"
        serial_printer = Pty(lines / "printer_serial", 115200)
        self.devices: tuple[Device, ...] = (
            Wedge("swiper", "card_reader", folder / "swiper"),
            Wedge("scanner", "scanner", folder / "scanner"),
            Wedge("keypad", "keypad", folder / "keypad"),
            SerialSwiper("swiper_serial", lines / "swiper_serial", 9600),
            Display("pole", lines / "pole", 9600, "cd5220"),
            Display("clerk", lines / "clerk", 9600, "cd5220"),
            Display("led", lines / "led", 2400, "led8n"),
            PrinterDevice("printer", TcpPort(folder / "printer.port"), 32, has_drawer=True),
            PrinterDevice("printer_serial", serial_printer, 48, has_drawer=False),
            Stick("stick", folder / "stick"),
        )
        if every:
            self.devices += self._others(lines)

    def _others(self, lines: Path) -> tuple[Device, ...]:
        """The devices that a counter has instead of, not beside, those above."""
        return (
            HidSwiper("swiper_hid", self.folder / "swiper_hid"),
            Msr605("swiper_msr", lines / "swiper_msr", 9600),
            Wedge("tag", "card_reader", self.folder / "tag"),
            TagReader("tag_serial", "card_reader", lines / "tag_serial", 9600),
            SerialScanner("scanner_serial", "scanner", lines / "scanner_serial", 9600),
            Display("pole_dmd", lines / "pole_dmd", 9600, "dm-d"),
            Display("pole_utc", lines / "pole_utc", 9600, "utc"),
            Display("pole_aedex", lines / "pole_aedex", 9600, "aedex"),
            Speaker("speaker", self.folder / "speaker"),
        )

    @property
    def socket_path(self) -> Path:
        return self.folder / "bench.sock"

    def start(self) -> None:
        """Plug everything in. Raises FolderTakenError and OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.folder / "bench.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise FolderTakenError(
                f"{self.folder}: another bench runs in this folder. End it or choose another --dir."
            ) from error
        for device in self.devices:
            device.start()

    def stop(self) -> None:
        """Pull everything out; paper, stick and files stay."""
        for device in self.devices:
            device.stop()
        os.close(self._lock)

    def write_files(self, config: Path, hq: Headquarters) -> None:
        """Write the shop's CSV files and the box config. The devices must be started."""
        shop = DemoShop()
        shop.write_csv(self.folder)
        config.parent.mkdir(parents=True, exist_ok=True)
        text = box_toml(self.folder, shop, self._config_rows(), hq)
        config.write_text(text, encoding="utf-8")

    def _config_rows(self) -> list[dict[str, object]]:
        """The [[devices]] of the box config, in the order of the bench."""
        more: dict[str, dict[str, object]] = {
            "swiper_serial": {"baud": 9600},
            "pole": {"baud": 9600, "role": "customer"},
            "clerk": {"baud": 9600, "role": "clerk"},
            "led": {"baud": 2400, "role": "customer"},
            "printer": {"columns": 32, "role": "receipts"},
            "printer_serial": {"baud": 115200, "columns": 48, "role": "spare"},
            "tag": {"profile": "rfid-wedge"},
            "pole_dmd": {"role": "customer", "profile": "dm-d"},
            "pole_utc": {"role": "customer", "profile": "utc"},
            "pole_aedex": {"role": "customer", "profile": "aedex"},
        }
        drivers = {
            "swiper_serial": "serial_swiper",
            "pole": "cd5220",
            "clerk": "cd5220",
            "led": "led8n",
            "printer": "escpos",
            "printer_serial": "escpos",
            "stick": "folder",
            "swiper_hid": "hid_swiper",
            "swiper_msr": "msr605",
            "tag_serial": "serial_rfid",
            "scanner_serial": "serial_scanner",
            "pole_dmd": "text_pole",
            "pole_utc": "text_pole",
            "pole_aedex": "text_pole",
            "speaker": "speaker",
        }
        rows: list[dict[str, object]] = []
        for device in self.devices:
            driver = drivers.get(device.name, "wedge")
            piped = driver in ("wedge", "hid_swiper", "speaker")
            port = f"pipe:{device.path}" if piped else device.path
            row = {"name": device.name, "kind": device.kind, "driver": driver, "port": port}
            rows.append(row | more.get(device.name, {}))
        drawer = {"name": "drawer", "kind": "cash_drawer", "driver": "printer_kick"}
        stick = [row["name"] for row in rows].index("stick")
        return [*rows[:stick], {**drawer, "printer": "printer"}, *rows[stick:]]
