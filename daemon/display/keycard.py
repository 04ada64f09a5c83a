"""键位卡: every key, flow, step and refusal on one card, made of the tables that the box uses."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import msgspec

from daemon import cells
from daemon.counter.codes import STEPS
from daemon.counter.forms import Script
from daemon.counter.scripts import scripts
from daemon.display.asks import ASKED
from daemon.display.poles import (
    ASKING_CODE,
    CHECKING_CODE,
    DONE_CODE,
    OFFER_CODES,
    PRACTICE_CODE,
    READY_CODE,
)
from daemon.display.refusals import REFUSALS

# Where, which keys, what they do: in Chinese and English.
KEYS: tuple[tuple[str, str, str], ...] = (
    ("n ENTER", "货号、条码、手机号", "product number, barcode, phone"),
    (". . n ENTER", "卡号(刷卡器坏时)", "card number"),
    ("n +", "无码商品的价格", "price of goods without a code"),
    ("n *", "数量,再扫商品", "quantity, then the goods"),
    ("-   n -", "取消最后一行、第 n 行", "void the last line, line n"),
    (".   . n ENTER", "查价,不卖", "price, sells nothing"),
    ("* n ENTER", "导购(* 2 * 3:平分)", "guide (* 2 * 3: shared)"),
    ("ENTER", "合计;会员页:打印查询单", "total; at a member's page: a slip"),
    ("n ENTER   ENTER", "合计后:现金 n;正好", "at the total: cash n; exact"),
    ("n * k   * k", "合计后:付款方式 k 付 n、付余额", "at the total: n, or the rest, on tender k"),
    ("-", "合计后:取消上一笔付款", "at the total: takes the last tender back"),
    ("CLEAR", "退一位,再退一步", "takes back a digit, then a step"),
    ("CLEAR CLEAR", "回到开始,什么也没有记", "home; nothing was booked"),
    ("+   -   .", "列表:下一条、上一条、打印", "in a list: next, previous, print"),
)

# What else an LED shows: without letters, beside steps (31-) and refusals (-07-).
SIGNS: tuple[tuple[str, str, str], ...] = (
    (READY_CODE, "待机", "nobody is served"),
    (OFFER_CODES["enrol_by_purchase"], "待机:可入会 /2", "nobody is served; may join: /2"),
    (OFFER_CODES["message"], "待机:总部消息 /9 2", "nobody is served; word from HQ: /9 2"),
    ("808", "会员的积分", "a member's points"),
    ("-9999", "访客卡尾号", "a visitor's card"),
    (DONE_CODE, "已完成,不收不退", "done, no money moved"),
    (ASKING_CODE, "正在问总部,CLEAR 不等", "headquarters is asked; CLEAR: not now"),
    (CHECKING_CODE, "正在核对,请勿断电", "the books are checked: keep the power on"),
    (OFFER_CODES["stick_busy"], "U盘同步中", "a stick: leave it in"),
    (OFFER_CODES["stick_done"], "U盘可拔出", "a stick: pull it out"),
    (OFFER_CODES["stick_look"], "U盘有问题,看小票", "a stick: see the paper"),
    (OFFER_CODES["config_look"], "设置有错,看小票", "memberbox.toml: see the paper"),
    (f"{PRACTICE_CODE}...", "练习·无效", "practice: nothing counts"),
)

# The flows by their function key.
FLOWS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "0": ("挂单、取单", "park, recall"),
        "1": ("储值充值(- 撤销,* 退款)", "top-up (- takes it back, * refunds)"),
        "2": ("入会、续会", "enrol, renew"),
        "3": ("售后:退货、换货、作废、补积分", "returns, exchange, void, late points"),
        "4": ("兑换、领取", "redeem, hand over"),
        "5": ("卡务", "card service"),
        "6": ("库存", "stock"),
        "7": ("班次、日结", "shift, day"),
        "8": ("补打", "reprint"),
        "9": ("维护", "service"),
    }
)


class FlowSaid(msgspec.Struct, frozen=True):
    """`/7`, its name, and for each step its code and what it asks with its fixed choices."""

    key: str
    name: str
    steps: tuple[tuple[str, str], ...]


class Card(msgspec.Struct, frozen=True):
    keys: tuple[tuple[str, str], ...]
    flows: tuple[FlowSaid, ...]
    steps: tuple[tuple[str, str], ...]  # of the basket and the total: code, what it asks
    signs: tuple[tuple[str, str], ...]  # of an LED
    refusals: tuple[tuple[str, str], ...]


def card(language: str) -> Card:
    """Return the card in zh_CN or en."""
    english = language == "en"
    of_flows = {step.ask for script in scripts() for step in script.steps}
    return Card(
        keys=tuple((keys, en if english else zh) for keys, zh, en in KEYS),
        flows=tuple(_flow(script, english=english) for script in scripts()),
        steps=tuple(
            (STEPS[ask], ASKED[ask].en if english else ASKED[ask].zh)
            for ask in sorted(STEPS, key=lambda ask: STEPS[ask])
            if ask not in of_flows
        ),
        signs=tuple((sign, en if english else zh) for sign, zh, en in SIGNS),
        refusals=tuple(
            (code, words.clerk_en if english else words.clerk)
            for code, words in sorted(REFUSALS.items())
        ),
    )


def lines(made: Card) -> Iterator[str]:
    """Yield the card as text, to be printed and stuck beside the keypad."""
    yield from _table(made.keys, 18)
    yield ""
    for flow in made.flows:
        yield f"{flow.key}  {flow.name}"
        yield from _table(tuple((f"{code}-", asks) for code, asks in flow.steps), 6)
    yield ""
    yield from _table(tuple((f"{code}-", asks) for code, asks in made.steps), 6)
    yield ""
    yield "LED"
    yield from _table(made.signs, 8)
    yield ""
    yield from _table(made.refusals, 6)


def _flow(script: Script, *, english: bool) -> FlowSaid:
    zh, en = FLOWS[script.digit]
    steps = []
    for step in script.steps:
        asked = ASKED[step.ask]
        words = asked.en if english else asked.zh
        said = [
            f"{row.key} {asked.choices[row.key][1 if english else 0]}"
            for row in step.choices
            if row.key in asked.choices
        ]
        steps.append((STEPS[step.ask], f"{words}: {', '.join(said)}" if said else words))
    return FlowSaid(f"/{script.digit}", en if english else zh, tuple(steps))


def _table(rows: tuple[tuple[str, str], ...], indent: int) -> Iterator[str]:
    for left, right in rows:
        yield f"  {left}{' ' * max(1, indent - cells.width(left))}{right}"
