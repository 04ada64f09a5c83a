"""Papers against the journal: what was printed is what is written, entry by entry."""

import re
from collections import Counter

from tests.whole import daysums, frame, papers
from tests.whole.audit import NAMES, Audit, Seen, same

EXPLAINS = "积分计算说明"  # of an entry that has its paper already
MALL_DAY = "商场对账表"  # a second paper of a day's close
PRACTICE, AGAIN = "练习·无效", "补打"  # of nothing; of an entry that has its paper already


def wrong(audit: Audit, text: str) -> list[str]:
    """Return what a paper says otherwise than its entry."""
    number = papers.seq(text)
    if number is None or PRACTICE in text:
        return []
    entry = audit.entries.get(number)
    if entry is None:
        return [f"there is no entry {number}"]
    check = CHECKS.get(entry["kind"], _unknown)
    for title, other in ((EXPLAINS, _explained), (MALL_DAY, _mall_day)):
        check = other if title in text else check
    found = [*check(audit, entry, text), *frame.wrong(audit, entry, text)]
    if f"{entry['at']['wall'][11:16]}" not in text:
        found.append("another time")
    return [f"{number} {entry['kind']}: {one}" for one in found]


def new(text: str) -> int:
    """Return the entry that a paper is the first of; 0: a paper of now, or of something older."""
    older = any(mark in text for mark in (PRACTICE, AGAIN, EXPLAINS))
    return 0 if older else papers.seq(text) or 0


def _unknown(_: Audit, entry, __: str) -> Seen:
    yield f"a paper of {entry['kind']}, which nobody checks"


def _sale(audit: Audit, entry, text: str) -> Seen:
    body = entry["body"]
    yield from same("合计", papers.fen(text, "合计"), body["bill_fen"])
    if "应收" in text:
        yield from same("应收", papers.fen(text, "应收"), body["pay_fen"])
    yield from same("抹零", papers.fen(text, "抹零"), -body["rounding_fen"])
    yield from same("优惠", papers.fen(text, "本单已优惠"), body["list_fen"] - body["bill_fen"])
    yield from _tenders(body["tenders"], text)
    if body.get("member"):
        yield from same("本次积分", papers.count(text, "本次积分"), body.get("points"))
        if not body["member"].startswith("card:"):
            yield from audit.balances(entry, text)
    for line in body["lines"]:
        if line["name"] not in text.replace("\n", ""):
            yield f"line {line['name']} is missing"
    printed = [row for row in text.splitlines() if row.startswith("  ") and "." in row]
    paid = [papers.last_fen(row) for row in printed]
    for line in body["lines"]:
        if line["paid_fen"] not in paid:
            yield f"{line['name']} for {line['paid_fen']} is missing"
    yield from _code(audit, entry, text, body["pay_fen"], body.get("points", 0))


def _tenders(tenders, text: str) -> Seen:
    for tender in tenders:
        name, given = NAMES[tender["code"]], tender.get("given_fen") or tender["amount_fen"]
        yield from same(name, papers.fen(text, name), given)
        if tender.get("change_fen"):
            yield from same("找零", papers.fen(text, "找零"), tender["change_fen"])


def _code(audit: Audit, entry, text: str, paid_fen: int, points: int) -> Seen:
    _, chain, number, digest, paid, earned, _ = papers.code(text).split(":")
    if (chain, int(number)) != (f"{entry['box']}.{entry['epoch']}", entry["seq"]):
        yield "its code names another entry"
    if (int(paid), int(earned)) != (paid_fen, points):
        yield f"its code says {paid} and {earned}"
    if not audit.digest(entry).startswith(digest):
        yield "its code has another hash"


def _returned(audit: Audit, entry, text: str) -> Seen:
    body = entry["body"]
    yield from same("退货合计", papers.fen(text, "退货合计"), body["goods_fen"])
    yield from same("实退", papers.fen(text, "实退"), body["pay_fen"])
    yield from same("抹零", papers.fen(text, "抹零"), -body["rounding_fen"])
    back = [-(papers.last_fen(row) or 0) for row in text.splitlines() if row.startswith("  ")]
    if [one["goods_fen"] for one in body["lines"]] != [fen for fen in back if fen]:
        yield f"lines of {back}, {body['lines']} in the journal"
    for tender in body.get("tenders", []):
        name = NAMES[tender["code"]]
        yield from same(name, papers.fen(text, name), tender["amount_fen"])
    if body.get("member"):
        yield from same("扣回积分", papers.count(text, "扣回积分"), -body.get("points", 0))
        if not body["member"].startswith("card:"):
            yield from audit.balances(entry, text)
    yield from _code(audit, entry, text, -body["pay_fen"], -body.get("points", 0))


