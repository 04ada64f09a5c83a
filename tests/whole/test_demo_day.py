"""The demo shop's day in full: what its file expects of every act, on paper and in the journal.

A figure is looked for three times: in the entry, on the paper, and in what balances make of it.
"""

from collections import Counter

import pytest

from tests.whole import papers
from tests.whole.demo_day import CARDS, DAY, SHOP, DemoDay

ONE_ENTRY = {"sale", "enrol", "topup", "exchange", "redeem_gift", "return", "day_close"}
TITLES = {
    "sale": "销售小票",
    "enrol": "入会登记单",
    "topup": "储值充值凭证\n      (不征税·非销售小票)",
    "exchange": "换货单",
    "redeem_gift": "积分兑换单",
    "return": "退货单",
    "day_close": "日结单(Z)",
}
KINDS = {
    "enrol": "member.enrolled",
    "redeem_gift": "points.redeemed",
    "day_close": "day.closed",
}
TENDERS = {one["code"]: one["name"] for one in SHOP["tenders"]}
CLOSE = DAY[-1]


@pytest.fixture(scope="module")
def day(stage):
    return DemoDay(stage)


@pytest.mark.parametrize("act", DAY, ids=[f"{act['at']} {act['do']}" for act in DAY])
def test_the_act_is_on_paper_and_in_the_journal_as_the_file_says(day, act):
    came = day.play(act)
    kinds = [entry["kind"] for entry in came.entries]
    assert kinds == ([KINDS.get(act["do"], act["do"])] if act["do"] in ONE_ENTRY else [])
    for entry in came.entries:
        assert entry["at"]["wall"].startswith(f"{SHOP['shop']['business_date']}T{act['at']}")
    for text in came.texts:
        assert TITLES[act["do"]] in text
        assert f"时间 {act['at']}" in text
        assert papers.seq(text) == came.entries[0]["seq"]
    for name, wanted in act.get("expect", {}).items():
        by_act = f"{act['do']}.{name}"
        EXPECTED[by_act if by_act in EXPECTED else name](came, wanted)


# -- what `expect` may say: one function each, by name or by act and name -------------------------


def _in_body(field, label="", sign=1):
    """The figure stands in the entry's body, and behind a label on every copy of the paper."""

    def check(came, wanted):
        (entry,) = came.entries
        assert entry["body"].get(field, 0) == abs(wanted)
        for text in came.texts if label and wanted else ():
            assert papers.fen(text, label) == sign * wanted, text

    return check


def _points(came, wanted):
    (entry,) = came.entries
    assert moved(entry, "points:", "point") == wanted
    labels = ("本次积分", "入会积分", "赠送积分", "扣回积分", "兑换积分")
    for text in came.texts:
        said = [papers.count(text, label) for label in labels]
        assert [one for one in said if one] == ([wanted] if wanted else []), text


def _left(label, read):
    """A balance stands on paper, as of the entry."""

    def check(came, wanted):
        assert came.texts
        for text in came.texts:
            assert read(text, label) == wanted, text

    return check


def _principal_left(came, wanted):
    for text in came.texts:
        assert papers.fen(text, "储值余额") == papers.fen(text, "本金") == wanted, text


def _principal_told(came, wanted):
    """A swipe prints nothing; the balance is told by `.`"""
    assert f"BALANCE {wanted // 100}.{wanted % 100:02}" in came.pole


def _offer(came, wanted):
    assert wanted == "enrol_by_purchase"
    assert "本单已符合入会条件" in came.texts[0]


def _stock(came, wanted):
    (entry,) = came.entries
    changes: Counter[str] = Counter()
    for posting in entry["postings"]:
        sku = posting["account"].removeprefix("stock:")
        if sku != posting["account"]:
            changes[sku] += posting["amount"]
    assert dict(changes) == wanted


def _refused(came, wanted):
    assert wanted == "card_lost"
    assert "E03" in came.clerk and "PLEASE WAIT" in came.pole


def _prompt(came, wanted):
    assert wanted == "term_ended"
    assert "PLEASE WAIT" in came.pole


def _paid_back(came, wanted):
    (entry,) = came.entries
    assert moved(entry, "cash:drawer", "fen") == wanted == -entry["body"]["pay_fen"]
    assert papers.fen(came.texts[0], "实退") == papers.fen(came.texts[0], "现金") == -wanted


def _even(came, wanted):
    (entry,) = came.entries
    assert wanted == entry["body"]["net_fen"] == 0
    assert moved(entry, "cash:drawer", "fen") == moved(entry, "tender:", "fen") == 0


def _promised(came, wanted):
    sku, said = wanted.split(" ", 1)
    (entry,) = came.entries
    body = entry["body"]
    assert (body["sku"], body["promised"], body["from_hq"]) == (sku, True, True)
    assert said == "待总部寄出" and "总部寄出" in came.texts[0]
    assert moved(entry, "waiting:", "piece") == 1


def _tenders(came, wanted):
    taken = {one["code"]: one.get("sales_fen", 0) for one in totals(came)["tenders"]}
    assert {code: fen for code, fen in taken.items() if fen} == wanted
    for code, fen in wanted.items():
        row = next(row for row in came.texts[0].splitlines() if row.startswith(TENDERS[code]))
        both = fen + next(one for one in totals(came)["tenders"] if one["code"] == code).get(
            "other_fen", 0
        )
        assert papers.fen(row, row.split()[1]) == both, row


