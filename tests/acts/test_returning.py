"""Returns, voids, exchanges: exact inverses, by the line, whatever the order and the portions."""

from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger import accounts
from daemon.ledger.acts.bill import Bill, Lot, bill_of, effect
from daemon.ledger.acts.shares import largest_remainder
from daemon.ledger.bodies import Commission, SaleLine, Taken, Tender
from daemon.ledger.kinds import Unit
from tests.acts.till import Till, cash, line, wechat

lines = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 5), st.integers(0, 9)), min_size=1, max_size=4
)


@st.composite
def bills(draw: st.DrawFn) -> Bill:
    """A bill paid in any mix; what was earned may be more than its lines say."""
    sold = tuple(
        SaleLine(n, "TOY", "toy", qty, paid + 5, paid, "regular", points)
        for n, (paid, qty, points) in enumerate(draw(lines), 1)
    )
    bill_fen = sum(one.paid_fen for one in sold)
    rounding = draw(st.integers(0, min(9, bill_fen)))
    parts = largest_remainder(
        bill_fen - rounding, draw(st.lists(st.integers(1, 9), min_size=3, max_size=3))
    )
    points = sum(one.points for one in sold) + draw(st.integers(0, 3))
    return Bill(
        "0018.1:9",
        sold,
        bill_fen,
        rounding,
        (Tender("cash", parts[0]),),
        (
            Taken("stored_value", Unit.BONUS, "b:1", parts[1], parts[1], parts[1] + 3),
            Taken("points", Unit.POINT, "p:1", draw(st.integers(1, 50)), parts[2], parts[2]),
        ),
        (
            Lot(Unit.POINT, "0018.1:9:5", points),
            Lot(Unit.BONUS, "0018.1:9:6", draw(st.integers(0, 9))),
        ),
        draw(st.integers(0, 99)),
        (Commission("02", draw(st.integers(0, 99))),),
        "M1",
        "",
    )


def numbers(value: object) -> list[int]:
    """Every number of an effect."""
    if isinstance(value, int):
        return [value]
    assert isinstance(value, tuple)
    return [number for one in value for number in numbers(one)]


@settings(max_examples=150, deadline=None)
@given(bills(), st.data())
def test_any_portions_make_one_full_return(bill: Bill, data: st.DataObject) -> None:
    back = {one.n: 0 for one in bill.lines}
    whole = effect(bill, {one.n: one.qty for one in bill.lines})
    total = [0] * len(numbers(parts_of(whole)))
    before = effect(bill, back)
    assert not any(numbers(parts_of(before)))
    for place, one in enumerate(bill.lines):
        alone = effect(bill, {one.n: one.qty})
        assert sum(alone.goods) == alone.goods[place] == one.paid_fen
    while any(back[one.n] < one.qty for one in bill.lines):
        open_lines = [one for one in bill.lines if back[one.n] < one.qty]
        one = data.draw(st.sampled_from(open_lines))
        back[one.n] += data.draw(st.integers(1, one.qty - back[one.n]))
        after = effect(bill, back)
        step = numbers(parts_of(after.since(before)))
        assert min(step) >= 0, "no return takes back what an earlier one gave"
        total = [so_far + number for so_far, number in zip(total, step, strict=True)]
        before = after
    assert total == numbers(parts_of(whole))
    paid = sum(whole.money) + sum(worth for _, worth, _ in whole.spent)
    assert paid == bill.bill_fen - bill.rounding_fen
    assert whole.rounding_fen == bill.rounding_fen
    assert list(whole.money) == [one.amount_fen for one in bill.money]
    assert [one[0] for one in whole.spent] == [one.amount for one in bill.spent]
    assert list(whole.earned) == [one.amount for one in bill.earned]
    assert (whole.growth, *whole.commission) == (bill.growth, bill.commission[0].amount_fen)


def parts_of(change: object) -> tuple[object, ...]:
    return tuple(
        getattr(change, name)
        for name in (
            "goods",
            "points",
            "rounding_fen",
            "money",
            "spent",
            "earned",
            "growth",
            "commission",
        )
    )


@settings(max_examples=25, deadline=None)
@given(st.permutations([1, 1, 2, 2, 2, 3]), st.integers(0, 60), st.integers(0, 188))
def test_books_are_the_same_after_any_portions(order: list[int], spent: int, redeemed: int) -> None:
    """By the books: money, value, points less claims, goods, commission are as if never sold."""
    with TemporaryDirectory() as folder:
        till = Till(Path(folder))
        till.admit("M1", 20)
        till.done("topup", member="M1", amount_fen=50, tenders=cash(50), bonus_fen=20)
        before = standing(till)
        sale = till.done(
            "sale",
            member="M1",
            lines=[
                line(1, "A", 101, qty=2, points=100),
                line(2, "B", 77, qty=3, points=77),
                line(3, "", 11, points=11),
            ],
            rounding_fen=3,
            value_fen=spent,
            points_used=7,
            points_worth_fen=7,
            tenders=cash(179 - spent),
            points=188,
            growth=18,
            commission=[{"staff": "02", "amount_fen": 19}],
        )
        if redeemed:
            till.done("points.redeemed", member="M1", rule="g", points=redeemed, sku="TOY")
        for n in order:
            till.done("return", sale=sale, lines=[{"n": n, "qty": 1}], reason=1)
        assert till.code("return", sale=sale, lines=[{"n": 1, "qty": 1}]) == "already_returned"
        after = standing(till)
        assert after.pop("net points") == before.pop("net points") - redeemed
        assert after == before
        till.close()


