"""A connection that is given up keeps nothing of the machine."""

import asyncio
import gc
import os
from pathlib import Path

from daemon.ledger.local import Local
from daemon.ledger.medium import Medium
from daemon.sync.mailroom import Mailroom
from daemon.sync.pipe import Ears, Pipe, Where
from tests.brokers import Broker

LINES = 4
WITHIN_S = 60.0


def test_a_closed_connection_leaves_no_handle_behind(tmp_path: Path) -> None:
    """A box that is never restarted connects anew for years; nobody collects for it."""
    local = Local(tmp_path / "local.db", Medium())
    gc.disable()
    try:
        with Broker("nats") as broker:
            handles = asyncio.run(_lines(broker.address, local))
    finally:
        gc.enable()
        local.close()
    assert len(set(handles)) == 1, handles


async def _lines(broker: str, local: Local) -> list[int]:
    """Connect and close several times; return how many handles were open after each."""
    host, _, port = broker.rpartition(":")
    mailroom = Mailroom(
        "0018", hq_key=bytes(32), unseal=lambda sealed: sealed, phone_key=b"", keys=local
    )
    handles = []
    for _ in range(LINES):
        up = asyncio.Event()
        ears = Ears(
            lambda _, up=up: up.set(),  # type: ignore[misc]
            lambda _, why: None,
            lambda _, mail: None,
            lambda _, why: None,
        )
        where = Where(host, int(port), "0018")
        pipe = Pipe(
            where, will=("t", b""), mailroom=mailroom, ears=ears, loop=asyncio.get_running_loop()
        )
        pipe.open()
        async with asyncio.timeout(WITHIN_S):
            await up.wait()
            pipe.close()
            while pipe.alive:
                await asyncio.sleep(0.01)
        del pipe
        await asyncio.sleep(0)  # what the loop was told of it
        handles.append(len(os.listdir("/proc/self/fd")))
    return handles
