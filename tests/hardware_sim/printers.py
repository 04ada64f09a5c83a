"""Receipt printers on the bench: a port, the interpreter behind it, and faults."""

import asyncio
from dataclasses import replace

from tests.hardware_sim.escpos import FIRMWARES, Printer
from tests.hardware_sim.paper import Receipt
from tests.hardware_sim.printer_status import Condition
from tests.hardware_sim.ptys import Pty
from tests.hardware_sim.tcp import TcpPort

LATE_S = 1.5  # later than any deadline of a status query, sooner than the next one in a minute
BUFFER_BYTES_MAX = 4096  # receive buffer of a cheap printer: while offline no more is taken
NOISE = bytes((0x13, 0xFF, 0x00))  # XOFF and two bytes that answer nothing

_CONDITIONS = {condition.value: condition for condition in Condition}
FAULTS = {
    "paper_end": "no paper, now or after `after_lines` printed lines; what comes in waits",
    "near_end": "the near-end sensor sees the end of the roll",
    "cover_open": "the cover stands open; what comes in waits",
    "cutter_error": "the cutter is jammed; what comes in waits",
    "head_hot": "the head is too hot; what comes in waits",
    "silent": "prints, but answers no query",
    "late": f"answers come {LATE_S} s late",
    "noise": "answers come glued to bytes that mean nothing",
    "zero": "answers every query with 00, as some clones do",
    "busy": "another computer has it: a network printer attends to nobody else",
    "stall": "stops reading: writes block when the line is full",
    "unplug": "switched off: the port is gone, what was not printed is lost, until clear",
    "gb2312_only": "knows GB2312 and no more of GBK",
    "no_chinese": "knows no Chinese at all",
    "clear": "plugged in and healthy; what waited is printed",
}
_FIRMWARE_FAULTS = {"gb2312_only": "gb2312", "no_chinese": "no_chinese"}
assert set(_FIRMWARE_FAULTS.values()) < set(FIRMWARES)


class PrinterDevice:
    """One printer at the end of a line."""

    kind = "receipt_printer"
    faults = FAULTS

    def __init__(self, name: str, port: Pty | TcpPort, columns: int, *, has_drawer: bool) -> None:
        self.name, self.columns, self.has_drawer = name, columns, has_drawer
        self.printer = Printer(columns)
        self._port = port
        self._active: set[str] = set()
        self._late: list[asyncio.TimerHandle] = []
        self._texts: list[str] = []

    @property
    def path(self) -> str:
        return self._port.path

    @property
    def plugged(self) -> bool:
        return self._port.plugged

    @property
    def active_faults(self) -> list[str]:
        state = {condition.value for condition in self.printer.state.conditions}
        return sorted((self._active | state) - {Condition.DRAWER_OPEN.value})

    def text(self, receipt: Receipt) -> str:
        """The text of one of the printer's receipts; laid out once, asked for often."""
        while len(self._texts) < receipt.number:
            self._texts.append(self.printer.receipts[len(self._texts)].text)
        return self._texts[receipt.number - 1]

    def start(self) -> None:
        self._port.plug(self._on_bytes)

    def stop(self) -> None:
        self._forget_late_answers()
        self._port.unplug()

    def fault(self, name: str, after_lines: int | None = None) -> None:
        """Set or clear a fault of FAULTS; after_lines only with paper_end.

        Raises OSError when the port of a network printer was taken while it was unplugged.
        """
        if name == "clear":
            self._clear()
        elif name == "paper_end" and after_lines:
            self.printer.run_out_after(after_lines)
        elif name in _CONDITIONS:
            self._answer(self.printer.set_condition(_CONDITIONS[name], present=True))
        elif name == "unplug":
            self.stop()
            self.printer.power_on()
            self._active.add(name)
        else:
            self._active.add(name)
            self.printer.firmware = _FIRMWARE_FAULTS.get(name, self.printer.firmware)
        self._regulate()

    def invert_drawer(self) -> None:
        """Hang a drawer on it whose pin is high while shut."""
        self.printer.state = replace(self.printer.state, drawer_inverted=True)

    def shut_drawer(self) -> None:
        """A hand pushes the drawer shut."""
        self._answer(self.printer.set_condition(Condition.DRAWER_OPEN, present=False))

    def _clear(self) -> None:
        self._active.clear()
        self.printer.firmware = "gbk"
        self._port.plug(self._on_bytes)
        for condition in self.printer.state.conditions - {Condition.DRAWER_OPEN}:
            self._answer(self.printer.set_condition(condition, present=False))

    def _on_bytes(self, data: bytes) -> None:
        self._answer(self.printer.feed(data))
        self._regulate()

    def _regulate(self) -> None:
        full = self.printer.state.offline and self.printer.waiting_bytes >= BUFFER_BYTES_MAX
        self._port.stall(stalled=full or "stall" in self._active)
        if isinstance(self._port, TcpPort):
            self._port.occupy(busy="busy" in self._active)

    def _answer(self, answer: bytes) -> None:
        if not answer or "silent" in self._active:
            return
        if "zero" in self._active:
            answer = bytes(len(answer))
        if "noise" in self._active:
            answer = NOISE + answer + NOISE
        if "late" in self._active:
            loop = asyncio.get_running_loop()
            self._late = [timer for timer in self._late if timer.when() > loop.time()]
            self._late.append(loop.call_later(LATE_S, self._port.write, answer))
        else:
            self._port.write(answer)

    def _forget_late_answers(self) -> None:
        for timer in self._late:
            timer.cancel()
        self._late = []
