"""What holds a month up: holes, what no book has, shops that never came; two who close at once."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.errors import StoreError
from daemon.ledger import accounts
from daemon.ledger.bodies import CashMoved
from daemon.ledger.codec import encode, hash_of
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.records import By, Entry, Posting
from daemon.ledger.views import Stored
from hq import closing, closing_store, months
from hq.closing_key import Key
from hq.headquarters import Headquarters
from hq.owners import set_owner
from hq.store import Office, open_office
from tests.hq.office import Sender, new_office, take, work_all
from tests.hq.test_booking import enrol
from tests.sync.memory import TickingClock

DAY_MS = 86_400_000
MARCH, APRIL = "2026-03", "2026-04"


@pytest.fixture
def hq(tmp_path: Path) -> Iterator[Headquarters]:
    office = new_office(tmp_path / "hq")
    yield Headquarters(office)
    office.close()


def later(office: Office, *boxes: Sender, days: int) -> None:
    clock = office.clock
    assert isinstance(clock, TickingClock)
    for one in (clock, *(box.ledger.clock for box in boxes)):
        one.move(days * DAY_MS)


def arrive(hq: Headquarters, box: Sender, first: int = 1, last: int | None = None) -> None:
    take(hq, box.hello(), box.batch(first, last))
    work_all(hq)


def why(office: Office, month: str, box: str) -> str:
    """Return what of a shop is missing, and that nobody can close the month for it."""
    said = {one.box: one.why for one in closing.count(office, month).shops}[box]
    if said:
        with pytest.raises(closing.NotYet) as refused:
            closing.close(office, month, by="07")
        assert said in str(refused.value)
    return said


def test_a_shop_holds_the_month_up_until_it_is_past_it(hq: Headquarters) -> None:
    office, box = hq.office, Sender(hq.office)
    box.sell(3)
    arrive(hq, box)
    with pytest.raises(closing.NotYet, match="not over"):
        closing.close(office, MARCH, by="07")
    later(office, box, days=30)
    assert "its last entry here is of 2026-03-06" in why(office, MARCH, "0001")
    box.sell(1)
    arrive(hq, box, 5)
    assert "its Z of 2026-03-06 is not here" in why(office, MARCH, "0001")


def test_entries_that_are_missing_in_the_middle_hold_it_up(hq: Headquarters) -> None:
    office, box = hq.office, Sender(hq.office)
    box.sell(8)
    arrive(hq, box, last=3)
    arrive(hq, box, first=6)
    later(office, box, days=30)
    assert "entries of 0001.1 behind 3 came without that one" in why(office, MARCH, "0001")


def test_an_entry_that_is_in_no_book_holds_it_up_and_is_in_no_figure(hq: Headquarters) -> None:
    office, box = hq.office, Sender(hq.office)
    head = box.ledger.head
    body = CashMoved("in", 700, "change")
    half = (Posting("0001.1", accounts.CASH_DRAWER, Unit.FEN, "", 700),)
    entry = Entry(1, "0001", 1, head.seq + 1, head.hash, "t", "bad", Kind.CASH_MOVED,
                  box.ledger.at(), By("02", "clerk"), None, None, body, half)  # fmt: skip
    data = encode(entry)
    box.ledger.entries.append(Stored(entry.seq, hash_of(data), data))
    arrive(hq, box)
    later(office, box, days=30)
    box.sell(1)
    arrive(hq, box, 3)
    (case,) = office.db.execute("SELECT id FROM work WHERE kind = 'invariant'").fetchone()
    assert f"could not be booked: see case {case}" in why(office, MARCH, "0001")
    figures = closing.count(office, MARCH).figures
    assert not any(key.group == "cash" for _, key in figures)


def test_a_shop_that_has_an_owner_and_never_came_is_missed(hq: Headquarters) -> None:
    office = hq.office
    Sender(office, "0009")
    set_owner(office, "0009", "乙公司", APRIL)
    later(office, days=60)
    assert {one.box for one in closing.count(office, MARCH).shops} == {"hq"}
    assert "nothing has ever come from it" in why(office, APRIL, "0009")
    with pytest.raises(closing.NotYet, match="no shop 0077"):
        closing.close(office, APRIL, by="07", without=["0077"], second="01", reason="gone")
    closing.close(office, APRIL, by="07", without=["0009"], second="01", reason="not set up yet")
    assert closing_store.closing_of(office, APRIL) is not None


def test_what_was_there_before_the_first_month_opens_it(hq: Headquarters) -> None:
    office, box = hq.office, Sender(hq.office)
    enrol(box)
    later(office, box, days=30)
    box.sell(1)
    arrive(hq, box)
    figures = closing.count(office, APRIL).figures
    assert figures == {
        ("", Key("0001", "point.opening")): 100, ("", Key("0001", "point.closing")): 100,
    }  # fmt: skip
    march = closing.count(office, MARCH).figures
    assert march["", Key("0001", "count.enrolled")] == 1


def test_an_entry_that_somebody_changed_is_named(hq: Headquarters) -> None:
    office, box = hq.office, Sender(hq.office)
    box.sell(3)
    arrive(hq, box)
    later(office, days=30)
    closing.close(office, MARCH, by="07", without=["0001"], second="01", reason="in repair")
    said = closing_store.closing_of(office, MARCH)
    assert said is not None and closing.replay(office, said) == []
    (data,) = office.db.execute("SELECT data FROM entry WHERE seq = 3 AND chain > 1").fetchone()
    other = bytes(data).replace(b"till", b"tool")
    office.db.execute("UPDATE entry SET data = ? WHERE seq = 3 AND chain > 1", (other,))
    with pytest.raises(StoreError, match=r"0001\.1:3: .*its bytes do not make its hash"):
        closing.replay(office, said)
    office.db.execute("DELETE FROM entry WHERE seq = 3 AND chain > 1")
    with pytest.raises(StoreError, match=r"0001\.1:3: .*none is there"):
        closing.replay(office, said)


def test_a_month_is_closed_once_also_by_two(hq: Headquarters) -> None:
    office = hq.office
    later(office, days=60)
    others = [open_office(office.folder, clock=office.clock) for _ in range(2)]
    done: list[str] = []

    def shut(other: Office, who: str) -> None:
        try:
            closing.close(other, MARCH, by=who)
            done.append(who)
        except closing.NotYet as refused:
            assert "it is closed" in str(refused)

    threads = [
        threading.Thread(target=shut, args=(other, f"0{n}")) for n, other in enumerate(others)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for other in others:
        other.close()
    assert len(done) == 1 and [one.by for one in closing_store.closings(office)] == done


def test_months_follow_each_other() -> None:
    assert (months.after("2026-12"), months.before("2026-01")) == ("2027-01", "2025-12")
    assert months.last_day("2028-02") == "2028-02-29"
    with pytest.raises(StoreError, match="YYYY-MM"):
        months.month_of("2026-13")
