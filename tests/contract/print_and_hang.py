"""A box of one printer that prints a slip that never ends, until somebody kills it."""

import asyncio
import sys

from daemon.devices import DeviceConfig
from daemon.events import DeviceKind
from daemon.paper import Cut, Qr, Text
from tests.contract.counter import counter

LONG = (*(block for n in range(900) for block in (Text(f"{n:03} 保湿面霜"), Qr("x" * 200))), Cut())


async def main(port: str) -> None:
    config = DeviceConfig("it", DeviceKind.RECEIPT_PRINTER, "escpos", port)
    async with counter(config) as box:
        await box.stale("it", 5.0)  # it takes bytes, but reads none: no answer comes
        job = asyncio.create_task(box.devices.printer("it").print(LONG))
        await asyncio.sleep(0.3)
        assert not job.done()
        print("in the middle", flush=True)
        await job


asyncio.run(main(sys.argv[1]))
