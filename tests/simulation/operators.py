"""What people at headquarters do: (world, box, event)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from daemon.ledger.messages import CardBlocked
from daemon.ledger.records import ZERO_HASH, Chain
from daemon.ledger.requests import FREEZE, RELEASE, UNFREEZE, VOID
from hq import adjusting, packs, report, restoring
from hq.chainlog import newest_log
from hq.imports import import_products
from hq.writeoff import write_off
from tests.hq.tables import products_csv
from tests.simulation.box import Box
from tests.simulation.plan import Event
from tests.simulation.template import pack_text
from tests.simulation.trade import CARDS
from tests.simulation.world import Closed, World

Deed = Callable[[World, Box, Event], None]
TAKES = (RELEASE, VOID, FREEZE, UNFREEZE)


def member_at(world: World, event: Event) -> str:
    query = "SELECT id FROM member WHERE card = ? ORDER BY rowid LIMIT 1"
    card = CARDS[event.a % len(CARDS)]
    return str(world.office.db.execute(query, (card,)).fetchone()[0])


def give(world: World, box: Box, event: Event) -> None:
    """A click: points for the home shop."""
    member, points = member_at(world, event), event.b % 50 + 1
    adjusting.give(world.office, member, points, source="click", expires=None)
    world.count("HQ gives points")
    world.say(f"headquarters gives {points} points to {member}")


def take(world: World, box: Box, event: Event) -> None:
    """A recall, a void or a freeze is a request to whoever holds the points."""
    member, kind = member_at(world, event), TAKES[event.b % len(TAKES)]
    done = adjusting.take(world.office, member, kind, event.a % 90 + 1, reason="checked")
    world.count(f"HQ asks: {kind}")
    world.say(f"headquarters: {kind} of {member}: {done.here} here, asked {dict(done.asked)}")


def prices(world: World, box: Box, event: Event) -> None:
    path = products_csv(world.folder / "p.csv", price=5000 + event.b % 300)
    import_products(world.office, path)


def block(world: World, box: Box, event: Event) -> None:
    card = CARDS[event.a % len(CARDS)]
    adjusting.block(world.office, card, "lost" if event.b % 3 == 0 else "")
    world.count("card blocked or freed")


def another_pack(world: World, box: Box, event: Event) -> None:
    """Another share of new lots goes to the pool."""
    newest = world.office.db.execute("SELECT max(version) FROM pack").fetchone()[0]
    packs.publish(world.office, pack_text(newest + 1, share=event.b % 10001))
    if newest < world.published:  # a restored headquarters forgot that there was one of this number
        world.watch.expected.add("refused")
    world.published = max(world.published, newest + 1)
    world.count("pack published")
    world.say(f"headquarters publishes pack version {newest + 1}")


def unknown_message(world: World, box: Box, event: Event) -> None:
    """Headquarters runs newer software than the boxes."""
    with world.office.transaction():
        log = newest_log(world.office, box.name)
        if log is not None:
            log.add("weather.told", CardBlocked("1234567", "lost"))
            world.watch.expected.add("refused")
            world.count("unknown down kind")
            world.say(f"headquarters tells {box.name} something that it does not know")


def write_off_ended(world: World, box: Box, event: Event) -> None:
    """An operator looks at the work list: an ended chain is given up."""
    ended = [case for case in report.cases(world.office) if case.kind == "ended"]
    if ended:
        case = ended[event.a % len(ended)]
        give_up(world, Chain(case.box, case.epoch))


def write_off_open(world: World, box: Box, event: Event) -> None:
    """Somebody gives a chain up that is only far away; it comes back later."""
    if not box.online:
        world.count("open chain given up")
        give_up(world, Chain(box.name, box.store.chain.epoch))


def give_up(world: World, chain: Chain) -> None:
    """Write a chain off, after its exposure was shown."""
    db = world.office.db
    row = db.execute(
        "SELECT closed FROM chain WHERE box = ? AND epoch = ?", (chain.box, chain.epoch)
    ).fetchone()
    if row is None or row[0] is not None:
        return
    world.watch.expected.add("restore")
    shown = write_off(world.office, chain)
    world.watch.look(world.office)
    lots = db.execute(
        "SELECT DISTINCT lot FROM balance WHERE holder IN (?, ?) AND lot <> '' AND unit <> 'piece'",
        (str(chain), f"transit:{chain}"),
    )
    both = {
        unit: shown.holding.get(unit, 0) + shown.undelivered.get(unit, 0)
        for unit in shown.holding.keys() | shown.undelivered.keys()
    }
    known = {row[0] for row in lots}
    world.closed.append(Closed(str(chain), shown.mark, both, known))
    world.count("write-off")
    world.say(f"chain {chain} is given up at its mark {shown.mark}; exposure {both}")


# -- the end ---------------------------------------------------------------------------------------


def open_the_pool(world: World) -> None:
    """Chains whose media are no more will never confirm a restore: they are given up."""
    for name in restoring.waiting_for(world.office):
        box, _, epoch = name.rpartition(".")
        chain = Chain(box, int(epoch))
        if not any(_keeps(world, one, chain) for one in world.live):
            give_up(world, chain)


def _keeps(world: World, box: Box, chain: Chain) -> bool:
    """Tell whether this medium has all of the chain that headquarters has, and was promised."""
    found, promised = world.office.db.execute(
        "SELECT mark_hash, coalesce(confirms_at, 0) FROM chain WHERE box = ? AND epoch = ?",
        (chain.box, chain.epoch),
    ).fetchone()
    return any(
        head.seq >= promised and found in (ZERO_HASH, *box.logs[one.epoch].hashes[: head.seq])
        for one, head in box.store.chains()
        if one == chain
    )


OPERATORS: Mapping[str, Deed] = MappingProxyType(
    {
        "give points": give,
        "take points": take,
        "prices": prices,
        "block a card": block,
        "another pack": another_pack,
        "unknown message": unknown_message,
        "write off what ended": write_off_ended,
        "write off an open chain": write_off_open,
    }
)
