"""What headquarters told this shop as such, and what the box does about it.

The board itself is in the books (ledger/notices.py); here it becomes a playlist in the screen's
folder, settings beside the journal, a certificate for the link, rows for the clerk. Everything is
done again at each start, so that a crash half-way leaves nothing half done.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from daemon import config_remote, screenfolder
from daemon.config import Config, refused_settings
from daemon.counter.states import Counter, Idle
from daemon.errors import LinkError
from daemon.finding import note
from daemon.ledger import machine
from daemon.ledger.acts.notice import read_message
from daemon.ledger.bodies import DownApplied
from daemon.ledger.bodies_notice import PackReceived
from daemon.ledger.codec import CodecError
from daemon.ledger.kinds import Kind
from daemon.ledger.messages import DownBody, Pack, PackActivate
from daemon.ledger.messages_shop import (
    Certificate,
    ClerkMessage,
    ConfigChange,
    Content,
    GiftSent,
    Playlist,
    Reservation,
    Setting,
)
from daemon.ledger.notices import Notice
from daemon.ledger.records import At, By, Entry
from daemon.ledger.store import Store
from daemon.ledger.views import NoticeRow
from daemon.linking import TLS, tls_folder
from daemon.status import Status
from daemon.sync.contents import Contents

if TYPE_CHECKING:
    from daemon.sync.link import Sync

PLAYLIST = "playlist"  # in the state directory: headquarters' files; goes before [kiosk] playlist
FOLDER = "content"  # in the state directory
QUIET_MS = 60_000  # nobody at the counter: a start takes a second
UNREAD = "message"  # what the clerk's idle display offers

REFUSED_PACK = "refused pack"  # why; of the last activation that headquarters asked for

TOLD_KINDS = frozenset({Kind.DOWN_APPLIED, Kind.PACK_RECEIVED, Kind.MESSAGE_READ})
_LOOKED_AT = ("playlist", "config.change", "certificate", "pack")

log = logging.getLogger("memberbox.board")
T = TypeVar("T")


class _Effective(msgspec.Struct, frozen=True):
    ends: str | None = None


class _Dated(msgspec.Struct, frozen=True):
    effective: _Effective


class _Signed(msgspec.Struct, frozen=True):
    """Of a pack's document, what says how long it may be in force."""

    pack: _Dated


