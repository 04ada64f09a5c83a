"""Asks a printer how it is, and knows when it does not know. Wire: wire/escpos_status.py."""

import asyncio
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from daemon.drivers.wire.escpos_status import (
    ERROR_CAUSE,
    FINE,
    OFFLINE_CAUSE,
    PAPER,
    PRINTER,
    Answer,
    AutoStatus,
    Condition,
    Demultiplexer,
    InOrder,
    ask,
    learn,
    read_auto_status,
)

ANSWER_WITHIN_S = 0.5  # real-time commands are answered in 50 ms; slow network boards take 300
LATE_S = 2.0  # an answer later than its deadline comes within this; it must not answer the next one


class StatusAsker:
    """Puts DLE EOT questions, one at a time; told everything that the printer says.

    `on_auto` is called with what automatic status says; `printed` is set by an answer in order.
    """

    def __init__(
        self,
        send: Callable[[bytes], Awaitable[None]],
        on_auto: Callable[[Condition], None] = lambda _: None,
    ) -> None:
        self._send = send
        self._on_auto = on_auto
        self.printed = asyncio.Event()
        self._demultiplexer = Demultiplexer()
        self._answer: asyncio.Future[int] | None = None
        self._deaf_until_s = 0.0
        self._one_at_a_time = asyncio.Lock()

    def heard(self, data: bytes) -> None:
        """Take bytes of the printer. What answers no question of ours is dropped.

        XOFF too: where it is the agreed handshake, the kernel obeys it; elsewhere it is noise.
        """
        for heard in self._demultiplexer.feed(data):
            match heard:
                case Answer(byte) if self._answer is not None and not self._answer.done():
                    self._answer.set_result(byte)
                case AutoStatus():
                    self._on_auto(read_auto_status(heard))
                case InOrder():
                    self.printed.set()
                case _:
                    pass

    async def condition(self, before: Condition | None = None) -> Condition | None:
        """Return how the printer says it is; None if it does not answer every question.

        One that was open or without paper `before` is asked for that alone: questions may stay in
        its buffer until it prints again, and must not fill it. Raises what `send` raises.
        """
        async with self._one_at_a_time:
            if before is not None and (before.cover_open or before.paper_end):
                byte = await self._ask(OFFLINE_CAUSE)
                if byte is None:
                    return None
                known = learn(replace(FINE, offline=True), OFFLINE_CAUSE, byte)
                if known.cover_open or known.paper_end:
                    return known
            known = FINE
            questions = [PRINTER, PAPER]
            for question in questions:
                byte = await self._ask(question)
                if byte is None:
                    return None
                known = learn(known, question, byte)
                if question == PRINTER and known.offline:
                    questions += [OFFLINE_CAUSE, ERROR_CAUSE]
            return known

    async def _ask(self, question: int) -> int | None:
        """Answers look all alike: after a silence, wait until a late one must have come."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._deaf_until_s:
            await asyncio.sleep(self._deaf_until_s - loop.time())
        self._answer = loop.create_future()
        try:
            await self._send(ask(question))
            return await self._await_answer(self._answer)
        finally:
            self._answer = None

    async def _await_answer(self, answer: asyncio.Future[int]) -> int | None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await answer
        except TimeoutError:
            self._deaf_until_s = asyncio.get_running_loop().time() + LATE_S
            return None
