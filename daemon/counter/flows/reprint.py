"""Reprint (`/8`): the last paper, one by its number, or the one whose code is scanned; 补打."""

from daemon.counter.codes import Ask, Code
from daemon.counter.effects import DOCUMENTS, Print
from daemon.counter.forms import End, Given, Goes, Next, No, Script, Step, Takes, begin_at
from daemon.counter.moves import BEEP_OK, Here
from daemon.counter.states import Idle
from daemon.ledger.codec import CodecError
from daemon.ledger.ids import entry_id, id_of
from daemon.ledger.records import Entry
from daemon.ledger.signed import parse_receipt_code


def _wanted(given: Given, here: Here) -> Next:
    entry = _entry(given, here)
    if entry is None or entry.kind not in DOCUMENTS:
        return No(Code.NO_PAPER)
    slip = Print(DOCUMENTS[entry.kind], about=id_of(entry), again=True)
    return Goes(Idle(), (slip, BEEP_OK))


def _entry(given: Given, here: Here) -> Entry | None:
    books, answer = here.shop.books(), given.last(Ask.REPRINT)
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
            Takes.NUMBER | Takes.ENTER | Takes.SCAN,
            _wanted,
            leads=(End.DESK,),
            digits=range(1, 10),
        ),
    ),
)
