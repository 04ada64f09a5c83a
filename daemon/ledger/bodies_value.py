"""Bodies of entries that move members' value: stored value, points, coupons, returns.

Amounts are counted upwards: what a return pays back is a positive number. Which way it went is
said by the kind, and by the postings.
"""

from daemon.ledger.parts import (
    Applied,
    Claim,
    Commission,
    Earned,
    Guide,
    LotPart,
    NewLot,
    Part,
    SaleLine,
    Settled,
    Taken,
    Tender,
    Use,
)


class BackLine(Part, frozen=True):
    """What of a sold line came back."""

    n: int  # the line's number in the sale
    sku: str
    name: str
    qty: int
    goods_fen: int  # its part of the bill
    points: int = 0


class Returned(Part, frozen=True):
    """`return` and `sale.voided`; `re` names the sale. Prices and points are the sale's own."""

    lines: tuple[BackLine, ...]
    goods_fen: int
    rounding_fen: int  # of cash rounding, taken back with the goods
    pay_fen: int  # goods - rounding: what goes back to the tenders
    tenders: tuple[Tender, ...] = ()  # money paid back
    reason: int = 0  # 1 unopened, 2 opened, 3 allergy or quality, 4 wrong goods, 5 other
    member: str = ""
    card: str = ""
    points: int = 0  # earned by these lines
    growth: int = 0
    restored: tuple[Taken, ...] = ()
    taken_back: tuple[LotPart, ...] = ()  # of lots that still held it
    claims: tuple[Claim, ...] = ()
    settled: tuple[Settled, ...] = ()
    lots: tuple[NewLot, ...] = ()  # in place of lots that have ended meanwhile (grace)
    commission: tuple[Commission, ...] = ()  # clawed back
    uses: tuple[Use, ...] = ()  # what limits had counted of these lines, given back
    by: str = ""  # the chain that spent what is restored, and restores it; "": this one did


class ValueRestored(Part, frozen=True):
    """What another shop's return gives back goes to the lots that had paid here."""

    member: str
    sale: str
    back: str  # the return's entry
    restored: tuple[Taken, ...]


class Exchange(Part, frozen=True):
    """Goods back and goods out in one slip; `re` names the sale. Postings hold the difference."""

    back: tuple[BackLine, ...]
    back_fen: int  # what the goods that came back had cost
    lines: tuple[SaleLine, ...]
    list_fen: int
    bill_fen: int
    net_fen: int  # to pay; negative: paid back
    points_net: int
    tenders: tuple[Tender, ...] = ()  # money for the difference, taken or (negative) paid back
    carried: tuple[Tender, ...] = ()  # money of the sale that pays for the new goods too
    spent: tuple[Taken, ...] = ()  # value of the sale that pays for the new goods too
    earned: tuple[Earned, ...] = ()  # what the new lines stand for, for their own return
    growth: int = 0  # of the new lines
    reason: int = 0
    member: str = ""
    card: str = ""
    restored: tuple[Taken, ...] = ()
    taken_back: tuple[LotPart, ...] = ()
    claims: tuple[Claim, ...] = ()
    settled: tuple[Settled, ...] = ()
    commission: tuple[Commission, ...] = ()  # of the new lines
    guides: tuple[Guide, ...] = ()
    lots: tuple[NewLot, ...] = ()
    uses: tuple[Use, ...] = ()  # given back with the goods that came back
    rounding_fen: int = 0  # given away by cash rounding of the difference


class ReturnUnreferenced(Part, frozen=True):
    """Goods back without a receipt: a manager's word, the lowest price, no points."""

    lines: tuple[SaleLine, ...]
    pay_fen: int
    tenders: tuple[Tender, ...]
    manager: str
    reason: int
    member: str = ""


class PriceOverridden(Part, frozen=True):
    """A price set by hand was allowed. It stands also if the sale is never made."""

    sku: str
    qty: int
    list_fen: int  # the whole line, by the rules
    fen: int  # the whole line, as it was allowed
    reason: str
    staff: str  # the second person
    role: str
    name: str = ""
    member: str = ""


class SaleClaimed(Part, frozen=True):
    """补积分: an anonymous sale (`re`) earns for a member after all, once."""

    member: str
    card: str
    points: int
    growth: int = 0
    lines: tuple[int, ...] = ()  # points of each line of the sale
    settled: tuple[Settled, ...] = ()
    lots: tuple[NewLot, ...] = ()
    uses: tuple[Use, ...] = ()  # what limits of the pack count of it
    frozen: str = ""  # the guard beyond whose limit it is: its points lie frozen
    sku: str = ""  # what goods turned out to be that nobody had listed; "": the card was forgotten
    taken_back: tuple[LotPart, ...] = ()  # at once, for what of them is back already
    claims: tuple[Claim, ...] = ()


