"""What is on a stick, as far as one box can read it: its own files, and those for it."""

from collections.abc import Iterable

import msgspec

from daemon import seal
from daemon.sync.batch import BatchError, parse_batch
from daemon.sync.stick import (
    Frame,
    Kind,
    Name,
    StickError,
    address,
    parse_name,
    read_blocked,
    read_file,
    read_head,
    read_key,
)
from daemon.sync.stick_folder import Shelf
from daemon.sync.wire import WireError, parse_post, read_message


class FileSeen(msgspec.Struct, frozen=True, kw_only=True):
    """Field names are a promise to outsiders. `why`: it was refused."""

    file: str
    way: str  # up: from this box; down: for it
    at: str = ""
    epoch: int = 0
    first: int = 0  # entry, or message
    last: int = 0
    blocked: int = 0
    bytes: int = 0
    why: str = ""


class StickSeen(msgspec.Struct, frozen=True):
    files: tuple[FileSeen, ...]
    others: int  # files of other boxes
    contents: int  # files that hold what screens play, and long packs


class BoxKeys(msgspec.Struct, frozen=True):
    device_seed: bytes
    recovery: bytes
    hq_key: bytes


def look(shelf: Shelf, keys: BoxKeys) -> StickSeen:
    """Read every file of this box to its end. Raises LinkError; what is refused says why."""
    own = address(seal.public_key(keys.device_seed))
    named = [(name, parsed) for name in shelf.names() if (parsed := parse_name(name))]
    contents = [name for name, parsed in named if parsed.way == "content"]
    ours = [one for one in named if one[1].address == own]
    seen = tuple(_seen(shelf, keys, name, parsed) for name, parsed in ours)
    return StickSeen(seen, len(named) - len(ours) - len(contents), len(contents))


def _seen(shelf: Shelf, keys: BoxKeys, file: str, name: Name) -> FileSeen:
    size = shelf.size(file)
    try:
        key = keys.recovery
        if name.way == "down":
            with shelf.open(file) as opened:
                key = read_key(opened, keys.device_seed)
        with shelf.open(file) as opened:
            return _told(file, size, name, read_file(opened, key), keys.hq_key)
    except (StickError, BatchError, WireError) as error:
        return FileSeen(file=file, way=name.way, bytes=size, why=str(error))


def _told(file: str, size: int, name: Name, frames: Iterable[Frame], hq_key: bytes) -> FileSeen:
    at, epoch, blocked = "", 0, 0
    numbers: list[int] = []
    for frame in frames:
        match frame.kind:
            case Kind.HEAD:
                head = read_head(frame)
                at, epoch = head.at, head.epoch
            case Kind.BATCH:
                header = parse_batch(frame.content).header
                epoch = header.epoch
                numbers += [header.first, header.last]
            case Kind.POST:
                messages = parse_post(frame.content).messages
                numbers += [read_message(one, hq_key).message.n for one in messages]
            case Kind.BLOCKED:
                blocked += len(read_blocked(frame).cards)
            case _:
                pass
    return FileSeen(
        file=file,
        way=name.way,
        at=at,
        epoch=epoch,
        first=min(numbers, default=0),
        last=max(numbers, default=0),
        blocked=blocked,
        bytes=size,
    )
