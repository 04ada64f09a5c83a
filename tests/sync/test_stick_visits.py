"""Sticks between shops and headquarters: in any mix, order and number of visits, to one state."""

from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger.codec import decode
from daemon.ledger.views import DownMark
from daemon.sync.blocked import FACT, BlockedCards
from daemon.sync.protocol import Fork
from daemon.sync.stick import address
from daemon.sync.stick_folder import Shelf
from hq.members import set_status
from hq.report import boxes as box_report
from hq.restoring import back_up, raise_incarnation, waiting_for
from hq.stick import Collector
from tests.sync.sticks import MemoryShelf, collect, deliver, visit
from tests.sync.test_stick import CARD, OTHER, world
from tests.sync.world import Box, World

SMALL = 100 * 1024  # of a part; a batch takes up to 64 KiB
DOINGS = ("sell", "visit", "swap", "collect", "deliver", "talk", "lose")


def agree(shops: World, stick: Shelf) -> None:
    """Carry the stick around until nobody has anything new to say."""
    for _ in range(4):
        for box in shops.boxes.values():
            box.disconnect()
            visit(box, stick)
        collect(shops, stick)
        deliver(shops, stick)
    for box in shops.boxes.values():
        visit(box, stick)


def check(shops: World) -> None:
    shops.check()
    shops.check_end()
    for box in shops.boxes.values():
        assert box.courier.hq_mark == box.ledger.head.seq
        asked = [(decode(one.data).source, decode(one.data).id) for one in box.ledger.entries]
        assert len(asked) == len(set(asked)), "nothing happens twice"


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    doings=st.lists(st.tuples(st.sampled_from(DOINGS), st.integers(0, 1)), max_size=14),
)
def test_any_mix_of_visits_old_sticks_and_the_line_comes_to_one_state(
    seed: int, doings: list[tuple[str, int]]
) -> None:
    """Two sticks of different ages, MQTT between, parts that got lost: the end is the same."""
    random = Random(seed)
    with TemporaryDirectory() as folder:
        shops = world(Path(folder))
        boxes = list(shops.boxes.values())
        sticks = [MemoryShelf(), MemoryShelf()]
        for doing, which in doings:
            stick, box = sticks[which], boxes[which]
            match doing:
                case "sell":
                    box.sell()
                case "visit":
                    assert not visit(boxes[random.randrange(2)], stick).trouble
                case "swap":
                    sticks[which] = sticks[1 - which].copy()
                case "collect":
                    assert not collect(shops, stick).refused
                case "deliver":
                    deliver(shops, stick)
                case "talk":
                    talk(shops, box)
                case _ if stick.files:
                    del stick.files[random.choice(stick.names())]
        agree(shops, random.choice(sticks))
        check(shops)
        shops.office.close()


def talk(shops: World, box: Box) -> None:
    """Let a box have a line for a while."""
    box.connect()
    for _ in range(12):
        shops.pass_time(250)
        shops.step(work=20)
    box.disconnect()
    shops.parcels = []


def test_one_stick_serves_many_shops_and_brings_each_its_own(tmp_path: Path) -> None:
    shops = world(tmp_path)
    stick = MemoryShelf()
    for box in shops.boxes.values():
        box.sell()
    agree(shops, stick)
    check(shops)
    told = {member for (member,) in shops.office.db.execute("SELECT id FROM member")}
    held = {
        key[0].removeprefix("points:")
        for key, amount in shops.boxes["0001"].ledger.books.balances.items()
        if key[0].startswith("points:") and amount
    }
    assert told == held, "members of the first shop, and what they hold, came by stick"
    assert not any(
        key[0].startswith("points:") for key in shops.boxes["0002"].ledger.books.balances
    )


def test_a_stick_plugged_in_twice_is_not_written_to_and_changes_nothing(tmp_path: Path) -> None:
    shops = world(tmp_path)
    box, stick = shops.boxes["0001"], MemoryShelf()
    for _ in range(3):
        box.sell()
    first = visit(box, stick)
    files, head = dict(stick.files), box.ledger.head
    again = visit(box, stick)
    assert (first.fresh, again.fresh, again.entries) == (first.entries, 0, first.entries)
    assert stick.files == files and box.ledger.head == head
    collect(shops, stick)
    before = _dump(shops)
    assert collect(shops, stick).new == 0
    assert _dump(shops) == before, "headquarters is the same, too"


def _dump(shops: World) -> list[object]:
    tables = ("entry", "chain", "balance", "member", "box", "down", "work", "device_key")
    return [shops.office.db.execute(f"SELECT * FROM {name}").fetchall() for name in tables]


def test_an_old_stick_changes_nothing_on_either_side(tmp_path: Path) -> None:
    shops = world(tmp_path)
    box, stick = shops.boxes["0001"], MemoryShelf()
    visit(box, stick)
    collect(shops, stick)
    deliver(shops, stick)
    old = stick.copy()
    box.sell()
    agree(shops, stick)
    before, head = _dump(shops), box.ledger.head
    assert collect(shops, old).new == 0
    assert _dump(shops) == before
    told = visit(box, old)
    assert (told.applied, told.refused, box.ledger.head) == (0, (), head)
    assert box.courier.hq_mark == head.seq


