"""The parts that documents share: heading, number, member, tenders, foot."""

from collections.abc import Mapping
from datetime import datetime

from daemon import cells
from daemon.clock import ClockState
from daemon.display.facts import Copy, MemberOnPaper, ShopFacts
from daemon.display.languages import texts_of
from daemon.display.sheet import Sheet, yuan
from daemon.display.texts import Texts
from daemon.ledger.bodies import Guide, Tender
from daemon.ledger.records import Entry

# What these pay was invoiced when it was bought, or is no money: it is not invoiced again.
NOT_INVOICED = frozenset({"stored_value", "points", "coupon"})


KEYPAD = "keypad"  # the source of what a person did here; the box's own entries name nobody
SIGNING_SPACE = 2  # empty lines above the line to sign on: a hand needs 8 mm


def receipt_number(box: str, epoch: int, seq: int) -> str:
    """Return 单号: box-number, from the second epoch on box-epoch-number."""
    return f"{box}-{seq:06d}" if epoch == 1 else f"{box}-{epoch}-{seq:06d}"


def number_of(entry_id: str) -> str:
    """Return 单号 of an entry's id `0018.1:412`."""
    chain, _, seq = entry_id.rpartition(":")
    box, _, epoch = chain.rpartition(".")
    return receipt_number(box, int(epoch), int(seq))


def heading(
    sheet: Sheet, texts: Texts, shop: ShopFacts, *, title: str, copy: Copy, subtitle: str = ""
) -> None:
    sheet.logo()
    if copy is not Copy.FIRST:
        mark = texts.reprint if copy is Copy.REPRINT else texts.unsure
        starred = f"*** {mark} ***"
        fits = cells.width(starred) <= sheet.columns
        sheet.centre(starred if fits else mark, bold=True)
    sheet.centre(shop.chain, bold=True, width=2, height=2)
    sheet.centre(texts.shop.format(name=shop.name, no=shop.no))
    sheet.feed(1)
    sheet.centre(title, bold=True)
    if subtitle:
        sheet.centre(subtitle)
    sheet.rule()


def dated(title: str, at: datetime, shop: ShopFacts, columns: int, *, beside: str = "") -> Sheet:
    """Return a slip of how things stand now, begun: heading, time, and what stands beside it."""
    sheet = Sheet(columns)
    heading(sheet, texts_of(shop.language), shop, title=title, copy=Copy.FIRST)
    sheet.row(at.strftime("%Y-%m-%d %H:%M"), beside)
    sheet.rule()
    return sheet


def numbered(
    sheet: Sheet, texts: Texts, entry: Entry, *, guides: tuple[Guide, ...], operator: str
) -> None:
    """单号, date and time as the box knew them, who sold; `operator` names who keyed it in."""
    number = receipt_number(entry.box, entry.epoch, entry.seq)
    wall = entry.at.wall
    sheet.row(f"{texts.number} {number}", wall[:10])
    people = f"{operator} {entry.by.operator}" if entry.by.operator else ""
    if not people and entry.source == KEYPAD:
        people = f"{operator} {texts.nobody}"
    if guides:
        sold = "/".join(guide.staff for guide in guides)
        people = f"{texts.guide} {sold} {people}".rstrip()
    sheet.row(f"{texts.time} {wall[11:16]}", people)
    if entry.at.clock is ClockState.UNKNOWN:
        sheet.note(texts.clock_unknown)
    sheet.rule()


def answered(sheet: Sheet, texts: Texts, entry: Entry) -> None:
    """原单: which entry this one answers."""
    if entry.re is not None:
        sheet.row(texts.of, number_of(entry.re))


def line_back(
    sheet: Sheet, texts: Texts, name: str, *, qty: int, back_fen: int, weighed: bool
) -> None:
    """A line of goods that came back: how many of them, or how heavy, and what for."""
    sheet.tagged(name, texts.marks["returned"])
    counted = (texts.grams if weighed else texts.pieces).format(n=qty)
    sheet.row("  " + counted, yuan(-back_fen))


def member_name(texts: Texts, member: MemberOnPaper) -> str:
    if not member.named:
        return texts.unnamed.format(tail=member.tail)
    gap = "" if texts.tail.endswith(".") else " "
    return f"{texts.member} {member.shown}  {texts.tail}{gap}{member.tail}"


def holdings(sheet: Sheet, texts: Texts, member: MemberOnPaper) -> None:
    """What the member has, and until when. Only what there is gets a line."""
    if member.points_available is not None and member.tells_points:
        sheet.row(texts.available, str(member.points_available))
        if member.worth_fen is not None:
            sheet.row(f"  {texts.worth}", yuan(member.worth_fen))
    if member.points_frozen:
        sheet.row(texts.frozen, str(member.points_frozen))
    if member.points_claimed:
        sheet.row(texts.claimed, str(member.points_claimed))
    for lapsing in member.lapsing:
        sheet.row(texts.lapsing.format(points=lapsing.points), lapsing.on.isoformat())
    if member.principal_fen is not None:
        sheet.row(texts.stored_value, yuan(member.principal_fen + member.bonus_fen))
        parts = f"{texts.principal} {yuan(member.principal_fen)}"
        sheet.row(f"  {parts}  {texts.bonus} {yuan(member.bonus_fen)}")
    if member.term_ends is not None:
        sheet.row(texts.term_ends, member.term_ends.isoformat())
    check = member.check
    if check is not None and member.points_available:
        sentence = texts.clears if check.clears else texts.keeps
        sheet.note(sentence.format(month=check.on.month, date=check.on.isoformat()))


def tendered(
    sheet: Sheet, tenders: tuple[Tender, ...], *, names: Mapping[str, str], change: str
) -> None:
    """What was handed over, and the change; the difference of both is what was paid."""
    back = 0
    for tender in tenders:
        sheet.row(names.get(tender.code, tender.code), yuan(tender.amount_fen + tender.change_fen))
        back += tender.change_fen
    if back:
        sheet.row(change, yuan(back))


def invoiceable_fen(tenders: tuple[Tender, ...]) -> int:
    return sum(tender.amount_fen for tender in tenders if tender.code not in NOT_INVOICED)


def to_sign(sheet: Sheet, label: str, line: str = "") -> None:
    """Room for a hand, and who signs there; `line`: what the hand writes on."""
    sheet.feed(SIGNING_SPACE)
    sheet.row(label, line)


def footing(
    sheet: Sheet, texts: Texts, entry: Entry, *, digest: str, qr: str, rules: bool = True
) -> None:
    """Which rules made it, where they are named, which entry it is, and the signed code."""
    named = entry.pack if rules else None
    rules_said = "" if named is None else f"{texts.rule} {named.id} v{named.version}"
    sheet.row(rules_said, f"#{entry.seq} {digest[:6]}")
    if qr:
        sheet.feed(1)  # a scanner wants four dots of blank paper around the code
        sheet.qr(qr)
        sheet.feed(1)
    sheet.centre(texts.thanks)
