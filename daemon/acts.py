"""Acts on a store: reads the facts, makes the draft, commits it. Safe from any thread but the loop.

Each act is named as the entry it makes (`topup`, `return`, `points.redeemed` ...); its request is
JSON. A refusal is an answer, not an error. When the books changed between looking and committing,
the draft is made once more from what they say then.
"""

import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from daemon.actfacts import Facts, read
from daemon.lapsing import due, freed
from daemon.ledger.acts import (
    coupons,
    exchange,
    points,
    redeem,
    refund,
    returning,
    right,
    selling,
    topup,
)
from daemon.ledger.acts.moves import Refusal
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Draft
from daemon.ledger.views import Durable
from daemon.memberacts import MEMBER_ACTS
from daemon.shopacts import SHOP_ACTS

Act = Callable[[Facts, bytes], Draft | Refusal]
REQUEST_BYTES_MAX = 65_536  # a sale of 200 lines with their names


class Asked(msgspec.Struct, frozen=True):
    """What every request says."""

    id: str
    source: str = "api"


class Answered(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a request: an entry, or a refusal with its sentence."""

    ok: bool
    entry: str = ""
    hash: str = ""
    kind: str = ""
    again: bool = False
    body: msgspec.Raw = msgspec.Raw(b"{}")
    refused: str = ""
    why: str = ""


class Acts:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._turn = threading.Lock()

    def do(self, kind: str, request: bytes) -> Answered:
        """Do one act; waits until it is durable or refused."""
        act = ACTS.get(kind)
        if act is None:
            return refused("unknown_act", f"no act {kind!r}; there are {', '.join(sorted(ACTS))}")
        try:
            asked = read_asked(request)
        except msgspec.DecodeError as error:
            return refused("unreadable", f"the request is no {kind}: {error}")
        with self._turn:
            known = self._facts.store.find(asked.source, asked.id)
            if known is not None:
                return _again(known, kind)
            return self._commit(act, kind, request)

    def lapse(self) -> list[Durable]:
        """Write down what is due; nothing while the clock is not trusted."""
        facts = self._facts
        with self._turn:
            drafts = due(facts.store, facts.clock, closing_hour=facts.closing_hour)
            outcomes = [facts.store.commit(freed(draft, facts.limiting)) for draft in drafts]
        return [one for one in outcomes if isinstance(one, Durable)]

    def _commit(self, act: Act, kind: str, request: bytes) -> Answered:
        store = self._facts.store
        again = True
        while True:
            head = store.head
            try:
                draft = act(self._facts, request)
            except msgspec.DecodeError as error:
                return refused("unreadable", f"the request is no {kind}: {error}")
            if isinstance(draft, Refusal):
                return refused(draft.code, draft.why)
            drawn = self._facts.limiting.drawn(draft)
            if isinstance(drawn, str):
                return refused("over_cap", drawn)
            outcome = store.commit(drawn)
            if isinstance(outcome, Durable):
                return answered(outcome)
            if store.head == head or not again:
                return refused("not_allowed", "; ".join(one.what for one in outcome.problems))
            again = False


def read_asked(request: bytes) -> Asked:
    return msgspec.json.decode(request, type=Asked)


def answered(durable: Durable) -> Answered:
    entry = durable.entry
    body = msgspec.Raw(msgspec.json.encode(entry.body))
    return Answered(True, id_of(entry), durable.hash, entry.kind.value, durable.again, body)


def refused(code: str, why: str) -> Answered:
    return Answered(False, refused=code, why=why)


def _again(known: Durable, kind: str) -> Answered:
    if known.entry.kind.value != kind:
        entry = id_of(known.entry)
        return refused("not_allowed", f"this id was committed as {entry}, a {known.entry.kind}")
    return answered(known)


# -- one act each --------------------------------------------------------------------------------


def _sale(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, selling.SaleRequest)
    if not asked.value_order:
        asked = msgspec.structs.replace(asked, value_order=facts.limits.order)
    member = facts.member(asked.member, asked.card)
    return selling.sell(asked, member, facts.balance, facts.stamp(asked))


def _return(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, returning.ReturnRequest)
    bill = facts.bill(asked.sale)
    if isinstance(bill, Refusal):
        return bill
    member = facts.member(bill.member)
    return returning.give_back(asked, bill, member, facts.balance, facts.stamp(asked))


def _void(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, returning.VoidRequest)
    bill = facts.bill(asked.sale)
    if isinstance(bill, Refusal):
        return bill
    if not facts.in_shift(asked.sale):
        return Refusal("window_closed", f"{asked.sale} is of an earlier shift: make it a return")
    return returning.void(bill, facts.member(bill.member), facts.balance, facts.stamp(asked))


def _unreferenced(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, returning.UnreferencedRequest)
    return returning.unreferenced(asked, facts.balance, facts.stamp(asked))


def _exchange(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, exchange.ExchangeRequest)
    bill = facts.bill(asked.sale)
    if isinstance(bill, Refusal):
        return bill
    member = facts.member(bill.member)
    return exchange.exchange(asked, bill, member, facts.balance, facts.stamp(asked))


def _claimed(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, points.ClaimSaleRequest)
    sale = facts.entry(asked.sale)
    if sale is None:
        return Refusal("not_allowed", f"{asked.sale} is no sale of this box")
    if any(facts.answer(asked.sale, kind) for kind in (Kind.SALE_CLAIMED, Kind.MEMBER_ENROLLED)):
        return Refusal("not_allowed", f"{asked.sale} has earned, or let its buyer in, already")
    member = facts.member(asked.member, asked.card)
    if not member.id:
        return Refusal("card_not_ours", "name a member, or a card of this chain")
    return points.claim_sale(asked, sale, member, facts.balance, facts.stamp(asked))


def _overridden(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, selling.OverrideRequest)
    staff = facts.store.books.staff(asked.staff)
    member = facts.member(asked.member, asked.card)
    role = "" if staff is None else staff.role
    return selling.override(asked, member, facts.balance, facts.stamp(asked), role=role)


def _topup(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, topup.TopUpRequest)
    member = facts.member(asked.member, asked.card)
    return topup.top_up(asked, member, facts.balance, facts.stamp(asked), facts.limits)


def _topup_voided(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, topup.TopUpVoidRequest)
    entry = facts.entry(asked.topup)
    if entry is None:
        return Refusal("not_allowed", f"{asked.topup} is no top-up of this box")
    member = facts.member(getattr(entry.body, "member", ""))
    return topup.void_topup(entry, member, facts.balance, facts.stamp(asked))


def _value_refunded(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, refund.RefundRequest)
    entry = facts.entry(asked.topup)
    if entry is None or entry.kind is not Kind.TOPUP:
        return Refusal("not_allowed", f"{asked.topup} is no top-up of this box: ask headquarters")
    return refund.refund(
        asked,
        entry,
        used=facts.used(entry),
        member=facts.member(getattr(entry.body, "member", "")),
        balance=facts.balance,
        stamp=facts.stamp(asked),
        limits=facts.limits,
    )


def _granted(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, points.GrantRequest)
    return points.grant(asked, facts.member(asked.member), facts.balance, facts.stamp(asked))


def _adjusted(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, points.AdjustRequest)
    return points.adjust(asked, facts.member(asked.member), facts.balance, facts.stamp(asked))


def _transferred(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, points.TransferRequest)
    member, to = facts.member(asked.member), facts.member(asked.to)
    return points.transfer(asked, member, to, facts.balance, facts.stamp(asked))


def _shifted(kind: Kind) -> Act:
    def act(facts: Facts, data: bytes) -> Draft | Refusal:
        asked = read(data, points.FreezeRequest)
        member = facts.member(asked.member)
        return points.shift(asked, member, facts.balance, facts.stamp(asked), kind=kind)

    return act


def _redeemed(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, redeem.RedeemRequest)
    member = facts.member(asked.member, asked.card)
    stock = facts.store.books.stock
    return redeem.redeem(asked, member, facts.balance, facts.stamp(asked), stock)


def _handed_over(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, redeem.HandOverRequest)
    return redeem.hand_over(asked, facts.member(asked.member), facts.balance, facts.stamp(asked))


def _promised(kind: Kind) -> Act:
    def act(facts: Facts, data: bytes) -> Draft | Refusal:
        asked = read(data, right.RightRequest)
        member = facts.member(asked.member, asked.card)
        return right.promise(asked, member, facts.balance, facts.stamp(asked), kind=kind)

    return act


def _coupon_issued(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, coupons.IssueRequest)
    return coupons.issue(asked, facts.member(asked.member), facts.balance, facts.stamp(asked))


def _coupon_redeemed(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, coupons.UseRequest)
    return coupons.use(asked, facts.member(asked.member), facts.balance, facts.stamp(asked))


def _coupon_restored(facts: Facts, data: bytes) -> Draft | Refusal:
    asked = read(data, coupons.RestoreRequest)
    entry = facts.entry(asked.redeemed)
    if entry is None:
        return Refusal("coupon_unknown", f"{asked.redeemed} is no entry of this box")
    if facts.answer(asked.redeemed, Kind.COUPON_RESTORED):
        return Refusal("already_returned", f"the coupons of {asked.redeemed} are back already")
    return coupons.restore(asked, entry, facts.balance, facts.stamp(asked))


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        **SHOP_ACTS,
        **MEMBER_ACTS,
        Kind.SALE.value: _sale,
        Kind.SALE_CLAIMED.value: _claimed,
        Kind.SALE_VOIDED.value: _void,
        Kind.RETURN.value: _return,
        Kind.RETURN_UNREFERENCED.value: _unreferenced,
        Kind.EXCHANGE.value: _exchange,
        Kind.TOPUP.value: _topup,
        Kind.TOPUP_VOIDED.value: _topup_voided,
        Kind.VALUE_REFUNDED.value: _value_refunded,
        Kind.POINTS_GRANTED.value: _granted,
        Kind.POINTS_ADJUSTED.value: _adjusted,
        Kind.POINTS_TRANSFERRED.value: _transferred,
        Kind.POINTS_FROZEN.value: _shifted(Kind.POINTS_FROZEN),
        Kind.POINTS_UNFROZEN.value: _shifted(Kind.POINTS_UNFROZEN),
        Kind.POINTS_VOIDED.value: _shifted(Kind.POINTS_VOIDED),
        Kind.POINTS_REDEEMED.value: _redeemed,
        Kind.ENTITLEMENT_OPENED.value: _promised(Kind.ENTITLEMENT_OPENED),
        Kind.ENTITLEMENT_OWED.value: _promised(Kind.ENTITLEMENT_OWED),
        Kind.ENTITLEMENT_HANDED_OVER.value: _handed_over,
        Kind.PRICE_OVERRIDDEN.value: _overridden,
        Kind.COUPON_ISSUED.value: _coupon_issued,
        Kind.COUPON_REDEEMED.value: _coupon_redeemed,
        Kind.COUPON_RESTORED.value: _coupon_restored,
    }
)
