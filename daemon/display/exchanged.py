"""换货单: goods back and goods out in one slip, and the difference that was paid or paid back."""

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
from daemon.display.facts import Copy, ShopFacts, SlipFacts
from daemon.display.languages import texts_of
from daemon.display.receipt import line_sold
from daemon.display.returned import EN as BACK_EN
from daemon.display.returned import ZH as BACK_ZH
from daemon.display.returned import given_back, owed_back
from daemon.display.sheet import Sheet, yuan
from daemon.display.texts import Texts
from daemon.ledger.bodies import Exchange
from daemon.ledger.records import Entry
from daemon.paper import Paper


class ExchangeWords(msgspec.Struct, frozen=True):
    title: str
    back: str
    out: str
    even: str
    to_pay: str
    paid_back: str
    points: str


ZH = ExchangeWords(
    title="换货单",
    back="退回合计",
    out="换出合计",
    even="等价换货",
    to_pay="补差价",
    paid_back="退差价",
    points="本次积分变动",
)

EN = ExchangeWords(
    title="Exchange",
    back="Goods back",
    out="Goods out",
    even="Even exchange",
    to_pay="Difference paid",
    paid_back="Difference paid back",
    points="Change of points",
)


def exchange_slip(
    entry: Entry, facts: SlipFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the slip of an exchange."""
    body = entry.body
    assert isinstance(body, Exchange), f"{entry.kind} exchanges nothing"
    english = shop.language == "en"
    texts, words = texts_of(shop.language), EN if english else ZH
    of_back = BACK_EN if english else BACK_ZH
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=words.title, copy=copy)
    numbered(sheet, texts, entry, guides=body.guides, operator=texts.cashier)
    answered(sheet, texts, entry)
    sheet.row(of_back.reason, of_back.reasons.get(body.reason, str(body.reason)))
    sheet.rule()
    for back in body.back:
        weighed = back.sku in facts.weighed
        line_back(sheet, texts, back.name, qty=back.qty, back_fen=back.goods_fen, weighed=weighed)
    for line in body.lines:
        line_sold(sheet, texts, line, weighed=line.sku in facts.weighed)
    sheet.rule()
    _difference(sheet, texts, words, body)
    tendered(sheet, body.tenders, names=facts.tender_names, change=texts.change)
    given_back(sheet, of_back, body.restored, facts.tender_names)
    sheet.rule()
    if facts.member is not None:
        sheet.row(member_name(texts, facts.member))
        if body.points_net:
            sheet.row(words.points, f"{body.points_net:+d}")
        owed_back(sheet, of_back, body.claims)
        holdings(sheet, texts, facts.member)
        sheet.rule()
    to_sign(sheet, texts.customer_signs)
    footing(sheet, texts, entry, digest=facts.hash, qr=facts.qr)
    return sheet.paper()


def _difference(sheet: Sheet, texts: Texts, words: ExchangeWords, body: Exchange) -> None:
    sheet.row(words.back, yuan(-body.back_fen))
    sheet.row(words.out, yuan(body.bill_fen), bold=True)
    if body.rounding_fen:
        sheet.row(texts.rounding, yuan(-body.rounding_fen))
    if body.net_fen == 0:
        sheet.row(words.even, yuan(0), bold=True, height=2)
    else:
        label = words.to_pay if body.net_fen > 0 else words.paid_back
        sheet.row(label, yuan(abs(body.net_fen)), bold=True, height=2)
