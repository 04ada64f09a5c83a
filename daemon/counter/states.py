"""States of the counter: frozen records. What they become is said in machine.py's table.

A state holds everything its screens need, so that faces.py can draw it without asking the shop.
"""

import msgspec

from daemon.counter.forms import Bill, Given, Question, Script
from daemon.counter.screens import Done, MemberPage, PriceShown, Step
from daemon.counter.shop import Known
from daemon.events import CardSwiped, CodeScanned, InputEvent, KeyPressed
from daemon.ledger.bodies import Guide
from daemon.ledger.records import Draft
from daemon.rules.engine import Engine
from daemon.rules.types import BasketLine, KeyedTender, Quote


class Flow(msgspec.Struct, frozen=True):
    """One business event in the making. The id is made once; it is committed at most once."""

    id: str
    engine: Engine


class Cart(msgspec.Struct, frozen=True):
    lines: tuple[BasketLine, ...] = ()
    member: Known | None = None
    chosen: tuple[str, ...] = ()  # rules that the member chose among


class Unlisted(msgspec.Struct, frozen=True):
    """A code that is no product of ours, waiting for its price."""

    code: str
    qty: int


class Idle(msgspec.Struct, frozen=True):
    """Nobody is served. `page`: what still stands on the screens of the flow that has ended."""

    offer: str = ""
    page: Done | None = None
    typed: str = ""


class Inquiry(msgspec.Struct, frozen=True):
    member: Known
    page: MemberPage
    typed: str = ""


class Keying(msgspec.Struct, frozen=True):
    """A basket. `undo`: the carts before the last steps, the latest last."""

    flow: Flow
    cart: Cart
    quote: Quote
    undo: tuple[Cart, ...] = ()
    changed: int = 0  # number of the line that just changed, 0: none
    unlisted: Unlisted | None = None
    typed: str = ""


Desk = Idle | Inquiry | Keying  # where goods are keyed


class PriceLookup(msgspec.Struct, frozen=True):
    """The price of something, over the state below. It sells nothing."""

    below: Desk
    shown: PriceShown


class Told(msgspec.Struct, frozen=True):
    """A page over the state below: whom the next sales go to, which number a basket got."""

    below: Desk
    shown: Step


class Asking(msgspec.Struct, frozen=True):
    """A form flow at one of its questions; forms.py says what it is made of."""

    script: Script
    given: Given
    question: Question
    typed: str = ""
    at: int = 0  # which row of a list a line display shows, from 0
    printed: bool = False  # what it shows lies on paper
    bill: Bill | None = None  # what the total over this state is for


class Total(msgspec.Struct, frozen=True):
    """A bill waiting for tenders. `below`: what CLEAR goes back to, and what is paid for."""

    below: Keying | Asking
    amount_fen: int
    shown_ms: int  # monotonic: ENTER alone counts only a moment after the total was shown
    taken: tuple[KeyedTender, ...] = ()
    closed: bool = False  # fully paid, and the commit was refused: ENTER tries it again
    typed: str = ""
    lent: int = 0  # points above the holding that the points taken need


class Reference(msgspec.Struct, frozen=True):
    """A tender that asks for a reference (the slip's number)."""

    total: Total
    code: str
    fen: int
    typed: str = ""


class MuchCash(msgspec.Struct, frozen=True):
    """Far more cash than is due: ENTER takes it, CLEAR goes back."""

    total: Total
    code: str
    fen: int


class Committing(msgspec.Struct, frozen=True):
    """The draft is with the store. Everything but its outcome is refused.

    `then`: the basket that goes on once it is durable; None where the draft ends the flow.
    """

    below: Total | Asking
    draft: Draft
    unknown: bool = False
    then: Keying | None = None


class Consulting(msgspec.Struct, frozen=True):
    """Headquarters is asked what a step over the state below lacks; then it is taken again.

    `ahead`: what was keyed and scanned meanwhile, in order; it comes after the step.
    """

    below: "Standing"
    event: CardSwiped | CodeScanned | KeyPressed
    id: str
    until_ms: int  # monotonic: then it is taken with what is there
    ahead: tuple[InputEvent, ...] = ()


Paying = Total | Reference | MuchCash
Open = Desk | PriceLookup | Told | Asking | Paying | Consulting


class Refused(msgspec.Struct, frozen=True):
    """A refusal over the state below, which stays as it is."""

    below: Open
    code: str
    values: tuple[tuple[str, str], ...] = ()


Standing = Desk | PriceLookup | Told | Asking | Paying | Refused
State = Open | Committing | Refused


class Counter(msgspec.Struct, frozen=True):
    """The whole machine: the state, and what lasts longer than one flow."""

    state: State = msgspec.field(default_factory=Idle)
    guides: tuple[Guide, ...] = ()  # sticky; empty: the shop's default
    touched_ms: int = 0  # monotonic, the last input
    cleared: bool = False  # the last input was CLEAR
    clock_told: bool = False  # that nobody vouches for the time
    ahead: tuple[InputEvent, ...] = ()  # came while headquarters was asked, and is not taken yet
