"""The hands of the counter: what a step wants done is done here, on the loop, and never waited for.

A till is what they work on: the shop's own, or the one for practice, whose papers say so.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from daemon.counter import screens
from daemon.counter.effects import (
    DOCUMENTS,
    AskHq,
    Audience,
    Commit,
    CommitRefused,
    Committed,
    CommitUnknown,
    Effect,
    Errand,
    Note,
    OpenDrawer,
    Park,
    Print,
    Run,
    Show,
    Sound,
    Unpark,
)
from daemon.counter.machine import shown
from daemon.counter.states import Counter, Idle
from daemon.desk import Desk
from daemon.display.facts import Copy
from daemon.intake import Intake
from daemon.ledger.bodies import DayClosed
from daemon.ledger.ids import id_of
from daemon.ledger.records import Draft
from daemon.ledger.store import Store
from daemon.ledger.views import Durable, Outcome, Problem
from daemon.spools import Spools
from daemon.surfaces import Surfaces

SLOW_COMMIT_S = 1.0  # then the counter says 正在核对 and hears keys again; a flush takes 10 ms
TRAINING = "training"  # the idle screen's offer while nothing counts

Arg = TypeVar("Arg")


class Till(msgspec.Struct, frozen=True):
    store: Store
    desk: Desk
    training: bool = False


class Hands:
    """Owned by the loop. `run`: does an errand of the service menu."""

    def __init__(
        self,
        surfaces: Surfaces,
        spools: Spools,
        intake: Intake,
        run: Callable[[Errand], None],
    ) -> None:
        self._surfaces = surfaces
        self._spools = spools
        self._intake = intake
        self._run = run
        self.ask: Callable[[AskHq], None] = lambda asked: None  # once the box serves
        self._offer = ""  # of the clerk's display while nobody is served
        self._loop = asyncio.get_running_loop()

    def do(self, effects: Iterable[Effect], till: Till) -> None:
        """Do what a step wants, in its order; errands last: they may put another till here."""
        errands = []
        for effect in effects:
            if isinstance(effect, Run):
                if not till.training or effect.errand is Errand.TRAINING:
                    errands.append(effect.errand)  # who practises 换机 replaces no box
            else:
                self._do(effect, till)
        for errand in errands:
            self._run(errand)

    def _do(self, effect: Effect, till: Till) -> None:
        match effect:
            case Show():
                self._surfaces.show(_marked(effect, TRAINING if till.training else self._offer))
            case Commit(draft):
                self._commit(draft, till)
            case Note(draft):
                till.store.submit(draft)
            case Print():
                self._print(effect, till)
            case OpenDrawer():
                if not till.training:
                    self._surfaces.open_drawers()
            case Park(slot, basket):
                till.desk.park(slot, basket)
            case Unpark(slot):
                till.desk.unpark(slot)
            case Sound(beep):
                self._surfaces.sound(beep)
            case AskHq():
                self.ask(effect)

    def offers(self, offer: str, counter: Counter, till: Till) -> None:
        """Let the clerk's display offer this whenever nobody is served; "": nothing."""
        if offer != self._offer:
            self._offer = offer
            if isinstance(counter.state, Idle):
                self.do(shown(counter), till)

    def day_closed(self, durable: Durable, till: Till) -> None:
        """Forget what was parked; print a 自动日结, which nobody keyed."""
        body = durable.entry.body
        assert isinstance(body, DayClosed), "no day was closed"
        for slot in till.desk.parked():
            till.desk.unpark(slot)
        if body.automatic:
            self._spools.add(DOCUMENTS[durable.entry.kind], id_of(durable.entry))

    def _commit(self, draft: Draft, till: Till, *, again: bool = False) -> None:
        drawn = till.desk.limiting.drawn(draft)
        if isinstance(drawn, str):  # what was left went to another shop since it was asked
            self._intake.put_outcome(CommitRefused((Problem(drawn),)))
            return
        outcome = till.store.submit(drawn)
        if drawn is draft or again:
            outcome.add_done_callback(self._on_outcome)
        else:
            outcome.add_done_callback(partial(self._on_drawn, draft, till))
        self._loop.call_later(SLOW_COMMIT_S, self._on_slow, outcome)

    def _print(self, wanted: Print, till: Till) -> None:
        self._spools.add(
            wanted.document,
            wanted.about if wanted.entry is None else id_of(wanted.entry.entry),
            Copy.REPRINT if wanted.again else Copy.FIRST,
            wanted.listing,
            training=till.training,
        )

    def _on_outcome(self, future: Future[Outcome]) -> None:
        outcome = future.result()
        if isinstance(outcome, Durable):
            self._soon(self._intake.put_outcome, Committed(outcome))
        else:
            self._soon(self._intake.put_outcome, CommitRefused(outcome.problems))

    def _on_drawn(self, draft: Draft, till: Till, future: Future[Outcome]) -> None:
        """Another till may have taken of the same limit in between: what is left is looked at
        once more before a sale is refused."""
        if isinstance(future.result(), Durable):
            self._on_outcome(future)
        else:
            self._soon(partial(self._commit, draft, again=True), till)

    def _on_slow(self, outcome: Future[Outcome]) -> None:
        """A disk that takes seconds for a flush has not answered yet: nobody knows."""
        if not outcome.done():
            self._intake.put_outcome(CommitUnknown())

    def _soon(self, call: Callable[[Arg], None], argument: Arg) -> None:
        """Do it on the loop; a writer that ends after the loop has nobody to tell."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, argument)


def _marked(show: Show, offer: str) -> Show:
    """Return what is shown at rest: both displays say that nothing counts, the clerk's that there
    is word from headquarters."""
    resting = isinstance(show.screen, screens.Idle) and not show.screen.offer
    if resting and (offer == TRAINING or (offer and show.audience is Audience.CLERK)):
        return replace(show, screen=screens.Idle(offer))
    return show
