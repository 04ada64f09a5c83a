"""What entries add to a month: settlement between owners, and figures of every kind of entry."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger.bodies import DayClosed, Returned, Sale, SaleLine, Taken
from daemon.ledger.daytotals import day_totals
from daemon.ledger.kinds import Kind
from daemon.ledger.records import By, Entry
from hq import closing, closing_zs
from hq.closing_figures import CLOSING, HOWS, OPENING, UNITS, figures
from hq.closing_key import Key
from hq.closing_origin import Origin
from hq.settlement import KINDS, SETTLE, net, settled, transfers
from hq.store import Office
from hq.writeoff import write_off
from tests.acts.worked import story
from tests.ledger.chains import World
from tests.ledger.shop import at
from tests.ledger.test_invariants import simulate
from tests.stage import ROOT

LOSSES = (2, 3, 4, 6, 12, 13)  # seeds of histories in which chains are given up
SHOPS = ("0001", "0002", "0003", "hq")
OWNERS = {"0001": "甲", "0002": "甲", "0003": "乙", "hq": "总部"}
PAYS = st.tuples(
    st.sampled_from(SHOPS), st.sampled_from(KINDS), st.sampled_from(SHOPS), st.integers(-500, 500)
)


@pytest.fixture(autouse=True)
def engine() -> str:
    """What one entry means is no engine's."""
    return "none"


def named(lot: str) -> Origin:
    return Origin(lot.partition(".")[0])


@given(st.lists(PAYS, max_size=30))
@settings(deadline=None, max_examples=100)
def test_what_owners_pay_each_other_sums_to_zero(paid: list[tuple[str, str, str, int]]) -> None:
    sums: Counter[Key] = Counter()
    for shop, kind, payer, fen in paid:
        if shop != payer:
            sums[Key(shop, SETTLE + kind, payer)] += fen
    found = transfers(sums.items(), OWNERS.__getitem__)
    assert sum(net(found).values()) == 0
    assert all(one.payer != one.to for one in found), "an owner owes himself nothing"
    between = [
        (key, fen) for key, fen in sums.items() if OWNERS[key.shop] != OWNERS[key.part] and fen
    ]
    assert sum(one.fen for one in found) == sum(fen for _, fen in between), "nothing is left out"
    for owner, fen in net(found).items():
        gets = sum(fen for key, fen in between if OWNERS[key.shop] == owner)
        pays = sum(fen for key, fen in between if OWNERS[key.part] == owner)
        assert fen == gets - pays


LOTS = ("0001.1:5:1", "0002.1:5:1", "0003.1:9:2")
SPENT = st.lists(
    st.tuples(
        st.sampled_from(LOTS), st.sampled_from(("principal", "bonus", "point", "coupon:tea")),
        st.integers(1, 300), st.integers(0, 300),
    ), max_size=5,
)  # fmt: skip


@given(SPENT, st.integers(0, 300))
@settings(deadline=None, max_examples=100)
def test_goods_that_come_back_in_a_third_shop_undo_what_others_owe(
    parts: list[tuple[str, str, int, int]], by_hq: int
) -> None:
    spent = tuple(
        Taken("stored_value", unit, lot, amount, worth_fen=worth)
        for lot, unit, amount, worth in parts
    )
    worth = sum(one.worth_fen for one in spent)

    def origin(lot: str) -> Origin:
        return Origin(lot.partition(".")[0], by_hq, 300)

    there = entry("0003", Kind.SALE, sale(spent, worth))
    back = entry("0002", Kind.RETURN, Returned((), worth, 0, worth, restored=spent))
    owed: Counter[str] = Counter()
    for one in (there, back):
        for key, fen in settled(one, origin):
            owed[key.part] -= fen
            owed[key.shop] += fen
    assert sum(owed.values()) == 0
    assert owed["0003"] == worth, "who handed the goods out is paid for them"
    assert owed["0002"] == -worth, "by whoever has them now"
    assert owed["0001"] == owed["hq"] == 0, "who granted owes the member again, and nobody else"


def test_headquarters_bears_its_part_of_what_the_pack_lets_it_pay_for() -> None:
    spent = (Taken("points", "point", "0001.1:5:1", 50, worth_fen=501),)
    found = dict(
        settled(entry("0002", Kind.SALE, sale(spent, 501)), lambda _: Origin("0001", 1, 3))
    )
    what = "settle.point"
    assert found == {Key("0002", what, "hq"): 167, Key("0002", what, "0001"): 334}
    own = dict(settled(entry("0001", Kind.SALE, sale(spent, 501)), lambda _: Origin("0001", 3, 3)))
    assert own == {Key("0001", what, "hq"): 501}, "its own member's points, that another gave"


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Entry]:
    """A day with every kind of entry in it, made by the real acts (docs/LEDGER.md)."""
    folder: Path = tmp_path_factory.mktemp("story")
    return [one for one in story(folder) if one.box == "0018"]


