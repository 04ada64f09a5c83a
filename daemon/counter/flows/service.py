"""Service (`/9`): devices, sync, test print, claims, network, check-up, 换机, practice."""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.counter.codes import Ask
from daemon.counter.effects import DocumentKind, Errand, Print, Run
from daemon.counter.forms import (
    End,
    Given,
    Goes,
    Next,
    Script,
    Shown,
    Step,
    Takes,
    To,
    begin_at,
)
from daemon.counter.moves import BEEP_OK, Here
from daemon.counter.pins import second_person
from daemon.counter.screens import Row
from daemon.counter.states import Idle

TAKE_OVER = "8"
TOPICS: Mapping[str, str] = MappingProxyType({"1": "devices", "2": "sync", "6": "network"})
ERRANDS: Mapping[str, Errand] = MappingProxyType(
    {"5": Errand.CLAIM, "7": Errand.CHECKUP, "9": Errand.TRAINING}
)


def _chosen(given: Given, _: Here) -> Next:
    choice = given.text(Ask.SERVICE)
    if choice in TOPICS:
        return To(Ask.TOLD, (Run(Errand.SYNC),) if choice == "2" else ())
    if choice in ERRANDS:
        return _done(Run(ERRANDS[choice]))
    return (
        To(Ask.MANAGER) if choice == TAKE_OVER else _done(Print(DocumentKind.SERVICE, about="test"))
    )


def _told(given: Given, here: Here) -> Shown:
    return Shown(here.shop.service(TOPICS[given.text(Ask.SERVICE)]))


def _read(_: Given, __: Here) -> Next:
    return Goes(Idle())


def _allowed(_: Given, __: Here) -> Next:
    return To(Ask.TAKE_OVER)


def _take_over(_: Given, __: Here) -> Next:
    return _done(Run(Errand.TAKE_OVER))


def _done(what: Run | Print) -> Goes:
    return Goes(Idle(), (what, BEEP_OK))


SCRIPT = Script(
    digit="9",
    name="service",
    first=begin_at(Ask.SERVICE),
    leads=(Ask.SERVICE,),
    steps=(
        Step(
            Ask.SERVICE,
            Takes.CHOICE,
            _chosen,
            leads=(Ask.TOLD, Ask.MANAGER, End.DESK),
            choices=tuple(Row(key) for key in "12356789"),
        ),
        Step(Ask.TOLD, Takes.ENTER, _read, leads=(End.DESK,), shows=_told),
        *second_person(_allowed, leads=(Ask.TAKE_OVER,)),
        Step(Ask.TAKE_OVER, Takes.ENTER, _take_over, leads=(End.DESK,)),
    ),
)