def _topup(audit: Audit, entry, text: str) -> Seen:
    body = entry["body"]
    yield from same("充值本金", papers.fen(text, "充值本金"), body["amount_fen"])
    yield from same("赠送积分", papers.count(text, "赠送积分"), body.get("points"))
    yield from _tenders(body["tenders"], text)
    yield from audit.balances(entry, text)


def _topup_voided(audit: Audit, entry, text: str) -> Seen:
    yield from same("退还本金", papers.fen(text, "退还本金"), entry["body"]["amount_fen"])
    yield from _tenders(entry["body"]["tenders"], text)
    yield from audit.balances(entry, text)


def _enrolled(audit: Audit, entry, text: str) -> Seen:
    body = entry["body"]
    yield from same("会费", papers.fen(text, "会费"), body.get("fee_fen"))
    yield from same("入会积分", papers.count(text, "入会积分"), body["points"])
    yield from audit.balances(entry, text)


def _redeemed(audit: Audit, entry, text: str) -> Seen:
    yield from same("兑换积分", papers.count(text, "兑换积分"), -entry["body"]["points"])
    yield from audit.balances(entry, text)


def _cash(audit: Audit, entry, text: str) -> Seen:
    yield from same("金额", papers.fen(text, "金额"), entry["body"]["amount_fen"])
    yield from same("钱箱应有", papers.fen(text, "钱箱应有"), audit.drawer_after(entry))


def _shift(audit: Audit, entry, text: str) -> Seen:
    rows = [papers.last_fen(row) for row in text.splitlines() if row.startswith("  清点")]
    booked = [papers.last_fen(row) for row in text.splitlines() if row.startswith("  账面")]
    counted = entry["body"]["counted"]
    if rows != [one["counted_fen"] for one in counted]:
        yield f"counted {rows}, {counted} in the journal"
    if booked != [one["expected_fen"] for one in counted]:
        yield f"booked {booked}, {counted} in the journal"
    over = [
        papers.last_fen(row) for row in text.splitlines() if row.startswith(("  长款", "  短款"))
    ]
    differ = [one["counted_fen"] - one["expected_fen"] for one in counted]
    if over != [fen for fen in differ if fen]:
        yield f"over {over}, {differ} in the journal"
    yield from same("钱箱留存", papers.fen(text, "钱箱留存"), entry["body"].get("left_fen"))


def _renewed(audit: Audit, entry, text: str) -> Seen:
    body = entry["body"]
    yield from same("会费", papers.fen(text, "会费"), body.get("fee_fen"))
    yield from same("续会积分", papers.count(text, "续会积分"), body.get("points"))
    yield from _tenders(body.get("tenders", []), text)
    for label, ends in (("原有效期至", body["term_from"]), ("续会后有效期至", body["term_ends"])):
        if papers.day(text, label) != ends[:10]:
            yield f"{label} {papers.day(text, label)}, {ends} in the journal"
    yield from audit.balances(entry, text)


def _refunded(audit: Audit, entry, text: str) -> Seen:
    body = entry["body"]
    yield from same("充值本金", papers.fen(text, "充值本金"), body["paid_fen"])
    yield from same("已消费", papers.fen(text, "已消费"), body.get("used_fen"))
    yield from same("已消费(按原价)", papers.fen(text, "已消费(按原价)"), body.get("used_list_fen"))
    yield from same("退款", papers.fen(text, "退款"), body["refund_fen"])
    for tender in body["tenders"]:
        name = NAMES[tender["code"]]
        yield from same(name, papers.fen(text, name), tender["amount_fen"])
    if sum(one["amount_fen"] for one in body["tenders"]) != body["refund_fen"]:
        yield "what was paid back is not the refund"
    yield from audit.balances(entry, text)


