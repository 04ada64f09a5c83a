"""What is wrong, under a name that has a page in docs/incidents: a doctor's finding, a box's note.

A finding's name (`what`) and a note's (`about`) are one vocabulary; headquarters' findings have
theirs, and pages whose names begin with `hq-`.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec.structs import asdict

Level = Literal["ok", "warning", "error"]
About = Literal[
    "certificate",
    "config",
    "hq",
    "journal",
    "keys",
    "playlist",
    "rules",
    "screen",
    "second copy",
    "settings",
    "spool",
    "stick",
    "stock",
    "storage",
]
PAGES = "incidents"  # beside docs/OPERATIONS.md
INSTALLED = "/usr/share/doc/memberbox"


class Finding(msgspec.Struct, frozen=True):
    what: str
    level: Level
    found: str
    fix: str = ""

    def __str__(self) -> str:
        todo = f"\n{'':22}-> {self.fix}" if self.fix else ""
        return f"{self.level:<8} {self.what:<12} {self.found}{todo}"


def note(about: About, said: str) -> str:
    """Return what a person should do something about, as `memberbox status` says it."""
    return f"{about}: {said}"


def finding_of(noted: str) -> Finding:
    """Return a note as a doctor finds it."""
    about, _, said = noted.partition(": ")
    return Finding(about, "warning", said, f"What to do: {page(about)}.")


def page(what: str) -> str:
    """Return the page of a finding's name, in the folder of the documents."""
    return f"{PAGES}/{what.replace(' ', '-')}.md"


def told(findings: Sequence[Finding], *, room: str = "") -> list[dict[str, str]]:
    """Return findings for programs, each with its page; `room`: begins the pages' names."""
    return [{**asdict(one), "page": page(f"{room}{one.what}")} for one in findings]


def printed(findings: Sequence[Finding], *, room: str = "") -> list[str]:
    """Return findings for people, and where their pages are if there is anything to read."""
    lines = [str(one) for one in findings]
    if any(one.level != "ok" for one in findings):
        lines += ["", f"Each name has its page: {INSTALLED}/{page(f'{room}NAME')}"]
    return lines
