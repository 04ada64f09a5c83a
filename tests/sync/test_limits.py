"""Limits across shops: the home opens, another asks, what is not used goes back, nobody twice."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.ledger import accounts
from daemon.ledger.bodies import PointsRedeemed, Use
from daemon.ledger.codec import decode
from daemon.ledger.kinds import Kind
from daemon.ledger.limits import VALUE, Draw, Hand, postings, value_moved
from daemon.ledger.machine import BY_BOX
from daemon.ledger.messages import PleasePart
from daemon.ledger.records import Chain, Draft, Entry, Posting
from daemon.ledger.views import Durable
from daemon.sync.answering import answering_from
from daemon.wanted import Wanted, What
from hq import packs
from hq.writeoff import write_off
from tests.ledger.invariants import check
from tests.sync.shops import CARD, OTHER, Shops
from tests.sync.world import Box

PACK = Path(__file__).parents[2] / "config" / "packs" / "year-roll.json"
ZHENZI = PACK.with_name("zhenzi.json")
RULE, UNIT, MOST = "times:draw", "room:times:draw:2026-03", 3
MONTH = "2026-03-01"


@pytest.fixture
def shops(tmp_path: Path) -> Shops:
    shops = Shops(tmp_path)
    packs.publish(shops.world.office, PACK.read_text(encoding="utf-8"))
    shops.run(60)
    return shops


def room(box: Box, member: str, account: Callable[[str], str] = accounts.right) -> int:
    return sum(lot.amount for lot in box.ledger.books.lots(account(member), UNIT))


def asks(shops: Shops, box: Box, member: str, amount: int = MOST) -> str:
    name = shops.ask(box, Wanted(What.HOLDING, member=member, unit=UNIT, amount=amount))
    (told,) = [one for one in shops.told if one.id == name]
    return "late" if told.answer is None else told.answer.outcome


def issues(box: Box, member: str, times: int = 1) -> bool:
    """Give the prize of a draw so many times, if there is the right to; tell whether there was."""
    ledger, answering = box.ledger, answering_from(box.ledger)
    part = PleasePart(accounts.right(member), UNIT, times, opens=MOST, starts=MONTH)
    hand = Hand(ledger.books.lots, lambda draw: answering.hand.opens(part) > 0, risks=False)
    found = postings(member, [Draw(UNIT, times, MOST, MONTH)], hand)
    if isinstance(found, str):
        return False
    box.sold += 1
    body = PointsRedeemed(member, "", "draw", 0, "", 0, uses=(Use(RULE, times),))
    kind, name = Kind.POINTS_REDEEMED, f"draw{box.sold}"
    draft = Draft("till", name, kind, ledger.at(), BY_BOX, None, None, body, found)
    assert isinstance(ledger.commit(draft), Durable)
    box.courier.wake()
    return True


def test_the_home_of_a_member_whom_headquarters_brought_in_opens_by_itself(shops: Shops) -> None:
    member = shops.member(CARD)
    shops.home.disconnect()
    assert [issues(shops.home, member) for _ in range(4)] == [True, True, True, False]
    assert not issues(shops.other, member), "and the other shop has nothing to give from"


def test_another_shop_gets_the_room_from_the_home_that_never_opened_it(shops: Shops) -> None:
    member = shops.member(CARD)
    assert asks(shops, shops.other, member) == "granted"
    assert (room(shops.home, member), room(shops.other, member)) == (0, MOST)
    assert not issues(shops.home, member), "it has given the month away"
    assert issues(shops.other, member, 2)


def test_what_the_sale_did_not_use_is_there_for_the_home_again(shops: Shops) -> None:
    member = shops.member(CARD)
    name = shops.ask(shops.other, Wanted(What.HOLDING, member=member, unit=UNIT, amount=MOST))
    assert issues(shops.other, member)
    shops.other.courier.questions.ended(name)
    shops.sync(shops.other)
    assert room(shops.other, member) == 0, "released with the next sync"
    assert asks(shops, shops.home, member) in ("granted", "partly")
    assert [issues(shops.home, member) for _ in range(3)] == [True, True, False]


def test_while_the_home_is_away_nobody_else_gets_a_room(shops: Shops) -> None:
    member = shops.member(OTHER)
    shops.home.disconnect()
    shops.run(200)
    assert asks(shops, shops.other, member) in ("late", "nothing")
    assert not issues(shops.other, member)
    assert issues(shops.home, member, MOST)


def test_headquarters_opens_for_a_card_that_nobody_knows_once(shops: Shops) -> None:
    stranger = accounts.visitor("8800000099990")
    assert not issues(shops.home, stranger), "it is nobody's home"
    assert asks(shops, shops.home, stranger) == "granted"
    assert issues(shops.home, stranger, 2)
    assert asks(shops, shops.other, stranger) in ("partly", "granted")
    given = 2 + sum(issues(shops.other, stranger) for _ in range(3))
    assert given == MOST


def test_a_member_of_a_shop_is_at_home_there_without_a_word_from_headquarters(
    shops: Shops,
) -> None:
    member = shops.enrol(shops.other, "8800000000506", 0)
    assert issues(shops.other, member, 2)
    shops.run(60)
    assert asks(shops, shops.home, member) in ("granted", "partly")
    assert [issues(shops.home, member) for _ in range(2)] == [True, False]


def test_another_shop_gets_the_room_on_a_card_that_the_home_has_not_filled(shops: Shops) -> None:
    packs.publish(shops.world.office, ZHENZI.read_text(encoding="utf-8"))
    shops.run(60)
    member = shops.member(OTHER)
    purses = ((accounts.principal(member), "principal"), (accounts.bonus(member), "bonus"))
    have = sum(lot.amount for one in purses for lot in shops.home.ledger.books.lots(*one))
    assert have > 0
    question = Wanted(What.HOLDING, member=member, unit=VALUE, amount=500_000)
    shops.ask(shops.other, question)
    got = shops.other.ledger.books.lots(accounts.right(member), VALUE)
    assert sum(lot.amount for lot in got) == 500_000 - have
    assert not shops.home.ledger.books.lots(accounts.right(member), VALUE), "all of it went there"


@pytest.mark.parametrize("left", [0, 4000])
def test_a_shop_where_value_was_spent_gets_the_rest_of_the_cap(shops: Shops, left: int) -> None:
    """What was spent is room there, also when it is used up: nobody has opened the cap by that."""
    packs.publish(shops.world.office, ZHENZI.read_text(encoding="utf-8"))
    shops.run(60)
    member, other = shops.member(OTHER), shops.other
    purse, right = accounts.principal(member), accounts.right(member)
    shops.ask(other, Wanted(What.HOLDING, member=member, unit="principal", amount=4000))
    for delta in (-4000, 4000 - left):
        changes_value(other, purse, delta)
    shops.run(60)
    assert sum(lot.amount for lot in other.ledger.books.lots(right, VALUE)) == left
    shops.ask(other, Wanted(What.HOLDING, member=member, unit=VALUE, amount=500_000))
    in_all = sum(
        lot.amount
        for box in (shops.home, other)
        for account, unit in ((purse, "principal"), (accounts.bonus(member), "bonus"))
        for lot in box.ledger.books.lots(account, unit)
    )
    room = sum(lot.amount for lot in other.ledger.books.lots(right, VALUE))
    assert in_all + room == 500_000, "value and room are the cap, whoever has which"
    assert not shops.home.ledger.books.lots(right, VALUE)


def test_value_of_a_chain_that_was_given_up_counts_once_against_the_cap(shops: Shops) -> None:
    packs.publish(shops.world.office, ZHENZI.read_text(encoding="utf-8"))
    member = shops.enrol(shops.home, "8800000000507", 0)
    commit(shops.home, member, value(member, "#1", 3000))
    shops.run(60)
    shops.home.disconnect()
    write_off(shops.world.office, Chain("0001", 1))
    shops.ask(shops.other, Wanted(What.HOLDING, member=member, unit=VALUE, amount=500_000))
    got = shops.other.ledger.books.lots(accounts.right(member), VALUE)
    assert sum(lot.amount for lot in got) == 500_000 - 3000


def changes_value(box: Box, purse: str, delta: int) -> None:
    """Spend value, or take some in, as the counter does: with what it moves of the card's room."""
    if not delta:
        return
    books, member = box.ledger.books, purse.partition(":")[2]
    lot = books.lots(purse, "principal")[0].lot if delta < 0 else "#1"
    hand = Hand(books.lots, lambda draw: False, risks=False)
    moved = value_moved(member, delta, 500_000, hand)
    assert not isinstance(moved, str)
    commit(box, member, (*value(member, lot, delta), *moved))


