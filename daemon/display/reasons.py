"""Why something is not allowed now (E30), in the words of the shop: Chinese, English, ASCII.

Each says what a clerk can do. Keys are the counter's own (codes.Why) and the codes by which acts
and rules refuse; what those say in a sentence of their own stands in sayings.py.
"""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.counter.codes import Why
from daemon.display.sayings import in_chinese

REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        Why.NO_RECEIPT: ("规则不收无小票退货,请找小票", "no returns without receipt: find it"),
        Why.TOO_LATE: ("已过办理期限,请店长处理", "it is too late for that: ask the manager"),
        Why.NOT_TAKEN_BACK: ("有商品不可退换,请取消该行", "some is not taken back: leave it out"),
        Why.HAS_MEMBER: ("此单已有会员,请换一张小票", "this sale has its member: take another"),
        Why.EARNED_ALREADY: (
            *(
                "此单已积分或已用于入会、续会,请换一张小票",
                "this sale has earned already: take another",
            ),
        ),
        Why.OTHER_RULES: (
            *("本机没有当时的规则,请联网后再办", "the rules of that sale are not here: go online"),
        ),
        Why.JOINED_LATER: (
            *("入会在此单之后,请换一张小票", "the member joined after this sale: take another"),
        ),
        Why.EARNS_NOTHING: (
            *("此单不产生积分,请向顾客说明", "this sale earns nothing for this card: say so"),
        ),
        Why.TOO_OFTEN: ("本月次数已满,请下月再办", "often enough this month: come next month"),
        Why.HQ_REPLACES: ("由总部补卡,请联系总部", "headquarters replaces cards: call them"),
        Why.HQ_TRANSFERS: ("由总部办理转赠,请联系总部", "headquarters passes points on: call them"),
        Why.HQ_FREEZES: ("由总部冻结、解冻,请联系总部", "headquarters freezes cards: call them"),
        Why.NO_TRANSFER: ("规则不许转赠积分,请向顾客说明", "these rules pass no points on: say so"),
        Why.POINTS_LIMIT: (
            *("超出转赠的分数限制,请改分数", "not so few or so many points at once: key others"),
        ),
        Why.SAME_MEMBER: (
            *(
                "是同一位会员,请刷另一位会员的卡",
                "the same member, or a visitor: swipe another card",
            ),
        ),
        Why.NO_RENEWAL: ("规则没有续会,请问总部", "these rules renew nothing: ask headquarters"),
        Why.NO_HAND_PRICE: (
            *("规则不许改价,请按原价收款", "these rules let nobody set a price: sell as it is"),
        ),
        Why.NOT_HERE_YET: ("货未到,请改日再领", "it has not come yet: come again"),
        Why.PAID_AT_MALL: ("此缴款单已付,不必再收", "this bill is paid already: nothing to do"),
        Why.BILL_LAPSED: (
            "此缴款单已失效,请重新输入商品",
            "its day is closed: key the goods again",
        ),
        Why.LISTED_TWICE: (
            *("此商品已在单中,请按 ENTER 完成", "these goods are on the list: end with ENTER"),
        ),
        Why.NOT_SO_MANY: (
            *("编号与件数不符,请重新输入", "the numbers are not so many pieces: key them again"),
        ),
        Why.SERIAL_HERE: ("此编号已在库,请核对", "a piece of this number is here: check it"),
        Why.SERIAL_NOT_HERE: ("此编号不在库,请核对", "no piece of this number is here: check it"),
        Why.WHOLE_BILLS: (
            *(
                "商场只收整单,请先取消其他付款",
                "the mall takes whole bills: take other tenders back",
            ),
        ),
        Why.MONEY_ONLY: (
            "会费、充值、换货差价请用现款支付",
            "paid in money only: take another tender",
        ),
        Why.MEMBERS_ONLY: ("会员才有,请先刷会员卡", "only a member has this: swipe the card"),
        Why.POINTS_NO_MONEY: (
            *("规则不许积分抵现,请用其他付款", "points are no money now: take another tender"),
        ),
        Why.POINTS_PAY_NOTHING: (
            *("积分不能付此单,请用其他付款", "points pay nothing of this: take another tender"),
        ),
        "not_allowed": ("规则或账本不许,请问店长", "rules or books forbid it: ask the manager"),
        "not_returnable": ("不能退,请店长处理", "it cannot come back: ask the manager"),
        "out_of_stock": ("库存不足,请换一样", "it is not in stock: take something else"),
        "coupon_unknown": ("没有此券,请重新选择", "there is no such coupon: choose again"),
        "coupon_used": ("此券已使用,请换一张", "this coupon is used: take another"),
        "not_enough_value": ("储值不足,请补其他付款", "stored value is short: take another tender"),
        "not_enough_points": ("积分不足,请补其他付款", "points are short: take another tender"),
        "over_cap": ("超过限额,请减少", "it is beyond the limit: take less"),
        "card_not_ours": ("不是本会的卡,请换一张", "this card is not ours: take another"),
        "purchase_too_small": ("本单金额不够,请添商品", "the purchase is too small: add goods"),
    }
)
OTHERWISE = REASONS["not_allowed"]  # what nobody has named is not left without a word


def reason(values: Mapping[str, str], language: str) -> str:
    """Return why, and what to do: what acts and rules said of it, else the reason's own words."""
    why, said = values.get("why", ""), values.get("said", "")
    zh, en = REASONS.get(why, OTHERWISE)
    if language == "en":
        return said.rstrip(".") or en
    return in_chinese(said) or zh


def plain_reason(values: Mapping[str, str]) -> str:
    """Return why in capitals that every line display has; what to do is on the key card."""
    zh_en = REASONS.get(values.get("why", ""))
    return "" if zh_en is None else zh_en[1].partition(":")[0].upper()
