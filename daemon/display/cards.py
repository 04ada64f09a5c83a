"""Slips of card service: 挂失单, 冻结单, 解冻单, 补卡单. Cards are named by their last digits."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from daemon.display.blocks import (
    footing,
    heading,
    invoiceable_fen,
    member_name,
    numbered,
    tendered,
    to_sign,
)
from daemon.display.facts import Copy, ShopFacts, SlipFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet, yuan
from daemon.display.texts import Texts
from daemon.ledger.bodies import CardChanged, CardReplaced
from daemon.ledger.kinds import Kind
from daemon.ledger.profiles import TAIL_DIGITS
from daemon.ledger.records import Entry
from daemon.paper import Paper


class CardWords(msgspec.Struct, frozen=True):
    """`notes`: by kind of entry, what it means for the card."""

    titles: Mapping[Kind, str]
    notes: Mapping[Kind, str]
    card: str
    old: str
    new: str
    fee: str


ZH = CardWords(
    titles=MappingProxyType(
        {
            Kind.CARD_LOST: "挂失单",
            Kind.CARD_FROZEN: "冻结单",
            Kind.CARD_UNFROZEN: "解冻单",
            Kind.CARD_REPLACED: "补卡单",
        }
    ),
    notes=MappingProxyType(
        {
            Kind.CARD_LOST: "本店已停用;其他门店收到通知后停用。积分和余额保留,请持证件补卡。",
            Kind.CARD_FROZEN: "本店已冻结;其他门店收到通知后冻结。",
            Kind.CARD_UNFROZEN: "本店已恢复使用;其他门店收到通知后恢复。",
            Kind.CARD_REPLACED: "旧卡作废,积分和余额转入新卡;入会礼不再重复赠送。",
        }
    ),
    card="卡尾号",
    old="旧卡尾号",
    new="新卡尾号",
    fee="补卡费",
)

EN = CardWords(
    titles=MappingProxyType(
        {
            Kind.CARD_LOST: "Card reported lost",
            Kind.CARD_FROZEN: "Card frozen",
            Kind.CARD_UNFROZEN: "Card in use again",
            Kind.CARD_REPLACED: "Card replaced",
        }
    ),
    notes=MappingProxyType(
        {
            Kind.CARD_LOST: "Blocked in this shop now, in the others when they hear of it."
            " Points and balance stay; a new card is given against identity papers.",
            Kind.CARD_FROZEN: "Frozen in this shop now, in the others when they hear of it.",
            Kind.CARD_UNFROZEN: "Good in this shop now, in the others when they hear of it.",
            Kind.CARD_REPLACED: "The old card is dead. Points and balance are on the new one;"
            " gifts for joining are not given again.",
        }
    ),
    card="Card ..",
    old="Old card ..",
    new="New card ..",
    fee="Fee",
)


def card_slip(
    entry: Entry, facts: SlipFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the slip of what became of a card."""
    body = entry.body
    assert isinstance(body, CardChanged | CardReplaced), f"{entry.kind} is of no card"
    texts, words = texts_of(shop.language), EN if shop.language == "en" else ZH
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=words.titles[entry.kind], copy=copy)
    numbered(sheet, texts, entry, guides=(), operator=texts.handled)
    if facts.member is not None:
        sheet.row(member_name(texts, facts.member))
    if isinstance(body, CardReplaced):
        _replaced(sheet, texts, words, body, facts)
    else:
        sheet.row(words.card, body.card[-TAIL_DIGITS:], bold=True)
    sheet.rule()
    sheet.note(words.notes[entry.kind])
    to_sign(sheet, texts.customer_signs)
    footing(sheet, texts, entry, digest=facts.hash, qr=facts.qr)
    return sheet.paper()


def _replaced(
    sheet: Sheet, texts: Texts, words: CardWords, body: CardReplaced, facts: SlipFacts
) -> None:
    sheet.row(words.old, body.old[-TAIL_DIGITS:])
    sheet.row(words.new, body.card[-TAIL_DIGITS:], bold=True)
    if not body.fee_fen:
        return
    sheet.rule()
    sheet.row(words.fee, yuan(body.fee_fen), bold=True, height=2)
    if body.rounding_fen:
        sheet.row(texts.rounding, yuan(-body.rounding_fen))
        sheet.row(texts.due, yuan(body.fee_fen - body.rounding_fen), bold=True)
    tendered(sheet, body.tenders, names=facts.tender_names, change=texts.change)
    sheet.row(texts.invoiceable, yuan(invoiceable_fen(body.tenders)))
