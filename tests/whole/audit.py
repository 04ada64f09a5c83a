"""Papers against the journal: what was printed is what is written, entry by entry.

The balances that papers name are added up here from the postings alone, without the box's books.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.whole import papers
from tests.whole.demo_day import SHOP

Seen = Iterator[str]
NAMES = {one["code"]: one["name"] for one in SHOP["tenders"]}
VALUE = (("principal:", "principal"), ("bonus:", "bonus"))
EXPLAINS = "积分计算说明"  # of an entry that has its paper already
UNBOOKED = ("练习·无效", "补打")  # of nothing, or of an entry that has its paper already


class Audit:
    """The entries of a box in order, and what stood in which account after each."""

    def __init__(self, entries: Sequence, head: str) -> None:  # type: ignore[type-arg]
        """`head`: the hash of the last entry, which none follows yet."""
        self.entries = {int(one["seq"]): one for one in entries}
        self._head = head
        self._after: dict[int, dict[tuple[str, str], int]] = {}
        held: Counter[tuple[str, str]] = Counter()
        for number, entry in sorted(self.entries.items()):
            own = f"{entry['box']}.{entry['epoch']}"
            moved = [one for one in entry["postings"] if one["holder"] == own]
            for one in moved:
                held[one["account"], one["unit"]] += one["amount"]
            self._after[number] = {
                key: held[key] for key in {(one["account"], one["unit"]) for one in moved}
            }
            self._after[number] |= self._of_member(entry, held)
            self._after[number]["cash:drawer", "fen"] = held["cash:drawer", "fen"]
        self.last = held

    def _of_member(self, entry, held) -> dict[tuple[str, str], int]:
        """A sale without points still names the balance."""
        member = entry["body"].get("member", "") or (
            f"{entry['box']}.{entry['epoch']}:{entry['seq']}"
            if entry["kind"] == "member.enrolled"
            else ""
        )
        units = (("points:", "point"), *VALUE)
        return {(room + member, unit): held[room + member, unit] for room, unit in units}

    def member(self, tail: str) -> str:
        """Return whose card ends so."""
        bodies = (entry["body"] for entry in self.entries.values())
        return next(
            str(body["member"])
            for body in bodies
            if str(body.get("card", "")).endswith(tail) and body.get("member")
        )

    def after(self, entry, room: str, unit: str) -> int:
        """Return what the entry's member had in an account right after it."""
        member = entry["body"].get("member") or f"{entry['box']}.{entry['epoch']}:{entry['seq']}"
        return self._after[entry["seq"]][room + member, unit]

    def drawer_after(self, entry) -> int:
        return self._after[entry["seq"]]["cash:drawer", "fen"]

    def digest(self, entry) -> str:
        """Return an entry's hash, as its follower names it."""
        after = self.entries.get(entry["seq"] + 1)
        return self._head if after is None else str(after["prev"])

    # -- one paper -----------------------------------------------------------------------------

    def wrong(self, text: str) -> list[str]:
        """Return what a paper says otherwise than its entry."""
        number = papers.seq(text)
        if number is None or any(mark in text for mark in UNBOOKED):
            return []
        entry = self.entries.get(number)
        if entry is None:
            return [f"there is no entry {number}"]
        check = _explained if EXPLAINS in text else CHECKS.get(entry["kind"])
        found = list(check(self, entry, text)) if check is not None else []
        if f"{entry['at']['wall'][11:16]}" not in text:
            found.append("another time")
        return [f"{number} {entry['kind']}: {one}" for one in found]

    def balances(self, entry, text: str) -> Seen:
        """可用积分 and 储值余额 where they are named."""
        points = papers.count(text, "可用积分")
        if points is not None and points != self.after(entry, "points:", "point"):
            yield f"可用积分 {points}, {self.after(entry, 'points:', 'point')} in the journal"
        value = papers.fen(text, "储值余额")
        booked = sum(self.after(entry, room, unit) for room, unit in VALUE)
        if value is not None and value != booked:
            yield f"储值余额 {value}, {booked} in the journal"


def same(what: str, said: int | None, booked: int | None) -> Seen:
    if (said or 0) != (booked or 0):
        yield f"{what}: {said} on paper, {booked} in the journal"


def _sale(audit: Audit, entry, text: str) -> Seen:
    body = entry["body"]
    yield from same("合计", papers.fen(text, "合计"), body["bill_fen"])
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
    yield from same("实退", papers.fen(text, "实退"), body["pay_fen"])
    yield from same("抹零", papers.fen(text, "抹零"), -body["rounding_fen"])
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
    if entry["body"].get("member"):
        yield from audit.balances(entry, text)


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
}
