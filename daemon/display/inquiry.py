"""会员查询单: what a member has, as the books of this box stand. No entry stands behind it."""

from daemon.display.blocks import dated, holdings, member_name
from daemon.display.facts import InquiryFacts, ShopFacts
from daemon.display.languages import texts_of
from daemon.paper import Paper


def inquiry_slip(facts: InquiryFacts, shop: ShopFacts, columns: int) -> Paper:
    """Return the slip of an inquiry; stored value stands on it, unlike on the display."""
    texts = texts_of(shop.language)
    member = facts.member
    by = f"{texts.handled} {facts.operator}" if facts.operator else ""
    sheet = dated(texts.inquiry, facts.at, shop, columns, beside=by)
    sheet.row(member_name(texts, member))
    if member.level:
        sheet.row(texts.level, member.level)
    holdings(sheet, texts, member)
    if facts.pending:
        sheet.row(texts.pending_points, str(facts.pending))
    if member.points_available is None:
        sheet.note(texts.unknown_here)
    sheet.rule()
    if facts.buys:
        sheet.row(texts.buys, bold=True)
        for what, points in facts.buys:
            sheet.row(f"  {what}", str(points))
        sheet.rule()
    if facts.waiting:
        sheet.row(texts.waiting, bold=True)
        for what, pieces in facts.waiting:
            sheet.row(f"  {what}", f"{texts.times.strip()}{pieces}")
        sheet.rule()
    sheet.centre(texts.thanks)
    return sheet.paper()
