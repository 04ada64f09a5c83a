"""Form flows: a script of questions that ends in one entry, a bill, a paper or another state.

A flow is one file in counter/flows. It says its steps in a table; asking.py runs every one of
them alike: keys, CLEAR, lists, the commit. A step's `then` is pure and is given all answers so far,
the newest last; what it may lead to stands beside it, so that the diagram follows from the table.
"""

from collections.abc import Callable
from enum import Enum, Flag, auto
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from daemon.counter.codes import Ask
from daemon.counter.effects import Effect
from daemon.counter.screens import Row
from daemon.ledger.acts.moves import Refusal
from daemon.ledger.bodies import Guide
from daemon.ledger.records import Draft
from daemon.rules.engine import Engine
from daemon.rules.tenders import Paid

if TYPE_CHECKING:
    from daemon.counter.moves import Here
    from daemon.counter.states import Desk, Keying, State, Total

SOURCE = "keypad"  # of every request that a clerk keys
ROWS_MAX = 99  # of a list: two digits name a row
DIGITS = range(1, 21)
WORDED = frozenset({"member", "gives", "until"})  # values that digits cannot tell


class Takes(Flag):
    """How a question is answered; more than one way may do."""

    NUMBER = auto()  # digits, ENTER; where a card may be swiped, `. . n ENTER` too
    AMOUNT = auto()  # yuan, ENTER
    PIN = auto()  # digits, ENTER; never shown, never kept
    ROW = auto()  # the number of a row of the list, ENTER
    CHOICE = auto()  # one key of the rows, at once
    ENTER = auto()  # ENTER alone: yes, or none
    SWIPE = auto()
    SCAN = auto()


class End(Enum):
    """Where a script ends, for the diagram."""

    ENTRY = "entry"  # a draft is committed
    TOTAL = "total"  # a bill is paid, then its draft is committed
    DESK = "desk"  # another state: idle, a page, a basket
    NOTED = "noted"  # a draft is committed, then another state


class Question(msgspec.Struct, frozen=True):
    """A step as it is asked: what it shows stands in it."""

    ask: Ask
    takes: Takes
    rows: tuple[Row, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    digits: range = DIGITS
    least: int = 1  # of an amount, fen
    listed: bool = False  # not on the key card, no mere number: without a display it is printed


class Answer(msgspec.Struct, frozen=True):
    """`number`: fen of an amount, 1 and on of a row; `text`: what was keyed, swiped or scanned."""

    question: Question
    by: Takes
    text: str = ""
    number: int = 0


class Given(msgspec.Struct, frozen=True):
    """What is known so far. `id`: of the one entry that this run of the flow may commit."""

    id: str
    engine: Engine
    desk: "Desk | Total"  # where the flow was begun: idle, a member's page, a basket, its total
    answers: tuple[Answer, ...] = ()

    def has(self, ask: Ask) -> bool:
        return any(one.question.ask is ask for one in self.answers)

    def all(self, ask: Ask) -> tuple[Answer, ...]:
        """Return every answer to a step that was asked more than once, the oldest first."""
        return tuple(one for one in self.answers if one.question.ask is ask)

    def last(self, ask: Ask) -> Answer | None:
        return next((one for one in reversed(self.answers) if one.question.ask is ask), None)

    def text(self, ask: Ask) -> str:
        """Return the last answer to a step as text; "" while there is none."""
        found = self.last(ask)
        return "" if found is None else found.text

    def number(self, ask: Ask) -> int:
        """Return fen of an amount, or the number of a row; 0 while there is none."""
        found = self.last(ask)
        return 0 if found is None else found.number

    def row(self, ask: Ask) -> Row | None:
        """Return the row that was chosen at a step."""
        found = self.last(ask)
        if found is None:
            return None
        return next((row for row in found.question.rows if row.key == found.text), None)

    def more(self, answer: Answer) -> "Given":
        return replace(self, answers=(*self.answers, answer))

    def before(self, ask: Ask) -> "Given":
        """Return the answers before a step was asked last."""
        at = max(n for n, one in enumerate(self.answers) if one.question.ask is ask)
        return replace(self, answers=self.answers[:at])


class To(msgspec.Struct, frozen=True):
    """Next: that step of the script. `effects`: papers, the drawer."""

    ask: Ask
    effects: tuple[Effect, ...] = ()


class No(msgspec.Struct, frozen=True):
    """The answer will not do. `back_to`: the step that is asked again, if not this one."""

    code: str
    values: tuple[tuple[str, str], ...] = ()
    back_to: Ask | None = None


class Bill(msgspec.Struct, frozen=True):
    """The total opens; `make` gives the draft once it is paid. An amount of 0 is paid already."""

    amount_fen: int
    make: "Callable[[Paid, Here], Draft | Refusal | No]"


class Goes(msgspec.Struct, frozen=True):
    """The script ends without an entry: in that state, with those papers. `guides`: as in Moved."""

    state: "State"
    effects: tuple[Effect, ...] = ()
    guides: tuple[Guide, ...] | None = None


class Noted(msgspec.Struct, frozen=True):
    """The draft is committed, and once it is, the counter goes on there: the basket is not done."""

    draft: Draft
    state: "Keying"


Next = To | No | Bill | Goes | Noted | Draft | Refusal
Then = Callable[[Given, "Here"], Next]


class Shown(msgspec.Struct, frozen=True):
    """What a step shows that depends on the answers before it."""

    rows: tuple[Row, ...] = ()
    values: tuple[tuple[str, str], ...] = ()


class Step(msgspec.Struct, frozen=True):
    """One question of a script. `leads`: every step and end that `then` may name."""

    ask: Ask
    takes: Takes
    then: Then
    leads: tuple[Ask | End, ...]
    choices: tuple[Row, ...] = ()  # the same at every counter: they stand on the key card
    shows: "Callable[[Given, Here], Shown] | None" = None
    digits: range = DIGITS
    least: int = 1


class Script(msgspec.Struct, frozen=True):
    """A function of the counter: `/` and `digit`. `over_basket`: goods may be on the counter."""

    digit: str
    name: str  # stable: papers and the key card know it
    first: Then
    leads: tuple[Ask | End, ...]  # of `first`
    steps: tuple[Step, ...]
    over_basket: bool = False

    def step(self, ask: Ask) -> Step:
        return next(step for step in self.steps if step.ask is ask)


def begin_at(ask: Ask) -> Then:
    """Return the beginning of a script that always asks the same first."""
    return lambda _given, _here: To(ask)


def end_of(what: Next) -> Ask | End | None:
    """Return what the table calls it; None for a refusal, which every step may bring."""
    match what:
        case To(ask):
            return ask
        case Bill():
            return End.TOTAL
        case Draft():
            return End.ENTRY
        case Noted():
            return End.NOTED
        case Goes():
            return End.DESK
        case _:
            return None