def _passed(audit: Audit, entry, text: str) -> Seen:
    """What one member gave, the other got."""
    body = entry["body"]
    yield from same("转赠积分", papers.count(text, "转赠积分"), body["amount"])
    moved = Counter[str]()
    for one in entry["postings"]:
        moved[one["account"]] += one["amount"]
    giver, taker = f"points:{body['member']}", f"points:{body['to']}"
    if (moved[giver], moved[taker]) != (-body["amount"], body["amount"]):
        yield f"{body['amount']} points, {dict(moved)} in the journal"
    yield from audit.balances(entry, text)


def _explained(_: Audit, entry, text: str) -> Seen:
    """The sentences about a sale end in the figures of its entry."""
    body = entry["body"]
    yield from same("本次积分", papers.count(text, "本次积分"), body.get("points"))
    told = papers.sentence(text, r"原价合计([\d.]+)元(?:,优惠([\d.]+)元)?,合计([\d.]+)元")
    if told != (body["list_fen"], body["list_fen"] - body["bill_fen"], body["bill_fen"]):
        yield f"explained as {told}"


def _exchanged(audit: Audit, entry, text: str) -> Seen:
    body = entry["body"]
    net = body["net_fen"]
    label = "补差价" if net > 0 else "退差价" if net < 0 else "等价换货"
    yield from same("退回合计", papers.fen(text, "退回合计"), -body["back_fen"])
    yield from same("换出合计", papers.fen(text, "换出合计"), body["bill_fen"])
    yield from same(label, papers.fen(text, label), abs(net))
    for tender in body.get("tenders", []):
        name, given = NAMES[tender["code"]], tender.get("given_fen") or tender["amount_fen"]
        yield from same(name, papers.fen(text, name), given)
    paid = {papers.last_fen(row) for row in text.splitlines() if row.startswith("  ")}
    for line in (*body["back"], *body["lines"]):
        said = -line["goods_fen"] if "goods_fen" in line else line["paid_fen"]
        if said not in paid or line["name"] not in text:
            yield f"{line['name']} for {said} is missing"
    if body.get("member"):
        yield from same("本次积分变动", papers.count(text, "本次积分变动"), body.get("points_net"))
        yield from audit.balances(entry, text)
    money = ("cash:drawer", *(f"tender:{code}" for code in NAMES))
    moved = sum(one["amount"] for one in entry["postings"] if one["account"] in money)
    restored = sum(one.get("worth_fen", 0) for one in body.get("restored", []))
    yield from same("the difference, as it moved", net, moved - restored)


def _unreferenced(_: Audit, entry, text: str) -> Seen:
    body = entry["body"]
    yield from same("实退", papers.fen(text, "实退"), body["pay_fen"])
    yield from same("现金", papers.fen(text, "现金"), body["pay_fen"])
    yield from same("授权店长", papers.count(text, "授权店长"), int(body["manager"]))
    yield from _named(body["lines"], text)


def _claimed(audit: Audit, entry, text: str) -> Seen:
    yield from same("本次积分", papers.count(text, "本次积分"), entry["body"]["points"])
    yield from _answers(entry, text)
    yield from audit.balances(entry, text)


def _billed(_: Audit, entry, text: str) -> Seen:
    sale = entry["body"]["sale"]
    yield from same("应缴", papers.fen(text, "应缴"), sale["pay_fen"])
    number = re.search(r"^缴款号 +26\d\d(\d{8})\d$", text, re.M)
    yield from same("缴款号", int(number[1]) if number else None, entry["seq"])
    yield from same("优惠", papers.fen(text, "本单已优惠"), sale["list_fen"] - sale["bill_fen"])
    yield from _named(sale["lines"], text)


def _mall_day(audit: Audit, entry, text: str) -> Seen:
    """Every sale that the mall's till took, and every bill that it did not."""
    sales = {
        number: (tender["amount_fen"], tender.get("reference", ""))
        for number, one in audit.entries.items()
        if one["kind"] == "sale"
        for tender in one["body"]["tenders"]
        if tender["code"] == "mall"
    }
    settled, _, unpaid = text.partition("未付款")
    rows = re.findall(r"^0018-(\d+) +([\d.]+)\n  商场小票 (\S+)$", settled, re.M)
    said = {int(number): (fen_of(amount), slip) for number, amount, slip in rows}
    if said != sales:
        yield f"{said} on paper, {sales} in the journal"
    total = sum(amount for amount, _ in sales.values())
    yield from same("商场应结", papers.last_fen(_row(text, f"商场应结 {len(sales)} 笔")), total)
    yield from same("due:mall", audit.at("due:mall", "fen", entry["seq"]), total)
    if unpaid:
        yield f"unpaid bills, and every one was paid: {unpaid}"


