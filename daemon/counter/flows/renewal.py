"""Renewal (续会) in `/2`: a known card, or the member's page; by fee, by a purchase, as a gift.

The rules say from when on and until when; who lapsed long ago comes back the same way.
"""

from daemon.counter import members
from daemon.counter.brought import commission
from daemon.counter.codes import Ask, Code, Why, refusal_code, told_of
from daemon.counter.flows.topup import coupon_made
from daemon.counter.forms import SOURCE, Bill, End, Given, Next, No, Shown, Step, Takes, To
from daemon.counter.letting import receipt_of
from daemon.counter.moves import Here
from daemon.counter.screens import Row
from daemon.counter.shop import Known
from daemon.counter.states import Inquiry
from daemon.ledger.acts import renewal
from daemon.ledger.acts.moves import Refusal
from daemon.ledger.bodies import MemberEnrolled, Sale
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Draft, Entry
from daemon.rules.enrolment import Renewal, Renewer
from daemon.rules.rewards import FEES
from daemon.rules.tenders import Paid
from daemon.rules.types import Refusal as Refused

CHANNELS = ("fee", "purchase", "grant")  # 1, 2, 3
ENOUGH = 99_999_999  # a purchase of any size: only the time is asked about
TODAYS_SALES_MAX = 20  # back from the last one: this purchase, or the one before
_USED_BY = (Kind.MEMBER_RENEWED, Kind.MEMBER_ENROLLED)


def begin(given: Given, here: Here) -> Next:
    """Go on with a known member; a term that is not to be renewed yet says from when on."""
    known = _known(given, here)
    if isinstance(known, No):
        return known
    closed = _closed(given, known, here)
    return To(Ask.RENEW_CHANNEL) if closed is None else closed


def is_open(given: Given, known: Known, here: Here) -> bool:
    """Tell whether this member may renew now, by whatever channel."""
    return _closed(given, known, here) is None


def _closed(given: Given, known: Known, here: Here) -> No | None:
    renew, who = given.engine.account().renew, _renewer(known, here)
    offers = [renew(channel, ENOUGH, who, here.now()) for channel in CHANNELS]
    if all(isinstance(one, Refused) and one.code == "not_allowed" for one in offers):
        return No(Code.NOT_ALLOWED, Why.NO_RENEWAL.told)
    late = next((one for one in offers if isinstance(one, Refused) and "date" in one.values), None)
    return None if late is None else No(Code.RENEW_LATER, tuple(late.values.items()))


def _channel(given: Given, here: Here) -> Next:
    known = _known(given, here)
    if isinstance(known, No):
        return known
    channel = _chosen(given)
    sale = _sale(known, here) if channel == "purchase" else None
    if channel == "purchase" and sale is None:
        return No(Code.NO_PURCHASE)
    offer = _offer(given, known, channel, sale, here)
    if isinstance(offer, Refused):
        return No(refusal_code(offer.code), told_of(offer))
    return Bill(offer.fee_fen, lambda paid, then: _renewed(given, paid, then))


def _renewed(given: Given, paid: Paid, here: Here) -> Draft | Refusal | No:
    known = _known(given, here)
    if isinstance(known, No):
        return known
    channel, books = _chosen(given), here.shop.books()
    sale = _sale(known, here) if channel == "purchase" else None
    offer = _offer(given, known, channel, sale, here)
    if isinstance(offer, Refused):
        return No(refusal_code(offer.code), told_of(offer))
    ends, facts = given.engine.lot_ends(here.now(), known.facts.joined), known.facts
    request = renewal.RenewRequest(
        id=given.id,
        source=SOURCE,
        member=facts.id,
        card=facts.card,
        channel=channel,
        term_ends=offer.term_ends.isoformat(),
        fee_fen=offer.fee_fen,
        rounding_fen=paid.rounding_fen,
        tenders=paid.tenders,
        points=offer.points,
        points_expire=ends if offer.points else None,
        gifts=offer.items,
        coupons=tuple(map(coupon_made, offer.coupons)),
        hq_points=offer.hq_points,
        sale="" if sale is None else id_of(sale),
        guides=here.guides or here.shop.default_guides(),
        applied=offer.applied,
        growth=offer.growth,
        uses=offer.uses,
        commission=commission(given.engine, FEES, offer.fee_fen - paid.rounding_fen, facts, here),
    )
    return renewal.renew(
        request,
        books.member(facts.id),
        books.balance,
        books.stamp(request),
        term_ends=None if facts.term_ends is None else facts.term_ends.isoformat(),
        in_stock=here.shop.stock,
    )


def _offer(
    given: Given, known: Known, channel: str, sale: Entry | None, here: Here
) -> Renewal | Refused:
    account = given.engine.account()
    measure = account.renew_measure
    measured = (
        None if sale is None or measure is None else measure([receipt_of(sale, here)], here.now())
    )
    return account.renew(channel, measured, _renewer(known, here), here.now())


def _renewer(known: Known, here: Here) -> Renewer:
    """Return who renews; how he joined is known where he did."""
    facts = known.facts
    entry = here.shop.books().entry(facts.id)
    joined = None if entry is None else entry.body
    by = joined.channel if isinstance(joined, MemberEnrolled) else ""
    return Renewer(facts.term_ends, facts.level, facts.joined, by)


def _sale(known: Known, here: Here) -> Entry | None:
    """Return the last purchase of today that is his own, or nobody's, and let nobody in yet."""
    books, today = here.shop.books(), here.shop.at().business_date

    def his(entry: Entry) -> bool:
        body = entry.body
        if not isinstance(body, Sale) or entry.at.business_date != today:
            return False
        return body.member in ("", known.facts.id)

    return next(
        (
            entry
            for entry in books.find(his, most=TODAYS_SALES_MAX)
            if not any(books.answer(id_of(entry), kind) for kind in _USED_BY)
        ),
        None,
    )


def _shown(given: Given, here: Here) -> Shown:
    known = _known(given, here)
    if isinstance(known, No):
        return Shown()
    ends = known.facts.term_ends
    until = "" if ends is None else ends.date().isoformat()
    return Shown(values=(("member", known.shown.shown), ("until", until)))


def _known(given: Given, here: Here) -> Known | No:
    card = given.text(Ask.BLANK_CARD)
    if not card:
        assert isinstance(given.desk, Inquiry), "a card or a page says whose it is"
        card = given.desk.member.facts.card
    found = members.by_card(card, here.shop, here.now())
    return No(found.code) if isinstance(found, members.Unfit) else found.member


def _chosen(given: Given) -> str:
    return CHANNELS[int(given.text(Ask.RENEW_CHANNEL)) - 1]


STEPS = (
    Step(
        Ask.RENEW_CHANNEL,
        Takes.CHOICE,
        _channel,
        leads=(End.TOTAL,),
        choices=(Row("1"), Row("2"), Row("3")),
        shows=_shown,
    ),
)
