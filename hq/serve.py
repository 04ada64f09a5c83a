"""Headquarters at work, until SIGTERM: a pipe to the boxes around it, one page on the loopback.

    serve    all of it in one process
    take_in  a worker: it stores what boxes send; any number of them compete (PostgreSQL)
    book     all the rest, beside workers: books, questions, messages to boxes, the page

One thread stores, answers, and only then lets the broker forget. A broker that dies, or we: boxes
send again what was not acknowledged.
"""

import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Protocol

from daemon.entropy import jitter
from daemon.errors import LinkError, StoreError
from daemon.sync.wire import TOPICS
from hq.admission import BOXES_AT_ONCE
from hq.headquarters import Headquarters
from hq.intake import Arrival, Drained, Intake, Outgoing
from hq.page import HOST, Page
from hq.pipe import RETRY_S, Come, Complaints, Pipe
from hq.store import Office, alone

WORK_EVERY_MS = 500  # booking goes on while intake is never idle

ALL = (f"{TOPICS}/+/up/+",)
STORED = tuple(f"{TOPICS}/+/up/{what}" for what in ("journal", "hello", "state"))
# What `book` hears beside workers. A hello is stored by whoever comes first, and both answer it: a
# box sends while one of the two is away.
ANSWERED = tuple(f"{TOPICS}/+/up/{what}" for what in ("hello", "ask", "want"))


class Machine(Protocol):
    """What a server does with what comes: headquarters, or a part of it."""

    def started(self, mono_ms: int) -> list[Outgoing]: ...
    def take(self, arrivals: Sequence[Arrival], *, mono_ms: int) -> Drained: ...
    def work(self) -> int: ...
    def posts(self, mono_ms: int) -> list[Outgoing]: ...


class Storing:
    """The part of a worker: what comes is stored and acknowledged. It remembers nothing."""

    def __init__(self, office: Office) -> None:
        self._intake = Intake(office)

    def started(self, mono_ms: int) -> list[Outgoing]:
        return []

    def take(self, arrivals: Sequence[Arrival], *, mono_ms: int) -> Drained:
        return self._intake.drain(arrivals)

    def work(self) -> int:
        return 0

    def posts(self, mono_ms: int) -> list[Outgoing]:
        return []


@dataclass(slots=True)
class Done:
    """What a server has done since it began."""

    messages: int = 0
    stored: int = 0  # entries that were not there before


class Server:
    """One machine at one pipe."""

    def __init__(
        self,
        office: Office,
        pipe: Pipe,
        machine: Callable[[Office], Machine],
        *,
        say: Callable[[str], None],
    ) -> None:
        self._office = office
        self._pipe = pipe
        self._new = machine
        self._machine = machine(office)
        self._say = say
        self._stop = threading.Event()
        self._greeted = 0  # the connection that boxes were greeted on
        self._worked_ms = 0
        self.done = Done()

    def stop(self) -> None:
        self._stop.set()

    def run(self, ready: Callable[[], None]) -> None:
        """Serve until stop(). `ready` is called when boxes can reach us for the first time."""
        said = False
        while not self._stop.is_set():
            try:
                self._pipe.keep_open()
                if not said and self._pipe.connection:
                    said = True
                    ready()
                self._turn()
            except StoreError as error:
                if not error.retry:
                    self._pipe.leave()
                    raise
                self._say(str(error))
                self._wait_for_store()
        self._pipe.leave()

    def _wait_for_store(self) -> None:
        """Leave the broker until the database is back; boxes send again what was not answered."""
        self._pipe.leave()
        wait_s = RETRY_S[0]
        while not self._stop.wait(wait_s * (1 + jitter(self._office.entropy))):
            wait_s = min(2 * wait_s, RETRY_S[1])
            try:
                self._machine = self._new(self._office)  # what the old one had in hand is not so
            except StoreError as error:
                if not error.retry:
                    raise
                continue
            return

    def _turn(self) -> None:
        """Take what has arrived, answer it, and do some work."""
        come = self._pipe.arrived()
        now = time.monotonic_ns() // 1_000_000
        if come:
            self._take(come, now)
        connection = self._pipe.connection
        if connection and self._greeted != connection:
            self._greeted = connection
            self._pipe.publish(self._machine.started(now))
        if self._pipe.empty or now - self._worked_ms >= WORK_EVERY_MS:
            self._worked_ms = now
            self._machine.work()
        self._pipe.publish(self._machine.posts(now))

    def _take(self, come: list[Come], now: int) -> None:
        drained = self._machine.take([one.arrival for one in come], mono_ms=now)
        for refusal in drained.refusals:
            self._say(f"refused {refusal.topic}: {refusal.why}")
        self._pipe.publish(drained.answers)
        for one in come:
            one.forget()
        self.done.messages += len(come)
        self.done.stored += drained.stored


def serve(
    office: Office,
    opened: Callable[[], Office],
    pipe: Pipe,
    *,
    http_port: int,
    boxes_at_once: int = BOXES_AT_ONCE,
    say: Callable[[str], None],
) -> None:
    """Serve until SIGTERM or SIGINT; `say` gets one line when boxes can reach us.

    Raises LinkError when the page's port is taken, StoreError when another serves here.
    """
    with alone(office):
        page = Page(opened, http_port)
        try:
            page.start()
        except OSError as error:
            raise LinkError(
                f"{HOST}:{http_port}",
                doing="opening the page",
                found=str(error),
                fix="Give another --http port.",
                retry=False,
            ) from error
        machine = partial(Headquarters, boxes_at_once=boxes_at_once)
        server = Server(office, pipe, machine, say=Complaints())
        _run(server, lambda: say(f"ready {page.address} {pipe.place}"))


def take_in(office: Office, pipe: Pipe, *, say: Callable[[str], None]) -> Done:
    """Store what boxes send until SIGTERM or SIGINT, one worker of any number."""
    server = Server(office, pipe, Storing, say=Complaints())
    _run(server, lambda: say(f"ready intake {pipe.place}"))
    return server.done


def _run(server: Server, ready: Callable[[], None]) -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        server.stop()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    server.run(ready)