def test_every_kind_of_entry_adds_up_to_the_z_of_its_day(entries: Sequence[Entry]) -> None:
    """The Z folds the bodies, headquarters the postings: two ways to one sum."""
    assert len({one.kind for one in entries}) > 50
    for day in sorted({one.at.business_date for one in entries}):
        of_day = [one for one in entries if one.at.business_date == day]
        sums: Counter[Key] = Counter()
        for one in of_day:
            for key, amount in figures(one, named):
                sums[key] += amount
        z = closing_zs.said([DayClosed(day, day_totals(of_day))])
        own = closing_zs.counted({key: fen for key, fen in sums.items() if key.shop == "0018"})
        assert {key: own.get(key, 0) for key in z} == z
        tenders = sum(fen for key, fen in sums.items() if key.what == "tender.goods")
        assert tenders == sums[Key("0018", "goods.net")], "what was sold is what paid for it"


def test_what_members_are_owed_is_what_lies_in_their_accounts(entries: Sequence[Entry]) -> None:
    held: Counter[str] = Counter()
    moved: Counter[str] = Counter()
    for one in entries:
        for posting in one.postings:
            purse = posting.account.split(":")[0] in (
                *("points", "principal", "bonus", "reward", "frozen", "pending"),
            )
            if posting.unit in UNITS and posting.lot and purse:
                held[posting.unit] += posting.amount
        for key, amount in figures(one, named):
            if key.group in UNITS and key.how in HOWS:
                moved[key.group] += amount
    assert {unit: moved[unit] for unit in UNITS} == {unit: held[unit] for unit in UNITS}
    assert held["point"], "headquarters had given some: they came from its hand"


@pytest.mark.parametrize("seed", LOSSES)
def test_what_is_owed_is_what_open_hands_hold_whatever_was_lost(seed: int) -> None:
    """Boxes lose their media, chains are given up (tests/ledger)."""
    said, held = owed(simulate(seed).office)
    assert said == held


def test_what_a_chain_sends_that_was_given_up_changes_nothing_that_is_owed() -> None:
    world = World(11, boxes=1)
    till, member = world.tills[0], world.members[0]
    world.grant(member, 100)
    world.heal()
    for _ in range(4):
        world.sell(till, member)
    world.ship(till, 100)
    world.work()
    write_off(world.office, till.chain)
    before, _ = owed(world.office)
    world.release(till, member, 20)
    for _ in range(3):
        world.sell(till, member)
    world.spend(till, member)
    world.ship(till, 100)
    world.work()
    assert owed(world.office) == (before, before), "it was granted anew: the rest is the loss's"


def owed(office: Office) -> tuple[int, int]:
    """Return what members are owed by the count, and what lies in hands that nobody gave up."""
    found = closing.count(office, office.now()[:7]).figures
    said = sum(amount for (_, key), amount in found.items() if key.what == "point.closing")
    gone = {
        name
        for box, epoch in office.db.execute("SELECT box, epoch FROM chain WHERE closed <> ''")
        for name in (f"{box}.{epoch}", f"transit:{box}.{epoch}")
    }
    assert gone, "a chain was given up: else another seed"
    rows = office.db.execute("SELECT account, holder, amount FROM balance WHERE unit = 'point'")
    purses = ("points:", "frozen:", "pending:")
    held = sum(n for account, hand, n in rows if account.startswith(purses) and hand not in gone)
    return said, held


def test_every_figure_has_its_row_in_the_document(entries: Sequence[Entry]) -> None:
    text = (ROOT / "docs" / "CLOSING.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    named = {key.what for one in entries for key, _ in figures(one, named_other)}
    named |= {f"{unit}.{how}" for unit in UNITS for how in (*HOWS, OPENING, CLOSING)}
    for what in sorted(named):
        group, _, how = what.partition(".")
        said = any(
            f"`{what}`" in row or (f"`{group}.`" in row and f"`{how}`" in row) for row in rows
        )
        assert said, what


def named_other(lot: str) -> Origin:
    return Origin("0009")


def sale(spent: tuple[Taken, ...], worth: int) -> Sale:
    line = SaleLine(1, "SOAP", "Soap", 1, worth, worth, "regular")
    return Sale((line,), (), worth, worth, 0, worth, "M1", spent=spent)


def entry(box: str, kind: Kind, body: Sale | Returned) -> Entry:
    by = By("02", "clerk")
    return Entry(1, box, 1, 7, "0" * 64, "t", "r", kind, at(), by, None, None, body, ())
