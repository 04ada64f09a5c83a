"""A level is called on paper and on the page as the pack calls it."""

from pathlib import Path

from daemon.config import load
from daemon.desk import Desk
from tests.ledger.shop import Dice, Watch, open_store
from tests.papers.test_every_paper import EXAMPLE
from tests.rules.shop import engine_of

LEVELS = {
    "list": [
        {"id": "base", "name": "普通", "needs": {}},
        {"id": "gold", "name": "金卡", "needs": {"spend": 1}},
    ]
}


def test_the_packs_own_name_and_the_id_where_it_has_none(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    try:
        desk = Desk(load(EXAMPLE), store, Watch(), Dice())
        assert desk.level_name("gold") == "gold"  # no pack has told its levels yet
        desk.use(engine_of(levels=LEVELS))
        assert [desk.level_name(one) for one in ("gold", "old", "")] == ["金卡", "old", ""]
    finally:
        store.close()
