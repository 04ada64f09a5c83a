"""DIR/bench.sock: one JSON object a line each way, any number of clients."""

import asyncio
import contextlib
import json
from pathlib import Path

from tests.hardware_sim import requests
from tests.hardware_sim.bench import Bench
from tests.hardware_sim.sentences import RefusedError

LINE_BYTES_MAX = 1 << 20  # far more than any request
SOCKET_PATH_BYTES_MAX = 107  # sockaddr_un


class PathTooLongError(Exception):
    """The kernel takes no socket path as long as this."""


class Console:
    """The listening socket of one bench."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; a socket left behind by a dead bench is replaced. Raises PathTooLongError."""
        path = self._bench.socket_path
        length = len(str(path).encode())
        if length > SOCKET_PATH_BYTES_MAX:
            raise PathTooLongError(
                f"{path}: {length} bytes, and a socket path has at most {SOCKET_PATH_BYTES_MAX}. "
                "Choose a shorter --dir."
            )
        path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(
            self._serve, path=str(path), limit=LINE_BYTES_MAX
        )

    async def stop(self) -> None:
        """Close the socket and every connection."""
        if self._server:
            self._server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        Path(self._bench.socket_path).unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._clients.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await self._talk(reader, writer)
        finally:
            self._clients.discard(task)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                line = await reader.readline()
            except ValueError:  # longer than the limit: where the next line begins is not known
                writer.write(_line({"ok": False, "error": f"a line over {LINE_BYTES_MAX} bytes"}))
                await writer.drain()
                return
            if not line:
                return
            if line.strip():
                writer.write(_line(await self._answer(line)))
                await writer.drain()

    async def _answer(self, line: bytes) -> requests.Answer:
        try:
            request = json.loads(line)
        except ValueError as error:
            return {"ok": False, "error": f"not JSON: {error}. One object a line, please."}
        if not isinstance(request, dict):
            return {"ok": False, "error": 'not an object: say {"do": "help"}'}
        try:
            return {"ok": True, **await requests.answer(self._bench, request)}
        except RefusedError as error:
            return {"ok": False, "error": str(error)}


def _line(answer: requests.Answer) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode() + b"\n"
