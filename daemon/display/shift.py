"""交班单: what was counted, what the books expected, 长款 or 短款. And slips of cash moved."""

from daemon.display.blocks import heading, numbered, to_sign
from daemon.display.facts import CashFacts, Copy, ShiftFacts, ShopFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet, yuan
from daemon.display.shift_words import shift_words
from daemon.ledger.bodies import CashMoved, ShiftClosed
from daemon.ledger.records import Entry
from daemon.paper import Paper


def shift_slip(
    entry: Entry, facts: ShiftFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the slip of a hand-over; both sign."""
    closed = entry.body
    assert isinstance(closed, ShiftClosed), f"{entry.kind} closes no shift"
    texts, words = texts_of(shop.language), shift_words(shop.language)
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=words.hand_over, copy=copy)
    numbered(sheet, texts, entry, guides=(), operator=texts.cashier)
    if facts.since:
        sheet.row(words.since, facts.since)
        sheet.rule()
    for one in closed.counted:
        sheet.row(facts.tender_names.get(one.code, one.code), bold=True)
        sheet.row(f"  {words.counted}", yuan(one.counted_fen))
        sheet.row(f"  {words.booked}", yuan(one.expected_fen))
        if one.over_fen:
            label = words.over if one.over_fen > 0 else words.short
            sheet.row(f"  {label}", yuan(one.over_fen), bold=True)
    sheet.rule()
    sheet.row(words.left, yuan(closed.left_fen), bold=True)
    for signature in words.signatures:
        to_sign(sheet, signature)
    sheet.rule()
    sheet.row("", f"#{entry.seq} {facts.hash[:6]}")
    return sheet.paper()


def cash_slip(
    entry: Entry, facts: CashFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the slip of cash that was put in, paid out or handed in."""
    moved = entry.body
    assert isinstance(moved, CashMoved), f"{entry.kind} moves no cash"
    texts, words = texts_of(shop.language), shift_words(shop.language)
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=words.cash.get(moved.way, moved.way), copy=copy)
    numbered(sheet, texts, entry, guides=(), operator=texts.handled)
    sheet.row(words.amount, yuan(moved.amount_fen), bold=True, height=2)
    if moved.reason:
        sheet.row(words.reason, words.reasons.get(moved.reason, moved.reason))
    if moved.receiver:
        sheet.row(words.receiver, moved.receiver)
    sheet.row(words.expected, yuan(facts.drawer_fen))
    to_sign(sheet, words.signed)
    sheet.rule()
    sheet.row("", f"#{entry.seq} {facts.hash[:6]}")
    return sheet.paper()
