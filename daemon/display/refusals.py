"""Refusals in the words of the shop: E01 and on, for clerk and customer, on a page and on a pole.

What stands in wording keeps its words; codes above E20 are the counter's own (counter/codes.py).
Values come as text and fill the places: {date} {x} {y} {n} {phone}. No number of a card is one.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import msgspec

from daemon.counter.effects import Audience
from daemon.counter.screens import RefusalShown
from daemon.display.reasons import plain_reason, reason

MISSING = "?"  # a place whose value the counter did not give


class Words(msgspec.Struct, frozen=True):
    """One refusal. Customer words are empty where a customer is told nothing.

    `pole` and `pole_customer` are ASCII: code and clerk words fill two lines of 20.
    """

    clerk: str
    customer: str
    clerk_en: str
    customer_en: str
    pole: str
    pole_customer: str = "PLEASE WAIT"


_WAIT, _WAIT_EN = "请稍候", "Please wait"
_UNTOLD = ("", "")

REFUSALS: Mapping[str, Words] = MappingProxyType(
    {
        "E01": Words(
            *("读卡失败,请再刷一次", "请再刷一次"),
            *("Card not read, swipe again", "Please swipe again"),
            *("CARD NOT READ, SWIPE AGAIN", "SWIPE AGAIN"),
        ),
        "E02": Words(
            *("银行卡不能在此刷,未留记录", "请使用会员卡"),
            *("No bank cards here; nothing was kept", "Please use your member card"),
            *("BANK CARD REFUSED, NOT KEPT", "USE MEMBER CARD"),
        ),
        "E03": Words(
            *("此卡已挂失,请持证件补卡", _WAIT),
            *("Card reported lost: replace it, with identity papers", _WAIT_EN),
            "CARD REPORTED LOST: REPLACE IT",
        ),
        "E04": Words(
            *("此卡已冻结,请联系总部", _WAIT),
            *("Card frozen: call headquarters", _WAIT_EN),
            "CARD FROZEN, CALL HQ",
        ),
        "E05": Words(
            *("会籍已于 {date} 到期,续会后享会员价", _WAIT),
            *("Membership ended on {date}: renew it for member prices", _WAIT_EN),
            "TERM ENDED {date}, RENEW",
        ),
        "E06": Words(
            *("本店未登记的会员卡:可积分,暂不能用余额", "欢迎光临"),
            *("Card not known in this shop: it earns, its balance cannot be used yet", "Welcome"),
            *("CARD NOT KNOWN HERE: EARNS ONLY", "WELCOME"),
        ),
        "E07": Words(
            *("储值不足:可用 {x},还差 {y},请补其他付款", "还差 {y} 元"),
            *("Stored value {x} is short by {y}: take another tender", "{y} still to pay"),
            *("VALUE {x}, SHORT {y}", "STILL DUE {y}"),
        ),
        "E08": Words(
            *("积分不足:需 {x},现有 {y}", "积分 {y}"),
            *("Points needed {x}, there are {y}", "Points {y}"),
            *("NEED {x} POINTS, HAS {y}", "POINTS {y}"),
        ),
        "E09": Words(
            *("本店暂可用 {x} 分,其余联网后可用", "本店可用 {x} 分"),
            *("{x} points can be used here, the rest when online", "{x} points can be used here"),
            *("{x} POINTS USABLE HERE NOW", "USABLE HERE {x}"),
        ),
        "E10": Words(
            *("未找到商品:按价格 +,或 CLEAR", _WAIT),
            *("Product not found: key the price and +, or CLEAR", _WAIT_EN),
            "NO SUCH ITEM: PRICE +, OR CLEAR",
        ),
        "E11": Words(
            *("单笔满 150 元方可入会,本单 {x}", ""),
            *("Joining needs one purchase of 150; this one is {x}", ""),
            "JOINING NEEDS 150, THIS IS {x}",
        ),
        "E12": Words(
            *("此卡已使用,请换一张空白卡", ""),
            *("Card in use: take a blank one", ""),
            "CARD IN USE, TAKE A BLANK ONE",
        ),
        "E13": Words(
            *("超过限购:每卡每月 {n} 件", "限购 {n} 件"),
            *("Beyond the limit of {n} per card and month", "At most {n}"),
            *("LIMIT {n} A CARD A MONTH", "LIMIT {n}"),
        ),
        "E14": Words(
            *("本行已退过", ""),
            *("This line was returned already", ""),
            "LINE RETURNED ALREADY",
        ),
        "E15": Words(
            *("超过记名卡限额 5000 元,最多可充 {x}", "最多可充 {x}"),
            *("A registered card holds 5000 at most: top up {x} at most", "At most {x}"),
            *("LIMIT 5000, TOP UP AT MOST {x}", "AT MOST {x}"),
        ),
        "E16": Words(
            *("需店长授权", _WAIT),
            *("The manager has to allow it", _WAIT_EN),
            "MANAGER MUST ALLOW IT",
        ),
        "E17": Words(
            *("打印机缺纸或开盖:可继续收款,小票稍后补打", ""),
            *("Printer out of paper or open: go on, receipts are printed later", ""),
            "PRINTER: PAPER OR COVER, GO ON",
        ),
        "E18": Words(
            *("存储故障,停止收款,请致电 {phone}", "暂停服务"),
            *("Storage failed: take no money, call {phone}", "Out of service"),
            *("STORAGE FAILED, CALL {phone}", "OUT OF SERVICE"),
        ),
        "E19": Words(
            *("时钟未校准:可收款,到期类业务暂停", ""),
            *("Clock not set: sales go on, what depends on dates waits", ""),
            "CLOCK NOT SET, SALES GO ON",
        ),
        "E20": Words(
            *("卡需输入密码,请顾客按密码", "请输入密码 ****"),
            *("The card needs its PIN: let the customer key it", "Enter your PIN ****"),
            *("CUSTOMER TO KEY THE PIN", "ENTER PIN ****"),
        ),
        "E21": Words(
            *("本机暂无此功能,请看键位卡", _WAIT),
            *("This box does not have that function: see the key card", _WAIT_EN),
            "NO SUCH FUNCTION YET",
        ),
        "E22": Words(
            *("输入有误,请重新输入", ""),
            *("That makes no sense here: key it again", ""),
            "WRONG INPUT, AGAIN",
        ),
        "E23": Words(
            *("未找到会员,请刷卡或按 /2 入会", _WAIT),
            *("No such member here: swipe the card, or /2 to enrol", _WAIT_EN),
            "NO SUCH MEMBER HERE",
        ),
        "E24": Words(
            *("空白卡:入会请按 /2", _WAIT),
            *("Blank card: key /2 to enrol", _WAIT_EN),
            "BLANK CARD: /2 TO ENROL",
        ),
        "E25": Words(
            *("无此员工号,请重新输入", ""),
            *("No such staff number: key it again", ""),
            "NO SUCH STAFF NUMBER",
        ),
        "E26": Words(
            *("请先完成本单(或 CLEAR 两次)", ""),
            *("Finish this sale first (or CLEAR twice)", ""),
            "FINISH FIRST, OR CLEAR TWICE",
        ),
        "E27": Words(
            *("没有可用于入会的上一单,请换一种方式", ""),
            *("There is no last purchase to join with: choose another way", ""),
            "NO PURCHASE TO JOIN WITH",
        ),
        "E28": Words(
            *("此手机号已登记,请核对或刷会员卡", ""),
            *("This phone number is registered: check it, or swipe the card", ""),
            "PHONE REGISTERED ALREADY",
        ),
        "E29": Words(
            *("付款不足,请再收一笔", ""),
            *("Not enough paid: take one more tender", ""),
            "NOT ENOUGH PAID",
        ),
        "E30": Words(
            *("现在不能这样做:{why}", ""),
            *("That cannot be done now: {why}", ""),
            "NOT POSSIBLE NOW",
        ),
        "E31": Words(
            *("密码不对,请重输,还可试 {n} 次", _WAIT),
            *("Wrong PIN: key it again, tries left: {n}", _WAIT_EN),
            "WRONG PIN, TRIES LEFT: {n}",
        ),
        "E32": Words(
            *("密码已锁定,请 {n} 分钟后再试", _WAIT),
            *("PIN locked: try again in {n} min", _WAIT_EN),
            "PIN LOCKED {n} MIN",
        ),
        "E35": Words(
            *("请顾客刷会员卡(未设密码)", "请刷会员卡"),
            *("Swipe the member's card: no PIN is set", "Please swipe your card"),
            *("SWIPE MEMBER CARD, NO PIN SET", "SWIPE YOUR CARD"),
        ),
        "E36": Words(
            *("价格已变:原 {x},现 {y};停售 {n} 行;按 ENTER 继续", ""),
            *("Prices changed: {x} then, {y} now; lines not sold any more: {n}; ENTER goes on", ""),
            "REPRICED {x} NOW {y}",
        ),
        "E37": Words(
            *("无人上班:请先按 /7 1", ""),
            *("Nobody is signed on: /7 1 first", ""),
            "NOBODY SIGNED ON: /7 1",
        ),
        "E38": Words(
            *("{n} 已上班,请先交班 /7 2", ""),
            *("{n} is signed on and hands over first: /7 2", ""),
            "{n} IS SIGNED ON: /7 2",
        ),
        "E39": Words(
            *("已挂满 9 单,请先取单", ""),
            *("Nine baskets are parked: recall one first", ""),
            "NINE ARE PARKED",
        ),
        "E40": Words(
            *("今日已日结或没有营业,请按 CLEAR", ""),
            *("The day is closed, or nothing was sold: CLEAR", ""),
            "DAY IS CLOSED",
        ),
        "E41": Words(
            *("外店小票:联网后可退,或请回原店", ""),
            *("A receipt of another shop: headquarters has to answer first", ""),
            "OTHER SHOP: TRY AGAIN ONLINE",
        ),
        "E43": Words(
            *("会籍有效,{date} 起可续会,请到时再办", ""),
            *("The membership holds: renew it from {date} on", ""),
            "RENEW FROM {date}",
        ),
        "E42": Words(
            *("没有此商品(散装请扫秤签)", ""),
            *("No such product (by weight: scan the scale's label)", ""),
            "NO SUCH PRODUCT",
        ),
        "E34": Words(
            *("没有此单,请核对单号", ""),
            *("There is no such paper: check the number", ""),
            "NO SUCH PAPER",
        ),
        "E33": Words(
            *("没有可选的内容,请按 CLEAR", ""),
            *("There is nothing to choose: CLEAR", ""),
            "NOTHING TO CHOOSE",
        ),
    }
)

# A code that this release does not know must still be readable: its number is what counts.
UNKNOWN = Words("请联系技术员", _WAIT, "Call the technician", _WAIT_EN, "CALL THE TECHNICIAN")


def refusal_text(refusal: RefusalShown, audience: Audience, language: str) -> str:
    """Return the words for a page; "" where the customer is told nothing."""
    words = REFUSALS.get(refusal.code, UNKNOWN)
    if language == "en":
        template = words.clerk_en if audience is Audience.CLERK else words.customer_en
    else:
        template = words.clerk if audience is Audience.CLERK else words.customer
    values = {**refusal.values, "why": reason(refusal.values, language)}
    return _filled(template, values).rstrip(": ")


def refusal_lines(refusal: RefusalShown, audience: Audience, cells: int) -> tuple[str, str]:
    """Return two ASCII lines: code and English words for the clerk, the bare words else."""
    words = REFUSALS.get(refusal.code, UNKNOWN)
    values = {name: _ascii(value) for name, value in refusal.values.items()}
    if audience is Audience.CUSTOMER:
        return _filled(words.pole_customer, values)[:cells], ""
    why = plain_reason(refusal.values)
    said = f"NOT NOW: {why}" if why else _filled(words.pole, values)
    lines = [*_lines(f"{_ascii(refusal.code)} {said}", cells), ""]
    return lines[0], lines[1]


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return MISSING


def _filled(template: str, values: Mapping[str, str]) -> str:
    return template.format_map(_Values(values))


def _ascii(text: str) -> str:
    return "".join(char if " " <= char <= "~" else "?" for char in text)


def _lines(text: str, cells: int) -> Iterator[str]:
    """Break at spaces; a word longer than a line is cut, since a pole has no third line."""
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if line and len(joined) > cells:
            yield line
            joined = word
        line = joined[:cells]
    yield line
