"""A whole day of a shop, made of a seed: 300 sales and everything else that happens at a counter.

While it is played, every receipt is held against pole and page. Then all papers are held against
the journal, and the journal's sums against the Z and headquarters.
"""

import json
import os
import random
from collections import Counter

import pytest

from daemon.counter.codes import Ask
from daemon.counter.scripts import script_of
from tests.stage import ROOT, Stage
from tests.whole import (
    aftersales,
    backoffice,
    cardservice,
    figures,
    gifts,
    mishaps,
    papers,
    sales,
    screens,
    services,
    slips,
    statements,
    tenders,
)
from tests.whole.audit import NAMES, Audit
from tests.whole.demo_day import CARDS, NOT_THE_COUNTERS, SHOP
from tests.whole.hands import Hands
from tests.whole.shopday import BLANKS, MEMBERS, ShopDay

SEED = int(os.environ.get("MEMBERBOX_DAY_SEED", "20260306"))
ACTS = {
    sales.passer_by: 65,
    sales.member_first: 60,
    sales.member_last: 22,
    sales.by_phone: 26,
    sales.visitor: 12,
    sales.own_card: 4,
    sales.ended_term: 4,
    sales.unlisted: 8,
    sales.unknown_code: 3,
    sales.changes_its_mind: 10,
    sales.by_hand: 5,
    sales.parked: 6,  # two sales each
    sales.stored_value: 14,
    sales.at_the_mall: 5,
    aftersales.void: 6,
    aftersales.exchange: 6,
    aftersales.late_points: 5,
    aftersales.joins_by_purchase: 4,
    aftersales.joins_by_fee: 5,
    aftersales.comes_back: 14,
    aftersales.without_receipt: 2,
    aftersales.inquiry: 6,
    aftersales.lost_card: 3,
    aftersales.topup: 8,
    aftersales.topup_taken_back: 2,
    aftersales.asks_balance: 3,
    aftersales.comes_back_by_card: 2,
    aftersales.exchange_dearer: 2,
    aftersales.exchange_cheaper: 2,
    gifts.redeems: 1,
    gifts.gift_arrives: 1,
    gifts.owed_gift: 1,
    cardservice.joins_by_grant: 1,
    cardservice.card_number_keyed: 3,
    cardservice.frozen_and_used_again: 1,
    cardservice.lost_and_replaced: 1,
    cardservice.pays_by_pin: 1,
    tenders.points_as_money: 3,
    tenders.mall_voucher: 3,
    tenders.coupon: 2,
    tenders.offer: 2,
    mishaps.out_of_paper: 1,
    mishaps.printer_unplugged: 1,
    mishaps.pole_silent: 1,
    mishaps.swiper_replugged: 1,
    services.renews_by_fee: 1,
    services.renews_by_purchase: 1,
    services.renews_by_grant: 1,
    services.value_back_whole: 2,
    services.value_back_used: 3,
    services.passes_points_on: 3,
    services.asks_why: 4,
    services.statement: 4,
    backoffice.x_report: 3,
    backoffice.cash_in: 3,
    backoffice.cash_out: 3,
    backoffice.drawer: 3,
    backoffice.receives: 3,
    backoffice.samples: 3,
    backoffice.counts: 3,
    backoffice.reprints: 4,
    backoffice.reports: 2,
    backoffice.hands_in: 2,
    backoffice.points_check: 1,
    backoffice.looks_at_stock: 2,
    backoffice.service: 1,
    backoffice.check_up: 1,
    backoffice.practises: 2,
    backoffice.hands_over: 3,
}
SALES = 300
UNBOOKED = (slips.PRACTICE, slips.AGAIN, slips.MALL_DAY)
BY_HAND = {"id": "damaged", "role": "manager", "max_off": 5000, "reasons": ["damaged"]}
PASSED_ON = {"min_points": 10, "max_points": 60}
AS_MONEY = {"id": "offset", "block": tenders.BLOCK_POINTS, "value_fen": tenders.BLOCK_FEN}
TRIO = {
    "id": "trio",
    "group": "pick",
    "who": "member",
    "on": "quantity",
    "steps": [{"least": 3, "off_fen": tenders.OFFER_FEN}],
    "skus": ["ZZ-004"],
}
COUPON = {
    "id": "topup-coupon",
    "min_fen": tenders.COUPON_FROM_YUAN * 100,
    "points": 100,
    "coupon": {"kind": "voucher", "value_fen": tenders.COUPON_FEN, "life": "P3M"},
}

