"""A counter with its screen, without the rest of a box: the flows of the demo shop, the real page.

The kiosk runs on a loop of its own thread, as it does on a box's loop; a test does what a clerk
does and looks at what the browser shows.
"""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from daemon.config import load
from daemon.counter.effects import Audience, Show
from daemon.counter.machine import shown
from daemon.display.kiosk.kiosk import Kiosk
from tests.counter.clerk import Clerk
from tests.counter.demo import START

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config" / "memberbox.example.toml"
WITHIN_S = 10.0
LOOK_S = 0.2  # a box looks less often; a test has no time

T = TypeVar("T")


class House:
    """A clerk at the demo shop, and the screen that his customer sees."""

    def __init__(self, root: Path, *, kiosk: str = "", language: str = "zh_CN") -> None:
        self.root = root
        self.playlist = root / "playlist"
        self.playlist.mkdir(parents=True, exist_ok=True)
        text = EXAMPLE.read_text(encoding="utf-8").replace('"zh_CN"', f'"{language}"')
        head, _, _ = text.partition("[kiosk]")
        config = root / "memberbox.toml"
        config.write_text(f'{head}[kiosk]\nplaylist = "{self.playlist}"\n{kiosk}')
        self.config = load(config)
        self.now: datetime = START
        self.port = 0
        self.clerk = Clerk()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._kiosk: Kiosk | None = None
        self.start()

    # -- the box -------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the box's half; a customer's screen is as the counter stands."""
        self._kiosk = self.on_loop(self._made())
        self._show_all(shown(self.clerk.counter))

    async def _made(self) -> Kiosk:
        kiosk = Kiosk(
            self.config,
            ROOT / "config",
            now=lambda: self.now,
            recall=lambda: self.port,
            remember=self._remember,
            look_s=LOOK_S,
        )
        await kiosk.start()
        return kiosk

    def _remember(self, port: int) -> None:
        self.port = port

    def end(self) -> None:
        """Stop the box's half: what runs on a screen is on its own."""
        self.on_loop(self.kiosk.stop())
        self._kiosk = None

    def close(self) -> None:
        if self._kiosk is not None:
            self.end()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WITHIN_S)
        self._loop.close()

    def __enter__(self) -> "House":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def kiosk(self) -> Kiosk:
        assert self._kiosk is not None, "the box is down"
        return self._kiosk

    @property
    def url(self) -> str:
        assert self.kiosk.url is not None, self.kiosk.notes()
        return self.kiosk.url

    # -- the counter ---------------------------------------------------------------------------

    def swipes(self, card: str) -> None:
        self.clerk.swipes(card)
        self._pass_on()

    def scans(self, *codes: str) -> None:
        self.clerk.scans(*codes)
        self._pass_on()

    def keys(self, text: str) -> None:
        self.clerk.keys(text)
        self._pass_on()

    def waits(self, ms: int) -> None:
        self.clerk.waits(ms)
        self._pass_on()

    def durable(self) -> None:
        self.clerk.durable()
        self._pass_on()

    def _pass_on(self) -> None:
        """Show what the counter has said since, as app does."""
        effects = list(self.clerk.seen)
        self.clerk.seen.clear()
        if self._kiosk is not None:
            self._show_all(tuple(effect for effect in effects if isinstance(effect, Show)))

    def _show_all(self, shows: tuple[Show, ...]) -> None:
        async def show() -> None:
            for one in shows:
                self.kiosk.show(one.audience, one.screen)

        self.on_loop(show())

    def practises(self, on: bool) -> None:
        async def practise() -> None:
            self.kiosk.practise(on)

        self.on_loop(practise())

    def customer(self) -> object:
        return self.clerk.screens[Audience.CUSTOMER]

    # -- the loop ------------------------------------------------------------------------------

    def on_loop(self, work: Coroutine[object, object, T]) -> T:
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(WITHIN_S)
