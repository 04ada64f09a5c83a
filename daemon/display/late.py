"""补积分单: what a receipt without a card earned for a member after all."""

import msgspec

from daemon.display.blocks import (
    answered,
    footing,
    heading,
    holdings,
    member_name,
    numbered,
)
from daemon.display.facts import Copy, ShopFacts, SlipFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet
from daemon.ledger.bodies import SaleClaimed
from daemon.ledger.records import Entry
from daemon.paper import Paper


class LateWords(msgspec.Struct, frozen=True):
    title: str
    once: str


ZH = LateWords("补积分单", "每张小票只能补一次积分")
EN = LateWords("Late points", "A receipt earns late points once")


def late_slip(
    entry: Entry, facts: SlipFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the slip of late points."""
    body, member = entry.body, facts.member
    assert isinstance(body, SaleClaimed), f"{entry.kind} claims no sale"
    assert member is not None, "points are somebody's"
    texts, words = texts_of(shop.language), EN if shop.language == "en" else ZH
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=words.title, copy=copy)
    numbered(sheet, texts, entry, guides=(), operator=texts.handled)
    answered(sheet, texts, entry)
    sheet.row(member_name(texts, member))
    sheet.rule()
    sheet.row(texts.earned, f"{body.points:+d}", bold=True, height=2)
    if body.frozen:
        sheet.note(texts.points_frozen_now.format(points=body.points))
    holdings(sheet, texts, member)
    if member.points_available is None:
        sheet.note(texts.unknown_here)
    sheet.rule()
    sheet.note(words.once)
    footing(sheet, texts, entry, digest=facts.hash, qr=facts.qr)
    return sheet.paper()
