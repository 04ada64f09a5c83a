"""Drivers for what beeps: the buzzer in a printer, the kernel's speaker. Wire: wire/sound.py.

One sound at a time: what is asked for while another one sounds is not heard later.
"""

import asyncio
import os
from typing import Protocol

from daemon.drivers.blocking import Blocking
from daemon.drivers.reporter import Reporter
from daemon.drivers.resources import InputPort, PipePort
from daemon.drivers.wedge import OPEN_WITHIN_S, plugged_node
from daemon.drivers.wire.sound import tone
from daemon.errors import DeviceError

ON_S, OFF_S = 0.08, 0.06  # apart to the ear, and three of them in less than half a second
HZ = 2000


class Buzzing(Protocol):
    """The printer, as far as a beeper knows it."""

    @property
    def has_buzzer(self) -> bool: ...

    async def until_open(self) -> None: ...

    async def until_closed(self) -> None: ...

    async def beep(self, times: int) -> None: ...


class PrinterBeeper:
    """A Beeper in a receipt printer."""

    def __init__(self, printer: Buzzing, name: str, reporter: Reporter) -> None:
        self._printer = printer
        self._name = name
        self._reporter = reporter

    async def open(self) -> None:
        if not self._printer.has_buzzer:
            found = f"the profile of {self._name} names no buzzer"
            raise self._failed(found, "Give that printer a profile with beep, or take this out.")
        self._reporter.offline(f"its printer {self._name} is offline. See to the printer.")
        await self._printer.until_open()
        self._reporter.online()

    async def serve(self) -> None:
        await self._printer.until_closed()
        raise self._failed(f"its printer {self._name} is offline", "See to the printer.")

    async def close(self) -> None:
        """The line is the printer's."""

    def place(self) -> str | None:
        return None

    def presence(self) -> object:
        return None

    async def beep(self, times: int) -> None:
        await self._printer.beep(times)

    def _failed(self, found: str, fix: str) -> DeviceError:
        return DeviceError(self._reporter.name, doing="waiting", found=found, fix=fix, retry=True)


class Speaker:
    """A Beeper that is an input device with sound: the speaker of a board, a buzzer on a pin."""

    def __init__(self, port: InputPort | PipePort, reporter: Reporter) -> None:
        self._port = port
        self._reporter = reporter
        self._blocking = Blocking(reporter.name)
        self._fd = -1
        self._sounding = asyncio.Lock()
        self._gone = asyncio.Event()

    async def open(self) -> None:
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC
        self._fd = await self._blocking.call(
            "opening",
            lambda: os.open(self._port.path, flags),
            within_s=OPEN_WITHIN_S,
            undo=os.close,
        )
        self._gone.clear()
        asyncio.get_running_loop().add_reader(self._fd, self._end)  # it says nothing but its end
        self._reporter.online()

    async def serve(self) -> None:
        await self._gone.wait()
        raise self._lost("unplugged")

    async def close(self) -> None:
        self._end()
        fd, self._fd = self._fd, -1
        if fd >= 0:
            self._blocking.later("closing", lambda: os.close(fd))

    def place(self) -> str | None:
        return self._port.path

    def presence(self) -> object:
        return plugged_node(self._port.path)

    async def beep(self, times: int) -> None:
        if self._sounding.locked():
            return
        async with self._sounding:
            for _ in range(times):
                try:
                    self._write(HZ)
                    await asyncio.sleep(ON_S)
                finally:
                    self._write(0)
                await asyncio.sleep(OFF_S)

    def _write(self, hz: int) -> None:
        if self._fd < 0:
            raise self._lost("offline")
        try:
            os.write(self._fd, tone(hz))
        except OSError as error:
            raise self._lost(error.strerror or "unplugged") from error

    def _end(self) -> None:
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
        self._gone.set()

    def _lost(self, found: str) -> DeviceError:
        fix = "Plug it in again; the box takes it back by itself."
        return DeviceError(self._reporter.name, doing="beeping", found=found, fix=fix, retry=True)
