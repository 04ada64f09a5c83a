"""The pages of docs/incidents, read: what each shows, and the five things that each says."""

import re
from pathlib import Path

import msgspec

from tests.incidents.alarms import ROOT

DOCS = ROOT / "docs"
FOLDER = DOCS / "incidents"
PICTURES = FOLDER / "pictures"
INDEX = DOCS / "OPERATIONS.md"
PARTS = ("Seen", "Means", "At stake", "Do", "Over when")

_BLOCK = re.compile(r"^```text\n(.*?)^```$", re.M | re.S)
_FOUND = re.compile(r"(warning|error) +([a-z]+(?: [a-z]+)?) +(\S.*)")
_FIX = re.compile(r" {22}-> (.*)")
_NOTED = re.compile(r"! ([a-z ]+): (.*)")
_PICTURE = re.compile(r'(?:!\[[^\]]*\]\(|src=")([^)"]+\.svg)')


class Quoted(msgspec.Struct, frozen=True):
    """A finding or a note, as a page shows it."""

    what: str
    found: str
    fix: str


class Page(msgspec.Struct, frozen=True):
    name: str
    text: str

    @property
    def quoted(self) -> list[Quoted]:
        found = []
        for block in _BLOCK.findall(self.text):
            lines = block.splitlines()
            for line, after in zip(lines, [*lines[1:], ""], strict=True):
                noted, seen, fix = (
                    _NOTED.fullmatch(line),
                    _FOUND.fullmatch(line),
                    _FIX.fullmatch(after),
                )
                if noted is not None:
                    todo = f"What to do: incidents/{self.name}.md."
                    found.append(Quoted(noted[1], noted[2], todo))
                elif seen is not None:
                    found.append(Quoted(seen[2], seen[3], fix[1] if fix is not None else ""))
        return found

    @property
    def parts(self) -> dict[str, str]:
        """What stands under each of the five words."""
        pieces = re.split(rf"^\*\*({'|'.join(PARTS)})\*\*", self.text, flags=re.M)
        return dict(zip(pieces[1::2], (piece.strip() for piece in pieces[2::2]), strict=True))


def pages() -> dict[str, Page]:
    return {
        path.stem: Page(path.stem, path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.md"))
    }


def pictures_shown() -> set[str]:
    """Return the pictures that the handbook and its pages show."""
    shown = set()
    for path in (INDEX, *FOLDER.glob("*.md")):
        for link in _PICTURE.findall(path.read_text("utf-8")):
            place = (path.parent / link).resolve()
            if place.parent == PICTURES:
                shown.add(place.stem)
    return shown


def linked(text: str) -> set[str]:
    """Return the pages that a text of docs/ links to."""
    return set(re.findall(r"\(incidents/([a-z0-9-]+)\.md\)", text))


def picture(name: str) -> Path:
    return PICTURES / f"{name}.svg"
