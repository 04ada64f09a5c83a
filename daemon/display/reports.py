"""Reports on paper: guides, products and hours of a day or a month; what the stock asks for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import msgspec

from daemon.display.blocks import dated, heading
from daemon.display.facts import Copy, ShopFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet, yuan
from daemon.display.stock import stock_words
from daemon.howmany import HowMany
from daemon.ledger.alerts import StockAlert
from daemon.ledger.shopreport import NOBODY, ShopReport, Tally
from daemon.paper import Paper

TOP_MAX = 20  # products on a slip; the shop's page lists all
BAR_CELLS = 10  # of the busiest hour


class ReportFacts(msgspec.Struct, frozen=True):
    """`since`: the first business date in it, `until`: the last."""

    at: datetime
    since: str
    until: str
    report: ShopReport
    staff_names: Mapping[str, str]
    weighed: frozenset[str] = frozenset()  # skus that are counted in grams


class AlertFacts(msgspec.Struct, frozen=True):
    at: datetime
    alerts: Sequence[StockAlert]


class DueOnPaper(msgspec.Struct, frozen=True):
    """Somebody to be reminded; `who` and `phone` are masked where the pack wants it."""

    who: str
    phone: str
    why: str
    day: str
    text: str


class DueFacts(msgspec.Struct, frozen=True):
    at: datetime
    rows: Sequence[DueOnPaper]


class ReportWords(msgspec.Struct, frozen=True):
    """Templates take their values by name."""

    guides: str  # titles
    top: str
    hours: str
    alerts: str
    due: str
    whys: Mapping[str, str]  # what a reminder is because of; a festival has its own name
    nobody_due: str
    total: str  # {n}
    of_members: str  # {n} {percent}
    sales: str  # {n}
    average: str
    commission: str
    nobody: str
    pieces: str  # {n}
    grams: str  # {n}
    hour: str  # {hour}
    nothing: str
    all_well: str


ZH = ReportWords(
    guides="导购业绩",
    top="畅销商品",
    hours="时段销售",
    alerts="库存提醒",
    due="今日待办提醒",
    whys=MappingProxyType(
        {
            "birthday": "生日",
            "anniversary": "入会周年",
            "term_end": "会籍到期",
            "lapse": "积分到期",
            "demotion": "等级将降",
        }
    ),
    nobody_due="今日无待办",
    total="合计 {n}笔",
    of_members="其中会员 {n}笔,占 {percent}%",
    sales="{n}笔",
    average="客单价",
    commission="提成",
    nobody="未指定导购",
    pieces="{n}件",
    grams="{n}克",
    hour="{hour:02}:00",
    nothing="没有销售",
    all_well="库存无异常",
)

EN = ReportWords(
    guides="Guides",
    top="Top products",
    hours="Hours",
    alerts="Stock alerts",
    due="To remind today",
    whys=MappingProxyType(
        {
            "birthday": "birthday",
            "anniversary": "anniversary",
            "term_end": "term ends",
            "lapse": "points lapse",
            "demotion": "level at risk",
        }
    ),
    nobody_due="Nobody today",
    total="Total, {n:sale}",
    of_members="Members: {n:sale}, {percent}%",
    sales="{n:sale}",
    average="Average ticket",
    commission="Commission",
    nobody="No guide named",
    pieces="{n} pc",
    grams="{n} g",
    hour="{hour:02}:00",
    nothing="Nothing was sold",
    all_well="Nothing to see to",
)


def guides_slip(facts: ReportFacts, shop: ShopFacts, columns: int) -> Paper:
    """Return what each guide sold, the best first, and the commission that it brought."""
    words, report = _words(shop), facts.report
    sheet = _headed(words.guides, facts, shop, columns)
    for no, tally in _by_money(report.staff.items()):
        named = f"{no} {facts.staff_names.get(no, '')}".rstrip() if no != NOBODY else words.nobody
        sheet.row(named, yuan(tally.fen), bold=True)
        if tally.count:
            sheet.row(f"  {words.sales.format(n=HowMany(tally.count))}")
        if tally.commission_fen:
            sheet.row(f"  {words.commission}", yuan(tally.commission_fen))
    return _summed(sheet, words, report)


def top_slip(facts: ReportFacts, shop: ShopFacts, columns: int) -> Paper:
    """Return the products that brought the most, net of what came back."""
    words, report = _words(shop), facts.report
    sheet = _headed(words.top, facts, shop, columns)
    for rank, (sku, tally) in enumerate(_by_money(report.goods.items())[:TOP_MAX], 1):
        sheet.row(f"{rank:>2} {tally.name}")
        many = words.grams if sku in facts.weighed else words.pieces
        sheet.row(f"   {many.format(n=tally.count)}", yuan(tally.fen))
    return _summed(sheet, words, report)


def hours_slip(facts: ReportFacts, shop: ShopFacts, columns: int) -> Paper:
    """Return what was sold hour by hour, with a bar for the eye."""
    words, report = _words(shop), facts.report
    sheet = _headed(words.hours, facts, shop, columns)
    most = max((tally.fen for tally in report.hours.values()), default=0)
    for hour, tally in sorted(report.hours.items()):
        sales = words.sales.format(n=HowMany(tally.count))
        sheet.row(f"{words.hour.format(hour=hour)} {sales}", yuan(tally.fen))
        if most > 0 and tally.fen > 0:
            sheet.row("  " + "=" * max(1, tally.fen * BAR_CELLS // most))
    return _summed(sheet, words, report)


def alerts_slip(facts: AlertFacts, shop: ShopFacts, columns: int) -> Paper:
    """Return what the stock asks for; a shop without trouble is told so."""
    words, of_stock = _words(shop), stock_words(shop.language)
    sheet = dated(words.alerts, facts.at, shop, columns)
    if not facts.alerts:
        sheet.note(words.all_well)
    for alert in facts.alerts:
        sheet.row(alert.name, words.pieces.format(n=alert.qty))
        said = of_stock.alerts[alert.kind]
        sheet.note("  ! " + said.format(limit=alert.limit, date=alert.use_by))
    sheet.rule()
    return sheet.paper()


def due_slip(facts: DueFacts, shop: ShopFacts, columns: int) -> Paper:
    """Return whom the shop is to remind today, why, and of what day."""
    words = _words(shop)
    sheet = dated(words.due, facts.at, shop, columns)
    if not facts.rows:
        sheet.note(words.nobody_due)
    for row in facts.rows:
        sheet.row(row.who, row.phone, bold=True)
        sheet.row(f"  {words.whys.get(row.why, row.why)}", row.day)
        if row.text:
            sheet.note(f"  {row.text}")
    sheet.rule()
    return sheet.paper()


def _words(shop: ShopFacts) -> ReportWords:
    return EN if shop.language == "en" else ZH


def _headed(title: str, facts: ReportFacts, shop: ShopFacts, columns: int) -> Sheet:
    sheet = Sheet(columns)
    heading(sheet, texts_of(shop.language), shop, title=title, copy=Copy.FIRST)
    days = facts.since if facts.since == facts.until else f"{facts.since} - {facts.until}"
    sheet.row(days, bold=True)
    sheet.row(facts.at.strftime("%Y-%m-%d %H:%M"))
    sheet.rule()
    return sheet


def _by_money(rows: Iterable[tuple[str, Tally]]) -> list[tuple[str, Tally]]:
    return sorted(rows, key=lambda row: (-row[1].fen, row[0]))


def _summed(sheet: Sheet, words: ReportWords, report: ShopReport) -> Paper:
    """The same three lines under every report: they agree with each other and with X and Z."""
    sales = report.sales
    if not sales.count and not sales.fen:
        sheet.note(words.nothing)
    else:
        sheet.rule()
        sheet.row(words.total.format(n=HowMany(sales.count)), yuan(sales.fen), bold=True)
        if sales.fen > 0 and report.members.fen > 0:
            percent = 100 * report.members.fen // sales.fen
            sheet.row(words.of_members.format(n=HowMany(report.members.count), percent=percent))
        if sales.count > 0:
            sheet.row(words.average, yuan(sales.fen // sales.count))
    sheet.rule()
    return sheet.paper()
