"""What shops do, by the real acts: (world, box, event) -> it is done, refused, or not possible."""

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from daemon.errors import StoreError
from daemon.ledger import accounts
from daemon.ledger.acts.moves import NOBODY
from daemon.ledger.bodies import Consent, MemberEnrolled, NewLot
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.machine import BY_BOX
from daemon.ledger.profiles import Person, lock_profile
from daemon.ledger.records import Draft, Posting
from daemon.ledger.views import Durable
from daemon.sync.asking import Came, TellAsker
from daemon.wanted import Wanted, What
from tests.ledger.witnesses import Broken
from tests.simulation.box import Box
from tests.simulation.plan import Event
from tests.simulation.template import CAPPED, MEMBERS
from tests.simulation.world import World

CARDS = tuple(member[0] for member in MEMBERS)
NEW_CARDS = tuple(f"88000000010{n:02d}" for n in range(15, 25))

Deed = Callable[[World, Box, Event], None]


def act(world: World, box: Box, kind: str, **request: object) -> str:
    """Do an act; return the entry's id, "" when it was refused."""
    name = world.new_id()
    request["id"] = name
    try:
        answer = box.acts.do(kind, json.dumps(request).encode())
    except StoreError as error:
        world.say(f"box {box.name} cannot do {kind} now: {error}")
        return ""
    box.courier.wake()
    if answer.ok:
        box.slips.add(answer.hash)
        world.count("act")
        if world.random.randrange(6) == 0:  # its answer got lost: the till asks again
            again = box.acts.do(kind, json.dumps(request).encode())
            world.count("asked again")
            if (again.entry, again.hash) != (answer.entry, answer.hash):
                raise Broken(9, answer.entry, f"asked again, it is {again.entry} {again.why}")
        return answer.entry
    assert answer.refused not in ("unreadable", "unknown_act"), answer.why
    world.count(f"act refused: {answer.refused}")
    world.witness.refused(box.logs[box.store.chain.epoch], "api", name)
    return ""


def member_here(box: Box, event: Event) -> str:
    """Return the card of one of the members, mostly of one who is known here."""
    every = [*CARDS, *NEW_CARDS[:4]]
    known = [card for card in every if box.store.books.member_by_card(card) is not None]
    cards = known if known and event.a % 8 else every
    return cards[event.a % len(cards)]


def line(fen: int, points: int, qty: int = 1) -> dict[str, object]:
    return {
        "n": 1, "sku": "ZZ-001", "name": "洁面乳", "qty": qty, "list_fen": fen,
        "paid_fen": fen, "cls": "regular", "points": points,
    }  # fmt: skip


def earn(world: World, box: Box, event: Event) -> None:
    """A sale for money; the member, if any, gets points, some of which lapse soon."""
    fen, qty = 100 * (event.b % 90 + 10), event.b % 3 + 1
    points = fen // 100
    card = member_here(box, event) if event.b % 5 else ""
    due = None
    if event.b % 7 == 0:
        due = (world.time.wall + timedelta(minutes=event.a % 40)).isoformat(timespec="seconds")
    extra = {"card": card, "points": points, "points_expire": due} if card else {}
    if card and event.b % 3 == 0:  # under the pack's cap: where there is no room it is refused
        extra["uses"] = [{"what": CAPPED, "amount": points}]
    entry = act(
        world, box, "sale", lines=[line(fen, points if card else 0, qty)],
        tenders=[{"code": "cash", "amount_fen": fen}], **extra,
    )  # fmt: skip
    if entry:
        box.sales.append(entry)
        world.count(*(["sold under a cap"] if "uses" in extra else []))
        world.say(f"box {box.name} sells for {fen} fen to {card or 'somebody'}: {entry}")


def spend(world: World, box: Box, event: Event) -> None:
    """A sale that points pay in part."""
    card = member_here(box, event)
    member = box.facts.member("", card)
    have = sum(lot.amount for lot in member.purse(Unit.POINT))
    if member is NOBODY or not have:
        return
    used = min(have, event.b % 120 + 1)
    buy_with_points(world, box, card, used)


def buy_with_points(world: World, box: Box, card: str, used: int) -> None:
    entry = act(
        world, box, "sale", lines=[line(1000, 5)], card=card, points=5,
        tenders=[{"code": "cash", "amount_fen": 900}], points_used=used, points_worth_fen=100,
    )  # fmt: skip
    if entry:
        box.sales.append(entry)
        world.count("points spent")
        world.say(f"box {box.name} takes {used} points of {card}: {entry}")


def pay_by_value(world: World, box: Box, event: Event) -> None:
    card = member_here(box, event)
    fen = 100 * (event.b % 60 + 1)
    entry = act(world, box, "sale", lines=[line(fen, 0)], card=card, value_fen=fen)
    if entry:
        box.sales.append(entry)
        world.count("stored value spent")
        world.say(f"box {box.name} takes {fen} fen of value of {card}: {entry}")


def top_up(world: World, box: Box, event: Event) -> None:
    card = member_here(box, event)
    fen = 10000 * (event.b % 3 + 1)
    entry = act(
        world, box, "topup", card=card, amount_fen=fen, bonus_fen=fen // 10,
        tenders=[{"code": "cash", "amount_fen": fen}], identity=True,
    )  # fmt: skip
    if entry:
        box.topups.append(entry)
        world.count("top-up")
        world.say(f"box {box.name} tops {card} up by {fen}: {entry}")


def refund(world: World, box: Box, event: Event) -> None:
    if box.topups:
        topup = box.topups[event.b % len(box.topups)]
        kind = "value.refunded" if event.b % 2 else "topup.voided"
        entry = act(world, box, kind, topup=topup, **({"manager": "01"} if event.b % 2 else {}))
        if entry:
            world.count("value refunded")
            world.say(f"box {box.name} gives {topup} back: {entry}")


