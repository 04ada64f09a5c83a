"""A box that has no good config and never had one: it tells what is wrong, and waits for a better.

It cannot sell: whose shop it stands in is what it does not know. On the displays and printers that
the file names well, else on the USB printers that are plugged in, a technician reads every mistake.
When a good file is in place the box ends, and systemd starts it anew.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from daemon.devices import DeviceConfig
from daemon.display.sheet import Sheet
from daemon.drivers.devices import Devices
from daemon.drivers.plugged import look
from daemon.entropy import Entropy, jitter
from daemon.errors import DeviceError
from daemon.events import DeviceKind
from daemon.howmany import HowMany
from daemon.notify import Notifier
from daemon.paper import Paper, Pole

LOOK_EVERY_S = 2.0
NONE_YET = "there is no memberbox.toml yet"
ADVICE = (
    "改好 memberbox.toml，放回启动分区（或U盘），重新上电",
    "Correct memberbox.toml on the boot partition or stick, and switch the box on again.",
)
SYS, DEV = Path("/sys"), Path("/dev")

log = logging.getLogger("memberbox.awaiting")


class Awaiting:
    """Owned by the loop. `mistakes` empty: there is no file at all."""

    def __init__(
        self,
        mistakes: Sequence[str],
        devices: Sequence[DeviceConfig],
        *,
        entropy: Entropy,
        share: Path,
        sys: Path = SYS,
        dev: Path = DEV,
    ) -> None:
        self._mistakes = tuple(mistakes)
        known = tuple(devices)
        if not any(one.kind is DeviceKind.RECEIPT_PRINTER for one in known):
            known += plugged_printers(sys, dev)
        self._devices = Devices(
            known, emit=lambda *_: None, jitter=lambda: jitter(entropy), share=share
        )
        self._notifier = Notifier()

    async def wait(self, stop: asyncio.Event, good: Callable[[], bool]) -> None:
        """Tell what is wrong until there is a good config, or stop is set."""
        said = f"no config: {HowMany(len(self._mistakes)):mistake}" if self._mistakes else NONE_YET
        for line in self._mistakes or (NONE_YET,):
            log.critical("%s", line)
        await self._devices.start()
        printers = self._devices.named(DeviceKind.RECEIPT_PRINTER)
        printing = [asyncio.create_task(self._print(name)) for name in printers]
        for name in self._devices.named(DeviceKind.LINE_DISPLAY):
            self._devices.show(name, pole(len(self._mistakes)))
        self._notifier.ready()
        self._notifier.status(said)
        try:
            while not stop.is_set() and not await asyncio.to_thread(good):
                self._notifier.alive()
                try:
                    async with asyncio.timeout(LOOK_EVERY_S):
                        await stop.wait()
                except TimeoutError:
                    continue
        finally:
            for task in printing:
                task.cancel()
            await self._devices.stop()

    async def _print(self, name: str) -> None:
        """Print the mistakes once, as soon as the printer is there."""
        printer = self._devices.printer(name)
        while True:
            try:
                await printer.print(paper(self._mistakes, printer.columns))
                return
            except DeviceError:
                await asyncio.sleep(LOOK_EVERY_S)


def pole(mistakes: int) -> Pole:
    if mistakes:
        said = f"CONFIG: {HowMany(mistakes):MISTAKE}"
        return Pole((said, "SEE PAPER OR LOG"), code=f"99-{mistakes:02}")
    return Pole(("NO MEMBERBOX.TOML", "COPY IT TO THE CARD"), code="99")


def paper(mistakes: Sequence[str], columns: int) -> Paper:
    sheet = Sheet(columns)
    sheet.centre("memberbox", bold=True, width=2, height=2)
    sheet.centre("配置有错 / CONFIG" if mistakes else "没有配置 / NO CONFIG", bold=True)
    sheet.rule()
    for number, line in enumerate(mistakes or (NONE_YET,), 1):
        sheet.note(f"{number}. {line}")
    sheet.rule()
    for line in ADVICE:
        sheet.note(line)
    return sheet.paper()


def plugged_printers(sys: Path, dev: Path) -> tuple[DeviceConfig, ...]:
    """Return every USB printer that has a name of its own: any will do."""
    kind = DeviceKind.RECEIPT_PRINTER
    found = [one for one in look(sys, dev, ()) if one.kind is kind]
    there = [one for one in found if Path(one.port.removeprefix("usblp:")).exists()]
    return tuple(
        DeviceConfig(f"usb-printer-{n}", kind, one.driver, one.port) for n, one in enumerate(there)
    )
