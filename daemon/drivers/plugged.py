"""What is plugged in, by the kernel's own words: devices as they may stand in a config.

Identity: the USB port first (by-path: what is plugged in there), then the serial number (by-id),
then VID:PID, which many readers share. Reads /sys and /dev, opens no device.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from daemon.drivers.profiles import Profile
from daemon.drivers.reader_settings import HidProfile, WedgeProfile
from daemon.events import DeviceKind

SMALL_FILE_BYTES = 4096  # sysfs gives a page at most


class Found(msgspec.Struct, frozen=True):
    """One device; `notes` are for the person who reads the lines."""

    kind: DeviceKind
    driver: str
    port: str
    what: str
    profile: str = ""
    notes: tuple[str, ...] = ()


def look(sys: Path, dev: Path, profiles: Sequence[tuple[str, Profile]]) -> list[Found]:
    """Return what is plugged in, in a stable order."""
    found = [
        *_keyboards(sys, dev, profiles),
        *_hid(sys, dev, profiles),
        *_serial(sys, dev),
        *_printers(sys, dev),
        *_sticks(dev),
    ]
    return sorted(found, key=lambda each: (each.kind, each.port))


def _keyboards(sys: Path, dev: Path, profiles: Sequence[tuple[str, Profile]]) -> Iterator[Found]:
    for link in sorted((dev / "input" / "by-path").glob("*-event-kbd")):
        if "usb" not in link.name:
            continue  # the power button
        about = sys / "class" / "input" / link.resolve().name / "device"
        ids = f"{_read(about / 'id' / 'vendor')}:{_read(about / 'id' / 'product')}"
        name = _read(about / "name") or "keyboard"
        profile = _profile_for(ids, profiles, WedgeProfile)
        kind = _kind_by(name, profile[1] if profile else None)
        notes = () if profile or kind is not DeviceKind.CARD_READER else (_TEACH,)
        yield Found(
            kind, "wedge", str(link), f"{name} ({ids})", profile[0] if profile else "", notes
        )


def _hid(sys: Path, dev: Path, profiles: Sequence[tuple[str, Profile]]) -> Iterator[Found]:
    for node in sorted((sys / "class" / "hidraw").glob("hidraw*")):
        about = _read(node / "device" / "uevent")
        match = re.search(r"^HID_ID=\w+:0*([0-9A-F]{4}):0*([0-9A-F]{4})$", about, re.MULTILINE)
        if match is None:
            continue
        ids = f"{match[1]}:{match[2]}".lower()
        profile = _profile_for(ids, profiles, HidProfile)
        if profile is None:
            continue
        name = re.search(r"^HID_NAME=(.*)$", about, re.MULTILINE)
        phys = re.search(r"^HID_PHYS=(.*)$", about, re.MULTILINE)
        port = _named(dev, "swiper-", node.name)
        rules: tuple[str, ...] = ()
        if port is None:  # the package's own rule does not know this reader
            port = dev / "memberbox" / "swiper"
            rules = (
                f'udev rule: SUBSYSTEM=="hidraw", ATTRS{{idVendor}}=="{match[1].lower()}", '
                f'ATTRS{{idProduct}}=="{match[2].lower()}", GROUP="memberbox", '
                'SYMLINK+="memberbox/swiper"',
            )
        where = f"plugged in at {phys[1]}" if phys else "where it is plugged in is not told"
        what = f"{name[1] if name else node.name} ({ids})"
        kind = DeviceKind.CARD_READER
        yield Found(kind, "hid_swiper", str(port), what, profile[0], (*rules, where))


def _named(dev: Path, prefix: str, node: str) -> Path | None:
    """Return the stable name that the package's udev rule has given a node."""
    links = sorted((dev / "memberbox").glob(f"{prefix}*"))
    return next((link for link in links if link.resolve().name == node), None)


def _serial(sys: Path, dev: Path) -> Iterator[Found]:
    links = sorted((dev / "serial" / "by-path").glob("*"))
    for link in links or sorted((dev / "serial" / "by-id").glob("*")):
        usb = _usb_of(sys / "class" / "tty" / link.resolve().name / "device")
        what = f"{_read(usb / 'product') or 'serial line'} ({_ids(usb)})" if usb else "serial line"
        notes = (
            "a serial line does not say what hangs on it: escpos, cd5220, led8n, text_pole, "
            "serial_swiper, msr605, serial_rfid or serial_scanner; never tried out by the box",
        )
        yield Found(DeviceKind.LINE_DISPLAY, "cd5220", str(link), what, "", notes)


def _printers(sys: Path, dev: Path) -> Iterator[Found]:
    for node in sorted((sys / "class" / "usbmisc").glob("lp*")):
        usb = _usb_of(node / "device")
        name = (usb.name if usb else node.name).replace(":", "-")
        serial = _read(usb / "serial") if usb else ""
        same = f'ATTRS{{serial}}=="{serial}"' if serial else f'KERNELS=="{name}"'
        link = _named(dev, "printer-", node.name)
        notes: tuple[str, ...] = (f"at USB port {name}",)
        if link is None:  # the package's own rule is not at work here
            link = dev / "memberbox" / "printer"
            rule = f'udev rule: SUBSYSTEM=="usbmisc", {same}, SYMLINK+="memberbox/printer"'
            notes = (rule, *notes)
        product = _read(usb / "product") if usb else ""
        what = f"{product or 'USB printer'} ({_ids(usb)})" if usb else "USB printer"
        kind = DeviceKind.RECEIPT_PRINTER
        yield Found(kind, "escpos", f"usblp:{link}", what, "", notes)


def _sticks(dev: Path) -> Iterator[Found]:
    for link in sorted((dev / "disk" / "by-path").glob("*usb*-part1")):
        yield Found(DeviceKind.STICK, "usb_stick", str(link), "USB stick")


_TEACH = "a reader without contact? memberbox teach NAME CARD finds how it writes numbers"


def _kind_by(name: str, profile: Profile | None) -> DeviceKind:
    """Return what a keyboard is taken for: by its profile, else by its name; people correct it."""
    told = profile.kind if isinstance(profile, WedgeProfile) else ""
    if told:
        return DeviceKind(told)
    lower = name.lower()
    if any(word in lower for word in ("scan", "barcode", "symbol", "honeywell", "datalogic")):
        return DeviceKind.SCANNER
    if any(word in lower for word in ("swip", "magtek", "card", "msr", "rfid", "reader")):
        return DeviceKind.CARD_READER
    return DeviceKind.KEYPAD


def _profile_for(
    ids: str, profiles: Sequence[tuple[str, Profile]], kind: type[WedgeProfile] | type[HidProfile]
) -> tuple[str, Profile] | None:
    for name, profile in profiles:
        if isinstance(profile, kind) and ids in profile.ids:
            return name, profile
    return None


def _usb_of(device: Path) -> Path | None:
    """Return the USB device that a node belongs to: the nearest one above that has an id."""
    place = device.resolve()
    for above in (place, *place.parents):
        if (above / "idVendor").exists():
            return above
    return None


def _ids(usb: Path) -> str:
    return f"{_read(usb / 'idVendor')}:{_read(usb / 'idProduct')}"


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(SMALL_FILE_BYTES).strip()
    except OSError:
        return ""
