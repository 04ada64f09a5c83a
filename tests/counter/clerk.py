"""A clerk at the demo shop's counter: keys, swipes and scans in, effects and screens out."""

from dataclasses import dataclass, field
from typing import TypeVar

from daemon.counter.effects import (
    AskHq,
    Audience,
    Commit,
    CommitRefused,
    Committed,
    CommitUnknown,
    Effect,
    Park,
    Show,
    Unpark,
)
from daemon.counter.machine import shown, step
from daemon.counter.screens import RefusalShown, Screen
from daemon.counter.states import Counter
from daemon.counter.table import Event
from daemon.events import CardSwiped, CodeScanned, KeyPressed, TimePassed
from daemon.ledger.records import Draft
from daemon.ledger.views import Durable, Problem
from tests.counter.demo import DemoShop

S = TypeVar("S", bound=Screen)


@dataclass
class Clerk:
    """`auto`: commits become durable at once; else the test answers them."""

    shop: DemoShop = field(default_factory=DemoShop)
    auto: bool = True
    counter: Counter = Counter()  # noqa: RUF009 - frozen
    seen: list[Effect] = field(default_factory=list)
    pending: Draft | None = None
    asked: list[AskHq] = field(default_factory=list)  # of headquarters, not answered yet
    screens: dict[Audience, Screen] = field(
        default_factory=lambda: {show.audience: show.screen for show in shown(Counter())}
    )

    def does(self, event: Event) -> tuple[Effect, ...]:
        self.counter, effects = step(self.counter, event, self.shop)
        self.seen += effects
        for effect in effects:
            if isinstance(effect, Show):
                self.screens[effect.audience] = effect.screen
            elif isinstance(effect, Commit):
                assert self.pending is None, "a commit while another one is open"
                self.pending = effect.draft
            elif isinstance(effect, AskHq):
                self.asked.append(effect)
            elif isinstance(effect, Park):
                assert effect.slot not in self.shop.baskets, "a basket on top of another"
                self.shop.baskets[effect.slot] = effect.basket
            elif isinstance(effect, Unpark):
                del self.shop.baskets[effect.slot]
        if self.auto and self.pending is not None:
            self.durable()
        return effects

    def keys(self, text: str) -> None:
        """Press `1 2 ENTER`, or `12 ENTER`: digits and signs one by one, names whole."""
        for word in text.split():
            for key in [word] if word.isalpha() else word:
                self.does(KeyPressed(key))

    def scans(self, *codes: str) -> None:
        for code in codes:
            self.does(CodeScanned(code))

    def swipes(self, card: str) -> None:
        self.does(CardSwiped(card))

    def waits(self, ms: int) -> None:
        self.shop.mono_ms += ms
        self.does(TimePassed(self.shop.mono_ms))

    def durable(self) -> Durable:
        assert self.pending is not None
        draft, self.pending = self.pending, None
        outcome = self.shop.commit(draft)
        self.does(Committed(outcome))
        return outcome

    def refused(self, what: str = "the medium is full") -> None:
        self.pending = None
        self.does(CommitRefused((Problem(what),)))

    def unknown(self) -> None:
        self.does(CommitUnknown())

    @property
    def clerk(self) -> Screen:
        return self.screens[Audience.CLERK]

    @property
    def customer(self) -> Screen:
        return self.screens[Audience.CUSTOMER]

    def sees(self, kind: type[S]) -> S:
        """Return what the clerk sees, which is of this kind."""
        return _of(kind, self.clerk)

    def tells(self, kind: type[S]) -> S:
        """Return what the customer sees, which is of this kind."""
        return _of(kind, self.customer)

    def sees_refusal(self, code: str) -> bool:
        return isinstance(self.clerk, RefusalShown) and self.clerk.code == code

    def took(self) -> list[Effect]:
        """Return what happened since the last asking."""
        effects, self.seen = self.seen, []
        return effects


def _of(kind: type[S], screen: Screen) -> S:
    assert isinstance(screen, kind), f"not {kind.__name__}: {screen}"
    return screen