def _wechat(came, wanted):
    (one,) = [one for one in totals(came)["tenders"] if one["code"] == "wechat"]
    assert one["sales_fen"] + one["other_fen"] == wanted


def _change(came, wanted):
    (entry,) = came.entries
    assert entry["body"]["tenders"][0]["change_fen"] == wanted
    assert papers.fen(came.texts[0], "找零") == wanted
    assert f"CHG {wanted // 100}.{wanted % 100:02}" in came.pole


def _total(field, label, read=papers.fen, sign=1):
    def check(came, wanted):
        assert totals(came).get(field, 0) == wanted
        said = read(came.texts[0], label)
        assert said == (sign * wanted if wanted else None), came.texts[0]

    return check


EXPECTED = {
    "pay": _in_body("pay_fen"),
    "sale.pay": _in_body("pay_fen"),
    "enrol.pay": _in_body("fee_fen"),
    "return.pay": _paid_back,
    "exchange.pay": _even,
    "bill": _in_body("bill_fen", "合计"),
    "list": _in_body("list_fen"),
    "saved": _left("本单已优惠", papers.fen),
    "moling": _in_body("rounding_fen", "抹零", sign=-1),
    "change": _change,
    "points": _points,
    "balance_points": _left("可用积分", papers.count),
    "principal": _principal_left,
    "swipe.principal": _principal_told,
    "invoiceable": _left("可开票金额", papers.fen),
    "offer": _offer,
    "stock": _stock,
    "refused": _refused,
    "prompt": _prompt,
    "entitlement": _promised,
    "goods_gross": _total("goods_gross_fen", "销售 5笔"),
    "returns": _total("returns_fen", "退货 1笔"),
    "goods_net": _total("goods_net_fen", "商品净额"),
    "day_close.moling": _total("rounding_fen", "抹零", sign=-1),
    "topup": _total("topup_fen", "储值充值"),
    "enrol_fee": _total("fee_fen", "会费"),
    "tenders_sales": _tenders,
    "cash_expected_in_drawer": _total("cash_expected_fen", "钱箱应有"),
    "wechat_total": _wechat,
    "points_granted": _total("points_granted", "积分发放", papers.count),
    "points_taken_back": _total("points_taken_back", "积分扣回", papers.count),
    "points_redeemed": _total("points_redeemed", "积分兑换", papers.count),
}


def moved(entry, account, unit):
    """Return what an entry moved into accounts that begin so."""
    return sum(
        one["amount"]
        for one in entry["postings"]
        if one["account"].startswith(account) and one["unit"] == unit
    )


def totals(came):
    return came.entries[0]["body"]["totals"]


# -- the whole day --------------------------------------------------------------------------------


def test_its_books_balance_to_the_fen(day):
    """What the file says of the day is the sum of what its acts' entries moved."""
    said = CLOSE["expect"]
    entries = [one for came in day.came.values() for one in came.entries]
    opened = [one for one in day.entries(0) if one["kind"] == "shift.opened"]
    assert [one["body"]["float_fen"] for one in opened] == [DAY[0]["float"]]
    assert [one["body"]["operator"] for one in opened] == [DAY[0]["staff"]]
    books: Counter[tuple[str, str, str]] = Counter()
    for entry in (*opened, *entries):
        sums: Counter[str] = Counter()
        for one in entry["postings"]:
            sums[one["unit"]] += one["amount"]
            books[one["account"].split(":")[0], one["account"], one["unit"]] += one["amount"]
        assert not any(sums.values()), entry

    def of(account):
        return books[account.split(":")[0], account, "fen"]

    assert of("cash:drawer") == said["cash_expected_in_drawer"]
    assert of("tender:wechat") == said["wechat_total"]
    assert -of("sales:goods") - of("rounding:cash") == said["goods_net"]
    assert said["goods_gross"] - said["moling"] + said["returns"] == said["goods_net"]
    assert sum(said["tenders_sales"].values()) == said["goods_net"]
    points = sum(n for (room, _, unit), n in books.items() if (room, unit) == ("points", "point"))
    assert points == sum(
        said[name] for name in ("points_granted", "points_taken_back", "points_redeemed")
    )


def test_the_box_and_headquarters_have_the_members_at_the_files_last_word(day):
    last = {}
    for act in DAY:
        if "balance_points" in act.get("expect", {}):
            last[act.get("member", "M1")] = act["expect"]["balance_points"]
    day.stage.until(day.stage.in_step, "headquarters to be in step")
    members = {one["card"]: one for one in day.stage.hq("members")["members"]}
    assert {name: members[CARDS[name]]["points"] for name in last} == last
    assert sorted(last) == ["M1", "M2", "M3"]
    assert members[CARDS["M1"]]["principal"] == 13200
    assert day.stage.box("verify", "--full")["ok"]


def test_nothing_of_the_day_is_left_to_print(day):
    assert day.stage.box("status")["spool"] == 0
    printed = [text for came in day.came.values() for text in came.texts]
    assert len(printed) == len(day.stage.bench.receipts())
    assert not any(one["unknown_bytes"] for one in day.stage.bench.receipts())
