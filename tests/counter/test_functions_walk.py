"""All functions, keyed at random: a model of what is parked, booked and owed to the clerk's eyes.

A counter with an LED and a printer alone is walked like one with displays.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from daemon.counter.codes import STEPS, Code
from daemon.counter.effects import Audience, Commit, Effect, Park, Print, Show, Unpark
from daemon.counter.forms import Question, Takes
from daemon.counter.screens import Step
from daemon.counter.scripts import scripts
from daemon.counter.states import Asking, Committing, Consulting, Idle, Refused, State, Total
from daemon.counter.table import Event
from daemon.events import DeviceKind, DeviceState
from tests.counter import headquarters
from tests.counter.demo import DemoShop
from tests.counter.test_walk import CARDS, CODES, Watched, goes_home, play

DIGITS = [script.digit for script in scripts()]
CHOICES = sorted({row.key for script in scripts() for step in script.steps for row in step.choices})
TYPED = ("ENTER", "1 ENTER", "2 ENTER", "9.9 ENTER", "300 ENTER", "01 ENTER", "1234 ENTER")
NUMBERS = ("1", "0", "3", "01", "13900000001", "13800000001", "0001", "8800000001015")
BADGES = ("2900000000018", "2900000000025")


def fitting(question: Question) -> list[tuple[str, str]]:
    """Return answers of the ways in which a question is answered, sensible ones among them."""
    takes, keys = question.takes, [row.key for row in question.rows]
    said = []
    if Takes.CHOICE in takes:
        said += [("keys", key) for key in keys]
    if Takes.ROW in takes:
        said += [("keys", f"{key} ENTER") for key in keys[:3]]
    if Takes.ENTER in takes:
        said += [("keys", "ENTER")] * 2
    if Takes.AMOUNT in takes:
        said += [("keys", f"{amount} ENTER") for amount in ("9.9", "300")]
    if Takes.PIN in takes:
        said += [("keys", "1234 ENTER")] * 3
    if Takes.NUMBER in takes:
        said += [("keys", f"{n} ENTER") for n in NUMBERS if len(n) in question.digits]
    if Takes.SWIPE in takes:
        said += [("swipe", card) for card in (CARDS[0], CARDS[1], CARDS[4], CARDS[6])]
    if Takes.SCAN in takes:
        said += [("scan", code) for code in (CODES[0], BADGES[0])]
    return said or [("keys", "CLEAR")]


class Looked(Watched):
    """Watched, and what a clerk without a display would need is looked for on paper."""

    def does(self, event: Event) -> tuple[Effect, ...]:
        before = self.counter.state
        effects = super().does(event)
        self._lists(before, effects)
        for effect in effects:
            if isinstance(effect, Show) and isinstance(effect.screen, Step):
                told = effect.screen.rows or effect.screen.values or effect.screen.typed
                assert effect.audience is Audience.CLERK or not told, effect
        return effects

    def _lists(self, before: State, effects: tuple[Effect, ...]) -> None:
        """A list that is asked for the first time lies on paper where nobody could read it."""
        after = self.counter.state
        if self.shop.reads or not isinstance(after, Asking) or not after.question.listed:
            return
        before = before.below if isinstance(before, Refused) else before
        if isinstance(before, Total):
            return  # CLEAR: back where it was asked
        if isinstance(before, Asking) and len(before.given.answers) >= len(after.given.answers):
            return
        lists = [one.listing for one in effects if isinstance(one, Print) and one.listing]
        again = after.question in (one.question for one in after.given.answers)
        assert [one.rows for one in lists] == ([] if again else [after.question.rows])


class Functions(RuleBasedStateMachine):
    clerk: Looked

    @initialize(reads=st.booleans(), online=st.booleans())
    def opens(self, reads: bool, online: bool) -> None:
        self.clerk = Looked(DemoShop(reads=reads, online=online), auto=False)
        self.parked: set[int] = set()
        self.drafts: list[str] = []
        self.seen = 0

    @rule(digit=st.sampled_from(DIGITS), data=st.data())
    def a_function(self, digit: str, data: st.DataObject) -> None:
        """Begin one, and answer what it asks for a while: most flows end so."""
        self.clerk.keys(f"CLEAR CLEAR /{digit}")
        for _ in range(data.draw(st.integers(4, 14))):
            self.answer(data)

    @rule(data=st.data())
    @precondition(lambda self: isinstance(self.clerk.counter.state, Asking))
    def an_answer_to_what_is_asked(self, data: st.DataObject) -> None:
        self.answer(data)

    def answer(self, data: st.DataObject) -> None:
        """Answer as somebody would who reads the screen; pay what is due, wait for the books."""
        state = self.clerk.counter.state
        state = state.below if isinstance(state, Refused) else state
        if isinstance(state, Committing):
            self.clerk.answers("durable")
        elif isinstance(state, Consulting):
            headquarters.answers(self.clerk, data.draw(st.sampled_from(headquarters.ANSWERS)))
        elif isinstance(state, Total):
            self.clerk.keys(data.draw(st.sampled_from(("ENTER", "*2"))))
        elif isinstance(state, Asking):
            play(self.clerk, *data.draw(st.sampled_from(fitting(state.question))))

    @rule(key=st.sampled_from((*CHOICES, "+", "-", ".", "CLEAR")))
    def a_key(self, key: str) -> None:
        self.clerk.keys(key)

    @rule(aside=st.booleans())
    def a_basket(self, aside: bool) -> None:
        self.clerk.scans(CODES[0])
        self.clerk.keys("/0" if aside else "ENTER ENTER")

    @rule(slot=st.sampled_from("12"))
    def comes_back(self, slot: str) -> None:
        self.clerk.keys(f"CLEAR CLEAR /0 {slot}")
        if self.clerk.pending is None:
            assert int(slot) not in self.clerk.shop.baskets  # it is on the counter, or was nowhere

    @rule(typed=st.sampled_from(TYPED))
    def an_answer(self, typed: str) -> None:
        self.clerk.keys(typed)

    @rule(code=st.sampled_from((*CODES, *BADGES)))
    def a_scan(self, code: str) -> None:
        self.clerk.scans(code)

    @rule(card=st.sampled_from(CARDS))
    def a_swipe(self, card: str) -> None:
        self.clerk.swipes(card)

    @rule(ms=st.sampled_from((10_000, 300_000)))
    def time(self, ms: int) -> None:
        self.clerk.waits(ms)

    @rule(how=st.sampled_from(("durable", "durable", "refused", "unknown")))
    @precondition(lambda self: self.clerk.pending is not None)
    def an_outcome(self, how: str) -> None:
        self.clerk.answers(how)

    @rule(how=st.sampled_from(headquarters.ANSWERS))
    @precondition(lambda self: bool(self.clerk.asked))
    def word_of_headquarters(self, how: str) -> None:
        headquarters.answers(self.clerk, how)

    @rule(online=st.booleans())
    def the_line(self, online: bool) -> None:
        self.clerk.shop.online = online

    @rule(kind=st.sampled_from(list(DeviceKind)), state=st.sampled_from(list(DeviceState)))
    def a_device(self, kind: DeviceKind, state: DeviceState) -> None:
        """Pulled, stuck, back again: whichever it is, the flow goes on where it was."""
        before = self.clerk.counter.state
        play(self.clerk, "device", (kind, state))
        after = self.clerk.counter.state
        told = kind is DeviceKind.RECEIPT_PRINTER and (Code.PRINTER in _codes(before, after))
        assert after == before or told

    @rule()
    @precondition(lambda self: self.clerk.pending is None)
    def home(self) -> None:
        self.clerk.keys("CLEAR CLEAR")
        assert self.clerk.counter.state == Idle()

    @invariant()
    def the_clerk_sees_where_he_is(self) -> None:
        state = self.clerk.counter.state
        if isinstance(state, Asking):
            shown = self.clerk.sees(Step)
            assert (shown.code, shown.asks) == (STEPS[state.question.ask], state.question.ask)
        assert (self.clerk.pending is not None) == isinstance(state, Committing)

    @invariant()
    def what_was_wanted_was_wanted_once(self) -> None:
        for effect in self.clerk.seen[self.seen :]:
            match effect:
                case Park(slot):
                    self.parked.add(slot)
                case Unpark(slot):
                    self.parked.remove(slot)
                case Commit(draft):
                    self.drafts.append(draft.id)
        self.seen = len(self.clerk.seen)
        assert self.parked == set(self.clerk.shop.baskets)
        booked = [one.entry.id for one in self.clerk.shop.journal]
        assert len(set(booked)) == len(booked)
        assert set(booked) <= set(self.drafts)

    def teardown(self) -> None:
        goes_home(self.clerk)


def _codes(*states: State) -> set[str]:
    return {state.code for state in states if isinstance(state, Refused)}


TestFunctions = Functions.TestCase
TestFunctions.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
