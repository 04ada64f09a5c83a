"""The way up as a state machine: (what happened) -> (what to do). No I/O, no clock, no random.

One session ships every chain that headquarters does not have in full, the oldest first, a window
of batches at a time, and believes nothing but signed acknowledgements. A broker's PUBACK does not
appear here: it says nothing about what is stored.

What a chain holds is in the journal; the session only knows numbers. The caller packs batches,
checks signatures and compares hashes with the journal, and says what came out of it.
"""

from enum import StrEnum

import msgspec
from msgspec.structs import replace

WINDOW_BATCHES = 8  # in flight at once; spec/sync.md
TURN_GOOD_MS = 360_000  # a hello every 5 minutes renews it; an HQ started anew knows nothing of it
ACK_TIMEOUT_MS = 4_000  # an answer takes 10 ms; after this the batches are sent again
ACK_TIMEOUT_MAX_MS = 60_000  # HQ may be down for a day: the timeout doubles up to this
HELLO_AGAIN_MS = 4_000  # a hello may be lost like anything else; doubles like the above
HELLO_EVERY_MS = 300_000  # and again now and then: nobody answers for one that got lost
STATE_EVERY_MS = 30_000  # an idle link says so, that the age of the last ack means something
LINK_DEAD_MS = 95_000  # three states unanswered: a new client object may help
GAP_PATIENCE_MS = 4_000  # messages that HQ has and we do not are asked for after this


class Fork(StrEnum):
    """Why this chain may no longer be the one that headquarters knows."""

    HASH = "hash"  # HQ's mark has another hash than our journal at that number
    ROLLED_BACK = "rolled_back"  # our head is below HQ's mark
    NACK = "nack"  # HQ has another entry of that number
    CLOSED = "closed"  # HQ gave this chain up and granted anew what it held


class UpState(msgspec.Struct, frozen=True):
    """What is known of one chain's way up. `mark` <= `sent` <= `head`."""

    epoch: int
    head: int
    mark: int = 0  # headquarters stores everything up to here
    sent: int = 0  # up to here it is stored or in flight
    flights: tuple[tuple[int, int], ...] = ()  # (last, when), in order
    fork: Fork | None = None
    branch: bool = False  # an ended chain of which HQ has other entries: ours are shipped once


# What happened.


class Connected(msgspec.Struct, frozen=True):
    mono_ms: int


class Disconnected(msgspec.Struct, frozen=True):
    mono_ms: int


class Appended(msgspec.Struct, frozen=True):
    """The journal's head of this epoch is now `head` (at the start: every chain kept here)."""

    epoch: int
    head: int


class Packed(msgspec.Struct, frozen=True):
    """The caller handed a batch first..last to the pipe."""

    epoch: int
    first: int
    last: int
    mono_ms: int


class AckSeen(msgspec.Struct, frozen=True):
    """A signed acknowledgement for this box. `fresh`: newer than any before (HQ's time). One that
    was carried here on a stick is not `live`: HQ has not answered on this connection."""

    epoch: int
    incarnation: int
    mark: int
    same_hash: bool  # the journal has the ack's hash at the mark (True for mark 0)
    fresh: bool
    behind: bool  # HQ has messages for us that we did not apply yet
    mono_ms: int
    live: bool = True


class NackSeen(msgspec.Struct, frozen=True):
    """A signed refusal. `ours`: the journal has exactly the refused entry. `closed`: HQ gave the
    chain up."""

    epoch: int
    ours: bool
    mono_ms: int
    closed: bool = False


class TurnSeen(msgspec.Struct, frozen=True):
    """A signed word of HQ for this connection: so many batches may be in flight, no more than the
    window. 0: others send now, and ours is to come."""

    batches: int
    mono_ms: int


class Changed(msgspec.Struct, frozen=True):
    """What hello says of this box is another now (pack, devices), or messages were applied."""

    mono_ms: int


class Tick(msgspec.Struct, frozen=True):
    mono_ms: int


Event = (
    Connected | Disconnected | Appended | Packed | AckSeen | NackSeen | TurnSeen | Changed | Tick
)


# What to do.


class SendHello(msgspec.Struct, frozen=True):
    pass


