"""Reports against the journal: X, today, guides, goods, hours, stock; what a member asks for.

A paper of now belongs between two entries that have papers. What it says is added up here once
more from the entries and their postings until then.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from tests.whole import frame, papers, slips
from tests.whole.audit import Audit, Seen, same
from tests.whole.daysums import sums
from tests.whole.demo_day import GOODS, SHOP

Goods = list[tuple[str, int, int]]
"""Of an entry: name of the goods, pieces (or grams), fen; below zero what came back."""


def wrong(audit: Audit, printed: Sequence[Mapping[str, object]]) -> list[str]:
    """Return what the papers of now, among a day's papers, say otherwise than the journal."""
    texts, found = [str(paper["text"]) for paper in printed], []
    for at, text in enumerate(texts):
        check = next((check for title, check in CHECKS.items() if title in text), None)
        if check is None or slips.PRACTICE in text:
            continue
        trials = [list(check(audit, text, until)) for until in _moments(audit, texts, at)]
        if all(trials):  # at none of the moments at which it may have been made it is right
            found += [f"{text.splitlines()[3].strip()}, paper {at}: {one}" for one in trials[0]]
    return found


def seen(printed: Sequence[Mapping[str, object]]) -> Counter[str]:
    """Return how many of the papers that are checked here there are, by title."""
    texts = [str(paper["text"]) for paper in printed if slips.PRACTICE not in str(paper["text"])]
    return Counter(title for text in texts for title in CHECKS if title in text)


def _moments(audit: Audit, texts: Sequence[str], at: int) -> range:
    """Return the entries that may have been the last: those since the last one with a paper."""
    before = max((slips.new(text) for text in texts[:at]), default=0)
    after = next((new for text in texts[at:] if (new := slips.new(text)) > before), 0)
    return range(before, after or max(audit.entries) + 1)


# -- X, today, Z -----------------------------------------------------------------------------------


def _shift(audit: Audit, text: str, until: int) -> Seen:
    """X: since the open shift began."""
    opened = max(
        n for n, one in audit.entries.items() if one["kind"] == "shift.opened" and n <= until
    )
    yield from sums(audit, text, range(opened, until + 1))


def _today(audit: Audit, text: str, until: int) -> Seen:
    yield from sums(audit, text, range(1, until + 1))


# -- guides, goods, hours --------------------------------------------------------------------------


def goods_of(entry) -> Goods:
    """Return what an entry sold, and what came back."""
    body = entry["body"]
    match entry["kind"]:
        case "sale":
            return _sold(body)
        case "return" | "sale.voided":
            return _back(body["lines"])
        case "exchange":
            return _sold(body) + _back(body["back"])
        case "return.unreferenced":
            return [(name, -qty, -fen) for name, qty, fen in _sold(body)]
        case _:
            return []


def _sold(body) -> Goods:
    return [(one["name"], one["qty"], one["paid_fen"]) for one in body["lines"]]


def _back(lines) -> Goods:
    return [(one["name"], -one["qty"], -one["goods_fen"]) for one in lines]


def _goods(audit: Audit, text: str, until: int) -> Seen:
    """The best sold goods with pieces and money, the best first, and the sum of all."""
    pieces, money = Counter[str](), Counter[str]()
    for n in range(1, until + 1):
        for name, qty, fen in goods_of(audit.entries[n]):
            pieces[name] += qty
            money[name] += fen
    rows = re.findall(r"^ *(\d+) (\S.*)\n +(-?\d+)(件|克) +(-?[\d.]+)$", text, re.M)
    if not rows:
        yield "no goods"
    for rank, name, many, _, amount in rows:
        if (int(many), slips.fen_of(amount)) != (pieces[name], money[name]):
            yield f"{rank}. {name}: {many}, {amount}; {pieces[name]}, {money[name]} in the journal"
    amounts = [slips.fen_of(row[4]) for row in rows]
    if amounts != sorted(amounts, reverse=True) or amounts[0] != max(money.values()):
        yield f"not the best first: {amounts}"
    yield from _summed(audit, text, until)


def _guides(audit: Audit, text: str, until: int) -> Seen:
    """What each guide's shares come to; what came back counts against those of the sale."""
    money = defaultdict[str, int](int)
    for n in range(1, until + 1):
        entry = audit.entries[n]
        goods = goods_of(entry)
        out, back = (sum(fen for *_, fen in goods if (fen > 0) is up) for up in (True, False))
        own, sale = entry["body"].get("guides", []), _answered(audit, entry)
        of_sale = sale["body"].get("guides", []) if sale is not None else []
        for fen, guides in ((out, own or of_sale), (back, of_sale)):
            for staff, part in _shares(fen, guides):
                money[staff] += part
    rows = re.findall(r"^(\d\d|未指定导购)(?: \S+)? +(-?[\d.]+)$", text, re.M)
    said = {staff.replace("未指定导购", ""): slips.fen_of(amount) for staff, amount in rows}
    if said != {staff: fen for staff, fen in money.items() if fen or staff in said}:
        yield f"{said} on paper, {dict(money)} in the journal"
    yield from same("the guides together", sum(said.values()), sum(money.values()))
    yield from _summed(audit, text, until)


def _shares(fen: int, guides) -> list[tuple[str, int]]:
    """Return the parts of an amount; fen that are left go to the largest remainders, in order."""
    if not fen:
        return []
    if not guides:
        return [("", fen)]
    sign, whole = (-1 if fen < 0 else 1), sum(one["share"] for one in guides)
    parts = [divmod(abs(fen) * one["share"], whole) for one in guides]
    left = abs(fen) - sum(part for part, _ in parts)
    order = sorted(range(len(parts)), key=lambda n: (-parts[n][1], n))
    more = set(order[:left])
    return [(one["staff"], sign * (parts[n][0] + (n in more))) for n, one in enumerate(guides)]


