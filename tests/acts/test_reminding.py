"""Due lists from real books: who, why, when; told only who agreed, masked for who may not see."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from daemon.ledger import machine
from daemon.ledger.messages import GrantedLot, HoldingGranted, Staff, StaffList
from daemon.ledger.records import By
from daemon.reminding import DueAsked, DueRow, due_rows, said
from daemon.rules.engine import Engine
from tests.acts.test_person import ADA, snapshot
from tests.acts.till import CARDS, Till, cash, line
from tests.rules.shop import engine_of

TO = ["store", "member"]
BIRTHDAY = {"id": "bday", "on": "birthday", "days_before": 15, "to": TO, "channel": "sms"}
LAPSE = {"id": "lapse", "on": "lapse", "days_before": 30, "to": TO, "text": "积分将清零"}
TERM = {"id": "term", "on": "term_end", "days_before": 30, "to": ["store"], "channel": "call"}
PREPARE = date(2027, 2, 14)  # 15 days before 1 March


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    """M1 (Ada, 1 March 1990, term to 2026-05-05) and M2, of whom nothing is known."""
    made = Till(tmp_path)
    snapshot(made, term_ends="2026-05-05T00:00:00+08:00")
    made.admit("M2")
    lot = GrantedLot("hq.1:1:1", "points:M1", "point", 300, "2026-01-01", "opening", "2026-12-15")
    made.down("holding.granted", HoldingGranted("M1", (lot,)))
    yield made
    made.close()


def rules(*reminders: dict[str, object], **sections: object) -> Engine:
    return engine_of(reminders=list(reminders), **sections)


def rows(till: Till, engine: Engine, first: date, last: date | None = None) -> list[DueRow]:
    return due_rows(till.facts, engine, first, last or first)


def test_who_why_and_when(till: Till) -> None:
    engine = rules(BIRTHDAY, LAPSE, TERM)
    listed = rows(till, engine, date(2026, 3, 1), date(2027, 2, 28))
    found = [(one.on, one.rule, one.member, one.day, one.why) for one in listed]
    assert found == [
        ("2026-04-05", "term", "M1", "2026-05-05", "term_end"),
        ("2026-11-15", "lapse", "M1", "2026-12-15", "lapse"),
        ("2027-02-14", "bday", "M1", "2027-03-01", "birthday"),
    ]
    assert [one.on for one in rows(till, engine, PREPARE)] == ["2027-02-14"]
    assert rows(till, engine, date(2027, 2, 15)) == []


@pytest.mark.parametrize("agreed", [True, False])
def test_a_member_himself_is_told_only_with_his_yes(till: Till, *, agreed: bool) -> None:
    engine = rules(BIRTHDAY | {"to": ["member"]}, LAPSE)
    both = (date(2026, 11, 15), PREPARE)
    assert [(one.rule, one.to) for one in rows(till, engine, *both)] == [("lapse", ("store",))]
    till.done("consent.changed", member="M1", terms="T1", marketing=agreed)
    told = [(one.rule, one.to) for one in rows(till, engine, *both)]
    assert told == (
        [("lapse", ("store", "member")), ("bday", ("member",))]
        if agreed
        else [("lapse", ("store",))]
    )
    till.done("consent.changed", member="M1", terms="T1", marketing=False)
    assert [one.rule for one in rows(till, engine, *both)] == ["lapse"]  # the last word counts


@pytest.mark.parametrize("role", ["clerk", "manager"])
def test_whole_names_are_for_the_roles_of_the_pack(till: Till, role: str) -> None:
    till.down("staff", StaffList((Staff("02", "周敏", role),)))
    engine = rules(BIRTHDAY, privacy={"profile_roles": ["manager"]})
    (row,) = rows(till, engine, PREPARE)
    whole = role == "manager"
    assert (row.name, row.phone) == ((ADA.name, ADA.phone) if whole else ("王**", "138****0001"))
    listed = said(till.facts, engine, DueAsked("2027-02-14"))
    assert listed.profiles == ("whole" if whole else "masked")
    assert listed.due == [row]


def test_nobody_signed_on_sees_nobody_whole(till: Till) -> None:
    draft = machine.shift_opened(
        till.facts.at(), by=By("", "clerk"), float_fen=0, source="t", request="none"
    )
    till.store.commit(draft)
    (row,) = rows(till, rules(BIRTHDAY), PREPARE)
    assert ADA.name not in row.name and row.phone != ADA.phone


def test_gates_look_at_what_was_bought_here(till: Till) -> None:
    gate = {"purchase_within": "P6M", "purchases_min": 2}
    engine = rules(TERM | {"gate": gate})
    day = date(2026, 4, 5)
    for bought, told in ((0, 0), (1, 0), (2, 1)):
        for _ in range(min(bought, 1)):
            till.done("sale", member="M1", lines=[line(1, "TOY", 1000)], tenders=cash(1000))
        assert len(rows(till, engine, day)) == told, bought


@pytest.mark.parametrize(("growth", "told"), [(99, 1), (100, 0)])
def test_a_level_that_would_be_lost_is_told_ahead(till: Till, growth: int, told: int) -> None:
    silver = {"id": "silver", "name": "银卡", "needs": {"growth": 100}}
    levels = {"list": [{"id": "basic", "name": "普通", "needs": {}}, silver], "window": "P1Y"}
    levels |= {"validity": "P1Y", "down": "to_reached"}
    risk = {"id": "risk", "on": "demotion", "days_before": 30, "to": ["store"]}
    engine = rules(risk, levels=levels)
    till.done(
        "level.changed",
        member="M1",
        level="silver",
        reason="growth",
        until="2026-12-31T00:00+08:00",
    )
    uses = [{"what": "@growth", "amount": growth}]
    sale = {"lines": [line(1, "TOY", 1000)], "tenders": cash(1000), "uses": uses}
    till.done("sale", member="M1", **sale)
    listed = rows(till, engine, date(2026, 12, 1))
    assert [(one.rule, one.day, one.why) for one in listed] == [
        ("risk", "2026-12-31", "demotion")
    ] * told


def test_a_card_that_is_lost_and_a_member_who_is_erased_are_on_no_list(till: Till) -> None:
    engine = rules(BIRTHDAY)
    assert len(rows(till, engine, PREPARE)) == 1
    till.done("card.lost", card=CARDS["M1"])
    assert rows(till, engine, PREPARE) == []
    till.done("member.erased", member="M1", reason="asked")
    assert rows(till, engine, PREPARE) == []


def test_a_pack_without_reminders_lists_nobody(till: Till) -> None:
    assert said(till.facts, rules(), DueAsked()).due == []
    today = till.facts.at().business_date
    assert said(till.facts, rules(), DueAsked()).last == today
