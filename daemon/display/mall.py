"""缴款单 for the mall's till, and 商场对账表: what the mall took on a day, and what nobody paid."""

from daemon.counter.mall import number_of
from daemon.display.blocks import heading, member_name, numbered, receipt_number
from daemon.display.facts import Copy, MallDayFacts, MemberOnPaper, ShopFacts
from daemon.display.languages import texts_of
from daemon.display.mall_words import MallWords, mall_words
from daemon.display.sheet import Sheet, yuan
from daemon.ledger.bodies import MallBilled
from daemon.ledger.ids import parse_entry_id
from daemon.ledger.records import Entry
from daemon.ledger.views import MallBill
from daemon.paper import Paper


def mall_bill_slip(
    entry: Entry,
    member: MemberOnPaper | None,
    shop: ShopFacts,
    columns: int,
    copy: Copy = Copy.FIRST,
) -> Paper:
    """Return the bill that the customer takes to the mall's till: not paid, no receipt."""
    body = entry.body
    assert isinstance(body, MallBilled), f"{entry.kind} is no bill for the mall"
    sale, texts, words = body.sale, texts_of(shop.language), mall_words(shop.language)
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=words.bill, copy=copy)
    numbered(sheet, texts, entry, guides=sale.guides, operator=texts.cashier)
    for line in sale.lines:
        sheet.row(line.name, "")
        sheet.row(f"  {texts.pieces.format(n=line.qty)}", yuan(line.paid_fen))
    sheet.rule()
    sheet.row(words.to_pay, yuan(sale.pay_fen), bold=True, height=2)
    if sale.list_fen > sale.bill_fen:
        sheet.row(texts.saved, yuan(sale.list_fen - sale.bill_fen))
    if member is not None:
        sheet.row(member_name(texts, member))
        sheet.row(words.points, f"{sale.points:+d}" if sale.points else "0")
    sheet.rule()
    number = number_of(entry.epoch, entry.seq)
    sheet.row(words.number, number, bold=True)
    sheet.feed(1)
    sheet.qr(number)
    sheet.feed(1)
    sheet.note(words.what_next)
    sheet.note(words.until.format(date=entry.at.business_date))
    return sheet.paper()


def mall_day_slip(
    entry: Entry, facts: MallDayFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the list that is compared with the mall's: each slip, the sum, and what lapsed."""
    texts, words = texts_of(shop.language), mall_words(shop.language)
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=words.day, copy=copy)
    sheet.row(words.business_date, facts.date, bold=True)
    numbered(sheet, texts, entry, guides=(), operator=texts.handled)
    paid = [one for one in facts.bills if one.state == "paid"]
    for one in paid:
        _row(sheet, words, one)
    sheet.rule()
    total = sum(one.pay_fen for one in paid)
    sheet.row(words.due.format(n=len(paid)), yuan(total), bold=True, height=2)
    others = [one for one in facts.bills if one.state != "paid"]
    if others:
        sheet.rule()
        sheet.row(words.unpaid.format(n=len(others)), yuan(sum(one.pay_fen for one in others)))
        for one in others:
            _row(sheet, words, one)
    sheet.rule()
    sheet.row(words.mall_signs)
    return sheet.paper()


def _row(sheet: Sheet, words: MallWords, bill: MallBill) -> None:
    place = parse_entry_id(bill.ended or bill.bill)
    assert place is not None, f"{bill.bill} is no entry"
    chain, seq = place
    sheet.row(receipt_number(chain.box, chain.epoch, seq), yuan(bill.pay_fen))
    if bill.slip:
        sheet.row(f"  {words.slip} {bill.slip}")
