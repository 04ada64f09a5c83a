"""What every step asks, in the shop's words: on a page, on paper, on a pole (ASCII, 16 cells)."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from daemon.counter.codes import Ask

NO_CHOICES: Mapping[str, tuple[str, str, str]] = MappingProxyType({})


class Asked(msgspec.Struct, frozen=True):
    """A step in words. `choices`: its fixed choices by key, in Chinese, English and ASCII."""

    zh: str
    en: str
    pole: str
    choices: Mapping[str, tuple[str, str, str]] = msgspec.field(default_factory=lambda: NO_CHOICES)


def _choices(**rows: tuple[str, str, str]) -> Mapping[str, tuple[str, str, str]]:
    """Return choices by key; a digit is written `_1`."""
    return MappingProxyType({key.removeprefix("_"): words for key, words in rows.items()})


ASKED: Mapping[Ask, Asked] = MappingProxyType(
    {
        Ask.ITEM: Asked("货号", "Product number", "ITEM NUMBER"),
        Ask.FUNCTION: Asked("功能键", "Function", "FUNCTION 0-9"),
        Ask.QUANTITY: Asked("数量,再扫商品", "Quantity, then the goods", "QUANTITY, ITEM"),
        Ask.PRICE_LOOKUP: Asked("查价", "Price of what?", "PRICE OF WHICH?"),
        Ask.PRICE: Asked("输入价格,再按 +", "Key the price, then +", "KEY PRICE, +"),
        Ask.GUIDE: Asked("导购工号", "Guide", "GUIDE NUMBER"),
        Ask.CARD_NUMBER: Asked("卡号", "Card number", "CARD NUMBER"),
        Ask.REFERENCE: Asked("凭证号(可空)", "Reference, or none", "REFERENCE NO."),
        Ask.MUCH_CASH: Asked("实收这么多?ENTER 确认", "So much cash? ENTER", "SO MUCH? ENTER"),
        Ask.BLANK_CARD: Asked(
            "刷空白卡(续会刷会员卡)", "Swipe a blank card, or one to renew", "SWIPE BLANK CARD"
        ),
        Ask.CHANNEL: Asked(
            *("入会方式", "How does he join?", "1FEE 2SALE 3GIFT"),
            _choices(
                _1=("缴纳会费", "by fee", "FEE"),
                _2=("上一单消费", "by the last purchase", "LAST PURCHASE"),
                _3=("赠予", "as a gift", "GIFT"),
            ),
        ),
        Ask.RENEW_CHANNEL: Asked(
            *("续会方式", "How is it renewed?", "RENEW 1F 2S 3G"),
            _choices(
                _1=("缴纳会费", "by fee", "FEE"),
                _2=("今日消费", "by a purchase of today", "PURCHASE TODAY"),
                _3=("赠予", "as a gift", "GIFT"),
            ),
        ),
        Ask.PHONE: Asked("手机号", "Phone number", "PHONE NUMBER"),
        Ask.PHONE_AGAIN: Asked("再输手机后四位", "The phone's last four digits", "PHONE: LAST 4"),
        Ask.TERMS: Asked("已阅章程并同意:1", "Terms agreed to: 1", "TERMS? 1 YES"),
        Ask.MARKETING: Asked("接收优惠信息:1 是 0 否", "Offers: 1 yes, 0 no", "OFFERS? 1Y 0N"),
        Ask.FEE: Asked("会费,请收款", "The fee", "FEE, THEN TENDER"),
        Ask.MANAGER: Asked("店长工号或工牌", "The manager's number or badge", "MANAGER NO."),
        Ask.MANAGER_PIN: Asked("店长密码", "The manager's PIN", "MANAGER PIN"),
        Ask.MANAGER_NEW_PIN: Asked("设店长密码(4至6位)", "A new PIN, 4 to 6 digits", "NEW PIN 4-6"),
        Ask.PIN: Asked("请顾客输入密码", "Let the customer key the PIN", "CUSTOMER PIN"),
        Ask.MALL_SLIP: Asked("商场小票号", "The mall's slip number", "MALL SLIP NO."),
        Ask.LINE: Asked("改哪一行的价(空为最后)", "Which line? ENTER: the last", "LINE NO."),
        Ask.NEW_PRICE: Asked("改后单价", "The new price of one", "NEW PRICE"),
        Ask.PRICE_REASON: Asked("改价原因", "Why another price?", "WHY? NUMBER"),
        Ask.CHOICE: Asked("选券或优惠", "Which coupon or offer?", "COUPON OR OFFER"),
        Ask.PARKED: Asked("取哪一单", "Recall which basket?", "RECALL WHICH?"),
        Ask.PARKED_AS: Asked("挂单", "Parked", "PARKED AS"),
        Ask.TOPUP_CARD: Asked("刷会员卡,或手机号", "Swipe the card, or phone", "CARD OR PHONE"),
        Ask.TOPUP_AMOUNT: Asked(
            *("充值金额", "Amount to top up", "AMOUNT, - BACK"),
            _choices(
                **{
                    "-": ("充值冲正", "take a top-up back", "TAKE BACK"),
                    "*": ("储值退款", "refund stored value", "REFUND"),
                }
            ),
        ),
        Ask.REFUND_WHICH: Asked("退哪一笔充值", "Refund which top-up?", "REFUND WHICH?"),
        Ask.REFUND_BASIS: Asked(
            *("退款原因", "Why is it refunded?", "1 OWN WISH 2 NOT"),
            _choices(
                _1=("顾客自愿", "the member's own wish", "OWN WISH"),
                _2=("非顾客原因", "not the member's wish", "NOT OWN WISH"),
            ),
        ),
        Ask.REFUND_BY: Asked(
            *("退款方式", "How is it paid back?", "1 AS PAID 2 CASH"),
            _choices(
                _1=("原支付方式", "as it was paid", "AS IT WAS PAID"),
                _2=("现金", "in cash", "CASH"),
            ),
        ),
        Ask.TOPUP_WHICH: Asked("冲正哪一笔", "Which top-up?", "WHICH TOP-UP?"),
        Ask.IDENTITY: Asked(
            *("已登记身份证件:1 是 0 否", "Identity recorded: 1 yes, 0 no", "IDENTITY? 1Y 0N"),
            _choices(_1=("已登记", "recorded", "RECORDED"), _0=("未登记", "not seen", "NOT SEEN")),
        ),
        Ask.AFTER_SALE: Asked(
            *("扫小票码、输单号或刷卡", "Scan the receipt, its number, or the card"),
            "RECEIPT, 0 2 3 *",
            _choices(
                **{
                    "_0": ("作废上一单", "void the last sale", "VOID LAST SALE"),
                    "_2": ("补积分", "late points", "LATE POINTS"),
                    "_3": ("换货", "exchange", "EXCHANGE"),
                    "*": ("无小票退货", "goods without a receipt", "NO RECEIPT"),
                }
            ),
        ),
        Ask.SWAP_SALE: Asked(
            "换货:扫小票码、输单号或刷卡", "Exchange: the receipt, or the card", "SWAP: RECEIPT"
        ),
        Ask.SWAP_ITEM: Asked("换出商品;ENTER 完成", "What goes out? ENTER ends", "OUT, ENTER ENDS"),
        Ask.SWAP_SURE: Asked("换货:ENTER 确认", "Exchange: ENTER", "SWAP? ENTER"),
        Ask.LATE_SALE: Asked(
            "补积分:小票码或单号,空为上一单", "Late points: receipt, or the last", "LATE: RECEIPT"
        ),
        Ask.LATE_CARD: Asked("刷卡,或输手机号", "Card, or phone", "CARD OR PHONE"),
        Ask.LOOSE_ITEM: Asked(
            "无小票退货:商品;ENTER 完成", "What comes back? ENTER ends", "BACK, ENTER ENDS"
        ),
        Ask.PURCHASE: Asked("退哪一单", "Which purchase?", "WHICH PURCHASE?"),
        Ask.BACK_LINE: Asked(
            "退哪一行;ENTER 完成(空为全部)",
            "Which line? ENTER ends, alone: all",
            "LINE, ENTER ENDS",
        ),
        Ask.BACK_QTY: Asked("退几件(空为全部)", "How many, or all", "HOW MANY, OR ALL"),
        Ask.BACK_REASON: Asked(
            *("退货原因", "Why?", "REASON 1-5"),
            _choices(
                _1=("未拆封", "unopened", "UNOPENED"),
                _2=("已拆封", "opened", "OPENED"),
                _3=("过敏/质量", "allergy or quality", "ALLERGY/QUALITY"),
                _4=("发错货", "wrong goods", "WRONG GOODS"),
                _5=("其他", "other", "OTHER"),
            ),
        ),
        Ask.VOID_SALE: Asked("作废上一单:ENTER 确认", "Void it: ENTER", "VOID? ENTER"),
        Ask.GIFT_CARD: Asked("刷会员卡,或手机号", "Swipe the card, or phone", "CARD OR PHONE"),
        Ask.GIFT: Asked("兑换或领取哪一样", "Redeem or hand over what?", "WHICH GIFT?"),
        Ask.GIFT_SURE: Asked("ENTER 确认", "Sure? ENTER", "SURE? ENTER"),
        Ask.CARD_HELD: Asked(
            "刷卡,或输手机号或 ..卡号", "Card, phone, or ..number", "CARD OR PHONE"
        ),
        Ask.CARD_SERVICE: Asked(
            *("卡服务", "Card service", "CARD 1-6"),
            _choices(
                _1=("挂失", "lost", "LOST"),
                _2=("补卡", "a new card for it", "REPLACE"),
                _3=("冻结", "freeze", "FREEZE"),
                _4=("恢复使用", "use it again", "USE AGAIN"),
                _5=("积分转赠", "points to another", "PASS POINTS ON"),
                _6=("设密码", "the member's PIN", "NEW PIN"),
            ),
        ),
        Ask.NEW_CARD: Asked("刷空白卡", "Swipe the new card", "SWIPE NEW CARD"),
        Ask.NEW_PIN: Asked("请顾客设密码(4至6位)", "The customer's new PIN", "NEW PIN 4-6"),
        Ask.NEW_PIN_AGAIN: Asked("再输一次密码", "The same PIN again", "PIN AGAIN"),
        Ask.TRANSFER_TO: Asked("受赠人:刷卡或手机号", "To whom? Card or phone", "TO: CARD, PHONE"),
        Ask.TRANSFER_POINTS: Asked("转赠多少分", "How many points?", "HOW MANY POINTS?"),
        Ask.TRANSFER_SURE: Asked("转赠:ENTER 确认", "Pass them on: ENTER", "PASS ON? ENTER"),
        Ask.STOCK: Asked(
            *("库存", "Stock", "STOCK 1-4"),
            _choices(
                _1=("收货", "receive", "RECEIVE"),
                _2=("领用报损", "take out", "TAKE OUT"),
                _3=("盘点", "count", "COUNT"),
                _4=("查库存", "look", "LOOK"),
            ),
        ),
        Ask.STOCK_ITEM: Asked(
            *("货号、扫码、刷空白卡;ENTER 完成", "Which goods? ENTER ends", "ITEM, ENTER ENDS"),
            _choices(**{"*": ("赠品小样等", "gifts and samples", "OTHERS")}),
        ),
        Ask.STOCK_OTHER: Asked("无货号商品", "Goods without a number", "WHICH GOODS?"),
        Ask.STOCK_QTY: Asked("件数", "How many pieces?", "PIECES"),
        Ask.STOCK_SERIAL: Asked("编号(卡号)", "Serial number", "SERIAL NUMBER"),
        Ask.STOCK_SERIAL_LAST: Asked("最后一个编号", "The last serial number", "LAST SERIAL"),
        Ask.STOCK_BATCH: Asked("批号(可空)", "Batch, or none", "BATCH NO."),
        Ask.STOCK_USE_BY: Asked(
            "限用日期,如 20261231(可空)", "Use by, as 20261231, or none", "USE BY YYYYMMDD"
        ),
        Ask.STOCK_REASON: Asked(
            *("事由", "What for", "REASON 1-5"),
            _choices(
                _1=("试用装领用", "tester", "TESTER"),
                _2=("小样派发", "sample given", "SAMPLE"),
                _3=("损耗", "loss", "LOSS"),
                _4=("过期", "past its date", "EXPIRED"),
                _5=("自用", "own use", "OWN USE"),
            ),
        ),
        Ask.STOCK_SHOWN: Asked("库存", "In stock", "IN STOCK"),
        Ask.SHIFT: Asked(
            *("班次", "Shift", "SHIFT 1-9"),
            _choices(
                _1=("上班", "sign on", "SIGN ON"),
                _2=("交班", "hand over", "HAND OVER"),
                _3=("存入", "cash in", "CASH IN"),
                _4=("支出", "cash out", "CASH OUT"),
                _5=("缴款", "cash handed in", "BANKED"),
                _6=("交班单 X", "X report", "X REPORT"),
                _7=("日结 Z", "close the day (Z)", "DAY CLOSE Z"),
                _8=("开钱箱", "open the drawer", "OPEN DRAWER"),
                _9=("积分核对", "check of points", "POINTS CHECK"),
            ),
        ),
        Ask.OPERATOR: Asked("工号或工牌", "Staff number or badge", "STAFF NUMBER"),
        Ask.FLOAT: Asked("备用金(可空)", "Float, or none", "FLOAT"),
        Ask.COUNT: Asked("清点金额", "Counted amount", "COUNTED"),
        Ask.HAND_OVER: Asked("交班:ENTER 确认", "Hand over: ENTER", "HAND OVER? ENTER"),
        Ask.CASH_AMOUNT: Asked("金额", "Amount", "AMOUNT"),
        Ask.CASH_REASON: Asked(
            *("事由", "What for", "REASON 1 2 3 9"),
            _choices(
                _1=("换零", "change", "CHANGE"),
                _2=("采购", "purchase", "PURCHASE"),
                _3=("费用", "expense", "EXPENSE"),
                _9=("其他", "other", "OTHER"),
            ),
        ),
        Ask.RECEIVER: Asked("接收人工号(可空)", "Who takes it, or none", "RECEIVER NO."),
        Ask.DAY_CLOSE: Asked("日结:ENTER 确认", "Close the day: ENTER", "CLOSE DAY? ENTER"),
        Ask.DRAWER_REASON: Asked(
            *("开钱箱事由", "Why the drawer", "REASON 1 2 3 9"),
            _choices(
                _1=("换零", "change", "CHANGE"),
                _2=("核对", "check", "CHECK"),
                _3=("误关", "closed by mistake", "MISTAKE"),
                _9=("其他", "other", "OTHER"),
            ),
        ),
        Ask.REPRINT: Asked(
            *("补打:单号,空为上一单", "Reprint: number, or the last", "NUMBER, OR LAST"),
            {
                "*": ("积分计算说明", "why so many points", "WHY SO MANY POINTS"),
                "+": ("积分对账单", "a card's points of this year", "POINTS STATEMENT"),
            },
        ),
        Ask.EXPLAINED: Asked(
            "计算说明:单号或小票码,空为上一单",
            "Explain: number or code, or the last",
            "WHICH? OR LAST",
        ),
        Ask.STATEMENT: Asked("对账:刷卡,或输手机号", "Statement: card or phone", "CARD OR PHONE"),
        Ask.SERVICE: Asked(
            *("维护", "Service", "SERVICE 1-9"),
            _choices(
                _1=("设备", "devices", "DEVICES"),
                _2=("同步", "sync", "SYNC NOW"),
                _3=("打印测试", "test print", "TEST PRINT"),
                _4=("报表", "reports", "REPORTS"),
                _5=("设备认领", "claim devices", "CLAIM DEVICES"),
                _6=("网络", "network", "NETWORK"),
                _7=("体检单", "check-up on paper", "CHECK-UP"),
                _8=("换机", "replace the box", "REPLACE BOX"),
                _9=("练习(开始或结束)", "practice: begin or end", "PRACTICE"),
            ),
        ),
        Ask.TOLD: Asked("+ - 翻看,ENTER 结束", "+ - to read, ENTER ends", "READ + -, ENTER"),
        Ask.REPORT: Asked(
            *("报表", "Which report?", "REPORT 1-6"),
            _choices(
                _1=("今日营业", "today", "TODAY"),
                _2=("导购业绩", "guides", "GUIDES"),
                _3=("库存提醒", "stock alerts", "STOCK ALERTS"),
                _4=("畅销商品", "top products", "TOP PRODUCTS"),
                _5=("时段销售", "hours", "HOURS"),
                _6=("待办提醒", "reminders", "REMINDERS"),
            ),
        ),
        Ask.REPORT_PERIOD: Asked(
            *("1 今日 2 本月", "1 today, 2 this month", "1 DAY 2 MONTH"),
            _choices(_1=("今日", "today", "TODAY"), _2=("本月", "this month", "THIS MONTH")),
        ),
        Ask.TAKE_OVER: Asked("换机:ENTER 确认", "Replace the box: ENTER", "REPLACE? ENTER"),
    }
)
