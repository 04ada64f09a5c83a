"""销售小票: the receipt of a sale. It says what its entry says, nothing that is not committed."""

from daemon.display.blocks import (
    NOT_INVOICED,
    footing,
    heading,
    holdings,
    invoiceable_fen,
    member_name,
    numbered,
    tendered,
)
from daemon.display.facts import Copy, MemberOnPaper, SaleFacts, ShopFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet, yuan
from daemon.display.texts import Texts
from daemon.ledger.bodies import NewLot, Sale, SaleLine
from daemon.ledger.kinds import Unit, coupon_unit
from daemon.ledger.records import Entry
from daemon.paper import Paper


def sale_receipt(
    entry: Entry, facts: SaleFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the receipt of a sale's entry."""
    sale = entry.body
    assert isinstance(sale, Sale), f"{entry.kind} is no sale"
    texts = texts_of(shop.language)
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=texts.sale, copy=copy)
    numbered(sheet, texts, entry, guides=sale.guides, operator=texts.cashier)
    for line in sale.lines:
        line_sold(sheet, texts, line, weighed=line.sku in facts.weighed)
    for gift in sale.gifts:
        sheet.tagged(facts.goods.get(gift.sku, gift.sku), texts.marks["gift"])
        sheet.row("  " + texts.pieces.format(n=gift.qty), yuan(0))
    sheet.rule()
    _sums(sheet, texts, sale, facts)
    sheet.rule()
    if facts.member is not None:
        _member(sheet, texts, sale, facts, facts.member)
        sheet.rule()
    elif facts.offer:
        sheet.note(texts.offer)
        sheet.rule()
    if _prints(facts, "invoiceable"):
        sheet.row(texts.invoiceable, yuan(invoiceable_fen(sale.tenders)))
    sheet.note(texts.no_invoice)
    if any(tender.code in NOT_INVOICED for tender in sale.tenders):
        sheet.note(texts.stored_no_invoice)
    sheet.note(texts.returns)
    qr = facts.qr if _prints(facts, "code") else ""
    rules = _prints(facts, "pack")
    footing(sheet, texts, entry, digest=facts.hash, qr=qr, rules=rules)
    return sheet.paper()


def line_sold(sheet: Sheet, texts: Texts, line: SaleLine, *, weighed: bool) -> None:
    """Fill in one line of goods: its name, the mark of its price class, what it came to."""
    # Special by a rule is the member price; special by itself is the product's own class.
    cls = "member_price" if line.cls == "special" and line.rule else line.cls
    sheet.tagged(line.name, texts.marks.get(cls, ""))
    sheet.row("  " + _detail(texts, line, weighed=weighed), yuan(line.paid_fen))


def _detail(texts: Texts, line: SaleLine, *, weighed: bool) -> str:
    """Return 1×30.00(原价45.00); without a price of one where that is no whole number of fen."""
    reduced = line.list_fen != line.paid_fen
    if weighed or line.qty <= 0 or line.paid_fen % line.qty or line.list_fen % line.qty:
        quantity = (texts.grams if weighed else texts.pieces).format(n=line.qty)
        return quantity + (texts.was_line.format(price=yuan(line.list_fen)) if reduced else "")
    unit = f"{line.qty}{texts.times}{yuan(line.paid_fen // line.qty)}"
    return unit + (texts.was.format(price=yuan(line.list_fen // line.qty)) if reduced else "")


def _sums(sheet: Sheet, texts: Texts, sale: Sale, facts: SaleFacts) -> None:
    count = sum(1 if line.sku in facts.weighed else line.qty for line in sale.lines)
    total = f"{texts.total} {yuan(sale.bill_fen)}"
    sheet.row(f"{texts.count} {count}", total, bold=True, height=2)
    sheet.rule()
    if sale.rounding_fen:
        sheet.row(texts.rounding, yuan(-sale.rounding_fen))
        sheet.row(texts.due, yuan(sale.pay_fen), bold=True)
    tendered(sheet, sale.tenders, names=facts.tender_names, change=texts.change)
    if sale.list_fen > sale.bill_fen and _prints(facts, "saved"):
        sheet.row(texts.saved, yuan(sale.list_fen - sale.bill_fen))


def _prints(facts: SaleFacts, line: str) -> bool:
    """Tell whether the pack has this line of the foot."""
    return facts.lines is None or line in facts.lines


def _member(
    sheet: Sheet, texts: Texts, sale: Sale, facts: SaleFacts, member: MemberOnPaper
) -> None:
    sheet.row(member_name(texts, member))
    if _prints(facts, "points"):
        sheet.row(_earned(texts, sale), f"{sale.points:+d}" if sale.points else "0")
    spent = sum(one.amount for one in sale.spent if one.unit == Unit.POINT)
    if spent:
        sheet.row(texts.points_spent, str(-spent))
    if sale.frozen:
        sheet.note(texts.points_frozen_now.format(points=sale.points))
    for lot in sale.lots:
        _granted(sheet, texts, lot)
    holdings(sheet, texts, member)
    if member.points_available is None:
        sheet.note(texts.unknown_here)


def _granted(sheet: Sheet, texts: Texts, lot: NewLot) -> None:
    """What the sale gives for the next one, beside its points."""
    if lot.unit == Unit.REWARD:
        sheet.row(texts.reward, yuan(lot.amount))
    kind = lot.unit.removeprefix(coupon_unit(""))
    if kind == lot.unit:
        return
    value = yuan(lot.value_fen) if lot.value_fen else f"×{lot.amount}"
    sheet.row(texts.coupon_given.format(kind=kind), value)
    if lot.expires is not None:
        sheet.note(texts.until.format(date=lot.expires[:10]))


def _earned(texts: Texts, sale: Sale) -> str:
    """Return the label of the points earned; with its base where one rule alone made them."""
    rules = [applied for applied in sale.applied if applied.what == "points"]
    if len(rules) != 1 or rules[0].result != sale.points or not sale.points:
        return texts.earned
    earning = [line for line in sale.lines if line.points]
    regular = all(line.cls == "regular" for line in earning)
    label = texts.earned_regular if regular else texts.earned_base
    return label.format(base=yuan(rules[0].base))
