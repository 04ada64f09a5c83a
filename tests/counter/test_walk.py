"""Random walks over the counter: whatever is keyed, swiped, scanned or fails, some things hold."""

import re
from collections import Counter as Tally
from collections.abc import Mapping
from types import MappingProxyType

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.counter import screens
from daemon.counter.codes import STEPS
from daemon.counter.effects import Audience, Commit, Effect, Show
from daemon.counter.faces import face
from daemon.counter.machine import shown
from daemon.counter.screens import Screen
from daemon.counter.states import (
    Asking,
    Committing,
    Consulting,
    Idle,
    Inquiry,
    Keying,
    MuchCash,
    PriceLookup,
    Reference,
    Refused,
    State,
    Told,
    Total,
)
from daemon.counter.table import AHEAD_MAX, Event
from daemon.display.poles import pole, shared_pole
from daemon.display.refusals import MISSING, refusal_text
from daemon.events import (
    CardRefused,
    CardSwiped,
    CodeScanned,
    DeviceChanged,
    DeviceKind,
    DeviceState,
    KeyPressed,
)
from daemon.ledger.bodies import MemberEnrolled, Sale
from daemon.ledger.records import Draft
from tests.counter import headquarters
from tests.counter.clerk import Clerk
from tests.counter.demo import DemoShop

CARDS = (
    *(f"88000000000{n}" for n in (18, 25, 32, 56, 70)),
    "8800000009999",
    "8800000001015",
    "8800000001022",
    "4111",
)
CODES = (
    *("6901234100044", "6901234100013", "6901234100099", "6901234100150", "2100020012637"),
    *("8800000000018", "4006381333931", "junk", ""),
)
PRIVATE = re.compile(r"88000000\d{5}|1[3-9]\d{9}(?!\d)")

# Ways a clerk goes: whole ones make deep states likely, single keys break them anywhere.
WAYS = (
    *("ENTER", "ENTER ENTER", "ENTER 500 ENTER", "1 ENTER", "*1", "*2", "5*1", "12 ENTER", "3*"),
    *("9.9 +", "9.999 +", "-", "1-", ".4 ENTER", "*2*3 ENTER", "*77 ENTER", "CLEAR", "CLEAR CLEAR"),
    *("/2", "2", "13800000001 ENTER", "13900000001 ENTER 0001 ENTER", "0 ENTER", "/1"),
    *("/7", "/7 1 01 ENTER 300 ENTER", "/7 2", "/7 3 50 ENTER 1", "/7 5 20 ENTER ENTER"),
    *("/0", "/0 1", "/0 2", "/9", "/9 1", "/9 2 ENTER", "/9 3", "/9 7", "/9 8 01 ENTER 1234 ENTER"),
    *("/7 6", "/7 7 ENTER", "/7 8 9", "/7 9", "/8 ENTER", "/8 1 ENTER", "/8 4 ENTER", "1234 ENTER"),
    *("13700000007 ENTER", "..8800000009968 ENTER", "/5 13700000008 ENTER", "/3"),
    *("..8800000000018 ENTER", "..8800000001022 ENTER", "99999 ENTER"),
    "4 ENTER 1 ENTER ENTER",
    *("/1", "/1 300 ENTER 1 *2", "/1 -", "/1 - 1 ENTER", "/1 ..8800000000018 ENTER 50 ENTER 0"),
    *("/3", "/3 0 ENTER", "/3 1 ENTER ENTER 1", "/3 02 ENTER 1 ENTER 1 ENTER ENTER 3", "1 ENTER"),
    *("/3 3 1 ENTER ENTER 1", "/3 3 2 ENTER 1 ENTER ENTER 4 11 ENTER ENTER ENTER", "4 ENTER ENTER"),
    *("/3 2 ENTER", "/3 2 1 ENTER 13800000001 ENTER", "/3 * 4 ENTER 16 ENTER ENTER 2 01 ENTER"),
    *("/1 *", "/1 * 1 ENTER 2 1", "/1 * 1 ENTER 01 ENTER 1234 ENTER", "/2 1", "/2 2", "/2 1 *2"),
    "/2 ..8800000000070 ENTER 1 ENTER",
    *("/5 ..8800000000018 ENTER 5", "5 13800000002 ENTER 100 ENTER ENTER", "01 ENTER 1234 ENTER"),
    *("/4", "/4 1 ENTER ENTER", "/4 9 ENTER"),
    *("/8 *", "/8 * ENTER", "/8 * 1 ENTER", "/8 +", "/8 + 13800000001 ENTER", "/8 + 1 ENTER"),
    *("/5", "/5 13800000001 ENTER 1", "/5 ..8800000000018 ENTER 3", "/5 ..8800000000018 ENTER 4"),
    *("/6 1", "/6 2", "/6 3", "/6 4", "/6 1 3 ENTER 12 ENTER A7 20261231 ENTER ENTER"),
    *(
        "/6 2 3 ENTER 2 ENTER ENTER 3",
        "/6 3 3 ENTER 20 ENTER ENTER",
        "/6 4 3 ENTER ENTER",
        "/6 2 * 3 ENTER",
    ),
    "/2 ..8800000001022 ENTER 1 13900000001 ENTER 0001 ENTER 1 ENTER 0 ENTER",
    "/2 ..8800000001015 ENTER 2 13900000002 ENTER 0002 ENTER 1 ENTER 1 ENTER",
)
KEYS = (*"0123456789.+-*/", "ENTER", "ENTER", "CLEAR", "F9")
ANSWERS = ("durable", "durable", "refused", "unknown")
WAITS_MS = (100, 10_000, 30_000, 300_000)

