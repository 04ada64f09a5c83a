"""Bodies of entries, one struct per kind. Amounts are int fen or points; optional fields are
left out of the bytes when they hold their default. No personal data stands here in clear.
"""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.ledger.bodies_chain import ChainClosed, EpochClosed, HoldingTaken, LostLot
from daemon.ledger.bodies_deposit import DepositApplied, DepositRefunded, DepositTaken
from daemon.ledger.bodies_hq import ClaimSettled, MemberAliased, RightOpened
from daemon.ledger.bodies_machine import (
    Anchor,
    BoxStarted,
    ClockSet,
    DownApplied,
    DownRefused,
    EpochOpened,
    HoldingReleased,
    PackActivated,
)
from daemon.ledger.bodies_member import (
    AuditConfirmed,
    CardIssued,
    ConsentChanged,
    LevelChanged,
    MemberErased,
    MemberRenewed,
    MemberUpdated,
    VisitNoted,
)
from daemon.ledger.bodies_notice import MessageRead, PackReceived, ReservationEnded
from daemon.ledger.bodies_right import Promised
from daemon.ledger.bodies_shift import (
    CashMoved,
    CommissionPaid,
    CountedTender,
    DayClosed,
    DayTotals,
    DrawerOpened,
    ShiftClosed,
    ShiftOpened,
    TenderTotal,
)
from daemon.ledger.bodies_stock import (
    CountedLine,
    StockAdjusted,
    StockCounted,
    StockLine,
    StockMoved,
    StockReceived,
)
from daemon.ledger.bodies_value import (
    CardChanged,
    CardReplaced,
    CouponIssued,
    CouponUsed,
    Exchange,
    HandedOver,
    Moved,
    PointsAdjusted,
    PointsGranted,
    PointsRedeemed,
    PointsTransferred,
    PriceOverridden,
    Returned,
    ReturnUnreferenced,
    SaleClaimed,
    TopUp,
    TopUpVoided,
    ValueRefunded,
    ValueRestored,
)
from daemon.ledger.kinds import Kind
from daemon.ledger.parts import (
    Advance,
    Applied,
    ByHand,
    Claim,
    Commission,
    Consent,
    Earned,
    Guide,
    LotPart,
    NewLot,
    Part,
    Profile,
    SaleLine,
    Settled,
    Taken,
    Tender,
    Unlisted,
    Use,
    Welcome,
)

__all__ = [  # parts.py and its kin hold them; everybody imports them from here
    "Advance",
    "Anchor",
    "Applied",
    "AuditConfirmed",
    "BoxStarted",
    "ByHand",
    "CardChanged",
    "CardIssued",
    "CardReplaced",
    "CashMoved",
    "ChainClosed",
    "Claim",
    "ClaimSettled",
    "ClockSet",
    "Commission",
    "CommissionPaid",
    "Consent",
    "ConsentChanged",
    "CountedLine",
    "CountedTender",
    "CouponIssued",
    "CouponUsed",
    "DayClosed",
    "DayTotals",
    "DepositApplied",
    "DepositRefunded",
    "DepositTaken",
    "DownApplied",
    "DownRefused",
    "DrawerOpened",
    "Earned",
    "EpochClosed",
    "EpochOpened",
    "Exchange",
    "Guide",
    "HandedOver",
    "HoldingReleased",
    "HoldingTaken",
    "LevelChanged",
    "LostLot",
    "LotPart",
    "MemberAliased",
    "MemberErased",
    "MemberRenewed",
    "MemberUpdated",
    "Moved",
    "NewLot",
    "PackActivated",
    "Part",
    "PointsAdjusted",
    "PointsGranted",
    "PointsRedeemed",
    "PointsTransferred",
    "PriceOverridden",
    "Profile",
    "Promised",
    "ReturnUnreferenced",
    "Returned",
    "RightOpened",
    "SaleClaimed",
    "SaleLine",
    "Settled",
    "ShiftClosed",
    "ShiftOpened",
    "StockAdjusted",
    "StockCounted",
    "StockLine",
    "StockMoved",
    "StockReceived",
    "Taken",
    "Tender",
    "TenderTotal",
    "TopUp",
    "TopUpVoided",
    "Unlisted",
    "Use",
    "ValueRefunded",
    "ValueRestored",
    "VisitNoted",
    "Welcome",
]