def standing(till: Till) -> dict[str, int]:
    """What a member and the shop have, by its trade name."""
    owed = till.has(accounts.claim("M1"), "claim:point")
    return {
        "net points": till.points("M1") - owed,
        "growth": till.has(accounts.growth("M1"), Unit.GROWTH),
        "principal": till.has(accounts.principal("M1"), Unit.PRINCIPAL),
        "bonus": till.has(accounts.bonus("M1"), Unit.BONUS),
        "cash": till.has(accounts.CASH_DRAWER),
        "sales": till.has(accounts.SALES_GOODS),
        "rounding": till.has(accounts.ROUNDING_CASH),
        "owed": till.has(accounts.OWED_VALUE),
        "commission": till.has(accounts.commission("02")),
        "stock": till.store.books.stock("A") + 1000 * till.store.books.stock("B"),
    }


def test_spent_points_leave_a_claim_which_the_next_grants_settle(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1")
    sale = till.done(
        "sale", member="M1", lines=[line(1, "A", 6800, points=68)], tenders=cash(6800), points=68
    )
    till.done("points.redeemed", member="M1", rule="g", points=50, sku="TOY")
    back = till.body(till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}]))
    assert back["claims"] == [
        {
            "n": 1,
            "unit": "point",
            "amount": 50,
            "lots": [{"unit": "point", "lot": f"{sale}:2", "amount": 50}],
        }
    ]
    assert till.points("M1") == 0
    assert owed(till) == 50
    till.done("points.granted", member="M1", points=20, reason="festival")
    assert (till.points("M1"), owed(till)) == (0, 30)
    assert till.code("points.transferred", member="M1", to="M1", amount=1) == "not_allowed"
    again = till.done(
        "sale", member="M1", lines=[line(1, "A", 4000, points=40)], tenders=cash(4000), points=40
    )
    assert (till.points("M1"), owed(till)) == (10, 0)
    till.done("return", sale=again, lines=[{"n": 1, "qty": 1}])
    assert (till.points("M1"), owed(till)) == (0, 30)
    till.close()


def owed(till: Till) -> int:
    return till.has(accounts.claim("M1"), "claim:point")


def test_points_that_lapsed_unspent_are_not_owed(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1")
    sale = till.done(
        "sale",
        member="M1",
        lines=[line(1, "A", 900, qty=9, points=90)],
        tenders=cash(900),
        points=90,
        points_expire="2026-03-07T00:00:00+08:00",
    )
    till.done("points.redeemed", member="M1", rule="g", points=30, sku="TOY")
    till.later(days=2)
    assert len(till.acts.lapse()) == 1
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 5}])
    assert owed(till) == 0
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 4}])
    assert owed(till) == 30
    till.close()


def test_a_return_pays_where_the_money_came_from(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1")
    till.done("topup", member="M1", amount_fen=3000, tenders=wechat(3000), bonus_fen=1000)
    sale = till.done(
        "sale",
        member="M1",
        lines=[line(1, "A", 8000), line(2, "B", 2000)],
        value_fen=4000,
        tenders=[*cash(2000), *wechat(4000)],
    )
    assert till.store.books.balance(accounts.bonus("M1"), Unit.BONUS) == 0
    body = till.body(till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}], reason=3))
    assert body["pay_fen"] == 8000
    assert body["tenders"] == [
        {"code": "cash", "amount_fen": 1600},
        {"code": "wechat", "amount_fen": 3200},
    ]
    assert till.has(accounts.principal("M1"), Unit.PRINCIPAL) == 2400
    assert till.has(accounts.bonus("M1"), Unit.BONUS) == 800
    assert till.has(accounts.damaged("A"), Unit.PIECE) == 1
    assert till.store.books.stock("A") == -1
    till.close()


def test_a_void_is_of_the_same_shift_and_takes_what_is_left(tmp_path: Path) -> None:
    till = Till(tmp_path)
    sale = till.done("sale", lines=[line(1, "A", 300, qty=3)], tenders=cash(300))
    for wrong in ({"n": 1, "qty": 4}, {"n": 2, "qty": 1}, {"n": 1, "qty": 0}):
        assert till.code("return", sale=sale, lines=[wrong]) == "not_returnable"
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}])
    till.done("sale.voided", sale=sale)
    assert till.has(accounts.SALES_GOODS) == 0
    assert till.code("sale.voided", sale=sale) == "already_returned"
    till.close()


