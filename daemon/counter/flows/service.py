"""Service (`/9`): devices, sync, test print, reports, claims, network, check-up, 换机, practice."""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.counter.asking import TOPIC
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

TAKE_OVER, REPORTS = "8", "4"
TOPICS: Mapping[str, str] = MappingProxyType({"1": "devices", "2": "sync", "6": "network"})
# Which report is printed; papers/reports.py makes them. Some are of a day or a month.
DAY, MONTH = "day", "month"
REPORTED: Mapping[str, str] = MappingProxyType(
    {"1": "today", "2": "guides", "3": "alerts", "4": "top", "5": "hours", "6": "due"}
)
OF_A_PERIOD = frozenset({"guides", "top", "hours"})
ERRANDS: Mapping[str, Errand] = MappingProxyType(
    {"5": Errand.CLAIM, "7": Errand.CHECKUP, "9": Errand.TRAINING}
)


def _chosen(given: Given, _: Here) -> Next:
    choice = given.text(Ask.SERVICE)
    if choice in TOPICS:
        return To(Ask.TOLD, (Run(Errand.SYNC),) if choice == "2" else ())
    if choice in ERRANDS:
        return _done(Run(ERRANDS[choice]))
    if choice == REPORTS:
        return To(Ask.REPORT)
    return (
        To(Ask.MANAGER) if choice == TAKE_OVER else _done(Print(DocumentKind.SERVICE, about="test"))
    )


def _report(given: Given, _: Here) -> Next:
    wanted = REPORTED[given.text(Ask.REPORT)]
    return To(Ask.REPORT_PERIOD) if wanted in OF_A_PERIOD else _reported(wanted, DAY)


def _period(given: Given, _: Here) -> Next:
    month = given.text(Ask.REPORT_PERIOD) == "2"
    return _reported(REPORTED[given.text(Ask.REPORT)], MONTH if month else DAY)


def _reported(wanted: str, period: str) -> Goes:
    return _done(Print(DocumentKind.REPORT, about=f"{wanted}:{period}"))


def _told(given: Given, here: Here) -> Shown:
    topic = TOPICS[given.text(Ask.SERVICE)]
    return Shown(here.shop.service(topic), ((TOPIC, topic),))


def _read(given: Given, _: Here) -> Next:
    read = given.text(Ask.SERVICE) == "2"
    return Goes(Idle(), (Run(Errand.READ),) if read else ())


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
            leads=(Ask.TOLD, Ask.REPORT, Ask.MANAGER, End.DESK),
            choices=tuple(Row(key) for key in "123456789"),
        ),
        Step(Ask.TOLD, Takes.ENTER, _read, leads=(End.DESK,), shows=_told),
        Step(
            Ask.REPORT,
            Takes.CHOICE,
            _report,
            leads=(Ask.REPORT_PERIOD, End.DESK),
            choices=tuple(Row(key) for key in REPORTED),
        ),
        Step(
            Ask.REPORT_PERIOD,
            Takes.CHOICE,
            _period,
            leads=(End.DESK,),
            choices=(Row("1"), Row("2")),
        ),
        *second_person(_allowed, leads=(Ask.TAKE_OVER,)),
        Step(Ask.TAKE_OVER, Takes.ENTER, _take_over, leads=(End.DESK,)),
    ),
)
