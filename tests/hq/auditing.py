"""An audit over two shops in memory, for its tests."""

import json
from pathlib import Path

from daemon.ledger import accounts
from daemon.ledger.bodies import Moved
from daemon.ledger.codec import decode
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Posting
from hq import (
    audit,
    auditclear,
    auditcount,
    auditpaper,
    corrections,
    packs,
    trail,
)
from hq.audit import Audit
from hq.corrections import Signed
from hq.store import Office
from tests.rules.shop import PACKS
from tests.sync.shops import Shops
from tests.sync.world import Box

DAY = "2026-03-06"  # the shops' clocks stand on it
WHY = Signed("the clerk's book is right", "anna", "bo")


def shops_under_check(folder: Path) -> Shops:
    """Return two shops under a pack whose check clears cards of eight months and more."""
    made = Shops(folder)
    check(made, "P8M")
    return made


def check(shops: Shops, min_age: str) -> None:
    pack = json.loads((PACKS / "zhenzi.json").read_text(encoding="utf-8"))
    pack["expiry"] |= {"month": 3, "day": 6, "min_age": min_age}
    packs.publish(shops.world.office, json.dumps(pack))
    shops.run(20)


def earn(box: Box, member: str, points: int) -> str:
    """Grant points in a shop, as a sale does; return the entry."""
    box.sell_for(
        Posting("@", accounts.points(member), "point", "#1", points),
        Posting("@", accounts.ISSUED_POINTS, "point", "", -points),
    )
    return f"{box.ledger.chain}:{box.ledger.head.seq}"


def begun(shops: Shops, day: str = DAY) -> Audit:
    office = shops.world.office
    made = audit.start(office, operator="anna", day=day)
    auditcount.count(office, made)
    trail.catch_up(office)
    found = audit.audit(office, made.id)
    assert found is not None and found.state == audit.OPEN
    return found


def paper(shops: Shops, one: Audit, tmp_path: Path, **points: int) -> auditpaper.Imported:
    """Key in what the paper says of cards (`c<card>=points`)."""
    lines = [f"{card.removeprefix('c')},{figure}" for card, figure in points.items()]
    path = tmp_path / "paper.csv"
    path.write_text("\n".join(["card,points", *lines]) + "\n", encoding="utf-8")
    return auditpaper.import_paper(shops.world.office, one, path, operator="anna")


def classes(shops: Shops, one: Audit) -> dict[str, str]:
    found = auditpaper.differences(shops.world.office, one)
    return {said.card: said.cls for said in found}


def confirmed(shops: Shops, one: Audit) -> Audit:
    done = auditclear.confirm(shops.world.office, one, operator="anna", second="bo")
    settle(shops)
    return done


def settle(shops: Shops) -> None:
    for _ in range(2):
        shops.run(40)
        corrections.pursue(shops.world.office)
    trail.catch_up(shops.world.office)


def lapses(box: Box) -> list[Moved]:
    entries = [decode(stored.data) for stored in box.ledger.entries]
    bodies = [entry.body for entry in entries if entry.kind is Kind.POINTS_LAPSED]
    return [body for body in bodies if isinstance(body, Moved)]


def books(office: Office) -> list[object]:
    """Everything that an audit may not touch before it is confirmed, and what it says itself."""
    found: list[object] = []
    for table in ("entry", "balance", "lot", "down", "please", "correction", "work"):
        rows = office.db.execute(f"SELECT count(*) FROM {table}").fetchall()
        found.append((table, rows))
    for table in ("balance", "audit_chain", "audit_card", "audit_sum", "audit"):
        rows = office.db.execute(f"SELECT * FROM {table}").fetchall()
        found.append((table, sorted(str(tuple(row)) for row in rows)))
    return found
