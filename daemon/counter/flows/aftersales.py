"""After sales (`/3`): goods come back by their receipt, or without one, or are exchanged; the last
sale of the shift is void; a receipt without a card earns after all.

The receipt is found by its code, by its number, or among the purchases of a card that is swiped.
Prices, points and tenders are the sale's own; the clerk says which lines, how many, and why. A
number is keyed as it is printed, with its zeros: after `0` digits are one, ENTER voids.
"""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.counter import receipts
from daemon.counter.codes import Ask, Code, Why
from daemon.counter.flows import late, loose, swapping
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
from daemon.counter.pins import second_person
from daemon.counter.receipts import NUMBER_DIGITS
from daemon.counter.screens import Row
from daemon.ledger.acts import returning
from daemon.ledger.acts.bill import Bill
from daemon.ledger.acts.moves import Refusal
from daemon.ledger.bodies import Sale, SaleLine
from daemon.ledger.ids import id_of
from daemon.ledger.records import Entry
from daemon.rules.rounding import yuan

VOID, LATE, SWAP, LOOSE = "0", "2", "3", "*"
BEGUN: Mapping[str, Ask] = MappingProxyType(
    {LATE: Ask.LATE_SALE, SWAP: Ask.SWAP_SALE, LOOSE: Ask.LOOSE_ITEM}
)
REASONS = ("1", "2", "3", "4", "5")  # 未拆封 已拆封 过敏/质量 发错货 其他


def _wanted(given: Given, here: Here) -> Next:
    answer = given.answers[-1]
    if answer.by is not Takes.CHOICE:
        return _found(given, here)
    if answer.text == VOID:
        return To(Ask.VOID_SALE)
    if answer.text == LOOSE and not loose.allowed(given):
        return No(Code.NOT_ALLOWED, Why.NO_RECEIPT.told)
    return To(BEGUN[answer.text])


def _found(given: Given, here: Here) -> Next:
    """Go on with the receipt that was named, or with what a card has bought."""
    answer = given.answers[-1]
    if answer.by is Takes.SWIPE:
        return To(Ask.PURCHASE) if receipts.purchases(answer.text, here) else No(Code.NOTHING)
    bill = receipts.bill(given, here)
    if not isinstance(bill, Refusal):
        return _open(bill, here)
    foreign = receipts.of_another_shop(answer, here)
    return No(Code.NO_PAPER) if foreign is None else No(Code.OTHER_SHOP, (("sale", foreign),))


def _purchase(given: Given, here: Here) -> Next:
    bill = receipts.bill(given, here)
    return bill if isinstance(bill, Refusal) else _open(bill, here)


def _open(bill: Bill, here: Here) -> Next:
    if any(receipts.left(bill, line, here) for line in bill.lines):
        return To(Ask.BACK_LINE)
    if receipts.is_foreign(bill.entry, here):  # what may come back lies with somebody else
        return No(Code.OTHER_SHOP, (("sale", bill.entry),))
    return No(Code.RETURNED)


def _line(given: Given, here: Here) -> Next:
    """A row is a line; ENTER ends them, and alone means everything that is left."""
    answer = given.answers[-1]
    if answer.by is Takes.ENTER:
        return _lines_named(given, here)
    bill, line = receipts.known(given, here), receipts.chosen(given, here)
    if line.n in [one.number for one in given.all(Ask.BACK_LINE)[:-1] if one.by is Takes.ROW]:
        return No(Code.INPUT)
    left = receipts.left(bill, line, here)
    if not left:
        return No(Code.RETURNED)
    return To(Ask.BACK_QTY if left > 1 else Ask.BACK_LINE)


def _lines_named(given: Given, here: Here) -> Next:
    bill = receipts.known(given, here)
    named = {one.n for one in receipts.back(given, here)}
    lines = tuple(line for line in bill.lines if line.n in named)
    why = receipts.forbidden(bill, lines, given.engine, here)
    if why:
        return No(Code.NOT_ALLOWED, why)
    short = receipts.spent_already(bill, receipts.back(given, here), given.engine, here)
    if short is not None:
        return No(Code.POINTS_SHORT, (("x", str(short[0])), ("y", str(short[1]))))
    return To(Ask.BACK_REASON)