def _answered(audit: Audit, entry):
    return audit.entries.get(int(entry["re"].rsplit(":", 1)[1])) if entry.get("re") else None


def _hours(audit: Audit, text: str, until: int) -> Seen:
    money, sales = defaultdict[str, int](int), defaultdict[str, int](int)
    for n in range(1, until + 1):
        entry = audit.entries[n]
        hour = entry["at"]["wall"][11:13]
        money[hour] += sum(fen for *_, fen in goods_of(entry))
        sales[hour] += {"sale": 1, "sale.voided": -1}.get(entry["kind"], 0)
    rows = re.findall(r"^(\d\d):00 (-?\d+)笔 +(-?[\d.]+)$", text, re.M)
    said = {hour: (int(count), slips.fen_of(amount)) for hour, count, amount in rows}
    if said != {hour: (sales[hour], fen) for hour, fen in money.items() if fen or sales[hour]}:
        yield f"{said} on paper, {dict(money)}, {dict(sales)} in the journal"
    yield from _summed(audit, text, until)


def _summed(audit: Audit, text: str, until: int) -> Seen:
    """The last lines: all sales, those of members, the average."""
    entries = [audit.entries[n] for n in range(1, until + 1)]
    of_members = [one for one in entries if one["body"].get("member")]
    fen, of_them = (
        sum(fen for entry in some for *_, fen in goods_of(entry)) for some in (entries, of_members)
    )
    count, of_them_count = (
        sum({"sale": 1, "sale.voided": -1}.get(one["kind"], 0) for one in some)
        for some in (entries, of_members)
    )
    yield from same("合计", papers.fen(text, f"合计 {count}笔"), fen)
    if of_them > 0 and f"其中会员 {of_them_count}笔,占 {100 * of_them // fen}%" not in text:
        yield f"not {of_them_count} sales of members, {100 * of_them // fen}%"
    yield from same("客单价", papers.fen(text, "客单价"), fen // count)


# -- stock -----------------------------------------------------------------------------------------


def _levels(audit: Audit, text: str, until: int) -> Seen:
    """What is here of everything that this shop keeps."""
    said = dict(re.findall(r"^(\S.*?)\s+(-?\d+)$", text.partition("库存单")[2], re.M))
    kept = {one["sku"]: one["name"] for one in (*GOODS.values(), *SHOP["other_stock"])}
    booked = {name: audit.at(f"stock:{sku}", "piece", until) for sku, name in kept.items()}
    if {name: int(qty) for name, qty in said.items() if name in booked} != booked:
        yield f"{said} on paper, {booked} in the journal"


def _alerts(audit: Audit, text: str, until: int) -> Seen:
    """Who is below the least, above the most or below zero, and nobody else."""
    rows = re.findall(r"^(\S.*?)\s+(-?\d+)件\n  ! (\S+)", text, re.M)
    said = {name: int(qty) for name, qty, why in rows if "限用" not in why}
    booked = {}
    for sku, product in GOODS.items():
        qty = audit.at(f"stock:{sku}", "piece", until)
        if not product["min"] <= qty <= product["max"]:
            booked[product["name"]] = qty
    said = {name: qty for name, qty in said.items() if name in {p["name"] for p in GOODS.values()}}
    if said != booked:
        yield f"{said} on paper, {booked} in the journal"


def _inquiry(audit: Audit, text: str, until: int) -> Seen:
    tail = re.search(r"尾号 (\d+)", text)
    assert tail is not None, text
    member = audit.member(tail[1])
    if (ends := frame.term(audit, audit.card_ending(tail[1]), until)) not in text:
        yield f"term until {ends} in the journal"
    yield from same(
        "可用积分", papers.count(text, "可用积分"), audit.at(f"points:{member}", "point", until)
    )
    value = sum(audit.at(f"{unit}:{member}", unit, until) for unit in ("principal", "bonus"))
    yield from same("储值余额", papers.fen(text, "储值余额"), value)


def _lapses(audit: Audit, text: str, until: int) -> Seen:
    """Every card whose points December's check takes: of whom is a member for a year then."""
    said = re.findall(r"^卡尾号 \d{4} +(\d+)$", text, re.M)
    rooms = [room for room in audit.accounts("points:") if ":card:" not in room]  # no visitors
    held = [audit.at(room, "point", until) for room in rooms if not audit.joined(room)]
    booked = sorted(points for points in held if points)
    if sorted(map(int, said)) != booked or "2026-12-15" not in text:
        yield f"{said} on paper, {booked} in the journal"
    found = re.search(r"共 (\d+) 分", text)
    yield from same("in all", None if found is None else int(found[1]), sum(booked))


def _purchases(audit: Audit, text: str, _: int) -> Seen:
    """A list of what a card has bought: number and amount of each."""
    row = r"^ ?\d+ \d\d-\d\d \d\d:\d\d #(\d+) *(?: ([\d.]+))?$"
    for number, amount in re.findall(row, text, re.M):
        body = audit.entries[int(number)]["body"]
        if amount and slips.fen_of(amount) != body["pay_fen"]:
            yield f"#{number} for {amount}, {body['pay_fen']} in the journal"


CHECKS = {
    "积分核对单": _lapses,
    "退哪一单": _purchases,
    "交班单(X)": _shift,
    "今日营业": _today,
    "导购业绩": _guides,
    "畅销商品": _goods,
    "时段销售": _hours,
    "库存单": _levels,
    "库存提醒": _alerts,
    "会员查询单": _inquiry,
}