def test_an_exchange_moves_the_difference_and_can_itself_come_back(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1")
    sale = till.done(
        "sale", member="M1", lines=[line(1, "A", 100, points=100)], tenders=wechat(100), points=100
    )
    dear = {"sale": sale, "back": [{"n": 1, "qty": 1}], "lines": [line(1, "B", 130, points=130)]}
    assert till.code("exchange", **dear, points=130) == "underpaid"
    swap = till.done("exchange", **dear, points=130, tenders=cash(30))
    assert till.points("M1") == 130
    assert till.has(accounts.tender("wechat")) == 100
    cheap = till.done(
        "exchange",
        sale=swap,
        back=[{"n": 1, "qty": 1}],
        lines=[line(1, "C", 40, points=40)],
        points=40,
    )
    assert till.body(cheap)["net_fen"] == -90
    assert till.points("M1") == 40
    till.done("return", sale=cheap, lines=[{"n": 1, "qty": 1}])
    assert till.points("M1") == owed(till) == till.has(accounts.SALES_GOODS) == 0
    assert till.has(accounts.tender("wechat")) == till.has(accounts.CASH_DRAWER) - 30000 == 0
    till.close()


def test_an_even_swap_leaves_points_and_money_untouched(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1")
    goods = [line(1, "A", 100, points=100)]
    sale = till.done("sale", member="M1", lines=goods, tenders=cash(100), points=100)
    till.done("points.redeemed", member="M1", rule="g", points=80, sku="TOY")
    swap = till.done(
        "exchange",
        sale=sale,
        back=[{"n": 1, "qty": 1}],
        lines=[line(1, "B", 100, points=100)],
        points=100,
    )
    entry = till.facts.entry(swap)
    assert entry is not None
    assert {one.unit for one in entry.postings} == {"piece", "returnable"}
    assert (till.points("M1"), owed(till)) == (20, 0)
    till.done("return", sale=swap, lines=[{"n": 1, "qty": 1}])
    assert (till.points("M1"), owed(till)) == (0, 80), "the new goods carry what the old had earned"
    till.close()


def test_a_receipt_without_a_member_earns_once(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1")
    sale = till.done("sale", lines=[line(1, "A", 300, qty=3)], tenders=cash(300))
    till.done("sale.claimed", sale=sale, member="M1", lines=[3])
    assert till.points("M1") == 3
    assert till.code("sale.claimed", sale=sale, member="M1", lines=[3]) == "not_allowed"
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 2}])
    assert till.points("M1") == 1
    late = till.done("sale", lines=[line(1, "A", 300)], tenders=cash(300))
    till.later(days=2)
    assert till.code("sale.claimed", sale=late, member="M1", lines=[3]) == "window_closed"
    assert till.code("return", sale="0099.1:7", lines=[{"n": 1, "qty": 1}]) == "not_returnable"
    till.close()


def test_without_a_receipt_it_needs_a_second_person(tmp_path: Path) -> None:
    till = Till(tmp_path)
    goods = {"lines": [line(1, "A", 300)], "tenders": cash(300)}
    assert till.code("return.unreferenced", **goods, manager="02") == "not_allowed"
    till.done("return.unreferenced", **goods, manager="01", reason=1)
    assert till.has(accounts.SALES_GOODS) == 300
    till.close()


def test_the_same_request_is_done_once(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1", 100)
    first = till.do("points.redeemed", id="x", member="M1", rule="g", points=60, sku="TOY")
    again = till.do("points.redeemed", id="x", member="M1", rule="g", points=60, sku="TOY")
    assert (first.entry, first.again, again.again) == (again.entry, False, True)
    assert till.points("M1") == 40
    assert till.code("points.granted", id="x", member="M1", points=1, reason="r") == "not_allowed"
    till.close()


def test_only_goods_have_a_bill(tmp_path: Path) -> None:
    till = Till(tmp_path)
    entry = till.facts.entry("0018.1:1")
    assert entry is not None
    assert bill_of(entry) is None
    assert msgspec.json.decode(msgspec.json.encode(till.do("nonsense")))["refused"] == "unknown_act"
    assert till.code("return", sale=7) == "unreadable"
    till.close()


def test_who_owes_points_gives_none_away(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1", 30)
    till.admit("M2")
    till.done("points.frozen", member="M1", amount=30, reason="looked at")
    goods = [line(1, "A", 50, points=50)]
    sale = till.done("sale", member="M1", lines=goods, tenders=cash(50), points=50)
    till.done("points.redeemed", member="M1", rule="g", points=50, sku="TOY")
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}])
    till.done("points.unfrozen", member="M1", reason="was right")
    assert (till.points("M1"), owed(till)) == (30, 50)
    assert till.code("points.transferred", member="M1", to="M2", amount=1) == "not_allowed"
    till.close()
