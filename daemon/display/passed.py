"""积分转赠单: points that went from one member to another. Both are masked."""

import msgspec

from daemon.display.blocks import (
    footing,
    heading,
    holdings,
    member_name,
    numbered,
    to_sign,
)
from daemon.display.facts import Copy, ShopFacts, SlipFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet
from daemon.ledger.bodies import PointsTransferred
from daemon.ledger.records import Entry
from daemon.paper import Paper


class PassedWords(msgspec.Struct, frozen=True):
    title: str
    points: str
    giver: str
    taker: str
    kept: str
    signature: str


ZH = PassedWords("积分转赠单", "转赠积分", "转出", "转入", "积分的有效期不变", "转出会员签名:")
EN = PassedWords(
    title="Points passed on",
    points="Points",
    giver="From",
    taker="To",
    kept="The points keep their dates",
    signature="Signature of who gave them:",
)


def passed_slip(
    entry: Entry, facts: SlipFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the slip; `facts.member` is who gave them, with what he has left."""
    body, giver, taker = entry.body, facts.member, facts.other
    assert isinstance(body, PointsTransferred), f"{entry.kind} passes nothing on"
    assert giver is not None and taker is not None, "points go from somebody to somebody"
    texts, words = texts_of(shop.language), EN if shop.language == "en" else ZH
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=words.title, copy=copy)
    numbered(sheet, texts, entry, guides=(), operator=texts.handled)
    sheet.row(words.giver, member_name(texts, giver))
    sheet.row(words.taker, member_name(texts, taker))
    if body.manager:
        sheet.row(texts.allowed_by, body.manager)
    sheet.rule()
    sheet.row(words.points, str(body.amount), bold=True, height=2)
    sheet.note(words.kept)
    sheet.rule()
    holdings(sheet, texts, giver)
    to_sign(sheet, words.signature)
    footing(sheet, texts, entry, digest=facts.hash, qr=facts.qr)
    return sheet.paper()
