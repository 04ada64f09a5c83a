"""`memberbox hand-over`: the planned replacement of a box; everything goes to its next chain."""

from zoneinfo import ZoneInfo

from daemon.clock import SystemClock
from daemon.commands.answer import Answer, Exit
from daemon.config import Config
from daemon.entropy import SystemEntropy
from daemon.ledger.handover import close_epoch
from daemon.ledger.stamp import stamp
from daemon.ledger.store import Store
from daemon.release import VERSION


def hand_over(config: Config, *, sure: bool) -> Answer:
    """End the chain and leave everything it holds to the next one. The box must be stopped."""
    if not sure:
        what = (
            "This ends the box's chain. Stop the box, say --yes, then copy the state directory to"
            " the new machine and start only that one. Nothing was done."
        )
        return Answer(Exit.NO, {"ok": False, "error": what}, (what,))
    clock = SystemClock(ZoneInfo(config.shop.timezone))
    store = Store.open(
        config.state_dir,
        config.box.id,
        clock=clock,
        entropy=SystemEntropy(),
        closing_hour=config.shop.closing_hour,
        software=VERSION,
    )
    try:
        date = store.books.business_date()
        closing_hour = config.shop.closing_hour
        at = stamp(clock.read(), closing_hour=closing_hour, not_before=date)
        chain, heir = store.chain, close_epoch(store, at)
        head = store.head
    finally:
        store.close()
    data = {"ok": True, "closed": str(chain), "heir": str(heir), "seq": head.seq, "hash": head.hash}
    line = f"chain {chain} ended with entry {head.seq}; {heir} goes on with all that it held"
    return Answer(Exit.YES, data, (line, "Start one machine only: this one or the new one."))
