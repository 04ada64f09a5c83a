"""What happens in a history: a list of events, made from a seed, that may be cut anywhere.

An event names what happens and carries its own dice, so that one taken out leaves the others as
they were.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

BOXES = (3, 4, 5)
STEPS = 40


@dataclass(frozen=True, slots=True)
class Event:
    kind: str
    box: int  # which one, modulo how many there are
    a: int
    b: int
    salt: int  # of the dice until the next event


@dataclass(frozen=True, slots=True)
class Plan:
    seed: int
    boxes: int
    faults: tuple[int, int, int]
    events: tuple[Event, ...]


TRADE: Mapping[str, int] = MappingProxyType(
    {
        "earn": 14,
        "spend": 7,
        "pay by value": 4,
        "top up": 4,
        "give back": 7,
        "coupon": 4,
        "transfer": 2,
        "refund": 1,
        "enrol": 3,
        "ask": 9,
        "visit": 10,
        "give back elsewhere": 5,
        "lend": 3,
        "lapse": 2,
    }
)
CARRIERS: Mapping[str, int] = MappingProxyType(
    {
        "connect": 18,
        "drop": 4,
        "weather": 2,
        "partition": 2,
        "partition of headquarters": 1,
        "stick": 5,
        "old stick": 2,
        "stick around": 1,
    }
)
FAULTS: Mapping[str, int] = MappingProxyType(
    {
        "crash": 3,
        "crash at a commit": 4,
        "power cut": 2,
        "commit error": 3,
        "clock jump": 2,
        "clock jump of headquarters": 1,
        "keep an image": 3,
        "back up": 2,
        "restore a backup": 2,
        "other hardware": 1,
        "replacement": 2,
        "salvage": 1,
        "poisoned entry": 1,
        "HQ crash": 2,
        "HQ crash at a commit": 3,
    }
)
OPERATOR: Mapping[str, int] = MappingProxyType(
    {
        "give points": 3,
        "take points": 3,
        "prices": 2,
        "block a card": 1,
        "another pack": 1,
        "unknown message": 2,
        "write off what ended": 3,
        "write off an open chain": 1,
        "HQ back-up": 2,
    }
)
COPIES: Mapping[str, int] = MappingProxyType(
    {"put an image back": 3, "live clone": 3, "retire the clone": 1, "lying fsync": 4}
)
RESTORE: Mapping[str, int] = MappingProxyType({"HQ restore": 4})


def plan(seed: int, steps: int = STEPS) -> Plan:
    """Return what happens under a seed."""
    random = Random(seed)
    worst = {0: COPIES, 3: COPIES, 5: {**COPIES, **RESTORE}}.get(seed % 6, RESTORE)
    weights = {**TRADE, **CARRIERS, **FAULTS, **OPERATOR, **worst}
    kinds, weight = list(weights), list(weights.values())
    boxes = BOXES[seed % 5] if seed % 5 < len(BOXES) else BOXES[0]
    faults = (random.randrange(25), random.randrange(25), random.randrange(6))
    events = tuple(
        Event(
            kind,
            random.randrange(1 << 16),
            random.randrange(1 << 16),
            random.randrange(1 << 16),
            random.getrandbits(48),
        )
        for kind in random.choices(kinds, weight, k=steps)
    )
    return Plan(seed, boxes, faults, events)
