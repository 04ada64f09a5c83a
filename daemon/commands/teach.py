"""`memberbox teach DEVICE CARD`: how a reader without contact writes the number of a known card.

Ten decimal digits do not tell the order of a card's bytes; one card whose number is known does.
Listens on the device itself, so the box must be stopped.
"""

import asyncio

from msgspec.structs import replace

from daemon.commands.answer import Answer, Exit, unreachable, wrong_use
from daemon.commands.vocabulary import share_dir
from daemon.config import Config
from daemon.devices import DeviceConfig
from daemon.drivers.devices import Devices
from daemon.drivers.wire.rfid import RAW, fitting
from daemon.events import CardSwiped, DeviceChanged, DeviceEvent, DeviceKind, DeviceState

WAIT_S = 30.0  # long enough to fetch the card


def teach(config: Config, device: str, card: str, wait_s: float = WAIT_S) -> Answer:
    """Wait for the card and say what `numbers` is to be; 1 when no setting fits."""
    readers = {one.name: one for one in config.devices if one.kind is DeviceKind.CARD_READER}
    if device not in readers:
        return wrong_use(f'"{device}" is no card reader; there are: {", ".join(readers) or "none"}')
    told, reason = asyncio.run(_listen(replace(readers[device], numbers=RAW), wait_s))
    if not told and reason:
        what = f"{device}: {reason} Stop the box first (systemctl stop memberbox)."
        return unreachable(what)
    if not told:
        return _no(f"{device}: no card within {wait_s:g} s. Hold the card to the reader.", told)
    found = fitting(told, card)
    if not found:
        return _no(
            f"{device}: wrote {told}, which is not {card} in any format. Another card?", told
        )
    settings = [str(each) for each in found]
    lines = [f"{device} wrote {told}. Put into its [[devices]]:", f'numbers = "{settings[0]}"']
    if len(settings) > 1:
        lines.append(f"or: {'; '.join(settings[1:])}. One more card tells which.")
    return Answer(Exit.YES, {"ok": True, "wrote": told, "numbers": settings}, lines)


async def _listen(reader: DeviceConfig, wait_s: float) -> tuple[str, str]:
    """Return what the reader wrote, or why it could not be listened to."""
    heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    reasons: list[str] = []

    def emit(_: str, event: DeviceEvent) -> None:
        if isinstance(event, CardSwiped) and not heard.done():
            heard.set_result(event.number)
        if isinstance(event, DeviceChanged):
            reasons.append(event.reason if event.state is DeviceState.OFFLINE else "")

    devices = Devices([reader], emit=emit, jitter=lambda: 0.5, share=share_dir())
    await devices.start()
    try:
        async with asyncio.timeout(wait_s):
            return await heard, ""
    except TimeoutError:
        return "", reasons[-1] if reasons else ""
    finally:
        await devices.stop()


def _no(what: str, wrote: str) -> Answer:
    return Answer(Exit.NO, {"ok": False, "error": what, "wrote": wrote}, (what,))
