"""Limits of the pack are holdings: opened at home, taken by every issue, given back by returns."""

import json
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from daemon.acts import ACTS, Acts
from daemon.ledger import accounts, machine
from daemon.ledger.limits import HOME, VALUE
from daemon.ledger.messages import (
    GrantedLot,
    HoldingGranted,
    Pack,
)
from daemon.ledger.records import Draft
from daemon.ledger.views import Durable
from daemon.limiting import Limiting
from daemon.rules.document import parse
from daemon.rules.limited import Limit, period
from daemon.rules.limited_pack import limits_of
from daemon.rules.watched import watched
from tests.acts.till import Till, cash, line

CAP = 30
UNIT = "room:base:2026-03"
RIGHT, DRAWN, LIMIT = accounts.right("M1"), accounts.drawn("M1"), accounts.limit("M1")
PACKS = Path(__file__).resolve().parents[2] / "config" / "packs"


@pytest.fixture
def till(tmp_path: Path):
    made = made_till(tmp_path)
    yield made
    made.close()


def made_till(folder: Path) -> Till:
    made = Till(folder)
    made.admit("M1")
    made.facts.limiting = Limiting(made.store, alone=False)
    activate(made)
    return made


def activate(till: Till, limits: str = "refuse", version: int = 1) -> None:
    cap = {"most": CAP, "per": "month", "unit": "points"}
    pack = {
        "id": "p",
        "version": version,
        "earn": [{"id": "base", "cap": cap}, {"id": "free"}],
        "roaming": {"limits": limits},
    }
    document = json.dumps({"pack": pack, "signature": "proved before it became active"})
    till.down("pack", Pack(document))
    ref = machine.pack_of(document)
    draft = machine.pack_activated(till.facts.at(), ref, request=f"v{version}")
    assert isinstance(till.store.commit(draft), Durable)


def at_home(till: Till, member: str = "M1") -> None:
    lot = GrantedLot("hq.1:500:1", accounts.right(member), HOME, 1, "2026-03-01", "home")
    till.down("holding.granted", HoldingGranted(member, (lot,)))


def sell(till: Till, points: int, rule: str = "base", **more: object) -> dict[str, object]:
    return {
        "member": "M1",
        "lines": [line(1, "TOY", 1000, points=points)],
        "tenders": cash(1000),
        "uses": [{"what": rule, "amount": points}],
        **more,
    }


def left(till: Till) -> int:
    """What the counter is told may still be given this month."""
    told = dict(till.facts.limiting.so_far("M1", (), date(2026, 3, 6)))
    return CAP - told.get("base:month", 0)


def hand(till: Till) -> tuple[int, int, int]:
    return till.has(RIGHT, UNIT), till.has(DRAWN, UNIT), till.has(LIMIT, UNIT)


def test_home_opens_a_limit_whole_with_the_first_issue_and_each_takes_its_part(till: Till) -> None:
    at_home(till)
    assert left(till) == CAP
    till.done("sale", **sell(till, 12))
    assert hand(till) == (18, 12, -CAP)
    assert left(till) == 18
    till.done("sale", **sell(till, 18))
    assert hand(till) == (0, CAP, -CAP)
    assert till.code("sale", **sell(till, 1)) == "over_cap"
    till.later(days=31)
    till.done("sale", **sell(till, CAP))
    assert till.has(DRAWN, "room:base:2026-04") == CAP, "a month later there is room again"


def test_what_has_no_limit_moves_nothing_more(till: Till) -> None:
    entry = till.done("sale", **sell(till, 12, rule="free"))
    written = till.facts.entry(entry)
    assert written is not None
    units = {one.unit for one in written.postings}
    assert not any(unit.startswith(("room:", "right:")) for unit in units)


def test_another_shop_gives_nothing_before_it_has_the_room(till: Till) -> None:
    assert left(till) == 0
    assert till.code("sale", **sell(till, 1)) == "over_cap"
    lot = GrantedLot("0020.1:9:4000", RIGHT, UNIT, 20, "2026-03-01", "")
    till.down("holding.granted", HoldingGranted("M1", (lot,), ask="q1"))
    assert left(till) == 20
    till.done("sale", **sell(till, 15))
    assert hand(till) == (5, 15, 0)
    assert till.code("sale", **sell(till, 6)) == "over_cap"


def test_a_pack_may_accept_the_risk_and_the_entry_says_how_much(till: Till) -> None:
    activate(till, "accept_risk", version=2)
    assert left(till) == CAP
    till.done("sale", **sell(till, 12))
    assert left(till) == CAP - 12, "what this shop gave counts"
    assert hand(till) == (0, 12, 0)
    assert till.has(accounts.risked("M1"), UNIT) == -12


def test_a_return_gives_the_room_back_to_the_month_of_its_sale(till: Till) -> None:
    at_home(till)
    entry = till.done("sale", **sell(till, 12))
    till.later(days=31)
    till.done("return", sale=entry, lines=[{"n": 1, "qty": 1}], reason=1)
    assert hand(till) == (CAP, 0, -CAP)
    assert till.has(DRAWN, "room:base:2026-04") == 0


def test_the_same_request_twice_takes_once(till: Till) -> None:
    at_home(till)
    first = till.do("sale", id="x", **sell(till, 12))
    again = till.do("sale", id="x", **sell(till, 12))
    assert again.entry == first.entry
    assert again.again
    assert hand(till) == (18, 12, -CAP)


ISSUES = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 20)), min_size=2, max_size=7)


