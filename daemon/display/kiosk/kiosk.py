"""The page on the HDMI screen: says what is to be shown, plays the folder, knows who looks.

Owned by the loop, and never waits for a browser or a disk. The browser itself is another unit's
(systemd/memberbox-kiosk.service); the box neither starts nor stops it.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from daemon.config import Config
from daemon.counter.effects import Audience
from daemon.counter.screens import Screen
from daemon.display.kiosk.board import Board
from daemon.display.kiosk.brand import Hello, brand_of
from daemon.display.kiosk.folder import Folder, Look, Stored
from daemon.display.kiosk.sending import beside
from daemon.display.kiosk.server import Alive, Site
from daemon.display.kiosk.strip import strip
from daemon.display.kiosk.views import view
from daemon.display.kiosk.words import words_of
from daemon.display.playlist import Playlist, arranged, showing
from daemon.finding import note
from daemon.status import KioskSaid

LOOK_S = 3.0  # how soon a change in the folder is seen; a look at 50 files takes 0.3 ms
READERS = 2  # threads that read files: a film's bytes, and the look at the folder
NOTES_MAX = 5  # of what is wrong with a playlist; a person mends them one after the other
TROUBLE_CHARS_MAX = 200
CONTENT = "/content/"
PLAYLIST = "playlist"

log = logging.getLogger("memberbox.kiosk")


class Kiosk:
    """One screen. `recall` and `remember`: the port of last time, so that a page finds us again.

    `plays`: whether the chain's hours for advertisements hold.
    """

    def __init__(
        self,
        config: Config,
        share: Path,
        *,
        now: Callable[[], datetime],
        recall: Callable[[], int],
        remember: Callable[[int], None],
        plays: Callable[[datetime], bool] = lambda _: True,
        look_s: float = LOOK_S,
    ) -> None:
        assert config.kiosk is not None
        self._port = config.kiosk.port
        self._loop = asyncio.get_running_loop()
        self._both = config.kiosk.faces == "both"
        self._brand = brand = brand_of(config, share)
        self._now = now
        self._recall, self._remember = recall, remember
        self._plays = plays
        self._look_s = look_s
        self._board = Board()
        told = config.state_dir / PLAYLIST
        self._folder = Folder(config.kiosk.playlist or told, told)
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="kiosk")
        self._site = Site(
            self._board,
            styles=brand.styles,
            assets=brand.assets,
            contents=self._content,
            alive=self._on_alive,
            reading=self._reading,
        )
        self._look = Look()
        self._playlist = Playlist()
        self._files: dict[str, Stored] = {}
        self._failed: frozenset[str] = frozenset()
        self._page_trouble = ""
        self._seen_s: float | None = None
        self._trouble = ""
        self._watching: asyncio.Task[None] | None = None
        self.url: str | None = None

    # -- life ----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen, and play from now on; a port that is taken is tried again and again."""
        hello = Hello(
            tag=self._site.tag,
            chain=self._brand.chain,
            shop=self._brand.shop,
            welcome=words_of(self._brand.language).welcome,
            logo=f"/page/{self._site.tag}/{self._brand.logo}" if self._brand.logo else "",
            language="en" if self._brand.language == "en" else "zh-CN",
            clerk=self._both,
        )
        self._board.put("hello", msgspec.json.encode(hello))
        await self._listen()
        self._watching = asyncio.create_task(self._watch())
        self._watching.add_done_callback(_say_why)

    async def stop(self) -> None:
        self._folder.stop()
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        await self._site.stop()
        self._reading.shutdown(wait=False, cancel_futures=True)

    # -- what is shown -------------------------------------------------------------------------

    def show(self, audience: Audience, screen: Screen) -> None:
        language = self._brand.language
        if audience is Audience.CUSTOMER:
            self._board.put("view", msgspec.json.encode(view(screen, language)))
        elif self._both:
            self._board.put("clerk", msgspec.json.encode(strip(screen, language)))

    def practise(self, on: bool) -> None:
        """Say at the head of every view that nothing counts, or no longer."""
        words = words_of(self._brand.language).practice if on else ""
        self._board.put("practice", msgspec.json.encode({"words": words}))

    def said(self) -> KioskSaid:
        """Return what a technician wants to know: is there a page, and does it live?"""
        age = None if self._seen_s is None else round(self._loop.time() - self._seen_s, 1)
        return KioskSaid(len(self._board), age, len(self._playlist.items))

    def notes(self) -> list[str]:
        """Return what a person should do something about."""
        notes = [note("screen", self._trouble)] if self._trouble else []
        wrong = [*self._look.trouble, *self._playlist.mistakes]
        wrong += [f"{name}: the browser cannot show it; save it anew" for name in self._unshown()]
        notes += [note("playlist", said) for said in wrong[:NOTES_MAX]]
        if len(wrong) > NOTES_MAX:
            notes.append(note("playlist", f"and {len(wrong) - NOTES_MAX} more"))
        return notes

    # -- inside --------------------------------------------------------------------------------

    async def _listen(self) -> None:
        for port in (self._port,) if self._port else (self._recall(), 0):
            try:
                found = await self._site.start(port)
            except OSError as error:
                self._trouble = f"port {port}: {error.strerror}. Free it, or set [kiosk] port = 0."
                continue
            self._trouble, self.url = "", f"http://127.0.0.1:{found}/"
            if not self._port and found != port:
                self._remember(found)
            log.info("the screen's page is at %s", self.url)
            return

    async def _watch(self) -> None:
        while True:
            if self.url is None:
                await self._listen()
            look = await beside(self._reading, self._folder.look)
            if look != self._look:
                self._take(look)
            now = self._now()
            show = showing(self._playlist, now, opened=self._plays(now))
            self._board.put("show", msgspec.json.encode(show))
            await asyncio.sleep(self._look_s)

    def _take(self, look: Look) -> None:
        self._look = look
        self._files = {stored.content.hash: stored for stored in look.files}
        self._playlist = arranged((stored.content for stored in look.files), look.text)
        for mistake in self._playlist.mistakes[:NOTES_MAX]:
            log.warning("playlist: %s", mistake)

    def _content(self, name: str) -> Stored | None:
        return self._files.get(name)

    def _on_alive(self, alive: Alive) -> None:
        self._seen_s = self._loop.time()
        hashes = {address.removeprefix(CONTENT) for address in alive.failed}
        self._failed = frozenset(hashes & self._files.keys())
        trouble = alive.trouble[:TROUBLE_CHARS_MAX]
        if trouble and trouble != self._page_trouble:
            log.warning("the screen's page says: %r", trouble)
        self._page_trouble = trouble

    def _unshown(self) -> list[str]:
        return sorted(self._files[one].content.name for one in self._failed if one in self._files)


def _say_why(task: asyncio.Task[None]) -> None:
    """A bug here must not stop a sale; but it must not be silent."""
    if not task.cancelled() and task.exception() is not None:
        log.error("the screen's playlist has stopped", exc_info=task.exception())
