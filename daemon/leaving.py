"""换机: this box gives everything it holds to the chain's next epoch, and ends.

Whoever starts next with its state is the heir: the new machine, or this one again.
"""

import asyncio
import logging

from daemon.counter.codes import Ask
from daemon.counter.effects import DocumentKind, Listing
from daemon.counter.screens import Row
from daemon.errors import StoreError
from daemon.hands import Till
from daemon.ledger.handover import close_epoch
from daemon.spools import Spools

PRINTED_WITHIN_S = 15.0  # the slip says what to do next; a printer without paper must not hold us
LOOK_S = 0.1

log = logging.getLogger("memberbox.leaving")


async def hand_over(till: Till, spools: Spools) -> None:
    """End the chain and print what to do. Nothing else may commit any more."""
    store = till.store
    try:
        heir = await asyncio.to_thread(close_epoch, store, till.desk.at())
    except StoreError as error:
        log.error("%s", error)  # what was handed over is safe; the next start goes on with it
        rows = [str(error)]
    else:
        log.warning("chain %s ended with entry %d; %s goes on", store.chain, store.head.seq, heir)
        rows = [
            f"{store.chain} -> {heir}",
            f"#{store.head.seq} {store.head.hash[:6]}",
            "本机账已结束,全部余额转入新账。请关机,把本机数据装到新机(memberbox backup / restore),"
            "只开一台。",
            "This box has ended its chain. Switch it off, bring its data to the new machine, and "
            "start that one only.",
        ]
    spools.add(
        DocumentKind.SERVICE,
        "take_over",
        listing=Listing(Ask.TOLD, tuple(Row("", row) for row in rows)),
    )
    waited_s = 0.0
    while len(spools) and waited_s < PRINTED_WITHIN_S:
        await asyncio.sleep(LOOK_S)
        waited_s += LOOK_S
