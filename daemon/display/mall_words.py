"""The words on papers for the mall's till, in Chinese and English."""

import msgspec


class MallWords(msgspec.Struct, frozen=True):
    bill: str  # titles
    day: str
    business_date: str
    to_pay: str
    points: str  # that the sale will earn once it is paid
    number: str
    what_next: str
    until: str  # {date}
    due: str  # {n}
    unpaid: str  # {n}
    slip: str
    mall_signs: str


ZH = MallWords(
    bill="缴款单(未付款·非购物凭证)",
    day="商场对账表",
    business_date="营业日",
    to_pay="应缴",
    points="付款后积分",
    number="缴款号",
    what_next="请到商场收银台付款,凭商场小票回本柜取货",
    until="{date} 当日有效",
    due="商场应结 {n} 笔",
    unpaid="未付款 {n} 笔",
    slip="商场小票",
    mall_signs="商场签字:",
)

EN = MallWords(
    bill="PAY AT THE MALL'S TILL (not paid, no receipt)",
    day="SETTLEMENT WITH THE MALL",
    business_date="Business date",
    to_pay="To pay",
    points="Points when paid",
    number="Number",
    what_next="Pay at the mall's till, and come back with its slip",
    until="Valid on {date} only",
    due="Due from the mall, {n}",
    unpaid="Not paid, {n}",
    slip="Mall slip",
    mall_signs="For the mall:",
)


def mall_words(language: str) -> MallWords:
    return EN if language == "en" else ZH