def test_a_month_goes_in_parts_and_a_lost_part_is_written_again(tmp_path: Path) -> None:
    shops = world(tmp_path)
    box, stick = shops.boxes["0001"], MemoryShelf()
    random = Random(1)
    for _ in range(1200):
        box.sold += 1
        box.ledger.sell(random.randbytes(120).hex())
    first = visit(box, stick, part_bytes=SMALL)
    assert first.files >= 3
    assert max(map(len, stick.files.values())) <= SMALL
    keep = stick.copy()
    lost = stick.names()[1]
    del stick.files[lost]
    stick.writes.clear()
    again = visit(box, stick, part_bytes=SMALL)
    assert 0 < again.fresh < first.fresh and again.entries == first.entries
    assert stick.names()[0] not in stick.writes, "what is whole is left alone"
    for name in random.sample(keep.names(), len(keep.files)):  # any order
        collect(shops, MemoryShelf({name: keep.files[name]}))
    mark = shops.office.db.execute("SELECT mark FROM chain WHERE box = '0001'").fetchone()
    assert mark == (box.ledger.head.seq,)


def test_a_part_of_another_past_of_the_same_device_is_written_anew(tmp_path: Path) -> None:
    """The medium lost its last entry before headquarters heard of it; another took its number."""
    shops = world(tmp_path)
    box, stick = shops.boxes["0001"], MemoryShelf()
    box.sell()
    visit(box, stick)
    box.ledger.entries.pop()
    box.start()
    box.ledger.sell("another")
    assert visit(box, stick).fresh == box.ledger.head.seq
    collect(shops, stick)
    row = shops.office.db.execute("SELECT mark, mark_hash FROM chain WHERE box = '0001'").fetchone()
    assert row == (box.ledger.head.seq, box.ledger.head.hash)


def test_a_stick_without_room_takes_what_it_can_and_says_what_is_left(tmp_path: Path) -> None:
    shops = world(tmp_path)
    box, stick = shops.boxes["0001"], MemoryShelf()
    random = Random(1)
    for _ in range(1200):
        box.ledger.sell(random.randbytes(120).hex())
    stick.room_bytes = 2 * SMALL
    told = visit(box, stick, part_bytes=SMALL)
    assert 0 < told.left < 1200 and told.entries + told.left == box.ledger.head.seq
    assert not told.ok
    assert collect(shops, stick).new == told.entries
    deliver(shops, stick)
    rest = visit(box, stick, part_bytes=SMALL)  # what HQ has is taken off it: now there is room
    assert rest.left == 0
    agree(shops, stick)
    check(shops)


def test_what_came_by_stick_needs_no_line_and_makes_nobody_online(tmp_path: Path) -> None:
    shops = world(tmp_path)
    box, stick = shops.boxes["0001"], MemoryShelf()
    agree(shops, stick)
    said = box_report(shops.office)["0001"]
    assert (said.online, said.seen_age_s, said.mark) == (False, None, box.ledger.head.seq)
    assert not box.courier.pending or not box.online
    age = box.courier.hq_age_s
    assert age is not None and age < 3600, "as old as HQ's word, not as the stick's way"
    box.ledger.clock.move(86_400_000)
    again = box.courier.hq_age_s
    assert again is not None and again > 86_000
    talk(shops, box)
    assert box_report(shops.office)["0001"].online, "and a line that comes goes on where it is"


def test_a_box_whose_clock_is_behind_does_not_believe_that_headquarters_spoke_just_now(
    tmp_path: Path,
) -> None:
    shops = world(tmp_path)
    box, stick = shops.boxes["0001"], MemoryShelf()
    box.ledger.clock.set_back(timedelta(days=200))
    agree(shops, stick)
    box.ledger.clock.move(86_400_000)
    age = box.courier.hq_age_s
    assert age is not None and 86_000 < age < 90_000
    box.courier.persist()
    box.start()
    age = box.courier.hq_age_s
    assert age is not None and 86_000 < age < 90_000


def test_what_a_stick_acknowledged_is_not_sent_again_over_the_line(tmp_path: Path) -> None:
    shops = world(tmp_path)
    box, stick = shops.boxes["0001"], MemoryShelf()
    for _ in range(300):
        box.sell()
    agree(shops, stick)
    head = box.ledger.head.seq
    box.start()  # a restart: what a stick has brought is remembered
    assert box.courier.hq_mark == head
    stored = shops.office.db.execute("SELECT count(*) FROM entry").fetchone()
    talk(shops, box)
    assert shops.office.db.execute("SELECT count(*) FROM entry").fetchone() == stored
    assert box.ledger.head.seq == head, "MQTT later changes nothing"


