"""Input event nodes and pipes, read by python-evdev's own reader on the loop.

`loop.add_reader` and `read()`, not `async_read_loop`: that one does not end when the device is
closed, and loses the batch when it is cancelled (spec/devices.md 6).
"""

import asyncio
import contextlib
import fcntl
import os
import struct
import time
from collections.abc import Callable
from typing import TypeAlias

import evdev
from evdev.eventio import EventIO

from daemon.drivers.resources import InputPort, PipePort

KEYS_UP_WITHIN_S = 1.0  # grabbing while Enter is down leaves the console with a stuck Enter
KEYS_UP_POLL_S = 0.02
_EVIOCSCLOCKID = 0x400445A0  # _IOW('E', 0xa0, int): whose time the kernel stamps events with


class PipeDevice(EventIO):
    """A FIFO of event records, read by the same code as a node."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def close(self) -> None:
        os.close(self.fd)


Device: TypeAlias = "PipeDevice | evdev.InputDevice[str]"
OpenNode: TypeAlias = "Callable[[str], evdev.InputDevice[str]]"


def open_device(port: PipePort | InputPort, open_node: "OpenNode | None" = None) -> Device:
    """Open and, a node, grab. May block; raises OSError. No grab, no role: EBUSY is raised too."""
    if isinstance(port, PipePort):
        return PipeDevice(port.path)
    device = (open_node or _open_node)(port.path)
    try:
        _stamp_by_a_clock_that_never_steps(device)
        _wait_for_keys_up(device)
        device.grab()
    except BaseException:
        device.close()
        raise
    return device


def key_code(name: str) -> int | None:
    """Return the kernel's code of a key by its name, as KEY_KPCOMMA."""
    code = evdev.ecodes.ecodes.get(name)
    return code if isinstance(code, int) else None


class KeyReader:
    """Reads an open device until it is gone; `gone` ends with the reason.

    `on_event` gets type, code, value, and when the kernel had the event, in ms of any clock.
    """

    def __init__(self, device: Device, on_event: Callable[[int, int, int, int], None]) -> None:
        self._device = device
        self._on_event = on_event
        self._loop = asyncio.get_running_loop()
        self.gone: asyncio.Future[str] = self._loop.create_future()

    def plugged(self) -> bool:
        """Read what is there; return whether anybody holds the other end of a pipe."""
        return self._read()

    def listen(self) -> None:
        self._loop.add_reader(self._device.fd, self._readable)

    def let_go(self) -> Callable[[], None]:
        """Stop listening; return the call that closes the device, which may block."""
        self._end("closed")
        return lambda: _close(self._device)

    def _readable(self) -> None:
        if not self._read():
            self._end("unplugged")

    def _read(self) -> bool:
        try:
            events = list(self._device.read())
        except BlockingIOError:
            return True
        except OSError:  # ENODEV: the node's device is gone
            return False
        for event in events:
            typed_ms = event.sec * 1000 + event.usec // 1000
            self._on_event(event.type, event.code, event.value, typed_ms)
        return bool(events)

    def _end(self, reason: str) -> None:
        if not self.gone.done():
            self._loop.remove_reader(self._device.fd)  # else an unplugged pipe spins the loop
            self.gone.set_result(reason)


def _open_node(path: str) -> "evdev.InputDevice[str]":
    try:
        return evdev.InputDevice(path, readonly=True)  # opening for writing re-asserts LEDs
    except TypeError:  # Debian's evdev 1.6 has no such argument
        return evdev.InputDevice(path)


def _stamp_by_a_clock_that_never_steps(device: "evdev.InputDevice[str]") -> None:
    with contextlib.suppress(OSError):  # no such call: wall time, whose steps spoil one swipe
        fcntl.ioctl(device.fd, _EVIOCSCLOCKID, struct.pack("i", time.CLOCK_MONOTONIC))


def _wait_for_keys_up(device: "evdev.InputDevice[str]") -> None:
    for _ in range(int(KEYS_UP_WITHIN_S / KEYS_UP_POLL_S)):
        if not device.active_keys():
            return
        time.sleep(KEYS_UP_POLL_S)


def _close(device: Device) -> None:
    """Closing gives a grab back."""
    device.close()
