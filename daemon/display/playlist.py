"""What the screen plays between customers: a folder's files, and a playlist.toml that orders them.

```toml
hours = "09:00-22:00"      # the screen is dark outside of them; left out: it always plays
seconds = 8                # how long a picture stands
transition = "fade"        # fade or cut

[[items]]                  # without any: every picture and video, in the order of their names
file = "spring.jpg"
seconds = 12               # of a video: the longest; left out, it plays to its end
starts = 2026-03-01        # the first day
ends = 2026-03-31          # the last day
hours = "17:00-21:00"
```

Pure. A mistake is named and what it stands in is left out; the rest is played.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Literal

import msgspec

FILE = "playlist.toml"
ITEMS_MAX = 200  # an evening of eight seconds each is 1,800; a folder gone wild has more
SECONDS = 8.0
SECONDS_MAX = 3600.0
SECONDS_MIN = 1.0

# What the browser of the kiosk shows, and what such a file begins with (bytes from an offset).
TYPES: Mapping[str, tuple[str, tuple[tuple[int, bytes], ...]]] = MappingProxyType(
    {
        ".jpg": ("image/jpeg", ((0, b"\xff\xd8\xff"),)),
        ".jpeg": ("image/jpeg", ((0, b"\xff\xd8\xff"),)),
        ".png": ("image/png", ((0, b"\x89PNG\r\n\x1a\n"),)),
        ".webp": ("image/webp", ((0, b"RIFF"), (8, b"WEBP"))),
        ".gif": ("image/gif", ((0, b"GIF8"),)),
        ".avif": ("image/avif", ((4, b"ftyp"),)),
        ".mp4": ("video/mp4", ((4, b"ftyp"),)),
        ".m4v": ("video/mp4", ((4, b"ftyp"),)),
        ".webm": ("video/webm", ((0, b"\x1a\x45\xdf\xa3"),)),
    }
)
HEAD_BYTES = 16  # enough for every signature above

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_KNOWN = ("file", "seconds", "starts", "ends", "hours")
_SETTINGS = ("hours", "seconds", "transition", "items")

Transition = Literal["fade", "cut"]


class Content(msgspec.Struct, frozen=True):
    """A file of the folder as it was looked at. `hash`: of its bytes, in hex."""

    name: str
    hash: str
    size: int
    head: bytes


class Hours(msgspec.Struct, frozen=True):
    """From `opens` to `closes`, half open; over midnight where it closes before it opens."""

    opens: time
    closes: time | None  # None: midnight

    def hold(self, at: time) -> bool:
        closes = self.closes
        if closes is None:
            return self.opens <= at
        if self.opens < closes:
            return self.opens <= at < closes
        return at >= self.opens or at < closes


class Item(msgspec.Struct, frozen=True):
    content: Content
    kind: Literal["image", "video"]
    seconds: float | None  # None: a video to its end
    starts: date | None = None
    ends: date | None = None
    hours: Hours | None = None

    def holds(self, at: datetime) -> bool:
        day = at.date()
        if self.starts is not None and day < self.starts:
            return False
        if self.ends is not None and day > self.ends:
            return False
        return self.hours is None or self.hours.hold(at.time())


class Playlist(msgspec.Struct, frozen=True):
    """`mistakes`: what is not played, and why, as `file: what`."""

    items: tuple[Item, ...] = ()
    hours: Hours | None = None
    transition: Transition = "fade"
    mistakes: tuple[str, ...] = ()


class Playing(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing to show, for the page: where it lies, how long it stands (0: to its end)."""

    kind: str
    url: str
    seconds: float = 0.0


class Show(msgspec.Struct, frozen=True):
    """What the page plays now. `open`: inside of business hours; else the screen is dark."""

    items: tuple[Playing, ...] = ()
    open: bool = True
    transition: str = "fade"


def media_type(name: str) -> str | None:
    """Return the type of a file that may be played; None: it is none."""
    known = TYPES.get(_ending(name))
    return None if known is None else known[0]


def showing(playlist: Playlist, at: datetime, *, opened: bool = True) -> Show:
    """Return what plays at a time in the shop's zone; `opened`: the chain's hours hold."""
    if not opened or (playlist.hours is not None and not playlist.hours.hold(at.time())):
        return Show(open=False, transition=playlist.transition)
    items = tuple(
        Playing(item.kind, url_of(item.content), item.seconds or 0.0)
        for item in playlist.items
        if item.holds(at)
    )
    return Show(items, transition=playlist.transition)


def url_of(content: Content) -> str:
    """Return where the page finds a file; the name of its bytes, so it never changes."""
    return f"/content/{content.hash}"