MENUS = {
    Ask.TOPUP_AMOUNT: "/1",
    Ask.CHANNEL: "/2",
    Ask.RENEW_CHANNEL: "/2 renewed",
    Ask.AFTER_SALE: "/3",
    Ask.CARD_SERVICE: "/5",
    Ask.STOCK: "/6",
    Ask.SHIFT: "/7",
    Ask.REPRINT: "/8",
    Ask.SERVICE: "/9",
    Ask.REPORT: "/9 4",
}
GESTURES = {
    *("n ENTER", "scan", "n *", "n +", "-", ".", "+", "* n", "swipe", "swipe .", "phone", "..n"),
    *("E03", "E10", "+ coupon", "+ offer", "/0", "/0 n", "/1", "/3", "/3 card", "/4", "/8"),
    *("/3 3 dearer", "/3 3 cheaper", "/4 hand-over", "/4 owed"),
    *("printer out of paper", "printer unplugged", "pole silent", "swiper replugged"),
}
ENDS_THE_BOX = {"/9 8"}  # played in test_functions.py: another epoch begins


def flows() -> set[str]:
    """Return all that a day has: menus as the counter's scripts have them, tenders as the shop."""
    scripts = [script for digit in "0123456789" if (script := script_of(digit)) is not None]
    menus = {
        f"{MENUS[step.ask]} {row.key}"
        for script in scripts
        for step in script.steps
        if step.ask in MENUS
        for row in step.choices
    }
    return (menus | {one["key"] for one in SHOP["tenders"]} | GESTURES) - ENDS_THE_BOX


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """The demo shop, where a manager may set a price and let points go, and renewal is early."""
    pack = json.loads((ROOT / "config/packs/zhenzi.json").read_text(encoding="utf-8"))
    pack |= {"version": pack["version"] + 1, "manual": [BY_HAND], "transfer": PASSED_ON}
    pack["holds"] |= {"by": "manager"}
    pack["enrol"]["renew"]["before"] = "P60D"
    pack["enrol"]["renew"]["channels"].append({"kind": "grant"})
    pack["enrol"]["reissue"] = {"fee_fen": cardservice.REISSUE_FEN}
    pack["groups"]["pick"] = "choice"
    pack |= {"promos": [TRIO], "offsets": [AS_MONEY]}
    pack["stored_value"]["ladder"].append(COUPON)
    root = tmp_path_factory.mktemp("day")
    file = root / "pack.json"
    file.write_text(json.dumps(pack, ensure_ascii=False), encoding="utf-8")
    with Stage(root / "stage") as made:
        made.set_up(pack=file)
        yield made


@pytest.fixture(scope="module")
def played(stage):
    """The day, played to its Z."""
    day = ShopDay(Hands(stage), SEED)
    acts = [act for act, times in ACTS.items() for _ in range(times)]
    random.Random(SEED).shuffle(acts)
    for act in acts:
        try:
            day.do(act.__name__, act)
        except Exception as error:
            raise AssertionError(
                f"{act.__name__}, act {sum(day.done.values()) + 1} of seed {SEED}: {error}"
            ) from error
    day.do("closes", backoffice.closes)
    tail = stage.box("journal", "tail", "--count", "100000")["entries"]
    return day, Audit(tail, stage.box("journal", "show", str(tail[-1]["seq"]))["hash"])


def test_every_flow_was_gone_through_and_every_sale_is_in_the_journal(played):
    day, audit = played
    assert day.done == {act.__name__: times for act, times in ACTS.items()} | {"closes": 1}
    assert flows() - day.flows == set()
    kinds = Counter(entry["kind"] for entry in audit.entries.values())
    assert kinds["sale"] == SALES
    assert len({entry["id"] for entry in audit.entries.values() if entry["kind"] == "sale"}) == (
        SALES
    )


def test_what_papers_said_is_what_the_journal_holds(played):
    day, audit = played
    wrong = [one for paper in day.hands.papers for one in slips.wrong(audit, str(paper["text"]))]
    assert wrong == []
    assert not any(paper["unknown_bytes"] for paper in day.hands.papers)


def test_what_reports_said_is_what_the_journal_held_then(played):
    day, audit = played
    assert figures.wrong(audit, day.hands.papers) == []
    assert set(figures.seen(day.hands.papers)) == set(figures.CHECKS)


def test_what_screens_said_is_what_the_journal_holds(played):
    day, audit = played
    assert screens.wrong(audit, day.looks, day.hands.papers) == []
    told = screens.thanked(audit, day.looks, day.hands.papers)
    kinds = {entry["kind"] for entry in audit.entries.values()}
    assert kinds & set(screens.TITLES) - told == set(), "nobody looked at these"


def test_who_was_here_and_bought_nothing_is_noted_once(played):
    _, audit = played
    noted = [one["body"] for one in audit.entries.values() if one["kind"] == "visit.noted"]
    assert len(noted) == len({one["member"] for one in noted})
    assert {CARDS[name] for name in MEMBERS} <= {one["card"] for one in noted}


def test_no_view_of_the_page_ever_said_anything_else(played):
    day, audit = played
    assert screens.wrong_views(audit, day.hands) == []
    shown = Counter(str(view["kind"]) for view in day.hands.page.views)
    assert set(shown) == {"ads", "till", "thanks", "member", "price", "words"}
    assert shown["thanks"] >= SALES and shown["till"] >= SALES


