"""docs/TABLES.md names every table of headquarters."""

import re
from pathlib import Path

from hq.store import Office
from tests.hq.office import new_office
from tests.stage import ROOT


def tables_of(office: Office) -> set[str]:
    rows = office.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {row[0] for row in rows}


def test_every_table_is_documented_and_no_other(tmp_path: Path) -> None:
    office = new_office(tmp_path / "file")  # the other engine's are compared with these
    first = [
        line.split("|")[1]
        for line in (ROOT / "docs" / "TABLES.md").read_text().splitlines()
        if line.startswith("| `")
    ]
    named = {name for cell in first for name in re.findall(r"`(\w+)`", cell)}
    assert named == tables_of(office)
    office.close()
