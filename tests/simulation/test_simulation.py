"""Shops, broker, headquarters, sticks and clocks under one seed, with every fault there is.

After every step the invariants of the ledger are checked; at the end all heals and all agree. Each
seed that fails is told with the shortest trace that still does: `make simulate SEED=n` tells more.
"""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.simulation.breakages import BREAKAGES
from tests.simulation.histories import HISTORIES
from tests.simulation.plan import plan
from tests.simulation.run import Bench, Told
from tests.simulation.shrink import minimal, shrink

SEEDS = 200
SHARDS = 8
TRIES = 40  # histories in which a breakage must be noticed
pytestmark = pytest.mark.timeout(600)  # many histories, one after the other, on a busy machine

OCCURS = (
    *("loss", "delay", "repeat", "reorder", "partition", "connection lost"),
    *("crash", "crash just before a commit", "crash between commit and what follows"),
    *("power cut", "COMMIT error after durable", "COMMIT error, nothing written", "lying fsync"),
    *("clock jump", "clock jump of headquarters", "salvage", "live clone"),
    *(
        "backup restored",
        "backup with a bad entry restored",
        "backup restored, chain kept by its last slip",
    ),
    *("image restored on the same machine", "image restored on another machine"),
    *(
        "card in other hardware",
        "planned replacement",
        "handover cut short",
        "entries lost with their medium",
    ),
    *("stick", "two boxes on one stick", "stick twice", "stick around all shops"),
    *("stick pulled at a box", "stick pulled at HQ", "old stick", "old-epoch stick"),
    *("poisoned entry", "unknown down kind"),
    *("HQ crash", "HQ crash at a commit", "HQ restore", "write-off", "open chain given up"),
    *("next epoch", "fork found: closed", "fork found: hash", "fork found: rolled_back"),
    *("case: branch", "case: ended", "case: refused", "case: invariant"),
    *("pool closed until all had confirmed", "HQ books adopted", "HQ books holding.taken"),
    *("act", "asked again", "ask answered", "points spent", "stored value spent", "claim"),
    *("visit answered granted", "away: capped points given", "away: capped points refused"),
    *("away: gift taken", "away: top-up", "goods of another shop back", "points lent"),
)


class Lived:
    """Histories, each lived once."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._told: dict[int, Told] = {}

    def told(self, seed: int) -> Told:
        if seed not in self._told:
            self._told[seed] = self.bench.run(plan(seed))
        return self._told[seed]


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    bench = Bench()
    yield Lived(bench)
    bench.close()


@pytest.mark.parametrize("shard", range(SHARDS))
def test_whatever_goes_wrong_every_invariant_holds_and_all_agree_at_the_end(
    lived: Lived, shard: int
) -> None:
    for seed in range(shard, SEEDS, SHARDS):
        told = lived.told(seed)
        if told.broken:
            lines = "\n".join(shrink(lived.bench, plan(seed), told))
            pytest.fail(f"seed {seed}: {told.broken}\n{lines}")


def test_every_fault_and_every_promised_answer_to_it_has_occurred(lived: Lived) -> None:
    seen: Counter[str] = Counter()
    for seed in range(SEEDS):
        seen.update(lived.told(seed).seen)
    assert [what for what in OCCURS if not seen[what]] == []


def test_a_seed_tells_the_same_history_each_time(lived: Lived) -> None:
    for seed in (4, 9):
        assert lived.bench.run(plan(seed)).said == lived.told(seed).said


@pytest.mark.parametrize("name", BREAKAGES)
def test_each_way_to_break_the_code_is_noticed(lived: Lived, name: str) -> None:
    breakage = BREAKAGES[name]
    for boxes in (3, 4, 5):
        lived.bench.template(boxes)  # of sound code
    with breakage.breaking():
        tries = [plan(breakage.seed), *HISTORIES.values(), *map(plan, range(TRIES))]
        assert any(lived.bench.run(one).broken for one in tries), name


@pytest.mark.parametrize("name", HISTORIES)
def test_what_was_found_once_is_mended(lived: Lived, name: str) -> None:
    assert lived.bench.run(HISTORIES[name]).broken == ""


def test_a_failing_history_is_cut_to_the_events_that_it_needs(lived: Lived) -> None:
    whole = plan(0)
    with BREAKAGES["what a shop released is never taken"].breaking():
        told = lived.bench.run(whole)
        events, last = minimal(lived.bench, whole, told)
        assert last.rule == told.rule == "Broken 10"
        assert 0 < len(events) < 6
        assert lived.bench.run(whole, events).broken
        for gone in events:
            rest = [one for one in events if one is not gone]
            assert lived.bench.run(whole, rest).rule != told.rule, "each of them is needed"
