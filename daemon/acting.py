"""Acts over the control socket, carried only by a box that is asked for one."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from daemon.clock import Clock
from daemon.config import Config
from daemon.entropy import Entropy
from daemon.ledger.store import Store
from daemon.rules.engine import Engine

if TYPE_CHECKING:
    from daemon.actfacts import Facts
    from daemon.acts import Acts

DUE = "rules.due"  # asked like an act, since it takes its time; it writes nothing
LIFE = "rules.life_event"  # what it opens are entries of their own


class Acting:
    """Called in the control socket's own threads."""

    def __init__(
        self,
        config: Config,
        store: Store,
        clock: Clock,
        entropy: Entropy,
        engine: Callable[[], Engine],
    ) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._engine = engine
        self._facts: Facts | None = None
        self._acts: Acts | None = None

    def do(self, kind: str, request: bytes) -> msgspec.Struct:
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
            self._facts, self._acts = facts, Acts(facts)
        if kind == DUE and self._facts is not None:
            from daemon.reminding import DueAsked, said

            asked = msgspec.json.decode(request, type=DueAsked)
            return said(self._facts, self._engine(), asked)
        if kind == LIFE and self._facts is not None:
            from daemon.lifeevents import LifeAsked, happened

            return happened(
                self._facts, self._engine(), msgspec.json.decode(request, type=LifeAsked)
            )
        return self._acts.do(kind, request)
