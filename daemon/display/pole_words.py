"""What a pole or line display says of a committed entry that is no sale: 20 capitals at most."""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.ledger.kinds import Kind

DONE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        Kind.SALE: "THANK YOU",  # nothing was to be paid
        Kind.MALL_BILLED: "PAY AT THE MALL TILL",
        Kind.MEMBER_ENROLLED: "WELCOME TO THE CLUB",
        Kind.MEMBER_RENEWED: "MEMBERSHIP RENEWED",
        Kind.SALE_CLAIMED: "POINTS ADDED",
        Kind.TOPUP: "TOPPED UP",
        Kind.TOPUP_VOIDED: "TOP-UP TAKEN BACK",
        Kind.VALUE_REFUNDED: "VALUE PAID BACK",
        Kind.RETURN: "RETURNED",
        Kind.RETURN_UNREFERENCED: "RETURNED",
        Kind.EXCHANGE: "EXCHANGED",
        Kind.SALE_VOIDED: "SALE CANCELLED",
        Kind.POINTS_REDEEMED: "ENJOY YOUR GIFT",
        Kind.ENTITLEMENT_HANDED_OVER: "ENJOY YOUR GIFT",
        Kind.COUPON_REDEEMED: "COUPON USED",
        Kind.POINTS_TRANSFERRED: "POINTS PASSED ON",
        Kind.CARD_LOST: "CARD BLOCKED",
        Kind.CARD_FROZEN: "CARD FROZEN",
        Kind.CARD_UNFROZEN: "CARD IN USE AGAIN",
        Kind.CARD_REPLACED: "NEW CARD READY",
        Kind.DEPOSIT_TAKEN: "DEPOSIT RECEIVED",
        Kind.DEPOSIT_APPLIED: "DEPOSIT USED",
        Kind.DEPOSIT_REFUNDED: "DEPOSIT PAID BACK",
        Kind.SHIFT_OPENED: "SHIFT OPENED",
        Kind.SHIFT_CLOSED: "SHIFT CLOSED",
        Kind.CASH_MOVED: "CASH BOOKED",
        Kind.DRAWER_OPENED: "DRAWER OPENED",
        Kind.DAY_CLOSED: "DAY CLOSED",
        Kind.STOCK_RECEIVED: "GOODS RECEIVED",
        Kind.STOCK_ADJUSTED: "GOODS TAKEN OUT",
        Kind.STOCK_COUNTED: "COUNT BOOKED",
    }
)
OTHERWISE = "DONE"
