"""The law's cap on a card as a room: topped up, spent, given back, restored, confirmed, lapsed."""

from pathlib import Path

import msgspec
import pytest

from daemon.ledger import accounts
from daemon.ledger.bodies import Taken
from daemon.ledger.codec import down_message
from daemon.ledger.limits import VALUE
from daemon.ledger.messages import (
    DownMessage,
    GrantedLot,
    HoldingGranted,
    Please,
    PleasePart,
    Restore,
)
from daemon.ledger.requests import CONFIRM, DENY, RELEASE, answer
from daemon.ledger.views import Durable
from daemon.sync.answering import answering_from
from tests.acts.test_limits import DRAWN, LIMIT, RIGHT, at_home, made_till, risk
from tests.acts.till import Till, cash, line
from tests.ledger.shop import message


@pytest.fixture
def till(tmp_path: Path):
    made = made_till(tmp_path)
    yield made
    made.close()


def topped_up(till: Till, fen: int) -> str:
    return till.do("topup", member="M1", amount_fen=fen, tenders=cash(fen)).refused


def paid(till: Till, fen: int) -> str:
    sold = {"member": "M1", "lines": [line(1, "TOY", fen)], "tenders": [], "value_fen": fen}
    return till.done("sale", **sold)


def room(till: Till) -> int:
    return till.has(RIGHT, VALUE)


def test_a_card_is_topped_up_to_the_laws_cap_and_what_is_spent_makes_room(till: Till) -> None:
    at_home(till)
    assert topped_up(till, 300_000) == ""
    assert room(till) == 200_000
    assert topped_up(till, 200_001) == "over_cap"
    sale = paid(till, 120_000)
    assert room(till) == 320_000
    assert topped_up(till, 300_000) == ""
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}], reason=1)
    value = till.has(accounts.principal("M1"), "principal")
    assert value == 600_000, "a return gives back all, also above the cap"
    assert room(till) == 0
    assert till.has(accounts.risked("M1"), VALUE) == -100_000, "and the entry says by how much"


def test_another_shop_tops_up_only_what_it_has_room_for(till: Till) -> None:
    assert topped_up(till, 100) == "over_cap"
    lot = GrantedLot("0020.1:9:4000", RIGHT, VALUE, 50_000, "2026-03-01", "")
    till.down("holding.granted", HoldingGranted("M1", (lot,), ask="q1"))
    member = till.facts.member("M1")
    assert till.facts.held_value(member) == 450_000, "as if the rest were on the card"
    assert topped_up(till, 50_001) == "over_cap"
    assert topped_up(till, 50_000) == ""
    assert room(till) == 0


def test_value_of_another_shop_that_is_spent_here_makes_room_here(till: Till) -> None:
    lot = GrantedLot(
        "0020.1:9:1", accounts.principal("M1"), "principal", 9000, "2026-03-01", "topup", topup="x"
    )
    till.down("holding.granted", HoldingGranted("M1", (lot,), ask="q1"))
    assert room(till) == 0, "what changes hands changes no room"
    paid(till, 4000)
    assert (room(till), till.has(accounts.FREED, VALUE)) == (4000, -4000)


def give_back(till: Till, sale: str, n: int) -> None:
    """Another shop took the goods back; headquarters has what paid for them restored here."""
    parts = msgspec.convert(till.body(sale)["spent"], tuple[Taken, ...])
    asked = Restore("M1", sale, "0019.1:81", parts)
    told = down_message(message("please.restore", asked, n=n))
    answers(till, told, asked)


def answers(till: Till, told: DownMessage, asked: Please | Restore) -> None:
    draft = answer(till.facts.at(), told, asked, answering_from(till.store).hand)
    assert isinstance(till.store.commit(draft), Durable)


def test_value_that_headquarters_gives_back_takes_the_room_it_had_left(till: Till) -> None:
    at_home(till)
    assert topped_up(till, 300_000) == ""
    sale = paid(till, 120_000)
    assert room(till) == 320_000
    give_back(till, sale, 510)
    assert (room(till), till.has(accounts.risked("M1"), VALUE)) == (200_000, 0)
    sale = paid(till, 120_000)
    assert topped_up(till, 300_000) == ""
    give_back(till, sale, 511)
    assert (room(till), till.has(accounts.risked("M1"), VALUE)) == (0, -100_000), (
        "above the cap, said"
    )


def let_go(till: Till, unit: str, amount: int, n: int = 520) -> None:
    """Headquarters asks for what lies here of a limit: another shop wants it."""
    asked = Please("M1", (PleasePart(RIGHT, unit, amount),), ask="q9")
    answers(till, down_message(message(RELEASE, asked, n=n)), asked)


def test_value_that_comes_back_where_all_room_went_away_stands_at_risk(till: Till) -> None:
    """The cap is 500000: 180000 on the card, 320000 of room gone to another shop, 120000 back."""
    at_home(till)
    assert topped_up(till, 300_000) == ""
    sale = paid(till, 120_000)
    let_go(till, VALUE, 320_000)
    assert (room(till), till.has(DRAWN, VALUE)) == (0, 180_000)
    give_back(till, sale, 510)
    assert (room(till), risk(till)) == (0, 120_000)
    paid(till, 150_000)
    assert (room(till), risk(till)) == (30_000, 0), "what was above the cap leaves no room"
    value = till.has(accounts.principal("M1"), "principal")
    assert value + room(till) + 320_000 == 500_000


