"""What headquarters has acknowledged, as this box remembers it over a restart."""

from datetime import datetime, timedelta

from daemon import seal
from daemon.clock import Clock
from daemon.errors import SealError
from daemon.ledger.bodies import DownApplied, DownRefused
from daemon.ledger.local import Acknowledged
from daemon.ledger.signed import DOMAIN_ACK, Ack, parse_ack
from daemon.sync.batch import unbase64
from daemon.sync.mailroom import AckMail
from daemon.sync.ports import Ledger
from daemon.sync.protocol import UpState

PERSIST_EVERY_MS = 30_000  # a card wears by every write; what is forgotten HQ says again
SEEN_FACT = "hq_seen"  # wall time of the last acknowledgement, in local.db


class AckBook:
    """Remembers the last acknowledgement of each chain; the journal has the last word."""

    def __init__(self, store: Ledger, *, hq_key: bytes, clock: Clock) -> None:
        self._store = store
        self._hq_key = hq_key
        self._clock = clock
        self._acks: dict[int, AckMail] = {}
        self._unsaved: set[int] = set()
        self._saved_ms = 0
        self._hq_time: datetime | None = None
        # How old the newest word of HQ was when it came, in seconds; and our monotonic time then.
        self._seen: tuple[float, int] | None = None
        self.known = False  # HQ has acknowledged this box at all: the token has served

    def recall(self) -> tuple[int, tuple[UpState, ...]]:
        """Return the incarnation and every chain with its mark, as far as the journal agrees."""
        kept: dict[int, Acknowledged] = {}
        incarnation = self._applied()
        for chain, _ in self._store.chains():
            ack = self._store.local.acknowledged(chain.epoch)
            if ack is not None and self._by_hq(ack):
                self.known = True
                kept[chain.epoch] = ack
                incarnation = max(incarnation, ack.incarnation)
                self._note_time(ack.statement)
        chains = []
        for chain, head in self._store.chains():
            mark, ack = 0, kept.get(chain.epoch)
            # What an HQ had that was restored since, the present one need not have.
            if ack is not None and ack.incarnation == incarnation:
                mark = ack.mark if self.same(chain.epoch, ack.mark, ack.hash) else 0
            chains.append(UpState(chain.epoch, head.seq, mark=mark, sent=mark))
        return incarnation, tuple(chains)

    def keep(self, mail: AckMail, *, heard: datetime) -> None:
        """Remember an acknowledgement that agrees with the journal. `heard`: by our clock, or by
        HQ's where a stick brought it; ours may be behind, then it counts from now."""
        self.known = True
        now, known_s = self._clock.read(), self.seen_age_s()
        age_s = max(0.0, (now.wall - heard).total_seconds())
        if known_s is None or age_s <= known_s:
            self._seen = (age_s, now.mono_ms)
        self._acks[mail.ack.epoch] = mail
        self._unsaved.add(mail.ack.epoch)

    def save_when_due(self, mono_ms: int) -> None:
        if mono_ms - self._saved_ms >= PERSIST_EVERY_MS:
            self.save(mono_ms)

    def save(self, mono_ms: int) -> None:
        """Write down for the next start what is new."""
        local = self._store.local
        for epoch in self._unsaved:
            mail = self._acks[epoch]
            ack = mail.ack
            local.put_acknowledged(
                Acknowledged(
                    epoch,
                    ack.incarnation,
                    ack.mark,
                    ack.hash,
                    mail.statement.encode(),
                    mail.signature,
                )
            )
        if self._unsaved and (age_s := self.seen_age_s()) is not None:
            seen = self._clock.read().wall - timedelta(seconds=age_s)
            local.put_fact(SEEN_FACT, seen.isoformat())
        self._unsaved.clear()
        self._saved_ms = mono_ms

    def seen_age_s(self) -> float | None:
        """Return how long ago HQ said what we know of it; None: never.

        Setting the clock changes nothing of it, but from one start to the next only that tells.
        """
        now = self._clock.read()
        if self._seen is not None:
            age_s, came_ms = self._seen
            return age_s + (now.mono_ms - came_ms) / 1000
        kept = self._store.local.fact(SEEN_FACT)
        if kept is None:
            return None
        return max(0.0, (now.wall - datetime.fromisoformat(kept)).total_seconds())

    def is_fresh(self, ack: Ack, incarnation: int) -> bool:
        """Whether HQ signed it later than any before: a repeated one tells nothing of the link."""
        try:
            at = datetime.fromisoformat(ack.at)
        except ValueError:
            return False
        if at.tzinfo is None:
            return False
        if ack.incarnation <= incarnation and self._hq_time and at <= self._hq_time:
            return False
        self._hq_time = at
        return True

    def same(self, epoch: int, mark: int, hashed: str) -> bool:
        """Whether the journal has this hash at the mark."""
        if mark == 0:
            return True
        stored = self._store.read(epoch, mark, 1)
        return bool(stored) and stored[0].seq == mark and stored[0].hash == hashed

    def _applied(self) -> int:
        """Return the highest incarnation of a message in the journal: what was remembered of
        acknowledgements may be older than a crash."""
        store, highest = self._store, 0
        for chain, _ in store.chains():
            down = store.books.down_mark(chain.epoch)
            told = None if down is None else store.find(f"down:{chain.epoch}", str(down.n))
            if told is not None and isinstance(told.entry.body, DownApplied | DownRefused):
                highest = max(highest, told.entry.body.incarnation)
        return highest

    def _by_hq(self, kept: Acknowledged) -> bool:
        """Whether the HQ of the config signed it; a box may be given to another chain of shops."""
        try:
            signature = unbase64(kept.signature)
            seal.verify(self._hq_key, DOMAIN_ACK, kept.statement, signature)
        except SealError:
            return False
        return True

    def _note_time(self, statement: bytes) -> None:
        try:
            at = datetime.fromisoformat(parse_ack(statement).at)
        except ValueError:
            return
        self._hq_time = at if self._hq_time is None else max(at, self._hq_time)