class TopUp(Part, frozen=True):
    """Stored value bought. The slip says 不征税·非销售小票."""

    member: str
    card: str
    amount_fen: int  # principal
    tenders: tuple[Tender, ...]
    terms: str  # version of the terms that were shown
    registered: bool
    bonus_fen: int = 0
    points: int = 0
    growth: int = 0
    identity: str = ""  # recorded, missing, or "" where none is asked for
    settled: tuple[Settled, ...] = ()
    guides: tuple[Guide, ...] = ()
    applied: tuple[Applied, ...] = ()
    lots: tuple[NewLot, ...] = ()
    uses: tuple[Use, ...] = ()  # what limits of the pack count of it
    commission: tuple[Commission, ...] = ()
    benefits: tuple[str, ...] = ()  # card types by face value that the member holds from now on
    had: tuple[str, ...] = ()  # and before


class TopUpVoided(Part, frozen=True):
    """`re` names the top-up, no part of which is spent."""

    member: str
    amount_fen: int
    bonus_fen: int
    tenders: tuple[Tender, ...]
    points: int = 0
    growth: int = 0
    claims: tuple[Claim, ...] = ()
    uses: tuple[Use, ...] = ()  # given back with it
    commission: tuple[Commission, ...] = ()  # clawed back
    benefits: tuple[str, ...] | None = None  # as before the top-up; None: it had made none


class ValueRefunded(Part, frozen=True):
    """Stored value paid back; `re` names the top-up. Both computations stand here.

    Source: 法释〔2025〕4号. `basis`: seven_days, own_wish or not_own_wish.
    """

    member: str
    basis: str
    paid_fen: int
    bonus_fen: int
    used_fen: int  # spent of both
    used_list_fen: int  # the goods at list price
    own_wish_fen: int
    not_own_wish_fen: int
    refund_fen: int
    tenders: tuple[Tender, ...]
    principal_fen: int  # that goes out of the member's account
    bonus_voided_fen: int
    manager: str = ""
    commission: tuple[Commission, ...] = ()  # clawed back: of what is paid back


class PointsGranted(Part, frozen=True):
    member: str
    points: int
    source: str  # click, festival, ...
    growth: int = 0
    rule: str = ""
    settled: tuple[Settled, ...] = ()
    lots: tuple[NewLot, ...] = ()


class PointsAdjusted(Part, frozen=True):
    """Up or down by hand, with a second person and a reason."""

    member: str
    points: int
    growth: int
    reason: str
    manager: str
    taken: tuple[LotPart, ...] = ()
    settled: tuple[Settled, ...] = ()
    lots: tuple[NewLot, ...] = ()


class PointsRedeemed(Part, frozen=True):
    """Points for a gift, handed over at once or promised (待领取)."""

    member: str
    card: str
    rule: str
    points: int
    sku: str
    qty: int
    name: str = ""
    promised: bool = False
    from_hq: bool = False
    taken: tuple[LotPart, ...] = ()
    lots: tuple[NewLot, ...] = ()
    coupon: str = ""  # its kind, where points bought a coupon and no goods
    uses: tuple[Use, ...] = ()  # what limits of the pack count of it


class HandedOver(Part, frozen=True):
    """Goods that waited for a member; `re` names the entry that promised them."""

    member: str
    sku: str
    qty: int
    lot: str
    left: int = 0  # what of it still waits


class Moved(Part, frozen=True):
    """Parts of lots lapsed, frozen, let go, voided or confirmed; which, the kind says."""

    member: str
    unit: str
    amount: int
    parts: tuple[LotPart, ...]
    due: str = ""  # when it lapsed, RFC 3339
    reason: str = ""
    claims: tuple[Claim, ...] = ()  # of what should have been voided and is spent


class PointsTransferred(Part, frozen=True):
    """Lots change hands with their dates."""

    member: str
    to: str
    unit: str
    amount: int
    parts: tuple[LotPart, ...]
    reason: str = ""
    manager: str = ""  # the second person, where the pack wants one
    uses: tuple[Use, ...] = ()  # what limits of the pack count of it


class CouponIssued(Part, frozen=True):
    member: str
    coupon: str  # its kind
    count: int
    source: str
    value_fen: int = 0
    lots: tuple[NewLot, ...] = ()
    paid: tuple[LotPart, ...] = ()  # money rewards that it pays out


class CouponUsed(Part, frozen=True):
    """`coupon.redeemed` outside of a sale, and `coupon.restored` (`re` names that)."""

    member: str
    coupon: str
    parts: tuple[LotPart, ...]
    reason: str = ""


class CardChanged(Part, frozen=True):
    """A card lost, frozen, let go or closed."""

    card: str
    member: str
    reason: str = ""


class CardReplaced(Part, frozen=True):
    """The old card is dead; lots stay the member's, nothing is granted again."""

    card: str
    member: str
    old: str
    sku: str
    cipher: str = ""  # the profile, locked again for the new card
    nonce: str = ""
    reason: str = ""
    fee_fen: int = 0
    rounding_fen: int = 0  # given away by cash rounding
    tenders: tuple[Tender, ...] = ()
