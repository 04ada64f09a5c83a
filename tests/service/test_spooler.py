"""The print spool over a real local.db: what is printed once, what again, and how it is marked."""

import asyncio
from collections.abc import Callable

import pytest

from daemon import spooler as spool
from daemon.counter.effects import DocumentKind
from daemon.display.facts import Copy
from daemon.drivers.kinds import Printed, PrintUnsure
from daemon.errors import DeviceError
from daemon.ledger.local import JobState
from daemon.paper import Cut, Text
from daemon.spooler import Slip, Spooler, same_boot
from tests.ledger.shop import open_store

SALE, INQUIRY = DocumentKind.SALE, DocumentKind.INQUIRY


class Roll:
    """A printer that does as its list says: a result to return, or an error to raise."""

    columns = 32

    def __init__(self, *plan: Printed | DeviceError) -> None:
        self.plan, self.begun = list(plan), asyncio.Event()
        self.papers: list[list[str]] = []
        self.cut_first: list[bool] = []
        self.look: Callable[[], object] = lambda: None

    async def print(self, paper):
        self.look()
        self.begun.set()
        if not self.plan:
            await asyncio.Event().wait()  # the printer is stuck
        result = self.plan.pop(0)
        if isinstance(result, DeviceError):
            raise result
        self.papers.append([block.text for block in paper if isinstance(block, Text)])
        self.cut_first.append(isinstance(paper[0], Cut))
        return result


def failure(kind):
    return kind("printer", doing="printing", found="it fell", fix="Pick it up.", retry=True)


def render(slip: Slip, columns: int):
    return (Text(f"{slip.copy.value} {slip.about}"), Cut())


@pytest.fixture
def local(tmp_path):
    store = open_store(tmp_path)
    yield store.local
    store.close()


def spooler_of(roll, local, boot="boot1"):
    return Spooler(roll, "printer", local, render, same_boot=same_boot(local, boot))


def run(local, roll, *entries, boot="boot1"):
    """One life of the box: entries are spooled, and printed until there is nothing to do."""

    async def life():
        spooler = spooler_of(roll, local, boot)
        for entry in entries:
            spooler.add(INQUIRY if entry.startswith("M") else SALE, entry)
        spooler.start()
        for _ in range(200):
            await asyncio.sleep(0)
        await spooler.stop()
        return len(spooler)

    return asyncio.run(life())


def states(local, *entries):
    return [job.state.value for entry in entries for job in local.jobs_of(entry)]


def test_unsure_is_written_before_the_first_byte_can_leave(local):
    roll, seen = Roll(Printed.CONFIRMED), []
    roll.look = lambda: seen.extend(states(local, "e1"))
    assert run(local, roll, "e1") == 0
    assert seen == ["unsure"]
    assert states(local, "e1") == ["confirmed"]


def test_ended_in_the_middle_it_comes_again_marked_and_cut_off_first(local):
    stuck = Roll()
    assert run(local, stuck, "e1", "e2") == 2
    assert states(local, "e1", "e2") == ["unsure", "queued"]
    again = Roll(Printed.CONFIRMED, Printed.CONFIRMED)
    assert run(local, again) == 0
    assert again.papers == [[f"{Copy.UNSURE.value} e1"], [f"{Copy.FIRST.value} e2"]]
    assert again.cut_first == [True, False]


def test_after_a_power_cut_no_state_is_believed(local):
    run(local, Roll(failure(DeviceError)), "e1")
    assert states(local, "e1") == ["queued"]
    again = Roll(Printed.CONFIRMED)
    run(local, again, boot="boot2")
    assert again.papers == [[f"{Copy.UNSURE.value} e1"]]


def test_an_unsure_slip_is_marked_when_the_printer_is_back(local):
    roll = Roll(failure(PrintUnsure))
    assert run(local, roll, "e1") == 1
    assert states(local, "e1") == ["unsure"]


def test_what_never_began_is_not_marked(local):
    run(local, Roll(failure(DeviceError)), "e1")
    again = Roll(Printed.SENT)
    run(local, again)
    assert again.papers == [[f"{Copy.FIRST.value} e1"]]
    assert again.cut_first == [False]


def test_a_printer_that_confirms_nothing_leaves_no_list_behind(local):
    run(local, Roll(*[Printed.SENT] * 3), "e1", "e2", "e3")
    assert local.open_jobs() == []
    silent = Roll()
    assert run(local, silent) == 0
    assert not silent.begun.is_set()


