"""Redeem and hand over (`/4`): what points buy now (可兑换), and what waits (待领取).

Points are spent by who proves himself: with his card, or his own PIN. What is not in stock, or is
sent by headquarters, is promised and waits.
"""

from __future__ import annotations

import msgspec

from daemon.counter import keys, promised
from daemon.counter.codes import Ask, Code, Why, refusal_code, told_of
from daemon.counter.flows import whose
from daemon.counter.flows.topup import coupon_given
from daemon.counter.forms import SOURCE, End, Given, Next, No, Script, Shown, Step, Takes, To
from daemon.counter.moves import Here
from daemon.counter.pins import customer_pin, member_pin
from daemon.counter.screens import Row
from daemon.counter.shop import Known
from daemon.ledger.acts import redeem
from daemon.ledger.acts.moves import Member, Refusal
from daemon.ledger.acts.spend import spendable
from daemon.ledger.bodies import Use
from daemon.ledger.kinds import Unit
from daemon.ledger.records import Draft
from daemon.ledger.views import LotRow
from daemon.rules.giving import GiftAsk, GiftOffer, Redemption
from daemon.rules.types import Refusal as Refused

DAY_CHARS = 10  # 2026-03-06
COUPON_SHOWN = "券"


class Wanted(msgspec.Struct, frozen=True):
    """A row of the list: goods that wait, or something that points buy."""

    waits: LotRow | None = None
    offer: GiftOffer | None = None


def _listed(given: Given, here: Here) -> Next:
    known = whose.member(given, here, Ask.GIFT_CARD)
    if isinstance(known, No):
        return known
    return To(Ask.GIFT) if _wanted(given, here) else No(Code.NOTHING)


def _rows(given: Given, here: Here) -> Shown:
    rows = []
    for n, one in enumerate(_wanted(given, here), 1):
        if one.waits is not None:
            name = promised.name_of(promised.sku_of(one.waits), here.shop)
            rows.append(Row(str(n), f"待领取 {name} ×{one.waits.amount}", f"HAND {name}"))
        elif one.offer is not None:
            name = _offered(one.offer, here)
            rows.append(Row(str(n), f"{name} {one.offer.points}分", f"{one.offer.points}P {name}"))
    return Shown(tuple(rows))


def _chosen(given: Given, here: Here) -> Next:
    one = _wanted(given, here)[given.number(Ask.GIFT) - 1]
    if one.waits is not None:
        return To(Ask.GIFT_SURE)
    gives = _gives(given, here)
    if isinstance(gives, Refused):
        return No(refusal_code(gives.code), told_of(gives))
    known = _known(given, here)
    if known.proved:
        return To(Ask.GIFT_SURE)
    return To(Ask.PIN) if here.shop.has_pin(member_pin(known.facts.id)) else No(Code.CARD_NEEDED)


def _proved(_: Given, __: Here) -> Next:
    return To(Ask.GIFT_SURE)


def _sure(given: Given, here: Here) -> Next:
    one = _wanted(given, here)[given.number(Ask.GIFT) - 1]
    return _redeemed(given, here) if one.waits is None else _handed_over(given, here, one.waits)


def _redeemed(given: Given, here: Here) -> Draft | Refusal | No:
    books, member, gives = here.shop.books(), _member(given, here), _gives(given, here)
    if isinstance(gives, Refused):
        return No(refusal_code(gives.code), told_of(gives))
    if len(gives.items) > 1:
        return Refusal("not_allowed", f"{gives.rule} gives more than one kind of goods")
    item = gives.items[0] if gives.items else None
    request = redeem.RedeemRequest(
        id=given.id,
        source=SOURCE,
        member=member.id,
        card=member.card,
        rule=gives.rule,
        points=gives.points,
        sku="" if item is None else item.sku,
        qty=1 if item is None else item.qty,
        name="" if item is None else promised.name_of(item.sku, here.shop),
        from_=gives.source,
        coupon=None if gives.coupon is None else coupon_given(gives.coupon, here),
        uses=(Use(f"times:{gives.rule}", 1),),
    )
    stock = here.shop.stock
    return redeem.redeem(request, member, books.balance, books.stamp(request), stock)


def _handed_over(given: Given, here: Here, waits: LotRow) -> Draft | Refusal | No:
    if here.shop.stock(promised.sku_of(waits)) < waits.amount:
        return No(Code.NOT_ALLOWED, Why.NOT_HERE_YET.told)
    books, member = here.shop.books(), _member(given, here)
    request = redeem.HandOverRequest(id=given.id, source=SOURCE, member=member.id, lot=waits.lot)
    return redeem.hand_over(request, member, books.balance, books.stamp(request))


def _wanted(given: Given, here: Here) -> list[Wanted]:
    """Return what waits, then what there are points for, the cheapest first."""
    member, known = _member(given, here), _known(given, here)
    found = [Wanted(waits=row) for row in promised.lots(member.id, here.shop)]
    if known.facts.status == "active":
        have = sum(lot.amount for lot in spendable(member, Unit.POINT, here.shop.least_now()))
        offers = given.engine.gifts(known.facts.level, here.now())
        found += [Wanted(offer=offer) for offer in offers if offer.points <= have]
    return found


def _gives(given: Given, here: Here) -> Redemption | Refused:
    member, known = _member(given, here), _known(given, here)
    offer = _wanted(given, here)[given.number(Ask.GIFT) - 1].offer
    assert offer is not None, "goods that wait cost nothing"
    lots = spendable(member, Unit.POINT, here.shop.least_now())
    today = here.now().isoformat()[:DAY_CHARS]
    so_far = dict(here.shop.so_far(member.id))
    ask = GiftAsk(
        rule=offer.rule,
        points=sum(lot.amount for lot in lots),
        settled=sum(lot.amount for lot in lots if lot.granted[:DAY_CHARS] < today),
        level=known.facts.level,
        at=here.now(),
        done=lambda what, per: so_far.get(f"{what}:{per}", 0),
    )
    return given.engine.account().redeem(ask)


def _known(given: Given, here: Here) -> Known:
    known = whose.member(given, here, Ask.GIFT_CARD)
    assert not isinstance(known, No), "asked before"
    return known


def _member(given: Given, here: Here) -> Member:
    return here.shop.books().member(_known(given, here).facts.id)


def _offered(offer: GiftOffer, here: Here) -> str:
    if not offer.items:
        return f"{COUPON_SHOWN} {offer.coupon_fen // 100}"
    return " ".join(promised.name_of(item.sku, here.shop) for item in offer.items)


SCRIPT = Script(
    digit="4",
    name="gifts",
    first=whose.begin(Ask.GIFT_CARD, _listed),
    leads=(Ask.GIFT_CARD, Ask.GIFT),
    steps=(
        Step(Ask.GIFT_CARD, whose.TAKES, _listed, leads=(Ask.GIFT,), digits=keys.CARD_DIGITS),
        Step(Ask.GIFT, Takes.ROW, _chosen, leads=(Ask.GIFT_SURE, Ask.PIN), shows=_rows),
        customer_pin(
            lambda given, here: member_pin(_known(given, here).facts.id),
            _proved,
            leads=(Ask.GIFT_SURE,),
        ),
        Step(Ask.GIFT_SURE, Takes.ENTER, _sure, leads=(End.ENTRY,)),
    ),
)
