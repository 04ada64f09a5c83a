"""How every form flow is run: answers in, the script's next step out. The flows say the rest.

CLEAR takes back a digit, then a step. `+` and `-` go through a list, `.` prints it: a counter
without a clerk's display gets every list on paper, numbered.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from msgspec.structs import replace

from daemon.counter import keys
from daemon.counter.codes import Ask, Code, refusal_code
from daemon.counter.effects import Commit, DocumentKind, Effect, Listing, Print
from daemon.counter.forms import (
    ROWS_MAX,
    WORDED,
    Answer,
    Given,
    Goes,
    Next,
    No,
    Noted,
    Question,
    Script,
    Shown,
    Takes,
    To,
    end_of,
)
from daemon.counter.moves import BEEP_OK, Here, Moved, refused, stay
from daemon.counter.states import Asking, Committing, Desk, Idle, Open, Total
from daemon.events import CardSwiped, CodeScanned, KeyPressed
from daemon.ledger.acts.moves import Refusal
from daemon.ledger.records import Draft
from daemon.rules.tenders import Paid

UNPAID = Paid((), 0, 0)
TOPIC = "topic"  # of the values beside a question: the service slip that its list is printed as

_SHAPES: Mapping[Takes, re.Pattern[str]] = MappingProxyType(
    {
        Takes.NUMBER: re.compile(r"\d{0,20}"),
        Takes.AMOUNT: re.compile(r"\d{1,7}(\.\d{0,2})?"),
        Takes.PIN: re.compile(r"\d{0,6}"),
        Takes.ROW: re.compile(r"\d{0,2}"),
    }
)
_CARD = re.compile(r"\.{0,2}\d{0,20}")  # with or without the two dots of the basket


def start(script: Script, desk: Desk | Total, here: Here) -> Moved:
    """Begin a flow; a refusal of its beginning stands over the desk."""
    given = Given(here.shop.fresh_id(), here.shop.engine(), desk)
    follows = script.first(given, here)
    _told(script.name, follows, script.leads)
    return _follow(script, given, follows, desk, here)


def asking_key(state: Asking, event: KeyPressed, here: Here) -> Moved:
    key, question = event.key, state.question
    if key == keys.CLEAR:
        return _back(state)
    if not state.typed:
        if Takes.CHOICE in question.takes and key in {row.key for row in question.rows}:
            return _answer(state, Answer(question, Takes.CHOICE, key), here)
        if question.rows and key in ("+", "-", "."):
            return _read(state, key)
        if key == keys.ENTER and Takes.ENTER in question.takes:
            return _answer(state, Answer(question, Takes.ENTER), here)
    if key == keys.ENTER:
        answer = _typed(question, state.typed)
        if answer is None:
            return refused(replace(state, typed=""), Code.INPUT)
        return _answer(state, answer, here)
    longer = state.typed + key
    if any(shape.fullmatch(longer) for shape in _shapes(question.takes)):
        return Moved(replace(state, typed=longer))
    return refused(replace(state, typed=""), Code.INPUT)


def asking_swiped(state: Asking, event: CardSwiped, here: Here) -> Moved:
    return _read_by(state, Takes.SWIPE, event.number, here)


def asking_scanned(state: Asking, event: CodeScanned, here: Here) -> Moved:
    return _read_by(state, Takes.SCAN, event.code, here)


def settled(closed: Total, before: Total, paid: Paid, here: Here) -> Moved:
    """Commit what a total over a form flow was for. `before`: where a refusal leads back to."""
    assert isinstance(closed.below, Asking), "goods are settled by the rules"
    bill = closed.below.bill
    assert bill is not None, "a total over a question is for its bill"
    return _made(bill.make(paid, here), closed, before)


def _answer(state: Asking, answer: Answer, here: Here) -> Moved:
    step = state.script.step(state.question.ask)
    follows = step.then(state.given.more(answer), here)
    _told(step.ask, follows, step.leads)
    kept = replace(answer, text="", number=0) if answer.by is Takes.PIN else answer
    return _follow(state.script, state.given.more(kept), follows, replace(state, typed=""), here)


def _told(where: str, follows: Next, leads: tuple[object, ...]) -> None:
    end = end_of(follows)
    assert end is None or end in leads, f"{where} leads to {end}, which its table does not say"


def _follow(script: Script, given: Given, follows: Next, below: Open, here: Here) -> Moved:
    match follows:
        case To(ask, effects):
            return _ask(script, given, ask, effects, here)
        case Goes(state, effects, guides):
            return Moved(state, effects, guides)
        case No() | Refusal():
            return _refusal(below, follows)
    assert isinstance(below, Asking), f"{script.name} ends before it asks anything"
    if isinstance(follows, Noted):
        committing = Committing(below, follows.draft, then=follows.state)
        return Moved(committing, (Commit(follows.draft),))
    if isinstance(follows, Draft):
        return _made(follows, below, below)
    if not follows.amount_fen:
        return _made(follows.make(UNPAID, here), below, below)
    return Moved(Total(replace(below, bill=follows), follows.amount_fen, here.mono_ms))


def _made(made: Draft | Refusal | No, below: Total | Asking, before: Open) -> Moved:
    if isinstance(made, Draft):
        return Moved(Committing(below, made), (Commit(made),))
    return _refusal(before, made)


def _ask(script: Script, given: Given, ask: Ask, effects: tuple[Effect, ...], here: Here) -> Moved:
    step = next(step for step in script.steps if step.ask is ask)
    shown = Shown() if step.shows is None else step.shows(given, here)
    said = {row.key for row in shown.rows}  # a fixed choice may come with an amount of now
    rows = (*(row for row in step.choices if row.key not in said), *shown.rows)[:ROWS_MAX]
    question = Question(
        step.ask,
        step.takes,
        rows,
        shown.values,
        step.digits,
        step.least,
        listed=bool(shown.rows) or not WORDED.isdisjoint(name for name, _ in shown.values),
    )
    if not question.listed or here.shop.clerk_reads():
        return Moved(Asking(script, given, question), effects)
    if question in (one.question for one in given.all(ask)):
        return Moved(Asking(script, given, question, printed=True), effects)  # it lies there
    return Moved(Asking(script, given, question, printed=True), (*effects, listing_of(question)))


def _refusal(below: Open, why: No | Refusal) -> Moved:
    if isinstance(why, Refusal):
        return refused(below, refusal_code(why.code), why=why.code, said=why.why)
    if why.back_to is not None and isinstance(below, Asking):
        below = _again(below, why)
    return refused(below, why.code, **dict(why.values))


def _again(state: Asking, why: No) -> Asking:
    assert why.back_to is not None
    answered = state.given.last(why.back_to)
    if answered is None:
        return state
    return Asking(state.script, state.given.before(why.back_to), answered.question)


def _back(state: Asking) -> Moved:
    if state.typed:
        return Moved(replace(state, typed=state.typed[:-1]))
    if not state.given.answers:
        desk = state.given.desk
        return Moved(Idle() if isinstance(desk, Idle) else replace(desk, typed=""))
    last = state.given.answers[-1]
    given = replace(state.given, answers=state.given.answers[:-1])
    return Moved(Asking(state.script, given, last.question))


def _read(state: Asking, key: str) -> Moved:
    """Go through the rows of a list, or print them."""
    if key == ".":
        return Moved(replace(state, printed=True), (listing_of(state.question), BEEP_OK))
    at = state.at + (1 if key == "+" else -1)
    return Moved(replace(state, at=at)) if 0 <= at < len(state.question.rows) else stay(state)


def listing_of(question: Question) -> Print:
    """Return what a question shows, on paper."""
    listing = Listing(question.ask, question.rows, question.values)
    topic = dict(question.values).get(TOPIC)
    if topic is not None:  # what is read out, not chosen from: a paper of its own
        return Print(DocumentKind.SERVICE, about=topic, listing=listing)
    return Print(DocumentKind.LISTING, listing=listing)


def _read_by(state: Asking, how: Takes, text: str, here: Here) -> Moved:
    if how not in state.question.takes:
        return refused(state, Code.FINISH_FIRST)
    if not text:
        return refused(state, Code.INPUT)
    return _answer(state, Answer(state.question, how, text), here)


def _shapes(takes: Takes) -> list[re.Pattern[str]]:
    shapes = [shape for way, shape in _SHAPES.items() if way in takes]
    if Takes.NUMBER in takes and Takes.SWIPE in takes:
        shapes.append(_CARD)
    return shapes


def _typed(question: Question, typed: str) -> Answer | None:
    """Return what was typed as an answer; None: it is none to this question."""
    digits = typed.lstrip(".")
    if Takes.ROW in question.takes:
        number = int(digits or 0)
        row = next((row for row in question.rows if row.key == str(number)), None)
        if row is not None:
            return Answer(question, Takes.ROW, row.key, question.rows.index(row) + 1)
    if Takes.AMOUNT in question.takes and typed:
        fen = 0 if not typed.strip("0.") else keys.amount_fen(typed.rstrip("."))
        if fen is not None and fen >= question.least:
            return Answer(question, Takes.AMOUNT, typed, fen)
        return None
    for way in (Takes.NUMBER, Takes.PIN):
        if way in question.takes and digits.isdigit() and len(digits) in question.digits:
            return Answer(question, way, digits, int(digits))
    return None