def arranged(contents: Iterable[Content], text: bytes | None) -> Playlist:
    """Return the playlist of a folder; `text` is its playlist.toml, None where there is none."""
    files = {content.name: content for content in contents}
    mistakes: list[str] = []
    table = _table(text, mistakes)
    hours = _hours(table.get("hours"), FILE, mistakes)
    seconds = _seconds(table.get("seconds"), FILE, mistakes) or SECONDS
    transition = _transition(table.get("transition"), mistakes)
    mistakes += [
        f"{FILE}: {key}: no such key; {_any(_SETTINGS)}" for key in _strange(table, _SETTINGS)
    ]
    listed = table.get("items")
    if listed is None:
        rows: list[object] = [{"file": name} for name in sorted(files)]
    elif isinstance(listed, list):
        rows = listed
    else:
        mistakes.append(f"{FILE}: items: write [[items]] above each")
        rows = []
    if len(rows) > ITEMS_MAX:
        mistakes.append(f"{FILE}: {len(rows)} things; the first {ITEMS_MAX} are played")
    items = (
        _item(row, f"{FILE}: items[{at}]", files, seconds, mistakes)
        for at, row in enumerate(rows[:ITEMS_MAX])
    )
    played = tuple(item for item in items if item is not None)
    return Playlist(played, hours, transition, tuple(mistakes))


def _table(text: bytes | None, mistakes: list[str]) -> Mapping[str, object]:
    if text is None:
        return {}
    try:
        return tomllib.loads(text.decode())
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8
        mistakes.append(f"{FILE}: is no TOML ({error}); all files are played by name")
        return {}


def _item(
    row: object, where: str, files: Mapping[str, Content], seconds: float, mistakes: list[str]
) -> Item | None:
    """Return the item; None with its mistakes named. One mistake leaves the item out."""
    if not isinstance(row, dict):
        mistakes.append(f"{where}: is no table with file = ...")
        return None
    name = row.get("file")
    content = files.get(name) if isinstance(name, str) else None
    if content is None:
        mistakes.append(f"{where}: file {name!r} is not in the folder")
        return None
    trouble = unplayable(content)
    if trouble:
        mistakes.append(f"{content.name}: {trouble}")
        return None
    before = len(mistakes)
    where = f"{where} ({content.name})"
    mistakes += [f"{where}: {key}: no such key; {_any(_KNOWN)}" for key in _strange(row, _KNOWN)]
    own = _seconds(row.get("seconds"), where, mistakes)
    starts, ends = (_day(row.get(key), f"{where}: {key}", mistakes) for key in ("starts", "ends"))
    if starts is not None and ends is not None and ends < starts:
        mistakes.append(f"{where}: it ends on {ends}, before it starts on {starts}")
    hours = _hours(row.get("hours"), where, mistakes)
    if len(mistakes) > before:
        return None
    if str(media_type(content.name)).startswith("video/"):
        return Item(content, "video", own, starts, ends, hours)
    return Item(content, "image", own or seconds, starts, ends, hours)


def unplayable(content: Content) -> str:
    """Return why a file cannot be played, as far as its name and first bytes tell; "" if not."""
    known = TYPES.get(_ending(content.name))
    if known is None:
        return f"is no picture and no video that can be shown; {_any(tuple(TYPES))}"
    if not content.size:
        return "is empty"
    if any(content.head[at:][: len(mark)] != mark for at, mark in known[1]):
        return f"is no {known[0]} inside; save it anew as what its name says"
    return ""


def _ending(name: str) -> str:
    """Return what a name ends in, as .jpg; "" where there is nothing before it."""
    stem, dot, ending = name.rpartition(".")
    return f"{dot}{ending}".lower() if stem else ""


def _strange(table: Mapping[str, object], known: tuple[str, ...]) -> list[str]:
    return [key for key in table if key not in known]


def _seconds(value: object, where: str, mistakes: list[str]) -> float | None:
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and SECONDS_MIN <= float(str(value)) <= SECONDS_MAX:
        return float(str(value))
    mistakes.append(f"{where}: seconds: {value!r}; use {SECONDS_MIN:g} to {SECONDS_MAX:g}")
    return None


def _day(value: object, where: str, mistakes: list[str]) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    mistakes.append(f"{where}: {value!r}; use a day as 2026-03-31, without quotes")
    return None


def _hours(value: object, where: str, mistakes: list[str]) -> Hours | None:
    if value is None:
        return None
    match = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if match is None or (match[3] == "24" and match[4] != "00") or match[0][:5] == match[0][6:]:
        mistakes.append(f'{where}: hours: {value!r}; use "09:00-22:00"')
        return None
    opens = time(int(match[1]), int(match[2]))
    return Hours(opens, None if match[3] == "24" else time(int(match[3]), int(match[4])))


def _transition(value: object, mistakes: list[str]) -> Transition:
    if value == "cut":
        return "cut"
    if value not in (None, "fade"):
        mistakes.append(f"{FILE}: transition: {value!r}; use fade or cut")
    return "fade"


def _any(words: tuple[str, ...]) -> str:
    return f"use {', '.join(words)}"
