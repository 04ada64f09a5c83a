"""The check at the end of a fleet's story notices what it is there to notice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.ledger.views import Stored
from hq.headquarters import Headquarters
from tests.fleet.checking import CASH, differences, doubled_sales
from tests.fleet.ledger import LightLedger, baskets
from tests.fleet.worker import Held
from tests.hq.office import Sender, new_office, take, work_all

SALES = 4


class Shop:
    """A headquarters that has everything of one box, and what the box has."""

    def __init__(self, folder: Path) -> None:
        self.office = new_office(folder)
        self.hq = Headquarters(self.office)
        self.box = Sender(self.office)
        self.ledger = self.box.ledger = LightLedger("0001", 1, baskets())
        for _ in range(SALES):
            self.ledger.sell_one()
        take(self.hq, self.box.hello(), self.box.batch())
        work_all(self.hq)

    def wrong(self) -> str:
        head = self.ledger.head
        held = {"0001": Held(head.seq, head.hash, self.ledger.sold_fen)}
        return " ".join(differences(self.office, held) + doubled_sales(self.office))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "hq")
    yield made
    made.office.close()


def test_all_is_well_and_a_batch_that_comes_twice_changes_nothing(shop: Shop) -> None:
    assert shop.wrong() == ""
    take(shop.hq, shop.box.batch(), shop.box.batch(2, 3))
    work_all(shop.hq)
    assert shop.wrong() == ""


def test_a_batch_that_was_stored_twice_is_noticed(shop: Shop) -> None:
    shop.office.db.execute(
        "INSERT INTO entry (chain, seq, hash, prev, data)"
        " SELECT chain, seq, prev, hash, data FROM entry WHERE seq BETWEEN 2 AND 3"
    )
    wrong = shop.wrong()
    assert "7 entries of 5 numbers" in wrong
    assert wrong.count("0001 keypad") == 2


def test_an_entry_that_is_missing_is_noticed(shop: Shop) -> None:
    shop.office.db.execute("DELETE FROM entry WHERE seq = 3")
    assert "4 entries of 4 numbers up to 5" in shop.wrong()


def test_a_sale_that_the_box_made_and_nobody_sent_is_noticed(shop: Shop) -> None:
    shop.ledger.sell_one()
    assert "mark 5" in shop.wrong()


def test_a_sale_in_two_entries_is_noticed(shop: Shop) -> None:
    last = shop.ledger.entries.pop()
    shop.ledger.sold -= 1
    shop.ledger.sell_one()
    again = shop.ledger.entries[-1]
    assert isinstance(again, Stored) and again.hash != last.hash
    take(shop.hq, shop.box.batch(5, 5))
    assert "0001 keypad" in shop.wrong()


def test_money_that_was_booked_twice_is_noticed(shop: Shop) -> None:
    shop.office.db.execute("UPDATE balance SET amount = 2 * amount WHERE account = ?", (CASH,))
    assert "fen booked" in shop.wrong()
