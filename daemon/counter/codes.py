"""Codes of refusals (`-07-` on an LED) and of steps (`31-`). Stable: a key card carries them.

What they say to people stands in the display's catalogue (E01 to E20: spec, wording). A step's
second name is its `asks`: what the flow waits for.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from daemon.rules.types import Refusal


class Code(StrEnum):
    UNREADABLE = "E01"  # 读卡失败; also a number in no card range
    BANK_CARD = "E02"
    LOST = "E03"
    FROZEN = "E04"  # also a closed card
    TERM_ENDED = "E05"  # {date}: the sale goes on at list price
    VISITOR = "E06"
    VALUE_SHORT = "E07"  # {x} is there, {y} is short: another tender
    POINTS_SHORT = "E08"  # {x} are needed, {y} are there
    UNLISTED = "E10"  # no such product: key the price and +
    RETURNED = "E14"  # this line is back already
    OVER_CAP = "E15"  # of a card: {x} more may be topped up
    PURCHASE_TOO_SMALL = "E11"  # {x}: what the purchase came to
    CARD_IN_USE = "E12"
    PRINTER = "E17"
    STORAGE = "E18"
    CLOCK = "E19"  # nobody vouches for the time: what depends on it waits
    PIN_ASKED = "E20"  # the customer is told; the clerk sees the step
    NO_FUNCTION = "E21"  # 本机暂无此功能 / 请稍候
    INPUT = "E22"  # 输入有误 / - : the number or key makes no sense here
    NO_MEMBER = "E23"  # 未找到会员 / 请稍候 : phone or card number keyed, nobody here has it
    BLANK_CARD = "E24"  # 空白卡:入会请按 /2 / 请稍候
    NO_STAFF = "E25"  # 无此员工号 / -
    FINISH_FIRST = "E26"  # 请先完成本单(或 CLEAR 两次) / - : another flow holds the counter
    NO_PURCHASE = "E27"  # 没有可用于入会的上一单 / -
    PHONE_IN_USE = "E28"  # 此手机号已登记 / -
    UNDERPAID = "E29"  # 付款不足 / -
    NOT_ALLOWED = "E30"  # 现在不能这样做 / - : {why}, as the books see it
    PIN = "E31"  # 密码不对 / 请稍候 : {n} tries left
    PIN_LOCKED = "E32"  # 密码已锁定 / 请稍候
    MANAGER = "E16"  # 需店长授权: no manager, or the one who asks himself
    NO_PAPER = "E34"  # 没有此单 / - : no entry of that number, or none that has a paper
    CARD_NEEDED = "E35"  # 请刷会员卡 / 请刷卡 : found by phone, and has no PIN
    REPRICED = "E36"  # 价格已变 {x} -> {y} / - : a parked basket; {n} lines are sold no more
    NOBODY_ON = "E37"  # 未上班 / - : sign on first
    SIGNED_ON = "E38"  # {n} 已上班 / - : he hands over first
    PARKED_FULL = "E39"  # 已挂满 9 单 / -
    DAY_IS_CLOSED = "E40"  # 今日已日结 / -
    NOTHING = "E33"  # 没有可列出的内容 / - : the list is empty
    HERE_ONLY = "E09"  # {x} points may be used here, the rest when the box is online
    OTHER_SHOP = "E41"  # 外店小票 / - : another shop's receipt, and headquarters did not answer
    RENEW_LATER = "E43"  # 会籍有效,{date} 起可续会 / -
    NOT_SOLD = "E42"  # 没有此商品 / - : no product that may go out, or come back, so


class Why(StrEnum):
    """Why something is not allowed now (E30), beside what the acts and the rules refuse."""

    NO_RECEIPT = "no_receipt"  # the pack takes nothing back without its sale
    TOO_LATE = "window_closed"
    NOT_TAKEN_BACK = "not_taken_back"
    HAS_MEMBER = "has_member"
    EARNED_ALREADY = "earned_already"
    OTHER_RULES = "other_rules"
    JOINED_LATER = "joined_later"
    EARNS_NOTHING = "earns_nothing"
    TOO_OFTEN = "too_often"
    HQ_REPLACES = "hq_replaces"
    HQ_TRANSFERS = "hq_transfers"
    HQ_FREEZES = "hq_freezes"  # and uses again what is frozen
    NO_TRANSFER = "no_transfer"
    POINTS_LIMIT = "points_limit"
    SAME_MEMBER = "same_member"
    NO_RENEWAL = "no_renewal"
    NO_HAND_PRICE = "no_hand_price"
    NOT_HERE_YET = "not_here_yet"
    PAID_AT_MALL = "paid_at_mall"
    BILL_LAPSED = "bill_lapsed"
    LISTED_TWICE = "listed_twice"
    NOT_SO_MANY = "not_so_many"
    SERIAL_HERE = "serial_here"
    SERIAL_NOT_HERE = "serial_not_here"
    WHOLE_BILLS = "whole_bills"
    MEMBERS_ONLY = "members_only"
    MONEY_ONLY = "money_only"  # a fee, a top-up, the difference of an exchange
    POINTS_NO_MONEY = "points_no_money"
    POINTS_PAY_NOTHING = "points_pay_nothing"

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """As the values of a refusal: the words stand in the display's catalogue."""
        return because(self.value)


