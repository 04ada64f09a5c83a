"""Which of the broker's doors a box goes to: that of everybody with a certificate, or `[hq] enrol`.

With `tls = "own"` the box makes its key itself, and headquarters signs it. Until it has, and when
the broker turns the certificate away again and again (revoked, run out, a clock that is years
wrong), the box goes to the door of first contact: TLS by headquarters' CA, the box by its password.
"""

import threading
from pathlib import Path

import msgspec

from daemon.errors import LinkError
from daemon.sync.pipe import Where
from daemon.sync.security import CERTIFICATE, KEY
from daemon.sync.tlskey import make, public_of

TRIES = 3  # at the door for everybody, before the other one is tried once
STAY_S = 600.0  # at the door of first contact; whoever has a certificate then tries that one again
UNSIGNED = "headquarters has not signed this box's key yet: carry a stick, or set [hq] enrol"
MAKING = "this box's key for TLS is being made"


class Own(msgspec.Struct, frozen=True):
    """What a box needs that makes its key itself."""

    folder: Path  # own.key; beside it the certificate that came down
    enrol: tuple[str, int] | None = None  # host and port of the door of first contact
    ca: str = ""  # headquarters' CA, PEM: whom to believe there


class Doors:
    """Owned by the loop. `own` None: there is one door only."""

    def __init__(self, where: Where, own: Own | None = None) -> None:
        self._where = where
        self._own = own
        self._failed = 0
        self._making: threading.Thread | None = None
        self.why = ""  # there is no way now

    def public(self) -> str:
        """Return the public half of the box's own key, as it stands in a hello."""
        return "" if self._own is None else public_of(self._own.folder)

    def next(self) -> Where | None:
        """Return where to go now; None: nowhere, and `why` says why."""
        where, own = self._where, self._own
        self.why = ""
        if own is None:
            return where if where.host else None
        if not public_of(own.folder):
            self._make(own.folder)
            return None
        signed = (own.folder / CERTIFICATE).exists() and (own.folder / KEY).exists()
        turn = self._failed % (TRIES + 1) == TRIES
        if where.host and signed and not (turn and own.enrol):
            return where
        if own.enrol is None:
            self.why = UNSIGNED if where.host else ""  # a stick carries everything
            return None
        host, port = own.enrol
        return msgspec.structs.replace(where, host=host, port=port, enrol_ca=own.ca)

    def failed(self) -> None:
        """A connection has ended."""
        self._failed += 1

    def answered(self, where: Where) -> None:
        """Headquarters has answered at this door."""
        if not where.enrol_ca:
            self._failed = 0

    def _make(self, folder: Path) -> None:
        """Make the key in a thread of its own: seconds of work, once in a box's life."""
        self.why = self.why or MAKING
        if self._making is not None and self._making.is_alive():
            return

        def work() -> None:
            try:
                make(folder)
            except LinkError as error:
                self.why = str(error)

        self._making = threading.Thread(target=work, name="tls-key", daemon=True)
        self._making.start()
