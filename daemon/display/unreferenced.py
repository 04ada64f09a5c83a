"""退货单 of goods that came back without a receipt: which, what for, who allowed it."""

import msgspec

from daemon.display.blocks import (
    footing,
    heading,
    line_back,
    member_name,
    numbered,
    tendered,
    to_sign,
)
from daemon.display.facts import Copy, ShopFacts, SlipFacts
from daemon.display.languages import texts_of
from daemon.display.returned import EN as BACK_EN
from daemon.display.returned import ZH as BACK_ZH
from daemon.display.sheet import Sheet, yuan
from daemon.ledger.bodies import ReturnUnreferenced
from daemon.ledger.records import Entry
from daemon.paper import Paper


class UnreferencedWords(msgspec.Struct, frozen=True):
    subtitle: str
    lowest: str


ZH = UnreferencedWords("(无小票)", "无小票:按30天内最低售价退款,不退积分")
EN = UnreferencedWords(
    "(without receipt)",
    "Without receipt: paid back at the lowest price of 30 days, without points",
)


def unreferenced_slip(
    entry: Entry, facts: SlipFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the slip of a return without a receipt."""
    body = entry.body
    assert isinstance(body, ReturnUnreferenced), f"{entry.kind} has its receipt"
    english = shop.language == "en"
    texts, words = texts_of(shop.language), EN if english else ZH
    of_back = BACK_EN if english else BACK_ZH
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=of_back.returned, copy=copy, subtitle=words.subtitle)
    numbered(sheet, texts, entry, guides=(), operator=texts.cashier)
    sheet.row(of_back.reason, of_back.reasons.get(body.reason, str(body.reason)))
    sheet.row(texts.allowed_by, body.manager)
    sheet.rule()
    for line in body.lines:
        weighed = line.sku in facts.weighed
        line_back(sheet, texts, line.name, qty=line.qty, back_fen=line.paid_fen, weighed=weighed)
    sheet.rule()
    sheet.row(of_back.paid_back, yuan(body.pay_fen), bold=True, height=2)
    tendered(sheet, body.tenders, names=facts.tender_names, change=texts.change)
    sheet.rule()
    if facts.member is not None:
        sheet.row(member_name(texts, facts.member))
    sheet.note(words.lowest)
    to_sign(sheet, texts.customer_signs)
    footing(sheet, texts, entry, digest=facts.hash, qr=facts.qr)
    return sheet.paper()
