"""盘点单, and the slips of goods that came in or were taken out; what is here of everything."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import assert_never

import msgspec

from daemon.display.blocks import dated, heading, numbered, to_sign
from daemon.display.facts import Copy, ShopFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet
from daemon.ledger.alerts import AlertKind, StockAlert, StockRow
from daemon.ledger.bodies import (
    CountedLine,
    StockAdjusted,
    StockCounted,
    StockLine,
    StockReceived,
)
from daemon.ledger.records import Entry
from daemon.paper import Paper


class StockLevels(msgspec.Struct, frozen=True):
    """What is here now, and what asks to be seen to."""

    at: datetime
    rows: Sequence[StockRow]
    alerts: Sequence[StockAlert]


class StockWords(msgspec.Struct, frozen=True):
    """Templates take their values by name."""

    counted: str  # titles
    received: str
    taken_out: str
    levels: str
    reasons: Mapping[str, str]
    batch: str
    use_by: str
    count: str  # {counted} {expected}
    as_booked: str
    over: str
    short: str
    pieces: str  # {n}
    first: str  # of a range of numbers
    last: str
    missing: str
    found: str
    alerts: Mapping[AlertKind, str]  # {limit} {date}
    nothing: str
    signed: str


ZH = StockWords(
    counted="盘点单",
    received="收货单",
    taken_out="领用报损单",
    levels="库存单",
    reasons=MappingProxyType(
        {
            "tester": "试用装领用",
            "sample": "小样派发",
            "loss": "损耗",
            "expired": "过期",
            "own_use": "自用",
            "gift": "赠送",
        }
    ),
    batch="批号",
    use_by="限用日期",
    count="实盘 {counted} 账面 {expected}",
    as_booked="相符",
    over="盘盈",
    short="盘亏",
    pieces="{n} 件",
    first="编号自",
    last="至",
    missing="缺",
    found="多",
    alerts=MappingProxyType(
        {
            AlertKind.NEGATIVE: "账面为负,请盘点",
            AlertKind.BELOW_MIN: "低于下限 {limit}",
            AlertKind.ABOVE_MAX: "高于上限 {limit}",
            AlertKind.USE_BY: "{limit} 件限用至 {date}",
            AlertKind.COUNT_DUE: "本期未盘点",
        }
    ),
    nothing="没有商品",
    signed="签字:",
)

EN = StockWords(
    counted="Stock-take",
    received="Goods received",
    taken_out="Goods taken out",
    levels="Stock",
    reasons=MappingProxyType(
        {
            "tester": "tester",
            "sample": "samples given",
            "loss": "loss",
            "expired": "past its date",
            "own_use": "own use",
            "gift": "gift",
        }
    ),
    batch="Batch",
    use_by="Use by",
    count="Counted {counted}, booked {expected}",
    as_booked="as booked",
    over="over",
    short="short",
    pieces="{n} pc",
    first="Numbers from",
    last="to",
    missing="Missing",
    found="Found",
    alerts=MappingProxyType(
        {
            AlertKind.NEGATIVE: "below zero in the books: count it",
            AlertKind.BELOW_MIN: "below the minimum of {limit}",
            AlertKind.ABOVE_MAX: "above the maximum of {limit}",
            AlertKind.USE_BY: "{limit} to be used by {date}",
            AlertKind.COUNT_DUE: "to be counted in this period",
        }
    ),
    nothing="No goods",
    signed="Signed:",
)


def stock_slip(
    entry: Entry, digest: str, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the slip of an entry that moved goods without a sale."""
    words, texts = stock_words(shop.language), texts_of(shop.language)
    body = entry.body
    assert isinstance(body, StockCounted | StockReceived | StockAdjusted), f"{entry.kind}: no goods"
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=_title(body, words), copy=copy)
    numbered(sheet, texts, entry, guides=(), operator=texts.handled)
    if isinstance(body, StockCounted):
        for counted in body.lines:
            _count(sheet, counted, words)
    else:
        if isinstance(body, StockAdjusted):
            sheet.row(words.reasons.get(body.reason, body.reason), bold=True)
        for line in body.lines:
            _line(sheet, line, words)
    sheet.rule()
    to_sign(sheet, words.signed)
    sheet.rule()
    sheet.row("", f"#{entry.seq} {digest[:6]}")
    return sheet.paper()


def levels_slip(levels: StockLevels, shop: ShopFacts, columns: int) -> Paper:
    """Return what is here of everything, and under it what is wrong with it."""
    words = stock_words(shop.language)
    sheet = dated(words.levels, levels.at, shop, columns)
    if not levels.rows:
        sheet.note(words.nothing)
    for row in levels.rows:
        sheet.row(row.name, str(row.qty))
        for alert in levels.alerts:
            if alert.sku == row.sku:
                said = words.alerts[alert.kind]
                sheet.note("  ! " + said.format(limit=alert.limit, date=alert.use_by))
    sheet.rule()
    return sheet.paper()


def stock_words(language: str) -> StockWords:
    return EN if language == "en" else ZH


def _title(body: StockCounted | StockReceived | StockAdjusted, words: StockWords) -> str:
    match body:
        case StockCounted():
            return words.counted
        case StockReceived():
            return words.received
        case StockAdjusted():
            return words.taken_out
        case _:
            assert_never(body)


def _line(sheet: Sheet, line: StockLine, words: StockWords) -> None:
    sheet.row(line.name or line.sku, words.pieces.format(n=line.qty))
    if line.serial_first:
        sheet.row(f"  {words.first}", line.serial_first)
        sheet.row(f"  {words.last}", line.serial_last)
    if line.batch:
        sheet.row(f"  {words.batch}", line.batch)
    if line.use_by:
        sheet.row(f"  {words.use_by}", line.use_by)


def _count(sheet: Sheet, line: CountedLine, words: StockWords) -> None:
    over = line.counted - line.expected
    verdict = words.as_booked
    if over:
        verdict = f"{words.over if over > 0 else words.short} {abs(over)}"
    sheet.row(line.name or line.sku)
    sheet.row("  " + words.count.format(counted=line.counted, expected=line.expected), verdict)
    for label, numbers in ((words.missing, line.missing), (words.found, line.found)):
        for number in numbers:
            sheet.row(f"  {label}", number)
