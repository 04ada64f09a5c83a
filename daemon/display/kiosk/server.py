"""The page's tiny web server: loopback, a handful of addresses, nothing from anywhere else.

    /                      the page
    /page/<tag>/<file>     its script, styles, font, logo; the tag changes with their bytes
    /content/<hash>        what is played, with ranges, since <video> needs them
    /events                what changes, as server-sent events
    POST /alive            the page says that it lives, and what it could not play

It serves the browser on this machine alone: it listens on loopback, and refuses a name that is
not loopback's (a web page elsewhere that points its own name at 127.0.0.1).
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from io import FileIO
from pathlib import Path
from types import MappingProxyType
from typing import cast

import msgspec
from microdot import Microdot, Request, Response

from daemon.display.kiosk.board import Board, Page
from daemon.display.kiosk.folder import Stored, opened
from daemon.display.kiosk.pipe import Pipe
from daemon.display.kiosk.sending import FOREVER, SAFE, beside, file_answer, streamed
from daemon.display.playlist import media_type

LOOPBACK = "127.0.0.1"
LINE_BYTES_MAX = 8192  # asyncio's buffer for a line; microdot takes 2 KiB of it
BEAT_S = 5.0  # how often a page hears that the box lives
BEAT = b"event: beat\ndata: 1\n\n"
CONNECTIONS_MAX = 64  # a browser opens six at once
ALIVE_BYTES_MAX = 4096
TAG_BYTES = 8

PAGE_DIR = Path(__file__).parent / "page"
INDEX = "index.html"
STYLES = "brand.css"
PAGE_FILES = ("kiosk.css", "kiosk.js", "player.js")
TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".css": "text/css; charset=UTF-8",
        ".js": "text/javascript; charset=UTF-8",
        ".html": "text/html; charset=UTF-8",
        ".otf": "font/otf",
        ".ttf": "font/ttf",
        ".woff2": "font/woff2",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".jpg": "image/jpeg",
        ".webp": "image/webp",
    }
)


class Alive(msgspec.Struct, frozen=True):
    """What a page says of itself. `failed`: addresses that it could not show."""

    page: str
    view: str
    failed: tuple[str, ...] = ()
    trouble: str = ""


class Site:
    """Answers the browser's requests from the board, the page's files and the playlist's."""

    def __init__(
        self,
        board: Board,
        *,
        styles: str,
        assets: Mapping[str, Path],
        contents: Callable[[str], Stored | None],
        alive: Callable[[Alive], None],
        reading: Executor,
    ) -> None:
        """`assets`: names (font, logo) to files; `contents`: a hash to the file of these bytes."""
        self._board = board
        self._styles = styles.encode()
        self._assets = {**{name: PAGE_DIR / name for name in PAGE_FILES}, **assets}
        self._contents = contents
        self._alive = alive
        self._reading = reading
        self._names: frozenset[str] = frozenset()
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.tag = self._tag(assets)
        self._app = app = Microdot()
        app.before_request(self._guard)
        app.get("/")(self._index)
        app.get("/page/<tag>/<name>")(self._asset)
        app.get("/content/<name>")(self._content)
        app.get("/events")(self._events)
        app.post("/alive")(self._hear)

    # -- life ----------------------------------------------------------------------------------

    async def start(self, port: int) -> int:
        """Listen on loopback; return the port. Raises OSError when it is taken."""
        self._server = await asyncio.start_server(self._serve, LOOPBACK, port, limit=LINE_BYTES_MAX)
        port = int(self._server.sockets[0].getsockname()[1])
        self._names = frozenset(f"{host}:{port}" for host in (LOOPBACK, "localhost"))
        return port

    async def stop(self) -> None:
        self._board.close()
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._connections) >= CONNECTIONS_MAX:
            writer.transport.abort()
            return
        self._connections.add(task)
        pipe = Pipe(reader, writer)
        try:
            await self._answer(pipe)
            await pipe.aclose()
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._connections.discard(task)

    async def _answer(self, pipe: Pipe) -> None:
        reader, writer = cast(asyncio.StreamReader, pipe), cast(asyncio.StreamWriter, pipe)
        try:
            request = await Request.create(self._app, reader, writer, (LOOPBACK, 0))
        except (ValueError, LookupError, EOFError):  # no HTTP, or cut off
            response = Response("this is no request", 400)
        else:
            response = await self._app.dispatch_request(request)
        await response.write(writer)

    # -- answers -------------------------------------------------------------------------------

    async def _guard(self, request: Request) -> Response | None:
        if request.headers.get("Host") in self._names:
            return None
        return Response("this page is for the screen of this box", 421)

    async def _index(self, _: Request) -> Response:
        html = await beside(self._reading, (PAGE_DIR / INDEX).read_text)
        headers = {**SAFE, "Content-Type": TYPES[".html"], "Cache-Control": "no-store"}
        return Response(html.replace("{tag}", self.tag), 200, headers)

    async def _asset(self, request: Request, tag: str, name: str) -> Response:
        if tag != self.tag:
            return Response("", 404)
        if name == STYLES:
            headers = {**SAFE, "Content-Type": TYPES[".css"], "Cache-Control": FOREVER}
            return Response(self._styles, 200, headers)
        path = self._assets.get(name)
        file = None if path is None else await beside(self._reading, partial(_file, path))
        if path is None or file is None:
            return Response("", 404)
        kind = TYPES.get(path.suffix.lower(), "application/octet-stream")
        return file_answer(request, file, kind=kind, etag=tag, reading=self._reading)

    async def _content(self, request: Request, name: str) -> Response:
        stored = self._contents(name)
        if stored is None:
            return Response("", 404)
        file = await beside(self._reading, partial(_looked_at, stored))
        if file is None:
            return Response("", 404)
        kind = media_type(stored.content.name) or "application/octet-stream"
        etag = stored.content.hash
        return file_answer(request, file, kind=kind, etag=etag, reading=self._reading)

    async def _events(self, request: Request) -> Response:
        headers = {**SAFE, "Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        pipe = cast(Pipe, request.sock[0])
        return Response(streamed(self._told(pipe)), 200, headers)

    async def _told(self, pipe: Pipe) -> AsyncIterator[bytes]:
        """Yield what is new for a page until it is gone."""
        page = self._board.open()
        leaving = asyncio.create_task(_left(pipe, page))
        try:
            while not page.closed:
                yield self._board.news(page) or BEAT
                try:
                    async with asyncio.timeout(BEAT_S):
                        await page.wake.wait()
                except TimeoutError:
                    continue
        finally:
            self._board.leave(page)
            leaving.cancel()

    async def _hear(self, request: Request) -> Response:
        body = request.body or b""
        if len(body) > ALIVE_BYTES_MAX:
            return Response("", 413)
        try:
            alive = msgspec.json.decode(body, type=Alive)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Response("", 400)
        self._alive(alive)
        return Response("", 204)

    def _tag(self, assets: Mapping[str, Path]) -> str:
        """Return a name for what the page is made of; a font is known by its size and time."""
        digest = hashlib.blake2b(self._styles, digest_size=TAG_BYTES)
        for name in (INDEX, *PAGE_FILES):
            digest.update((PAGE_DIR / name).read_bytes())
        for name, path in assets.items():
            try:
                found = path.stat()
            except OSError:
                continue  # the page does without
            digest.update(f"{name}:{found.st_size}:{found.st_mtime_ns}".encode())
        return digest.hexdigest()


async def _left(pipe: Pipe, page: Page) -> None:
    """Wait until the browser is gone: a page that reloads leaves no ghost behind."""
    with suppress(OSError):
        await pipe.gone()
    page.close()


def _file(path: Path) -> FileIO | None:
    try:
        return FileIO(os.open(path, os.O_RDONLY | os.O_CLOEXEC), "rb")
    except OSError:
        return None


def _looked_at(stored: Stored) -> FileIO | None:
    """Open a file of the playlist; None when it has changed since: the next look finds it."""
    try:
        return opened(stored.path, stored.signature)
    except OSError:
        return None
