"""The code, broken in named ways: each must be noticed by some history, or the checkers are blind.

Some are what simulated histories had found; the first line says what goes wrong.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from daemon import limiting
from daemon.ledger import machine, requests, writer
from daemon.ledger.acts import claims
from daemon.ledger.files import Files
from daemon.ledger.limits import Home
from daemon.ledger.messages import HoldingGranted
from daemon.ledger.records import Entry, Posting
from daemon.ledger.views import Problem
from daemon.limiting import Limiting
from daemon.sync import protocol
from daemon.sync.acks import AckBook
from daemon.sync.batch import Batch
from daemon.sync.protocol import UpState
from hq import booking, inflow, limits, pool, restoring, writeoff
from hq.booking import Booking
from hq.chainlog import ChainLog
from hq.letters import Letters
from hq.store import Office

Breaking = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Breakage:
    """`seed`: of a history that notices it, to begin with; others follow."""

    breaking: Breaking
    seed: int = 0


@contextmanager
def swapped(owner: object, name: str, value: object) -> Iterator[None]:
    """Let something of the product be something else for a while."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def without(owner: object, name: str, answer: object = None) -> Breaking:
    """Let a function do nothing and answer this."""
    return partial(swapped, owner, name, lambda *args, **more: answer)


def grants_doubled() -> AbstractContextManager[None]:
    sound = machine._postings

    def doubled(body: object) -> tuple[Posting, ...]:
        postings: tuple[Posting, ...] = sound(body)  # type: ignore[arg-type]
        return postings * 2 if isinstance(body, HoldingGranted) else postings

    return swapped(machine, "_postings", doubled)


def taken_twice() -> AbstractContextManager[None]:
    sound = Booking._take_back

    def twice(self: Booking, row: booking._Row, entry: Entry) -> None:
        sound(self, row, entry)
        sound(self, row, entry)

    return swapped(Booking, "_take_back", twice)


def last_not_stored() -> AbstractContextManager[None]:
    sound = inflow.rows_of

    def shorter(
        chain: int, batch: Batch, hashes: Sequence[str], which: Sequence[int]
    ) -> list[inflow.Row]:
        return sound(chain, batch, hashes, which)[:-1]

    return swapped(inflow, "rows_of", shorter)


def half_booked() -> AbstractContextManager[None]:
    sound = Booking.move

    def half(self: Booking, postings: tuple[Posting, ...]) -> None:
        sound(self, postings[:-1])

    return swapped(Booking, "move", half)


def disk_refuses() -> AbstractContextManager[None]:
    return swapped(writer, "Problem", lambda what, passing=False: Problem(what))


def frozen_go_home() -> AbstractContextManager[None]:
    blind = pool._HOMEWARD.replace(" AND l.account = b.account", "")
    return swapped(pool, "_HOMEWARD", blind)


def marks_kept() -> AbstractContextManager[None]:
    def kept(chain: UpState) -> UpState:
        return chain

    return swapped(protocol, "_restart", kept)


def released_without_entry() -> AbstractContextManager[None]:
    """A grant is written, and headquarters keeps what it gave."""
    sound = ChainLog.grant

    def kept(self: ChainLog, member: str, lots: list[object], *, ask: str = "") -> int:
        held = list(lots)
        done = sound(self, member, held, ask=ask)  # type: ignore[arg-type]
        if held and self.written == 1:
            lots_again = tuple(held)
            body = HoldingGranted(member, lots_again, ask)  # type: ignore[arg-type]
            self.add("holding.granted", body)
        return done

    return swapped(ChainLog, "grant", kept)


def exposure_halved() -> AbstractContextManager[None]:
    sound = writeoff._sums

    def halved(office: Office, holder: str) -> dict[str, int]:
        return {unit: amount // 2 for unit, amount in sound(office, holder).items()}

    return swapped(writeoff, "_sums", halved)


BREAKAGES: Mapping[str, Breakage] = MappingProxyType(
    {
        "a request is committed as often as it comes": Breakage(without(Files, "find")),
        "a grant moves twice what it says": Breakage(grants_doubled),
        "a grant is written twice and taken once": Breakage(released_without_entry),
        "what a shop released is taken twice": Breakage(taken_twice),
        "what a shop released is never taken": Breakage(without(Booking, "_take_back")),
        "an entry is acknowledged and not stored": Breakage(last_not_stored),
        "an entry is booked in half": Breakage(half_booked),
        "messages that a restored headquarters forgot are not adopted": Breakage(
            without(booking, "adopt", False), 19
        ),
        "a box forgets the incarnation with a crash": Breakage(without(AckBook, "_applied", 0)),
        "marks stay when headquarters was restored": Breakage(marks_kept),
        "a full disk refuses a message for good": Breakage(disk_refuses),
        "points frozen in the pool go home": Breakage(frozen_go_home),
        "the pool opens too early after a restore": Breakage(
            without(restoring, "waiting_for", []), 19
        ),
        "the exposure shown is too small": Breakage(exposure_halved),
        "a chain that was given up is not told so": Breakage(without(Letters, "given_up", [])),
        "an issue takes nothing of its right": Breakage(
            partial(swapped, Limiting, "drawn", lambda self, draft: draft)
        ),
        "every shop opens a limit": Breakage(without(Home, "may_open", True)),
        "a home opens again what it has let go of": Breakage(without(Home, "_posted", 0)),
        "headquarters opens what a shop opens": Breakage(without(limits, "home_of", "")),
        "value takes no room of its card": Breakage(without(limiting, "value_moved", ())),
        "value that comes back takes no room": Breakage(without(requests, "value_changed", {})),
        "points are lent without end": Breakage(
            partial(swapped, claims, "to_lend", lambda member, floor: floor)
        ),
    }
)
