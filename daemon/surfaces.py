"""What clerk and customer look at: screens as data go in, devices and the page show them."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from daemon.clerkview import Sight, sight
from daemon.config import Config
from daemon.counter.effects import Audience, Beep, Show
from daemon.counter.screens import Idle, RefusalShown, Screen
from daemon.desk import Desk
from daemon.display.poles import page_after, pole, shared_pole
from daemon.drivers.devices import Devices
from daemon.errors import DeviceError
from daemon.events import DeviceKind
from daemon.ledger.local import Local
from daemon.paper import Pole
from daemon.status import KioskSaid

if TYPE_CHECKING:
    from daemon.display.kiosk.kiosk import Kiosk

KIOSK_PORT_FACT = "kiosk_port"  # of last time: an open page finds the box again after a restart
PAGE_AFTER_S = 2.5  # how long a customer reads the change before the points come

# Told apart by counting: a clerk who looks at the customer hears whether it was taken.
BEEPS: Mapping[Beep, int] = MappingProxyType({Beep.OK: 1, Beep.ATTENTION: 2, Beep.REFUSE: 3})

log = logging.getLogger("memberbox.surfaces")


class Surfaces:
    """Displays, drawers and beepers of one counter. Owned by the loop; waits for none of them."""

    def __init__(
        self, config: Config, devices: Devices, local: Local, desk: Desk, share: Path
    ) -> None:
        self._phone = {"phone": config.shop.service_phone or config.shop.phone}
        self._devices = devices
        self._loop = asyncio.get_running_loop()
        self._kiosk = None if config.kiosk is None else _kiosk(config, local, desk, share)
        self._shared = sight(config) is Sight.SHARED
        self._screens: dict[Audience, Screen] = dict.fromkeys(Audience, Idle())
        self._practice = self._turned = False
        self._turning: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        if self._kiosk is not None:
            await self._kiosk.start()

    def practise(self, on: bool) -> None:
        """From the next screen on nothing counts, and every display says so; or no longer."""
        self._practice = on
        if self._kiosk is not None:
            self._kiosk.practise(on)

    def show(self, shown: Show) -> None:
        """Show a screen to its audience; a second page follows by itself where there is one."""
        audience, screen = shown.audience, shown.screen
        if isinstance(screen, RefusalShown):  # whom to call is the shop's, not the flow's
            screen = replace(screen, values={**self._phone, **screen.values})
        self._screens[audience] = screen
        if audience is Audience.CUSTOMER:
            self._begin_page(screen)
        self._put(audience)
        if self._kiosk is not None:
            self._kiosk.show(audience, screen)

    def open_drawers(self) -> None:
        for name in self._devices.named(DeviceKind.CASH_DRAWER):
            self._in_background(self._kick(name))

    def sound(self, beep: Beep) -> None:
        for name in self._devices.named(DeviceKind.BEEPER):
            self._in_background(self._beep(name, BEEPS[beep]))

    async def stop(self) -> None:
        if self._turning is not None:
            self._turning.cancel()
        for task in self._tasks:
            task.cancel()
        if self._kiosk is not None:
            await self._kiosk.stop()

    @property
    def kiosk_url(self) -> str | None:
        return None if self._kiosk is None else self._kiosk.url

    def kiosk_said(self) -> KioskSaid | None:
        return None if self._kiosk is None else self._kiosk.said()

    def notes(self) -> list[str]:
        return [] if self._kiosk is None else self._kiosk.notes()

    def _begin_page(self, screen: Screen) -> None:
        """Stop what was to follow the page before; let follow what follows this one."""
        if self._turning is not None:
            self._turning.cancel()
        follows = page_after(screen, Audience.CUSTOMER) is not None
        self._turning = self._loop.call_later(PAGE_AFTER_S, self._turn) if follows else None
        self._turned = False

    def _turn(self) -> None:
        self._turned = True
        self._put(Audience.CUSTOMER)

    def _put(self, audience: Audience) -> None:
        """Show how things stand; who has no display of his own shares the customer's."""
        if self._shared:
            audience = Audience.CUSTOMER
        screen, practice = self._screens[audience], self._practice
        page = None
        if self._turned and audience is Audience.CUSTOMER:
            page = page_after(screen, audience, practice=practice)
        page = page or pole(screen, audience, practice=practice)
        if self._shared:
            page = shared_pole(self._screens[Audience.CLERK], page, practice=practice)
        self._show(audience, page)

    def _show(self, audience: Audience, page: Pole) -> None:
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


def _kiosk(config: Config, local: Local, desk: Desk, share: Path) -> "Kiosk":
    from daemon.display.kiosk.kiosk import Kiosk  # a box without a screen does not carry it

    return Kiosk(
        config,
        share,
        now=desk.now,
        recall=lambda: int(local.fact(KIOSK_PORT_FACT) or 0),
        remember=lambda port: local.put_fact(KIOSK_PORT_FACT, str(port)),
        plays=lambda at: desk.engine().house().plays(at),
    )
