"""练习: a till of its own to practise on. Its journal lies apart, and is thrown away at its end.

Goods, staff and rules are the shop's; members are not: a real card is a visitor here, and who
practises enrolment uses a blank card. Nothing of it is sent, no drawer opens, every paper says so.
"""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec

from daemon import release
from daemon.clock import Clock
from daemon.config import Config
from daemon.counter.states import Committing, Counter
from daemon.desk import CARD_SKU, Desk
from daemon.entropy import Entropy
from daemon.errors import StoreError
from daemon.hands import Till
from daemon.ledger import accounts, machine
from daemon.ledger.codec import canonical
from daemon.ledger.kinds import Unit
from daemon.ledger.messages import DownMessage, OpeningStock, StockOpened
from daemon.ledger.records import VERSION, ZERO_HASH, Chain
from daemon.ledger.store import Store
from daemon.paperwork import Paperwork

log = logging.getLogger("memberbox.practice")

FOLDER = "practice"
IDLE_MS = 15 * 60_000  # then it ends by itself: the next customer is a real one


class Lessons:
    """Which till the counter works on: the shop's own, or one to practise on. Owned by the loop."""

    def __init__(
        self, config: Config, clock: Clock, entropy: Entropy, shop: Till, paperwork: Paperwork
    ) -> None:
        self.shop = self.till = shop
        self._paperwork = paperwork
        self._clock = clock
        self._make: Callable[[], Practice] = lambda: Practice(config, clock, entropy, shop)
        self._practice: Practice | None = None
        clear(config.state_dir)

    def turn(self) -> bool:
        """Begin a lesson, or end the one that is on; return whether one is on now. Without room
        for one the shop's till stays."""
        if self._practice is not None:
            self.close()
            return False
        try:
            self._practice = self._make()
        except StoreError as error:
            log.warning("no practice: %s", error)
            return False
        self.till = self._practice.till
        self._paperwork.practise(self.till.store, self.till.desk)
        return True

    def is_over(self, counter: Counter) -> bool:
        """Return whether nobody has touched anything for so long that the lesson has ended."""
        idle_ms = self._clock.read().mono_ms - counter.touched_ms
        resting = idle_ms >= IDLE_MS and not isinstance(counter.state, Committing)
        return self._practice is not None and resting

    def close(self) -> None:
        if self._practice is not None:
            self._practice.close()
        self._practice, self.till = None, self.shop


class Practice:
    """One lesson. Owned by the loop."""

    def __init__(self, config: Config, clock: Clock, entropy: Entropy, shop: Till) -> None:
        """Open it. Raises StoreError when the medium has no room."""
        self._folder = config.state_dir / FOLDER
        clear(config.state_dir)
        self._store = Store.open(
            self._folder,
            config.box.id,
            clock=clock,
            entropy=entropy,
            closing_hour=config.shop.closing_hour,
            software=release.VERSION,
        )
        desk = Desk(config, self._store, clock, entropy, catalogue=shop.store.books)
        desk.use(shop.desk.engine())
        self.till = Till(self._store, desk, training=True)
        at, chain = desk.at(), self._store.chain
        stock = canonical(_stock(chain, at.wall, shop.store))
        self._store.submit(machine.down_draft(at, message=stock, signature="", chain=chain))
        self._store.submit(
            machine.shift_opened(
                at, by=shop.desk.by(), float_fen=0, source="box", request=desk.fresh_id()
            )
        )

    def close(self) -> None:
        self._store.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def clear(state_dir: Path) -> None:
    """Throw away what a lesson left that was cut short."""
    shutil.rmtree(state_dir / FOLDER, ignore_errors=True)


def _stock(chain: Chain, at: str, shop: Store) -> DownMessage:
    """Return the message that brings the same blank cards; other goods may go below 0."""
    cards = shop.books.lots(accounts.stock(CARD_SKU), Unit.PIECE)
    lines = tuple(OpeningStock(CARD_SKU, 1, card.lot, card.lot) for card in cards if card.lot)
    body = msgspec.Raw(canonical(StockOpened(lines)))
    incarnation = n = 1
    return DownMessage(
        VERSION, incarnation, chain.box, chain.epoch, n, ZERO_HASH, at, "stock.opened", body
    )
