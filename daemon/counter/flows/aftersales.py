"""After sales (`/3`): goods come back by their receipt, and the last sale of the shift is void.

The receipt is found by its code, by its number, or among the purchases of a card that is swiped.
Prices, points and tenders are the sale's own; the clerk says which lines, how many, and why.
"""

from daemon.counter.codes import Ask, Code
from daemon.counter.forms import (
    SOURCE,
    End,
    Given,
    Next,
    No,
    Script,
    Shown,
    Step,
    Takes,
    To,
    begin_at,
)
from daemon.counter.moves import Here
from daemon.counter.screens import Row
from daemon.ledger import accounts
from daemon.ledger.acts import returning
from daemon.ledger.acts.bill import Bill
from daemon.ledger.acts.moves import Refusal
from daemon.ledger.bodies import Exchange, Sale, SaleLine
from daemon.ledger.codec import CodecError
from daemon.ledger.ids import entry_id, id_of
from daemon.ledger.kinds import Unit
from daemon.ledger.records import Entry
from daemon.ledger.signed import parse_receipt_code
from daemon.rules.rounding import yuan

VOID = "0"  # no receipt has this number
PURCHASES_MAX = 10  # of a card, the newest first
REASONS = ("1", "2", "3", "4", "5")  # 未拆封 已拆封 过敏/质量 发错货 其他
NUMBER_DIGITS = range(1, 10)


def _wanted(given: Given, here: Here) -> Next:
    answer = given.answers[-1]
    if answer.by is Takes.CHOICE:
        return To(Ask.VOID_SALE) if _last_sale(here) is not None else No(Code.NO_PAPER)
    if answer.by is Takes.SWIPE:
        return To(Ask.PURCHASE) if _purchases(answer.text, here) else No(Code.NOTHING)
    bill = _bill(given, here)
    return No(Code.NO_PAPER) if isinstance(bill, Refusal) else _open(bill, here)


def _purchase(given: Given, here: Here) -> Next:
    bill = _bill(given, here)
    return bill if isinstance(bill, Refusal) else _open(bill, here)


def _open(bill: Bill, here: Here) -> Next:
    left = any(_left(bill, line, here) for line in bill.lines)
    return To(Ask.BACK_LINE) if left else No(Code.RETURNED)


def _line(given: Given, here: Here) -> Next:
    """A row is a line; ENTER ends them, and alone means everything that is left."""
    answer = given.answers[-1]
    if answer.by is Takes.ENTER:
        return To(Ask.BACK_REASON)
    bill, line = _known(given, here), _chosen(given, here)
    if line.n in [one.number for one in given.all(Ask.BACK_LINE)[:-1] if one.by is Takes.ROW]:
        return No(Code.INPUT)
    left = _left(bill, line, here)
    if not left:
        return No(Code.RETURNED)
    return To(Ask.BACK_QTY if left > 1 else Ask.BACK_LINE)


def _quantity(given: Given, here: Here) -> Next:
    """ENTER alone: all that is left of the line."""
    answer, bill = given.answers[-1], _known(given, here)
    if answer.by is Takes.NUMBER and not 0 < answer.number <= _left(
        bill, _chosen(given, here), here
    ):
        return No(Code.INPUT)
    return To(Ask.BACK_LINE)


def _reason(given: Given, here: Here) -> Next:
    books, bill = here.shop.books(), _known(given, here)
    request = returning.ReturnRequest(
        id=given.id,
        source=SOURCE,
        sale=bill.entry,
        lines=_back(given, here),
        reason=int(given.text(Ask.BACK_REASON)),
    )
    member = books.member(bill.member)
    return returning.give_back(request, bill, member, books.balance, books.stamp(request))


def _void(given: Given, here: Here) -> Next:
    """Everything of it comes back; only in the shift that sold it."""
    books, sale = here.shop.books(), _last_sale(here)
    if sale is None:
        return No(Code.NO_PAPER)
    bill = books.bill(id_of(sale))
    if isinstance(bill, Refusal):
        return bill
    request = returning.VoidRequest(id=given.id, source=SOURCE, sale=bill.entry)
    member = books.member(bill.member)
    return returning.void(bill, member, books.balance, books.stamp(request))


def _void_shown(_: Given, here: Here) -> Shown:
    sale = _last_sale(here)
    assert sale is not None and isinstance(sale.body, Sale), "asked before"
    return Shown(values=(("amount", yuan(sale.body.pay_fen)), ("seq", str(sale.seq))))


def _lines_shown(given: Given, here: Here) -> Shown:
    bill = _known(given, here)
    return Shown(tuple(_row(line, _left(bill, line, here)) for line in bill.lines))


