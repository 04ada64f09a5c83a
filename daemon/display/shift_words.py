"""The words of the shift's and the day's papers, in Chinese and English."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec


class ShiftWords(msgspec.Struct, frozen=True):
    """Templates take their values by name."""

    x: str  # titles
    z: str
    today: str
    hand_over: str
    cash: Mapping[str, str]  # by way
    points_check: str
    automatic: str
    business_date: str
    since: str
    nobody: str
    sales: str
    returned: str
    exchanged: str
    rounding: str
    net: str
    of_goods: str
    of_other: str
    count: str  # {n}
    topups: str
    fees: str
    joined: str
    visits: str
    points: str
    granted: str
    taken_back: str
    redeemed: str
    paid_with: str
    float: str
    moved: str
    over: str
    short: str
    expected: str
    drawer_opened: str
    counted: str
    booked: str
    left: str
    amount: str
    reason: str
    receiver: str
    reasons: Mapping[str, str]
    signatures: tuple[str, ...]
    signed: str
    times: str  # {n}
    checked_on: str
    affected: str  # {n} {points}
    more_affected: str  # {n}
    nobody_affected: str
    handled: str
    alone: str  # {n}


ZH = ShiftWords(
    x="交班单(X)",
    z="日结单(Z)",
    today="今日营业",
    hand_over="交班单",
    cash=MappingProxyType({"in": "现金存入单", "out": "现金支出单", "banked": "现金缴款单"}),
    points_check="积分核对单",
    automatic="自动日结",
    business_date="营业日",
    since="自",
    nobody="未上班",
    sales="销售",
    returned="退货",
    exchanged="换货差额",
    rounding="抹零",
    net="商品净额",
    of_goods="商品",
    of_other="充值会费",
    count="{n}笔",
    topups="储值充值",
    fees="会费",
    joined="新入会",
    visits="到店未购",
    points="积分",
    granted="发放",
    taken_back="扣回",
    redeemed="兑换",
    paid_with="支付",
    float="备用金",
    moved="现金存取",
    over="长款",
    short="短款",
    expected="钱箱应有",
    drawer_opened="开钱箱",
    counted="清点",
    booked="账面",
    left="钱箱留存",
    amount="金额",
    reason="事由",
    receiver="接收",
    reasons=MappingProxyType(
        {"change": "换零", "purchase": "采购", "expense": "费用", "other": "其他"}
    ),
    signatures=("交班人签名:", "接班人签名:"),
    signed="签名:",
    times="{n}次",
    checked_on="核对日",
    affected="{n}张卡,共 {points} 分将清零",
    more_affected="另有 {n}张卡,见U盘上的表",
    nobody_affected="没有将被清零的积分",
    handled="经手",
    alone="账目只存于本机,总部已 {n} 天未收到:请联网、带U盘,或设第二副本",
)

EN = ShiftWords(
    x="SHIFT REPORT (X)",
    z="DAY REPORT (Z)",
    today="Today so far",
    hand_over="HAND-OVER",
    cash=MappingProxyType({"in": "CASH IN", "out": "CASH OUT", "banked": "CASH HANDED IN"}),
    points_check="CHECK OF POINTS",
    automatic="closed by the box",
    business_date="Business date",
    since="since",
    nobody="nobody signed on",
    sales="Sales",
    returned="Returns",
    exchanged="Exchanges",
    rounding="Rounding",
    net="Goods, net",
    of_goods="goods",
    of_other="top-ups, fees",
    count="{n:entry}",
    topups="Top-ups",
    fees="Fees",
    joined="New members",
    visits="Came, bought nothing",
    points="Points",
    granted="granted",
    taken_back="taken back",
    redeemed="redeemed",
    paid_with="paid with",
    float="Float",
    moved="Cash moved",
    over="Over",
    short="Short",
    expected="Due in drawer",
    drawer_opened="Drawer opened",
    counted="counted",
    booked="books",
    left="Left in drawer",
    amount="Amount",
    reason="Reason",
    receiver="Receiver",
    reasons=MappingProxyType(
        {"change": "change", "purchase": "purchase", "expense": "expense", "other": "other"}
    ),
    signatures=("Handed over by:", "Taken over by:"),
    signed="Signature:",
    times="{n:time}",
    checked_on="Checked on",
    affected="{n:card}, {points:point} will go",
    more_affected="and {n:card} more: see the table on the stick",
    nobody_affected="No points will go",
    handled="By",
    alone="The books lie on this box alone; headquarters has heard nothing for {n:day}:"
    " bring the network back, carry a stick, or set a second copy",
)


def shift_words(language: str) -> ShiftWords:
    return EN if language == "en" else ZH
