"""Ways into membership: what a channel asks, costs and gives. Renewal is not evaluated yet.

The blank card is the first welcome item: every new card takes one from stock. Whether the other
items are there, is known by who holds the stock. Once per person is HQ's to see; the pack accepts
that two shops that are offline may both give the join bonus.
"""

from collections.abc import Callable
from datetime import datetime

from daemon.ledger.bodies import Applied, NewLot, Welcome
from daemon.ledger.kinds import Unit
from daemon.rules.models_account import Channel, Enrol
from daemon.rules.periods import later, span
from daemon.rules.rounding import yuan
from daemon.rules.types import EnrolmentOffer, Refusal

SOURCE_JOIN = "join"

# (channel, what the joining purchase paid, when)
Offering = Callable[[str, int | None, datetime], EnrolmentOffer | Refusal]


def compile_enrolment(enrol: Enrol | None) -> Offering:
    """Return the function that says what an enrolment costs and gives, or why it is refused."""
    if enrol is None:
        return lambda _, __, ___: _refused("the active rules let nobody join. Ask headquarters.")
    channels: dict[str, Channel] = {channel.kind: channel for channel in enrol.channels}
    card = Welcome(enrol.card_sku, 1)
    term = None if enrol.term is None else span(enrol.term)
    points = sum(reward.points for reward in enrol.rewards)
    rewards = tuple(Applied(reward.id, "points", 0, reward.points) for reward in enrol.rewards)
    lots = (NewLot(1, Unit.POINT, SOURCE_JOIN),) if points else ()
    terms = enrol.terms

    def offer(kind: str, sale_pay_fen: int | None, at: datetime) -> EnrolmentOffer | Refusal:
        channel = channels.get(kind)
        if channel is None:
            return _refused(f"nobody joins by {kind} here. Use {', '.join(channels)}.")
        if channel.min_single_fen is not None:
            if sale_pay_fen is None:
                return _refused("joining by purchase needs the sale that qualifies.")
            if sale_pay_fen < channel.min_single_fen:
                return _too_small(sale_pay_fen, channel.min_single_fen)
        fee = channel.amount_fen or 0
        base = fee if channel.min_single_fen is None else sale_pay_fen or 0
        return EnrolmentOffer(
            channel=kind,
            fee_fen=fee,
            joined=at,
            term_ends=None if term is None else later(at, term),
            points=points,
            growth=0,
            welcome=(card, *(Welcome(gift.sku, gift.qty) for gift in channel.gifts)),
            applied=(Applied(kind, "fee", base, fee), *rewards),
            lots=lots,
            terms=terms,
        )

    return offer


def _too_small(paid_fen: int, min_fen: int) -> Refusal:
    said = f"one purchase of {yuan(min_fen)} lets in, this one is {yuan(paid_fen)}."
    return Refusal("purchase_too_small", said, {"x": yuan(paid_fen), "min": yuan(min_fen)})


def _refused(why: str) -> Refusal:
    return Refusal("not_allowed", why, {})
