"""Carries the two logs between this box's store and any pipe. No thread, no socket, no timer.

The pipe tells what happened (`connected`, `received`, `tick`, `wake`, ...); `step` does a little of
what is to be done and returns what the pipe has to do. Each step is short, so that the counter's
loop is never kept waiting: one batch is packed, or one message is handed to the journal.
"""

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import datetime
from enum import Enum

import msgspec

from daemon.clock import Clock
from daemon.entropy import Entropy
from daemon.ledger.epochs import FORKED_FACT
from daemon.ledger.machine import anchor
from daemon.ledger.messages import AskAnswered
from daemon.ledger.records import At
from daemon.ledger.stamp import stamp
from daemon.ledger.views import Outcome, Refused
from daemon.sync.acks import AckBook
from daemon.sync.answering import answering_from
from daemon.sync.asking import SendAsk
from daemon.sync.inbox import Inbox, Judge
from daemon.sync.mailroom import AckMail, Mail, NackMail, PostMail, TurnMail
from daemon.sync.pooling import Pooling
from daemon.sync.ports import BoxSaid, Ledger
from daemon.sync.protocol import (
    AckSeen,
    Appended,
    BoxSession,
    Changed,
    Connected,
    Disconnected,
    Effect,
    Event,
    Fork,
    NackSeen,
    Packed,
    Reconnect,
    ReportFork,
    SendHello,
    SendState,
    Ship,
    Tick,
    TurnSeen,
)
from daemon.sync.questions import Questions
from daemon.sync.saying import Identity, Says
from daemon.sync.shipping import Shipping
from daemon.sync.wire import CLOSED, Hello, up

SESSION_BYTES = 8
LOOK_EVERY_MS = 5_000  # at pack and devices, whether hello would say something else
ANCHOR_FACT = "anchor_day"  # the business date that has its anchor


class Send(msgspec.Struct, frozen=True):
    topic: str
    payload: bytes


class Reopen(msgspec.Struct, frozen=True):
    why: str


class Of(Enum):
    """Whose commit it is."""

    MESSAGE = "message"
    RELEASE = "release"


class Await(msgspec.Struct, frozen=True):
    """Call `settled` with the outcome, when there is one."""

    outcome: Future[Outcome]
    of: Of = Of.MESSAGE


Action = Send | Reopen | Await


class Standing(msgspec.Struct, frozen=True):
    """Where a box stands, for a carrier that is no line. `marks`: what HQ has, by epoch, of the
    chains that may be shipped."""

    hello: Hello
    letter: bytes
    marks: Mapping[int, int]


