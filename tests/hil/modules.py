"""Which modules of the kernel guests load, and when; the others are thrown away."""

import re
import shutil
from pathlib import Path

from tests.hil.programs import run

# ext4's checksums are an alias that no dependency names
EARLY = ("crc32c_generic", "ext4", "virtio_pci", "virtio_blk", "overlay", "virtio_console")
# Counter devices as a box meets them, and gadgets to be the other end of the cable.
LATE = (
    *("evdev", "uinput", "hid_generic", "usbhid", "usblp", "xhci_pci", "usbserial", "ftdi_sio"),
    *("cdc_acm", "usb_storage", "sd_mod", "vfat", "nls_cp437", "nls_ascii", "libcomposite"),
    *("usb_f_printer", "usb_f_hid", "usb_f_acm", "usb_f_mass_storage", "dummy_hcd"),
)
CABLES = 5  # USB ports to plug gadgets into: swiper, scanner, keypad, printer, one more


def prune_modules(tree: Path, version: str, early: Path) -> None:
    """Keep of the kernel's modules what guests load; put what mounts the root into `early`."""
    modules = tree / "lib/modules" / version
    run(["depmod", "-b", tree, version])
    early.mkdir()
    names = []
    for path in _closure(tree, version, EARLY):
        shutil.copy(path, early / path.name)
        names.append(path.name)
    (early / "order").write_text("\n".join(names) + "\n")
    wanted = set(_closure(tree, version, EARLY + LATE))
    for path in modules.rglob("*.ko"):
        if path not in wanted:
            path.unlink()
    run(["depmod", "-b", tree, version])
    for folder, text in (
        ("modules-load.d", "\n".join(LATE)),
        ("modprobe.d", f"options dummy_hcd num={CABLES}"),
    ):
        (tree / "etc" / folder).mkdir(exist_ok=True)
        (tree / "etc" / folder / "hil.conf").write_text(text + "\n")
    shutil.copy(tree / "bin/busybox", early / "busybox")


def _closure(tree: Path, version: str, names: tuple[str, ...]) -> list[Path]:
    """Return the modules' files in the order in which they are loaded."""
    found: dict[Path, None] = {}
    for name in names:
        said = run(["modprobe", "-d", tree, "-S", version, "--show-depends", name])
        for path in re.findall(r"^insmod (\S+)", said, flags=re.M):
            found[Path(path)] = None
    return list(found)
