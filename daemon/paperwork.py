"""Which file makes the paper of a slip. Each is loaded when it is first printed (daemon/papers)."""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from msgspec.structs import replace

from daemon.config import Config
from daemon.counter.effects import DOCUMENTS, DocumentKind
from daemon.counter.entries import SOURCE as KEYPAD
from daemon.desk import Desk
from daemon.display.facts import ShopFacts
from daemon.display.languages import texts_of
from daemon.ledger.acts.moves import COUPON
from daemon.ledger.codec import envelope
from daemon.ledger.ids import entry_id
from daemon.ledger.kinds import Kind
from daemon.ledger.store import Store
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted
from daemon.spooler import Slip

LOOK_BACK_ENTRIES = 100  # between a sale and a crash stand acknowledgements and HQ's messages

_ELSEWHERE: Mapping[DocumentKind, tuple[str, str]] = MappingProxyType(
    {DocumentKind.REPORT: ("reports", "paper"), DocumentKind.STOCK_LEVELS: ("stock", "levels")}
)


class Paperwork:
    """Makes the paper of a slip. Owned by the loop."""

    def __init__(self, config: Config, store: Store, desk: Desk) -> None:
        shop = config.shop
        facts = ShopFacts(
            chain=shop.chain,
            name=shop.name,
            no=shop.no,
            address=shop.address,
            phone=shop.phone,
            language=shop.language,
            box=config.box.id,
        )
        names = {COUPON: texts_of(shop.language).coupon}  # stands in no counter's table
        names |= {row.code: row.name for row in config.tenders}
        self._sources = Sources(store, desk, facts, names)
        self._practice: Sources | None = None

    def practise(self, store: Store, desk: Desk) -> None:
        """From now on papers of the lesson are made from these."""
        self._practice = replace(self._sources, store=store, desk=desk)

    def render(self, slip: Slip, columns: int) -> Paper:
        """Return the paper of a slip for a printer of so many columns."""
        wanted = Wanted(slip.about, columns, slip.copy, slip.listing)
        make = maker(slip.kind)
        if not slip.training:
            return make(self._sources, wanted)
        from daemon.display.practice import invalid

        assert self._practice is not None, "a paper of a lesson that never began"
        return invalid(make(self._practice, wanted), self._sources.shop.language, columns)


def maker(kind: DocumentKind) -> Callable[[Sources, Wanted], Paper]:
    """Return what makes the paper of a kind: `paper` in the file of daemon/papers of its name."""
    file, name = _ELSEWHERE.get(kind, (kind.value, "paper"))
    make: Callable[[Sources, Wanted], Paper] = getattr(import_module(f"daemon.papers.{file}"), name)
    return make


def cut_short(store: Store) -> tuple[DocumentKind, str] | None:
    """Return the slip that a crash kept from being spooled: the last one before it, if any.

    The counter spools a slip before it begins the next commit, so only the newest entry of the
    keypad may lack its job, and only when the box has not been started since.
    """
    chain, head = store.chain, store.head
    stored = store.read(chain.epoch, max(1, head.seq - LOOK_BACK_ENTRIES + 1), LOOK_BACK_ENTRIES)
    for one in reversed(stored):
        seen = envelope(one.data)
        if seen.kind == Kind.BOX_STARTED:
            return None
        document = DOCUMENTS.get(Kind(seen.kind)) if seen.source == KEYPAD else None
        if document is not None:
            about = entry_id(chain, one.seq)
            return None if store.local.jobs_of(about) else (document, about)
    return None