def test_a_chain_that_headquarters_knows_otherwise_is_forked_by_a_stick_as_well(
    tmp_path: Path,
) -> None:
    shops = world(tmp_path)
    box, stick = shops.boxes["0001"], MemoryShelf()
    box.sell()
    visit(box, stick)
    collect(shops, stick)
    deliver(shops, stick)
    box.ledger.entries.pop()
    box.start()  # the medium lost its last entry, which headquarters has
    visit(box, stick)
    assert box.courier.fork is Fork.ROLLED_BACK


def test_headquarters_that_was_restored_is_told_by_stick_and_tells_by_stick(
    tmp_path: Path,
) -> None:
    shops = world(tmp_path)
    box, stick = shops.boxes["0001"], MemoryShelf()
    agree(shops, stick)
    back_up(shops.office, tmp_path / "backup")
    box.sell()
    agree(shops, stick)
    shops.restore_hq(tmp_path / "backup")
    assert "0001.1" in waiting_for(shops.office)
    deliver(shops, stick)  # the acknowledgement of the new incarnation, and no message
    assert visit(box, stick).applied == 0
    collect(shops, stick)
    assert "0001.1" not in waiting_for(shops.office), "the hello of the stick has said so"
    agree(shops, stick)
    check(shops)
    assert raise_incarnation(shops.office) > 1


# -- blocked cards -------------------------------------------------------------------------------


def test_a_blocked_card_is_refused_even_if_the_log_does_not_come_so_far(tmp_path: Path) -> None:
    shops = world(tmp_path)
    box, stick = shops.boxes["0001"], MemoryShelf()
    agree(shops, stick)
    box.ledger.books.cards = {CARD: "active", OTHER: "active"}
    set_status(shops.office, OTHER, "lost")
    deliver(shops, stick)
    cards = BlockedCards(box.ledger.local, box.ledger.books, 1)
    marks, mark = box.ledger.books.marks, box.ledger.books.marks[1]
    marks[1] = DownMark(mark.n, "f" * 64)  # HQ's log does not go on from this
    told = visit(box, stick)
    assert (told.blocked, told.applied) == (1, 0)
    assert (cards.status(OTHER), cards.status(CARD)) == ("lost", "")
    marks[1] = mark
    assert visit(box, stick).applied == 1, "the log goes on"
    assert cards.status(OTHER) == "", "now it alone counts"
    assert not [name for name in box.ledger.local.facts if name.startswith(FACT)]
    assert visit(box, stick.copy()).blocked == 0


def test_an_old_list_of_blocked_cards_blocks_nobody_who_was_given_his_card_back(
    tmp_path: Path,
) -> None:
    shops = world(tmp_path)
    box, stick = shops.boxes["0001"], MemoryShelf()
    agree(shops, stick)
    box.ledger.books.cards = {OTHER: "active"}
    set_status(shops.office, OTHER, "lost")
    deliver(shops, stick)
    old = stick.copy()
    set_status(shops.office, OTHER, "active")
    agree(shops, stick)
    visit(box, old)
    assert BlockedCards(box.ledger.local, box.ledger.books, 1).status(OTHER) == ""


# -- headquarters ----------------------------------------------------------------------------------


def test_a_box_of_which_nothing_has_come_is_named_with_what_to_do(tmp_path: Path) -> None:
    shops = world(tmp_path)
    stick = MemoryShelf()
    (said,) = deliver(shops, stick, ["0001"])
    assert "bring a stick" in said.why and stick.files == {}


def test_a_long_log_goes_down_in_parts_and_in_order_of_the_log(tmp_path: Path) -> None:
    shops = world(tmp_path)
    box, stick = shops.boxes["0001"], MemoryShelf()
    visit(box, stick)
    collect(shops, stick)
    for n in range(40):
        for card in (CARD, OTHER):
            set_status(shops.office, card, "lost" if n % 2 else "active")
            Collector(shops.office, shops.hq).book()
    (said,) = deliver(shops, stick, ["0001"], part_bytes=2000)
    place = address(box.ledger.device_public)
    names = [name for name in stick.names() if name.startswith(place) and name.endswith("down")]
    assert said.files == len(names) >= 1
    assert visit(box, stick).applied == said.messages
    deliver(shops, stick, ["0001"])
    agree(shops, stick)
    check(shops)


@pytest.mark.parametrize("gone", [0, 1])
def test_a_file_of_the_log_that_is_missing_is_brought_by_the_next_stick(
    gone: int, tmp_path: Path
) -> None:
    shops = world(tmp_path)
    box, stick = shops.boxes["0001"], MemoryShelf()
    visit(box, stick)
    collect(shops, stick)
    for n in range(210):
        set_status(shops.office, f"88000000{n:05d}", "lost")
    (said,) = deliver(shops, stick, ["0001"], part_bytes=1000)
    assert said.files >= 2
    place = address(box.ledger.device_public)
    del stick.files[f"{place}-{gone + 1:05d}.mbdown"]
    assert visit(box, stick).applied < said.messages
    agree(shops, stick)
    check(shops)
    here = [name for name in stick.names() if name.startswith(place) and name.endswith("down")]
    assert len(here) == 1, "what was applied is taken off"