def because(why: str, said: str = "") -> tuple[tuple[str, str], ...]:
    """Return a reason, or the code of a refusal of acts and rules, as the values of a refusal.

    `said`: in its own words, which the display's catalogue knows in the shop's language.
    """
    return (("why", why), ("said", said)) if said else (("why", why),)


class Ask(StrEnum):
    """What a Step waits for."""

    ITEM = "item"
    FUNCTION = "function"
    QUANTITY = "quantity"
    PRICE_LOOKUP = "price_lookup"
    PRICE = "price"
    GUIDE = "guide"
    CARD_NUMBER = "card_number"
    REFERENCE = "reference"
    MUCH_CASH = "much_cash"
    BLANK_CARD = "blank_card"
    CHANNEL = "channel"
    PHONE = "phone"
    PHONE_AGAIN = "phone_again"
    TERMS = "terms"
    MARKETING = "marketing"
    FEE = "fee"
    RENEW_CHANNEL = "renew_channel"
    # the second person, the customer's own number
    MANAGER = "manager"
    MANAGER_PIN = "manager_pin"
    MANAGER_NEW_PIN = "manager_new_pin"
    PIN = "pin"
    MALL_SLIP = "mall_slip"  # the number of the mall's slip: the bill is paid
    # a price set by hand
    LINE = "line"
    NEW_PRICE = "new_price"
    PRICE_REASON = "price_reason"
    CHOICE = "choice"  # the member's coupons, and rules that he chooses among
    # /0 park and recall
    PARKED = "parked"
    PARKED_AS = "parked_as"
    # /1 stored value
    TOPUP_CARD = "topup_card"
    TOPUP_AMOUNT = "topup_amount"
    TOPUP_WHICH = "topup_which"
    IDENTITY = "identity"
    REFUND_WHICH = "refund_which"
    REFUND_BASIS = "refund_basis"
    REFUND_BY = "refund_by"
    # /3 after sales
    AFTER_SALE = "after_sale"
    PURCHASE = "purchase"
    BACK_LINE = "back_line"
    BACK_QTY = "back_qty"
    BACK_REASON = "back_reason"
    VOID_SALE = "void_sale"
    SWAP_SALE = "swap_sale"
    SWAP_ITEM = "swap_item"
    SWAP_SURE = "swap_sure"
    LATE_SALE = "late_sale"
    LATE_CARD = "late_card"
    LOOSE_ITEM = "loose_item"
    # /4 redeem and hand over
    GIFT_CARD = "gift_card"
    GIFT = "gift"
    GIFT_SURE = "gift_sure"
    # /5 card service
    CARD_HELD = "card_held"
    CARD_SERVICE = "card_service"
    NEW_CARD = "new_card"
    NEW_PIN = "new_pin"
    NEW_PIN_AGAIN = "new_pin_again"
    TRANSFER_TO = "transfer_to"
    TRANSFER_POINTS = "transfer_points"
    TRANSFER_SURE = "transfer_sure"
    # /6 stock
    STOCK = "stock"
    STOCK_ITEM = "stock_item"
    STOCK_OTHER = "stock_other"
    STOCK_QTY = "stock_qty"
    STOCK_SERIAL = "stock_serial"
    STOCK_SERIAL_LAST = "stock_serial_last"
    STOCK_BATCH = "stock_batch"
    STOCK_USE_BY = "stock_use_by"
    STOCK_REASON = "stock_reason"
    STOCK_SHOWN = "stock_shown"
    # /7 shift
    SHIFT = "shift"
    OPERATOR = "operator"
    FLOAT = "float"
    COUNT = "count"
    HAND_OVER = "hand_over"
    CASH_AMOUNT = "cash_amount"
    CASH_REASON = "cash_reason"
    RECEIVER = "receiver"
    DAY_CLOSE = "day_close"
    DRAWER_REASON = "drawer_reason"
    # /8 reprint
    REPRINT = "reprint"
    EXPLAINED = "explained"  # which entry
    STATEMENT = "statement"  # whose card
    # /9 service
    SERVICE = "service"
    TOLD = "told"
    TAKE_OVER = "take_over"
    REPORT = "report"
    REPORT_PERIOD = "report_period"