class SendState(msgspec.Struct, frozen=True):
    pass


class Ship(msgspec.Struct, frozen=True):
    """Pack what fits of first..last and say what did (Packed)."""

    epoch: int
    first: int
    last: int


class Reconnect(msgspec.Struct, frozen=True):
    """Drop the client object and make a new one."""

    why: str


class ReportFork(msgspec.Struct, frozen=True):
    epoch: int
    fork: Fork


Effect = SendHello | SendState | Ship | Reconnect | ReportFork


class BoxSession:
    """One box's side of the link. `handle` is the only way in."""

    def __init__(self, *, incarnation: int, chains: tuple[UpState, ...]) -> None:
        self.incarnation = incarnation
        self.chains = {chain.epoch: chain for chain in sorted(chains, key=lambda up: up.epoch)}
        self.connected = False
        self.last_ack_ms: int | None = None  # of the last fresh one
        self._greeted = False  # HQ has answered on this connection
        self._window = WINDOW_BATCHES
        self._turn_ms = 0  # when HQ said so
        self._since_ms = 0  # of this connection
        self._hello_ms = 0
        self._hello_wait_ms = HELLO_AGAIN_MS
        self._ack_wait_ms = ACK_TIMEOUT_MS
        self._sent_ms = 0  # the last time we said anything

    @property
    def greeted(self) -> bool:
        """Whether HQ has answered on this connection."""
        return self.connected and self._greeted

    def handle(self, event: Event) -> list[Effect]:
        """Take what happened and return what to do, in order."""
        match event:
            case Appended(epoch, head):
                self._append(epoch, head)
            case Connected(now):
                return self._connect(now)
            case Disconnected():
                self._disconnect()
                return []
            case Packed():
                self._packed(event)
            case AckSeen():
                return self._ack(event) + self._ship()
            case NackSeen(epoch, ours, closed=closed):
                return self._nack(epoch, ours=ours, fork=Fork.CLOSED if closed else Fork.NACK)
            case TurnSeen(batches, now):
                self._window, self._turn_ms = min(batches, WINDOW_BATCHES), now
            case Changed(now):
                return self._hello(now) if self.connected else []
            case Tick(now):
                return self._tick(now) + self._ship()
        return self._ship()

    def _append(self, epoch: int, head: int) -> None:
        known = self.chains.get(epoch)
        if known is None:
            self.chains[epoch] = UpState(epoch, head)
        elif head > known.head:
            self.chains[epoch] = replace(known, head=head)

    def _connect(self, now: int) -> list[Effect]:
        self._disconnect()
        self.connected = True
        self._since_ms = now
        self._hello_wait_ms = HELLO_AGAIN_MS
        self._ack_wait_ms = ACK_TIMEOUT_MS
        return self._hello(now)

    def _disconnect(self) -> None:
        self.connected = False
        self._greeted = False
        self._window = WINDOW_BATCHES
        for epoch, chain in self.chains.items():
            self.chains[epoch] = _go_back(chain)

    def _hello(self, now: int) -> list[Effect]:
        self._hello_ms = now
        self._sent_ms = now
        return [SendHello()]

    def _packed(self, event: Packed) -> None:
        chain = self.chains[event.epoch]
        self._sent_ms = event.mono_ms
        if event.first != chain.sent + 1:  # an ack moved the chain while the batch was packed
            return
        flights = (*chain.flights, (event.last, event.mono_ms))
        self.chains[event.epoch] = replace(chain, sent=event.last, flights=flights)

    def _ack(self, event: AckSeen) -> list[Effect]:
        chain = self.chains.get(event.epoch)
        if chain is None or event.incarnation < self.incarnation:
            return []
        if event.live:
            self._greeted = True
            self._hello_wait_ms = HELLO_AGAIN_MS
        if event.fresh:
            self.last_ack_ms = event.mono_ms
        if event.mark > chain.head or not event.same_hash:
            if self._ended(chain):
                self.chains[chain.epoch] = _branch(chain)
                return []
            rolled_back = event.mark > chain.head
            return self._forked(chain, Fork.ROLLED_BACK if rolled_back else Fork.HASH)
        effects: list[Effect] = []
        if event.incarnation > self.incarnation:
            # HQ was restored: what it lost is sent again, of every chain.
            self.incarnation = event.incarnation
            self.chains = {epoch: _restart(up) for epoch, up in self.chains.items()}
            chain = self.chains[event.epoch]
            if self.connected:
                effects += self._hello(event.mono_ms)  # HQ waits to hear that we know
        if event.mark > chain.mark:
            self._ack_wait_ms = ACK_TIMEOUT_MS
            self.chains[event.epoch] = _advance(chain, event.mark)
        patient = event.mono_ms - self._hello_ms < GAP_PATIENCE_MS
        if event.behind and self.connected and not patient:
            effects += self._hello(event.mono_ms)
        return effects

    def _nack(self, epoch: int, *, ours: bool, fork: Fork) -> list[Effect]:
        chain = self.chains.get(epoch)
        if chain is None:
            return []
        if ours and self._ended(chain):
            self.chains[epoch] = replace(chain, branch=True)  # it is stored beside the other
            return []
        if ours:
            return self._forked(chain, fork)
        self.chains[epoch] = _go_back(chain)  # it was damaged on its way
        return []

    def _ended(self, chain: UpState) -> bool:
        return chain.epoch < max(self.chains)

    def _forked(self, chain: UpState, fork: Fork) -> list[Effect]:
        if chain.fork is not None:
            return []
        self.chains[chain.epoch] = replace(_go_back(chain), fork=fork)
        return [ReportFork(chain.epoch, fork)]

    def _tick(self, now: int) -> list[Effect]:
        if not self.connected:
            return []
        if now - self._turn_ms >= TURN_GOOD_MS:
            self._window = WINDOW_BATCHES
        heard = max(self._since_ms, self.last_ack_ms or 0)
        if now - heard >= LINK_DEAD_MS:
            self._disconnect()
            return [Reconnect("no acknowledgement from headquarters")]
        if not self._greeted:
            if now - self._hello_ms < self._hello_wait_ms:
                return []
            self._hello_wait_ms = min(2 * self._hello_wait_ms, ACK_TIMEOUT_MAX_MS)
            return self._hello(now)
        if self._timed_out(now):
            # HQ may have been started anew and know nothing of us: greet it again first.
            self._greeted = False
            self._ack_wait_ms = min(2 * self._ack_wait_ms, ACK_TIMEOUT_MAX_MS)
            return self._hello(now)
        if now - self._hello_ms >= HELLO_EVERY_MS:
            return self._hello(now)
        if now - self._sent_ms >= STATE_EVERY_MS:
            self._sent_ms = now
            return [SendState()]
        return []

    def _timed_out(self, now: int) -> bool:
        late = [
            epoch
            for epoch, chain in self.chains.items()
            if chain.flights and now - chain.flights[0][1] >= self._ack_wait_ms
        ]
        for epoch in late:
            self.chains[epoch] = _go_back(self.chains[epoch])
        return bool(late)

    def _ship(self) -> list[Effect]:
        """Ask for one batch at a time: what it really holds is known only when it is packed."""
        if not (self.connected and self._greeted):
            return []
        flying = sum(len(chain.flights) for chain in self.chains.values())
        for chain in self.chains.values():
            if chain.fork is None and chain.sent < chain.head and flying < self._window:
                return [Ship(chain.epoch, chain.sent + 1, chain.head)]
        return []


def _go_back(chain: UpState) -> UpState:
    return replace(chain, sent=chain.mark, flights=())


def _branch(chain: UpState) -> UpState:
    """An answer says nothing of our entries but that it has come: the oldest flight has landed."""
    if not chain.branch:
        return replace(chain, mark=0, sent=0, flights=(), branch=True)
    if not chain.flights:
        return chain
    return replace(chain, mark=chain.flights[0][0], flights=chain.flights[1:])


def _restart(chain: UpState) -> UpState:
    return replace(chain, mark=0, sent=0, flights=())


def _advance(chain: UpState, mark: int) -> UpState:
    flights = tuple(flight for flight in chain.flights if flight[0] > mark)
    return replace(chain, mark=mark, sent=max(chain.sent, mark), flights=flights)
