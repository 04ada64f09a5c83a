"""The invariants of the books: after every step of a seeded simulation, and each shown to bite."""

import msgspec
import pytest

from daemon.ledger import accounts
from daemon.ledger.bodies import (
    BoxStarted,
    ChainClosed,
    DownApplied,
    EpochClosed,
    LostLot,
    NewLot,
    Sale,
    Use,
)
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind
from daemon.ledger.machine import BY_BOX
from daemon.ledger.records import ZERO_HASH, Entry, Posting
from daemon.ledger.views import Stored
from daemon.rules.limited_pack import limits_of
from tests.ledger.chains import Till, World
from tests.ledger.invariants import (
    Checker,
    check,
    check_acknowledged,
    check_books,
    check_exposure,
    check_mark,
    fold,
)
from tests.ledger.settled import check_end
from tests.ledger.shop import MORNING, at
from tests.ledger.witnesses import Broken

SEEDS = 200
STEPS = 30
SHARDS = 4


@pytest.mark.parametrize("shard", range(SHARDS))
def test_whatever_happens_to_boxes_and_holdings_the_invariants_hold(shard: int) -> None:
    for seed in range(shard, SEEDS, SHARDS):
        try:
            simulate(seed)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error


def simulate(seed: int) -> World:
    world = World(seed, boxes=2 + seed % 2)
    given_up: set[str] = set()
    for member in world.members:
        world.grant(member, world.random.randint(20, 200))
    for _ in range(STEPS):
        happen(world, given_up)
    world.heal()
    check_end(world, given_up)
    return world


def happen(world: World, given_up: set[str]) -> None:
    """Let one thing happen; the checker looks at every entry that comes of it."""
    random = world.random
    till, member = random.choice(world.tills), random.choice(world.members)
    match random.randrange(24):
        case 20 | 21:
            for _ in range(3):
                world.give_back(till)
        case 22:
            till.backup = set(till.keys.own)
        case 23:
            if len(world.erased) < 2:
                world.erase(till, member)
        case 0 | 1 | 2 | 3:
            world.sell(till, member)
        case 4 | 5 | 6 | 7:
            world.spend(till, member)
        case 8 | 9 | 10:
            world.ship(till, random.randint(1, 12))
        case 11 | 12:
            world.work()
        case 13 | 14 | 15:
            world.receive(till, random.randint(1, 4))
        case 16:
            world.release(till, member, random.randint(0, 60))
        case 17:
            world.move_home(member, random.choice(world.tills).name)
        case 18:
            till.replace()
        case _:
            lose(world, till, given_up)


def lose(world: World, till: Till, given_up: set[str]) -> None:
    """The medium is lost or set back; headquarters may give the chain up."""
    lost, epoch = str(till.chain), till.epoch
    till.lose(world.random.randrange(len(till.journal)) + 1)
    world.ship(till, 10_000)
    world.work()
    if not world.random.randrange(3):
        return
    booked = [entry for entry in world.entries if f"{entry.box}.{entry.epoch}" == lost]
    mark = world.office.db.execute(
        "SELECT mark FROM chain WHERE box = ? AND epoch = ?", (till.name, epoch)
    ).fetchone()[0]
    known = {row[0] for row in world.office.db.execute("SELECT lot FROM lot").fetchall()}
    shown = world.give_up(till, epoch)
    total = dict(shown.holding)
    for unit, amount in shown.undelivered.items():
        total[unit] = total.get(unit, 0) + amount
    check_exposure(total, booked[mark:], known)
    given_up.add(lost)


def test_a_quiet_world_settles_and_a_new_chain_spends_nothing_of_the_old() -> None:
    world = World(7, boxes=2)
    till, member = world.tills[0], world.members[0]
    world.sell(till, member)
    world.sell(till, member)
    lots = [row.lot for row in till.lots(accounts.points(member), "point")]
    till.lose(99)
    for lot in lots:
        before = len(world.entries)
        from tests.ledger.shop import spend

        outcome = till.commit(spend(f"x{lot}", lot, 1, member=member))
        assert not hasattr(outcome, "entry") and len(world.entries) == before
    world.heal()
    world.checker.settled()


