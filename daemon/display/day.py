"""日结单(Z) of a closed day, and 交班单(X): the same figures of a shift that goes on."""

from collections.abc import Mapping

from daemon.display.blocks import heading, numbered
from daemon.display.facts import Copy, DayFacts, ShopFacts, XFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet, yuan
from daemon.display.shift_words import ShiftWords, shift_words
from daemon.howmany import HowMany
from daemon.ledger.bodies import DayClosed, DayTotals
from daemon.ledger.records import Entry
from daemon.paper import Paper


def day_slip(
    entry: Entry, facts: DayFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the Z of a business date."""
    closed = entry.body
    assert isinstance(closed, DayClosed), f"{entry.kind} closes no day"
    texts, words = texts_of(shop.language), shift_words(shop.language)
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=words.z, copy=copy)
    if closed.automatic:
        sheet.centre(words.automatic, bold=True)
    sheet.row(words.business_date, closed.business_date, bold=True)
    numbered(sheet, texts, entry, guides=(), operator=texts.handled)
    _figures(sheet, words, closed.totals, facts.tender_names)
    if facts.alone_days is not None:
        sheet.rule()
        sheet.note(words.alone.format(n=HowMany(facts.alone_days)))
    sheet.row("", f"#{entry.seq} {facts.hash[:6]}")
    return sheet.paper()


def x_slip(facts: XFacts, shop: ShopFacts, columns: int) -> Paper:
    """Return the X, of a shift or (`today`) of the day so far: nothing is closed by it."""
    texts, words = texts_of(shop.language), shift_words(shop.language)
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=words.today if facts.today else words.x, copy=Copy.FIRST)
    if facts.today:
        sheet.row(words.business_date, facts.today, bold=True)
    sheet.row(
        facts.at.strftime("%Y-%m-%d %H:%M"),
        f"{texts.cashier} {facts.operator}" if facts.operator else words.nobody,
    )
    if facts.since:
        sheet.row(words.since, facts.since)
    sheet.rule()
    _figures(sheet, words, facts.totals, facts.tender_names)
    return sheet.paper()


def _figures(sheet: Sheet, words: ShiftWords, totals: DayTotals, names: Mapping[str, str]) -> None:
    """What there is gets a line; the net of goods always does."""
    count = words.count.format(n=HowMany(totals.sales))
    sheet.row(f"{words.sales} {count}", yuan(totals.goods_gross_fen))
    if totals.returned:
        returned = words.count.format(n=HowMany(totals.returned))
        sheet.row(f"{words.returned} {returned}", yuan(totals.returns_fen))
    _line(sheet, words.exchanged, totals.exchanged_fen)
    _line(sheet, words.rounding, -totals.rounding_fen)
    sheet.row(words.net, yuan(totals.goods_net_fen), bold=True)
    _line(sheet, words.topups, totals.topup_fen)
    _line(sheet, words.fees, totals.fee_fen)
    sheet.rule()
    for tender in totals.tenders:
        name = names.get(tender.code, tender.code)
        taken = words.count.format(n=HowMany(tender.count))
        sheet.row(f"{name} {taken}", yuan(tender.sales_fen + tender.other_fen))
        if tender.other_fen:
            of_goods = f"{words.of_goods} {yuan(tender.sales_fen)}"
            sheet.row(f"  {of_goods}", f"{words.of_other} {yuan(tender.other_fen)}")
    if totals.tenders:
        sheet.rule()
    _line(sheet, words.float, totals.float_fen)
    _line(sheet, words.moved, totals.cash_moved_fen)
    _line(sheet, words.over if totals.cash_over_fen > 0 else words.short, totals.cash_over_fen)
    sheet.row(words.expected, yuan(totals.cash_expected_fen), bold=True)
    sheet.rule()
    _points(sheet, words, totals)


def _points(sheet: Sheet, words: ShiftWords, totals: DayTotals) -> None:
    for label, points in (
        (words.granted, totals.points_granted),
        (words.taken_back, totals.points_taken_back),
        (words.redeemed, totals.points_redeemed),
        (words.paid_with, totals.points_paid),
    ):
        if points:
            sheet.row(f"{words.points}{_gap(words)}{label}", f"{points:+d}")
    if totals.members_enrolled:
        sheet.row(words.joined, str(totals.members_enrolled))
    if totals.visits:
        sheet.row(words.visits, str(totals.visits))
    if totals.drawer_opened:
        sheet.row(words.drawer_opened, words.times.format(n=HowMany(totals.drawer_opened)))


def _gap(words: ShiftWords) -> str:
    return " " if words.points.isascii() else ""


def _line(sheet: Sheet, label: str, fen: int) -> None:
    if fen:
        sheet.row(label, yuan(fen))
