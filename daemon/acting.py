"""Acts over the control socket, carried only by a box that is asked for one."""

from typing import TYPE_CHECKING

from daemon.clock import Clock
from daemon.config import Config
from daemon.entropy import Entropy
from daemon.ledger.store import Store

if TYPE_CHECKING:
    from daemon.acts import Acts, Answered


class Acting:
    """Called in the control socket's own threads."""

    def __init__(self, config: Config, store: Store, clock: Clock, entropy: Entropy) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._acts: Acts | None = None

    def do(self, kind: str, request: bytes) -> "Answered":
        """Do one act; waits until it is durable or refused."""
        from daemon.actfacts import Facts
        from daemon.acts import Acts
        from daemon.limiting import Limiting

        if self._acts is None:
            hour = self._config.shop.closing_hour
            limiting = Limiting(self._store, alone=self._config.hq is None)
            facts = Facts(
                self._store, self._clock, self._entropy, closing_hour=hour, limiting=limiting
            )
            self._acts = Acts(facts)
        return self._acts.do(kind, request)
