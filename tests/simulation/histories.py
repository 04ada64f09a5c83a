"""Histories written by hand: what longer ones had found, as short as they can be."""

from collections.abc import Mapping
from types import MappingProxyType

from tests.simulation.plan import Event, Plan

QUIET = 4  # events of nothing: time in which messages come and go


def _do(kind: str, box: int = 0, a: int = 0, b: int = 0) -> Event:
    return Event(kind, box, a, b, salt=1)


def _history(*parts: Event | list[Event]) -> Plan:
    events: list[Event] = []
    for part in parts:
        events += part if isinstance(part, list) else [part]
    return Plan(0, 3, (0, 0, 0), tuple(events))


WAIT = _do("wait")
QUIETLY = tuple(WAIT for _ in range(QUIET))
JUMP_BACK = _do("clock jump of headquarters", b=100)  # five minutes
FULL_DISK = _do("commit error", b=0)
FREEZE_B = 2

HISTORIES: Mapping[str, Plan] = MappingProxyType(
    {
        "points are frozen in the hand of headquarters": _history(
            _do("write off an open chain"), _do("take points", a=1, b=FREEZE_B)
        ),
        "the disk is full when a message comes": _history(
            _do("connect"), [*QUIETLY], FULL_DISK, _do("prices", b=1), [*QUIETLY]
        ),
        "a copy of a card went its own way and is taken out of service": _history(
            _do("live clone", box=2), _do("enrol")
        ),
        "headquarters is restored, and a message nobody knows waits": _history(
            _do("unknown message"), _do("HQ back-up"), _do("HQ restore")
        ),
        "a second restore has an earlier date than the first": _history(
            _do("HQ back-up"),
            _do("HQ restore"),
            _do("connect"),
            _do("connect", box=1),
            _do("connect", box=2),
            [*QUIETLY],
            _do("prices", b=1),
            [*QUIETLY],
            _do("crash"),
            JUMP_BACK,
            _do("HQ restore"),
            _do("connect"),
            [*QUIETLY],
            _do("prices", b=2),
            [*QUIETLY],
        ),
        "a chain begins after a restore that it learned of by a stick": _history(
            _do("HQ back-up"),
            _do("HQ restore"),
            _do("stick", a=1, b=1),
            _do("stick", a=1, b=1),
            _do("replacement"),
        ),
        "the hello after a restore gets lost": _history(
            _do("HQ back-up"),
            _do("connect"),
            [*QUIETLY],
            _do("HQ restore"),
            _do("connect"),
            WAIT,
            _do("partition", b=0),
            [*QUIETLY],
        ),
        "what a shop wrote after the backup of headquarters is sent again": _history(
            _do("HQ back-up"),
            _do("connect"),
            _do("earn", b=1),
            [*QUIETLY],
            _do("HQ restore"),
        ),
        "a shop lends points twice": _history(_do("lend", b=24), _do("lend", b=24)),
        "an open chain is given up while it is away": _history(
            _do("earn", b=1), _do("write off an open chain"), _do("connect"), [*QUIETLY]
        ),
        "the next chain of one card gets a lot of the other card": _history(
            _do("live clone", box=2),
            _do("take points", box=2),
            _do("earn", box=3),
            _do("visit", box=1, a=3, b=1),
            _do("visit", box=2),
            _do("crash", box=2),
            _do("visit", box=2, a=3),
        ),
    }
)
