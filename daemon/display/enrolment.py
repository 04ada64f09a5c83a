"""入会登记单: what a new member signed, got and still has to get."""

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
from daemon.display.facts import Copy, EnrolmentFacts, ShopFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet, yuan
from daemon.display.texts import Texts
from daemon.ledger.bodies import MemberEnrolled
from daemon.ledger.kinds import Unit
from daemon.ledger.records import Entry
from daemon.paper import Paper


def enrolment_slip(
    entry: Entry, facts: EnrolmentFacts, shop: ShopFacts, columns: int, copy: Copy = Copy.FIRST
) -> Paper:
    """Return the slip of an enrolment's entry."""
    enrolled = entry.body
    assert isinstance(enrolled, MemberEnrolled), f"{entry.kind} is no enrolment"
    texts = texts_of(shop.language)
    sheet = Sheet(columns)
    heading(sheet, texts, shop, title=texts.enrolment, copy=copy)
    numbered(sheet, texts, entry, guides=enrolled.guides, operator=texts.handled)
    sheet.row(member_name(texts, facts.member))
    sheet.row(texts.channel, texts.channels.get(enrolled.channel, enrolled.channel))
    if entry.re is not None:
        sheet.row(texts.purchase, number_of(entry.re))
    sheet.row(texts.joined, enrolled.joined[:10])
    if enrolled.points:
        sheet.row(texts.join_points, f"{enrolled.points:+d}")
    pending = sum(one.amount for one in enrolled.lots if one.pending and one.unit == Unit.POINT)
    if pending:
        sheet.row(texts.pending_points, f"{pending:+d}")
    holdings(sheet, texts, facts.member)
    sheet.rule()
    _paid(sheet, texts, enrolled, facts)
    _welcome(sheet, texts, enrolled, facts)
    _signed(sheet, texts, enrolled)
    footing(sheet, texts, entry, digest=facts.hash, qr=facts.qr)
    return sheet.paper()


def _paid(sheet: Sheet, texts: Texts, enrolled: MemberEnrolled, facts: EnrolmentFacts) -> None:
    if not enrolled.fee_fen:
        return
    sheet.row(texts.fee, yuan(enrolled.fee_fen), bold=True, height=2)
    sheet.rule()
    if enrolled.rounding_fen:
        sheet.row(texts.rounding, yuan(-enrolled.rounding_fen))
        sheet.row(texts.due, yuan(enrolled.fee_fen - enrolled.rounding_fen), bold=True)
    tendered(sheet, enrolled.tenders, names=facts.tender_names, change=texts.change)
    sheet.row(texts.invoiceable, yuan(invoiceable_fen(enrolled.tenders)))
    sheet.rule()


def _welcome(sheet: Sheet, texts: Texts, enrolled: MemberEnrolled, facts: EnrolmentFacts) -> None:
    for label, owed in ((texts.welcome, False), (texts.owed, True)):
        items = [item for item in enrolled.welcome if item.owed is owed]
        if not items:
            continue
        sheet.row(label, bold=True)
        for item in items:
            name = facts.names.get(item.sku, item.sku)
            sheet.row(f"  {name}", f"{texts.times.strip()}{item.qty}")
        sheet.rule()


def _signed(sheet: Sheet, texts: Texts, enrolled: MemberEnrolled) -> None:
    consent = enrolled.consent
    sheet.note(texts.terms.format(terms=consent.terms))
    sheet.row(texts.marketing, texts.yes if consent.marketing else texts.no)
    to_sign(sheet, texts.signature, "_" * (sheet.columns // 2))
    sheet.rule()
