"""A box whose chain was given up hears so, ends it, and what it still ships is booked as fact."""

from pathlib import Path

from daemon.ledger.records import Chain
from daemon.sync.protocol import Fork
from hq import report
from hq.writeoff import exposure, write_off
from tests.sync.shops import CARD, Shops


def test_a_chain_that_was_given_up_is_told_so_and_ends(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    office, home = shops.world.office, shops.home
    home.disconnect()
    home.sell()
    shown = exposure(office, Chain("0001", 1))
    assert shown.holding["point"] == 770
    write_off(office, Chain("0001", 1))
    shops.world.given_up.add("0001")
    home.connect()
    shops.run(40)
    assert home.courier.fork is Fork.CLOSED
    assert shops.in_all(CARD) == 1240, "what the lost holder has, and what stands for it"
    assert [case.kind for case in report.cases(office)] == []
