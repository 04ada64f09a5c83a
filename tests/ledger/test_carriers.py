"""The same entries by any carrier, in any order, twice, make byte-equal state at headquarters."""

from pathlib import Path
from random import Random

import msgspec
import pytest

from daemon.entropy import SystemEntropy
from daemon.ledger.codec import canonical, hash_of
from daemon.ledger.views import Durable, Stored
from daemon.sync.secondcopy import SecondCopy
from hq.booking import Booking
from hq.headquarters import Headquarters
from hq.secondcopy import take_copy
from hq.store import Office
from tests.hq.office import Sender, new_office, take
from tests.hq.test_booking import enrol
from tests.ledger.shop import sale
from tests.ledger.witnesses import Broken, check_reached, check_same

BOXES = ("0001", "0002")
TABLES = (
    "SELECT box, epoch, mark, mark_hash, booked, booked_hash, applied FROM chain WHERE box <> 'hq'",
    "SELECT c.box, c.epoch, e.seq, e.hash, e.prev, e.data FROM entry AS e JOIN chain AS c"
    " ON c.id = e.chain WHERE c.box <> 'hq'",
    "SELECT holder, account, unit, lot, amount FROM balance WHERE amount <> 0",
    "SELECT lot, account, unit, granted, expires, source, topup, owner FROM lot",
    "SELECT id, card, status, kind, joined, cipher, nonce, key FROM member",
    "SELECT box, epoch, seq, hash, kind, what FROM work",
    "SELECT card, status FROM card_status",
)


def state(office: Office) -> dict[str, list[tuple[object, ...]]]:
    return {query: sorted(map(tuple, office.db.execute(query)), key=repr) for query in TABLES}


def boxes(office: Office) -> list[Sender]:
    """Two shops with sales, a member, and an entry each that nobody can book."""
    made = []
    for number, name in enumerate(BOXES):
        box = Sender(office, name, seed=20 + number)
        if not number:  # who comes first when two shops enrol one card is a matter of order
            enrol(box)
        for n in range(4):
            outcome = box.ledger.commit(sale(f"s{n}", points=0, member="", when=box.ledger.at()))
            assert isinstance(outcome, Durable)
        poison(box)
        box.sell(9)
        made.append(box)
    return made


def poison(box: Sender) -> None:
    """An entry of a kind that headquarters does not know: newer software wrote it."""
    ledger = box.ledger
    ledger.sell("poison")
    last = ledger.entries[-1]
    strange = msgspec.json.decode(last.data)
    assert isinstance(strange, dict)
    strange["kind"] = "box.dreamt"
    data = canonical(strange)
    ledger.entries[-1] = Stored(last.seq, hash_of(data), data)


def by_line(hq: Headquarters, made: list[Sender], random: Random) -> None:
    for box in made:
        take(hq, box.batch())


def by_pieces(hq: Headquarters, made: list[Sender], random: Random) -> None:
    """Batches of any size, in any order, some of them twice."""
    pieces = []
    for box in made:
        head = box.ledger.head.seq
        for _ in range(12):
            first = random.randint(1, head)
            pieces.append(box.batch(first, random.randint(first, head)))
        pieces += [box.batch(n, n) for n in range(1, head + 1)]
    random.shuffle(pieces)
    while pieces:
        count = random.randint(1, 5)
        take(hq, *pieces[:count])
        if random.randrange(2):
            Booking(hq.office).turn()
        del pieces[:count]


def by_copy(hq: Headquarters, made: list[Sender], random: Random) -> None:
    """The second copies, and a few batches that had come before."""
    for box in made:
        folder = hq.office.folder / f"stick-{box.name}"
        folder.mkdir()
        if random.randrange(2):
            take(hq, box.batch(1, random.randint(1, box.ledger.head.seq)))
        copy = SecondCopy(box.ledger, folder, hq_key=hq.office.public, entropy=SystemEntropy())
        copy.work()
        _, refused = take_copy(hq.office, folder)
        assert not refused


def brought(folder: Path, way: object, seed: int) -> tuple[Office, list[Sender]]:
    office = new_office(folder)
    hq = Headquarters(office)
    made = boxes(office)
    take(hq, *(box.hello() for box in made))
    way(hq, made, Random(seed))  # type: ignore[operator]
    booking = Booking(office)
    while booking.turn():
        pass
    return office, made


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("way", [by_pieces, by_copy])
def test_every_way_makes_the_same_state(tmp_path: Path, way: object, seed: int) -> None:
    straight, made = brought(tmp_path / "line", by_line, 0)
    other, _ = brought(tmp_path / "other", way, seed)
    heads = {str(box.ledger.chain): box.ledger.head.seq for box in made}
    for office in (straight, other):
        rows = office.db.execute("SELECT box, epoch, mark, booked FROM chain").fetchall()
        check_reached({f"{row[0]}.{row[1]}": row[2] for row in rows}, heads)
        check_reached({f"{row[0]}.{row[1]}": row[3] for row in rows}, heads)
        cases = office.db.execute("SELECT box, kind FROM work ORDER BY box").fetchall()
        assert cases == [("0001", "unknown"), ("0002", "unknown")], "the rest went on"
    check_same(state(straight), state(other), ways=f"in one and {way}")
    straight.close()
    other.close()


def test_an_intake_that_minds_the_order_is_found(tmp_path: Path, monkeypatch) -> None:
    """The mark of the last message instead of the longest run: the classic mistake."""

    def careless(db, chain: int) -> list[tuple[int, str]]:
        db.execute(
            "UPDATE chain SET mark = (SELECT max(seq) FROM entry WHERE chain = ?1),"
            " mark_hash = 'x' WHERE id = ?1 AND EXISTS (SELECT 1 FROM entry WHERE chain = ?1)",
            (chain,),
        )
        return []

    straight, _ = brought(tmp_path / "line", by_line, 0)
    monkeypatch.setattr("hq.intake.advance", careless)
    other, _ = brought(tmp_path / "other", by_pieces, 1)
    with pytest.raises(Broken) as caught:
        check_same(state(straight), state(other), ways="orders")
    assert caught.value.rule == 10
    straight.close()
    other.close()