def _received(_: Audit, entry, text: str) -> Seen:
    """Each line, and that it is what moved."""
    for line in entry["body"]["lines"]:
        if not re.search(rf"{re.escape(line['name'])}\s+{line['qty']} 件", text):
            yield f"{line['qty']} of {line['name']} are missing"
    moved = Counter[str]()
    for one in entry["postings"]:
        if one["account"].startswith("stock:"):
            moved[one["account"][6:]] += abs(one["amount"])
    if moved != Counter({line["sku"]: line["qty"] for line in entry["body"]["lines"]}):
        yield f"{dict(moved)} moved"


def _counted(audit: Audit, entry, text: str) -> Seen:
    said = re.findall(r"实盘 (-?\d+) 账面 (-?\d+)", text)
    lines = entry["body"]["lines"]
    before = [audit.at(f"stock:{one['sku']}", "piece", entry["seq"] - 1) for one in lines]
    booked = [(one["counted"], expected) for one, expected in zip(lines, before, strict=True)]
    if [(int(counted), int(expected)) for counted, expected in said] != booked:
        yield f"{said} on paper, {booked} in the journal"
    verdicts = re.findall(r"(?:(盘盈|盘亏) (\d+)|相符)$", text, re.M)
    over = [int(n) if what == "盘盈" else -int(n or 0) for what, n in verdicts]
    if over != [counted - expected for counted, expected in booked]:
        yield f"over {over}"
    for one in lines:
        if audit.at(f"stock:{one['sku']}", "piece", entry["seq"]) != one["counted"]:
            yield f"the books do not follow the count of {one['sku']}"


def _card(_: Audit, entry, text: str) -> Seen:
    body = entry["body"]
    said = re.findall(r"^(?:旧卡|新卡|卡)尾号 +(\d{4})$", text, re.M)
    if said != [card[-4:] for card in (body.get("old", ""), body["card"]) if card]:
        yield f"cards {said}"
    yield from same("补卡费", papers.fen(text, "补卡费"), body.get("fee_fen"))
    yield from _tenders(body.get("tenders", []), text)


def _handed_over(audit: Audit, entry, text: str) -> Seen:
    body = entry["body"]
    if not re.search(rf"\S\s+{body['qty']}件", text):
        yield f"{body['qty']} of {body['sku']} are missing"
    yield from _answers(entry, text)
    yield from audit.balances(entry, text)


def _day(audit: Audit, entry, text: str) -> Seen:
    yield from daysums.sums(audit, text, range(1, entry["seq"] + 1))


def _named(lines, text: str) -> Seen:
    paid = {papers.last_fen(row) for row in text.splitlines() if row.startswith("  ")}
    for line in lines:
        if line["name"] not in text or not {line["paid_fen"], -line["paid_fen"]} & paid:
            yield f"{line['name']} for {line['paid_fen']} is missing"


def _answers(entry, text: str) -> Seen:
    """The paper names the entry that its own answers."""
    number = int(entry["re"].rsplit(":", 1)[1])
    if f"{number:06}" not in _row(text, "原单"):
        yield f"原单 is not {number}"


def _row(text: str, begins: str) -> str:
    return next((row for row in text.splitlines() if row.startswith(begins)), "")


def fen_of(amount: str) -> int:
    return round(float(amount) * 100)


CHECKS = {
    "sale": _sale,
    "return": _returned,
    "sale.voided": _returned,
    "topup": _topup,
    "topup.voided": _topup_voided,
    "member.enrolled": _enrolled,
    "points.redeemed": _redeemed,
    "cash.moved": _cash,
    "shift.closed": _shift,
    "exchange": _exchanged,
    "member.renewed": _renewed,
    "value.refunded": _refunded,
    "points.transferred": _passed,
    "return.unreferenced": _unreferenced,
    "sale.claimed": _claimed,
    "mall.billed": _billed,
    "stock.received": _received,
    "stock.adjusted": _received,
    "stock.counted": _counted,
    "card.lost": _card,
    "card.frozen": _card,
    "card.unfrozen": _card,
    "card.replaced": _card,
    "entitlement.handed_over": _handed_over,
    "day.closed": _day,
}
