"""Questions of a box: told exactly once, in time, whatever is lost. And their answers."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger import accounts
from daemon.ledger.bodies import DownApplied, Sale, SaleLine, Tender
from daemon.ledger.codec import decode, down_body, down_message
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind
from daemon.ledger.machine import BY_BOX
from daemon.ledger.messages import AskAnswered, SaleTold
from daemon.ledger.records import Draft, Posting
from daemon.ledger.views import Durable
from daemon.sync.asking import (
    ASK_KEPT_MS,
    Asked,
    Asks,
    Came,
    Ended,
    Heard,
    Passed,
    SendAsk,
    TellAsker,
)
from daemon.wanted import Wanted, What
from hq import adjusting
from tests.sync.shops import CARD, Shops, kinds, released
from tests.sync.world import Faults

QUESTION = Wanted(What.MEMBER, card=CARD)

moves = st.lists(
    st.one_of(
        st.tuples(st.just("pass"), st.integers(0, 900)),
        st.tuples(st.just("hear"), st.integers(0, 2)),
        st.tuples(st.just("end"), st.integers(0, 2)),
        st.tuples(st.just("ask"), st.integers(0, 2)),
    ),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(moves)
def test_whoever_asks_is_told_once_and_in_time(moves: list[tuple[str, int]]) -> None:
    asks, now = Asks(), 0
    told: dict[str, int] = {}
    asked: dict[str, int] = {}
    ended = set()
    for what, value in moves:
        name = str(value)
        match what:
            case "ask" if name not in asked:
                asked[name] = now
                effects = asks.handle(Asked(name, QUESTION, 1500, now, True))
            case "hear":
                effects = asks.handle(Heard(AskAnswered(name, "found"), now))
            case "end":
                ended.add(name)
                effects = asks.handle(Ended(name))
            case "pass":
                now += value
                effects = asks.handle(Passed(now))
            case _:
                continue
        for effect in effects:
            if isinstance(effect, TellAsker):
                told[effect.id] = told.get(effect.id, 0) + 1
                assert effect.id in asked
        for one, since in asked.items():
            if one not in ended and now - since >= 2400 and what == "pass":
                assert told.get(one) == 1, "the deadline has passed"
        assert all(count == 1 for count in told.values())
    asks.handle(Passed(now + ASK_KEPT_MS))
    assert not asks.open


def test_a_question_is_sent_again_until_its_deadline() -> None:
    asks = Asks()
    assert asks.handle(Asked("a", QUESTION, 1500, 0, True)) == [SendAsk("a", QUESTION)]
    assert asks.handle(Passed(500)) == [SendAsk("a", QUESTION)]
    assert asks.handle(Passed(1000)) == [SendAsk("a", QUESTION)]
    assert asks.handle(Passed(1500)) == [TellAsker("a", Came.LATE)]
    assert asks.handle(Heard(AskAnswered("a", "found"), 1600)) == []
    assert asks.open, "what comes late is kept for the sale"
    asks.handle(Ended("a"))
    assert not asks.open


def test_offline_nobody_waits() -> None:
    told = Asks().handle(Asked("a", QUESTION, 1500, 0, False))
    assert told == [TellAsker("a", Came.OFFLINE)]


def test_a_member_of_another_shop_is_known_when_somebody_asks(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    assert kinds(shops.other).count("member.snapshot") == 0, "least data: nobody asked"
    shops.ask(shops.other, Wanted(What.MEMBER, card=CARD))
    (told,) = shops.told
    assert told.came is Came.ANSWERED and told.answer is not None
    assert (told.answer.outcome, told.answer.member) == ("found", shops.member(CARD))
    assert {total.unit: total.amount for total in told.answer.totals}["point"] == 620
    assert kinds(shops.other).count("member.snapshot") == 1
    assert CARD in shops.other.ledger.local.keys, "and the key of the profile came along"


def test_a_phone_number_finds_a_member_and_never_travels_in_clear(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    shops.other.courier.questions.ask(Wanted(What.MEMBER, phone="13800000004"), shops.told.append)
    sent = [parcel for parcel in shops.other.work(4) if parcel.topic.endswith("/ask")]
    assert sent and b"13800000004" not in sent[0].payload
    shops.run(60)
    assert shops.told[0].answer is None or shops.told[0].answer.outcome == "found"
    shops.ask(shops.other, Wanted(What.MEMBER, phone="13800000004"))
    assert shops.told[-1].answer is not None and shops.told[-1].answer.outcome == "found"
    shops.ask(shops.other, Wanted(What.MEMBER, card="8899999999999"))
    assert shops.told[-1].answer is not None and shops.told[-1].answer.outcome == "unknown"


def test_what_a_sale_lacks_comes_from_the_shop_that_holds_it(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    member = shops.member(CARD)
    assert shops.points(shops.home, member) == 620
    asked = Wanted(What.HOLDING, member=member, unit="point", amount=100)
    name = shops.ask(shops.other, asked)
    (told,) = shops.told
    assert told.answer is not None and told.answer.outcome == "granted"
    assert shops.points(shops.other, member) == 100
    assert shops.points(shops.home, member) == 520
    assert [body.asked for body in released(shops.home)] == [100]
    assert shops.in_all(CARD) == 620
    # The sale took nothing: at the next sync it lies in the pool, and a third shop could have it.
    shops.other.courier.questions.ended(name)
    shops.other.disconnect()
    shops.other.connect()
    shops.run(60)
    assert shops.points(shops.other, member) == 0
    assert shops.pool() == 100
    shops.ask(shops.home, asked)
    assert shops.points(shops.home, member) == 620 - 100 + 100, "it comes out of the pool first"
    assert len(released(shops.home)) == 1
    assert shops.in_all(CARD) == 620


def test_what_a_sale_used_does_not_go_back(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    member = shops.member(CARD)
    asked = Wanted(What.HOLDING, member=member, unit="point", amount=100)
    name = shops.ask(shops.other, asked)
    shops.other.spend(member, 70)
    shops.other.courier.questions.ended(name)
    shops.other.disconnect()
    shops.other.connect()
    shops.run(60)
    assert shops.points(shops.other, member) == 0
    assert shops.pool() == 30
    assert shops.in_all(CARD) == 550


def test_with_the_holder_offline_the_counter_goes_on_with_what_there_is(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    shops.home.disconnect()
    shops.world.office.db.execute("UPDATE box SET online = 0 WHERE name = '0001'")
    asked = Wanted(What.HOLDING, member=shops.member(CARD), unit="point", amount=100)
    shops.ask(shops.other, asked)
    (told,) = shops.told
    assert told.answer is not None and told.answer.outcome == "nothing"
    shops.home.connect()
    shops.run(40)
    assert released(shops.home) == [], "nobody was asked for a customer who is gone"


def test_more_than_there_is_is_granted_in_part(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    asked = Wanted(What.HOLDING, member=shops.member(CARD), unit="point", amount=5000)
    shops.ask(shops.other, asked)
    (told,) = shops.told
    assert told.answer is not None and told.answer.outcome == "partly"
    assert shops.points(shops.other, shops.member(CARD)) == 620


def test_over_a_bad_carrier_nothing_is_lost_and_nothing_is_doubled(tmp_path: Path) -> None:
    shops = Shops(tmp_path, Faults(lose=20, repeat=20, delay_max=3))
    member = shops.member(CARD)
    for amount in (50, 120, 900):
        shops.ask(shops.other, Wanted(What.HOLDING, member=member, unit="point", amount=amount))
        shops.world.crash_box(shops.home)
        shops.home.connect()
    shops.world.heal()
    assert len(shops.told) == 3, "whoever asks is told"
    assert shops.in_all(CARD) == 620


def test_only_what_was_asked_for_and_not_used_goes_back_from_a_lot_that_was_here_before(
    tmp_path: Path,
) -> None:
    shops = Shops(tmp_path)
    office, member = shops.world.office, shops.member(CARD)
    adjusting.take(office, member, "please.release", 200, reason="recall")
    shops.run(30)
    with office.transaction():
        office.touch_directory()
    shops.run(20)
    assert shops.pool() == 200, "what lies in the pool waits to be asked for"
    asked = Wanted(What.HOLDING, member=member, unit="point", amount=100)
    name = shops.ask(shops.home, asked)
    assert shops.points(shops.home, member) == 520
    shops.home.spend(member, 80)
    shops.home.courier.questions.ended(name)
    shops.sync(shops.home)
    assert (shops.points(shops.home, member), shops.pool()) == (420, 120)


def test_a_sale_of_another_shop_is_told_with_what_of_it_may_come_back(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    member = shops.member(CARD)
    lot = accounts.returnable("#1")
    sold = SaleLine(1, "TOY", "Toy", 2, 1000, 1000, "regular")
    body = Sale((sold,), (Tender("cash", 1000),), 1000, 1000, 0, 1000, member=member)
    moved = (
        Posting("@", lot, "returnable", "#1", 2),
        Posting("@", accounts.SOLD_LINES, "returnable", "", -2),
    )
    at = shops.home.ledger.at()
    draft = Draft("keypad", "s1", Kind.SALE, at, BY_BOX, None, None, body, moved)
    outcome = shops.home.ledger.commit(draft)
    assert isinstance(outcome, Durable)
    sale = id_of(outcome.entry)
    shops.home.courier.wake()
    shops.run(60)
    shops.ask(shops.other, Wanted(What.SALE, sale=sale))
    (told,) = shops.told
    assert told.answer is not None and told.answer.outcome == "granted"
    name = accounts.returnable(f"{sale}:1")
    held = [
        sum(one.amount for one in box.ledger.books.lots(name, "returnable"))
        for box in (shops.home, shops.other)
    ]
    assert held == [0, 2], "only who has it may take the goods back"
    said = [
        down_body(down_message(one.body.message.encode()))
        for one in map(decode, (stored.data for stored in shops.other.ledger.entries))
        if isinstance(one.body, DownApplied)
    ]
    assert [one.sale for one in said if isinstance(one, SaleTold)] == [sale]