def value(member: str, lot: str, delta: int) -> tuple[Posting, ...]:
    spent, issued = accounts.spent("principal"), accounts.issued("principal")
    account, against = (spent, lot) if delta < 0 else (issued, "")
    purse = accounts.principal(member)
    return (
        Posting("@", purse, "principal", lot, delta),
        Posting("@", account, "principal", against, -delta),
    )


def commit(box: Box, member: str, postings: tuple[Posting, ...]) -> None:
    box.sold += 1
    body = PointsRedeemed(member, "", "value", 0, "", 0)
    kind, name = Kind.POINTS_REDEEMED, f"value{box.sold}"
    draft = Draft("till", name, kind, box.ledger.at(), BY_BOX, None, None, body, postings)
    assert isinstance(box.ledger.commit(draft), Durable)
    box.courier.wake()


def test_a_bearer_card_has_its_own_cap_in_every_shop(shops: Shops) -> None:
    packs.publish(shops.world.office, ZHENZI.read_text(encoding="utf-8"))
    shops.run(60)
    member = shops.member(CARD)
    with shops.world.office.transaction():
        shops.world.office.db.execute("UPDATE member SET kind = 'bearer' WHERE id = ?", (member,))
    question = Wanted(What.HOLDING, member=member, unit=VALUE, amount=500_000)
    shops.ask(shops.other, question)
    got = shops.other.ledger.books.lots(accounts.right(member), VALUE)
    assert sum(lot.amount for lot in got) == 100_000