Changed = tuple[DeviceKind, DeviceState]
Action = tuple[str, str | int | bool | Changed]

ALL: tuple[Action, ...] = (
    ("wait", 100),  # the simplest thing first: a failing walk shrinks to it
    *(("keys", way) for way in WAYS * 2),
    *(("key", key) for key in KEYS),
    *(("scan", code) for code in CODES * 2),
    *(("swipe", card) for card in CARDS),
    *(("bad card", code) for code in ("E01", "E02")),
    *(("device", (DeviceKind.RECEIPT_PRINTER, state)) for state in DeviceState),
    *(("device", (kind, state)) for kind in DeviceKind for state in DeviceState),
    *(("online", there) for there in (True, True, False)),
    *(("hq", how) for how in headquarters.ANSWERS * 3),
    *(("wait", ms) for ms in WAITS_MS),
    *(("answer", how) for how in ANSWERS * 6),
)
walks = st.lists(st.sampled_from(ALL), min_size=30, max_size=40)  # short ones sell nothing


# What a clerk may see in a state; the code of a step or a refusal is its own, see `says`.
SAYS: Mapping[type[State], tuple[type[Screen], ...]] = MappingProxyType(
    {
        Idle: (screens.Idle, screens.Done, screens.Step),
        Inquiry: (screens.MemberPage, screens.Step),
        Keying: (screens.BasketShown, screens.Step),
        PriceLookup: (screens.PriceShown,),
        Told: (screens.Step,),
        Asking: (screens.Step,),
        Total: (screens.TotalShown,),
        Reference: (screens.Step,),
        MuchCash: (screens.Step,),
        Consulting: (screens.AskingHq,),
        Committing: (screens.Checking,),
        Refused: (screens.RefusalShown,),
    }
)


def says(state: State, screen: Screen) -> bool:
    """Tell whether a clerk who sees the screen knows where he is; an LED says it too."""
    codes = {Asking: "", Refused: ""}
    match state, screen:
        case Asking(question=question), screens.Step(code):
            codes[Asking] = f"{STEPS[question.ask]}-"
            assert code == STEPS[question.ask]
        case Refused(_, code), screens.RefusalShown(shown):
            codes[Refused] = f"-{code[1:]}-"
            assert code == shown
        case Total(amount_fen=fen), screens.TotalShown(bill):
            assert bill == fen
    led = shared_pole(screen, pole(face(state, Audience.CUSTOMER), Audience.CUSTOMER))
    lit = led.code or led.amount_fen is not None
    return (
        bool(lit) and type(screen) in SAYS[type(state)] and codes.get(type(state), "") in led.code
    )


