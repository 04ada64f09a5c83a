"""Which rule pack applies: loads the active one, activates what HQ asked for when it is due.

A pack that cannot be opened never becomes active: the box goes on under the old one and says so.
"""

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from daemon.desk import LONG_AGO, Desk
from daemon.finding import note
from daemon.ledger import machine
from daemon.ledger.records import PackRef
from daemon.ledger.store import Store
from daemon.ledger.views import PackRow
from daemon.packs import Checked, Packs
from daemon.rules.engine import NO_PACK, Engine, compile_pack

if TYPE_CHECKING:
    from daemon.rules.models import Pack

log = logging.getLogger("memberbox.rules")


class Activation:
    """Owned by the loop."""

    def __init__(self, store: Store, desk: Desk, packs: Packs) -> None:
        self._store = store
        self._desk = desk
        self._packs = packs
        self._refused: tuple[int, int] | None = None  # the message whose pack does not apply
        self._waiting: tuple[int, int] | None = None  # the message whose pack has yet to begin
        self._begins = LONG_AGO
        self._note = ""
        packs.on_word(self._found)
        desk.older = self._older
        desk.packs = self._pack

    @property
    def note(self) -> str:
        """What a person should know about the pack; empty when all is well."""
        said = self._packs.trouble or self._note
        return note("rules", said) if said else ""

    async def begin(self) -> None:
        """Load the active pack at a start, which waits while it is being checked anew."""
        self.load()
        if self._behind():
            await self._packs.heard()
            self.load()

    def load(self) -> None:
        """Let the desk use the active pack, after a start or a change."""
        row = self._store.books.active_pack()
        checked = None if row is None else self._checked(row)
        if row is None or isinstance(checked, str):
            self._desk.use(NO_PACK)
        elif checked is not None:
            self._desk.use(compile_pack(checked.pack, checked.ref))

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
        if row is not None and row.hash == wanted.hash and not row.document:
            self._note = f"pack {wanted.id} v{wanted.version} waits for its bytes"
            return
        checked = "" if row is None or row.hash != wanted.hash else self._checked(row)
        if checked is None:
            return  # _found() comes back to it
        if isinstance(checked, str) or self._is_over(checked):
            self._refused = name
        elif checked.pack.effective.starts > self._desk.now():
            self._waiting, self._begins = name, checked.pack.effective.starts
            self._note = f"pack {wanted.id} v{wanted.version} waits until {self._begins}"
        else:
            draft = machine.pack_activated(
                self._desk.at(), checked.ref, request=f"{wanted.epoch}:{wanted.n}"
            )
            self._store.submit(draft)

    def _older(self, ref: PackRef) -> Engine | None:
        """Return a pack that applied before, compiled; None while it is being checked anew."""
        pack = self._pack(ref)
        return None if pack is None else compile_pack(pack, ref)

    def _pack(self, ref: PackRef) -> "Pack | None":
        row = self._store.books.pack(ref.id, ref.version)
        if row is None or row.hash != ref.hash:
            return None
        seen = self._packs.look(row.document)
        return seen.pack if isinstance(seen, Checked) else None

    def _found(self) -> None:
        """A pack was looked through: the active one may be used now, or the next one be due."""
        if self._behind():
            self.load()
        self.due()

    def _behind(self) -> bool:
        """Tell whether the desk does not use the pack that is active."""
        active, ref = self._store.books.active_ref(), self._desk.engine().ref
        return active is not None and (ref is None or ref.hash != active.hash)

    def _is_over(self, checked: Checked) -> bool:
        ends = checked.pack.effective.ends
        if ends is None or ends > self._desk.now():
            return False
        ref = checked.ref
        self._note = f"pack {ref.id} v{ref.version} is refused: it ended at {ends}"
        log.warning("%s", self._note)
        return True

    def _checked(self, row: PackRow) -> Checked | str | None:
        """Return the pack, or why it is none, which is noted; None: it is being checked."""
        seen = self._packs.look(row.document)
        if isinstance(seen, str):
            self._note = f"pack {row.id} v{row.version} is refused: {seen}"
            log.warning("%s", self._note)
        elif seen is not None:
            self._note = ""
        return seen
