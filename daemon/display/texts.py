"""The words on paper: one frozen record, filled once per language (texts_zh.py, texts_en.py).

Templates take their values by name with str.format. What stands in wording keeps its words.
"""

from collections.abc import Mapping

import msgspec


class Texts(msgspec.Struct, frozen=True):
    sale: str  # titles
    enrolment: str
    inquiry: str
    reprint: str
    unsure: str
    shop: str  # {name} {no}
    number: str
    time: str
    guide: str
    cashier: str  # who took the money
    handled: str  # who served, on what is no sale
    nobody: str  # was signed on
    clock_unknown: str
    marks: Mapping[str, str]  # price class to mark; member_price is a class of its own here
    times: str  # between quantity and price
    was: str  # {price}: the price of one before reductions
    was_line: str  # {price}: the same for the whole line
    pieces: str  # {n}
    grams: str  # {n}
    count: str
    total: str
    rounding: str
    due: str
    change: str
    saved: str
    invoiceable: str
    member: str
    tail: str
    unnamed: str  # {tail}
    level: str
    earned: str
    earned_regular: str  # {base}: earned on regular prices
    earned_base: str  # {base}: earned on what the pack counts
    points_spent: str
    points_frozen_now: str  # {points}: of this sale
    coupon: str  # the tender
    coupon_given: str  # {kind}: for the next purchase
    until: str  # {date}
    reward: str  # money owed as a reward
    available: str
    worth: str  # of the points, as money
    frozen: str
    claimed: str
    lapsing: str  # {points} {date}
    term_ends: str
    clears: str  # {month} {date}: the yearly check takes the points
    keeps: str  # {month} {date}: the yearly check leaves the points
    stored_value: str
    principal: str
    bonus: str
    unknown_here: str
    offer: str
    no_invoice: str
    stored_no_invoice: str
    returns: str
    rule: str
    thanks: str
    channel: str
    channels: Mapping[str, str]
    purchase: str
    fee: str
    joined: str
    join_points: str
    pending_points: str  # given, and not to be spent before headquarters has confirmed them
    welcome: str
    owed: str
    terms: str  # {terms}
    marketing: str
    yes: str
    no: str
    signature: str
    customer_signs: str
    allowed_by: str  # the manager
    of: str  # the entry that a slip answers
    waiting: str
    buys: str  # what points buy now
    voucher: str  # {yuan}