class Watched(Clerk):
    """A clerk who is watched after every single event."""

    def does(self, event: Event) -> tuple[Effect, ...]:
        effects = super().does(event)
        self.watch()
        for effect in effects:
            if isinstance(effect, Commit):
                self.judge(effect.draft)
            elif isinstance(effect, Show) and effect.audience is Audience.CUSTOMER:
                told = PRIVATE.search(repr(effect.screen))
                assert told is None, f"a customer is shown {told} in {effect.screen}"
            if isinstance(effect, Show) and isinstance(effect.screen, screens.RefusalShown):
                self.reads(effect.screen, effect.audience)
        return effects

    def reads(self, refusal: screens.RefusalShown, audience: Audience) -> None:
        """Every place in a refusal's words is filled; only the surfaces know whom to call."""
        known = replace(refusal, values={"phone": "95000", **refusal.values})
        for language in ("zh_CN", "en"):
            assert MISSING not in refusal_text(known, audience, language), refusal

    def watch(self) -> None:
        state = self.counter.state
        if isinstance(state, Committing):
            assert self.pending is not None, "waiting for an outcome that nobody will bring"
            if not state.unknown:
                return
        for show in shown(self.counter):
            assert self.screens[show.audience] == show.screen
        assert says(state, self.clerk), f"{self.clerk} does not say {state}"
        waiting = headquarters.asking(state)
        if waiting is not None:
            assert any(one.id == waiting.id for one in self.asked), "nobody was asked"
            assert len(waiting.ahead) <= AHEAD_MAX
        elif not isinstance(state, Committing):
            assert not self.counter.ahead, "keys that nobody takes"

    def judge(self, draft: Draft) -> None:
        done = {outcome.entry.id for outcome in self.shop.journal}
        assert draft.id not in done, "two entries for one flow"
        assert self.shop.problems(draft) == []
        sums: Tally[str] = Tally()
        for posting in draft.postings:
            sums[posting.unit] += posting.amount
        assert set(sums.values()) <= {0}
        body = draft.body
        if not isinstance(body, Sale | MemberEnrolled):
            return
        bill = body.bill_fen if isinstance(body, Sale) else body.fee_fen
        assert sum(tender.amount_fen for tender in body.tenders) == bill - body.rounding_fen
        assert all(
            tender.given_fen - tender.change_fen in (0, tender.amount_fen)
            for tender in body.tenders
        )

    def answers(self, how: str) -> None:
        if self.pending is None:
            return
        if how == "durable":
            self.durable()
        elif how == "refused":
            self.refused()
        else:
            self.unknown()


def play(clerk: Watched, what: str, how: str | int | bool | Changed) -> None:
    match what, how:
        case "keys", str():
            clerk.keys(how)
        case "key", str():
            clerk.does(KeyPressed(how))
        case "scan", str():
            clerk.does(CodeScanned(how))
        case "swipe", str():
            clerk.does(CardSwiped(how))
        case "bad card", str():
            clerk.does(CardRefused(how))
        case "device", (kind, state):
            clerk.does(DeviceChanged(kind, kind, state, "cover open"))
        case "online", bool():
            clerk.shop.online = how
        case "hq", str():
            headquarters.answers(clerk, how)
        case "wait", int():
            clerk.waits(how)
        case _, str():
            clerk.answers(how)


@settings(max_examples=300, deadline=None)
@given(walks, st.sampled_from((0, 0, 400)))
def test_walk(walk: list[Action], guard_ms: int) -> None:
    clerk = Watched(DemoShop(guard_ms=guard_ms, online=True), auto=False)
    for what, how in walk:
        play(clerk, what, how)
    goes_home(clerk)


def goes_home(clerk: Clerk) -> None:
    """CLEAR leads home from anywhere, once the books have answered; nothing is typed ahead."""
    while clerk.pending is not None:
        clerk.durable()
    clerk.keys("CLEAR CLEAR")
    assert (clerk.counter.state, clerk.counter.ahead) == (Idle(), ())
