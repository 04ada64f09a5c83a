"""The mall has taken the money of a bill: its slip's number, and the sale is booked as it stood."""

from daemon.counter.codes import Ask, Code, Why
from daemon.counter.forms import SOURCE, End, Given, Next, No, Script, Shown, Step, Takes, To
from daemon.counter.moves import Here
from daemon.ledger.acts import mall
from daemon.ledger.acts.moves import Refusal, Request
from daemon.ledger.bodies import MallBilled
from daemon.ledger.views import MallBill
from daemon.rules.rounding import yuan

SLIP_DIGITS = range(1, mall.SLIP_DIGITS_MAX + 1)


def payment(bill: MallBill) -> Script:
    """Return the script that books this bill."""

    def first(_: Given, here: Here) -> Next:
        if bill.state == "paid":
            return No(Code.NOT_ALLOWED, Why.PAID_AT_MALL.told)
        if bill.state == "lapsed" or bill.business_date != here.shop.at().business_date:
            return No(Code.NOT_ALLOWED, Why.BILL_LAPSED.told)
        return To(Ask.MALL_SLIP)

    def shown(_: Given, __: Here) -> Shown:
        return Shown(values=(("amount", yuan(bill.pay_fen)),))

    def paid(given: Given, here: Here) -> Next:
        books = here.shop.books()
        entry = books.entry(bill.bill)
        if entry is None or not isinstance(entry.body, MallBilled):
            return Refusal("not_allowed", f"{bill.bill} is no bill of this box")
        sale = entry.body.sale
        member = books.member(sale.member, sale.card) if sale.member else None
        stamp = books.stamp(Request(id=given.id, source=SOURCE))
        return mall.paid(entry, given.text(Ask.MALL_SLIP), member, books.balance, stamp)

    step = Step(
        Ask.MALL_SLIP, Takes.NUMBER, paid, leads=(End.ENTRY,), shows=shown, digits=SLIP_DIGITS
    )
    return Script("", "mall", first, (Ask.MALL_SLIP,), (step,))
