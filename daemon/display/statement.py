"""积分对账单: what the points of one card did in a year, and what the yearly check will take."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import msgspec

from daemon.display.blocks import heading, holdings, member_name
from daemon.display.facts import Copy, MemberOnPaper, ShopFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet
from daemon.paper import Paper

ROWS_MAX = 60  # half a metre of paper: the newest; the shop's page lists all


class PointsRow(msgspec.Struct, frozen=True):
    """One entry that moved the points. `day`: month and day; `kind`: of the entry."""

    day: str
    kind: str
    seq: int
    points: int


class StatementFacts(msgspec.Struct, frozen=True):
    """`opening`: before the first of the year's entries."""

    at: datetime
    operator: str
    member: MemberOnPaper
    year: int
    opening: int
    rows: tuple[PointsRow, ...]


class StatementWords(msgspec.Struct, frozen=True):
    """Templates take their values by name."""

    title: str
    year: str  # {year}
    opening: str
    earlier: str  # {n}
    earned: str
    spent: str
    closing: str
    kinds: Mapping[str, str]
    other: str


ZH = StatementWords(
    title="积分对账单",
    year="{year}年",
    opening="期初积分",
    earlier="此前 {n}笔",
    earned="本年增加",
    spent="本年减少",
    closing="结余",
    kinds=MappingProxyType(
        {
            "sale": "消费",
            "return": "退货",
            "sale.voided": "作废",
            "exchange": "换货",
            "sale.claimed": "补积分",
            "member.enrolled": "入会",
            "member.renewed": "续会",
            "topup": "储值",
            "topup.voided": "储值冲正",
            "points.redeemed": "兑换",
            "points.granted": "赠送",
            "points.adjusted": "调整",
            "points.lapsed": "清零",
            "points.transferred": "转赠",
            "points.frozen": "冻结",
            "points.unfrozen": "解冻",
            "points.voided": "作废积分",
            "down.applied": "总部转入",
            "holding.released": "转总部",
        }
    ),
    other="其他",
)

EN = StatementWords(
    title="Statement of points",
    year="Year {year}",
    opening="Opening",
    earlier="Before: {n}",
    earned="Came",
    spent="Went",
    closing="Balance",
    kinds=MappingProxyType(
        {
            "sale": "Purchase",
            "return": "Return",
            "sale.voided": "Void",
            "exchange": "Exchange",
            "sale.claimed": "Late points",
            "member.enrolled": "Joined",
            "member.renewed": "Renewed",
            "topup": "Top-up",
            "topup.voided": "Top-up back",
            "points.redeemed": "Redeemed",
            "points.granted": "Given",
            "points.adjusted": "Adjusted",
            "points.lapsed": "Lapsed",
            "points.transferred": "Passed on",
            "points.frozen": "Frozen",
            "points.unfrozen": "Freed",
            "points.voided": "Void points",
            "down.applied": "From HQ",
            "holding.released": "To HQ",
        }
    ),
    other="Other",
)


def statement_slip(facts: StatementFacts, shop: ShopFacts, columns: int) -> Paper:
    """Return the statement: opening, what came and went, and what there is."""
    texts, words = texts_of(shop.language), EN if shop.language == "en" else ZH
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=words.title, copy=Copy.FIRST)
    by = f"{texts.handled} {facts.operator}" if facts.operator else ""
    sheet.row(facts.at.strftime("%Y-%m-%d %H:%M"), by)
    sheet.row(member_name(texts, facts.member))
    sheet.row(words.year.format(year=facts.year), bold=True)
    sheet.rule()
    sheet.row(words.opening, str(facts.opening))
    shown = facts.rows[-ROWS_MAX:]
    before = facts.rows[: len(facts.rows) - len(shown)]
    if before:
        sheet.row(words.earlier.format(n=len(before)), f"{sum(row.points for row in before):+d}")
    for row in shown:
        kind = words.kinds.get(row.kind, words.other)
        sheet.row(f"{row.day} {kind} #{row.seq}", f"{row.points:+d}")
    sheet.rule()
    came = sum(row.points for row in facts.rows if row.points > 0)
    went = sum(row.points for row in facts.rows if row.points < 0)
    sheet.row(words.earned, f"{came:+d}" if came else "0")
    sheet.row(words.spent, str(went))
    sheet.row(words.closing, str(facts.opening + came + went), bold=True, height=2)
    sheet.rule()
    holdings(sheet, texts, facts.member)
    return sheet.paper()
