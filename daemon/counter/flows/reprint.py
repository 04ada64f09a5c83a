"""Papers again (`/8`): the last, one by number or code (补打); `*` explains one, `+` a card's year.

积分计算说明 says how an entry's figures came about; 积分对账单 what a card's points did this year.
"""

from daemon.counter.codes import Ask, Code
from daemon.counter.effects import DOCUMENTS, DocumentKind, Print
from daemon.counter.forms import End, Given, Goes, Next, No, Script, Step, Takes, To, begin_at
from daemon.counter.keys import is_phone
from daemon.counter.moves import BEEP_OK, Here
from daemon.counter.screens import Row
from daemon.counter.states import Idle
from daemon.ledger.codec import CodecError
from daemon.ledger.ids import entry_id, id_of
from daemon.ledger.records import Entry
from daemon.ledger.signed import parse_receipt_code

EXPLAIN, STATE = "*", "+"
NUMBER = Takes.NUMBER | Takes.ENTER | Takes.SCAN


def _wanted(given: Given, here: Here) -> Next:
    if given.answers[-1].by is Takes.CHOICE:
        return To(Ask.EXPLAINED if given.text(Ask.REPRINT) == EXPLAIN else Ask.STATEMENT)
    entry = _entry(given, here, Ask.REPRINT)
    if entry is None or entry.kind not in DOCUMENTS:
        return No(Code.NO_PAPER)
    return _printed(Print(DOCUMENTS[entry.kind], about=id_of(entry), again=True))


def _explained(given: Given, here: Here) -> Next:
    entry = _entry(given, here, Ask.EXPLAINED)
    if entry is None or entry.kind not in DOCUMENTS:
        return No(Code.NO_PAPER)
    return _printed(Print(DocumentKind.EXPLAINED, about=id_of(entry)))


def _stated(given: Given, here: Here) -> Next:
    answer, shop = given.answers[-1], here.shop
    by_phone = answer.by is Takes.NUMBER and is_phone(answer.text)
    found = (shop.member_by_phone if by_phone else shop.member_by_card)(answer.text)
    if found is None:  # a visitor's points are headquarters' to tell
        return No(Code.NO_MEMBER)
    return _printed(Print(DocumentKind.STATEMENT, about=found.facts.id))


def _printed(slip: Print) -> Goes:
    return Goes(Idle(), (slip, BEEP_OK))


def _entry(given: Given, here: Here, ask: Ask) -> Entry | None:
    books, answer = here.shop.books(), given.last(ask)
    assert answer is not None, "asked before"
    if answer.by is Takes.ENTER:
        found = books.find(lambda entry: entry.kind in DOCUMENTS, most=1)
        return found[0] if found else None
    if answer.by is Takes.SCAN:
        try:
            seen = parse_receipt_code(answer.text)
        except CodecError:
            return None
        return books.entry(f"{seen.chain}:{seen.seq}")
    return books.entry(entry_id(books.chain(), answer.number))


SCRIPT = Script(
    digit="8",
    name="reprint",
    first=begin_at(Ask.REPRINT),
    leads=(Ask.REPRINT,),
    steps=(
        Step(
            Ask.REPRINT,
            NUMBER | Takes.CHOICE,
            _wanted,
            leads=(Ask.EXPLAINED, Ask.STATEMENT, End.DESK),
            choices=(Row(EXPLAIN), Row(STATE)),
            digits=range(1, 10),
        ),
        Step(Ask.EXPLAINED, NUMBER, _explained, leads=(End.DESK,), digits=range(1, 10)),
        Step(Ask.STATEMENT, Takes.NUMBER | Takes.SWIPE, _stated, leads=(End.DESK,)),
    ),
)
