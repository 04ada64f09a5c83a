"""积分兑换单 of points that bought something, 礼品签收单 of goods that had waited."""

from collections.abc import Mapping

import msgspec

from daemon.display.blocks import (
    answered,
    footing,
    heading,
    holdings,
    member_name,
    numbered,
    to_sign,
)
from daemon.display.facts import NO_NAMES, Copy, MemberOnPaper, ShopFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet, yuan
from daemon.display.texts import Texts
from daemon.ledger.bodies import HandedOver, PointsRedeemed
from daemon.ledger.records import Entry
from daemon.paper import Paper


class GiftFacts(msgspec.Struct, frozen=True):
    """`names`: of goods by sku."""

    hash: str
    qr: str
    member: MemberOnPaper
    names: Mapping[str, str] = msgspec.field(default_factory=lambda: NO_NAMES)


class GiftWords(msgspec.Struct, frozen=True):
    """Templates take their values by name."""

    redeemed: str
    handed_over: str
    points: str
    coupon: str  # {kind}
    from_hq: str
    waits: str


ZH = GiftWords(
    redeemed="积分兑换单",
    handed_over="礼品签收单",
    points="兑换积分",
    coupon="优惠券 {kind}",
    from_hq="总部寄出,到店后凭卡领取",
    waits="待领取:到货后凭卡领取",
)

EN = GiftWords(
    redeemed="Points redeemed",
    handed_over="Gift handed over",
    points="Points",
    coupon="Coupon {kind}",
    from_hq="Sent by headquarters: fetch it with your card",
    waits="Not in stock: fetch it with your card",
)


def gift_slip(
    entry: Entry, facts: GiftFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the slip; the customer signs for what is handed over."""
    texts, words = texts_of(shop.language), EN if shop.language == "en" else ZH
    body, sheet = entry.body, Sheet(columns)
    redeemed = isinstance(body, PointsRedeemed)
    title = words.redeemed if redeemed else words.handed_over
    heading(sheet, texts, shop, title=title, copy=copy)
    numbered(sheet, texts, entry, guides=(), operator=texts.handled)
    sheet.row(member_name(texts, facts.member))
    sheet.rule()
    signed = True
    if isinstance(body, PointsRedeemed):
        _bought(sheet, texts, words, body, facts)
        signed = not body.promised
    else:
        assert isinstance(body, HandedOver), f"{entry.kind} gives nothing"
        sheet.row(facts.names.get(body.sku, body.sku), texts.pieces.format(n=body.qty))
        answered(sheet, texts, entry)
    sheet.rule()
    holdings(sheet, texts, facts.member)
    sheet.rule()
    if signed:
        to_sign(sheet, texts.customer_signs)
    footing(sheet, texts, entry, digest=facts.hash, qr=facts.qr)
    return sheet.paper()


def _bought(
    sheet: Sheet, texts: Texts, words: GiftWords, body: PointsRedeemed, facts: GiftFacts
) -> None:
    if body.sku:
        name = body.name or facts.names.get(body.sku, body.sku)
        sheet.row(name, texts.pieces.format(n=body.qty))
    for lot in body.lots:
        if body.coupon and lot.value_fen:
            sheet.row(words.coupon.format(kind=body.coupon), yuan(lot.value_fen))
            if lot.expires:
                sheet.row("  " + texts.until.format(date=lot.expires[:10]))
    sheet.row(words.points, str(-body.points), bold=True)
    if body.promised:
        sheet.note(words.from_hq if body.from_hq else words.waits)
