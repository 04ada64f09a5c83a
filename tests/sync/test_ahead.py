"""Reading ahead changes when something is read, never what."""

import threading
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from daemon.errors import StoreError
from daemon.ledger.views import Joined
from daemon.sync.ahead import ReadAhead

LAST = 40
FAILED = StoreError("journal.db", doing="reading", found="no answer", fix="Look.", retry=True)


class Disk:
    """Two chains of forty entries, and what was asked for. The second reading may go wrong."""

    def __init__(self, *, second_fails: bool = False) -> None:
        self.reads: list[tuple[int, int]] = []
        self.threads: list[threading.Thread] = []
        self._second_fails = second_fails

    def read(self, epoch: int, first: int, limit: int) -> Joined | None:
        self.reads.append((first, limit))
        self.threads.append(threading.current_thread())
        if self._second_fails and len(self.reads) == 2:
            raise FAILED
        last = min(LAST, first + limit - 1)
        if last < first:
            return None
        text = b"\n".join(b"%d:%d" % (epoch, number) for number in range(first, last + 1))
        return Joined(first, last, "", f"{epoch}:{last}", text)


class Step(NamedTuple):
    """How a reader goes on: where the last part ended, or at another number; in which chain."""

    jump: int | None
    other_chain: bool
    limit: int


STEPS = st.builds(
    Step,
    st.sampled_from([None, None, None, 1, 7, LAST]),
    st.sampled_from([False, False, False, True]),
    st.sampled_from([10, 10, 10, 4, 12]),
)


@given(st.lists(STEPS, max_size=12))
def test_whatever_is_asked_for_the_answer_is_the_disks(steps: list[Step]) -> None:
    disk = Disk()
    ahead = ReadAhead(disk.read)
    epoch, following = 1, 1
    for jump, other_chain, limit in steps:
        epoch = 3 - epoch if other_chain else epoch
        first = following if jump is None else jump
        found = ahead.joined(epoch, first, limit, until=LAST)
        wanted = Disk().read(epoch, first, limit)
        if found is None or wanted is None:
            assert found == wanted
            continue
        # A part that was begun with another limit may be shorter, and is true as far as it goes.
        assert found == Disk().read(epoch, first, found.last - first + 1)
        assert found.last <= wanted.last
        following = found.last + 1


def test_a_backlog_is_read_once_and_its_next_part_by_another_thread() -> None:
    disk = Disk()
    ahead = ReadAhead(disk.read)
    got = [ahead.joined(1, first, 10, until=LAST) for first in (1, 11, 21, 31)]
    assert [one.last for one in got if one is not None] == [10, 20, 30, 40]
    assert disk.reads == [(1, 10), (11, 10), (21, 10), (31, 10)]
    assert len(set(disk.threads)) == 2


def test_with_the_backlog_the_thread_ends() -> None:
    disk = Disk()
    ahead = ReadAhead(disk.read)
    for first in (1, 11, 21, 31):
        ahead.joined(1, first, 10, until=LAST)
    (reader,) = set(disk.threads) - {threading.current_thread()}
    reader.join(10)
    assert not reader.is_alive()


def test_nothing_is_read_that_is_not_known_to_be_durable() -> None:
    disk = Disk()
    ahead = ReadAhead(disk.read)
    ahead.joined(1, 1, 10, until=13)
    ahead.joined(1, 11, 3, until=13)
    assert disk.reads == [(1, 10), (11, 3)]


def test_a_fault_of_then_is_no_fault_of_now() -> None:
    disk = Disk(second_fails=True)
    ahead = ReadAhead(disk.read)
    ahead.joined(1, 1, 10, until=20)
    assert ahead.joined(1, 11, 10, until=20) == Disk().read(1, 11, 10)
    assert disk.reads == [(1, 10), (11, 10), (11, 10)]
