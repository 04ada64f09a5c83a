"""The box's control socket: a running box answers `memberbox status` and its kin.

One JSON object a line each way: `{"ask": "status"}`. It changes nothing; it only answers.
"""

import asyncio
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

SOCKET = "control.sock"
LINE_BYTES_MAX = 4096  # a question is a word
ANSWER_WITHIN_S = 3.0  # the loop is never busy that long unless the box hangs

Answers = Mapping[str, Callable[[], msgspec.Struct]]


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ask: str


class Unknown(msgspec.Struct, frozen=True):
    error: str


class Control:
    """Serves the answers of a running box on `run_dir`/control.sock."""

    def __init__(self, run_dir: Path, answers: Answers) -> None:
        self._path = run_dir / SOCKET
        self._answers = answers
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(
            self._serve, str(self._path), limit=LINE_BYTES_MAX
        )
        self._path.chmod(0o660)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(self._answer(line) + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):  # gone, or a line that is no question
            return
        finally:
            writer.close()

    def _answer(self, line: bytes) -> bytes:
        try:
            wanted = msgspec.json.decode(line, type=Question).ask
        except msgspec.DecodeError as error:
            return msgspec.json.encode(Unknown(f"not a question: {error}"))
        answer = self._answers.get(wanted)
        if answer is None:
            known = ", ".join(sorted(self._answers))
            return msgspec.json.encode(Unknown(f"{wanted!r} is not known here; ask {known}"))
        return msgspec.json.encode(answer())


def ask(run_dir: Path, what: str) -> bytes | None:
    """Return a running box's answer as JSON; None when no box runs there."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_WITHIN_S)
        try:
            connection.connect(str(run_dir / SOCKET))
            connection.sendall(msgspec.json.encode(Question(what)) + b"\n")
            answer = connection.makefile("rb").readline()
        except OSError:
            return None
    return answer or None
