"""退货单 and 整单作废单: what came back, and where the money, the points and the value went."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from daemon.display.blocks import (
    answered,
    footing,
    heading,
    holdings,
    line_back,
    member_name,
    numbered,
    tendered,
    to_sign,
)
from daemon.display.facts import NO_NAMES, Copy, MemberOnPaper, ShopFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet, yuan
from daemon.ledger.bodies import Claim, Returned, Taken
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.records import Entry
from daemon.paper import Paper

POINTS = "points"


class ReturnFacts(msgspec.Struct, frozen=True):
    hash: str
    qr: str
    member: MemberOnPaper | None = None
    tender_names: Mapping[str, str] = msgspec.field(default_factory=lambda: NO_NAMES)
    weighed: frozenset[str] = frozenset()


class ReturnWords(msgspec.Struct, frozen=True):
    """Templates take their values by name."""

    returned: str
    voided: str
    reason: str
    reasons: Mapping[int, str]
    total: str
    paid_back: str
    restored: Mapping[str, str]  # by unit
    coupon: str  # {n}
    points: str
    owed: str  # {points}
    elsewhere: str  # {box}: the shop that gives back what had paid there


ZH = ReturnWords(
    returned="退货单",
    voided="整单作废单",
    reason="原因",
    reasons=MappingProxyType({1: "未拆封", 2: "已拆封", 3: "过敏/质量", 4: "发错货", 5: "其他"}),
    total="退货合计",
    paid_back="实退",
    restored=MappingProxyType({Unit.PRINCIPAL: "退回本金", Unit.BONUS: "退回赠送金"}),
    coupon="退回优惠券 {n}张",
    points="扣回积分",
    owed="上次退货有 {points} 分已使用,将从今后积分中扣回",
    elsewhere="以上由 {box} 店经总部退回卡内",
)

EN = ReturnWords(
    returned="Return",
    voided="Sale voided",
    reason="Reason",
    reasons=MappingProxyType(
        {1: "unopened", 2: "opened", 3: "allergy or quality", 4: "wrong goods", 5: "other"}
    ),
    total="Goods back",
    paid_back="Paid back",
    restored=MappingProxyType(
        {Unit.PRINCIPAL: "Principal given back", Unit.BONUS: "Bonus given back"}
    ),
    coupon="Coupons given back: {n}",
    points="Points taken back",
    owed="{points} of these points were used: they are taken from your next ones",
    elsewhere="Shop {box} gives this back to the card, by headquarters' word",
)


def return_slip(
    entry: Entry, facts: ReturnFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the slip of goods that came back."""
    body = entry.body
    assert isinstance(body, Returned), f"{entry.kind} brings nothing back"
    texts, words = texts_of(shop.language), EN if shop.language == "en" else ZH
    sheet = Sheet(columns)
    title = words.voided if entry.kind is Kind.SALE_VOIDED else words.returned
    heading(sheet, texts, shop, title=title, copy=copy)
    numbered(sheet, texts, entry, guides=(), operator=texts.cashier)
    answered(sheet, texts, entry)
    if entry.kind is Kind.RETURN:
        sheet.row(words.reason, words.reasons.get(body.reason, str(body.reason)))
    sheet.rule()
    for line in body.lines:
        weighed = line.sku in facts.weighed
        line_back(sheet, texts, line.name, qty=line.qty, back_fen=line.goods_fen, weighed=weighed)
    sheet.rule()
    sheet.row(words.total, yuan(body.goods_fen), bold=True)
    if body.rounding_fen:
        sheet.row(texts.rounding, yuan(-body.rounding_fen))
    sheet.row(words.paid_back, yuan(body.pay_fen), bold=True, height=2)
    tendered(sheet, body.tenders, names=facts.tender_names, change=texts.change)
    given_back(sheet, words, body.restored, facts.tender_names)
    if body.by:
        sheet.note(words.elsewhere.format(box=body.by.rpartition(".")[0]))
    sheet.rule()
    if facts.member is not None:
        sheet.row(member_name(texts, facts.member))
        if body.points:
            sheet.row(words.points, str(-body.points))
        owed_back(sheet, words, body.claims)
        holdings(sheet, texts, facts.member)
        sheet.rule()
    to_sign(sheet, texts.customer_signs)
    footing(sheet, texts, entry, digest=facts.hash, qr=facts.qr)
    return sheet.paper()


def owed_back(sheet: Sheet, words: ReturnWords, claims: tuple[Claim, ...]) -> None:
    """Say what of the points is spent already (待扣)."""
    owed = sum(claim.amount for claim in claims if claim.unit == Unit.POINT)
    if owed:
        sheet.note(words.owed.format(points=owed))


def given_back(
    sheet: Sheet, words: ReturnWords, restored: tuple[Taken, ...], names: Mapping[str, str]
) -> None:
    """Say what had paid from the member's own lots: it went back to those lots."""
    sums: dict[str, int] = {}
    for one in restored:
        sums[one.unit] = sums.get(one.unit, 0) + one.amount
    for unit, amount in sums.items():
        if unit in words.restored:
            sheet.row(words.restored[unit], yuan(amount))
        elif unit == Unit.POINT:
            sheet.row(names.get(POINTS, POINTS), f"{amount:+d}")
        else:
            sheet.row(words.coupon.format(n=amount))
