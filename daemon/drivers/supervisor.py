"""The life of one device, written once: open, prove, serve, close, and again, for ever.

Nothing is ever "broken until restart". Each device has a task of its own; none waits for another.
"""

import asyncio
import contextlib
import errno
import logging
import os
from collections.abc import Callable

from daemon.drivers.kinds import Driver
from daemon.drivers.plug_watch import PlugWatch, wait_first
from daemon.drivers.reporter import Reporter
from daemon.errors import DeviceError

BACKOFF_FIRST_S = 0.25  # a hub that browns out is back within this
BACKOFF_MAX_S = 5.0  # the slow rescan: nobody waits longer for a device that tells nothing
SETTLED_S = 10.0  # a life this long was a good one: the next try comes soon again
BEAT_S = 10.0
ALIVE_WITHIN_S = 25.0  # the watchdog of the unit fires at 30

_log = logging.getLogger(__name__)


class Supervisor:
    """Runs one driver. `jitter` returns 0 to 1 and spreads the tries of many devices."""

    def __init__(
        self,
        driver: Driver,
        reporter: Reporter,
        *,
        jitter: Callable[[], float],
        watch: PlugWatch,
    ) -> None:
        self.driver = driver
        self._reporter = reporter
        self._watch = watch
        self._jitter = jitter
        self._beat_s = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        assert self._task is None, "started twice"
        self._beat()
        self._task = asyncio.create_task(self._run(), name=f"device {self._reporter.name}")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def alive(self) -> bool:
        """Return whether the task runs and has lately said so."""
        if self._task is None or self._task.done():
            return False
        return asyncio.get_running_loop().time() - self._beat_s < ALIVE_WITHIN_S

    async def _run(self) -> None:
        wait_s = BACKOFF_FIRST_S
        while True:
            began_s = self._now_s()
            await self._one_life()
            if self._now_s() - began_s > SETTLED_S:
                wait_s = BACKOFF_FIRST_S
            plugged_in = await self._pause(wait_s * (0.5 + self._jitter() / 2))
            wait_s = BACKOFF_FIRST_S if plugged_in else min(wait_s * 2, BACKOFF_MAX_S)

    async def _one_life(self) -> None:
        """Open and serve; report why it ended."""
        life = asyncio.create_task(self._live(), name=f"life of {self._reporter.name}")
        try:
            while not life.done():
                self._beat()
                await asyncio.wait({life}, timeout=BEAT_S)
            self._reporter.offline(life.result())
        finally:
            life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await life

    async def _live(self) -> str:
        """Return why the device is offline again."""
        try:
            await self.driver.open()
            await self.driver.serve()
            raise AssertionError("serve() returned")
        except DeviceError as error:
            return f"{error.found}. {error.fix}"
        except OSError as error:
            return _what_to_do(error, self.driver.place())
        except Exception as error:
            # A bug of ours must not end the device. Its text may hold what was swiped: not logged.
            place = _innermost(error)
            _log.error("%s: bug: %s at %s", self._reporter.name, type(error).__name__, place)
            return f"internal error {type(error).__name__} at {place}. Please report it."
        finally:
            await self.driver.close()

    async def _pause(self, wait_s: float) -> bool:
        """Wait; return at once, and True, when something is plugged in."""
        before = self.driver.presence()
        until_s = self._now_s() + wait_s
        while (left_s := until_s - self._now_s()) > 0:
            self._beat()
            changed = self._watch.arm(self.driver.place())
            now = self.driver.presence()
            if now != before and now:
                return True
            before = now
            await wait_first(changed, left_s)
        return False

    def _beat(self) -> None:
        self._beat_s = self._now_s()

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()


def _what_to_do(error: OSError, place: str | None) -> str:
    words = os.strerror(error.errno) if error.errno else str(error) or type(error).__name__
    if error.errno == errno.ENOENT:
        return f"nothing at {place}. Plug the device in, or see what is there (memberbox suggest)."
    if error.errno in (errno.EBUSY, errno.EAGAIN):
        return f"{words}. Another program has it open: stop that program."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{words}. This program may not open it: see the udev rules."
    return f"{words}. Check that it is plugged in and switched on."


def _innermost(error: Exception) -> str:
    """Return file and line where error was raised, without any value."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