class Sale(Part, frozen=True):
    lines: tuple[SaleLine, ...]
    tenders: tuple[Tender, ...]
    list_fen: int
    bill_fen: int  # sum of the lines as sold
    rounding_fen: int  # given away by cash rounding, >= 0
    pay_fen: int  # bill - rounding
    member: str = ""
    card: str = ""
    points: int = 0
    growth: int = 0
    guides: tuple[Guide, ...] = ()
    applied: tuple[Applied, ...] = ()
    lots: tuple[NewLot, ...] = ()
    spent: tuple[Taken, ...] = ()  # lots that paid: stored value, points, coupons
    settled: tuple[Settled, ...] = ()  # claims, from what was earned here
    commission: tuple[Commission, ...] = ()
    uses: tuple[Use, ...] = ()  # what limits count of it
    gifts: tuple[Welcome, ...] = ()  # goods given with it (满赠)
    chosen: tuple[str, ...] = ()  # rules that the member chose among
    near: tuple[str, ...] = ()  # windows of the pack around the member's birthday that held
    frozen: str = ""  # the guard that froze its points for headquarters, "" for none
    later: tuple[Unlisted, ...] = ()  # lines of goods not listed yet: they earn once they are
    advance: Advance | None = None  # of the points spent, those above the holding


class MallBilled(Part, frozen=True):
    """缴款单: a sale with frozen prices that waits for the mall's till. Nothing has moved."""

    sale: Sale


class MallLapsed(Part, frozen=True):
    """Nobody had paid the bill by the close of its day."""

    bill: str


class MemberEnrolled(Part, frozen=True):
    """The member's id is this entry's own id; the card is issued with it."""

    card: str
    channel: str  # fee, purchase, topup, grant
    joined: str  # RFC 3339
    term_ends: str | None
    consent: Consent
    profile: Profile
    fee_fen: int = 0
    rounding_fen: int = 0
    tenders: tuple[Tender, ...] = ()
    points: int = 0
    growth: int = 0
    welcome: tuple[Welcome, ...] = ()
    guides: tuple[Guide, ...] = ()
    applied: tuple[Applied, ...] = ()
    lots: tuple[NewLot, ...] = ()
    uses: tuple[Use, ...] = ()  # what levels count of it
    commission: tuple[Commission, ...] = ()  # of the card that was sold
    level: str = ""  # that the fee bought
    waits: str = ""  # message, approval: the card is frozen until headquarters releases it
    broker: str = ""  # who brought him
    receipts: tuple[str, ...] = ()  # sales that let in together with `re`, which is the last


Body = (
    Sale
    | MallBilled
    | MallLapsed
    | MemberEnrolled
    | EpochOpened
    | BoxStarted
    | ClockSet
    | ShiftOpened
    | PackActivated
    | DownApplied
    | VisitNoted
    | MessageRead
    | ReservationEnded
    | PackReceived
    | DownRefused
    | Anchor
    | HoldingReleased
    | HoldingTaken
    | EpochClosed
    | ChainClosed
    | ClaimSettled
    | MemberAliased
    | RightOpened
    | Returned
    | Exchange
    | ReturnUnreferenced
    | SaleClaimed
    | TopUp
    | TopUpVoided
    | ValueRefunded
    | ValueRestored
    | PointsGranted
    | PointsAdjusted
    | PointsRedeemed
    | HandedOver
    | Moved
    | PointsTransferred
    | CouponIssued
    | CouponUsed
    | CardChanged
    | CardReplaced
    | StockReceived
    | StockAdjusted
    | StockCounted
    | StockMoved
    | ShiftClosed
    | CashMoved
    | DrawerOpened
    | DayClosed
    | CommissionPaid
    | MemberUpdated
    | MemberErased
    | ConsentChanged
    | DepositTaken
    | DepositApplied
    | DepositRefunded
    | MemberRenewed
    | LevelChanged
    | CardIssued
    | AuditConfirmed
    | Promised
    | PriceOverridden
)

