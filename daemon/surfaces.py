"""What clerk and customer look at: screens as data go in, devices of the right role show them."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from types import MappingProxyType

from daemon.counter.effects import Audience, Beep, Show
from daemon.counter.screens import RefusalShown
from daemon.display.poles import page_after, pole
from daemon.drivers.devices import Devices
from daemon.errors import DeviceError
from daemon.events import DeviceKind
from daemon.paper import Pole

PAGE_AFTER_S = 2.5  # how long a customer reads the change before the points come

# Told apart by counting: a clerk who looks at the customer hears whether it was taken.
_BEEPS: Mapping[Beep, int] = MappingProxyType({Beep.OK: 1, Beep.ATTENTION: 2, Beep.REFUSE: 3})

log = logging.getLogger("memberbox.surfaces")


class Surfaces:
    """Displays, drawers and beepers of one counter. Owned by the loop; waits for none of them."""

    def __init__(
        self, devices: Devices, loop: asyncio.AbstractEventLoop, service_phone: str
    ) -> None:
        self._phone = {"phone": service_phone}
        self._devices = devices
        self._loop = loop
        self._turning: dict[Audience, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def show(self, shown: Show) -> None:
        """Show a screen to its audience; a second page follows by itself where there is one."""
        turning = self._turning.pop(shown.audience, None)
        if turning is not None:
            turning.cancel()
        screen = shown.screen
        if isinstance(screen, RefusalShown):  # whom to call is the shop's, not the flow's
            screen = replace(screen, values={**self._phone, **screen.values})
        self._put(shown.audience, pole(screen, shown.audience))
        page = page_after(screen, shown.audience)
        if page is not None and shown.audience is Audience.CUSTOMER:
            turn = self._loop.call_later(PAGE_AFTER_S, self._put, shown.audience, page)
            self._turning[shown.audience] = turn

    def open_drawers(self) -> None:
        for name in self._devices.named(DeviceKind.CASH_DRAWER):
            self._in_background(self._kick(name))

    def sound(self, beep: Beep) -> None:
        for name in self._devices.named(DeviceKind.BEEPER):
            self._in_background(self._beep(name, _BEEPS[beep]))

    def stop(self) -> None:
        for turning in self._turning.values():
            turning.cancel()
        for task in self._tasks:
            task.cancel()

    def _put(self, audience: Audience, page: Pole) -> None:
        for name in self._devices.named(DeviceKind.LINE_DISPLAY, role=audience.value):
            self._devices.show(name, page)

    async def _kick(self, name: str) -> None:
        try:
            await self._devices.drawer(name).kick()
        except DeviceError as error:  # the clerk has a key; the sale is committed all the same
            log.warning("%s", error)

    async def _beep(self, name: str, times: int) -> None:
        try:
            await self._devices.beeper(name).beep(times)
        except DeviceError as error:  # the display says the same
            log.debug("%s", error)

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
