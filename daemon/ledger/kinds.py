"""The closed lists of the ledger: entry kinds, units. Meanings: docs/NAMES.md."""

from enum import StrEnum


class Kind(StrEnum):
    EPOCH_OPENED = "epoch.opened"
    BOX_STARTED = "box.started"
    CLOCK_SET = "clock.set"
    SHIFT_OPENED = "shift.opened"
    SHIFT_CLOSED = "shift.closed"
    CASH_MOVED = "cash.moved"
    DRAWER_OPENED = "drawer.opened"
    DAY_CLOSED = "day.closed"
    COMMISSION_PAID = "commission.paid"
    STOCK_RECEIVED = "stock.received"
    STOCK_ADJUSTED = "stock.adjusted"
    STOCK_COUNTED = "stock.counted"
    STOCK_MOVED = "stock.moved"
    PACK_ACTIVATED = "pack.activated"
    MEMBER_ENROLLED = "member.enrolled"
    MEMBER_RENEWED = "member.renewed"
    MEMBER_UPDATED = "member.updated"
    MEMBER_ERASED = "member.erased"
    CONSENT_CHANGED = "consent.changed"
    LEVEL_CHANGED = "level.changed"
    AUDIT_CONFIRMED = "audit.confirmed"
    PRICE_OVERRIDDEN = "price.overridden"
    SALE = "sale"
    MALL_BILLED = "mall.billed"
    MALL_LAPSED = "mall.lapsed"
    SALE_CLAIMED = "sale.claimed"
    SALE_VOIDED = "sale.voided"
    RETURN = "return"
    RETURN_UNREFERENCED = "return.unreferenced"
    EXCHANGE = "exchange"
    TOPUP = "topup"
    TOPUP_VOIDED = "topup.voided"
    VALUE_REFUNDED = "value.refunded"
    VALUE_RESTORED = "value.restored"
    VALUE_LAPSED = "value.lapsed"
    DEPOSIT_TAKEN = "deposit.taken"
    DEPOSIT_APPLIED = "deposit.applied"
    DEPOSIT_REFUNDED = "deposit.refunded"
    POINTS_GRANTED = "points.granted"
    POINTS_ADJUSTED = "points.adjusted"
    POINTS_REDEEMED = "points.redeemed"
    POINTS_LAPSED = "points.lapsed"
    POINTS_TRANSFERRED = "points.transferred"
    POINTS_FROZEN = "points.frozen"
    POINTS_UNFROZEN = "points.unfrozen"
    POINTS_VOIDED = "points.voided"
    GRANT_CONFIRMED = "grant.confirmed"
    GRANT_VOIDED = "grant.voided"
    ENTITLEMENT_OPENED = "entitlement.opened"
    ENTITLEMENT_OWED = "entitlement.owed"
    ENTITLEMENT_HANDED_OVER = "entitlement.handed_over"
    ENTITLEMENT_LAPSED = "entitlement.lapsed"
    COUPON_ISSUED = "coupon.issued"
    COUPON_REDEEMED = "coupon.redeemed"
    COUPON_RESTORED = "coupon.restored"
    COUPON_LAPSED = "coupon.lapsed"
    CARD_ISSUED = "card.issued"
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
    CLAIM_SETTLED = "claim.settled"
    MEMBER_ALIASED = "member.aliased"
    RIGHT_OPENED = "right.opened"
    VISIT_NOTED = "visit.noted"
    MESSAGE_READ = "message.read"
    RESERVATION_ENDED = "reservation.ended"
    PACK_RECEIVED = "pack.received"


class Unit(StrEnum):
    FEN = "fen"
    POINT = "point"
    GROWTH = "growth"
    REWARD = "reward"
    PRINCIPAL = "principal"
    BONUS = "bonus"
    PIECE = "piece"
    RETURNABLE = "returnable"


RIGHT, ROOM = "right:", "room:"


def coupon_unit(kind: str) -> str:
    """The unit of one kind of coupon: `coupon:<kind>`."""
    return f"coupon:{kind}"


def right_unit(rule: str, period: str) -> str:
    """The unit of what a rule gives once in a period: `right:<rule>:<period>`."""
    return f"{RIGHT}{rule}:{period}"


def room_unit(cap: str, period: str) -> str:
    """The unit of what is left under a cap in a period: `room:<cap>:<period>`."""
    return f"{ROOM}{cap}:{period}"


def is_limit(unit: str) -> bool:
    """Tell whether a unit counts what may be issued: a right or a room."""
    return unit.startswith((RIGHT, ROOM))


def claim_unit(unit: str) -> str:
    """The unit of what is owed back in a unit: `claim:<unit>`."""
    return f"claim:{unit}"
