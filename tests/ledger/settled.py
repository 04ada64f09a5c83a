"""What has to be true of a simulated chain of shops when everything has arrived."""

from daemon.ledger.bodies import MemberErased
from daemon.ledger.codec import decode
from tests.ledger.chains import World
from tests.ledger.invariants import check_books, check_mark
from tests.ledger.witnesses import Broken, check_forgotten, check_reached


def check_end(world: World, given_up: set[str]) -> None:
    """What boxes hold, headquarters' books say, but for what was lost before it came there."""
    cases = "SELECT kind, what FROM work WHERE kind NOT IN ('refused', 'ended')"
    assert world.office.db.execute(cases).fetchall() == []
    for till in world.tills:
        held = {key: n for key, n in till.holding.items() if n}
        assert world.checker.held_by(str(till.chain)) == held
        rows = world.office.db.execute(
            "SELECT account, unit, lot, amount FROM balance WHERE holder = ? AND amount <> 0",
            (str(till.chain),),
        ).fetchall()
        if {tuple(row[:3]): row[3] for row in rows} != held:
            raise Broken(10, str(till.chain), "headquarters' balance of it is not its own")
    check_settled(world)
    live = {str(till.chain) for till in world.tills} | {"hq"}
    on_the_way = world.office.db.execute(
        "SELECT holder, account, amount FROM balance WHERE holder LIKE 'transit:%' AND amount <> 0"
    ).fetchall()
    assert [row for row in on_the_way if row[0].removeprefix("transit:") in live] == []
    stored: dict[int, dict[int, list[tuple[str, str]]]] = {}
    for chain, seq, found, prev in world.office.db.execute(
        "SELECT chain, seq, hex(hash), hex(prev) FROM entry"
    ):
        at_number = stored.setdefault(chain, {}).setdefault(seq, [])
        at_number.append((found.lower(), prev.lower()))
    for chain, mark, found in world.office.db.execute("SELECT id, mark, mark_hash FROM chain"):
        check_mark(mark, found, stored.get(chain, {}))


def check_settled(world: World) -> None:
    """Marks are at their heads, HQ's books are the fold of all it has, no key of the erased."""
    db = world.office.db
    rows = db.execute("SELECT box, epoch, mark, booked FROM chain").fetchall()
    marks = {f"{box}.{epoch}": mark for box, epoch, mark, _ in rows}
    heads: dict[str, int] = {}
    for till in world.tills:
        for one, _, _ in till.journal:
            chain = f"{one.box}.{one.epoch}"  # of a lost medium headquarters may have more
            heads[chain] = max(one.seq, 0 if one.epoch == till.epoch else marks.get(chain, 0))
    check_reached(marks, heads)
    check_reached({f"{box}.{epoch}": booked for box, epoch, _, booked in rows}, heads)
    booked = [decode(bytes(data)) for (data,) in db.execute("SELECT data FROM entry")]
    books = db.execute("SELECT holder, account, unit, lot, amount FROM balance").fetchall()
    check_books({tuple(row[:4]): row[4] for row in books}, booked)
    places: dict[str, set[str]] = {
        till.name: till.keys.own | till.keys.held for till in world.tills
    }
    places["hq"] = {card for (card,) in db.execute("SELECT card FROM member WHERE key NOT NULL")}
    # An erasure that lay only on a medium that was lost has reached nobody.
    bodies = [one.body for one in booked]
    check_forgotten(
        {card for body in bodies if isinstance(body, MemberErased) for card in body.cards}, places
    )
