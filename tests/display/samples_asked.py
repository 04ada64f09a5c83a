"""What members ask: why so many points, and what became of them this year."""

import json
from datetime import datetime

from msgspec.structs import replace

from daemon.display.explained import ExplainedFacts, explained_slip
from daemon.display.facts import MemberOnPaper, ShopFacts
from daemon.display.statement import PointsRow, StatementFacts, statement_slip
from daemon.ledger.records import Entry
from daemon.paper import Paper
from daemon.rules.document import parse
from daemon.rules.explain import explain
from tests.display.samples_shift import HASH
from tests.stage import PACK

AT = datetime.fromisoformat("2026-12-15T10:20:00+08:00")
ROWS = (
    PointsRow("03-06", "sale", 412, 188),
    PointsRow("03-06", "topup", 413, 100),
    PointsRow("03-06", "return", 421, -68),
    PointsRow("06-18", "sale.claimed", 1207, 32),
    PointsRow("09-30", "points.redeemed", 2310, -800),
)


def documents(
    sale: Entry, other: Entry, shop: ShopFacts, columns: int, member: MemberOnPaper
) -> dict[str, Paper]:
    """`sale`: the worked one; `other`: under rules that are not at hand."""
    pack = parse(json.dumps(json.loads(PACK.read_text(encoding="utf-8"))))
    said = tuple(explain(sale, pack, "en" if shop.language == "en" else "zh_CN"))
    then = replace(member, points_available=72)
    many = tuple(PointsRow("01-02", "sale", seq, 10) for seq in range(1, 70))
    year = StatementFacts(AT, "02", then, 2026, 620, ROWS)
    return {
        "explained": explained_slip(sale, ExplainedFacts(HASH, member, said, 188), shop, columns),
        "explained-not-yet": explained_slip(other, ExplainedFacts(HASH, None, ()), shop, columns),
        "statement": statement_slip(year, shop, columns),
        "statement-long": statement_slip(
            replace(year, member=replace(then, points_available=690), opening=0, rows=many),
            *(shop, columns),
        ),
    }
