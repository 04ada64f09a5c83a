"""The shortest history that fails in the same way: events are taken out while it still does."""

from collections.abc import Iterator

from tests.simulation.plan import Event, Plan
from tests.simulation.run import Bench, Told

TRIES_MAX = 400


def shrink(bench: Bench, plan: Plan, told: Told) -> Iterator[str]:
    """Yield the lines of the smallest trace found."""
    events, last = minimal(bench, plan, told)
    yield f"{len(events)} of {len(plan.events)} events are enough:"
    for event in events:
        yield f"  {event}"
    yield from last.said
    yield last.broken


def minimal(bench: Bench, plan: Plan, told: Told) -> tuple[list[Event], Told]:
    """Delta debugging: halves, quarters ... until no single event can go."""
    events, size, tries = list(plan.events), max(1, len(plan.events) // 2), 0
    while tries < TRIES_MAX:
        shorter = None
        for start in range(0, len(events), size):
            tries += 1
            rest = events[:start] + events[start + size :]
            again = bench.run(plan, rest)
            if again.broken and again.rule == told.rule:
                shorter, told = rest, again
                break
            if tries >= TRIES_MAX:
                break
        if shorter is not None:
            events = shorter
        elif size == 1:
            break
        else:
            size = max(1, size // 2)
    return events, told