def test_every_price_by_hand_was_allowed_first(played):
    day, audit = played
    noted = []
    for number, entry in sorted(audit.entries.items()):
        if entry["kind"] == "price.overridden":
            noted.append(entry["body"])
            (line,) = audit.entries[number + 1]["body"]["lines"]
            same = [noted[-1][key] for key in ("fen", "reason", "staff", "role")]
            assert [line["by_hand"][key] for key in ("fen", "reason", "staff", "role")] == same
            assert (line["paid_fen"], line["list_fen"]) == (same[0], noted[-1]["list_fen"])
    assert len(noted) == day.done["by_hand"]


def test_a_statement_names_every_entry_that_moved_the_points(played):
    day, audit = played
    assert statements.wrong(audit, day.hands.papers) == []
    assert sum("积分对账单" in str(one["text"]) for one in day.hands.papers) == 4


def test_every_entry_that_has_a_paper_got_it_once(played):
    day, audit = played
    printed = Counter(
        papers.seq(str(paper["text"]))
        for paper in day.hands.papers
        if not any(mark in str(paper["text"]) for mark in (*UNBOOKED, slips.EXPLAINS))
    )
    copies = {"topup": 2, "topup.voided": 2}
    papered = {
        "sale", "return", "sale.voided", "exchange", "member.enrolled", "points.redeemed",
        "cash.moved", "shift.closed", "stock.received", "stock.adjusted", "stock.counted",
        "mall.billed", "sale.claimed", "return.unreferenced", "member.renewed",
        "value.refunded", "points.transferred", "card.lost", "card.frozen", "card.unfrozen",
        "card.replaced", "entitlement.handed_over", "day.closed", *copies,
    }  # fmt: skip
    for number, entry in audit.entries.items():
        if entry["kind"] in papered:
            assert printed[number] == copies.get(entry["kind"], 1), entry


def test_the_z_agrees_to_the_fen_with_what_the_entries_moved(played):
    day, audit = played
    held = {account: amount for (account, unit), amount in audit.last.items() if unit == "fen"}
    assert papers.fen(day.z, "钱箱应有") == held["cash:drawer"]
    assert papers.fen(day.z, "商品净额") == -held["sales:goods"] - held["rounding:cash"]
    assert papers.fen(day.z, "抹零") == -held["rounding:cash"]
    for code in ("wechat", "alipay", "bank"):
        row = next(row for row in day.z.splitlines() if row.startswith(NAMES[code]))
        assert papers.last_fen(row) == held[f"tender:{code}"], row
    granted, taken_back, redeemed, paid = (
        papers.count(day.z, f"积分{what}") or 0 for what in ("发放", "扣回", "兑换", "支付")
    )
    assert granted == -moved(audit, "issued:points")
    members_hold = moved(audit, "points:") + moved(audit, "frozen:") - moved(audit, "claim:")
    assert granted + taken_back + redeemed + paid == members_hold, day.z
    assert paid < 0 and redeemed < 0
    handed_out = len(BLANKS) - len(day.blanks)
    assert papers.count(day.z, "新入会") == handed_out - day.done["lost_and_replaced"]


def moved(audit, room):
    """Return the points that the counter's own entries moved into accounts of a room."""
    return sum(
        one["amount"]
        for entry in audit.entries.values()
        for one in entry["postings"]
        if one["account"].startswith(room)
        and one["unit"] in ("point", "claim:point")
        and entry["kind"] not in NOT_THE_COUNTERS
    )


def test_books_verify_and_headquarters_has_the_same_members(played):
    day, audit = played
    stage = day.hands.stage
    proof = stage.box("verify", "--full")
    assert proof["ok"] and proof["bad"] == [], proof
    stage.until(stage.in_step, "headquarters to be in step", within_s=60)
    members = {one["card"]: one for one in stage.hq("members")["members"]}
    ids = {
        entry["body"]["card"]: entry["body"]["member"]
        for entry in audit.entries.values()
        if entry["kind"] == "sale" and entry["body"].get("member")
    }
    for name in ("M1", "M2", "M3", "M4"):
        one, member = members[CARDS[name]], ids[CARDS[name]]
        assert one["points"] == audit.last[f"points:{member}", "point"]
        assert one["principal"] == audit.last[f"principal:{member}", "principal"]


def test_the_days_rules_come_out_the_same_again(played):
    day, _ = played
    again = day.hands.stage.box("rules", "replay")
    assert (again["exit_code"], again["differences"]) == (0, [])
    assert again["evaluated"] >= SALES


def test_nothing_waits_and_nothing_failed(played):
    day, _ = played
    status = day.hands.stage.box("status")
    assert (status["spool"], status["store"]) == (0, "ok")
    words = day.hands.stage.words("box")
    assert "Traceback" not in words and "ERROR" not in words, words[-4000:]