def give_back(world: World, box: Box, event: Event) -> None:
    """Goods come back; points that are spent already become a claim."""
    if not box.sales:
        return
    sale = box.sales[event.a % len(box.sales)]
    entry = act(world, box, "return", sale=sale, lines=[{"n": 1, "qty": 1}])
    if entry:
        body = box.facts.entry(entry)
        claims = () if body is None else getattr(body.body, "claims", ())
        world.count("goods back", *(["claim"] if claims else []))
        world.say(f"box {box.name} takes goods of {sale} back: {entry}")


def coupon(world: World, box: Box, event: Event) -> None:
    member = box.facts.member("", member_here(box, event))
    if not member.kind:
        return
    if event.b % 2:
        entry = act(world, box, "coupon.issued", member=member.id, coupon="c10", count=2)
    else:
        entry = act(world, box, "coupon.redeemed", member=member.id, coupon="c10")
    if entry:
        world.count("coupon")
        world.say(f"box {box.name} gives or takes a coupon of {member.id}: {entry}")


def transfer(world: World, box: Box, event: Event) -> None:
    one, two = (box.facts.member("", CARDS[n % len(CARDS)]) for n in (event.a, event.b))
    if one.id != two.id and one.kind and two.kind:
        entry = act(
            world, box, "points.transferred", member=one.id, to=two.id, amount=event.b % 30 + 1
        )
        if entry:
            world.say(f"box {box.name} transfers from {one.id} to {two.id}: {entry}")


def enrol(world: World, box: Box, event: Event) -> None:
    """A new member gets a blank card and points to begin with."""
    card = NEW_CARDS[event.a % 4]
    if box.store.books.member_by_card(card) is not None:
        return
    key = box.dice.draw(32)
    nonce = box.dice.draw(24)
    profile = lock_profile(Person(name="李晓"), card=card, key=key, nonce=nonce)
    body = MemberEnrolled(
        card, "fee", "2026-03-06", None, Consent("1", False), profile, points=30,
        lots=(NewLot(1, "point", "join"),),
    )  # fmt: skip
    postings = (
        Posting("@", accounts.points("#"), "point", "#1", 30),
        Posting("@", accounts.ISSUED_POINTS, "point", "", -30),
    )
    box.store.local.put_member_key(card, key=key, phone_digest=None)
    name, at = world.new_id(), box.facts.at()
    draft = Draft("till", name, Kind.MEMBER_ENROLLED, at, BY_BOX, None, None, body, postings)
    outcome = box.store.commit(draft)
    if isinstance(outcome, Durable):
        box.courier.wake()
        world.watch.expected.add("duplicate")  # another shop may enrol the same card
        world.count("enrolment")
        world.say(f"box {box.name} enrols {card}: {id_of(outcome.entry)}")


def ask(world: World, box: Box, event: Event) -> None:
    """A sale asks headquarters for points that it lacks, and uses a part of what comes."""
    online = [one for one in world.live if one.online]
    box = online[event.box % len(online)] if online else box
    card = member_here(box, event) if event.b % 4 else CARDS[event.a % len(CARDS)]
    member = box.facts.member("", card)
    if not member.kind:
        name = box.courier.questions.ask(Wanted(What.MEMBER, card=card), lambda told: None)
        box.courier.questions.ended(name)
        world.count("asked who it is")
        return
    if event.b % 5 > 2:
        ask_for_room(world, box, member.id)
        return
    amount = event.b % 150 + 1

    def told(heard: TellAsker) -> None:
        world.count(f"ask {heard.came}")
        if heard.came is not Came.OFFLINE:
            box.to_buy.append((card, max(1, amount // (event.b % 3 + 1))))

    question = Wanted(What.HOLDING, member=member.id, unit="point", amount=amount)
    name = box.courier.questions.ask(question, told)
    box.asked.append(name)
    world.say(f"box {box.name} asks for {amount} points of {card}")


def ask_for_room(world: World, box: Box, member: str) -> None:
    """A shop asks for what is left under the pack's cap; a sale may use it, the rest goes back."""
    lacking = box.facts.limiting.missing(member, date.fromisoformat(box.facts.at().wall[:10]))

    def told(heard: TellAsker) -> None:
        world.count(f"ask for room {heard.came}")
        if heard.answer is not None and heard.answer.outcome in ("granted", "partly"):
            world.count("room granted")

    for unit, amount in lacking:
        question = Wanted(What.HOLDING, member=member, unit=unit, amount=amount)
        box.asked.append(box.courier.questions.ask(question, told))
        world.say(f"box {box.name} asks for {amount} {unit} of {member}")


def go_on(world: World, box: Box) -> None:
    """Whoever asked has heard: the sale is made, or not, and is over."""
    while box.to_buy:
        card, amount = box.to_buy.pop(0)
        buy_with_points(world, box, card, amount)
        if box.asked:
            box.courier.questions.ended(box.asked.pop(0))


def lapse(world: World, box: Box, event: Event) -> None:
    for done in box.acts.lapse():
        world.count("lapse")
        world.say(f"box {box.name} books what has lapsed: {id_of(done.entry)}")
    box.courier.wake()


TRADES: Mapping[str, Deed] = MappingProxyType(
    {
        "earn": earn,
        "spend": spend,
        "pay by value": pay_by_value,
        "top up": top_up,
        "give back": give_back,
        "coupon": coupon,
        "transfer": transfer,
        "refund": refund,
        "enrol": enrol,
        "ask": ask,
        "lapse": lapse,
    }
)
