"""Contents on a stick: each once, for all boxes whose log names it; nobody else can open them.

A content on the stick stays as it is, since its name is made of its hash. What no log names any
more is taken off.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from daemon import vault
from daemon.ledger.codec import CodecError, down_body, down_message
from daemon.ledger.messages import Pack
from daemon.ledger.messages_shop import Playlist
from daemon.sync.content import PART_BYTES as CONTENT_PART_BYTES
from daemon.sync.content import pack_part
from daemon.sync.stick import (
    FILE_BYTES,
    Frame,
    Head,
    Kind,
    Name,
    content_place,
    parse_name,
    seal_file,
)
from daemon.sync.stick_folder import NEW, Shelf
from daemon.sync.wire import VERSION
from hq import contents
from hq.progress import Progress
from hq.store import OWN_BOX, Office

FILE_OVERHEAD = 1.001  # of sealing: 20 bytes for each 64 KiB


class ContentsSaid(msgspec.Struct, frozen=True):
    """`named`: by the logs; `left`: found no room on the stick."""

    named: int
    fresh: int
    left: int


class Contents:
    """Writes the contents that shops need. One thread."""

    def __init__(self, office: Office, *, part_bytes: int = FILE_BYTES) -> None:
        self._office = office
        self._part_bytes = part_bytes

    def deliver(self, shelf: Shelf, progress: Progress) -> ContentsSaid:
        """Write what is not on the stick yet, and remove what is named no more. Raises LinkError.

        The small ones first: where there is not room for all, most come.
        """
        named = {name: path.stat().st_size for name in self.named() if (path := self._path(name))}
        places = {content_place(name)[0] for name in named}
        for file in shelf.names():
            parsed = parse_name(file.removesuffix(NEW))
            ours = parsed is not None and parsed.way == "content"
            if ours and (file.endswith(NEW) or parsed is None or parsed.address not in places):
                shelf.remove(file)
        fresh = left = 0
        for done, (name, size) in enumerate(sorted(named.items(), key=lambda one: one[1])):
            progress(done, len(named))
            if self._is_there(shelf, name, size):
                continue
            if shelf.room() < size * FILE_OVERHEAD:
                left += 1
                continue
            self.write(shelf, name, size)
            fresh += 1
        return ContentsSaid(len(named), fresh, left)

    def named(self) -> list[str]:
        """Return the contents that the newest logs name: playlists as they are now, packs that a
        box has not applied yet."""
        found: dict[str, None] = {}
        rows = self._office.db.execute(
            "SELECT id, applied FROM chain AS c WHERE box <> ? AND closed IS NULL"
            " AND epoch = (SELECT max(epoch) FROM chain WHERE box = c.box)",
            (OWN_BOX,),
        ).fetchall()
        for row, applied in rows:
            playlist = "SELECT text FROM down WHERE chain = ? AND kind = 'playlist' ORDER BY n DESC"
            pack = "SELECT text FROM down WHERE chain = ? AND kind = 'pack' AND n > ?"
            texts = [
                *self._office.db.execute(f"{playlist} LIMIT 1", (row,)),
                *self._office.db.execute(pack, (row, applied)),
            ]
            found |= {name: None for (text,) in texts for name in _named_in(text)}
        return list(found)

    def _path(self, name: str) -> Path | None:
        return contents.path_of(self._office, name)

    def _is_there(self, shelf: Shelf, name: str, size: int) -> bool:
        place = content_place(name)[0]
        there = set(shelf.names())
        count = max(1, -(-size // self._part_bytes))
        return {str(Name(place, number, "content")) for number in range(1, count + 1)} <= there

    def write(self, shelf: Shelf, name: str, size: int) -> None:
        """Write the files of one content that are not there yet."""
        place, key = content_place(name)
        for number, start in enumerate(range(0, size, self._part_bytes), 1):
            file = str(Name(place, number, "content"))
            if file not in shelf.names():
                frames = self._frames(name, range(start, min(start + self._part_bytes, size)))
                shelf.put(file, self._sealed(frames, key))

    def _frames(self, name: str, span: range) -> Iterator[Frame]:
        path = self._path(name)
        assert path is not None, "only contents that are here are written"
        with path.open("rb") as file:
            size = path.stat().st_size
            file.seek(span.start)
            for offset in range(span.start, span.stop, CONTENT_PART_BYTES):
                data = file.read(min(CONTENT_PART_BYTES, span.stop - offset))
                payload = pack_part(name, size, offset, data, self._office.sign)
                yield Frame(Kind.CONTENT, payload)

    def _sealed(self, frames: Iterable[Frame], key: bytes) -> Iterator[bytes]:
        office = self._office
        own = office.public.hex()
        head = Head(VERSION, "content", "", 0, office.incarnation, own, own, office.now())
        nonce = office.entropy.draw(vault.PREFIX_BYTES)
        return seal_file(head, frames, sign=office.sign, key=key, nonce=nonce)


def _named_in(text: str) -> list[str]:
    try:
        body = down_body(down_message(text.encode()))
    except CodecError:
        return []
    match body:
        case Playlist(files=files):
            return [one.hash for one in files]
        case Pack(content=content) if content is not None:
            return [content.hash]
        case _:
            return []
