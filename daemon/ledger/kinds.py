"""The closed lists of the ledger: entry kinds, units. Meanings: docs/NAMES.md."""

from enum import StrEnum


class Kind(StrEnum):
    EPOCH_OPENED = "epoch.opened"
    BOX_STARTED = "box.started"
    CLOCK_SET = "clock.set"
    SHIFT_OPENED = "shift.opened"
    PACK_ACTIVATED = "pack.activated"
    MEMBER_ENROLLED = "member.enrolled"
    SALE = "sale"
    SALE_CLAIMED = "sale.claimed"
    SALE_VOIDED = "sale.voided"
    RETURN = "return"
    RETURN_UNREFERENCED = "return.unreferenced"
    EXCHANGE = "exchange"
    TOPUP = "topup"
    TOPUP_VOIDED = "topup.voided"
    VALUE_REFUNDED = "value.refunded"
    VALUE_LAPSED = "value.lapsed"
    POINTS_GRANTED = "points.granted"
    POINTS_ADJUSTED = "points.adjusted"
    POINTS_REDEEMED = "points.redeemed"
    POINTS_LAPSED = "points.lapsed"
    POINTS_TRANSFERRED = "points.transferred"
    POINTS_FROZEN = "points.frozen"
    POINTS_UNFROZEN = "points.unfrozen"
    POINTS_VOIDED = "points.voided"
    ENTITLEMENT_HANDED_OVER = "entitlement.handed_over"
    COUPON_ISSUED = "coupon.issued"
    COUPON_REDEEMED = "coupon.redeemed"
    COUPON_RESTORED = "coupon.restored"
    COUPON_LAPSED = "coupon.lapsed"
    CARD_LOST = "card.lost"
    CARD_FROZEN = "card.frozen"
    CARD_UNFROZEN = "card.unfrozen"
    CARD_REPLACED = "card.replaced"
    CARD_CLOSED = "card.closed"
    DOWN_APPLIED = "down.applied"
    DOWN_REFUSED = "down.refused"
    ANCHOR = "anchor"
    HOLDING_RELEASED = "holding.released"
    HOLDING_TAKEN = "holding.taken"
    EPOCH_CLOSED = "epoch.closed"
    CHAIN_CLOSED = "chain.closed"


class Unit(StrEnum):
    FEN = "fen"
    POINT = "point"
    GROWTH = "growth"
    PRINCIPAL = "principal"
    BONUS = "bonus"
    PIECE = "piece"
    RETURNABLE = "returnable"


def coupon_unit(kind: str) -> str:
    """The unit of one kind of coupon: `coupon:<kind>`."""
    return f"coupon:{kind}"


def claim_unit(unit: str) -> str:
    """The unit of what is owed back in a unit: `claim:<unit>`."""
    return f"claim:{unit}"
