"""What a pack tells of a member stands on page, pole and paper; the rest stands nowhere."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from daemon.config import load
from daemon.counter import members
from daemon.counter.effects import Audience, DocumentKind
from daemon.counter.screens import MemberPage
from daemon.desk import Desk
from daemon.display.kiosk.views import view
from daemon.display.poles import pole
from daemon.ledger.messages import GrantedLot, HoldingGranted
from daemon.paperwork import Paperwork
from daemon.rules.engine import NO_PACK, Engine
from daemon.rules.vocabulary import DisplayField
from daemon.spooler import Slip
from tests.acts.test_person import ADA, snapshot
from tests.acts.till import CARDS, Till
from tests.display.printed import pieces
from tests.ledger.shop import Dice
from tests.papers.test_every_paper import EXAMPLE
from tests.rules.shop import engine_of

LEVELS = {"list": [{"id": "gold", "name": "金卡", "needs": {}}]}
# What each field leaves on the page, on the inquiry slip (it is seen on paper as well).
TRACES: dict[DisplayField, tuple[str, str]] = {
    "masked_name": ("王**", "王**"),
    "level": ("金卡", "金卡"),
    "points": ('"900"', "可用积分"),
    "gifts": ("积分可兑换", "可兑换"),
    "expiring": ("即将到期", "12月核对时"),
    "term_ends": ("会籍有效期至", "会籍有效期至"),
}


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    made = Till(tmp_path)
    snapshot(made, level="gold", term_ends="2027-05-05T00:00:00+08:00")
    lot = GrantedLot("hq.1:1:1", "points:M1", "point", 900, "2026-01-01", "opening")
    made.down("holding.granted", HoldingGranted("M1", (lot,)))
    yield made
    made.close()


def shown(till: Till, engine: Engine) -> tuple[MemberPage, str, str, str]:
    """Return the page's screen, and page, pole and inquiry slip as text."""
    config = load(EXAMPLE)
    desk = Desk(config, till.store, till.clock, Dice())
    desk.use(engine)
    found = members.by_card(CARDS["M1"], desk, desk.now())
    assert isinstance(found, members.Found)
    screen = members.page_of(found.member, desk)
    page = msgspec.json.encode(view(screen, "zh_CN")).decode()
    slip = Slip(DocumentKind.INQUIRY, "M1")
    (paper,) = pieces(Paperwork(config, till.store, desk).render(slip, 32), 32)
    poles = "/".join(pole(screen, Audience.CUSTOMER).lines)
    return screen, page, poles, paper.text


@pytest.mark.parametrize("told", TRACES)
def test_a_field_stands_where_it_is_told_and_nowhere_else(till: Till, told: DisplayField) -> None:
    fields = ["points", "gifts"] if told == "gifts" else [told]  # what points buy names points
    only = {"receipt": [], "on_swipe": fields}
    _, page, poles, paper = shown(till, engine_of(shown=only, levels=LEVELS))
    for field, (on_page, on_paper) in TRACES.items():
        assert (on_page in page, on_paper in paper) == (field in fields,) * 2, field
    assert ("900" in poles) == ("points" in fields)
    assert ADA.name not in page + poles + paper
    assert "0018" in page and "0018" in poles and "0018" in paper  # whoever it is has a card


def test_points_are_worth_what_they_pay_where_the_pack_tells_it(till: Till) -> None:
    offset = [{"id": "off", "block": 100, "value_fen": 1000}]
    for told in (True, False):
        engine = engine_of(offsets=offset, display={"expected_value": told})
        screen, page, poles, paper = shown(till, engine)
        assert screen.member.worth_fen == (9000 if told else None)
        assert ("积分可抵" in page, "=90.00" in poles, "可抵金额" in paper) == (told,) * 3


def test_only_what_lapses_soon_enough_is_told(till: Till) -> None:
    day = date(2026, 12, 15)
    ahead = (day - till.clock.wall.date()) // timedelta(days=1)
    for days, told in ((ahead, True), (ahead - 1, False)):
        screen, page, _, paper = shown(till, engine_of(display={"expiring_days": days}))
        assert (bool(screen.expiring), "即将到期" in page, "12月核对时" in paper) == (told,) * 3


def test_a_name_is_masked_as_the_pack_says(till: Till) -> None:
    till.done("member.updated", card=CARDS["M1"], name="Ada King")
    for mask, said in (("surname", "A*******"), ("initials", "A** K***")):
        _, page, _, paper = shown(till, engine_of(display={"mask": mask}))
        assert said in page and said in paper and "King" not in page + paper


def test_without_a_pack_only_name_and_points_are_told(till: Till) -> None:
    screen, _, _, paper = shown(till, NO_PACK)
    assert (screen.member.shown, screen.member.points) == ("王**", 900)
    assert screen.term_ends is None and "会籍有效期至" not in paper
