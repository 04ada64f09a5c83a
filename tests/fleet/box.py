"""One simulated box: the project's own courier and protocol machine over a journal in memory.

It connects, waits and tries again as `daemon/sync/link.py` does, with that file's own figures.
"""

import asyncio
from collections import deque
from functools import partial
from random import Random

from daemon import seal
from daemon.clock import SystemClock
from daemon.entropy import jitter
from daemon.sync.batch import parse_header
from daemon.sync.courier import Courier
from daemon.sync.link import CONNECT_S, RETRY_MAX_S, RETRY_MIN_S
from daemon.sync.mailroom import Mailroom
from daemon.sync.saying import Identity
from daemon.sync.wire import WireError
from tests.fleet.ledger import EAST_8, LightLedger
from tests.fleet.line import Line
from tests.sync.memory import SeededEntropy
from tests.sync.steps import work

STEPS_AT_ONCE = 8  # then another box's turn comes


class Box:
    """A shop. `ages`: how long entries were only here, in seconds, as they were acknowledged."""

    def __init__(self, ledger: LightLedger, *, seed: int, hq_key: bytes, token: str) -> None:
        self.ledger = ledger
        self.name = ledger.chain.box
        self._entropy = SeededEntropy(Random(seed))
        self._loop = asyncio.get_running_loop()
        self.courier = Courier(
            ledger,
            identity=Identity(hq_key, token, "fleet"),
            entropy=self._entropy,
            clock=SystemClock(EAST_8),
            status=lambda: ledger.said,
        )
        self._mailroom = Mailroom(
            self.name,
            hq_key=hq_key,
            unseal=partial(seal.unseal, ledger.seed),
            phone_key=bytes(32),
            keys=ledger.local,
        )
        self._where: tuple[str, int] | None = None
        self._line: Line | None = None
        self._up = False
        self._retry_s, self._retry_at = RETRY_MIN_S, 0.0
        self._opened_at = 0.0
        self._fresh: deque[tuple[int, float]] = deque()  # (number, since when), not acknowledged
        self._pumping = False
        self.ages: list[float] = []
        self.shipped = 0  # entries in batches, those that went twice counted twice
        self.peak = 0  # batches in flight at once

    # -- what the story tells --------------------------------------------------------------------

    def go(self, host: str, port: int) -> None:
        """From now on try to reach a broker."""
        self._where = (host, port)

    def hand_over(self, copy: "Box") -> None:
        """Leave, and let a copy of this box take its place."""
        where, self._where = self._where, None
        self.disconnect()
        if where is not None:
            copy.go(*where)

    def sell(self) -> None:
        self._fresh.append((self.ledger.sell_one(), self._loop.time()))
        self.wake()

    def wake(self) -> None:
        self.courier.wake()
        self.pump()

    @property
    def online(self) -> bool:
        return self._up

    @property
    def in_flight(self) -> int:
        return sum(len(one.flights) for one in self.courier._session.chains.values())

    @property
    def level(self) -> bool:
        """Whether headquarters has everything that is here."""
        return self.courier.hq_mark == self.ledger.head.seq

    def tick(self) -> None:
        """About a second has passed."""
        now = self._loop.time()
        if self._line is None:
            if self._where is not None and now >= self._retry_at:
                self._open(now, *self._where)
            return
        if not self._up and now - self._opened_at >= CONNECT_S:
            self.disconnect()
            return
        self._line.tick()
        self.courier.tick()
        self.pump()

    # -- inside ----------------------------------------------------------------------------------

    def _open(self, now: float, host: str, port: int) -> None:
        self._opened_at = now
        will = self.courier.new_session()
        line = self._line = Line(
            self.name, will, up=self._connected, lost=self.disconnect, heard=self._heard
        )
        if not line.open(host, port):
            self.disconnect()

    def _connected(self) -> None:
        self._up = True
        self.courier.connected()
        self.pump()

    def disconnect(self) -> None:
        """Let the line go, and try again later."""
        line, self._line = self._line, None
        if line is None:
            return
        line.cut()
        self._up = False
        self.courier.disconnected()
        self._retry_at = self._loop.time() + self._retry_s * (1 + jitter(self._entropy))
        self._retry_s = min(2 * self._retry_s, RETRY_MAX_S)

    def _heard(self, topic: str, payload: bytes) -> None:
        try:
            mail = self._mailroom.open(topic, payload)
        except WireError:
            return
        self._retry_s = RETRY_MIN_S
        self.courier.received(mail)
        now, mark = self._loop.time(), self.courier.hq_mark
        while self._fresh and self._fresh[0][0] <= mark:
            self.ages.append(now - self._fresh.popleft()[1])
        self.wake()

    def pump(self) -> None:
        """Do some steps now, and the rest when others have had theirs."""
        if self._pumping:
            return
        self._pumping = True
        try:
            for _ in range(STEPS_AT_ONCE):
                if not self.courier.pending:
                    return
                self._step()
        finally:
            self._pumping = False
        self._loop.call_soon(self.pump)

    def _step(self) -> None:
        for send in work(self, 1):
            if self._line is None:
                return
            self._line.send(send.topic, send.payload)
            if send.topic.endswith("/journal"):
                header = parse_header(send.payload)
                self.shipped += header.last - header.first + 1
                self.peak = max(self.peak, self.in_flight)
