"""The words on the page: one frozen record, filled once per language.

Templates take their values by name with str.format. What stands in wording keeps its words.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

_HAN = "[\u4e00-\u9fff]"
_COMMA = re.compile(f"(?<={_HAN}),|,(?={_HAN})")
_COLON = re.compile(f"(?<={_HAN}):")


class Words(msgspec.Struct, frozen=True):
    welcome: str
    hello: str  # above a member's name
    tail: str  # {tail}
    unnamed: str  # {tail}
    basket: str
    running: str  # marks a running quote
    unpaid: str  # marks a quote that waits for money
    paid_mark: str  # marks what is in the books
    earlier: str  # {n} lines that are not shown
    pieces: str  # {n}
    grams: str  # {n}
    was: str  # {price}
    total: str
    due: str
    paid: str
    rest: str
    saved: str
    will_earn: str
    given: str
    change: str
    done: Mapping[str, str]  # entry kind to title; what is not here is no customer's business
    paid_back: str
    payment: str  # a total that is not of goods: a fee, a top-up
    points: str
    earned: str
    balance: str
    worth: str  # of the points, as money
    until: str
    waiting: str  # 待领取
    and_more: str  # {all}
    buys: str  # what points buy
    lacking: str  # {n} points more are needed
    coupon: str  # {yuan}
    lapsing: str
    lapse: str  # {points}
    invite: str
    price: str
    member_price: str
    wait: str
    checking: str
    asking: str  # headquarters
    practice: str  # at the head of every view while nothing counts
    marks: Mapping[str, str]  # price class to mark; member_price is a class of its own here


ZH = Words(
    welcome="欢迎光临",
    hello="您好",
    tail="卡尾号 {tail}",
    unnamed="会员 尾号 {tail}",
    basket="本单商品",
    running="未结账",
    unpaid="待付款",
    paid_mark="已付款",
    earlier="另有 {n} 行",
    pieces="{n} 件",
    grams="{n} 克",
    was="原价 {price}",
    total="合计",
    due="应付",
    paid="已付",
    rest="还差",
    saved="已优惠",
    will_earn="预计积分",
    given="实收",
    change="找零",
    done=MappingProxyType(
        {
            "sale": "谢谢惠顾",
            "mall.billed": "请到商场收银台付款",
            "member.enrolled": "欢迎入会",
            "member.renewed": "续会完成",
            "sale.claimed": "积分已补登",
            "topup": "充值完成",
            "topup.voided": "充值已撤销",
            "value.refunded": "储值已退",
            "return": "退货完成",
            "return.unreferenced": "退货完成",
            "exchange": "换货完成",
            "sale.voided": "本单已作废",
            "points.redeemed": "兑换完成",
            "entitlement.handed_over": "礼品已交付",
            "coupon.redeemed": "券已使用",
            "points.transferred": "积分已转赠",
            "card.replaced": "新卡已启用",
            "card.lost": "此卡已挂失",
            "deposit.taken": "定金已收",
            "deposit.applied": "定金已抵用",
            "deposit.refunded": "定金已退",
        }
    ),
    paid_back="已退",
    payment="付款",
    points="可用积分",
    earned="本次积分",
    balance="储值余额",
    worth="积分可抵",
    until="会籍有效期至",
    waiting="待领取",
    and_more=" 等 {all} 样",
    buys="积分可兑换",
    lacking="还差 {n} 分",
    coupon="{yuan} 元券",
    lapsing="即将到期",
    lapse="{points} 分",
    invite="会员请出示会员卡",
    price="单价",
    member_price="会员价",
    wait="请稍候",
    checking="正在核对，请稍候",
    asking="正在问总部，请稍候",
    practice="练习·无效",
    marks=MappingProxyType(
        {"member_price": "会员价", "special": "特价", "swap": "换购", "gift": "赠品"}
    ),
)

EN = Words(
    welcome="Welcome",
    hello="Welcome",
    tail="Card ..{tail}",
    unnamed="Member ..{tail}",
    basket="Your basket",
    running="Not yet paid",
    unpaid="To be paid",
    paid_mark="Paid",
    earlier="and {n} more",
    pieces="{n} pcs",
    grams="{n} g",
    was="was {price}",
    total="Total",
    due="To pay",
    paid="Paid",
    rest="Still due",
    saved="You save",
    will_earn="Points expected",
    given="Cash",
    change="Change",
    done=MappingProxyType(
        {
            "sale": "Thank you",
            "mall.billed": "Please pay at the mall's till",
            "member.enrolled": "Welcome to the club",
            "member.renewed": "Membership renewed",
            "sale.claimed": "Points added",
            "topup": "Topped up",
            "topup.voided": "Top-up taken back",
            "value.refunded": "Stored value paid back",
            "return": "Returned",
            "return.unreferenced": "Returned",
            "exchange": "Exchanged",
            "sale.voided": "Sale cancelled",
            "points.redeemed": "Enjoy your gift",
            "entitlement.handed_over": "Enjoy your gift",
            "coupon.redeemed": "Coupon used",
            "points.transferred": "Points passed on",
            "card.replaced": "Your new card is ready",
            "card.lost": "This card is blocked",
            "deposit.taken": "Deposit received",
            "deposit.applied": "Deposit used",
            "deposit.refunded": "Deposit paid back",
        }
    ),
    paid_back="Paid back",
    payment="Payment",
    points="Points",
    earned="Points earned",
    balance="Stored value",
    worth="Points are worth",
    until="Member until",
    waiting="Waiting for you",
    and_more=" ({all} in all)",
    buys="Your points buy",
    lacking="{n} to go",
    coupon="{yuan} yuan off",
    lapsing="Lapsing next",
    lapse="{points}",
    invite="Members: your card, please",
    price="Price",
    member_price="Members pay",
    wait="Please wait",
    checking="One moment, please",
    asking="Asking headquarters, one moment",
    practice="Practice - not valid",
    marks=MappingProxyType(
        {"member_price": "Member price", "special": "Offer", "swap": "Add-on", "gift": "Gift"}
    ),
)


def typeset(text: str) -> str:
    """Return Chinese with its own punctuation: paper saves cells, a page has room."""
    return _COLON.sub("：", _COMMA.sub("，", text))


def words_of(language: str) -> Words:
    """Return the words for zh_CN or en; config lets nothing else through."""
    return EN if language == "en" else ZH


class StripWords(msgspec.Struct, frozen=True):
    """The words of the clerk's strip; what a step asks stands in display/asks.py."""

    ready: str
    basket: str  # {n} {yuan}
    due: str  # {yuan}
    change: str  # {yuan}
    done: str
    member: str  # {tail}
    checking: str
    asking: str
    waiting: str  # {n}
    offers: Mapping[str, str]


