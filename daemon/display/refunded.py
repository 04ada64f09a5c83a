"""储值退款单: stored value paid back, and how the amount was found. No sale: 不征税."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from daemon.display.blocks import (
    footing,
    heading,
    holdings,
    member_name,
    number_of,
    numbered,
    tendered,
    to_sign,
)
from daemon.display.facts import Copy, ShopFacts, SlipFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet, yuan
from daemon.ledger.bodies import ValueRefunded
from daemon.ledger.records import Entry
from daemon.paper import Paper


class RefundWords(msgspec.Struct, frozen=True):
    """`methods`: by basis, how the amount was found."""

    title: str
    subtitle: str
    of: str
    paid: str
    bonus: str
    used: str
    used_list: str
    voided: str
    methods: Mapping[str, str]
    refund: str


ZH = RefundWords(
    title="储值退款单",
    subtitle="(不征税·非销售小票)",
    of="原充值单",
    paid="充值本金",
    bonus="赠送金",
    used="已消费",
    used_list="已消费(按原价)",
    voided="作废赠送金",
    methods=MappingProxyType(
        {
            "seven_days": "付款之日起规定日内未消费,退还全部本金",
            "own_wish": "顾客自愿退款:已消费部分按原价计算",
            "not_own_wish": "非顾客原因退款:已消费部分按本金与赠送金比例计算",
        }
    ),
    refund="退款",
)

EN = RefundWords(
    title="Stored value refunded",
    subtitle="(no sale, not taxed)",
    of="Of top-up",
    paid="Principal bought",
    bonus="Bonus given",
    used="Used",
    used_list="Used, at list price",
    voided="Bonus taken away",
    methods=MappingProxyType(
        {
            "seven_days": "Unused within the first days: all of the principal is paid back",
            "own_wish": "At the member's own wish: what was used counts at list price",
            "not_own_wish": "Not at the member's wish: what was used counts by the ratio of"
            " principal and bonus",
        }
    ),
    refund="Paid back",
)


def refund_slip(
    entry: Entry, facts: SlipFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the slip of a refund."""
    body = entry.body
    assert isinstance(body, ValueRefunded), f"{entry.kind} pays no value back"
    texts, words = texts_of(shop.language), EN if shop.language == "en" else ZH
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=words.title, copy=copy, subtitle=words.subtitle)
    numbered(sheet, texts, entry, guides=(), operator=texts.handled)
    if facts.member is not None:
        sheet.row(member_name(texts, facts.member))
    if entry.re is not None:
        sheet.row(words.of, number_of(entry.re))
    if body.manager:
        sheet.row(texts.allowed_by, body.manager)
    sheet.rule()
    sheet.row(words.paid, yuan(body.paid_fen))
    if body.bonus_fen:
        sheet.row(words.bonus, yuan(body.bonus_fen))
    if body.used_fen:
        sheet.row(words.used, yuan(body.used_fen))
        sheet.row(words.used_list, yuan(body.used_list_fen))
    sheet.note(words.methods.get(body.basis, body.basis))
    sheet.rule()
    sheet.row(words.refund, yuan(body.refund_fen), bold=True, height=2)
    tendered(sheet, body.tenders, names=facts.tender_names, change=texts.change)
    if body.bonus_voided_fen:
        sheet.row(words.voided, yuan(-body.bonus_voided_fen))
    sheet.rule()
    if facts.member is not None:
        holdings(sheet, texts, facts.member)
        sheet.rule()
    to_sign(sheet, texts.customer_signs)
    footing(sheet, texts, entry, digest=facts.hash, qr=facts.qr)
    return sheet.paper()
