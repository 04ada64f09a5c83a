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
    DOWN_APPLIED = "down.applied"
    DOWN_REFUSED = "down.refused"
    ANCHOR = "anchor"
    HOLDING_RELEASED = "holding.released"


class Unit(StrEnum):
    FEN = "fen"
    POINT = "point"
    GROWTH = "growth"
    PRINCIPAL = "principal"
    BONUS = "bonus"
    PIECE = "piece"
    RETURNABLE = "returnable"
