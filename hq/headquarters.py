"""Headquarters as one machine without a network: what came in goes in, what to send comes out.

`serve` puts MQTT around it, the simulation a carrier in memory. One thread.
"""

from collections.abc import Sequence

from daemon.sync.wire import WireError, up
from hq import claims, contents, downlog, latecases, restoring
from hq.admission import BOXES_AT_ONCE, Admission
from hq.asks import Asks
from hq.auditclear import Audits
from hq.booking import Booking
from hq.corrections import Corrections
from hq.enrolling import sign_offered
from hq.erasing import wipe
from hq.intake import Arrival, Drained, Intake, Outgoing, Refusal
from hq.lapses import Lapses
from hq.postman import Postman
from hq.renewing import Renewing
from hq.retention import Retention
from hq.standing import Standing
from hq.store import Office
from hq.trail import Trail


class Headquarters:
    """Intake, booking, the down-log writer and the postman of one office."""

    def __init__(self, office: Office, *, boxes_at_once: int = BOXES_AT_ONCE) -> None:
        self.office = office
        self.admission = Admission(office, boxes_at_once=boxes_at_once)
        self._intake = Intake(office)
        self._booking = Booking(office)
        self._postman = Postman(office)
        self._asks = Asks(office)
        self._lapses = Lapses(office)
        self._renewing = Renewing(office)
        self._retention = Retention(office)
        self._standing = Standing(office)
        self._corrections = Corrections(office)
        self._audits = Audits(office)
        self._trail = Trail(office)

    def started(self, mono_ms: int) -> list[Outgoing]:
        """Return what to say after a start: boxes that were online learn that we are back.

        No more of them than may send at once; the others greet us again within a minute anyway.
        """
        rows = self.office.db.execute(
            "SELECT b.name, c.epoch, c.applied FROM box AS b JOIN chain AS c ON c.box = b.name"
            " WHERE b.online = 1 AND c.epoch = (SELECT max(epoch) FROM chain WHERE box = b.name)"
        ).fetchall()
        for box, epoch, applied in rows:
            self._postman.greeted(box, epoch, applied, mono_ms=mono_ms)
        return self._intake.acknowledge([row[0] for row in rows][: self.admission.boxes_at_once])

    def take(self, arrivals: Sequence[Arrival], *, mono_ms: int) -> Drained:
        """Store what came; the answers in it may be sent, since all of it is durable."""
        drained = self._intake.drain(arrivals)
        drained.answers[:0] = self.admission.greeted(drained.greetings, mono_ms)
        for greeting in drained.greetings:
            self._postman.greeted(greeting.box, greeting.epoch, greeting.n, mono_ms=mono_ms)
        sign_offered(self.office, drained.offers)
        for ask in drained.asks:
            try:
                self._asks.take(ask)
            except WireError as error:
                drained.refusals.append(Refusal(up(ask.box, "ask"), str(error)))
        for want in drained.wants:
            found = contents.part(self.office, want)
            if found is None:
                drained.refusals.append(Refusal(up(want.box, "want"), f"no content {want.hash}"))
            else:
                drained.answers.append(found)
        return drained

    def work(self) -> int:
        """Book what is stored and write what chains shall know; return how much was done."""
        wipe(self.office)
        done = self._booking.turn() + restoring.confirm(self.office) + self._asks.work()
        done += self._lapses.work() + claims.settle(self.office) + self._renewing.work()
        done += self._retention.work() + self._standing.work() + self._corrections.work()
        done += latecases.find(self.office) + self._audits.work() + downlog.write(self.office)
        return done or self._trail.work()  # for people at the desk: when nothing else waits

    def posts(self, mono_ms: int) -> list[Outgoing]:
        """Return turns and down messages to send now."""
        return self.admission.turns(mono_ms) + self._postman.posts(mono_ms)