def _row(line: SaleLine, left: int) -> Row:
    return Row(str(line.n), f"{line.name} ×{left}", f"{line.sku} x{left}", line.paid_fen)


def _purchases_shown(given: Given, here: Here) -> Shown:
    rows = []
    for n, entry in enumerate(_purchases(given.text(Ask.AFTER_SALE), here), 1):
        when = entry.at.wall[5:16].replace("T", " ")
        paid = entry.body.pay_fen if isinstance(entry.body, Sale) else None
        said = f"{when} #{entry.seq}"
        rows.append(Row(str(n), said, said, paid, id_of(entry)))
    return Shown(tuple(rows))


def _purchases(card: str, here: Here) -> tuple[Entry, ...]:
    """Return what was bought with a card, or with any other of its member."""
    books = here.shop.books()
    member = books.member("", card).id
    return books.find(
        lambda entry: (
            isinstance(entry.body, Sale | Exchange)
            and (entry.body.card == card or bool(member and entry.body.member == member))
        ),
        most=PURCHASES_MAX,
    )


def _last_sale(here: Here) -> Entry | None:
    """Return the last sale, when it is of the shift that is open."""
    books = here.shop.books()
    found = books.find(lambda entry: isinstance(entry.body, Sale), most=1)
    return found[0] if found and books.in_shift(id_of(found[0])) else None


def _known(given: Given, here: Here) -> Bill:
    bill = _bill(given, here)
    assert isinstance(bill, Bill), "found before"
    return bill


def _bill(given: Given, here: Here) -> Bill | Refusal:
    books, answer = here.shop.books(), given.last(Ask.AFTER_SALE)
    assert answer is not None, "asked before"
    if answer.by is Takes.SWIPE:
        row = given.row(Ask.PURCHASE)
        assert row is not None, "a card's purchase was chosen"
        return books.bill(row.entry)
    if answer.by is Takes.NUMBER:
        return books.bill(entry_id(books.chain(), answer.number))
    try:
        seen = parse_receipt_code(answer.text)
    except CodecError:
        return Refusal("not_returnable", "this code is no receipt of ours")
    return books.bill(f"{seen.chain}:{seen.seq}")


def _chosen(given: Given, here: Here) -> SaleLine:
    return _known(given, here).lines[given.number(Ask.BACK_LINE) - 1]


def _left(bill: Bill, line: SaleLine, here: Here) -> int:
    lot = bill.returnable(line.n)
    return here.shop.books().balance(accounts.returnable(lot), Unit.RETURNABLE, lot)


def _back(given: Given, here: Here) -> tuple[returning.BackAsked, ...]:
    """Return the lines that were named with their pieces; none named: all that is left."""
    bill, asked = _known(given, here), {}
    line: SaleLine | None = None
    for answer in given.answers:
        if answer.question.ask is Ask.BACK_LINE and answer.by is Takes.ROW:
            line = bill.lines[answer.number - 1]
            asked[line.n] = _left(bill, line, here)
        elif answer.question.ask is Ask.BACK_QTY and answer.by is Takes.NUMBER:
            assert line is not None, "a quantity is of a line"
            asked[line.n] = answer.number
    if not asked:
        asked = {line.n: left for line in bill.lines if (left := _left(bill, line, here))}
    return tuple(returning.BackAsked(n, qty) for n, qty in asked.items())


SCRIPT = Script(
    digit="3",
    name="aftersales",
    first=begin_at(Ask.AFTER_SALE),
    leads=(Ask.AFTER_SALE,),
    steps=(
        Step(
            Ask.AFTER_SALE,
            Takes.SCAN | Takes.NUMBER | Takes.SWIPE | Takes.CHOICE,
            _wanted,
            leads=(Ask.VOID_SALE, Ask.PURCHASE, Ask.BACK_LINE),
            choices=(Row(VOID),),
            digits=NUMBER_DIGITS,
        ),
        Step(Ask.PURCHASE, Takes.ROW, _purchase, leads=(Ask.BACK_LINE,), shows=_purchases_shown),
        Step(
            Ask.BACK_LINE,
            Takes.ROW | Takes.ENTER,
            _line,
            leads=(Ask.BACK_LINE, Ask.BACK_QTY, Ask.BACK_REASON),
            shows=_lines_shown,
        ),
        Step(Ask.BACK_QTY, Takes.NUMBER | Takes.ENTER, _quantity, leads=(Ask.BACK_LINE,)),
        Step(
            Ask.BACK_REASON,
            Takes.CHOICE,
            _reason,
            leads=(End.ENTRY,),
            choices=tuple(Row(key) for key in REASONS),
        ),
        Step(Ask.VOID_SALE, Takes.ENTER, _void, leads=(End.ENTRY,), shows=_void_shown),
    ),
)