@settings(max_examples=12, deadline=None)
@given(ISSUES)
@example([(0, 12), (1, 12), (2, 12)])
def test_tills_that_look_at_the_same_books_open_a_limit_once(issues: list[tuple[int, int]]) -> None:
    """Each till draws when it is asked and commits when it is asked next, or at the end."""
    with tempfile.TemporaryDirectory() as folder:
        till = made_till(Path(folder))
        at_home(till)
        waiting: dict[int, Draft] = {}
        for number, (who, points) in enumerate(issues):
            if who in waiting:
                commit(till, waiting.pop(who))
            found = drawn_sale(till, f"s{number}", points)
            if isinstance(found, Draft):
                waiting[who] = found
        for draft in waiting.values():
            commit(till, draft)
            right, drawn, opened = hand(till)
            assert (opened, right + drawn) == (-CAP, CAP)
            assert drawn <= CAP
        till.close()


def test_two_tills_at_once_open_a_limit_once(till: Till) -> None:
    at_home(till)
    acts = [Acts(till.facts) for _ in range(4)]
    start = Barrier(len(acts))

    def sell_at_once(number: int) -> str:
        request = {"id": f"s{number}", "source": "t", **sell(till, 9)}
        start.wait()
        return acts[number].do("sale", json.dumps(request).encode()).refused

    with ThreadPoolExecutor(len(acts)) as pool:
        refused = list(pool.map(sell_at_once, range(len(acts))))
    right, drawn, opened = hand(till)
    assert (opened, drawn, right) == (-CAP, 9 * refused.count(""), CAP - drawn)
    assert refused.count("") >= 1


def drawn_sale(till: Till, name: str, points: int) -> Draft | str:
    return till.facts.limiting.drawn(sale_draft(till, name, points))


def sale_draft(till: Till, name: str, points: int) -> Draft:
    asked = json.dumps({"id": name, "source": "t", **sell(till, points)}).encode()
    draft = ACTS["sale"](till.facts, asked)
    assert isinstance(draft, Draft)
    return draft


def commit(till: Till, draft: Draft) -> None:
    till.store.commit(draft)  # refused where another took what it had seen


def test_a_room_that_was_opened_and_given_away_is_not_opened_again(till: Till) -> None:
    at_home(till)
    till.done("sale", **sell(till, 12))
    (row,) = till.store.books.lots(RIGHT, UNIT)
    from daemon.ledger.moves import released

    gone = released(
        till.facts.at(), member="M1", to="hq", asked=99, lots=[row], request="r", source="t"
    )
    assert isinstance(till.store.commit(gone), Durable)
    assert left(till) == 0
    assert till.code("sale", **sell(till, 1)) == "over_cap"


def test_a_home_that_follows_a_loss_opens_only_what_begins_later(tmp_path: Path) -> None:
    """The lost chain may have opened this month's room, and the card's; the next month nobody."""
    till = made_till(tmp_path / "box")
    till.store.close()
    shutil.copytree(tmp_path / "box", tmp_path / "kept")
    till.start()
    at_home(till)
    till.store.close()
    shutil.copy(tmp_path / "kept" / "journal.db", tmp_path / "box" / "journal.db")
    till.start()
    till.facts.limiting = Limiting(till.store, alone=False)
    assert till.store.chain.epoch == 2
    at_home(till)
    assert till.code("sale", **sell(till, 1)) == "over_cap"
    assert till.code("topup", member="M1", amount_fen=100, tenders=cash(100)) == "over_cap"
    till.later(days=31)
    till.done("sale", **sell(till, CAP))
    assert till.has(DRAWN, "room:base:2026-04") == CAP
    till.close()


def test_a_box_without_headquarters_is_everybodys_home(till: Till) -> None:
    till.facts.limiting = Limiting(till.store, alone=True)
    till.done("sale", **sell(till, 12))
    assert hand(till) == (18, 12, -CAP)


def test_what_was_issued_at_risk_and_given_back_leaves_no_right(till: Till) -> None:
    activate(till, "accept_risk", version=2)
    lot = GrantedLot("0020.1:9:4000", RIGHT, UNIT, 5, "2026-03-01", "")
    till.down("holding.granted", HoldingGranted("M1", (lot,), ask="q1"))
    sale = till.done("sale", **sell(till, 12))
    assert (hand(till), risk(till, UNIT)) == ((0, 12, 0), 7)
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}], reason=1)
    assert (hand(till), risk(till, UNIT)) == ((5, 0, 0), 0)


def risk(till: Till, unit: str = VALUE) -> int:
    return -till.has(accounts.risked("M1"), unit)


@pytest.mark.parametrize(
    ("per", "name"),
    [
        ("day", "2026-03-06"),
        ("week", "2026-W10"),
        ("month", "2026-03"),
        ("quarter", "2026-Q1"),
        ("half_year", "2026-H1"),
        ("year", "2026"),
    ],
)
def test_a_unit_names_its_period_and_its_limit_is_found_again(per: str, name: str) -> None:
    assert period(per, date(2026, 3, 6)) == name
    rule = {"id": "g:1", "max_times": 2, "per": per}
    limits = limits_of(json.dumps({"pack": {"gifts": [rule]}}))
    limit = Limit("times:g:1", per, 2)
    assert limits.named(limit.unit(date(2026, 3, 6))) == limit
    assert limits.named("room:times:g:2:2026-03") is None


def test_every_limit_of_our_packs_is_counted_by_the_rules() -> None:
    """A limit that no entry counts would be a right that nothing takes."""
    for path in sorted(PACKS.glob("*.json")):
        if path.name == "pack.schema.json":
            continue
        text = path.read_text(encoding="utf-8")
        counted = set(watched(parse(text)))
        for limit in limits_of(json.dumps({"pack": json.loads(text)})).all():
            elsewhere = limit.what.startswith("times:") or limit.what == "transfer"
            assert limit.what in counted or elsewhere, (path.name, limit)
