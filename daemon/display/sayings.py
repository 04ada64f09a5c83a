"""What acts and rules refuse in a sentence, in Chinese: why, and what the clerk can do about it.

Acts and rules say it in English, with what they found; `{}` stands for each of that here. {0} and
on in the Chinese sentence are what was found, in that order; numbers of cards are not repeated.
"""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

SAYINGS: Mapping[str, str] = MappingProxyType(
    {
        # cards and members
        "card {} is nobody's here": "本店没有此卡,请核对卡号",
        "card {} is {} already": "此卡已是这个状态,不必再办",
        "stored value is left: refund or transfer it first": "卡内还有储值,请先退款或转出",
        "card {} is not the member's card any more": "此卡已换新卡,请刷新卡",
        "card {} is no blank card of this shop": "不是本店的空白卡,请换一张",
        "one more card is for a member who is known here": "本店没有此会员,请刷会员卡",
        "card {} was reported lost: replace it first": "此卡已挂失,请先补卡",
        "card {} is {}: ask headquarters": "此卡不能使用,请联系总部",
        # money
        "{} is no bill for the mall's till": "不是缴款单,请扫缴款单",
        "tenders are money; ask for value_fen, points_used, coupons": "付款方式有误,请换一种付款",
        "a tender pays less than nothing: give amounts from 0 up": "金额有误,请重新输入",
        "the tenders make {} fen; {} fen are due": "收款与应收不符,请重新收款",
        "{} is no tender of this counter. Use {}.": "本柜没有此付款方式,请换一种",
        "the bill is paid; take {} back.": "已经付清,请按 - 取消多收的一笔",
        "money taken cannot be less than nothing.": "金额有误,请重新输入",
        "{} gives no change: {} is open, {} was keyed.": "{0} 不能找零,请按还差的 {1} 输入",
        "{} of stored value is asked for, {} is there.": "储值只有 {1},请补其他付款",
        "{} is still open. Take one more tender.": "还差 {0},请再收一笔",
        # points
        "a grant has a member, a reason and points from 0 up": "缺少会员、原因或分数,请补齐",
        "an adjustment needs a reason and a second person: a manager": "缺原因,请店长授权",
        "an adjustment has a member, and points or growth": "请先刷会员卡,再输分数",
        "{} is no anonymous sale": "此单已有会员,请换一张小票",
        "give the points of each of its {} lines": "各行分数不全,请逐行补齐",
        "points are booked to a receipt within a day of it": "已过补积分的期限,请向顾客说明",
        "a part of this sale is back: it earns no more": "此单已有退货,不能再补积分",
        "a transfer goes to somebody else, in points or stored value": "请刷另一位会员的卡",
        "points are owed back (待扣积分): they are settled first": "有待扣积分,扣清后再转赠",
        "less than {} may be spent here": "本店可用的不足 {0} 分,请减少",
        "both members must be known here": "本店没有其中一位会员,请联网后再办",
        "say why: the reason stands in the books": "请先选原因",
        "{} points asked for, {} are there": "积分不足,现有 {1},请减少",
        "{} points are needed, {} may be spent here": "积分不足,可用 {1},请改用其他付款",
        "{} points are asked for, {} are there.": "积分不足,现有 {1},请减少",
        "{} fen may be spent here, {} are missing": "储值不足,请补其他付款",
        "points and coupons are for members whose card is in order.": "会籍不在有效期,请先续会",
        "points are no money under these rules.": "规则不许积分抵现,请用其他付款",
        "points are no money at this time.": "现在不能积分抵现,请用其他付款",
        # gifts and coupons
        "a redemption has a member, points and a gift": "请先刷会员卡,再选礼品",
        "points buy goods or a coupon: name one of them": "请选一样礼品",
        "nothing waits for member {} as {}": "没有这样待领取,请重新选择",
        "{} wait as {}: hand over 1 to all of them": "只有 {0} 件待领取,请改件数",
        "{} ended at {}": "已过领取期限,请联系总部",
        "{} gives more than one kind of goods": "此礼品不止一样商品,请到总部兑换",
        "{} grants nothing here. Use {}.": "规则没有此赠送,请换一样",
        "{} needs {}.": "还缺条件,请先补齐",
        "no gift {}. Use {}.": "没有此礼品,请重新选择",
        "{} is not given at this time.": "现在不在兑换时间,请改日再来",
        "{} is for {}.": "会员级别不够,请换一样礼品",
        "{} takes {} points, {} are there.": "需 {1} 分,现有 {2} 分,请换一样礼品",
        "{} was given {} times this {}.": "次数已满,请下一期再兑换",
        "coupon {} has nothing here to pay.": "本单没有此券可付的商品,请换一张券",
        "{} cannot be used on one receipt.": "这几张券不能同单使用,请取消一张",
        "of {} {} may be used on a receipt.": "每单只能用 {1} 张,请取消多的",
        "of {} {} may be used each {}.": "此券的次数已满,请下一期再用",
        "coupon {} lapsed on {}.": "此券已于 {1} 到期,请换一张券",
        "coupon {} needs {} of its goods, not {}.": "满 {1} 方可用此券,本单 {2},请添商品",
        "coupon {} is not for this time or member.": "此券现在不能用,请换一张券",
        "member {} has no coupon {} to use here": "会员没有此券,请重新选择",
        "1 to {} coupons of a kind, to a member": "每种券至多 {0} 张,请减少",
        "member {} has no {} to use here": "会员没有此券,请重新选择",
        "{} used no coupon": "此单没有用券,请核对单号",
        # stored value
        "{} is no top-up": "不是充值单,请重新选择",
        "basis {}: own_wish or not_own_wish": "请先选退款原因",
        "nothing is left of {}": "此笔充值已用完,没有可退的",
        "{} was paid back already": "此笔已退过,请另选一笔",
        "{} {} of {} lie in another hand": "有一部分在别的店,请联网后再退",
        "a part of {} is spent or gone: refund the rest": "已用掉一部分,请按 * 退余额",
        "a coupon of {} is used: refund the rest": "所赠的券已使用,请按 * 退余额",
        "stored value is a member's: swipe a card that is known here": "请刷本店认得的会员卡",
        "a top-up has an amount above 0": "请输入充值金额",
        "the card may hold {} fen, bonus included: {} at most": "超过卡的限额,请减少金额",
        "this top-up needs an identity document: it is kept 5 years": "请先登记身份证件,再按 1",
        "the active rules know no stored value.": "规则没有储值,请问总部",
        "a top-up is at least {}, this one is {}.": "每笔至少充 {0},请加金额",
        "{} holds at most {}, this would be {}.": "最多可存 {1},请减少金额",
        # joining and renewing
        "the active rules let nobody join. Ask headquarters.": "规则没有入会,请问总部",
        "nobody joins by {} here. Use {}.": "规则没有此入会方式,请换一种",
        "{} is no level that a fee buys. Use {}, with fee.": "会费不能买此级别,请换一种",
        "the active rules renew nothing.": "规则没有续会,请问总部",
        "nobody renews by {} here. Use {}.": "规则没有此续会方式,请换一种",
        "this membership has no end.": "会籍没有期限,不必续会",
        "renewing opens on {}.": "{0} 起可续会,请到时再办",
        "{} of {} lets in, this one is {}.": "满 {1} 方可,本单 {2},请添商品或换方式",
        "{} pieces let in, these are {}.": "满 {0} 件方可,现有 {1} 件,请添商品或换方式",
        "{} by {} needs the {} that qualifies.": "没有合条件的一单,请换一种方式",
        "only a member who is known here renews: swipe the card": "本店没有此会员,请刷会员卡",
        "the membership of {} has no end: nothing to renew": "会籍没有期限,不必续会",
        "one renews by fee, by grant, or by a purchase: name its sale": "请先选续会方式",
        "amounts are counted from 0 up": "金额有误,请重新输入",
        "a gift has a sku, and pieces from 1 up": "赠品件数有误,请联系总部",
        "it holds until {} already: renew beyond that": "会籍还有效,不必再续",
        "{} is no time: write 2028-03-06T10:00:00+08:00": "日期有误,请联系总部",
        # what comes back
        "everything of {} is back already": "此单已全部退完,请核对单号",
        "a return without receipt needs a second person: a manager": "无小票退货,请店长授权",
        "name each line once, with a quantity from 1 up": "件数有误,请重新输入",
        "{} has no line {}": "没有这一行,请重新选择",
        "line {} of {} is back already": "这一行已退过,请选其他行",
        "of line {} only {} may still come back": "这一行还可退 {1} 件,请改件数",
        "goods come back within {}; this sale was on {}.": "已过退货期限,请店长处理",
        "{} is not taken back.": "此商品不可退换,请向顾客说明",
        "{} was sold before the books of this box began": "此单早于本机账本,请回原处办理",
        "{} sold nothing that can come back": "此单没有可退的商品,请核对单号",
        "{} is no sale of this box: ask headquarters": "本机没有此单,请核对单号或问总部",
        "{} was paid by lots of another shop: take it back, then sell anew": (
            "此单在他店用过储值、积分或券,请先退货再另开单"
        ),
        "this code is no receipt of ours": "不是本会的小票码,请输单号",
        # prices by hand, the sale itself
        "{} may set no price by hand here.": "规则不许您改价,请找店长",
        "{} is no reason here. Use one of {}.": "没有此改价原因,请重新选择",
        "{} may set {} to {}, not {}.": "只可改为 {1} 到 {2},请重新输入",
        "{}: for members only. Take a card, or the goods back.": "会员专享商品,请刷卡或取消该行",
        # shifts
        "{} is signed on: sign off first": "{0} 已上班,请先交班 /7 2",
        "a float is counted from 0 up": "备用金有误,请重新输入",
        "nobody is signed on": "无人上班,请先按 /7 1",
        "count the cash, and each other tender at most once": "请清点现金,其他方式各一次",
        "{} leave nothing to count": "这种付款不用清点,请按 ENTER",
        "cash moves {}, by an amount above 0": "请输入金额",
        "cash paid out needs a reason": "请先选支出事由",
        "say why the drawer is opened": "请先选开钱箱事由",
        "name each of the staff once": "工号重复,请重新输入",
        "{} is owed {} fen, not {}": "金额与应付不符,请核对",
        "{} is closed already, or nothing was sold": "今日已日结或没有营业,不必再结",
        # stock
        "{} is no reason: {}": "没有此事由,请重新选择",
        "a count names each kind of goods once, from 0 pieces up": "同一商品请只盘一次",
        "{} has serial numbers: book its count before anything else": "有编号,请先入账再动库存",
        "{}: {} pieces, other than its serial numbers": "{0} 的编号与件数不符,请重新输入",
        "{} has serial numbers: count them by number": "{0} 有编号,请逐个刷或扫",
        "{} is no chain: give box.epoch, as 0019.1": "没有此店,请核对店号",
        "{} sent no goods, or it is not known here yet": "发货单还没到,请联网后再收",
        "numbered goods arrive as they were sent; else send anew": "编号与发货不同,请对方重发",
        "{} was not sent by {}": "{0} 不在此发货单上,请核对",
        "{}: {} came, {} were sent": "{0} 收到 {1} 件,发出 {2} 件,请核对",
        "name each kind of goods once, by its sku": "同一商品请只输入一次",
        "a quantity is a number of pieces above 0": "件数有误,请重新输入",
        "too many numbers for one entry: book them in two": "编号太多,请分两次入账",
        "{}: use by {}: YYYY-MM-DD": "{0} 的限用日期有误,请重新输入",
        "{} is no bill of this box": "本机没有此缴款单,请核对",
    }
)


def in_chinese(said: str) -> str:
    """Return a sentence of acts or rules in Chinese; "" for one that is not known."""
    for pattern, chinese in _patterns():
        found = pattern.fullmatch(said)
        if found is not None:
            return chinese.format(*found.groups())
    return ""


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the table ready to be searched; sentences with more words of their own come first."""
    longest = sorted(SAYINGS, key=lambda said: len(said.replace("{}", "")), reverse=True)
    return tuple(
        (re.compile("(.+?)".join(map(re.escape, said.split("{}")))), SAYINGS[said])
        for said in longest
    )
