"""Every entry that has a paper gets one, from the books of a real store."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from daemon.config import Config, load
from daemon.counter.effects import DOCUMENTS
from daemon.desk import Desk
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Entry
from daemon.paperwork import Paperwork
from daemon.spooler import Slip
from tests.acts.till import Till
from tests.acts.worked import story
from tests.acts.worked_asked import lend
from tests.display.printed import pieces
from tests.ledger.shop import Dice, Watch, open_store

EXAMPLE = Path(__file__).parents[2] / "config" / "memberbox.example.toml"
WIDTHS = (32, 42, 48)
HQS = "hq"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Entry]]:
    folder = tmp_path_factory.mktemp("story")
    return folder, [entry for entry in story(folder) if entry.box != HQS]


def config(language: str) -> Config:
    made = load(EXAMPLE)
    return replace(made, shop=msgspec.structs.replace(made.shop, language=language))


def test_the_day_has_every_kind_that_has_a_paper(lived: tuple[Path, list[Entry]]) -> None:
    assert set(DOCUMENTS) <= {entry.kind for entry in lived[1]}


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_entry_that_has_a_paper_gets_it(
    lived: tuple[Path, list[Entry]], language: str
) -> None:
    folder, entries = lived
    store = open_store(folder)
    try:
        the_config = config(language)
        desk = Desk(the_config, store, Watch(), Dice())
        paperwork = Paperwork(the_config, store, desk)
        for entry in entries:
            if entry.kind not in DOCUMENTS:
                continue
            for columns in WIDTHS:
                slip = Slip(DOCUMENTS[entry.kind], id_of(entry))
                made = pieces(paperwork.render(slip, columns), columns)
                assert made and not any(one.unknown_bytes for one in made), entry.kind
                assert id_of(entry).rsplit(":")[-1] in made[0].text, entry.kind
    finally:
        store.close()


def test_a_receipt_says_what_was_lent_and_is_owed(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1", 10)
    sale = lend(till, "M1", 30, advance=20)
    the_config = config("zh_CN")
    desk = Desk(the_config, till.store, till.clock, Dice())
    slip = Slip(DOCUMENTS[Kind.SALE], sale)
    made = pieces(Paperwork(the_config, till.store, desk).render(slip, 48), 48)
    lines = [line.split() for one in made for line in one.text.splitlines()]
    assert ["使用积分", "-30"] in lines and ["可用积分", "0"] in lines
    assert ["待扣积分", "20"] in lines
    till.close()