STEPS: Mapping[Ask, str] = MappingProxyType(
    {
        Ask.ITEM: "01",
        Ask.FUNCTION: "10",
        Ask.QUANTITY: "11",
        Ask.PRICE_LOOKUP: "12",
        Ask.PRICE: "13",
        Ask.GUIDE: "14",
        Ask.CARD_NUMBER: "15",
        Ask.REFERENCE: "21",
        Ask.MUCH_CASH: "22",
        Ask.BLANK_CARD: "31",
        Ask.CHANNEL: "32",
        Ask.PHONE: "33",
        Ask.PHONE_AGAIN: "34",
        Ask.TERMS: "35",
        Ask.MARKETING: "36",
        Ask.FEE: "37",
        Ask.RENEW_CHANNEL: "30",
        Ask.MANAGER: "26",
        Ask.MANAGER_PIN: "27",
        Ask.MANAGER_NEW_PIN: "28",
        Ask.PIN: "25",
        Ask.MALL_SLIP: "38",
        Ask.LINE: "18",
        Ask.NEW_PRICE: "19",
        Ask.PRICE_REASON: "20",
        Ask.CHOICE: "24",
        Ask.PARKED: "16",
        Ask.PARKED_AS: "17",
        Ask.TOPUP_CARD: "41",
        Ask.TOPUP_AMOUNT: "42",
        Ask.TOPUP_WHICH: "43",
        Ask.IDENTITY: "44",
        Ask.REFUND_WHICH: "45",
        Ask.REFUND_BASIS: "46",
        Ask.REFUND_BY: "47",
        Ask.AFTER_SALE: "51",
        Ask.PURCHASE: "52",
        Ask.BACK_LINE: "53",
        Ask.BACK_QTY: "54",
        Ask.BACK_REASON: "55",
        Ask.VOID_SALE: "56",
        Ask.SWAP_SALE: "50",
        Ask.LATE_SALE: "57",
        Ask.LATE_CARD: "58",
        Ask.SWAP_ITEM: "59",
        Ask.SWAP_SURE: "60",
        Ask.LOOSE_ITEM: "40",
        Ask.GIFT_CARD: "61",
        Ask.GIFT: "62",
        Ask.GIFT_SURE: "63",
        Ask.CARD_HELD: "71",
        Ask.CARD_SERVICE: "72",
        Ask.NEW_CARD: "73",
        Ask.NEW_PIN: "74",
        Ask.NEW_PIN_AGAIN: "75",
        Ask.TRANSFER_TO: "76",
        Ask.TRANSFER_POINTS: "77",
        Ask.TRANSFER_SURE: "78",
        Ask.STOCK: "81",
        Ask.STOCK_ITEM: "82",
        Ask.STOCK_OTHER: "80",
        Ask.STOCK_QTY: "83",
        Ask.STOCK_SERIAL: "84",
        Ask.STOCK_SERIAL_LAST: "85",
        Ask.STOCK_BATCH: "86",
        Ask.STOCK_USE_BY: "87",
        Ask.STOCK_REASON: "88",
        Ask.STOCK_SHOWN: "89",
        Ask.SHIFT: "90",
        Ask.OPERATOR: "91",
        Ask.FLOAT: "92",
        Ask.COUNT: "93",
        Ask.HAND_OVER: "94",
        Ask.CASH_AMOUNT: "95",
        Ask.CASH_REASON: "96",
        Ask.RECEIVER: "97",
        Ask.DAY_CLOSE: "98",
        Ask.DRAWER_REASON: "99",
        Ask.REPRINT: "23",
        Ask.EXPLAINED: "29",
        Ask.STATEMENT: "39",
        Ask.SERVICE: "02",
        Ask.TOLD: "03",
        Ask.TAKE_OVER: "04",
        Ask.REPORT: "05",
        Ask.REPORT_PERIOD: "06",
    }
)

