"""Reading ahead changes when something is read, never what."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from daemon.errors import StoreError
from daemon.ledger.ahead import ReadAhead
from daemon.ledger.views import Joined

LAST = 40
FAILED = StoreError("journal.db", doing="reading", found="no answer", fix="Look.", retry=True)


class Disk:
    """Forty entries, and what was asked for. The second reading may go wrong."""

    def __init__(self, *, second_fails: bool = False, second_sees: int = LAST) -> None:
        self.reads: list[tuple[int, int]] = []
        self.threads: set[int] = set()
        self._second_fails = second_fails
        self._second_sees = second_sees

    def read(self, epoch: int, first: int, limit: int) -> Joined | None:
        self.reads.append((first, limit))
        self.threads.add(threading.get_ident())
        second = len(self.reads) == 2
        if second and self._second_fails:
            raise FAILED
        last = min(self._second_sees if second else LAST, first + limit - 1)
        if last < first:
            return None
        return Joined(first, last, "", f"{epoch}:{last}", b"x" * (last - first + 1))


@given(st.lists(st.tuples(st.integers(1, 2), st.integers(1, LAST), st.integers(1, 12)), max_size=9))
def test_whatever_is_asked_for_the_answer_is_the_disks(asked: list[tuple[int, int, int]]) -> None:
    disk = Disk()
    ahead = ReadAhead(disk.read)
    for epoch, first, limit in asked:
        found = ahead.joined(epoch, first, limit, until=LAST)
        assert found == Disk().read(epoch, first, limit)
    ahead.close()


def test_a_backlog_is_read_once_and_its_next_part_by_another_thread() -> None:
    disk = Disk()
    ahead = ReadAhead(disk.read)
    got = [ahead.joined(1, first, 10, until=LAST) for first in (1, 11, 21, 31)]
    ahead.close()
    assert [one.last for one in got if one is not None] == [10, 20, 30, 40]
    assert disk.reads == [(1, 10), (11, 10), (21, 10), (31, 10)]
    assert len(disk.threads) == 2


def test_nothing_is_read_that_is_not_known_to_be_durable() -> None:
    disk = Disk()
    ahead = ReadAhead(disk.read)
    ahead.joined(1, 1, 10, until=13)
    ahead.close()
    assert disk.reads == [(1, 10), (11, 3)]


def test_less_than_was_said_to_be_there_is_read_again() -> None:
    disk = Disk(second_sees=12)
    ahead = ReadAhead(disk.read)
    ahead.joined(1, 1, 10, until=20)
    found = ahead.joined(1, 11, 10, until=20)
    ahead.close()
    assert found is not None
    assert found.last == 20


def test_a_fault_of_then_is_no_fault_of_now() -> None:
    disk = Disk(second_fails=True)
    ahead = ReadAhead(disk.read)
    ahead.joined(1, 1, 10, until=20)
    assert ahead.joined(1, 11, 10, until=20) == Disk().read(1, 11, 10)
    ahead.close()
    assert disk.reads == [(1, 10), (11, 10), (11, 10)]