def _quantity(given: Given, here: Here) -> Next:
    """ENTER alone: all that is left of the line."""
    answer, bill = given.answers[-1], receipts.known(given, here)
    most = receipts.left(bill, receipts.chosen(given, here), here)
    if answer.by is Takes.NUMBER and not 0 < answer.number <= most:
        return No(Code.INPUT)
    return To(Ask.BACK_LINE)


def _reason(given: Given, here: Here) -> Next:
    if given.has(Ask.LOOSE_ITEM):
        return To(Ask.MANAGER)
    if given.has(Ask.SWAP_SALE):
        return To(Ask.SWAP_ITEM)
    books, bill = here.shop.books(), receipts.known(given, here)
    request = returning.ReturnRequest(
        id=given.id,
        source=SOURCE,
        sale=bill.entry,
        lines=receipts.back(given, here),
        reason=int(given.text(Ask.BACK_REASON)),
    )
    member = books.member(bill.member)
    return returning.give_back(request, bill, member, books.balance, books.stamp(request))


def _reason_shown(given: Given, here: Here) -> Shown:
    """Without a receipt: what would be paid back, before a manager is asked."""
    return loose.worth(given, here) if given.has(Ask.LOOSE_ITEM) else Shown()


def _void(given: Given, here: Here) -> Next:
    """Everything of it comes back, of the shift that is open. Digits: a number that began 0."""
    if given.answers[-1].by is Takes.NUMBER:
        return _found(given, here)
    books, sale = here.shop.books(), _last_sale(here)
    if sale is None:
        return No(Code.NO_PAPER)
    bill = receipts.bill_of(id_of(sale), here)
    if isinstance(bill, Refusal):
        return bill
    request = returning.VoidRequest(id=given.id, source=SOURCE, sale=bill.entry)
    member = books.member(bill.member)
    return returning.void(bill, member, books.balance, books.stamp(request))


def _void_shown(_: Given, here: Here) -> Shown:
    sale = _last_sale(here)
    if sale is None or not isinstance(sale.body, Sale):
        return Shown()
    return Shown(values=(("amount", yuan(sale.body.pay_fen)), ("seq", str(sale.seq))))


def _lines_shown(given: Given, here: Here) -> Shown:
    bill = receipts.known(given, here)
    return Shown(tuple(_row(line, receipts.left(bill, line, here)) for line in bill.lines))


def _row(line: SaleLine, left: int) -> Row:
    return Row(str(line.n), f"{line.name} ×{left}", f"{line.sku} x{left}", line.paid_fen)


def _purchases_shown(given: Given, here: Here) -> Shown:
    return receipts.listed(receipts.purchases(receipts.named(given).text, here))


def _last_sale(here: Here) -> Entry | None:
    """Return the last sale, when it is of the shift that is open."""
    books = here.shop.books()
    found = books.find(lambda entry: isinstance(entry.body, Sale), most=1)
    return found[0] if found and books.in_shift(id_of(found[0])) else None


_RECEIPT = Takes.SCAN | Takes.NUMBER | Takes.SWIPE
_OPENED = (Ask.PURCHASE, Ask.BACK_LINE)

SCRIPT = Script(
    digit="3",
    name="aftersales",
    first=begin_at(Ask.AFTER_SALE),
    leads=(Ask.AFTER_SALE,),
    steps=(
        Step(
            Ask.AFTER_SALE,
            _RECEIPT | Takes.CHOICE,
            _wanted,
            leads=(Ask.VOID_SALE, *BEGUN.values(), *_OPENED),
            choices=tuple(Row(key) for key in (VOID, LATE, SWAP, LOOSE)),
            digits=NUMBER_DIGITS,
        ),
        Step(Ask.SWAP_SALE, _RECEIPT, _found, leads=_OPENED, digits=NUMBER_DIGITS),
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
            leads=(Ask.SWAP_ITEM, Ask.MANAGER, End.ENTRY),
            choices=tuple(Row(key) for key in REASONS),
            shows=_reason_shown,
        ),
        *swapping.STEPS,
        Step(
            Ask.VOID_SALE,
            Takes.ENTER | Takes.NUMBER,
            _void,
            leads=(End.ENTRY, *_OPENED),
            shows=_void_shown,
            digits=NUMBER_DIGITS,
        ),
        *late.STEPS,
        *loose.STEPS,
        *second_person(loose.allowed_by, leads=(End.ENTRY,)),
    ),
)
