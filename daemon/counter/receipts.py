"""Receipts at the counter: which one is meant, and what of it may come back. Pure.

A receipt is found by its code, by its number, or among the purchases of a card.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from daemon.counter.codes import Ask, Why
from daemon.counter.forms import Answer, Given, Shown, Takes
from daemon.counter.moves import Here
from daemon.counter.screens import Row
from daemon.ledger import accounts
from daemon.ledger.acts.bill import Bill
from daemon.ledger.acts.moves import CASH, Refusal
from daemon.ledger.acts.returning import BackAsked, coming_back, earned_of, restored_of
from daemon.ledger.acts.spend import spendable
from daemon.ledger.bodies import Exchange, Sale, SaleLine, Tender
from daemon.ledger.codec import CodecError
from daemon.ledger.ids import entry_id, id_of, parse_entry_id
from daemon.ledger.kinds import Unit
from daemon.ledger.records import Entry
from daemon.ledger.signed import parse_receipt_code
from daemon.rules.engine import Engine
from daemon.rules.periods import later, span
from daemon.rules.price_rules import fits

PURCHASES_MAX = 10  # of a card, the newest first
NUMBER_DIGITS = range(1, 10)


def entry_named(answer: Answer, here: Here) -> str | None:
    """Return the entry that a number or a receipt's code names; None: it is no such code."""
    if answer.by is Takes.NUMBER:
        return entry_id(here.shop.books().chain(), answer.number)
    return entry_coded(answer.text)


def entry_coded(code: str) -> str | None:
    """Return the entry that the code on a receipt names; None: it is no such code."""
    try:
        seen = parse_receipt_code(code)
    except CodecError:
        return None
    return f"{seen.chain}:{seen.seq}"


def of_another_shop(answer: Answer, here: Here) -> str | None:
    """Return the sale, where a code is on a receipt of our chain that another box has printed."""
    entry = entry_named(answer, here)
    return entry if entry is not None and is_foreign(entry, here) else None


def bill_named(answer: Answer, here: Here) -> Bill | Refusal:
    """Return the bill that a number or a receipt's code names."""
    entry = entry_named(answer, here)
    if entry is None:
        return Refusal("not_returnable", "this code is no receipt of ours")
    return bill_of(entry, here)


def bill_of(entry: str, here: Here) -> Bill | Refusal:
    """Return the bill of a sale, with the money that this counter can pay back."""
    bill = here.shop.books().bill(entry)
    return bill if isinstance(bill, Refusal) else _payable(bill, here)


def _payable(bill: Bill, here: Here) -> Bill:
    """Tenders that are not paid back here, and all of another shop's, are paid back in cash.

    Its guides, and what limits counted there, are that shop's own: the numbers may be others here.
    """
    kept = {row.code for row in here.shop.tenders() if row.refundable is not False}
    if is_foreign(bill.entry, here):
        kept, bill = {CASH}, replace(bill, commission=(), uses=())
    sums: dict[str, int] = {}
    for one in bill.money:
        code = one.code if one.code in kept else CASH
        sums[code] = sums.get(code, 0) + one.amount_fen
    if len(sums) == len(bill.money) and set(sums) == {one.code for one in bill.money}:
        return bill
    return replace(bill, money=tuple(Tender(code, fen) for code, fen in sums.items()))


def is_foreign(entry: str, here: Here) -> bool:
    """Tell whether another box wrote the entry."""
    place = parse_entry_id(entry)
    return place is not None and place[0].box != here.shop.books().chain().box


def purchases(card: str, here: Here) -> tuple[Entry, ...]:
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


def listed(entries: tuple[Entry, ...]) -> Shown:
    """Return entries as a numbered list: when, which number, what was paid."""
    rows = []
    for n, entry in enumerate(entries, 1):
        when = entry.at.wall[5:16].replace("T", " ")
        paid = entry.body.pay_fen if isinstance(entry.body, Sale) else None
        said = f"{when} #{entry.seq}"
        rows.append(Row(str(n), said, said, paid, id_of(entry)))
    return Shown(tuple(rows))