def test_what_was_printed_long_ago_is_forgotten_without_a_restart(local, monkeypatch):
    monkeypatch.setattr(spool, "DONE_JOBS_KEPT", 3)
    monkeypatch.setattr(spool, "FORGET_EVERY", 2)
    entries = [f"e{number}" for number in range(10)]
    run(local, Roll(*[Printed.CONFIRMED] * 9, failure(DeviceError)), *entries)
    assert [job.entry for job in local.last_jobs(100)] == ["e7", "e8", "e9"]
    assert [job.entry for job in local.open_jobs()] == ["e9"]


def test_an_inquiry_is_worth_nothing_later(local):
    assert run(local, Roll(), "M1") == 1
    assert local.open_jobs() == []


def test_far_too_many_slips_push_out_the_oldest_that_is_not_in_the_printer(local, monkeypatch):
    monkeypatch.setattr(spool, "JOBS_MAX", 3)

    async def life():
        roll = Roll()
        spooler = spooler_of(roll, local)
        spooler.add(SALE, "e1")
        spooler.start()
        await roll.begun.wait()
        for entry in ("e2", "e3", "e4"):
            spooler.add(SALE, entry)
        await spooler.stop()

    asyncio.run(life())
    assert [job.entry for job in local.open_jobs()] == ["e1", "e3", "e4"]
    assert local.open_jobs()[0].state is JobState.UNSURE


def test_a_person_stops_it_even_over_a_restart_and_lets_it_go_on(local):
    async def life(roll, *, resume):
        spooler = spooler_of(roll, local)
        if resume:
            spooler.resume()
        else:
            spooler.pause()
        spooler.start()
        spooler.add(SALE, "e2" if resume else "e1")
        for _ in range(200):
            await asyncio.sleep(0)
        spooler.nudge()
        for _ in range(200):
            await asyncio.sleep(0)
        await spooler.stop()

    stopped, again, later = Roll(), Roll(Printed.CONFIRMED), Roll(*[Printed.CONFIRMED] * 2)
    asyncio.run(life(stopped, resume=False))
    assert not stopped.begun.is_set()
    assert run(local, again) == 1  # the box was started again
    assert again.papers == []
    asyncio.run(life(later, resume=True))
    assert later.papers == [[f"{Copy.FIRST.value} e1"], [f"{Copy.FIRST.value} e2"]]


def test_the_slip_under_way_is_ended_when_a_person_stops_it(local):
    async def life():
        go = asyncio.Event()

        class Waiting(Roll):
            async def print(self, paper):
                self.begun.set()
                await go.wait()
                return Printed.CONFIRMED

        roll = Waiting()
        spooler = spooler_of(roll, local)
        spooler.start()
        spooler.add(SALE, "e1")
        spooler.add(SALE, "e2")
        await roll.begun.wait()
        spooler.pause()
        go.set()
        for _ in range(50):
            await asyncio.sleep(0)
        assert states(local, "e1", "e2") == ["confirmed", "queued"]
        spooler.resume()
        for _ in range(50):
            await asyncio.sleep(0)
        assert states(local, "e1", "e2") == ["confirmed", "confirmed"]
        await spooler.stop()

    asyncio.run(life())


def test_a_reprint_that_waits_over_a_restart_is_marked_still(local):
    async def life():
        spooler = spooler_of(Roll(), local)
        spooler.add(SALE, "e1", Copy.REPRINT)
        await spooler.stop()

    asyncio.run(life())
    again = Roll(Printed.CONFIRMED)
    run(local, again)
    assert again.papers == [[f"{Copy.REPRINT.value} e1"]]
    assert again.cut_first == [False]


def test_a_slip_that_cannot_be_made_holds_up_no_other(local, monkeypatch):
    def render_some(slip, columns):
        assert slip.about != "e1", "not in the journal"
        return render(slip, columns)

    async def life(roll):
        spooler = Spooler(roll, "printer", local, render_some, same_boot=True)
        spooler.add(SALE, "e1")
        spooler.add(SALE, "e2")
        spooler.start()
        for _ in range(200):
            await asyncio.sleep(0)
        await spooler.stop()

    roll = Roll(Printed.CONFIRMED)
    asyncio.run(life(roll))
    assert roll.papers == [[f"{Copy.FIRST.value} e2"]]
    assert local.jobs_of("e1") == []
