"""What members do away from home, and what a shop lends: (world, box, event), as in trade.py.

A visit waits for what it asked for, as a counter does; meanwhile everybody goes on.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from daemon.ledger import accounts
from daemon.ledger.acts import claims
from daemon.ledger.acts.moves import Member
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Unit
from daemon.ledger.limits import VALUE
from daemon.ledger.lots import available
from daemon.ledger.views import Durable
from daemon.sync.asking import TellAsker
from daemon.wanted import Wanted, What
from tests.acts.lending import lent_sale
from tests.simulation.box import Box
from tests.simulation.plan import Event
from tests.simulation.template import CAP, CAPPED, FLOOR, GIFT
from tests.simulation.trade import CARDS, Deed, act, line
from tests.simulation.world import World

GREET_STEPS = 7  # a hello and its answer, when the carrier is slow
WAIT_STEPS, WAIT_MS = 11, 60  # until the home has answered by way of headquarters, and in time
TIMES = f"times:{GIFT['id']}"


def visit(world: World, box: Box, event: Event) -> None:
    """A member buys where he is not at home: the shop asks for what his limits lack there."""
    card = CARDS[event.a % len(CARDS)]
    others = [one for one in world.live if one.name != box.name]
    _greeted(world, [box, *(others if event.b % 3 else ())])  # mostly his home is there to answer
    if not box.facts.member("", card).kind:
        _asked(world, box, [Wanted(What.MEMBER, card=card)])
    member = box.facts.member("", card)
    if not member.kind:
        return
    names = _asked(world, box, _lacking(box, member))
    buy_under_a_cap(world, box, member, event)
    if event.b % 2:
        take_a_gift(world, box, member)
    else:
        top_up(world, box, member, event)
    for name in names:
        box.courier.questions.ended(name)


def _greeted(world: World, boxes: list[Box]) -> None:
    """Let these shops have a line, and headquarters' word on it, if it comes at all."""
    for box in boxes:
        if not box.online:
            world.connect(box)
    for _ in range(GREET_STEPS):
        if all(box.courier._session.greeted for box in boxes):
            break
        _go_on(world)


def _go_on(world: World) -> None:
    world.pass_time(WAIT_MS)
    world.step(work=12)


def _lacking(box: Box, member: Member) -> list[Wanted]:
    limiting = box.facts.limiting
    lacking = [*limiting.missing(member.id, _today(box)), *limiting.missing_value(member.id)]
    return [
        Wanted(What.HOLDING, member=member.id, unit=unit, amount=amount) for unit, amount in lacking
    ]


def _asked(world: World, box: Box, wanted: list[Wanted]) -> list[str]:
    """Ask, and let everybody go on until all is answered or the patience ends; return the names
    of the questions."""
    left = len(wanted)

    def told(heard: TellAsker) -> None:
        nonlocal left
        left -= 1
        outcome = "" if heard.answer is None else f" {heard.answer.outcome}"
        world.count(f"visit {heard.came}{outcome}")

    names = [box.courier.questions.ask(one, told) for one in wanted]
    for one in wanted:
        world.say(f"box {box.name} asks for {one.amount or ''} {one.unit or one.card}")
    for _ in range(WAIT_STEPS):
        if left <= 0:
            break
        _go_on(world)
    return names


def buy_under_a_cap(world: World, box: Box, member: Member, event: Event) -> None:
    """Buy for points of a capped rule: what is left here, or a little more."""
    left = _left(box, member.id)
    points = min(left, event.b % 30 + 1) if event.a % 3 else left + 1
    if points <= 0:
        return
    entry = act(
        world, box, "sale", lines=[line(100 * points, points)], member=member.id, points=points,
        tenders=[{"code": "cash", "amount_fen": 100 * points}],
        uses=[{"what": CAPPED, "amount": points}],
    )  # fmt: skip
    world.count(*([f"away: capped points {'given' if entry else 'refused'}"]))
    if entry:
        box.sales.append(entry)
        world.say(f"box {box.name} gives {points} capped points to {member.id}: {entry}")


def take_a_gift(world: World, box: Box, member: Member) -> None:
    entry = act(
        world, box, "points.redeemed", member=member.id, rule=GIFT["id"], points=1, sku="GIFT1",
        uses=[{"what": TIMES, "amount": 1}],
    )  # fmt: skip
    if entry:
        world.count("away: gift taken")
        world.say(f"box {box.name} gives a gift to {member.id}: {entry}")


def top_up(world: World, box: Box, member: Member, event: Event) -> None:
    room = sum(lot.amount for lot in box.store.books.lots(accounts.right(member.id), VALUE))
    fen = room if room and event.a % 2 else 100 * (event.a % 200 + 1)
    entry = act(
        world, box, "topup", member=member.id, amount_fen=fen,
        tenders=[{"code": "cash", "amount_fen": fen}], identity=True,
    )  # fmt: skip
    if entry:
        box.topups.append(entry)
        world.count("away: top-up")
        world.say(f"box {box.name} tops {member.id} up by {fen}: {entry}")


def give_back_elsewhere(world: World, box: Box, event: Event) -> None:
    """Goods of another shop come back here: what had paid there is restored there."""
    others = [one for one in world.live if one.name != box.name and one.sales]
    if not others:
        return
    seller = others[event.a % len(others)]
    sale = seller.sales[-1 - event.b % min(3, len(seller.sales))]
    _greeted(world, [box, seller])
    names = _asked(world, box, [Wanted(What.SALE, sale=sale)])
    entry = act(world, box, "return", sale=sale, lines=[{"n": 1, "qty": 1}], reason=1)
    if entry:
        world.count("goods of another shop back")
        world.say(f"box {box.name} takes goods of {sale} back: {entry}")
    for name in names:
        box.courier.questions.ended(name)


def lend(world: World, box: Box, event: Event) -> None:
    """Headquarters does not answer: points above the holding are lent, up to the pack's floor."""
    member = box.facts.member("", CARDS[event.a % len(CARDS)])
    if not member.kind or member.status != "active":
        return
    most = claims.to_lend(member, FLOOR)
    if most:
        here = sum(lot.amount for lot in available(member.purse(Unit.POINT), box.facts.now()))
        held, lent = min(here, event.b % 20), min(most, event.b % FLOOR + 1)
        done = box.store.commit(
            lent_sale(box.facts, world.new_id(), member.id, held=held, lent=lent)
        )
        if isinstance(done, Durable):
            box.courier.wake()
            world.count("points lent")
            world.say(f"box {box.name} lends {lent} points to {member.id}: {id_of(done.entry)}")


def _left(box: Box, member: str) -> int:
    told = dict(box.facts.limiting.so_far(member, (), _today(box)))
    return CAP - told.get(f"{CAPPED}:month", 0)


def _today(box: Box) -> date:
    return date.fromisoformat(box.facts.at().wall[: len("2026-03-06")])


VISITS: Mapping[str, Deed] = MappingProxyType(
    {"visit": visit, "give back elsewhere": give_back_elsewhere, "lend": lend}
)
