"""Acts over the control socket, carried only by a box that is asked for one."""

from typing import TYPE_CHECKING

from daemon.clock import Clock
from daemon.entropy import Entropy
from daemon.ledger.store import Store

if TYPE_CHECKING:
    from daemon.acts import Acts, Answered


class Acting:
    """Called in the control socket's own threads."""

    def __init__(self, store: Store, clock: Clock, entropy: Entropy, *, closing_hour: int) -> None:
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._closing_hour = closing_hour
        self._acts: Acts | None = None

    def do(self, kind: str, request: bytes) -> "Answered":
        """Do one act; waits until it is durable or refused."""
        from daemon.actfacts import Facts
        from daemon.acts import Acts

        if self._acts is None:
            hour = self._closing_hour
            facts = Facts(self._store, self._clock, self._entropy, closing_hour=hour)
            self._acts = Acts(facts)
        return self._acts.do(kind, request)
