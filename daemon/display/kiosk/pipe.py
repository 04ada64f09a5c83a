"""One connection of a browser, as microdot reads and writes it: every wait has an end."""

import asyncio
import errno
from collections.abc import Awaitable
from typing import TypeVar

ASK_WITHIN_S = 10.0  # a browser sends its request at once
LINES_MAX = 64  # of a request's head; a browser sends 15
TAKE_WITHIN_S = 60.0  # a film that is paused takes nothing; the player asks again from there

T = TypeVar("T")


class Pipe:
    """What microdot calls a stream, for reading and for writing."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._lines = 0

    async def readline(self) -> bytes:
        self._lines += 1
        if self._lines > LINES_MAX:
            raise ValueError("too many lines in the head of a request")
        return await self._soon(self._reader.readline(), ASK_WITHIN_S)

    async def readexactly(self, length: int) -> bytes:
        return await self._soon(self._reader.readexactly(length), ASK_WITHIN_S)

    async def gone(self) -> None:
        """Return when the browser has closed its end; what it still sends is nothing to us."""
        while await self._reader.read(4096):
            pass

    async def awrite(self, data: bytes) -> None:
        self._writer.write(data)
        await self._soon(self._writer.drain(), TAKE_WITHIN_S)

    async def aclose(self) -> None:
        self._writer.close()
        await self._soon(self._writer.wait_closed(), TAKE_WITHIN_S)

    def get_extra_info(self, name: str) -> object:
        return self._writer.get_extra_info(name)

    async def _soon(self, work: Awaitable[T], within_s: float) -> T:
        try:
            async with asyncio.timeout(within_s):
                return await work
        except TimeoutError:
            self._writer.transport.abort()
            raise ConnectionResetError(errno.ECONNRESET, "Connection lost") from None
