"""Which rule pack applies: loads the active one, activates what HQ asked for when it is due.

A pack that cannot be opened never becomes active: the box goes on under the old one and says so.
"""

import logging
from datetime import datetime

from daemon.desk import LONG_AGO, Desk
from daemon.ledger import machine
from daemon.ledger.store import Store
from daemon.ledger.views import PackRow
from daemon.rules.document import Opened, PackError, open_signed
from daemon.rules.engine import NO_PACK, compile_pack

log = logging.getLogger("memberbox.rules")


class Activation:
    """Owned by the loop."""

    def __init__(self, store: Store, desk: Desk, hq_public: bytes | None) -> None:
        self._store = store
        self._desk = desk
        self._hq_public = hq_public
        self._refused: tuple[int, int] | None = None  # the message whose pack does not apply
        self._waiting: tuple[int, int] | None = None  # the message whose pack has yet to begin
        self._begins = LONG_AGO
        self.note = ""  # what a person should know about the pack; empty when all is well

    def load(self) -> None:
        """Let the desk use the active pack, after a start or a change."""
        row = self._store.books.active_pack()
        opened = None if row is None else self._opened(row)
        self._desk.use(NO_PACK if opened is None else compile_pack(opened.pack, opened.ref))

    def due(self) -> None:
        """Activate the newest pack that HQ asked for, once its time has come."""
        wanted = self._store.books.wanted_pack()
        if wanted is None or (wanted.epoch, wanted.n) == self._refused:
            return
        if wanted.start is not None and datetime.fromisoformat(wanted.start) > self._desk.now():
            return
        name = (wanted.epoch, wanted.n)
        if name == self._waiting and self._begins > self._desk.now():
            return
        row = self._store.books.pack(wanted.id, wanted.version)
        opened = None if row is None or row.hash != wanted.hash else self._opened(row)
        if opened is None or self._is_over(opened):
            self._refused = name
        elif opened.pack.effective.starts > self._desk.now():
            self._waiting, self._begins = name, opened.pack.effective.starts
            self.note = f"pack {wanted.id} v{wanted.version} waits until {self._begins}"
        else:
            draft = machine.pack_activated(
                self._desk.at(), opened.ref, request=f"{wanted.epoch}:{wanted.n}"
            )
            self._store.submit(draft)

    def _is_over(self, opened: Opened) -> bool:
        ends = opened.pack.effective.ends
        if ends is None or ends > self._desk.now():
            return False
        self.note = f"pack {opened.ref.id} v{opened.ref.version} is refused: it ended at {ends}"
        log.warning("%s", self.note)
        return True

    def _opened(self, row: PackRow) -> Opened | None:
        if self._hq_public is None:
            self.note = f"pack {row.id} v{row.version}: no key of headquarters to prove it with"
            return None
        try:
            opened = open_signed(row.document, self._hq_public)
        except PackError as error:
            self.note = f"pack {row.id} v{row.version} is refused: {error}"
            log.warning("%s", self.note)
            return None
        self.note = ""
        return opened