# Of a refusal's values a customer is told these alone; he is never told a number of a card.
TOLD_CUSTOMER: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "E07": frozenset({"y"}),
        "E08": frozenset({"y"}),
        "E09": frozenset({"x"}),
        "E13": frozenset({"n"}),
        Code.OVER_CAP: frozenset({"x"}),
    }
)

# Wording has "-" in the customer's column: he goes on seeing what he saw.
CLERK_ONLY = frozenset(
    {
        *("E11", "E12", Code.RETURNED, "E17", "E19"),
        *(Code.INPUT, Code.NO_STAFF, Code.FINISH_FIRST),
        *(
            Code.NO_PURCHASE,
            Code.PHONE_IN_USE,
            Code.UNDERPAID,
            Code.NOT_ALLOWED,
            Code.NOTHING,
            Code.NO_PAPER,
            Code.REPRICED,
            Code.NOBODY_ON,
            Code.SIGNED_ON,
            Code.PARKED_FULL,
            Code.DAY_IS_CLOSED,
            Code.OTHER_SHOP,
            Code.NOT_SOLD,
            Code.RENEW_LATER,
        ),
    }
)

# News from the machine, no answer to a key: the next key, ENTER too, means what it meant before.
NEWS = frozenset({Code.PRINTER, Code.CLOCK, Code.REPRICED})

# What the rules refuse, in the counter's codes.
_OF_RULES: Mapping[str, str] = MappingProxyType(
    {
        "purchase_too_small": Code.PURCHASE_TOO_SMALL,
        "card_in_use": Code.CARD_IN_USE,
        "card_not_ours": Code.UNREADABLE,
        "card_lost": Code.LOST,
        "frozen": Code.FROZEN,
        "term_ended": Code.TERM_ENDED,
        "underpaid": Code.UNDERPAID,
        "not_allowed": Code.NOT_ALLOWED,
        "not_enough_value": "E07",
        "not_enough_points": "E08",
        "over_cap": Code.NOT_ALLOWED,  # so often, so many; a card's cap is told by its flow
        "already_returned": Code.RETURNED,
        "not_returnable": Code.NOT_ALLOWED,
        "window_closed": Code.NOT_ALLOWED,
        "out_of_stock": Code.NOT_ALLOWED,
        "coupon_unknown": Code.NOT_ALLOWED,
        "coupon_used": Code.NOT_ALLOWED,
    }
)


def told_of(refusal: Refusal) -> tuple[tuple[str, str], ...]:
    """Return a refusal of the rules as the values of ours: its numbers, and why.

    The rules say what is there and the least that is needed; E08 says it the other way round.
    """
    values = dict(refusal.values)
    if refusal.code == "not_enough_points":
        values = {"x": values["min"], "y": values["x"]}
    return (*values.items(), *because(refusal.code, refusal.why))


def refusal_code(rules_code: str) -> str:
    """Return the code of the counter for a refusal of the rules."""
    return _OF_RULES.get(rules_code, Code.INPUT)
