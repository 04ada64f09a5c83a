"""What must be true when everything has arrived."""

from collections import Counter
from itertools import takewhile

from daemon.ledger.codec import decode
from daemon.ledger.records import Entry
from tests.ledger.invariants import check_books, check_exposure, check_mark, taken_of
from tests.ledger.witnesses import Broken
from tests.simulation.world import World


def check_end(world: World) -> None:
    check_nothing_lost(world)
    check_hands(world)
    check_ways(world)
    check_marks(world)
    check_losses(world)
    world.seen.update(world.watch.cases)


def check_nothing_lost(world: World) -> None:
    """Every entry of W is at headquarters, or only a medium that is gone had it."""
    stored = {row[0].hex() for row in world.office.db.execute("SELECT hash FROM entry")}
    living: set[str] = set()
    for box in world.live:
        for chain, head in box.store.chains():
            for one in box.store.read(chain.epoch, 1, head.seq):
                living.add(one.hash)
    for found in sorted(living - stored):
        fact = world.witness.facts.get(found)
        raise Broken(10, "the end", f"an entry of {fact and fact.log.name} has not come")
    lost = world.witness.facts.keys() - stored
    world.seen["entries lost with their medium"] += sum(
        1 for found in lost if world.witness.facts[found].entry.box != "hq"
    )


def check_hands(world: World) -> None:
    """What headquarters' books say of a box, its own books say."""
    for box in world.live:
        chain = str(box.store.chain)
        rows = world.office.db.execute(
            "SELECT account, unit, lot, amount FROM balance WHERE holder = ? AND amount <> 0",
            (chain,),
        ).fetchall()
        theirs = {tuple(row[:3]): row[3] for row in rows}
        with box.store._files.books.reading() as (connection, booking):
            from daemon.ledger.balances import lot_text
            from daemon.ledger.sheet import RETURNABLE

            ours = {}
            for name, unit, lot, amount in connection.execute(
                "SELECT a.name, a.unit, b.lot, b.amount FROM balance b JOIN account a"
                " ON a.id = b.account WHERE a.holder = ? AND b.amount <> 0",
                (chain,),
            ):
                text = lot_text(connection, booking, box.name, lot)
                account = name + text if name == RETURNABLE else name
                ours[account, unit, text] = amount
        if theirs != ours:
            differ = sorted(k for k in theirs.keys() | ours.keys() if theirs.get(k) != ours.get(k))
            k = differ[0]
            raise Broken(10, chain, f"{k}: headquarters {theirs.get(k)}, box {ours.get(k)}")


def check_ways(world: World) -> None:
    """Nothing is on its way to headquarters or to a chain that lives."""
    shared = {log.box for logs in world.witness.logs.values() if len(logs) > 1 for log in logs}
    living = {"hq"}  # of a box that was copied, one medium may have what the other one gave
    living |= {str(box.store.chain) for box in world.live if box.name not in shared}
    for holder, account, lot, amount in world.office.db.execute(
        "SELECT holder, account, lot, amount FROM balance WHERE holder LIKE 'transit:%'"
        " AND amount <> 0"
    ):
        if holder.removeprefix("transit:") in living:
            raise Broken(10, holder, f"{amount} of {account} {lot} is still on its way")


def check_marks(world: World) -> None:
    """Headquarters' books are the fold of all that it has."""
    stored: dict[int, dict[int, list[tuple[str, str]]]] = {}
    db = world.office.db
    for chain, seq, found, prev in db.execute(
        "SELECT chain, seq, hash, prev FROM entry ORDER BY rowid"
    ):
        stored.setdefault(chain, {}).setdefault(seq, []).append((found.hex(), prev.hex()))
    for chain, mark, found in db.execute("SELECT id, mark, mark_hash FROM chain").fetchall():
        check_mark(mark, found, stored.get(chain, {}))
    booked: list[Entry] = []
    for known in world.watch.chains.values():
        query = (
            "SELECT e.data FROM entry AS e JOIN chain AS c ON c.id = e.chain"
            " WHERE c.box = ? AND c.epoch = ? AND e.hash = ?"
        )
        if known.box == "hq":
            rows = db.execute(
                "SELECT e.data FROM entry AS e JOIN chain AS c ON c.id = e.chain"
                " WHERE c.box = ? AND c.epoch = ?", (known.box, known.epoch)
            ).fetchall()  # fmt: skip
        else:
            rows = [
                db.execute(query, (known.box, known.epoch, bytes.fromhex(found))).fetchone()
                for found in known.path
                if found not in world.watch.poisoned
            ]
        booked += [decode(bytes(row[0])) for row in rows]
    books = db.execute("SELECT holder, account, unit, lot, amount FROM balance").fetchall()
    check_books({tuple(row[:4]): row[4] for row in books}, booked)


def check_losses(world: World) -> None:
    """What a chain took beyond the mark at which it was given up had been shown as exposure.

    A copied medium gives the numbers of lots that headquarters knows to lots of its own; and it may
    take again what the history that headquarters followed took after the two had parted.
    """
    paths = {f"{one.box}.{one.epoch}": one.path for one in world.watch.chains.values()}
    for closed in world.closed:
        path = paths.get(closed.chain, [])
        for log in world.witness.logs.get(closed.chain, []):
            late = [decode(world.witness.facts[found].data) for found in log.hashes[closed.mark :]]
            own = {
                f"{closed.chain}:{seq}"
                for seq, found in enumerate(log.hashes, 1)
                if path[seq - 1 : seq] != [found]
            }
            known = {lot for lot in closed.known if lot.rpartition(":")[0] not in own}
            both = zip(path[: closed.mark], log.hashes, strict=False)
            parted = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both))
            other = [decode(world.witness.facts[one].data) for one in path[parted : closed.mark]]
            check_exposure(Counter(closed.shown) + taken_of(other, known), late, known)