class Board:
    """Owned by the loop; folders of films are worked on in a thread."""

    def __init__(
        self,
        config: Config,
        config_path: Path,
        store: Store,
        at: Callable[[], At],
        wrong_pack: Callable[[str], str | None],
    ) -> None:
        self._config = config
        self._config_path = config_path
        self._store = store
        self._at = at
        self._wrong_pack = wrong_pack
        self._contents = Contents(config.state_dir / FOLDER)
        self._seen: tuple[str, ...] = ()  # messages that the clerk has before him
        self._playing = ""  # the playlist that lies in the screen's folder, as it was told
        self._laying: asyncio.Task[None] | None = None
        self._link: Sync | None = None
        self._note = ""
        self._new_settings = False  # they wait for the next start

    # -- what headquarters says ------------------------------------------------------------------

    def judge(self, body: DownBody) -> str | None:
        """Return why a message cannot take effect here; "" when it can, None: not known yet."""
        match body:
            case Pack(content=None, document=document):
                return self._wrong_pack(document)
            case PackActivate() as asked:
                return self._judge_pack(asked)
            case ConfigChange(settings=settings):
                return self._judge_settings(settings)
            case Reservation(lines=lines, cancelled=False):
                short = [
                    f"{self._store.books.stock(line.sku)} of {line.sku} here, {line.qty} wanted"
                    for line in lines
                    if self._store.books.stock(line.sku) < line.qty
                ]
                return "; ".join(short)
            case Certificate() as offered:
                return self._judge_certificate(offered)
            case _:
                return ""

    def _judge_pack(self, asked: PackActivate) -> str:
        """Refuse a version that has ended before it begins; why stands in status until the next."""
        row, now = self._store.books.pack(asked.id, asked.version), self._at().wall
        why = ""
        if row is not None and row.hash == asked.hash and row.document:
            ends = msgspec.json.decode(row.document, type=_Signed).pack.effective.ends
            begins = max(datetime.fromisoformat(one) for one in (now, asked.start or now))
            if ends is not None and datetime.fromisoformat(ends) <= begins:
                why = f"pack {asked.id} v{asked.version} is refused: it ended at {ends}"
        self._store.local.put_fact(REFUSED_PACK, why)
        return why

    def _judge_settings(self, settings: Sequence[Setting]) -> str:
        for one in settings:
            if why := config_remote.refused(one.key):
                return why
        wanted = self._settings()
        for one in settings:
            wanted.pop(one.key, None)
            if one.value is not None:
                wanted[one.key] = one.value
        wrong = refused_settings(self._config_path, wanted)
        return "; ".join(str(problem) for problem in wrong)

    def _judge_certificate(self, offered: Certificate) -> str:
        from daemon.sync.security import fits  # with TLS, which a box without it does not carry

        folder = tls_folder(self._config)
        if folder is None:
            return "this box's link has no certificate: [hq] tls is not set"
        try:
            fits(folder, self._config.state_dir / TLS, offered.certificate, offered.ca)
        except LinkError as error:
            return str(error)
        return ""

    # -- what is done about it -------------------------------------------------------------------

    def begin(self, link: "Sync | None") -> None:
        """Start with what stands on the board; a link brings the contents that it names."""
        self._link = link
        self.look()
        self._new_settings = False  # what was set while the box was off counts already

    def changed(self, entry: Entry) -> None:
        """An entry may have changed the board."""
        match entry.body:
            case DownApplied(message=message):
                if any(f'"kind":"{kind}"' in message for kind in _LOOKED_AT):
                    self.look()
            case PackReceived():
                self.look()
            case _:
                pass

    def look(self) -> None:
        """The board may be another now."""
        settings = self._settings()
        if settings != config_remote.read(self._config.state_dir):
            try:
                config_remote.write(self._config.state_dir, settings)
                self._new_settings = True
            except OSError as error:
                self._note = note("settings", f"they cannot be kept: {error.strerror}")
                log.error("%s", self._note)
        self._keep_certificate()
        if self._link is not None:
            self._link.want(dict(self._lacking()).items())
        self._lay_out()

    def came(self, name: str) -> None:
        """A content is here as a whole."""
        for row in self._store.books.notices(Notice.PACK):
            if row.key == name:
                self._keep_pack(name, _read(row, Pack))
        self.look()

    def _keep_pack(self, name: str, told: Pack) -> None:
        """Keep a pack's bytes in the journal, if they are those of the pack that was named."""
        path = self._contents.path(name)
        if path is None:
            return
        try:
            document = path.read_text(encoding="utf-8")
            ref = machine.pack_of(document)
        except (OSError, UnicodeDecodeError, CodecError) as error:
            self._note = note("rules", f"pack {told.id} v{told.version}: {error}")
            return
        if (ref.id, ref.version, ref.hash) != (told.id, told.version, told.hash):
            said = f"pack {told.id} v{told.version}: its bytes are another pack's"
            self._note = note("rules", said)
            return
        self._store.submit(machine.pack_received(self._at(), content=name, document=document))

    def _lacking(self) -> Iterator[tuple[str, int]]:
        """Yield the contents that are not here, with how much of each is."""
        for one in self._named():
            if self._contents.path(one.hash) is None:
                yield one.hash, self._contents.have(one.hash)

    def _named(self) -> Iterator[Content]:
        books = self._store.books
        for row in books.notices(Notice.PACK):
            content = _read(row, Pack).content
            if content is not None:
                yield content
        if self._config.kiosk is not None:
            for row in books.notices(Notice.PLAYLIST):
                yield from _read(row, Playlist).files

    def _lay_out(self) -> None:
        """Put the playlist into the screen's folder, when all of it is here."""
        rows = self._store.books.notices(Notice.PLAYLIST)
        if self._config.kiosk is None or not rows or rows[0].body == self._playing:
            return
        playlist = _read(rows[0], Playlist)
        paths = {one.name: self._contents.path(one.hash) for one in playlist.files}
        here = {name: path for name, path in paths.items() if path is not None}
        if len(here) < len(playlist.files) or (self._laying and not self._laying.done()):
            return
        folder = self._config.state_dir / PLAYLIST
        self._laying = asyncio.get_running_loop().create_task(
            self._lay(folder, here, playlist.text, rows[0].body)
        )

    async def _lay(self, folder: Path, files: dict[str, Path], text: str, told: str) -> None:
        try:
            await asyncio.to_thread(screenfolder.lay_out, folder, files, text)
        except OSError as error:
            self._note = note("playlist", f"{folder}: {error.strerror}")
            log.error("%s", self._note)
            return
        self._playing, self._note = told, ""
        keep = frozenset(one.hash for one in self._named())
        await asyncio.to_thread(self._contents.keep_only, keep)
        self._lay_out()  # another may have come meanwhile

    def _keep_certificate(self) -> None:
        from daemon.sync.security import keep  # with TLS, which a box without it does not carry

        rows = self._store.books.notices(Notice.CERTIFICATE)
        if not rows or tls_folder(self._config) is None:
            return
        offered = _read(rows[0], Certificate)
        try:
            keep(self._config.state_dir / TLS, offered.certificate, offered.ca)
            if self._link is not None:
                self._link.signed()
        except OSError as error:
            self._note = note("certificate", f"the new one cannot be kept: {error.strerror}")

    # -- what the clerk sees ---------------------------------------------------------------------

    def restarts(self, counter: Counter, mono_ms: int) -> bool:
        """Tell whether the box shall end now, to begin again with new settings."""
        quiet = isinstance(counter.state, Idle) and mono_ms - counter.touched_ms >= QUIET_MS
        if self._new_settings and quiet:
            log.info("settings of headquarters count from the next start, which is now")
        return self._new_settings and quiet

    def said(self) -> tuple[str, ...]:
        """Return what is to be read, kept ready and on its way, a line each."""
        books = self._store.books
        rows = books.notices(Notice.MESSAGE)
        lines = [f"总部消息 {_read(row, ClerkMessage).text}" for row in rows]
        for row in books.notices(Notice.RESERVATION):
            kept = _read(row, Reservation)
            goods = ", ".join(f"{line.qty}×{line.sku}" for line in kept.lines)
            until = _day(kept.until)
            lines.append(f"预留 {kept.id} {goods} {kept.note}{until}".rstrip())
        for row in books.notices(Notice.GIFT):
            gift = _read(row, GiftSent)
            lines.append(f"总部寄出 {gift.sku} {gift.note}".rstrip())
        return tuple(lines)

    @property
    def contents(self) -> Contents:
        """Where contents lie; the link's thread keeps what comes there."""
        return self._contents

    @property
    def unread(self) -> bool:
        return bool(self._store.books.notices(Notice.MESSAGE))

    def shown(self, status: Status) -> Status:
        """A clerk has the messages before him: those, and no later ones, he may say he read."""
        self._seen = tuple(row.key for row in self._store.books.notices(Notice.MESSAGE))
        return status

    def read(self, by: By) -> None:
        """The operator has read what stood before him."""
        for name in self._seen:
            self._store.submit(read_message(name, self._at(), by))
        self._seen = ()

    @property
    def notes(self) -> tuple[str, ...]:
        why = self._store.local.fact(REFUSED_PACK)
        refused = note("rules", why) if why else ""
        return tuple(filter(None, (self._note, refused)))

    # -- inside ----------------------------------------------------------------------------------

    def _settings(self) -> dict[str, config_remote.Value]:
        rows = (_read(row, Setting) for row in self._store.books.notices(Notice.SETTING))
        return {one.key: one.value for one in rows if one.value is not None}


def _read(row: NoticeRow, kind: type[T]) -> T:
    return msgspec.json.decode(row.body, type=kind)


def _day(moment: str) -> str:
    return f" 至 {datetime.fromisoformat(moment):%m-%d %H:%M}" if moment else ""
