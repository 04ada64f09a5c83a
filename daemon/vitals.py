"""Whether the box really lives: only then is systemd's watchdog fed.

Asked on the loop, so a loop that hangs feeds nothing either. A device that is stuck in the kernel
is no reason: a new start would not free it, and the counter goes on without it. What must live is
what serves it: the loop, the journal's writer, every device's supervisor, the link's task.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.drivers.devices import Devices
from daemon.errors import StoreError
from daemon.finding import note
from daemon.ledger.checkup import damage
from daemon.ledger.files import DAMAGED_FACT
from daemon.ledger.store import Store
from daemon.notify import Notifier

if TYPE_CHECKING:
    from daemon.sync.link import Sync

log = logging.getLogger("memberbox.vitals")


class Vitals:
    """Owned by the loop."""

    def __init__(
        self, store: Store, devices: Devices, link: Callable[[], "Sync | None"], notifier: Notifier
    ) -> None:
        self._store = store
        self._devices = devices
        self._link = link
        self._notifier = notifier
        self._said = ""
        self._damage = ""

    def feed(self) -> None:
        """Tell systemd that the box lives; if it does not, say once what has stopped."""
        dead = self._dead()
        if not dead:
            self._notifier.alive()
        elif dead != self._said:
            log.critical("%s: the watchdog is not fed, so the box will be started anew", dead)
            self._notifier.status(dead)
        self._said = dead

    def examine(self, state_dir: Path) -> None:
        """Look at every page of the journal, once, in a thread of its own."""

        def look() -> None:
            self._damage = damage(state_dir)
            if self._damage:
                with suppress(StoreError):
                    self._store.local.put_fact(DAMAGED_FACT, self._damage)

        threading.Thread(target=look, name="checkup", daemon=True).start()

    def notes(self) -> list[str]:
        """Return what a person should do something about."""
        if not self._damage:
            return []
        said = f"journal.db is damaged ({self._damage}): restart the box to salvage it"
        return [note("journal", said)]

    def _dead(self) -> str:
        """Return what has stopped; "" when everything lives."""
        patience_s = self._notifier.patience_s
        if not self._store.alive:
            return "the journal's writer has ended"
        if self._store.stuck_s > patience_s:
            return f"the journal's writer is stuck for more than {patience_s:.0f} s"
        if not self._devices.alive():
            return "the supervisor of a device has ended"
        link = self._link()
        if link is not None and not link.alive(patience_s):
            return "the link's task has ended"
        return ""
