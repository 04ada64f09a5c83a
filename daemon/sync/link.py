"""The link to headquarters: a courier, and one MQTT pipe after the other. The app's face of sync.

The link is judged by the age of HQ's last acknowledgement, not by the broker's opinion. Nothing at
the counter waits for it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from pathlib import Path

from daemon import seal
from daemon.clock import Clock
from daemon.entropy import Entropy, jitter
from daemon.errors import LinkError
from daemon.ledger.store import Store
from daemon.ledger.views import Outcome
from daemon.release import VERSION
from daemon.sync.asking import ASK_DEADLINE_MS, TellAsker
from daemon.sync.blocked import BlockedCards
from daemon.sync.contents import Come, Contents
from daemon.sync.courier import Action, Await, Courier, Of, Reopen, Send, Standing
from daemon.sync.doors import STAY_S, Doors, Own
from daemon.sync.fetching import Fetching
from daemon.sync.inbox import Judge
from daemon.sync.linkstatus import Line, SyncStatus, reason
from daemon.sync.mailroom import ContentMail, Mail, Mailroom, PostMail
from daemon.sync.pipe import Ears, Pipe, Where
from daemon.sync.ports import BoxSaid
from daemon.sync.protocol import LINK_DEAD_MS
from daemon.sync.saying import Identity
from daemon.sync.wire import VERSION as VERSION_1
from daemon.sync.wire import LetterKind, Want, seal_letter, up
from daemon.wanted import Wanted

TICK_S = 1.0
RETRY_MIN_S = 0.5  # before the first new connection; doubles, and jitter doubles it at most
RETRY_MAX_S = 60.0  # a hundred thousand boxes come back within two minutes, not at once
CONNECT_S = 15.0  # a broker that has not answered by then is given up
FAULT_PAUSE_S = 10.0  # after a fault of our own; a loop of them must not fill the log
FAREWELL_S = 0.2  # for the last word to leave the machine at stop
REST_S = 30.0  # a pack that is being checked takes 3 s; what waits longer comes with the next stick
REST_LOOK_S = 0.01
REFUSED_SAID_MAX = 20  # lines in the log; a stranger on the broker may send any number

log = logging.getLogger("memberbox.sync")


class Sync:
    """Owned by the loop: every method is called on its thread."""

    def __init__(
        self,
        store: Store,
        *,
        mqtt: str,
        hq_key: bytes,
        token: str | None,
        entropy: Entropy,
        clock: Clock,
        status: Callable[[], BoxSaid],
        on_change: Callable[[], None],
        on_time: Callable[[datetime], None] | None = None,
        tls: Path | None = None,
        renewed: Path | None = None,
        mqtt_version: str = "3.1.1",
        login: tuple[str, str] | None = None,
        own: Own | None = None,
        judge: Judge | None = None,
        contents: Contents | None = None,
        on_content: Callable[[str], None] | None = None,
    ) -> None:
        """`mqtt` "": there is no line. `on_content` is told each content that is whole."""
        host, _, port = mqtt.rpartition(":")
        end = (host.strip("[]"), int(port or 0), store.chain.box)
        self._where = Where(*end, tls, mqtt_version, renewed, login)
        self._doors = Doors(self._where, own)
        self._entropy, self._clock, self._on_change = entropy, clock, on_change
        self._courier = Courier(
            store,
            identity=Identity(hq_key, token, VERSION, self._doors.public),
            entropy=entropy,
            clock=clock,
            status=status,
            on_time=on_time,
            judge=judge,
        )
        self._mailroom = _mailroom_of(store, hq_key, contents)
        self._sign = store.sign
        self._blocked = BlockedCards(store.local, store.books, store.chain.epoch)
        self._fetching = Fetching()
        self._on_content = on_content
        self._pipe: Pipe | None = None
        self._up = False
        self._will: tuple[str, bytes] = ("", b"")
        self._retry_s, self._retry_at = RETRY_MIN_S, 0.0
        self._why = ""
        self._refused, self._turned_s = 0, 0.0
        self._told: tuple[bool, bool, str] | None = None
        self._signal = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect in the background, now and for ever again."""
        loop = asyncio.get_running_loop()
        self._turned_s = loop.time()
        self._task = loop.create_task(self._serve(), name="sync")

    async def stop(self) -> None:
        """Say goodbye and stop; what was not acknowledged goes next time."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._pipe is not None and self._up:
            self._pipe.send(*self._will)
            await asyncio.sleep(FAREWELL_S)
        self._drop("stopped")
        self._courier.persist()

    def alive(self, within_s: float) -> bool:
        """Tell whether the link's task lately went round, line or no line; stopped is not dead."""
        if self._task is None:
            return True
        age_s = asyncio.get_running_loop().time() - self._turned_s
        return not self._task.done() and age_s < within_s + FAULT_PAUSE_S

    def signed(self) -> None:
        """Headquarters has signed this box's key: from now on the other door is open."""
        if self._where.enrol_ca:
            self._close("headquarters has signed this box's key")

    def wake(self) -> None:
        """The journal has new entries."""
        self._courier.wake()
        self._signal.set()

    def ask(
        self,
        question: Wanted,
        told: Callable[[TellAsker], None],
        *,
        deadline_ms: int = ASK_DEADLINE_MS,
    ) -> str:
        """Ask headquarters during a sale. `told` is called once on the loop: answered, late, or
        offline at once. The answer itself is in the books by then. Returns the question's id; say
        `ask_ended` with it when the sale is over, however it ended."""
        name = self._courier.questions.ask(question, told, deadline_ms=deadline_ms)
        self._signal.set()
        return name

    def ask_ended(self, name: str) -> None:
        """The sale is over: what was granted for it and not used goes back at the next sync."""
        self._courier.questions.ended(name)

    async def carried(self, mail: Mail) -> None:
        """Take what a stick has brought; return when it is in the journal, or waits there."""
        if isinstance(mail, ContentMail):
            self._came(mail.come)
            return
        self._courier.carried(mail)
        self._signal.set()
        await self._rest()

    @property
    def mailroom(self) -> Mailroom:
        """What opens a stick's mail; it may be used in any thread."""
        return self._mailroom

    async def lacks(self) -> tuple[str, ...]:
        """Return the contents that are asked for and not whole here."""
        await self._rest()
        return self._fetching.lacks

    async def standing(self) -> Standing:
        """Return what a stick needs to know of this box, between two messages."""
        await self._rest()
        return self._courier.standing()

    async def _rest(self) -> None:
        for _ in range(int(REST_S / REST_LOOK_S)):
            if not self._courier.taking:
                return
            await asyncio.sleep(REST_LOOK_S)

    def want(self, contents: Iterable[tuple[str, int]]) -> None:
        """Ask headquarters for these contents, beside the log: hash, and how much is here."""
        self._fetching.want(contents)
        self._signal.set()

    def status(self) -> SyncStatus:
        courier = self._courier
        heard = courier.line_age_s
        connected = self._up and heard is not None and heard * 1000 < LINK_DEAD_MS
        line = Line(self._up, connected, courier.known, self._why)
        return SyncStatus(
            connected,
            courier.hq_mark,
            courier.hq_age_s,
            courier.fork is not None,
            courier.incarnation,
            reason(courier.fork, courier.trouble, line, self._fetching.trouble),
        )

    # -- the loop --------------------------------------------------------------------------------

    async def _serve(self) -> None:
        """Go on for ever. A failing disk, or a bug here, must not stop the counter: it is said,
        the connection is given up, and the next one starts from what is durable."""
        while True:
            try:
                await self._turns()
            except Exception as error:
                log.exception("the link starts anew")
                self._close(f"a fault in this box: {error}")
                self._tell()
                await asyncio.sleep(FAULT_PAUSE_S)

    async def _turns(self) -> None:
        loop = asyncio.get_running_loop()
        next_tick = loop.time()
        while True:
            while self._courier.pending:
                self._act(self._courier.step())
                await asyncio.sleep(0)  # the counter first
            self._fetch()
            self._signal.clear()
            now = self._turned_s = loop.time()
            if now >= next_tick:
                next_tick = now + TICK_S
                self._keep_open(now)
                self._courier.tick()
                self._tell()
                continue
            due = self._courier.questions.due_s()
            wait = next_tick - now if due is None else min(next_tick - now, due)
            # Not wait_for: in Python 3.11 it may swallow the cancelling of stop().
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._signal.wait()
            if due is not None:
                self._courier.questions.passed()

    def _act(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Send(topic, payload):
                    if self._pipe is None or not self._pipe.send(topic, payload):
                        self._close("the broker takes nothing")
                case Reopen(why):
                    self._close(why)
                case Await(outcome, of):
                    self._await(outcome, of)

    def _await(self, outcome: Future[Outcome], of: Of) -> None:
        loop = asyncio.get_running_loop()

        def done(future: Future[Outcome]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._settled, future, of)

        outcome.add_done_callback(done)

    def _settled(self, outcome: Future[Outcome], of: Of) -> None:
        self._act(self._courier.settled(outcome.result(), of))
        self._signal.set()

    def _fetch(self) -> None:
        """Ask for the next part of a content, when nothing else is to be done."""
        now = self._clock.read().mono_ms
        wanted = self._fetching.next(now, online=self._up and self._courier.greeted)
        if wanted is not None:
            box = self._where.client_id
            letter = Want(VERSION_1, box, wanted.hash, wanted.offset)
            payload = seal_letter(LetterKind.WANT, letter, self._sign)
            self._act([Send(up(box, "want"), payload)])

    def _came(self, come: Come) -> None:
        now = self._clock.read().mono_ms
        self._fetching.came(come.hash, come.have, whole=come.whole, why=come.why, mono_ms=now)
        if come.whole and self._on_content is not None:
            self._on_content(come.hash)

    # -- the pipe --------------------------------------------------------------------------------

    def _keep_open(self, now: float) -> None:
        if self._pipe is not None:
            if not self._pipe.alive:  # what it said last comes first
                why = "the connection's thread has ended"
                asyncio.get_running_loop().call_soon(self._pipe_down, self._pipe, why)
            elif not self._up and now >= self._retry_at:
                self._close("the broker does not answer")
            elif self._where.enrol_ca and now >= self._retry_at + STAY_S:
                self._close("the door of first contact is not for staying")
            return
        where = self._doors.next() if now >= self._retry_at else None
        if where is None:
            self._why = self._doors.why or self._why
            return
        self._where = where
        self._retry_at = now + CONNECT_S
        self._will = self._courier.new_session()
        ears = Ears(self._pipe_up, self._pipe_down, self._pipe_mail, self._pipe_refused)
        try:
            self._pipe = Pipe(
                where,
                will=self._will,
                mailroom=self._mailroom,
                ears=ears,
                loop=asyncio.get_running_loop(),
            )
        except LinkError as error:  # a folder of certificates that is not there, or not whole
            self._close(str(error))
            return
        self._pipe.open()

    def _pipe_up(self, pipe: Pipe) -> None:
        if pipe is self._pipe:
            self._up = True
            self._courier.connected()
            self._signal.set()

    def _pipe_down(self, pipe: Pipe, why: str) -> None:
        if pipe is self._pipe:
            self._close(why)
            self._tell()

    def _pipe_mail(self, pipe: Pipe, mail: Mail) -> None:
        if pipe is self._pipe:
            self._retry_s = RETRY_MIN_S  # HQ itself answers: the link is good
            self._doors.answered(self._where)
            if isinstance(mail, ContentMail):
                self._came(mail.come)
            else:
                self._courier.received(mail)
                if isinstance(mail, PostMail):
                    self._blocked.put_early(mail.messages)
            self._signal.set()
            self._tell()

    def _pipe_refused(self, pipe: Pipe, why: str) -> None:
        self._refused += 1
        if pipe is self._pipe and self._refused <= REFUSED_SAID_MAX:
            log.warning("refused what came over MQTT: %s", why)

    def _close(self, why: str) -> None:
        """Give this connection up; the next one comes after a wait that grows."""
        self._doors.failed()
        self._drop(why)
        wait = self._retry_s * (1 + jitter(self._entropy))
        self._retry_at = asyncio.get_running_loop().time() + wait
        self._retry_s = min(2 * self._retry_s, RETRY_MAX_S)

    def _drop(self, why: str) -> None:
        pipe, self._pipe = self._pipe, None
        where = self._where
        self._why = f"broker {where.host}:{where.port}: {why}" if where.host else ""
        self._up = False
        if pipe is not None:
            self._courier.disconnected()
            pipe.close()

    def _tell(self) -> None:
        """Tell the app when something that people see has changed."""
        now = self.status()
        seen = (now.connected, now.forked, now.reason)
        if seen != self._told:
            self._told = seen
            log.info("link connected=%s mark=%d %s", now.connected, now.hq_mark, now.reason)
            self._on_change()


def _mailroom_of(store: Store, hq_key: bytes, contents: Contents | None) -> Mailroom:
    return Mailroom(
        store.chain.box,
        hq_key=hq_key,
        unseal=partial(seal.unseal, store.device_seed),
        phone_key=store.phone_key,
        keys=store.local,
        contents=contents,
    )
