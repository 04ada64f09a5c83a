"""The other end of USB cables: gadgets of configfs on dummy_hcd, with the ids of real devices.

The guest's own USB host sees them as it sees hardware: usbcore, usbhid or usblp, udev. A key is
eight bytes, as a boot keyboard reports it; polling gives flow control, so no key is lost.
Source: Linux Documentation/usb/gadget_configfs.rst, gadget_hid.rst, gadget_printer.rst.
"""

import os
import time
from pathlib import Path

ROOT = Path("/sys/kernel/config/usb_gadget")
# A boot keyboard: HID 1.11, appendix B.1 and E.6.
KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810395057501"
    "050819012905910295017503910395067508150025650507190029658100c0"
)
RELEASED = bytes(8)


class Gadgets:
    """Devices by name, each on a cable of its own."""

    def __init__(self) -> None:
        self._cables: dict[str, str] = {}

    def keyboard(
        self, *, name: str, cable: int, vendor: int, product: int, maker: str, model: str
    ) -> None:
        """Make something that types, and plug it in."""
        attributes = {"protocol": b"1", "subclass": b"1", "report_length": b"8"}
        attributes["report_desc"] = KEYBOARD
        told = (maker, model, "")  # most readers have no serial number
        self._make(name, ids=(vendor, product), words=told, function="hid.0", given=attributes)
        self._cable(name, cable)

    def printer(
        self,
        *,
        name: str,
        cable: int,
        vendor: int,
        product: int,
        maker: str,
        model: str,
        serial: str,
    ) -> None:
        """Make a printer, and plug it in."""
        # two characters are cut off: the kernel forgets the length in front (seen in 6.1)
        told = f"MFG:{maker};CMD:ESC/POS;MDL:{model};CLS:PRINTER;  "
        attributes = {"pnp_string": told.encode(), "q_len": b"10"}
        words = (maker, model, serial)
        self._make(name, ids=(vendor, product), words=words, function="printer.0", given=attributes)
        self._cable(name, cable)

    def plug(self, names: list[str]) -> None:
        for name in names:
            (ROOT / name / "UDC").write_text(self._cables[name])

    def unplug(self, names: list[str]) -> None:
        """Pull cables; nobody is asked."""
        for name in names:
            (ROOT / name / "UDC").write_text("\n")

    def type(self, name: str, keys: list[list[int]], gap_s: float = 0.0) -> None:
        """Press and let go of each key: [modifiers, usage]."""
        node = os.open(self._node(name), os.O_WRONLY)
        try:
            for modifiers, usage in keys:
                os.write(node, bytes((modifiers, 0, usage, 0, 0, 0, 0, 0)))
                os.write(node, RELEASED)
                time.sleep(gap_s)
        finally:
            os.close(node)

    def _node(self, name: str) -> str:
        """Return the gadget's side of the cable, /dev/hidgN."""
        numbers = (ROOT / name / "functions/hid.0/dev").read_text().strip()
        words = Path(f"/sys/dev/char/{numbers}/uevent").read_text().splitlines()
        (node,) = (word.removeprefix("DEVNAME=") for word in words if word.startswith("DEVNAME="))
        return f"/dev/{node}"

    def _cable(self, name: str, cable: int) -> None:
        self._cables[name] = f"dummy_udc.{cable}"
        self.plug([name])

    @staticmethod
    def _make(
        name: str,
        *,
        ids: tuple[int, int],
        words: tuple[str, str, str],
        function: str,
        given: dict[str, bytes],
    ) -> None:
        gadget = ROOT / name
        strings = gadget / "strings/0x409"
        config = gadget / "configs/c.1"
        for folder in (gadget, strings, config, config / "strings/0x409"):
            folder.mkdir()
        (gadget / "idVendor").write_text(hex(ids[0]))
        (gadget / "idProduct").write_text(hex(ids[1]))
        for told, word in zip(("manufacturer", "product", "serialnumber"), words, strict=True):
            (strings / told).write_text(word)
        (gadget / "functions" / function).mkdir()
        for key, value in given.items():
            (gadget / "functions" / function / key).write_bytes(value)
        (config / function).symlink_to(gadget / "functions" / function)
