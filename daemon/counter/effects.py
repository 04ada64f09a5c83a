"""What a flow wants done. The app does it, in this order, after the step has returned."""

from dataclasses import dataclass
from enum import StrEnum

from daemon.counter.screens import Screen
from daemon.ledger.records import Draft
from daemon.ledger.views import Durable, Problem


class Audience(StrEnum):
    CLERK = "clerk"
    CUSTOMER = "customer"


class DocumentKind(StrEnum):
    SALE = "sale"
    ENROLMENT = "enrolment"
    INQUIRY = "inquiry"


class Beep(StrEnum):
    OK = "ok"
    REFUSE = "refuse"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Show:
    audience: Audience
    screen: Screen


@dataclass(frozen=True, slots=True)
class Commit:
    """Append the draft; the outcome comes back as Committed, CommitRefused or CommitUnknown."""

    draft: Draft


@dataclass(frozen=True, slots=True)
class Print:
    """Print a document of a committed entry, or (inquiry) of a member as the books stand."""

    document: DocumentKind
    entry: Durable | None = None
    member: str = ""


@dataclass(frozen=True, slots=True)
class OpenDrawer:
    pass


@dataclass(frozen=True, slots=True)
class Sound:
    beep: Beep


Effect = Show | Commit | Print | OpenDrawer | Sound


@dataclass(frozen=True, slots=True)
class Committed:
    """Event: the entry is durable."""

    outcome: Durable


@dataclass(frozen=True, slots=True)
class CommitRefused:
    """Event: nothing was written."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class CommitUnknown:
    """Event: the medium has not answered; the outcome will follow."""


CommitEvent = Committed | CommitRefused | CommitUnknown
