"""Admission: no more boxes send at once than there are places, all get theirs, nobody sticks."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.sync.wire import LetterKind, Turn, check_letter, parse_letter, read_turn
from hq.admission import BOXES_AT_ONCE, LITTLE, LOOK_EVERY_MS, QUIET_MS, TURN_BATCHES, TURN_MS
from hq.headquarters import Headquarters
from hq.intake import Outgoing
from tests.hq.office import Sender, new_office, take

BACKLOG = LITTLE  # and the first entry of the chain


@pytest.fixture
def hq(tmp_path: Path) -> Iterator[Headquarters]:
    office = new_office(tmp_path / "hq")
    yield Headquarters(office, boxes_at_once=2)
    office.close()


def told(answers: list[Outgoing]) -> list[tuple[str, int]]:
    """Return (box, batches) of every turn."""
    letters = [parse_letter(one.payload) for one in answers if one.topic.endswith("/ack")]
    turns = [read_turn(letter) for letter in letters if letter.kind is LetterKind.TURN]
    return [(turn.box, turn.batches) for turn in turns]


def shops(hq: Headquarters, count: int, sold: int = BACKLOG) -> list[Sender]:
    """Return boxes that have something to send."""
    made = [Sender(hq.office, f"{n:04d}", n) for n in range(1, count + 1)]
    for box in made:
        box.sell(sold)
    return made


def test_the_word_comes_ahead_of_the_answer_signed_and_for_this_connection(
    hq: Headquarters,
) -> None:
    (box,) = shops(hq, 1)
    first, second = take(hq, box.hello()).answers
    letter = parse_letter(first.payload)
    check_letter(letter, hq.office.public)
    assert read_turn(letter) == Turn(1, "0001", "session-1", TURN_BATCHES)
    assert parse_letter(second.payload).kind is LetterKind.ACK


def test_a_box_that_offers_little_is_told_nothing(hq: Headquarters) -> None:
    boxes = shops(hq, 5, sold=LITTLE - 1)
    assert told(take(hq, *(box.hello() for box in boxes)).answers) == []
    (box,) = boxes[:1]
    take(hq, box.hello(), box.batch())
    assert told(take(hq, box.hello()).answers) == []


def test_who_comes_when_all_places_are_taken_waits_and_comes_next(hq: Headquarters) -> None:
    a, b, c, d = shops(hq, 4)
    said = told(take(hq, a.hello(), b.hello(), c.hello(), d.hello()).answers)
    assert said == [("0001", TURN_BATCHES), ("0002", TURN_BATCHES), ("0003", 0), ("0004", 0)]
    assert told(hq.posts(1_000)) == []
    take(hq, b.batch())
    assert told(hq.posts(2_000)) == [("0003", TURN_BATCHES)]
    take(hq, a.batch(), c.batch())
    assert told(hq.posts(3_000)) == [("0004", TURN_BATCHES)]
    assert (hq.admission.sending, hq.admission.waiting) == (1, 0)


def test_what_comes_without_a_turn_is_stored_all_the_same(hq: Headquarters) -> None:
    a, b, c = shops(hq, 3)
    take(hq, a.hello(), b.hello(), c.hello())
    assert take(hq, c.batch()).stored == BACKLOG + 1
    assert told(take(hq, c.hello()).answers) == [("0003", TURN_BATCHES)]
    assert told(take(hq, c.hello()).answers) == []
    assert hq.admission.waiting == 0


def test_asking_again_keeps_the_place_in_the_row(hq: Headquarters) -> None:
    a, b, c, d = shops(hq, 4)
    take(hq, a.hello(), b.hello(), c.hello(), d.hello())
    assert told(take(hq, c.hello()).answers) == [("0003", 0)]
    take(hq, a.batch())
    assert told(hq.posts(1_000)) == [("0003", TURN_BATCHES)]


def test_a_box_whose_entries_are_never_good_gives_its_place_up(hq: Headquarters) -> None:
    a, b, c = shops(hq, 3)
    take(hq, a.hello(), b.hello(), c.hello())
    assert told(hq.posts(QUIET_MS - LOOK_EVERY_MS)) == []
    assert told(hq.posts(QUIET_MS + 1)) == [("0003", TURN_BATCHES)]


def test_a_long_backlog_lets_others_in_and_goes_on_after_them(hq: Headquarters) -> None:
    a, b, c = shops(hq, 3, sold=100)
    take(hq, a.hello(), b.hello(), c.hello())
    said = []
    for at in range(1, 100):  # they send all the time, too slowly to be done in a turn
        now = 1 + at * 1_000
        take(hq, a.batch(at, at), b.batch(at, at))
        said += [(now, *one) for one in told(hq.posts(now))]
    over = TURN_MS + 1
    # Whoever leaves first makes the place for the one that waits, and then stands behind him.
    assert said[:3] == [(over, "0001", 0), (over, "0002", 0), (over, "0003", TURN_BATCHES)]
    assert said[3] == (over, "0001", TURN_BATCHES)


def test_who_has_left_is_passed_over(hq: Headquarters) -> None:
    a, b, c, d = shops(hq, 4)
    take(hq, a.hello(), b.hello(), c.hello(), d.hello())
    take(hq, c.state(online=False))
    take(hq, a.batch())
    assert told(hq.posts(1_000)) == [("0004", TURN_BATCHES)]


def test_after_a_start_no_more_are_called_than_may_send(tmp_path: Path) -> None:
    office = new_office(tmp_path / "hq")
    hq = Headquarters(office)
    boxes = shops(hq, BOXES_AT_ONCE + 5, sold=1)
    take(hq, *(box.hello() for box in boxes))
    assert len(Headquarters(office).started(1)) == BOXES_AT_ONCE
    office.close()


@given(
    st.integers(1, 3),
    st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from(["sell", "hello", "send", "leave", "time"])),
        max_size=40,
    ),
)
@settings(max_examples=10, deadline=None)
def test_places_are_never_too_many_and_whoever_does_as_told_gets_one(
    places: int, events: list[tuple[int, str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        office = new_office(Path(folder) / "hq")
        hq = Headquarters(office, boxes_at_once=places)
        boxes, now = shops(hq, 5), 0
        for at, what in events:
            now += QUIET_MS // 3 if what == "time" else 200
            _do(hq, boxes[at], what)
            hq.posts(now)
            assert hq.admission.sending <= places
        waiting = [box for box in boxes if _greeted(hq, box) == [(box.name, 0)]]
        for _ in boxes:
            now += QUIET_MS  # those who do not send lose their places
            for name, batches in told(hq.posts(now)):
                assert batches == TURN_BATCHES
                called = next(box for box in waiting if box.name == name)
                waiting.remove(called)
                take(hq, called.batch())
        assert waiting == []
        hq.posts(now + QUIET_MS)
        assert (hq.admission.sending, hq.admission.waiting) == (0, 0)
        office.close()


def _greeted(hq: Headquarters, box: Sender) -> list[tuple[str, int]]:
    return told(take(hq, box.hello()).answers)


def _do(hq: Headquarters, box: Sender, what: str) -> None:
    known = hq.office.db.execute("SELECT 1 FROM chain WHERE box = ?", (box.name,)).fetchone()
    if what == "hello":
        take(hq, box.hello())
    elif what == "sell":
        box.sell(LITTLE)
    elif what == "send" and known:
        take(hq, box.batch())
    elif what == "leave" and known:
        take(hq, box.state(online=False))