def test_a_replaced_chain_loses_nothing() -> None:
    world = World(3, boxes=1)
    till = world.tills[0]
    for member in world.members:
        world.sell(till, member)
    held = {key: n for key, n in till.holding.items() if n and key[2]}
    till.replace()
    assert {key: n for key, n in till.holding.items() if n and key[2]} == held
    world.heal()
    world.checker.settled()


# -- each rule bites ------------------------------------------------------------------------------


OTHER, OWN, MEMBER_POINTS = "0019.1", "0018.1", "points:M"


def entry(
    seq: int,
    *postings: tuple[str, str, str, int],
    body: object = None,
    kind: Kind = Kind.BOX_STARTED,
    box: str = "0018",
    name: str = "",
) -> Entry:
    """An entry that posts points: (holder, account, lot, amount)."""
    moved = tuple(
        Posting(holder, account, "point", lot, amount) for holder, account, lot, amount in postings
    )
    said = body if body is not None else BoxStarted("x", "y")
    return Entry(
        1, box, 1, seq, ZERO_HASH, "box", name or f"n{seq}", kind, at(), BY_BOX, None, None,
        said, moved,  # type: ignore[arg-type]
    )  # fmt: skip


def grant(seq: int, amount: int = 10) -> Entry:
    return entry(
        seq,
        (OWN, MEMBER_POINTS, f"{OWN}:{seq}:1", amount),
        (OWN, "issued:points", "", -amount),
    )


def take(seq: int, lot: str, amount: int, holder: str = OWN, box: str = "0018") -> Entry:
    return entry(
        seq, (holder, MEMBER_POINTS, lot, -amount), (holder, "issued:points", "", amount), box=box
    )


LOT = f"{OWN}:1:1"
SENT = entry(2, (OWN, MEMBER_POINTS, LOT, -4), ("transit:0019.1", MEMBER_POINTS, LOT, 4))
GOT = entry(
    1, ("transit:0019.1", MEMBER_POINTS, LOT, -4), (OTHER, MEMBER_POINTS, LOT, 4), box="0019"
)
BACK = entry(3, ("transit:0019.1", MEMBER_POINTS, LOT, -4), (OWN, MEMBER_POINTS, LOT, 4))
TO_ITSELF = entry(2, (OWN, MEMBER_POINTS, LOT, -1), ("transit:0018.1", MEMBER_POINTS, LOT, 1))
DOWN = DownApplied(1, 2, "{}", "")

