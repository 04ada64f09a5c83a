"""What a blocking call has opened is handed over or closed, whatever the loop does meanwhile."""

import asyncio
import time

import pytest

from daemon.drivers.blocking import Blocking

WITHIN_S = 0.05
STALL_S = 0.2  # the loop stands still past the deadline, as on a machine without time


async def _begun(undone: list[str]) -> "asyncio.Task[str]":
    """Return a call whose result came while the loop stood still."""
    calling = Blocking("printer").call(
        "opening", lambda: "the node", within_s=WITHIN_S, undo=undone.append
    )
    call = asyncio.create_task(calling)
    await asyncio.sleep(0)
    time.sleep(STALL_S)
    return call


def test_what_came_in_the_turn_of_its_deadline_is_taken():
    """Lost, it would stay open for ever: a printer that is busy until the box is restarted."""
    undone: list[str] = []

    async def late() -> str:
        return await (await _begun(undone))

    assert asyncio.run(late()) == "the node"
    assert undone == []


def test_what_came_in_the_turn_of_a_cancel_is_closed():
    undone: list[str] = []

    async def cancelled() -> None:
        call = await _begun(undone)
        await asyncio.sleep(0)  # the result is there, and who waits has not woken up yet
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        for _ in range(100):
            if undone:
                return
            await asyncio.sleep(0.01)

    asyncio.run(cancelled())
    assert undone == ["the node"]
