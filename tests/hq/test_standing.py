"""What one shop writes of a member's term, level and further cards is headquarters' too."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from daemon.ledger import accounts
from daemon.ledger.bodies import (
    Body,
    CardIssued,
    LevelChanged,
    MemberRenewed,
    NewLot,
    Tender,
    TopUp,
)
from daemon.ledger.codec import down_body, down_message
from daemon.ledger.kinds import Kind
from daemon.ledger.messages import MemberSnapshot
from daemon.ledger.records import By, Draft, Posting
from daemon.ledger.views import Durable
from daemon.sync.wire import Post
from daemon.wanted import What
from hq import memberlist, report
from hq.headquarters import Headquarters
from hq.members import member
from tests.hq.office import Sender, new_office, take, work_all
from tests.hq.test_booking import CARD, enrol

MORE = "8800000001016"


@pytest.fixture
def hq(tmp_path: Path) -> Iterator[Headquarters]:
    office = new_office(tmp_path / "hq")
    yield Headquarters(office)
    office.close()


def write(box: Sender, kind: Kind, body: Body, *postings: Posting) -> None:
    at, by = box.ledger.at(), By("02", "clerk")
    draft = Draft("api", kind.value, kind, at, by, None, None, body, postings)
    assert isinstance(box.ledger.commit(draft), Durable)


def snapshots(hq: Headquarters, box: str) -> list[MemberSnapshot]:
    posts = [
        msgspec.json.decode(out.payload, type=Post)
        for out in hq.posts(1)
        if out.topic == f"mb1/{box}/down/log"
    ]
    said = [
        down_body(down_message(one.message.encode())) for post in posts for one in post.messages
    ]
    return [one for one in said if isinstance(one, MemberSnapshot)]


def test_a_renewal_and_a_level_of_one_shop_are_told_to_the_other(hq: Headquarters) -> None:
    shop, other = Sender(hq.office), Sender(hq.office, "0002", seed=8)
    who = enrol(shop)
    take(hq, shop.hello(), other.hello(), shop.batch(), other.batch())
    work_all(hq)
    take(hq, other.hello(), other.ask(What.MEMBER, card=CARD))
    work_all(hq)
    assert [(one.term_ends, one.level) for one in snapshots(hq, "0002")] == [("2027-03-06", "")]
    renewed = MemberRenewed(
        *(who, CARD, "fee", "2027-03-06", "2028-03-06"), points=10, lots=(NewLot(1, "point", "r"),)
    )
    write(
        *(shop, Kind.MEMBER_RENEWED, renewed),
        Posting("@", accounts.points(who), "point", "#1", 10),
        Posting("@", accounts.ISSUED_POINTS, "point", "", -10),
    )
    write(shop, Kind.LEVEL_CHANGED, LevelChanged(who, "gold", "", "review"))
    take(hq, shop.batch())
    work_all(hq)
    take(hq, other.hello())
    said = snapshots(hq, "0002")[-1]
    assert (said.id, said.term_ends, said.level) == (who, "2028-03-06", "gold")
    assert [one.points for one in memberlist.members(hq.office)] == [110]
    assert report.cases(hq.office) == []


def test_a_further_card_asked_for_elsewhere_is_that_members(hq: Headquarters) -> None:
    shop, other = Sender(hq.office), Sender(hq.office, "0002", seed=8)
    who = enrol(shop)
    write(shop, Kind.CARD_ISSUED, CardIssued(MORE, who, "CARD"))
    take(hq, shop.hello(), other.hello(), shop.batch(), other.batch())
    work_all(hq)
    take(hq, other.hello(), other.ask(What.MEMBER, card=MORE))
    assert [one.id for one in snapshots(hq, "0002")] == [who]
    found = member(hq.office, who)
    assert found is not None and found.snapshot.card == CARD, "the first card stays the first"


def test_a_card_type_by_face_value_is_told_to_the_other_shop(hq: Headquarters) -> None:
    shop, other = Sender(hq.office), Sender(hq.office, "0002", seed=8)
    who = enrol(shop)
    take(hq, shop.hello(), other.hello(), shop.batch(), other.batch())
    work_all(hq)
    take(hq, other.hello(), other.ask(What.MEMBER, card=CARD))
    work_all(hq)
    topup = TopUp(
        who, CARD, 500000, (Tender("cash", 500000),), "1", registered=True, benefits=("t5000",)
    )
    money = Posting("@", accounts.CASH_DRAWER, "fen", "", 500000)
    write(shop, Kind.TOPUP, topup, money, Posting("@", accounts.OWED_VALUE, "fen", "", -500000))
    take(hq, shop.batch())
    work_all(hq)
    take(hq, other.hello())
    assert snapshots(hq, "0002")[-1].benefits == ("t5000",)