def left(bill: Bill, line: SaleLine, here: Here) -> int:
    """Return what of a line may still come back, as this chain's hand knows it."""
    lot = bill.returnable(line.n)
    return here.shop.books().balance(accounts.returnable(lot), Unit.RETURNABLE, lot)


def forbidden(
    bill: Bill, lines: Sequence[SaleLine], engine: Engine, here: Here
) -> tuple[tuple[str, str], ...]:
    """Return why the pack does not take these lines back now, as a refusal says it; () if it does.

    A pack that does not say for how long goods come back leaves that to the shop.
    """
    reversal = engine.sale.reversal
    entry = here.shop.books().entry(bill.entry)
    if reversal is None or entry is None:
        return ()
    sold = datetime.fromisoformat(entry.at.wall)
    if reversal.within is not None and here.now() >= later(sold, span(reversal.within)):
        return Why.TOO_LATE.told
    if reversal.not_returnable is None:
        return ()
    fit = fits(reversal.not_returnable)
    for line in lines:
        product = here.shop.product(line.sku) if line.sku else None
        if product is not None and fit(
            product.sku, product.category, product.brand, product.department, line.cls
        ):
            return Why.NOT_TAKEN_BACK.told
    return ()


def spent_already(
    bill: Bill, back: tuple[BackAsked, ...], engine: Engine, here: Here
) -> tuple[int, int] | None:
    """Return points that are to come back and those there, where the pack refuses the difference.

    A pack that does not say so makes it a claim.
    """
    reversal, books = engine.sale.reversal, here.shop.books()
    if reversal is None or reversal.shortfall == "claim" or not bill.member:
        return None
    coming = coming_back(bill, back, books.balance)
    if isinstance(coming, Refusal):  # which the act will say
        return None
    earned, restored = earned_of(bill, coming.change), restored_of(bill, coming.change)
    lots = spendable(books.member(bill.member), Unit.POINT, here.shop.least_now())
    needed = sum(one.amount for one in earned if one.unit == Unit.POINT)
    there = sum(one.amount for one in lots)
    there += sum(one.amount for one in restored if one.unit == Unit.POINT)
    return None if needed <= there else (needed, there)


def named(given: Given) -> Answer:
    """Return the answer that named the receipt, at whichever step it was asked."""
    asked = (Ask.AFTER_SALE, Ask.SWAP_SALE, Ask.VOID_SALE)
    return next(
        one
        for one in reversed(given.answers)
        if one.question.ask in asked and one.by is not Takes.CHOICE
    )


def known(given: Given, here: Here) -> Bill:
    """Return the bill of a receipt that was found at an earlier step."""
    found = bill(given, here)
    assert isinstance(found, Bill), "found before"
    return found


def bill(given: Given, here: Here) -> Bill | Refusal:
    """Return the bill of the receipt that was named."""
    answer = named(given)
    if answer.by is not Takes.SWIPE:
        return bill_named(answer, here)
    row = given.row(Ask.PURCHASE)
    assert row is not None, "a card's purchase was chosen"
    return bill_of(row.entry, here)


def chosen(given: Given, here: Here) -> SaleLine:
    """Return the line that was named last."""
    return known(given, here).lines[given.number(Ask.BACK_LINE) - 1]


def back(given: Given, here: Here) -> tuple[BackAsked, ...]:
    """Return the lines that were named with their pieces; none named: all that is left."""
    receipt, asked = known(given, here), {}
    line: SaleLine | None = None
    for answer in given.answers:
        if answer.question.ask is Ask.BACK_LINE and answer.by is Takes.ROW:
            line = receipt.lines[answer.number - 1]
            asked[line.n] = left(receipt, line, here)
        elif answer.question.ask is Ask.BACK_QTY and answer.by is Takes.NUMBER:
            assert line is not None, "a quantity is of a line"
            asked[line.n] = answer.number
    if not asked:
        asked = {one.n: left(receipt, one, here) for one in receipt.lines}
    return tuple(BackAsked(n, qty) for n, qty in asked.items() if qty)
