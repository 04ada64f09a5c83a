"""Which rule pack applies: loads the active one, activates what HQ asked for when it is due.

A pack that cannot be opened never becomes active: the box goes on under the old one and says so.
"""

import logging
from datetime import datetime

from daemon.desk import Desk
from daemon.ledger import machine
from daemon.ledger.records import PackRef
from daemon.ledger.store import Store
from daemon.ledger.views import PackRow
from daemon.rules.document import PackError, open_signed
from daemon.rules.engine import NO_PACK, Engine, compile_pack

log = logging.getLogger("memberbox.rules")


class Activation:
    """Owned by the loop."""

    def __init__(self, store: Store, desk: Desk, hq_public: bytes | None) -> None:
        self._store = store
        self._desk = desk
        self._hq_public = hq_public
        self._refused: tuple[int, int] | None = None  # the message whose pack does not open
        self.note = ""  # what a person should know about the pack; empty when all is well

    def load(self) -> None:
        """Let the desk use the active pack, after a start or a change."""
        row = self._store.books.active_pack()
        engine = None if row is None else self._compiled(row)
        self._desk.use(engine or NO_PACK)

    def due(self) -> None:
        """Activate the newest pack that HQ asked for, once its time has come."""
        wanted = self._store.books.wanted_pack()
        if wanted is None or (wanted.epoch, wanted.n) == self._refused:
            return
        if wanted.start is not None and datetime.fromisoformat(wanted.start) > self._desk.now():
            return
        row = self._store.books.pack(wanted.id, wanted.version)
        if row is None or row.hash != wanted.hash or self._compiled(row) is None:
            self._refused = (wanted.epoch, wanted.n)
            return
        ref = PackRef(row.id, row.version, row.hash)
        request = f"{wanted.epoch}:{wanted.n}"
        self._store.submit(machine.pack_activated(self._desk.at(), ref, request=request))

    def _compiled(self, row: PackRow) -> Engine | None:
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
        return compile_pack(opened.pack, opened.ref)
