"""`memberbox suggest` on a machine made of files: what is plugged in comes out as config lines."""

import asyncio
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from daemon.commands.suggest import suggest
from daemon.commands.teach import teach
from daemon.commands.vocabulary import vocabulary
from daemon.config import load
from daemon.drivers.registry import DRIVERS
from daemon.drivers.resources import parse_port
from tests.hardware_sim.tag_reader import TagReader

ROOT = Path(__file__).parents[2]
PCI = "pci-0000:00:14.0"


@pytest.fixture(autouse=True)
def share(monkeypatch):
    monkeypatch.setenv("MEMBERBOX_SHARE", str(ROOT / "config"))  # not an older installed copy


class Machine:
    """Roots of /sys and /dev in a folder."""

    def __init__(self, folder: Path) -> None:
        self.sys, self.dev = folder / "sys", folder / "dev"

    def file(self, path: str, text: str) -> None:
        place = self.sys / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text + "\n")

    def link(self, path: str, target: str) -> None:
        place = self.dev / path
        place.parent.mkdir(parents=True, exist_ok=True)
        (self.dev / target).parent.mkdir(parents=True, exist_ok=True)
        (self.dev / target).touch()
        place.symlink_to(self.dev / target)

    def keyboard(self, number: int, port: str, ids: str, name: str) -> None:
        vendor, product = ids.split(":")
        about = f"class/input/event{number}/device"
        self.file(f"{about}/name", name)
        self.file(f"{about}/id/vendor", vendor)
        self.file(f"{about}/id/product", product)
        self.link(f"input/by-path/{port}-event-kbd", f"input/event{number}")

    def hid(self, number: int, ids: str, name: str) -> None:
        vendor, product = ids.upper().split(":")
        words = f"HID_ID=0003:0000{vendor}:0000{product}\nHID_NAME={name}\nHID_PHYS=usb-1.2/input0"
        self.file(f"class/hidraw/hidraw{number}/device/uevent", words)

    def usb(self, place: str, ids: str, product: str, *, serial: str = "") -> Path:
        vendor, number = ids.split(":")
        for name, text in (("idVendor", vendor), ("idProduct", number), ("product", product)):
            self.file(f"devices/{place}/{name}", text)
        if serial:
            self.file(f"devices/{place}/serial", serial)
        return self.sys / "devices" / place

    def node(self, kind: str, name: str, usb: Path) -> None:
        interface = usb / f"{usb.name}:1.0"
        interface.mkdir(exist_ok=True)
        place = self.sys / "class" / kind / name
        place.mkdir(parents=True)
        (place / "device").symlink_to(interface)


def full(folder: Path) -> Machine:
    machine = Machine(folder)
    machine.keyboard(3, f"{PCI}-usb-0:1.1:1.0", "0801:0001", "Mag-Tek USB Swipe Reader")
    machine.keyboard(4, f"{PCI}-usb-0:1.2:1.0", "05f9:2216", "Datalogic Barcode Scanner")
    machine.keyboard(5, f"{PCI}-usb-0:1.3:1.0", "1a2c:0e24", "SEM USB Keyboard")
    machine.keyboard(6, f"{PCI}-usb-0:1.4:1.0", "ffff:0035", "Sycreader RFID Technology Co., Ltd")
    machine.keyboard(0, "platform-i8042-serio-0", "0001:0001", "AT keyboard")
    machine.hid(0, "0801:0002", "Mag-Tek HID")
    machine.hid(1, "046d:c31c", "a mouse")
    machine.usb("1-1.5", "067b:2303", "USB-Serial Controller")
    machine.node("tty", "ttyUSB0", machine.sys / "devices" / "1-1.5")
    machine.link(f"serial/by-path/{PCI}-usb-0:1.5:1.0-port0", "ttyUSB0")
    machine.node("usbmisc", "lp0", machine.usb("1-1.6", "0483:5743", "USB Printer", serial="A1"))
    machine.node("usbmisc", "lp1", machine.usb("1-1.7", "0416:5011", "POS58"))
    machine.link(f"disk/by-path/{PCI}-usb-0:1.8:1.0-scsi-0:0:0:0-part1", "sda1")
    return machine


def test_what_is_plugged_in_is_a_config(tmp_path):
    machine = full(tmp_path)
    answer = suggest(machine.sys, machine.dev)
    assert answer.code == 0
    devices = tomllib.loads("\n".join(answer.lines))["devices"]
    told = [(one["kind"], one["driver"], one.get("profile", "")) for one in devices]
    assert sorted(told) == sorted(
        [
            ("card_reader", "wedge", "magtek-wedge"),
            ("card_reader", "wedge", "rfid-wedge"),
            ("card_reader", "hid_swiper", "magtek-hid"),
            ("scanner", "wedge", ""),
            ("keypad", "wedge", ""),
            ("line_display", "cd5220", ""),
            ("receipt_printer", "escpos", ""),
            ("receipt_printer", "escpos", ""),
            ("stick", "usb_stick", ""),
        ]
    )
    for one in devices:
        made = DRIVERS[one["driver"]]
        assert one["kind"] in {kind.value for kind in made.kinds}
        assert parse_port(one["port"], made.ports)
    text = "\n".join(answer.lines)
    assert "by-path" in text
    assert 'ATTRS{idVendor}=="0801"' in text
    assert 'ATTRS{serial}=="A1"' in text  # a serial number where there is one,
    assert 'KERNELS=="1-1.7"' in text  # else the port
    assert "i8042" not in text
    assert "mouse" not in text