def test_every_entry_of_both_shops_and_headquarters_keeps_the_invariants(shops: Shops) -> None:
    member = shops.member(CARD)
    asks(shops, shops.other, member)
    issues(shops.other, member, 2)
    shops.run(60)
    rows = shops.world.office.db.execute(
        "SELECT e.data FROM entry AS e JOIN chain AS c ON c.id = e.chain"
        " WHERE c.box = 'hq' ORDER BY e.seq"
    ).fetchall()
    own = [decode(bytes(row[0])) for row in rows]
    assert any(entry.kind is Kind.RIGHT_OPENED for entry in own)
    logs = [[decode(one.data) for one in box.ledger.entries] for box in (shops.home, shops.other)]
    checker = check(woven([own, *logs]))
    assert (
        sum(
            amount
            for (_, account, unit, _), amount in checker.balances.items()
            if unit == UNIT and account in (accounts.right(member), accounts.drawn(member))
        )
        == MOST
    ), "nothing of a right is lost on the way"


def woven(logs: list[list[Entry]]) -> Iterator[Entry]:
    """Yield the entries of several logs, each after what it takes was sent."""
    way: dict[tuple[str, str, str, str], int] = {}
    while any(logs):
        for log in logs:
            while log and _sent(log[0], way):
                for one in log[0].postings:
                    place = (one.holder, one.account, one.unit, one.lot)
                    way[place] = way.get(place, 0) + one.amount
                yield log.pop(0)


def _sent(entry: Entry, way: dict[tuple[str, str, str, str], int]) -> bool:
    return all(
        way.get((one.holder, one.account, one.unit, one.lot), 0) + one.amount >= 0
        for one in entry.postings
        if one.holder.startswith("transit:")
    )
