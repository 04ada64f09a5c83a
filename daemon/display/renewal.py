"""续会单: until when a membership held, until when it holds now, and what was paid and given."""

import msgspec
from msgspec.structs import replace

from daemon.display.blocks import (
    footing,
    heading,
    holdings,
    invoiceable_fen,
    member_name,
    number_of,
    numbered,
    tendered,
    to_sign,
)
from daemon.display.facts import Copy, ShopFacts, SlipFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet, yuan
from daemon.display.texts import Texts
from daemon.ledger.bodies import MemberRenewed
from daemon.ledger.kinds import coupon_unit
from daemon.ledger.records import Entry
from daemon.paper import Paper

DATE = 10  # characters of a time that are its day


class RenewalWords(msgspec.Struct, frozen=True):
    title: str
    channel: str
    before: str
    until: str
    no_end: str
    points: str
    given: str


ZH = RenewalWords(
    "续会单", "续会方式", "原有效期至", "续会后有效期至", "长期", "续会积分", "续会礼"
)
EN = RenewalWords(
    title="Renewal",
    channel="Renewed by",
    before="Held until",
    until="Holds until",
    no_end="no end",
    points="Points for renewing",
    given="Given",
)


def renewal_slip(
    entry: Entry, facts: SlipFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the slip of a renewal."""
    body, member = entry.body, facts.member
    assert isinstance(body, MemberRenewed), f"{entry.kind} renews nothing"
    assert member is not None, "a membership is somebody's"
    texts, words = texts_of(shop.language), EN if shop.language == "en" else ZH
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=words.title, copy=copy)
    numbered(sheet, texts, entry, guides=body.guides, operator=texts.handled)
    sheet.row(member_name(texts, member))
    sheet.row(words.channel, texts.channels.get(body.channel, body.channel))
    if entry.re is not None:
        sheet.row(texts.purchase, number_of(entry.re))
    sheet.row(words.before, (body.term_from or words.no_end)[:DATE])
    sheet.row(words.until, (body.term_ends or words.no_end)[:DATE], bold=True)
    sheet.rule()
    _paid(sheet, texts, body, facts)
    _given(sheet, texts, words, body, facts)
    holdings(sheet, texts, replace(member, term_ends=None))  # it stands above
    to_sign(sheet, texts.signature)
    footing(sheet, texts, entry, digest=facts.hash, qr=facts.qr)
    return sheet.paper()


def _paid(sheet: Sheet, texts: Texts, body: MemberRenewed, facts: SlipFacts) -> None:
    if not body.fee_fen:
        return
    sheet.row(texts.fee, yuan(body.fee_fen), bold=True, height=2)
    if body.rounding_fen:
        sheet.row(texts.rounding, yuan(-body.rounding_fen))
        sheet.row(texts.due, yuan(body.fee_fen - body.rounding_fen), bold=True)
    tendered(sheet, body.tenders, names=facts.tender_names, change=texts.change)
    sheet.row(texts.invoiceable, yuan(invoiceable_fen(body.tenders)))
    sheet.rule()


def _given(
    sheet: Sheet, texts: Texts, words: RenewalWords, body: MemberRenewed, facts: SlipFacts
) -> None:
    if body.points:
        sheet.row(words.points, f"{body.points:+d}")
    for lot in body.lots:
        kind = lot.unit.removeprefix(coupon_unit(""))
        if kind != lot.unit:
            sheet.row(texts.coupon_given.format(kind=kind), yuan(lot.value_fen))
    for label, owed in ((words.given, False), (texts.owed, True)):
        items = [item for item in body.welcome if item.owed is owed]
        if items:
            sheet.row(label, bold=True)
        for item in items:
            name = facts.names.get(item.sku, item.sku)
            sheet.row(f"  {name}", f"{texts.times.strip()}{item.qty}")