STRIP_ZH = StripWords(
    ready="待机",
    basket="{n} 行 合计 {yuan}，ENTER 结账",
    due="应收 {yuan}",
    change="找零 {yuan}",
    done="已完成",
    member="会员 尾号 {tail}",
    checking="正在核对，请勿断电",
    asking="正在问总部，CLEAR 不等",
    waiting="{n} 键待处理",
    offers=MappingProxyType(
        {
            "enrol_by_purchase": "可入会:/2",
            "message": "总部消息,按 /9 2 看",
            "stick_busy": "U盘同步中,请勿拔出",
            "stick_done": "U盘同步完成,可拔出",
            "stick_look": "U盘同步有问题,请看小票",
            "config_look": "新配置有错,仍用旧配置,请看小票",
        }
    ),
)

STRIP_EN = StripWords(
    ready="Ready",
    basket="{n:line}, total {yuan}; ENTER to settle",
    due="Due {yuan}",
    change="Change {yuan}",
    done="Done",
    member="Member ..{tail}",
    checking="Checking the books: keep the power on",
    asking="Asking headquarters; CLEAR goes on without",
    waiting="{n:key} waiting",
    offers=MappingProxyType(
        {
            "enrol_by_purchase": "May join: /2",
            "message": "Word from headquarters: /9 2",
            "stick_busy": "Stick: leave it in",
            "stick_done": "Stick done: pull it out",
            "stick_look": "Stick: see the paper",
            "config_look": "The new config has mistakes: see the paper",
        }
    ),
)


def strip_words_of(language: str) -> StripWords:
    return STRIP_EN if language == "en" else STRIP_ZH