BROKEN = {
    "a take of more than is held": (1, [grant(1), take(2, LOT, 11)]),
    "a take in two hands": (1, [grant(1), SENT, GOT, take(3, LOT, 7)]),
    "applied twice": (
        1,
        [grant(1), SENT, GOT, msgspec.structs.replace(GOT, seq=2, id="again")],
    ),
    "a posting on another's hand": (
        2,
        [grant(1), take(1, LOT, 1, holder=OWN, box="0019")],
    ),
    "a take from another's transit": (
        2,
        [grant(1), SENT, BACK],
    ),
    "a gift into one's own transit": (
        2,
        [grant(1), TO_ITSELF],
    ),
    "postings that do not sum to zero": (3, [entry(1, (OWN, MEMBER_POINTS, f"{OWN}:1:1", 5))]),
    "a lot out of nowhere": (
        3,
        [entry(1, (OWN, MEMBER_POINTS, "0018.1:9:1", 5), (OWN, "issued:points", "", -5))],
    ),
    "more given back than was taken": (
        3,
        [grant(1), take(2, LOT, 3), entry(3, (OWN, MEMBER_POINTS, LOT, 4), (OWN, "x", "", -4))],
    ),
    "messages out of order": (7, [entry(1, body=DOWN, kind=Kind.DOWN_APPLIED)]),
    "a message twice": (
        7,
        [
            entry(1, body=DownApplied(1, 1, "{}", ""), kind=Kind.DOWN_APPLIED),
            entry(2, body=DownApplied(1, 1, "{}", ""), kind=Kind.DOWN_APPLIED),
        ],
    ),
    "a message of an old incarnation": (
        7,
        [
            entry(1, body=DownApplied(2, 1, "{}", ""), kind=Kind.DOWN_APPLIED),
            entry(2, body=DownApplied(1, 2, "{}", ""), kind=Kind.DOWN_APPLIED),
        ],
    ),
    "a gap": (8, [grant(1), grant(3)]),
    "an entry after the chain was closed": (
        8,
        [entry(1, body=EpochClosed("0018.2", 0), kind=Kind.EPOCH_CLOSED), grant(2)],
    ),
    "a request twice": (9, [grant(1), msgspec.structs.replace(grant(2), id="n1")]),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_history_is_found(name: str) -> None:
    rule, history = BROKEN[name]
    with pytest.raises(Broken) as caught:
        check(history)
    assert caught.value.rule == rule
    assert id_of(history[-1]) in str(caught.value)


def test_more_spent_than_granted_and_written_off_is_found() -> None:
    """Rule 4: the root of a lot counts, whatever stands for it."""
    closed = ChainClosed(OWN, 1, "", (LostLot(1, LOT, MEMBER_POINTS, "point", 10),))
    new = "hq.1:1:1"
    again = entry(
        1, ("hq", MEMBER_POINTS, new, 10), ("hq", "loss:chain", "", -10),
        body=closed, kind=Kind.CHAIN_CLOSED, box="hq",
    )  # fmt: skip
    spent = entry(2, ("hq", MEMBER_POINTS, new, -10), ("hq", "x", "", 10), box="hq")
    checker = check([grant(1), take(2, LOT, 10), again, spent])
    assert checker.life("point", new) == (10, 10, 0)
    # A lot that stands for less than it was granted with: the write-off is forged.
    forged = msgspec.structs.replace(closed, lots=(LostLot(1, LOT, MEMBER_POINTS, "point", 3),))
    with pytest.raises(Broken) as caught:
        check([grant(1), take(2, LOT, 10), msgspec.structs.replace(again, body=forged), spent])
    assert caught.value.rule == 4


def test_a_claim_in_two_hands_is_found() -> None:
    lot = f"{OWN}:1:1"
    made = msgspec.structs.replace(
        grant(1),
        postings=(
            Posting(OWN, "claim:M", "claim:point", lot, 5),
            Posting(OWN, "x", "claim:point", "", -5),
        ),
    )
    moved = msgspec.structs.replace(
        SENT,
        postings=(
            Posting(OWN, "claim:M", "claim:point", lot, -2),
            Posting("transit:0019.1", "claim:M", "claim:point", lot, 2),
        ),
    )
    with pytest.raises(Broken) as caught:
        check([made, moved])
    assert caught.value.rule == 6


ROOM = "room:base:2026-03"
CAP = limits_of('{"pack": {"earn": [{"id": "base", "cap": {"most": 10, "per": "month"}}]}}')


def issue(seq: int, *moved: tuple[str, str, int], points: int = 0, box: str = "0018") -> Entry:
    """A sale of M that counts points under the cap: (account, lot, amount) of its room."""
    body = Sale(lines=(), tenders=(), list_fen=0, bill_fen=0, rounding_fen=0, pay_fen=0,
                member="M", uses=(Use("base", points),) if points else ())  # fmt: skip
    made = entry(seq, body=body, kind=Kind.SALE, box=box)
    rooms = tuple(Posting(f"{box}.1", account, ROOM, lot, n) for account, lot, n in moved)
    return msgspec.structs.replace(made, postings=rooms)


OPENED = ("right:M", f"{OWN}:1:4000", 10), ("limit:M", "", -10)
RISKED = ("drawn:M", f"{OWN}:2:4000", 3), ("risked:M", "", -3)


@pytest.mark.parametrize(
    "history",
    [
        [issue(1, *OPENED), issue(2, points=11)],
        [issue(1, *OPENED), issue(2, *RISKED, points=14)],
        [
            issue(1, *OPENED),
            issue(1, ("right:M", "0019.1:1:4000", 10), ("limit:M", "", -10), box="0019"),
        ],
    ],
    ids=["more than the limit", "more than the limit and the risk", "a limit opened twice"],
)
def test_what_is_issued_beyond_a_limit_is_found(history: list[Entry]) -> None:
    checker = Checker(CAP)
    with pytest.raises(Broken) as caught:
        for one in history:
            checker.add(one)
    assert caught.value.rule == 6


def test_what_is_issued_within_a_limit_and_the_recorded_risk_is_good() -> None:
    checker = Checker(CAP)
    for one in (issue(1, *OPENED), issue(2, *RISKED, points=13)):
        checker.add(one)


def test_a_take_after_the_lot_has_lapsed_is_found() -> None:
    due = MORNING.isoformat()
    body = Sale(lines=(), tenders=(), list_fen=0, bill_fen=0, rounding_fen=0, pay_fen=0,
                lots=(NewLot(1, "point", "sale", expires=due),))  # fmt: skip
    granted = msgspec.structs.replace(grant(1), body=body, kind=Kind.SALE)
    with pytest.raises(Broken) as caught:
        check([granted, take(2, LOT, 1)])
    assert caught.value.rule == 11
    lapse = msgspec.structs.replace(take(2, LOT, 10), kind=Kind.POINTS_LAPSED)
    assert check([granted, lapse]).life("point", LOT) == (10, 10, 0)


def test_what_is_still_on_its_way_is_found() -> None:
    with pytest.raises(Broken) as caught:
        check([grant(1), SENT]).settled()
    assert caught.value.rule == 10
    check([grant(1), SENT, GOT]).settled()


def test_books_that_are_no_fold_are_found() -> None:
    history = [grant(1), take(2, LOT, 3)]
    books = fold(history)
    check_books(books, history)
    books[OWN, MEMBER_POINTS, "point", LOT] += 1
    with pytest.raises(Broken) as caught:
        check_books(books, history)
    assert caught.value.rule == 9


def test_a_wrong_mark_and_a_foreign_acknowledgement_are_found() -> None:
    stored = {1: [("a", ZERO_HASH)], 2: [("b", "a")], 3: [("c", "x")], 4: [("d", "c")]}
    check_mark(2, "b", stored)
    for mark, found in ((1, "a"), (3, "c"), (2, "x")):
        with pytest.raises(Broken):
            check_mark(mark, found, stored)
    journal = {1: Stored(1, "a", b""), 2: Stored(2, "b", b"")}
    check_acknowledged(2, "b", journal.get)
    for mark, found in ((2, "a"), (3, "c")):
        with pytest.raises(Broken):
            check_acknowledged(mark, found, journal.get)


def test_a_loss_beyond_the_exposure_is_found() -> None:
    missing = [take(2, LOT, 6)]
    check_exposure({"point": 6}, missing, {LOT})
    check_exposure({}, missing, set())
    with pytest.raises(Broken):
        check_exposure({"point": 5}, missing, {LOT})


def test_the_checker_knows_a_good_history() -> None:
    checker = Checker()
    for one in (grant(1), SENT, GOT, take(2, LOT, 4, holder=OTHER, box="0019")):
        checker.add(one)
    assert checker.held_by(OWN) == {
        (MEMBER_POINTS, "point", LOT): 6,
        ("issued:points", "point", ""): -10,
    }