def test_the_lines_stand_in_a_config_as_they_are(tmp_path):
    machine = full(tmp_path)
    lines = "\n".join(suggest(machine.sys, machine.dev).lines)
    head = (ROOT / "config" / "memberbox.example.toml").read_text().split("[[devices]]")[0]
    config = tmp_path / "memberbox.toml"
    config.write_text(head + lines)
    loaded = load(config, vocabulary())
    assert len(loaded.devices) == 9


def test_where_the_packages_udev_rules_are_at_work_nobody_writes_one(tmp_path):
    machine = full(tmp_path)
    machine.link("memberbox/printer-usb-0:1.6:1.0", "lp0")
    machine.link("memberbox/printer-usb-0:1.7:1.0", "lp1")
    machine.link("memberbox/swiper-usb-0:1.2:1.0", "hidraw0")
    lines = suggest(machine.sys, machine.dev).lines
    ports = [one["port"] for one in tomllib.loads("\n".join(lines))["devices"]]
    for name in ("printer-usb-0:1.6:1.0", "printer-usb-0:1.7:1.0", "swiper-usb-0:1.2:1.0"):
        assert any(port.endswith(f"memberbox/{name}") for port in ports), ports
    assert "udev rule" not in "\n".join(lines)


def test_nothing_plugged_in_is_said(tmp_path):
    answer = suggest(tmp_path, tmp_path)
    assert answer.code == 1
    assert "nothing is plugged in" in answer.lines[0]


def test_the_command_from_outside(tmp_path):
    machine = full(tmp_path)
    command = [sys.executable, "-m", "daemon.cli", "suggest", "--json"]
    command += ["--sys", str(machine.sys), "--dev", str(machine.dev)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["devices"]) == 9


# -- teach -------------------------------------------------------------------------------------


def taught(folder: Path, name: str, card: str, *, present: str = "06DEFAE726", wait_s: float = 5.0):
    """Teach while a card is held to a serial reader in another thread's loop."""
    head = (ROOT / "config" / "memberbox.example.toml").read_text().split("[[devices]]")[0]
    port = folder / "tty"
    lines = (
        f'[[devices]]\nname = "tag"\nkind = "card_reader"\ndriver = "serial_rfid"\nport = "{port}"'
    )
    (folder / "memberbox.toml").write_text(f"{head}\n{lines}\n")
    config = load(folder / "memberbox.toml", vocabulary())

    async def scenario():
        device = TagReader("tag", "card_reader", port, 9600)
        device.start()
        work = asyncio.create_task(asyncio.to_thread(teach, config, name, card, wait_s))
        while not work.done():
            await asyncio.sleep(0.05)
            if present and device._pty.is_open():
                device.present(present)
        device.stop()
        return work.result()

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    ("card", "numbers"),
    [
        ("DEFAE726", "10H msb"),
        ("26E7FADE06", "10H lsb as 10H"),
        ("3740985126", "10H msb as 8H-10D"),
    ],
)
def test_a_known_card_teaches_the_reader(card, numbers, tmp_path):
    answer = taught(tmp_path, "tag", card)
    assert answer.code == 0
    assert numbers in answer.data["numbers"]
    assert any(f'numbers = "{each}"' in answer.lines[1] for each in answer.data["numbers"])


def test_another_card_no_card_and_no_reader_are_said(tmp_path):
    assert "Another card?" in taught(tmp_path, "tag", "1111111111").lines[0]
    assert "no card within" in taught(tmp_path, "tag", "1", present="", wait_s=0.3).lines[0]
    assert taught(tmp_path, "nobody", "1", present="").code == 2


def test_a_running_box_has_to_be_stopped_first(tmp_path):
    config = tmp_path / "memberbox.toml"
    head = (ROOT / "config" / "memberbox.example.toml").read_text().split("[[devices]]")[0]
    lines = (
        '[[devices]]\nname = "tag"\nkind = "card_reader"\ndriver = "serial_rfid"\nport = "/none/x"'
    )
    config.write_text(f"{head}\n{lines}\n")
    answer = teach(load(config, vocabulary()), "tag", "1", 0.5)
    assert answer.code == 3
    assert "Stop the box" in answer.lines[0]
