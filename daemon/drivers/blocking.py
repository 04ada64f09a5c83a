"""Calls that may block (open, close, name look-up), each in a short-lived daemon thread.

Never the loop's default executor: its threads stay, and one stuck device would starve the others.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from daemon.errors import DeviceError

T = TypeVar("T")


class Blocking:
    """At most one call of a device is under way; a stuck one is not followed by a second."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._thread: threading.Thread | None = None

    async def call(
        self, doing: str, function: Callable[[], T], *, within_s: float, undo: Callable[[T], object]
    ) -> T:
        """Return what function returns. Raises DeviceError at the deadline, else what it raises.

        A result that comes after the deadline (or after a cancel) is given to `undo`.
        """
        if self._thread is not None and self._thread.is_alive():
            raise self._stuck(doing, "an earlier try is still stuck in the kernel")
        loop = asyncio.get_running_loop()
        result: asyncio.Future[T] = loop.create_future()

        def work() -> None:
            try:
                value = function()
            except Exception as error:
                self._deliver(loop, partial(_fail, result, error))
                return
            if not self._deliver(loop, partial(self._settle, result, value, undo)):
                undo(value)

        self._start(doing, work)
        try:
            async with asyncio.timeout(within_s):
                return await result
        except TimeoutError as error:
            if _came(result):  # in the same turn of a late loop as its deadline
                return result.result()
            raise self._stuck(doing, f"no answer within {within_s:g} s") from error
        except asyncio.CancelledError:
            if _came(result):  # nobody else would ever close it
                self.later("closing what came late", lambda: undo(result.result()))
            raise

    def later(self, doing: str, function: Callable[[], object]) -> None:
        """Run function without waiting for it; OSError ends it silently."""

        def work() -> None:
            with contextlib.suppress(OSError):
                function()

        self._start(doing, work)

    def _start(self, doing: str, work: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=work, name=f"{self._name}:{doing}", daemon=True)
        self._thread.start()

    @staticmethod
    def _deliver(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> bool:
        try:
            loop.call_soon_threadsafe(callback)
        except RuntimeError:  # the loop is closed: the box is stopping
            return False
        return True

    def _settle(self, result: asyncio.Future[T], value: T, undo: Callable[[T], object]) -> None:
        if result.done():
            self.later("closing what came late", lambda: undo(value))
        else:
            result.set_result(value)

    def _stuck(self, doing: str, found: str) -> DeviceError:
        fix = "Unplug the device and plug it in again."
        return DeviceError(self._name, doing=doing, found=found, fix=fix, retry=True)


def _came(result: "asyncio.Future[T]") -> bool:
    return result.done() and not result.cancelled() and result.exception() is None


def _fail(result: asyncio.Future[T], error: Exception) -> None:
    if not result.done():
        result.set_exception(error)
