"""The figures of X, Z and today, added up once more from entries and postings."""

import re
from collections import Counter

from tests.whole import papers
from tests.whole.audit import NAMES, Audit, Seen, same
from tests.whole.demo_day import NOT_THE_COUNTERS

BACK = ("return", "sale.voided", "return.unreferenced")
TOPUPS = {"topup": 1, "topup.voided": -1, "value.refunded": -1}
FEES = ("member.enrolled", "member.renewed", "card.replaced")


def sums(audit: Audit, text: str, numbers: range) -> Seen:
    """Yield what a paper says otherwise of a run of entries."""
    entries = [audit.entries[n] for n in numbers]
    kinds = Counter(one["kind"] for one in entries)
    yield from _goods(audit, entries, kinds, text, numbers)
    yield from _tenders(audit, entries, text, numbers)
    yield from _value(entries, text)
    yield from _drawer(audit, entries, text, numbers)
    yield from same("新入会", papers.count(text, "新入会"), kinds["member.enrolled"])
    yield from same("开钱箱", _times(text, "开钱箱"), kinds["drawer.opened"])
    seen = {one["body"]["member"] for one in entries if one["kind"] == "visit.noted"}
    bought = {one["body"].get("member") for one in entries if one["kind"] == "sale"}
    yield from same("到店未购", papers.count(text, "到店未购"), len(seen - bought))
    points = [papers.count(text, f"积分{what}") or 0 for what in ("发放", "扣回", "兑换", "支付")]
    yield from same("积分", sum(points), held_by_members(entries))
    redeemed = -sum(one["body"]["points"] for one in entries if one["kind"] == "points.redeemed")
    yield from same("积分兑换", points[2], redeemed)
    yield from same("积分支付", points[3], -_points_paid(entries))


def _goods(audit: Audit, entries, kinds, text: str, numbers: range) -> Seen:
    rounding = audit.moved("rounding:cash", "fen", numbers)
    net = -audit.moved("sales:goods", "fen", numbers) - rounding
    yield from same("商品净额", papers.fen(text, "商品净额"), net)
    gross = sum(one["body"]["bill_fen"] for one in entries if one["kind"] == "sale")
    yield from same("销售", papers.fen(text, f"销售 {kinds['sale']}笔"), gross)
    many = sum(kinds[kind] for kind in BACK)
    came = [one["body"] for one in entries if one["kind"] in BACK]
    back = -sum(body.get("goods_fen", body["pay_fen"]) for body in came)
    yield from same("退货", papers.fen(text, f"退货 {many}笔"), back)
    swapped = sum(one["body"]["net_fen"] for one in entries if one["kind"] == "exchange")
    yield from same("换货差额", papers.fen(text, "换货差额"), swapped)
    yield from same("抹零", papers.fen(text, "抹零"), net - gross - back - swapped)


def _tenders(audit: Audit, entries, text: str, numbers: range) -> Seen:
    """Each tender: what it took, of which for goods, and of which for value and fees."""
    for code in ("wechat", "alipay", "bank"):
        booked = audit.moved(f"tender:{code}", "fen", numbers)
        yield from same(NAMES[code], _row_fen(text, NAMES[code]), booked)
    for code, name in NAMES.items():
        goods, other, many = 0, 0, 0
        for one in entries:
            sold, paid_in = _taken(one, code)
            goods, other, many = goods + sold, other + paid_in, many + bool(sold or paid_in)
        yield from same(name, _row_fen(text, f"{name} {many}笔"), goods + other)
        row = rf"^{name} {many}笔.*\n  商品 (-?[\d.]+)\s+充值会费 (-?[\d.]+)$"
        split = re.search(row, text, re.M)
        if split is not None:
            yield from same(f"{name} 商品", _fen(split[1]), goods)
            yield from same(f"{name} 充值会费", _fen(split[2]), other)


def _taken(entry, code: str) -> tuple[int, int]:
    """Return what a tender took by an entry: for goods, and for value and fees."""
    body, kind = entry["body"], entry["kind"]
    sign = -1 if kind in (*BACK, "topup.voided", "value.refunded") else 1
    tenders, restored = body.get("tenders", []), body.get("restored", [])
    money = sign * sum(one["amount_fen"] for one in tenders if one["code"] == code)
    if kind not in ("sale", "exchange", *BACK):
        return 0, money
    return money - sum(one.get("worth_fen", 0) for one in restored if one["code"] == code), 0


def _value(entries, text: str) -> Seen:
    bodies = [(TOPUPS.get(one["kind"], 0), one["body"]) for one in entries]
    topups = sum(
        sign * body.get("refund_fen", body.get("amount_fen", 0)) for sign, body in bodies if sign
    )
    yield from same("储值充值", papers.fen(text, "储值充值"), topups)
    fees = sum(
        one["body"].get("fee_fen", 0) - one["body"].get("rounding_fen", 0)
        for one in entries
        if one["kind"] in FEES
    )
    yield from same("会费", papers.fen(text, "会费"), fees)


def _drawer(audit: Audit, entries, text: str, numbers: range) -> Seen:
    held = audit.at("cash:drawer", "fen", numbers[-1])
    yield from same("钱箱应有", papers.fen(text, "钱箱应有"), held)
    floats = sum(one["body"]["float_fen"] for one in entries if one["kind"] == "shift.opened")
    yield from same("备用金", papers.fen(text, "备用金"), floats)
    moved = sum(
        (1 if one["body"]["way"] == "in" else -1) * one["body"]["amount_fen"]
        for one in entries
        if one["kind"] == "cash.moved"
    )
    yield from same("现金存取", papers.fen(text, "现金存取"), moved)
    over = -audit.moved("over:cash", "fen", numbers)
    yield from same("长款短款", papers.fen(text, "长款" if over > 0 else "短款"), over)


def held_by_members(entries) -> int:
    """Return the points that the counter's own entries moved to members, less what they owe."""
    return sum(
        one["amount"] if not one["account"].startswith("claim:") else -one["amount"]
        for entry in entries
        for one in entry["postings"]
        if one["account"].startswith(("points:", "frozen:", "claim:"))
        and one["unit"] in ("point", "claim:point")
        and entry["kind"] not in NOT_THE_COUNTERS
    )


def _points_paid(entries) -> int:
    """Return the points that paid for goods, less those that came back to their lots."""
    return sum(
        sign * one["amount"]
        for entry in entries
        for key, sign in (("spent", 1), ("restored", -1))
        for one in entry["body"].get(key, [])
        if one["unit"] == "point" and not (key == "spent" and entry["kind"] != "sale")
    )


def _row_fen(text: str, begins: str) -> int | None:
    row = next((row for row in text.splitlines() if row.startswith(begins)), "")
    return papers.last_fen(row)


def _times(text: str, label: str) -> int:
    found = re.search(rf"^{label} +(\d+)次$", text, re.M)
    return 0 if found is None else int(found[1])


def _fen(amount: str) -> int:
    return round(float(amount) * 100)
