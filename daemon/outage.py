"""A box whose disk takes nothing: it comes up, says E18 on every display, and waits for room.

Nothing can be sold before an entry can be kept. The devices stay open, `memberbox status` says what
is the matter, and as soon as the disk takes bytes again the box starts as it always does.
"""

import asyncio
import errno
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from daemon.clock import Clock
from daemon.config import Config
from daemon.control import Control
from daemon.counter.codes import Code
from daemon.counter.effects import Audience
from daemon.counter.screens import RefusalShown
from daemon.display.poles import pole
from daemon.drivers.devices import Devices
from daemon.entropy import Entropy, jitter
from daemon.errors import StoreError
from daemon.events import DeviceChanged, DeviceEvent, DeviceKind
from daemon.finding import note
from daemon.notify import Notifier
from daemon.status import DeviceSaid, Status

if TYPE_CHECKING:
    from daemon.display.kiosk.kiosk import Kiosk

ROOM_BYTES = 512 * 1024  # what a start and a few sales write
LOOK_EVERY_S = 2.0
PROBE = ".room"
_PASSING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})

log = logging.getLogger("memberbox.outage")


def is_out(state_dir: Path) -> bool:
    """Tell whether the disk takes no bytes now, but may again. Leaves nothing behind.

    A folder that is not ours, or not there, is none of that: somebody has to mend it.
    """
    probe = state_dir / PROBE
    try:
        with probe.open("wb", buffering=0) as file:
            if file.write(bytes(ROOM_BYTES)) < ROOM_BYTES:
                return True
            os.fsync(file.fileno())
    except OSError as error:
        return error.errno in _PASSING
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
    return False


class Outage:
    """Owned by the loop; lives until the disk takes bytes again."""

    def __init__(
        self, config: Config, error: StoreError, clock: Clock, entropy: Entropy, share: Path
    ) -> None:
        self._config = config
        self._error = error
        self._devices = Devices(
            config.devices, emit=self._heard, jitter=lambda: jitter(entropy), share=share
        )
        values = {"phone": config.shop.service_phone or config.shop.phone}
        self._screen = RefusalShown(Code.STORAGE, values)
        self._kiosk = self._page(clock, share)
        self._notifier = Notifier()
        self._control = Control(config.run_dir, {"status": self.status}, self._refuse)

    async def wait(self, stop: asyncio.Event) -> None:
        """Say what is the matter until there is room, or stop is set."""
        log.critical("%s", self._error)
        log.critical("no sales (E18): waiting for room in %s", self._config.state_dir)
        await self._devices.start()
        await self._control.start()
        if self._kiosk is not None:
            await self._kiosk.start()
        self._notifier.ready()
        self._notifier.status(str(self._error))
        try:
            while not stop.is_set() and await asyncio.to_thread(is_out, self._config.state_dir):
                self._show()
                self._notifier.alive()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_EVERY_S)
        finally:
            if self._kiosk is not None:
                await self._kiosk.stop()
            await self._control.stop()
            await self._devices.stop()

    def status(self) -> Status:
        """Return what can be said without a store."""
        config, states = self._config, self._devices.states()
        return Status(
            running=True,
            box=config.box.id,
            epoch=0,
            seq=0,
            hash="",
            hq_mark=0,
            hq_age_s=None,
            hq_connected=False,
            clock="unknown",
            business_date=None,
            pack=None,
            devices={
                name: DeviceSaid(one.kind.value, one.state.value, one.reason)
                for name, one in states.items()
            },
            store="failed",
            spool=0,
            last_good=False,
            second_copy=None,
            kiosk_url=None if self._kiosk is None else self._kiosk.url,
            notes=(note("storage", str(self._error)),),
        )

    def _heard(self, _: str, event: DeviceEvent) -> None:
        """Whatever is keyed, scanned or swiped is answered by the refusal."""
        if not isinstance(event, DeviceChanged):
            self._show()

    def _show(self) -> None:
        for audience in (Audience.CLERK, Audience.CUSTOMER):
            page = pole(self._screen, audience)
            for name in self._devices.named(DeviceKind.LINE_DISPLAY, role=audience.value):
                self._devices.show(name, page)
            if self._kiosk is not None:
                self._kiosk.show(audience, self._screen)

    def _page(self, clock: Clock, share: Path) -> "Kiosk | None":
        """Return the HDMI page, where the config says its port: which one an open page knows
        otherwise stands in the store."""
        if self._config.kiosk is None or not self._config.kiosk.port:
            return None
        from daemon.display.kiosk.kiosk import Kiosk

        return Kiosk(
            self._config,
            share,
            now=lambda: clock.read().wall,
            recall=lambda: 0,
            remember=lambda _: None,
        )

    def _refuse(self, kind: str, request: bytes) -> msgspec.Struct:
        from daemon.acts import refused  # who asks for an act waits anyway

        return refused("storage", f"{kind}: {self._error}")
