"""A lot of an entry that was lost with its medium comes back from another shop: it is that lot."""

import shutil
from pathlib import Path

from daemon.ledger import accounts, machine
from daemon.ledger.kinds import Unit
from daemon.ledger.messages import GrantedLot, HoldingGranted
from daemon.ledger.store import Store
from daemon.ledger.verify import verify
from daemon.ledger.views import Durable
from tests.ledger.shop import MEMBER, at, message, open_store, sale

POINTS = accounts.points(MEMBER)


def points(store: Store) -> dict[str, int]:
    return {lot.lot: lot.amount for lot in store.books.lots(POINTS, Unit.POINT)}


def test_a_lost_lot_that_comes_back_is_no_lot_of_the_next_chain(tmp_path: Path) -> None:
    """The lost entry and the next chain's second have one number in the books."""
    folder, kept = tmp_path / "box", tmp_path / "kept"
    store = open_store(folder)
    store.commit(sale("a"))
    store.close()
    shutil.copytree(folder, kept)
    store = open_store(folder)
    store.commit(sale("b"))
    store.commit(sale("c"))
    assert points(store)["0018.1:4:2"] == 120
    store.close()
    shutil.copy(kept / "journal.db", folder / "journal.db")
    store = open_store(folder)
    store.commit(sale("d"))
    back = GrantedLot("0018.1:4:2", POINTS, Unit.POINT, 50, "2026-03-06", "sale")
    told = message("holding.granted", HoldingGranted(MEMBER, (back,)), epoch=2)
    draft = machine.down_draft(at(), message=told, signature="", chain=store.chain)
    assert isinstance(store.commit(draft), Durable)
    held = {"0018.2:2:2": 120, "0018.1:4:2": 50}
    assert points(store) == held
    assert store.books.sale("0018.1:4") is None, "that sale is lost"
    assert store.books.sale("0018.2:2") is not None
    store.close()
    assert verify(folder, full=True).ok
    (folder / "books.db").unlink()
    store = open_store(folder)
    assert points(store) == held, "the same from the journal alone"
    store.close()
