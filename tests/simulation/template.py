"""A chain of shops on its first morning, made once: members, goods, staff, a pack, all in step."""

import json
from pathlib import Path
from random import Random

from daemon.ledger import machine
from daemon.ledger.records import By
from daemon.rules.limited import Limits
from daemon.rules.limited_pack import limits_of
from hq import packs
from hq.cards import import_cards
from hq.imports import import_products, import_staff
from hq.registry import issue_token
from tests.hq.tables import CARDS, products_csv, staff_csv
from tests.simulation.box import Box
from tests.simulation.clocks import Dice
from tests.simulation.clocks import World as Time
from tests.simulation.office import Centre
from tests.simulation.witness import Deaf

FLOOR = 40  # points above a holding that a shop may lend
VALUE_MAX = 90_000  # on a card, in fen: two members are near it from the first day
GIFT = {
    "id": "sample", "kind": "gift", "points": 1, "give": [{"sku": "GIFT1", "qty": 1}],
    "max_times": 1, "per": "month",
}  # fmt: skip
RISK = 5  # each fifth pack lets a shop issue without the room
CAPPED, CAP = "spend", 60  # a rule of this pack, and its points in a month
PACK = Path(__file__).parents[2] / "config" / "packs" / "zhenzi.json"
MEMBERS = (
    # card, points, principal, bonus, home
    ("8800000000018", 620, 0, 0, "0001"),
    ("8800000000049", 150, 50000, 2000, "0001"),
    ("8800000000056", 300, 20000, 1000, "0002"),
    ("8800000000063", 90, 0, 0, "0003"),
)


def make(folder: Path, boxes: int) -> None:
    """Write `hq` and a folder for each box."""
    time = Time()
    dice, witness = Dice(Random(boxes)), Deaf()
    centre = Centre(folder / "hq", time, dice)
    office = centre.office
    cards = [CARDS, "range,,8800000000000,8800000099999,,,,,,,,registered,,,,,,"]
    for number, (card, points, principal, bonus, home) in enumerate(MEMBERS, 1):
        cards.append(
            f"member,M{number},,,{card},会员{number},1380000000{number},1990-03-01,2025-05-05,"
            f"2027-05-05,active,registered,,true,{points},{principal},{bonus},{home}"
        )
    path = folder / "t.csv"
    path.write_text("\n".join(cards) + "\n", encoding="utf-8")
    assert not import_cards(office, path).mistakes
    import_products(office, products_csv(path))
    import_staff(office, staff_csv(path, shop=""))
    packs.publish(office, pack_text(1, share=3000))
    tokens = {f"{n:04d}": issue_token(office, f"{n:04d}") for n in range(1, boxes + 1)}
    shops = [
        Box(name, folder / name, time=time, dice=dice, witness=witness, hq_key=office.public,
            token=token)
        for name, token in tokens.items()
    ]  # fmt: skip
    for box in shops:
        box.connect()
    _settle(centre, shops, time)
    for box in shops:
        draft = machine.shift_opened(
            box.facts.at(), by=By("02", "clerk"), float_fen=30000, source="t", request="on"
        )
        box.store.commit(draft)
        box.courier.wake()
    _settle(centre, shops, time)
    for box in shops:
        assert box.courier.hq_mark == box.store.head.seq, "all is in step"
        box.courier.persist()
        box.stop()
    office.close()


def pack_text(version: int, *, share: int) -> str:
    """Return a signed pack's text: a share of new lots goes to the pool at each sync."""
    document = json.loads(PACK.read_text(encoding="utf-8"))
    document["version"] = version
    document["earn"][0]["cap"] = {"most": CAP, "per": "month", "unit": "points"}
    document["gifts"].append(GIFT)
    document["stored_value"]["registered_max_fen"] = VALUE_MAX
    document["roaming"] = {
        "release_basis_points": share, "home_keeps_points": 40, "floor_points": FLOOR,
        "limits": "accept_risk" if version % RISK == 0 else "refuse",
    }  # fmt: skip
    return json.dumps(document)


def limits() -> Limits:
    """Return the limits of that pack."""
    return limits_of(json.dumps({"pack": json.loads(pack_text(1, share=0))}))


def _settle(centre: Centre, shops: list[Box], time: Time) -> None:
    from hq.intake import Arrival

    arrivals: list[Arrival] = []
    for _ in range(80):
        time.ms += 250
        outgoing, refused = centre.turn(arrivals)
        assert not refused, refused
        arrivals = []
        for one in outgoing:
            box = next(box for box in shops if box.name == one.topic.split("/")[1])
            box.courier.received(box.mailroom.open(one.topic, one.payload))
        for box in shops:
            box.tick()
            arrivals += [Arrival(sent.topic, sent.payload) for sent in box.work(40)]
