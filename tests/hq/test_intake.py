"""Intake: stored before acknowledged, marks over links only, branches kept, strangers refused."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec
import pytest

from daemon.ledger import machine
from daemon.ledger.codec import canonical, encode, hash_of
from daemon.ledger.records import Posting
from daemon.ledger.sealing import seal_draft
from daemon.ledger.views import Stored
from daemon.sync.wire import parse_letter, read_ack, up
from hq import report
from hq.headquarters import Headquarters
from hq.intake import Arrival
from hq.registry import issue_token
from tests.hq.office import Sender, marks, nacks, new_office, take, work_all
from tests.sync.memory import HandClock


@pytest.fixture
def hq(tmp_path: Path) -> Iterator[Headquarters]:
    office = new_office(tmp_path / "hq")
    yield Headquarters(office)
    office.close()


def test_batches_in_any_order_and_twice_make_one_mark(hq: Headquarters) -> None:
    box = Sender(hq.office)
    box.sell(29)
    take(hq, box.hello())
    ranges = [(first, first + 4) for first in range(1, 31, 5)] * 3
    Random(2).shuffle(ranges)
    last = (0, "")
    for first, end in ranges:
        last = marks(take(hq, box.batch(first, end)).answers)[0]
    assert last == (30, box.ledger.head.hash)
    count = hq.office.db.execute("SELECT count(*) FROM entry").fetchone()
    assert count == (30,)


def test_the_mark_stops_at_a_gap(hq: Headquarters) -> None:
    box = Sender(hq.office)
    box.sell(19)
    answers = take(hq, box.hello(), box.batch(1, 5), box.batch(11, 20)).answers
    assert marks(answers) == [(5, box.ledger.entries[4].hash)]
    assert marks(take(hq, box.batch(6, 10)).answers) == [(20, box.ledger.head.hash)]


def test_one_answer_a_chain_and_drain(hq: Headquarters) -> None:
    box, other = Sender(hq.office), Sender(hq.office, "0002", seed=8)
    box.sell(5)
    answers = take(
        hq, box.hello(), other.hello(), box.batch(1, 3), box.batch(4, 6), other.batch()
    ).answers
    assert [mark for mark, _ in marks(answers)] == [6, 1]


# Who may speak.


def test_a_token_is_good_for_the_first_device_that_shows_it(hq: Headquarters) -> None:
    box, thief = Sender(hq.office), Sender(hq.office, seed=9)
    assert take(hq, box.hello()).refusals == []
    assert take(hq, box.hello()).refusals == []
    refusals = take(hq, thief.hello(token=box.token)).refusals
    assert "another device" in refusals[0].why
    fresh = issue_token(hq.office, "0001")
    assert take(hq, thief.hello(token=fresh)).refusals == []


@pytest.mark.parametrize("token", ["", "00" * 16])
def test_a_device_without_a_token_is_turned_away(hq: Headquarters, token: str) -> None:
    box = Sender(hq.office)
    assert take(hq, box.hello(token=token)).answers == []
    assert take(hq, box.batch()).answers == []


def test_a_token_of_another_box_is_refused(hq: Headquarters) -> None:
    other = issue_token(hq.office, "0002")
    assert "not issued" in take(hq, Sender(hq.office).hello(token=other)).refusals[0].why


def test_what_another_device_signed_is_refused(hq: Headquarters) -> None:
    box, thief = Sender(hq.office), Sender(hq.office, seed=9)
    take(hq, box.hello())
    refused = take(hq, thief.batch(), thief.state(online=False)).refusals
    assert len(refused) == 2
    assert report.boxes(hq.office)["0001"].mark == 0
    assert report.boxes(hq.office)["0001"].online


def test_a_batch_under_the_name_of_another_box_is_refused(hq: Headquarters) -> None:
    box, other = Sender(hq.office), Sender(hq.office, "0002", seed=8)
    take(hq, box.hello(), other.hello())
    batch = box.batch()
    assert take(hq, Arrival(up("0002", "journal"), batch.payload)).answers == []
    assert take(hq, Arrival(up("hq", "journal"), batch.payload)).answers == []


def test_a_late_will_does_not_mark_a_live_box_dead(hq: Headquarters) -> None:
    box = Sender(hq.office)
    take(hq, box.hello())
    take(hq, box.state(online=False, session="session-0"))
    assert report.boxes(hq.office)["0001"].online
    take(hq, box.state(online=False))
    assert not report.boxes(hq.office)["0001"].online


# Damage and branches.


def test_a_batch_damaged_on_its_way_is_refused_by_number(hq: Headquarters) -> None:
    box = Sender(hq.office)
    box.sell(5)
    take(hq, box.hello())
    good = box.ledger.entries[3]
    box.ledger.entries[3] = Stored(4, good.hash, good.data.replace(b"boot0001", b"boot0002"))
    answers = take(hq, box.batch()).answers
    assert nacks(answers) == [(5, "damaged")] or nacks(answers) == [(4, "damaged")]
    assert marks(answers) == [(0, "0" * 64)]
    box.ledger.entries[3] = good
    assert marks(take(hq, box.batch()).answers) == [(6, box.ledger.head.hash)]


def test_a_second_entry_of_a_number_is_kept_as_a_branch_and_said(hq: Headquarters) -> None:
    box = Sender(hq.office)
    box.sell(4)
    take(hq, box.hello(), box.batch())
    clone = Sender(hq.office)  # the same seed: the same keys, as a copied card has
    clone.ledger.entries[:] = box.ledger.entries[:3]
    clone.sell(5)
    answers = take(hq, clone.batch(4)).answers
    assert nacks(answers) == [(4, "branch")]
    assert marks(answers) == [(5, box.ledger.head.hash)]
    box.sell(1)
    answers = take(hq, box.batch(6)).answers
    assert marks(answers) == [(6, box.ledger.head.hash)]
    assert nacks(answers) == []
    assert {case.kind for case in report.cases(hq.office)} == {"branch"}
    stored = hq.office.db.execute("SELECT count(*) FROM entry WHERE seq = 4").fetchone()
    assert stored == (2,)
    work_all(hq)
    assert report.boxes(hq.office)["0001"].booked == 6


def test_a_run_that_follows_another_hash_is_stored_and_never_marked(hq: Headquarters) -> None:
    box = Sender(hq.office)
    box.sell(2)
    take(hq, box.hello(), box.batch())
    clone = Sender(hq.office)
    clone.ledger.clock.move(5)
    clone.sell(6)
    answers = take(hq, clone.batch(4)).answers
    assert marks(answers) == [(3, box.ledger.head.hash)]
    assert [reason for _, reason in nacks(answers)] == ["branch"]


# Storing is not booking.


def test_what_cannot_be_booked_is_a_case_and_the_rest_goes_on(hq: Headquarters) -> None:
    box = Sender(hq.office)
    _append_raw(box, kind="horoscope.cast")
    _append_raw(box, v=9)
    _append_raw(box, postings=[["hq", "points:M", "point", "L", 5], ["", "x", "point", "", -5]])
    _append_raw(box, postings=[["0001.1", "cash:drawer", "fen", "", 5]])
    box.sell(2)
    answers = take(hq, box.hello(), box.batch()).answers
    assert marks(answers) == [(7, box.ledger.head.hash)]
    work_all(hq)
    kinds = [(case.seq, case.kind) for case in report.cases(hq.office)]
    assert kinds == [(2, "unknown"), (3, "unknown"), (4, "invariant"), (5, "invariant")]
    assert report.boxes(hq.office)["0001"].booked == 7
    assert hq.office.db.execute("SELECT count(*) FROM balance").fetchone() == (0,)


def _append_raw(
    box: Sender,
    *,
    kind: str = "box.started",
    v: int = 1,
    postings: list[list[str | int]] | None = None,
) -> None:
    """Append an entry that this software would not write."""
    ledger = box.ledger
    draft = machine.box_started(ledger.at(), software="x", config="0" * 64)
    head = ledger.head
    entry = seal_draft(draft, ledger.chain, seq=head.seq + 1, prev=head.hash)
    plain = msgspec.json.decode(encode(entry))
    names = ("holder", "account", "unit", "lot", "amount")
    plain |= {"kind": kind, "v": v}
    plain["postings"] = [dict(zip(names, row, strict=True)) for row in postings or []]
    data = canonical(plain)
    ledger.entries.append(Stored(head.seq + 1, hash_of(data), data))
    assert Posting.__struct_fields__ == names


def test_the_time_of_acknowledgements_never_goes_back(tmp_path: Path) -> None:
    office = new_office(tmp_path / "hq2")
    box = Sender(office)
    first = Headquarters(office)
    assert isinstance(office.clock, HandClock)
    office.clock.move(60_000)
    seen = [_time(take(first, box.hello()).answers[-1].payload)]
    seen.append(_time(take(first, box.hello()).answers[-1].payload))
    office.clock.move(-3_600_000)
    seen.append(_time(take(first, box.hello()).answers[-1].payload))
    again = Headquarters(office)
    seen.append(_time(take(again, box.hello()).answers[-1].payload))
    assert seen[:3] == sorted(set(seen[:3]))
    assert seen[3] >= seen[0]
    office.close()


def _time(payload: bytes) -> str:
    return read_ack(parse_letter(payload)).at