class Courier:
    """One box's two logs on their way. Owned by one thread."""

    def __init__(
        self,
        store: Ledger,
        *,
        identity: Identity,
        entropy: Entropy,
        clock: Clock,
        status: Callable[[], BoxSaid],
        on_time: Callable[[datetime], None] | None = None,
        judge: Judge | None = None,
    ) -> None:
        """`on_time` is told each fresh time that HQ signed."""
        self._on_time = on_time
        self._store = store
        self._says = Says(store, identity, status)
        self._entropy = entropy
        self._clock = clock
        self._chain = store.chain
        self._inbox = Inbox(
            self._chain,
            hq_key=identity.hq_key,
            books=store.books,
            letters=store.local,
            answering=answering_from(store),
            judge=judge,
        )
        self._shipping = Shipping(store, hq_key=identity.hq_key, warm=True)
        self._acks = AckBook(store, hq_key=identity.hq_key, clock=clock)
        incarnation, chains = self._acks.recall()
        self._session = BoxSession(incarnation=incarnation, chains=chains)
        self._inbox.obey(incarnation)
        self.questions = Questions(
            entropy, self._mono_ms, online=lambda: self._session.greeted, send=self._send_ask
        )
        self._pooling = Pooling(store)
        self._hello_waits = False  # until the message at hand is settled
        self._todo: deque[Effect | SendAsk] = deque()
        self._name = ""  # of this connection
        self._looked_ms = 0
        self._fresh_link = True  # what shops release to the pool goes at each sync
        self._anchored = ""  # the business date whose anchor is written or on its way

    # -- what the pipe tells ---------------------------------------------------------------------

    def new_session(self) -> tuple[str, bytes]:
        """Name a new connection; return topic and payload of its will."""
        self._name = self._entropy.draw(SESSION_BYTES).hex()
        return self._state_topic, self._says.state(self._name, online=False)

    def connected(self) -> None:
        self._fresh_link = True
        self._do(Connected(self._mono_ms()))

    def disconnected(self) -> None:
        self._todo.clear()
        self._do(Disconnected(self._mono_ms()))

    def wake(self) -> None:
        """The journal has new entries."""
        self._do(Appended(self._chain.epoch, self._store.head.seq))

    def tick(self) -> None:
        """About a second has passed."""
        now = self._mono_ms()
        if self._session.connected and now - self._looked_ms >= LOOK_EVERY_MS:
            self._looked_ms = now
            if self._says.changed():
                self._do(Changed(now))
        self._inbox.look_again()
        self._acks.save_when_due(now)
        self._do(Tick(now))
        if self._session.greeted and not self.questions.open:
            self._pooling.look(now, again=self._fresh_link)
            self._fresh_link = False

    def received(self, mail: Mail) -> None:
        """Take what the mailroom has opened."""
        match mail:
            case AckMail():
                self._ack(mail)
            case NackMail(nack):
                seen = self._store.read(nack.epoch, nack.seq, 1)
                ours = bool(seen) and seen[0].seq == nack.seq and seen[0].hash == nack.hash
                closed = nack.reason == CLOSED
                self._do(NackSeen(nack.epoch, ours, self._mono_ms(), closed))
            case TurnMail(turn) if turn.session == self._name:  # else it was for a line that ended
                self._do(TurnSeen(turn.batches, self._mono_ms()))
            case PostMail():
                self._inbox.take(mail)

    def carried(self, mail: Mail) -> None:
        """Take what a stick has brought: HQ said so then, and need not be there now."""
        if isinstance(mail, AckMail):
            self._ack(mail, live=False)
        else:
            self.received(mail)

    def settled(self, outcome: Outcome, of: Of = Of.MESSAGE) -> list[Action]:
        """The commit of a message, or of a release, has an outcome."""
        if of is Of.RELEASE:
            self._pooling.settled(outcome)
            return []
        problems: tuple[str, ...] = ()
        if isinstance(outcome, Refused):
            if any(problem.passing for problem in outcome.problems):
                self._inbox.put_off()
                return []
            problems = tuple(problem.what for problem in outcome.problems)
        again = self._inbox.settled(problems, self._at())
        if again is not None:
            return [Await(self._store.submit(again))]
        if self._hello_waits:
            self._hello_waits = False
            self._todo.append(SendHello())
        if isinstance(self._inbox.last, AskAnswered) and not problems:
            self.questions.heard(self._inbox.last)
        return []

    # -- what there is to do ---------------------------------------------------------------------

    @property
    def pending(self) -> bool:
        """Whether step() has something to do at once."""
        return bool(self._todo) or self._inbox.pending or self._pooling.pending

    def step(self) -> list[Action]:
        """Do a little, and return what the pipe has to do for it."""
        actions: list[Action] = []
        if self._todo:
            actions += self._perform(self._todo.popleft())
        if self._inbox.pending:
            draft = self._inbox.next(self._at())
            if draft is not None:
                actions.append(Await(self._store.submit(draft)))
        elif self._pooling.pending and not self._todo:
            draft = self._pooling.step(self._at())
            if draft is not None:
                actions.append(Await(self._store.submit(draft), Of.RELEASE))
        return actions

    def persist(self) -> None:
        """Write down what HQ has acknowledged, before the end."""
        self._acks.save(self._mono_ms())

    # -- what is known ---------------------------------------------------------------------------

    @property
    def taking(self) -> bool:
        """Whether something that was brought is still on its way into the journal."""
        return self._inbox.taking

    def standing(self) -> Standing:
        """Return what a stick needs; not while `taking`: a hello passes over no message."""
        hello, letter = self._says.carried(
            self._inbox.mark, self.incarnation, known=self._acks.known
        )
        chains = self._session.chains.values()
        marks = {chain.epoch: chain.mark for chain in chains if chain.fork is None}
        return Standing(hello, letter, marks)

    @property
    def hq_mark(self) -> int:
        """The last entry of this chain that HQ has acknowledged."""
        up_state = self._session.chains.get(self._chain.epoch)
        return 0 if up_state is None else up_state.mark

    @property
    def hq_age_s(self) -> float | None:
        """Return how old HQ's last acknowledgement is, whatever brought it; None: never."""
        ages = (self.line_age_s, self._acks.seen_age_s())
        return min((age for age in ages if age is not None), default=None)

    @property
    def greeted(self) -> bool:
        """Whether HQ answers on this connection."""
        return self._session.greeted

    @property
    def line_age_s(self) -> float | None:
        """Return how long ago HQ answered on a line; None: not since the start."""
        last = self._session.last_ack_ms
        return None if last is None else (self._mono_ms() - last) / 1000

    @property
    def known(self) -> bool:
        """Whether HQ has ever acknowledged this box."""
        return self._acks.known

    @property
    def incarnation(self) -> int:
        return self._session.incarnation

    @property
    def fork(self) -> Fork | None:
        """Why the present chain may not be the one that HQ knows; None: all is well."""
        up_state = self._session.chains.get(self._chain.epoch)
        return None if up_state is None else up_state.fork

    @property
    def trouble(self) -> str:
        """What keeps HQ's messages from being applied; empty when nothing does."""
        if self._inbox.broken:
            return self._inbox.broken
        waiting = self._inbox.waiting_for
        return f"the key of member {waiting} has not come yet" if waiting else ""

    # -- inside ----------------------------------------------------------------------------------

    def _do(self, event: Event) -> None:
        self._todo.extend(self._session.handle(event))

    def _send_ask(self, effect: SendAsk) -> None:
        self._todo.append(effect)

    def _ack(self, mail: AckMail, *, live: bool = True) -> None:
        ack = mail.ack
        now = self._mono_ms()
        fresh = self._acks.is_fresh(ack, self.incarnation)
        said = datetime.fromisoformat(ack.at) if fresh else None
        if said is not None and live and self._on_time is not None:
            self._on_time(said)
        same = self._acks.same(ack.epoch, ack.mark, ack.hash)
        own = ack.epoch == self._chain.epoch
        behind = own and ack.down_seq > self._inbox.mark.n and not self._inbox.pending
        if same:
            self._inbox.obey(ack.incarnation)
        self._do(
            AckSeen(ack.epoch, ack.incarnation, ack.mark, same, fresh and live, behind, now, live)
        )
        if said is None or not (same and ack.epoch in self._session.chains):
            return
        self._acks.keep(mail, heard=self._clock.read().wall if live else said)
        if not live:  # the next stick may come in a month
            self._acks.save(now)
        if own and ack.mark:
            self._anchor(mail)

    def _anchor(self, mail: AckMail) -> None:
        """Keep the day's first acknowledgement in the journal itself."""
        day = self._store.books.business_date()
        local = self._store.local
        if day is None or day == self._anchored or local.fact(ANCHOR_FACT) == day:
            return
        self._anchored = day
        draft = anchor(self._at(), ack=mail.statement.encode(), signature=mail.signature)
        # Refused means that the day has one already.
        self._store.submit(draft).add_done_callback(lambda _: local.put_fact(ANCHOR_FACT, day))

    def _perform(self, effect: Effect | SendAsk) -> list[Action]:
        match effect:
            case SendAsk():
                return [Send(up(self._chain.box, "ask"), self._says.ask(effect))]
            case SendHello() if self._inbox.busy:
                self._hello_waits = True  # a hello must not pass over a message half applied
                return []
            case SendHello():
                letter = self._says.hello(
                    self._name, self._inbox.mark, self.incarnation, known=self._acks.known
                )
                return [Send(up(self._chain.box, "hello"), letter)]
            case SendState():
                letter = self._says.state(self._name, online=True)
                return [Send(self._state_topic, letter)]
            case Ship():
                return self._ship(effect)
            case Reconnect(why):
                return [Reopen(why)]
            case ReportFork(epoch):
                if epoch == self._chain.epoch:  # `fork` says it; the next start begins a new epoch
                    self._store.local.put_fact(FORKED_FACT, str(epoch))
                return []

    def _ship(self, ship: Ship) -> list[Action]:
        chain = self._session.chains[ship.epoch]
        if not self._session.connected or chain.fork or ship.first != chain.sent + 1:
            return []  # an acknowledgement came in between
        packed = self._shipping.pack(ship.epoch, first=ship.first, last=ship.last)
        if packed is None:
            return []
        payload, last = packed
        self._do(Packed(ship.epoch, ship.first, last, self._mono_ms()))
        return [Send(up(self._chain.box, "journal"), payload)]

    def _at(self) -> At:
        """Return the `at` of an entry of ours; only the counter turns the business day."""
        day = self._store.books.open_date()
        at = stamp(self._clock.read(), closing_hour=0, not_before=day)
        return at if day is None else msgspec.structs.replace(at, business_date=day)

    def _mono_ms(self) -> int:
        return self._clock.read().mono_ms

    @property
    def _state_topic(self) -> str:
        return up(self._chain.box, "state")
