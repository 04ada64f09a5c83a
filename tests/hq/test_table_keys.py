"""The tables and keys of docs/TABLES.md are those of both engines."""

import re
from collections.abc import Iterator
from pathlib import Path

from hq.db import Db
from tests.hq.office import new_office
from tests.stage import ROOT

_UNIQUE = (
    "SELECT c.relname, string_agg(a.attname, ', ' ORDER BY k.place) FROM pg_index AS i"
    " JOIN pg_class AS c ON c.oid = i.indrelid"
    " JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'public'"
    " CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k(number, place)"
    " JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.number"
    " WHERE i.indisunique GROUP BY c.relname, i.indexrelid"
)


def test_the_page_names_the_tables_and_their_keys(tmp_path: Path, engine: str) -> None:
    office = new_office(tmp_path / "hq")
    real = set(_postgres(office.db) if engine == "postgres" else _sqlite(office.db))
    said = set(_said())
    assert {name for name, _ in said} == {name for name, _ in real}
    assert said <= real
    office.close()


def _said() -> Iterator[tuple[str, str]]:
    for line in (ROOT / "docs" / "TABLES.md").read_text().splitlines():
        if line.startswith("| `"):
            cells = line.split("|")
            names, keys = re.findall(r"`(\w+)`", cells[1]), cells[2].strip().split("; ")
            yield from zip(names, keys if len(keys) > 1 else keys * len(names), strict=True)


def _sqlite(db: Db) -> Iterator[tuple[str, str]]:
    tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        rows = db.execute(f"SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk")
        yield table, ", ".join(row[0] for row in rows)
        unique = f"SELECT name FROM pragma_index_list('{table}') WHERE \"unique\" = 1"
        for (index,) in db.execute(unique).fetchall():
            rows = db.execute(f"SELECT name FROM pragma_index_info('{index}') ORDER BY seqno")
            yield table, ", ".join(row[0] for row in rows)


def _postgres(db: Db) -> Iterator[tuple[str, str]]:
    for table, key in db.execute(_UNIQUE).fetchall():
        if table != "schema_version" and not re.fullmatch(r"entry_\d+", table):
            yield table, key
