"""A counter whose devices hang on the guest's USB: what a person does at it, and what comes out.

Cables 0 to 3: swiper, scanner, keypad, printer; the pole is an adapter that is plugged in later.
"""

from collections.abc import Mapping, Sequence

from tests.hardware_sim import wedge
from tests.hardware_sim.escpos import Printer
from tests.hardware_sim.printer_status import Condition, State
from tests.hil.machine import Machine
from tests.hil.wires import Drained

COLUMNS = 32
TYPING: Mapping[str, tuple[int, int, str, str]] = {
    "swiper": (0x0801, 0x0001, "Mag-Tek", "USB Swipe Reader"),
    "scanner": (0x05E0, 0x1200, "Symbol", "Bar Code Scanner"),
    "keypad": (0x04D9, 0xA02A, "Holtek", "USB Numeric Keypad"),
}
PRINTER = ("EPSON", "TM-T20II", "J4TF001234")
EVERYTHING = (*TYPING, "printer")
SHIFT_BIT = 0x02  # HID boot keyboard: left shift
# Between two keys; the fastest keyboards are asked every 8 ms. The kernel keeps ten keys for a
# reader: typed faster than that, an emulated box that is busy for a moment loses some.
PACE_S = 0.01
WAIT_S = 180.0  # for what takes a second on a quiet machine
WELL, NO_PAPER = 0x18, 0x38  # port status of IEEE 1284


class Counter:
    """Hands at the devices of a guest."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def plug_in(self) -> None:
        """Make every gadget, and plug it in for the first time."""
        for cable, (name, (vendor, product, maker, model)) in enumerate(TYPING.items()):
            self.machine.ask("gadgets.keyboard", name=name, cable=cable, vendor=vendor,
                             product=product, maker=maker, model=model)  # fmt: skip
        maker, model, serial = PRINTER
        self.machine.ask("gadgets.printer", name="printer", cable=len(TYPING), vendor=0x04B8,
                         product=0x0E15, maker=maker, model=model, serial=serial)  # fmt: skip
        self.machine.ask("paper.switch_on", answers=answers())
        self.machine.run("udevadm", "settle")

    def plug(self, *names: str) -> None:
        self.machine.ask("gadgets.plug", names=names)

    def unplug(self, *names: str) -> None:
        self.machine.ask("gadgets.unplug", names=names)

    def plug_pole(self) -> Drained:
        """Plug in a serial adapter with a display behind it; return what is written to it."""
        return self.machine.plug_serial("pole")

    def keys(self, *keys: str) -> None:
        """Press keys of the keypad; digits may be given as one string (`"230", "ENTER"`)."""
        pressed: list[str] = []
        for key in keys:
            pressed += [key] if key in wedge.KEYPAD else list(key)
        self._type("keypad", wedge.key_strokes(pressed))

    def swipe(self, tracks: str) -> None:
        self._type("swiper", wedge.text_strokes(tracks + "\r"))

    def type_fast(self, tracks: str, gap_s: float = 0.0) -> None:
        """Type a swipe at the uinput device, which waits for nobody."""
        strokes = wedge.text_strokes(tracks + "\r")
        codes = [[stroke.held.code if stroke.held else 0, stroke.key.code] for stroke in strokes]
        self.machine.ask("uinput.type", strokes=codes, gap_s=gap_s)

    def scan(self, barcode: str) -> None:
        self._type("scanner", wedge.text_strokes(barcode + "\r"))

    def paper(self, *, least_bytes: int = 1, within_s: float = WAIT_S) -> str:
        """Return the next slip as the printer has it on paper."""
        job = bytes.fromhex(
            self.machine.ask("paper.tear_off", within_s + 30, limit_s=within_s, least=least_bytes)
        )
        printer = Printer(COLUMNS)
        printer.feed(job)
        return "\n".join([*(receipt.text for receipt in printer.receipts), printer.unfinished.text])

    def says(self, *conditions: Condition) -> None:
        """The printer answers so from now on."""
        self.machine.ask("paper.answer", answers=answers(*conditions))

    def says_nothing(self) -> None:
        self.machine.ask("paper.answer", answers={})

    def status(self):
        return self.machine.ask("box.status")

    def wait_for(self, within_s: float = WAIT_S, **wanted: object):
        """Return the box's status once it says this."""
        return self._wait(wanted, within_s)

    def wait_for_devices(self, state: str, *names: str, within_s: float = WAIT_S):
        return self._wait({f"devices.{name}": state for name in names}, within_s)

    def _wait(self, wanted: Mapping[str, object], within_s: float):
        return self.machine.ask("box.wait_for", within_s + 30, wanted=wanted, limit_s=within_s)

    def _type(self, name: str, strokes: Sequence[wedge.Stroke]) -> None:
        keys = [[SHIFT_BIT if stroke.held else 0, stroke.key.usage] for stroke in strokes]
        self.machine.ask("gadgets.type", name=name, keys=keys, gap_s=PACE_S)


def answers(*conditions: Condition) -> dict[str, str]:
    """Return what a printer in these conditions says to DLE EOT 1 to 4, in hex."""
    state = State(frozenset(conditions))
    return {f"1004{number:02x}": f"{state.answer(number):02x}" for number in range(1, 5)}