def test_value_that_comes_back_where_its_room_is_used_up_stands_at_risk(till: Till) -> None:
    lot = GrantedLot("0020.1:9:1", accounts.principal("M1"), "principal", 9000, "2026-03-01", "t")
    till.down("holding.granted", HoldingGranted("M1", (lot,), ask="q1"))
    sale = paid(till, 4000)
    let_go(till, VALUE, 4000)
    give_back(till, sale, 510)
    assert risk(till) == 4000, "what it had left here went on"


@pytest.mark.parametrize("unit", ["principal", "bonus"])
def test_value_that_headquarters_confirms_takes_its_room(till: Till, unit: str) -> None:
    at_home(till)
    assert topped_up(till, 499_000) == ""
    waiting, names = accounts.pending("M1"), ("0020.1:9:1", "0020.1:9:2")
    lots = [GrantedLot(name, waiting, unit, 800, "2026-03-01", "join") for name in names]
    till.down("holding.granted", HoldingGranted("M1", tuple(lots)))
    assert (room(till), risk(till)) == (1000, 0), "what cannot be spent takes no room"
    for n, name in enumerate(names, 510):
        asked = Please("M1", (PleasePart(waiting, unit, 800, (name,)),))
        answers(till, down_message(message(CONFIRM, asked, n=n)), asked)
    assert (room(till), risk(till)) == (0, 600)
    purse = {"principal": accounts.principal, "bonus": accounts.bonus}[unit]("M1")
    taken = Please("M1", (PleasePart(purse, unit, 800, (names[1],)),), "joined before")
    answers(till, down_message(message(DENY, taken, n=512)), taken)
    assert (room(till), risk(till)) == (200, 0)


def test_value_of_elsewhere_that_goes_ends_the_risk_and_leaves_the_rest_as_room(till: Till) -> None:
    lot = GrantedLot("0020.1:9:1", accounts.principal("M1"), "principal", 13_000, "2026-03-01", "t")
    till.down("holding.granted", HoldingGranted("M1", (lot,), ask="q1"))
    sale = paid(till, 4000)
    let_go(till, VALUE, 4000)
    give_back(till, sale, 510)
    assert (room(till), risk(till)) == (0, 4000)
    paid(till, 9000)
    assert (room(till), risk(till), till.has(DRAWN, VALUE)) == (5000, 0, 0)


def test_a_full_card_stands_at_risk_with_whatever_is_confirmed(till: Till) -> None:
    """Headquarters brought in the whole cap: the home has nothing to open, not a fen."""
    at_home(till)
    lot = GrantedLot("0020.1:9:1", accounts.principal("M1"), "principal", 500_000, "2026-03-01", "")
    till.down("holding.granted", HoldingGranted("M1", (lot,)))
    confirmed(till, 1, n=510)
    assert (room(till), risk(till), till.has(LIMIT, VALUE)) == (0, 1, 0)


def test_one_fen_takes_one_fen_of_room(till: Till) -> None:
    at_home(till)
    assert topped_up(till, 1) == ""
    assert room(till) == 499_999
    confirmed(till, 1, n=510)
    assert room(till) == 499_998


def confirmed(till: Till, fen: int, n: int) -> None:
    waiting, name = accounts.pending("M1"), f"0020.1:{n}:1"
    lot = GrantedLot(name, waiting, "principal", fen, "2026-03-01", "join")
    till.down("holding.granted", HoldingGranted("M1", (lot,)))
    asked = Please("M1", (PleasePart(waiting, "principal", fen, (name,)),))
    answers(till, down_message(message(CONFIRM, asked, n=n)), asked)


def test_a_card_above_the_cap_has_no_room_before_it_is_below(till: Till) -> None:
    """Headquarters brought in more than the law allows, before the home had opened anything."""
    at_home(till)
    lot = GrantedLot("0020.1:9:1", accounts.principal("M1"), "principal", 600_000, "2026-03-01", "")
    till.down("holding.granted", HoldingGranted("M1", (lot,)))
    for fen, left in ((30_000, 0), (170_000, 100_000), (50_000, 150_000)):
        paid(till, fen)
        assert room(till) == left


def test_bonus_that_lapses_makes_room_once(till: Till) -> None:
    at_home(till)
    assert topped_up(till, 100_000) == ""
    lots = [
        GrantedLot(
            f"hq.1:9:{n}", accounts.bonus("M1"), "bonus", 5000, "2026-03-01", "gift", expires=day
        )
        for n, day in enumerate(("2026-03-10T00:00:00+08:00", "2026-03-11T00:00:00+08:00"), 1)
    ]
    till.down("holding.granted", HoldingGranted("M1", tuple(lots)))
    before = room(till)
    till.later(days=10)
    assert [one.entry.kind.value for one in till.acts.lapse()] == ["value.lapsed"] * 2
    assert (room(till), till.acts.lapse()) == (before + 10_000, [])
