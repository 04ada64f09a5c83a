"""Asking a printer how it is: late answers, silence, and answers that nobody asked for."""

import asyncio

from msgspec.structs import replace

from daemon.drivers.printer_status import ANSWER_WITHIN_S, StatusAsker
from daemon.drivers.wire.escpos_status import FINE

OFFLINE, ONLINE, PAPER_FINE = 0x1A, 0x12, 0x12


def test_a_late_answer_is_not_taken_for_the_next_question():
    async def scenario():
        loop = asyncio.get_running_loop()
        late_s, slow_s = [ANSWER_WITHIN_S + 0.2], ANSWER_WITHIN_S - 0.15

        async def send(question: bytes) -> None:
            answer = bytes([OFFLINE if late_s else ONLINE])
            loop.call_later(late_s.pop() if late_s else slow_s, asker.heard, answer)

        asker = StatusAsker(send)
        assert await asker.condition() is None
        assert await asker.condition() == replace(FINE, drawer_high=False)

    asyncio.run(scenario())


def test_bytes_that_nobody_asked_for_are_no_answer():
    async def scenario():
        async def send(question: bytes) -> None:
            if question[2] == 1:
                asker.heard(bytes([ONLINE]))
                asker.heard(b"\x72")  # glued to it: the next question is not even asked

        asker = StatusAsker(send)
        asker.heard(b"\x72\x72")
        assert await asker.condition() is None

    asyncio.run(scenario())


def test_an_offline_printer_is_asked_why():
    async def scenario():
        asked: list[int] = []

        async def send(question: bytes) -> None:
            asked.append(question[2])
            asker.heard(bytes([{1: 0x1A, 4: 0x12, 2: 0x16, 3: 0x12}[question[2]]]))

        asker = StatusAsker(send)
        condition = await asker.condition()
        assert condition is not None
        assert condition.cover_open
        assert asked == [1, 4, 2, 3]
        assert await asker.condition(condition) == replace(condition, drawer_high=None)
        assert asked[4:] == [2]  # as little as possible while the cover stays open

    asyncio.run(scenario())
