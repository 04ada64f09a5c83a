"""What stands on slips of every kind, against the journal: date, people, card, term, value."""

import re

from tests.whole import papers
from tests.whole.audit import VALUE, Audit, Seen, same
from tests.whole.demo_day import SHOP

TERMS = {one["card"]: one["term_ends"] for one in SHOP["members"]}
NOT_INVOICED = ("stored_value", "points", "coupon")
INVOICED = ("sale", "member.enrolled", "member.renewed", "card.replaced")


def wrong(audit: Audit, entry, text: str) -> Seen:
    """Yield what is said otherwise than the entry, where it is said."""
    body = entry["body"].get("sale", entry["body"])
    if entry["at"]["wall"][:10] not in text:
        yield "another date"
    yield from _people(entry, body, text)
    yield from _original(entry, text)
    yield from _member(audit, entry, text)
    tenders = body.get("tenders", [])
    invoiced = sum(one["amount_fen"] for one in tenders if one["code"] not in NOT_INVOICED)
    said = papers.fen(text, "可开票金额")
    if said is not None and entry["kind"] in INVOICED:
        yield from same("可开票金额", said, invoiced)


def _people(entry, body, text: str) -> Seen:
    operator = re.search(r"(?:收银|经手) (\S+)$", text, re.M)
    if operator is not None and operator[1] != entry["by"]["operator"]:
        yield f"{operator[0]}, {entry['by']['operator']} in the journal"
    guides = re.search(r"导购 (\S+)", text)
    booked = "/".join(one["staff"] for one in body.get("guides", []))
    if guides is not None and guides[1] != booked:
        yield f"guides {guides[1]}, {booked} in the journal"
    manager = papers.count(text, "授权店长")
    if manager is not None and manager != int(body["manager"]):
        yield f"manager {manager}"


def _original(entry, text: str) -> Seen:
    """The entry that this one answers; who joins or renews by a purchase names it too."""
    named = re.search(r"^(?:原单|原充值单|凭单) +0018-(\d+)$", text, re.M)
    if named is not None and (not entry.get("re") or int(named[1]) != _number(entry["re"])):
        yield f"{named[0]}, {entry.get('re')} in the journal"


def _number(entry: str) -> int:
    return int(entry.rsplit(":", 1)[1])


def _member(audit: Audit, entry, text: str) -> Seen:
    tail = re.search(r"^会员 .*?尾号 (\d{4})", text, re.M)
    if tail is None:
        return
    card = audit.card_of(entry)
    if card and tail[1] != card[-4:]:
        yield f"card {tail[1]}, {card} in the journal"
    for label, (room, unit) in zip(("本金", "赠送金"), VALUE, strict=True):
        said = re.search(rf"  {label} ([\d.]+)", text, re.M)
        if said is not None and round(float(said[1]) * 100) != audit.after(entry, room, unit):
            yield f"{label} {said[1]}, {audit.after(entry, room, unit)} in the journal"
    ends = re.search(r"^会籍有效期至 +(\S+)$", text, re.M)
    if ends is not None and ends[1] != term(audit, card, entry["seq"]):
        yield f"term until {ends[1]}, {term(audit, card, entry['seq'])} in the journal"


def term(audit: Audit, card: str, number: int) -> str:
    """Return until when a card's member was one, after an entry."""
    ends = TERMS.get(card, "")
    for seq, one in sorted(audit.entries.items()):
        told = one["body"].get("term_ends")
        if seq <= number and told and audit.card_of(one) == card:
            ends = told[:10]
    return str(ends)
