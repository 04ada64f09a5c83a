"""The box's control socket: a running box answers `memberbox status` and its kin.

One JSON object a line each way: `{"ask": "status"}` looks; `{"ask": "act", "kind": "topup",
"request": {...}}` does one act, beside the loop, so that no device waits for its commit;
`{"ask": "spool", "kind": "pause", "request": {...}}` tells something to what runs.
"""

import asyncio
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

SOCKET = "control.sock"
LINE_BYTES_MAX = 131_072  # an act's request: a sale of 200 lines, with room
ANSWER_WITHIN_S = 3.0  # the loop is never busy that long unless the box hangs

ACT_WITHIN_S = 30.0  # a medium that hangs is told as such by status
ACT = "act"

Answers = Mapping[str, Callable[[], msgspec.Struct]]
Doing = Callable[[str, bytes], msgspec.Struct]
"""Kind and request of an act to what became of it. Called beside the loop."""

Orders = Mapping[str, Callable[[str, bytes], msgspec.Struct]]
"""By what is asked: kind and request to what became of it. Called on the loop; never waits."""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ask: str
    kind: str = ""
    request: msgspec.Raw = msgspec.Raw(b"{}")


class Unknown(msgspec.Struct, frozen=True):
    error: str


class Control:
    """Serves the answers of a running box on `run_dir`/control.sock."""

    def __init__(
        self, run_dir: Path, answers: Answers, act: Doing, orders: Orders | None = None
    ) -> None:
        self._path = run_dir / SOCKET
        self._answers = answers
        self._act = act
        self._orders = orders or {}
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
                writer.write(await self._answer(line) + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):  # gone, or a line that is no question
            return
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> bytes:
        try:
            question = msgspec.json.decode(line, type=Question)
        except msgspec.DecodeError as error:
            return msgspec.json.encode(Unknown(f"not a question: {error}"))
        wanted = question.ask
        if wanted == ACT:
            request = bytes(question.request)
            done = await asyncio.to_thread(self._act, question.kind, request)
            return msgspec.json.encode(done)
        order = self._orders.get(wanted)
        if order is not None:
            return msgspec.json.encode(order(question.kind, bytes(question.request)))
        answer = self._answers.get(wanted)
        if answer is None:
            known = ", ".join(sorted({*self._answers, *self._orders}))
            return msgspec.json.encode(Unknown(f"{wanted!r} is not known here; ask {known}"))
        return msgspec.json.encode(answer())


def ask(run_dir: Path, what: str) -> bytes | None:
    """Return a running box's answer as JSON; None when no box runs there."""
    return _asked(run_dir, Question(what), ANSWER_WITHIN_S)


def ask_act(run_dir: Path, kind: str, request: bytes) -> bytes | None:
    """Have a running box do an act; None when no box runs there, or it does not answer.

    `request` is JSON in one line. Asking again with the same id is safe: it is done once.
    """
    return _asked(run_dir, Question(ACT, kind, msgspec.Raw(request)), ACT_WITHIN_S)


def ask_order(run_dir: Path, what: str, kind: str, request: bytes) -> bytes | None:
    """Have a running box do what is not an act; None when no box runs there."""
    return _asked(run_dir, Question(what, kind, msgspec.Raw(request)), ANSWER_WITHIN_S)


def _asked(run_dir: Path, question: Question, within_s: float) -> bytes | None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(within_s)
        try:
            connection.connect(str(run_dir / SOCKET))
            connection.sendall(msgspec.json.encode(question) + b"\n")
            answer = connection.makefile("rb").readline()
        except OSError:
            return None
    return answer or None
