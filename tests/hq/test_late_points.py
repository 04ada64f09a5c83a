"""Late points for a card that only headquarters knows to be blocked become a case of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.ledger import accounts
from daemon.ledger.bodies import CardChanged, NewLot, SaleClaimed
from daemon.ledger.kinds import Kind
from daemon.ledger.records import By, Draft, Posting
from daemon.ledger.views import Durable
from hq import packs, report
from hq.adjusting import block
from hq.cli import main
from hq.erasing import erase_member
from hq.headquarters import Headquarters
from tests.hq.office import Sender, new_office, take, work_all
from tests.hq.test_booking import CARD, enrol
from tests.rules.shop import changed

SALE = "0002.1:1"


@pytest.fixture
def hq(tmp_path: Path) -> Iterator[Headquarters]:
    made = Headquarters(new_office(tmp_path / "hq"))
    yield made
    made.office.close()


def claims(shop: Sender, member: str, *, sku: str = "") -> None:
    """A shop that heard of nothing gives a member 50 points of an anonymous sale."""
    body = SaleClaimed(member, CARD, 50, lots=(NewLot(1, "point", "sale"),), sku=sku)
    points = (
        Posting("@", accounts.points(member), "point", "#1", 50),
        Posting("@", accounts.ISSUED_POINTS, "point", "", -50),
    )
    by, at = By("02", "clerk"), shop.ledger.at()
    draft = Draft("keypad", "late", Kind.SALE_CLAIMED, at, by, None, SALE, body, points)
    assert isinstance(shop.ledger.commit(draft), Durable)


def late_cases(hq: Headquarters) -> list[str]:
    return [one.what for one in report.cases(hq.office) if one.kind == "late"]


@pytest.mark.parametrize("status", ["lost", "frozen", "closed", "erased", "active"])
def test_what_only_headquarters_knew_is_a_typed_case(hq: Headquarters, status: str) -> None:
    home, other = Sender(hq.office), Sender(hq.office, "0002", seed=8)
    member = enrol(home)
    take(hq, home.hello(), other.hello(), home.batch(), other.batch())
    work_all(hq)
    if status == "erased":
        erase_member(hq.office, member, "asked")
    else:
        block(hq.office, CARD, status)
    claims(other, member)
    take(hq, other.batch())
    work_all(hq)
    found = late_cases(hq)
    assert len(found) == (status != "active")
    assert all(status in what and "late: 50 points of" in what and SALE in what for what in found)
    held = "SELECT sum(amount) FROM balance WHERE account = ? AND amount > 0"
    row = hq.office.db.execute(held, (accounts.points(member),)).fetchone()
    assert row[0] == 150, "nothing is rewritten: what the shop granted stands until it is decided"


def test_a_loss_that_another_shop_reported_counts_too(hq: Headquarters) -> None:
    home, other = Sender(hq.office), Sender(hq.office, "0002", seed=8)
    member = enrol(home)
    body = CardChanged(CARD, "told at the counter")
    at, by = home.ledger.at(), By("02", "clerk")
    draft = Draft("keypad", "lost", Kind.CARD_LOST, at, by, None, None, body, ())
    assert isinstance(home.ledger.commit(draft), Durable)
    claims(other, member)
    take(hq, home.hello(), other.hello(), home.batch(), other.batch())
    work_all(hq)
    assert len(late_cases(hq)) == 1
    work_all(hq)
    assert len(late_cases(hq)) == 1, "a case is opened once"


def test_goods_that_were_listed_late_need_no_card(hq: Headquarters) -> None:
    home = Sender(hq.office)
    member = enrol(home)
    take(hq, home.hello(), home.batch())
    work_all(hq)
    block(hq.office, CARD, "lost")
    claims(home, member, sku="CREAM")
    take(hq, home.batch())
    work_all(hq)
    assert late_cases(hq) == []


@pytest.mark.parametrize("reasons", [None, ["fraud", "breach"]])
def test_the_case_says_how_the_points_are_taken(
    hq: Headquarters, capsys: pytest.CaptureFixture[str], reasons: list[str] | None
) -> None:
    if reasons is not None:
        packs.publish(hq.office, changed(holds={"reasons": reasons}))
    home = Sender(hq.office)
    member = enrol(home)
    take(hq, home.hello(), home.batch())
    work_all(hq)
    block(hq.office, CARD, "lost")
    claims(home, member)
    take(hq, home.batch())
    work_all(hq)
    (what,) = late_cases(hq)
    command = what.partition("memberbox-hq ")[2].partition(";")[0].split()
    asked = ["--dir", str(hq.office.folder), "--json", *command]
    if reasons is not None:
        assert main([*asked[:-1], "a whim"]) == 1
        assert "fraud, breach; a whim is none of them" in capsys.readouterr().out
    assert main(asked) == 0
    assert '"0001":50' in capsys.readouterr().out  # the shop that holds them is asked
