"""What of a damaged journal out of a backup is kept: each chain up to what does not hold."""

import sqlite3
from contextlib import closing
from pathlib import Path

from daemon.ledger.journal import FILE, Journal
from daemon.ledger.medium import Medium
from daemon.ledger.remains import cut, first_breaks
from tests.ledger.shop import BOX, open_store, sale

SOLD = 6


def test_damage_in_one_chain_takes_nothing_of_the_next(tmp_path: Path) -> None:
    for hardware in ("one", "two"):
        store = open_store(tmp_path, hardware=hardware)
        for number in range(SOLD):
            store.commit(sale(f"{hardware}{number}"))
        store.close()
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        query = "SELECT id, data FROM entry ORDER BY id LIMIT 1 OFFSET 3"
        place, data = connection.execute(query).fetchone()
        changed = data.replace(b"one2", b"one9")
        assert changed != data
        connection.execute("UPDATE entry SET data = ? WHERE id = ?", (changed, place))
    with closing(Journal(tmp_path / FILE, Medium())) as journal:
        broken = first_breaks(journal, BOX)
        assert [(one.epoch, one.seq) for one in broken] == [(1, 4)]
        left, heads = cut(journal, broken)
    assert [(one.epoch, one.seq) for one in heads] == [(1, 3), (2, SOLD + 1)]
    assert left == 3 + SOLD + 1
