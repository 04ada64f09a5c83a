"""会员查询单 of a member, as the books stand, with the fields that the pack tells at a swipe."""

from daemon.counter import promised
from daemon.counter.screens import GiftShown
from daemon.display.facts import InquiryFacts
from daemon.display.inquiry import inquiry_slip
from daemon.display.languages import texts_of
from daemon.display.sheet import yuan
from daemon.ledger import accounts
from daemon.ledger.kinds import Unit
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, member_on_paper


def paper(sources: Sources, wanted: Wanted) -> Paper:
    row = sources.store.books.member(wanted.about)
    assert row is not None, f"an inquiry about {wanted.about}, whom nobody knows"
    desk = sources.desk
    tells = desk.engine().house().tells
    told = {field for field in ("expiring", "term_ends") if tells(field)}
    told |= {"available"} if tells("points") else set()
    buys = tells("points") and tells("gifts")
    offers = desk.gifts(desk.known(row).facts) if buys else ()
    points = desk.points(row.id)
    facts = InquiryFacts(
        member_on_paper(sources, row, None).only(frozenset(told)),
        desk.now(),
        desk.by().operator,
        promised.told(row.id, desk),
        tuple((_named(sources, one), one.points) for one in offers[::-1] if one.points <= points),
        sources.store.books.balance(accounts.pending(row.id), Unit.POINT) if tells("points") else 0,
    )
    return inquiry_slip(facts, sources.shop, wanted.columns)


def _named(sources: Sources, gift: GiftShown) -> str:
    voucher = texts_of(sources.shop.language).voucher
    return gift.name or voucher.format(yuan=yuan(gift.coupon_fen))
