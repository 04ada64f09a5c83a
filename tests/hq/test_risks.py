"""What shops gave without the right in hand, as headquarters shows it: to whom, since when."""

import json
from pathlib import Path

import pytest

from daemon.ledger import accounts
from daemon.ledger.bodies import PointsRedeemed
from daemon.ledger.kinds import Kind, right_unit, room_unit
from daemon.ledger.limits import ONCE, VALUE, Draw, Hand, postings
from daemon.ledger.machine import BY_BOX
from daemon.ledger.records import Draft
from daemon.ledger.views import Durable
from hq import packs
from hq.answers import NO, YES
from hq.cli import main
from hq.risks import risks
from hq.unitwords import amount_of, name_of
from tests.sync.shops import CARD, OTHER, Shops
from tests.sync.world import Box

PACK = Path(__file__).parents[2] / "config" / "packs" / "zhenzi.json"
CAP = room_unit("spend", "2026-03")


@pytest.fixture
def shops(tmp_path: Path) -> Shops:
    shops = Shops(tmp_path)
    pack = json.loads(PACK.read_text(encoding="utf-8"))
    pack["earn"][0]["cap"] = {"most": 60, "per": "month", "unit": "points"}
    packs.publish(shops.world.office, json.dumps(pack))
    shops.run(60)
    return shops


def issue(shops: Shops, box: Box, member: str, unit: str, amount: int) -> str:
    """Issue in a shop that has no right to it (below 0: it comes back); return the entry."""
    books, name = box.ledger.books, f"i{len(box.ledger.entries)}"

    def at_risk(unit: str) -> int:
        return -books.held(accounts.risked(member), unit, "")

    hand = Hand(books.lots, lambda draw: False, risks=True, at_risk=at_risk)
    moved = postings(member, [Draw(unit, amount, 60, "2026-03-01")], hand)
    assert not isinstance(moved, str)
    body = PointsRedeemed(member, "", "gift", 0, "", 0)
    at = box.ledger.at()
    draft = Draft("till", name, Kind.POINTS_REDEEMED, at, BY_BOX, None, None, body, moved)
    done = box.ledger.commit(draft)
    assert isinstance(done, Durable)
    box.courier.wake()
    shops.run(20)
    return f"{box.ledger.chain}:{done.entry.seq}"


def test_a_risk_says_whom_how_much_where_since_when_and_what_it_stands_on(shops: Shops) -> None:
    office = shops.world.office
    assert risks(office) == []
    member = shops.member(CARD)
    first = issue(shops, shops.other, member, CAP, 50)
    second = issue(shops, shops.other, member, CAP, 20)
    (one,) = risks(office)
    assert (one.member, one.card, one.box, one.unit) == (member, CARD, "0002", CAP)
    assert (one.amount, one.issued, one.limit) == (70, 70, 60)
    assert [(by.entry, by.amount) for by in one.stands_on] == [(first, 50), (second, 20)]
    assert one.since == one.stands_on[0].at
    assert one.data_age_s is not None


def test_what_comes_back_ends_the_risk(shops: Shops) -> None:
    member = shops.member(CARD)
    issue(shops, shops.other, member, CAP, 50)
    issue(shops, shops.other, member, CAP, -20)
    assert [one.amount for one in risks(shops.world.office)] == [30]
    issue(shops, shops.other, member, CAP, -30)
    assert risks(shops.world.office) == []


def test_two_shops_and_two_limits_are_risks_of_their_own(shops: Shops) -> None:
    for box, card, unit in (
        (shops.other, CARD, CAP),
        (shops.other, CARD, VALUE),
        (shops.home, OTHER, VALUE),
    ):
        issue(shops, box, shops.member(card), unit, 30)
    found = {(one.box, one.card, one.unit): one for one in risks(shops.world.office)}
    assert set(found) == {("0002", CARD, CAP), ("0002", CARD, VALUE), ("0001", OTHER, VALUE)}
    value = found["0001", OTHER, VALUE]
    assert (value.issued, value.limit) == (52_000, 500_000), "what is on the card, and may be"


def test_who_joined_at_risk_is_none_once_headquarters_knows_all_shops(shops: Shops) -> None:
    member = shops.enrol(shops.other, "8800000000506", 0)
    shops.run(40)
    issue(shops, shops.other, member, right_unit("join", ONCE), 1)
    assert risks(shops.world.office) == [], "nobody was this person before"
    issue(shops, shops.other, shops.member(CARD), right_unit("join", ONCE), 1)
    assert [one.card for one in risks(shops.world.office)] == [CARD]


def test_the_command_says_it_in_words_and_as_one_object(
    shops: Shops, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["--dir", str(shops.world.office.folder)]
    assert main([*folder, "risks"]) == YES
    assert "nothing is at risk" in capsys.readouterr().out
    entry = issue(shops, shops.other, shops.member(CARD), CAP, 70)
    assert main([*folder, "risks"]) == NO
    out = " ".join(capsys.readouterr().out.split())
    assert "hold void" in out
    assert CARD in out
    assert main([*folder, "risks", "--json"]) == NO
    (one,) = json.loads(capsys.readouterr().out)["risks"]
    assert (one["amount"], one["unit"], one["stands_on"][0]["entry"]) == (70, CAP, entry)
    assert one["said"] == "what spend may still give, month 2026-03"


@pytest.mark.parametrize(
    ("unit", "amount", "said"),
    [
        ("principal", 12345, ("stored value, principal (本金), yuan", "123.45")),
        ("point", 7, ("points (积分)", "7")),
        (VALUE, -50, ("room on cards for stored value (储值额度), yuan", "-0.50")),
        ("room:base:2026-W10", 3, ("what base may still give, week 10 of 2026", "3")),
        ("room:times:g:1:2026", 3, ("how often g:1 may be given, year 2026", "3")),
        ("right:bday:2026-03-06", 1, ("right to bday, day 2026-03-06", "1")),
        ("right:up:0018.1:52", 1, ("right to up, since 0018.1:52", "1")),
        ("right:home:always", 2, ("members whose limits the shop opens", "2")),
        ("claim:bonus", 250, ("owed back (待扣): stored value, bonus (赠送金), yuan", "2.50")),
        ("coupon:c10", 2, ("coupons c10", "2")),
        ("weather", 2, ("weather", "2")),
    ],
)
def test_units_are_named_for_people(unit: str, amount: int, said: tuple[str, str]) -> None:
    assert (name_of(unit), amount_of(unit, amount)) == said
