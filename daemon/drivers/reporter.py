"""What one device says: its events and its state, each change told once."""

from collections.abc import Callable

from daemon.events import DeviceChanged, DeviceEvent, DeviceKind, DeviceState, InputEvent

Emit = Callable[[str, DeviceEvent], None]


class Reporter:
    """Given to the driver and the supervisor of one device. Starts as offline."""

    def __init__(
        self,
        name: str,
        kind: DeviceKind,
        emit: Emit,
        on_reading: Callable[[bool], None] = lambda _: None,
    ) -> None:
        """`on_reading` is told when a swipe or code is begun and not ended, and when it is."""
        self._on_reading = on_reading
        self.name = name
        self._kind = kind
        self._emit = emit
        self.changed = DeviceChanged(name, kind, DeviceState.OFFLINE, "not opened yet")

    def event(self, event: InputEvent) -> None:
        self._emit(self.name, event)

    def reading(self, open_: bool) -> None:
        """Tell whether something is half read: what other devices bring waits for it."""
        self._on_reading(open_)

    def read(self, event: InputEvent, trouble: str) -> None:
        """Tell what was read, and, if the reader needs somebody, what is to be done about it."""
        self._emit(self.name, event)
        if trouble:
            self.stale(trouble)
        else:
            self.online()

    def online(self, note: str = "") -> None:
        """All is well; note: what is good to know all the same (drawer open, paper near end)."""
        self._change(DeviceState.ONLINE, note)

    def stale(self, reason: str) -> None:
        self._change(DeviceState.STALE, reason)

    def offline(self, reason: str) -> None:
        self._change(DeviceState.OFFLINE, reason)

    def _change(self, state: DeviceState, reason: str) -> None:
        changed = DeviceChanged(self.name, self._kind, state, reason)
        if changed != self.changed:
            self.changed = changed
            self._emit(self.name, changed)
