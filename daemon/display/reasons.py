"""Why something is not allowed now (E30), in the words of the shop: Chinese, English, ASCII.

Keys are the counter's own (codes.Why) and the codes by which acts and rules refuse. What acts say
in a sentence of their own is for whoever reads English; a Chinese page has the words from here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.counter.codes import Why

REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        Why.NO_RECEIPT: ("规则不收无小票退货", "these rules take nothing back without receipt"),
        Why.TOO_LATE: ("已过办理期限", "it is too late for that"),
        Why.NOT_TAKEN_BACK: ("有商品不可退换", "some of these goods are not taken back"),
        Why.HAS_MEMBER: ("此单已有会员", "this sale has its member"),
        Why.EARNED_ALREADY: ("此单已积分或已用于入会、续会", "this sale has earned already"),
        Why.OTHER_RULES: ("本机没有当时的规则", "the rules of that sale are not here"),
        Why.JOINED_LATER: ("入会在此单之后", "the member joined after this sale"),
        Why.EARNS_NOTHING: ("此单不产生积分", "this sale earns nothing for this card"),
        Why.TOO_OFTEN: ("本月次数已满", "often enough this month"),
        Why.HQ_REPLACES: ("由总部补卡", "headquarters replaces cards"),
        Why.HQ_TRANSFERS: ("由总部办理转赠", "headquarters passes points on"),
        Why.NO_TRANSFER: ("规则不许转赠积分", "these rules pass no points on"),
        Why.POINTS_LIMIT: ("超出转赠的分数限制", "not so few or so many points at once"),
        Why.SAME_MEMBER: ("请刷另一位会员的卡", "that is the same member, or a visitor"),
        Why.NO_RENEWAL: ("规则没有续会", "these rules renew nothing"),
        Why.NO_HAND_PRICE: ("规则不许改价", "these rules let nobody set a price by hand"),
        Why.NOT_HERE_YET: ("货未到", "it has not come yet"),
        Why.PAID_AT_MALL: ("此缴款单已付", "this bill is paid already"),
        Why.BILL_LAPSED: ("缴款单已失效,请重新输入商品", "its day is closed: key the goods again"),
        Why.LISTED_TWICE: ("此商品已在单中", "these goods are on the list already"),
        Why.NOT_SO_MANY: ("编号与件数不符", "the numbers are not so many pieces"),
        Why.SERIAL_HERE: ("此编号已在库", "a piece of this number is here already"),
        Why.SERIAL_NOT_HERE: ("此编号不在库", "no piece of this number is here"),
        Why.WHOLE_BILLS: (
            "商场只收整单,请先取消其他付款",
            "the mall takes whole bills: take the other tenders back",
        ),
        Why.MEMBERS_ONLY: ("请先刷会员卡", "only a member has this: swipe the card"),
        Why.POINTS_NO_MONEY: ("规则不许积分抵现", "points are no money under these rules now"),
        Why.POINTS_PAY_NOTHING: ("积分不能付此单", "these points pay nothing of this bill"),
        "not_returnable": ("不能退", "it cannot come back"),
        "out_of_stock": ("库存不足", "it is not in stock"),
        "coupon_unknown": ("没有此券", "there is no such coupon"),
        "coupon_used": ("此券已使用", "this coupon is used"),
        "not_enough_value": ("储值不足", "stored value is short"),
        "not_enough_points": ("积分不足", "points are short"),
        "over_cap": ("超过限额", "it is beyond the limit"),
        "card_not_ours": ("不是本会的卡", "this card is not ours"),
    }
)


def reason(values: Mapping[str, str], language: str) -> str:
    """Return why, in a language; "" where nothing more is known. English: the act's own words."""
    zh, en = REASONS.get(values.get("why", ""), ("", ""))
    if language == "en":
        return values.get("said") or en
    return zh


def plain_reason(values: Mapping[str, str]) -> str:
    """Return why in capitals that every line display has."""
    return REASONS.get(values.get("why", ""), ("", ""))[1].upper()