BODY_OF: Mapping[Kind, type[Body]] = MappingProxyType(
    {
        Kind.SALE: Sale,
        Kind.MALL_BILLED: MallBilled,
        Kind.MALL_LAPSED: MallLapsed,
        Kind.MEMBER_ENROLLED: MemberEnrolled,
        Kind.EPOCH_OPENED: EpochOpened,
        Kind.BOX_STARTED: BoxStarted,
        Kind.CLOCK_SET: ClockSet,
        Kind.SHIFT_OPENED: ShiftOpened,
        Kind.PACK_ACTIVATED: PackActivated,
        Kind.DOWN_APPLIED: DownApplied,
        Kind.DOWN_REFUSED: DownRefused,
        Kind.ANCHOR: Anchor,
        Kind.HOLDING_RELEASED: HoldingReleased,
        Kind.HOLDING_TAKEN: HoldingTaken,
        Kind.EPOCH_CLOSED: EpochClosed,
        Kind.CHAIN_CLOSED: ChainClosed,
        Kind.CLAIM_SETTLED: ClaimSettled,
        Kind.MEMBER_ALIASED: MemberAliased,
        Kind.RIGHT_OPENED: RightOpened,
        Kind.SALE_CLAIMED: SaleClaimed,
        Kind.SALE_VOIDED: Returned,
        Kind.RETURN: Returned,
        Kind.RETURN_UNREFERENCED: ReturnUnreferenced,
        Kind.EXCHANGE: Exchange,
        Kind.TOPUP: TopUp,
        Kind.TOPUP_VOIDED: TopUpVoided,
        Kind.VALUE_REFUNDED: ValueRefunded,
        Kind.VALUE_RESTORED: ValueRestored,
        Kind.VALUE_LAPSED: Moved,
        Kind.DEPOSIT_TAKEN: DepositTaken,
        Kind.DEPOSIT_APPLIED: DepositApplied,
        Kind.DEPOSIT_REFUNDED: DepositRefunded,
        Kind.POINTS_GRANTED: PointsGranted,
        Kind.POINTS_ADJUSTED: PointsAdjusted,
        Kind.POINTS_REDEEMED: PointsRedeemed,
        Kind.POINTS_LAPSED: Moved,
        Kind.POINTS_TRANSFERRED: PointsTransferred,
        Kind.POINTS_FROZEN: Moved,
        Kind.POINTS_UNFROZEN: Moved,
        Kind.POINTS_VOIDED: Moved,
        Kind.GRANT_CONFIRMED: Moved,
        Kind.GRANT_VOIDED: Moved,
        Kind.ENTITLEMENT_HANDED_OVER: HandedOver,
        Kind.COUPON_ISSUED: CouponIssued,
        Kind.COUPON_REDEEMED: CouponUsed,
        Kind.COUPON_RESTORED: CouponUsed,
        Kind.COUPON_LAPSED: Moved,
        Kind.CARD_LOST: CardChanged,
        Kind.CARD_FROZEN: CardChanged,
        Kind.CARD_UNFROZEN: CardChanged,
        Kind.CARD_REPLACED: CardReplaced,
        Kind.CARD_CLOSED: CardChanged,
        Kind.STOCK_RECEIVED: StockReceived,
        Kind.STOCK_ADJUSTED: StockAdjusted,
        Kind.STOCK_COUNTED: StockCounted,
        Kind.STOCK_MOVED: StockMoved,
        Kind.SHIFT_CLOSED: ShiftClosed,
        Kind.CASH_MOVED: CashMoved,
        Kind.DRAWER_OPENED: DrawerOpened,
        Kind.DAY_CLOSED: DayClosed,
        Kind.COMMISSION_PAID: CommissionPaid,
        Kind.MEMBER_UPDATED: MemberUpdated,
        Kind.MEMBER_ERASED: MemberErased,
        Kind.CONSENT_CHANGED: ConsentChanged,
        Kind.MEMBER_RENEWED: MemberRenewed,
        Kind.LEVEL_CHANGED: LevelChanged,
        Kind.CARD_ISSUED: CardIssued,
        Kind.AUDIT_CONFIRMED: AuditConfirmed,
        Kind.PRICE_OVERRIDDEN: PriceOverridden,
        Kind.ENTITLEMENT_OPENED: Promised,
        Kind.ENTITLEMENT_OWED: Promised,
        Kind.ENTITLEMENT_LAPSED: Moved,
        Kind.VISIT_NOTED: VisitNoted,
        Kind.MESSAGE_READ: MessageRead,
        Kind.RESERVATION_ENDED: ReservationEnded,
        Kind.PACK_RECEIVED: PackReceived,
    }
)
