"""What boxes did becomes HQ's books: members, points over all shops, keys, refusals."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from daemon import seal
from daemon.ledger import accounts
from daemon.ledger.bodies import Consent, MemberEnrolled, NewLot
from daemon.ledger.codec import down_body, down_message
from daemon.ledger.kinds import Kind
from daemon.ledger.machine import down_refused
from daemon.ledger.messages import MemberSnapshot
from daemon.ledger.profiles import Person, lock_profile, open_profile
from daemon.ledger.records import By, Draft, Posting
from daemon.ledger.views import Durable
from daemon.sync.wire import Post
from daemon.wanted import What
from hq import memberlist, report
from hq.cards import import_cards
from hq.headquarters import Headquarters
from hq.members import set_status
from tests.hq.office import Sender, new_office, take, work_all
from tests.hq.tables import cards_csv

KEY, NONCE = b"\x05" * 32, b"\x06" * 24
CARD = "8800000001015"


@pytest.fixture
def hq(tmp_path: Path) -> Iterator[Headquarters]:
    office = new_office(tmp_path / "hq")
    yield Headquarters(office)
    office.close()


def enrol(box: Sender, *, keep_key: bool = True) -> str:
    """Enrol a member at a box, as the counter does; return the member's id."""
    ledger = box.ledger
    person = Person(phone="13800000007", name="李晓")
    profile = lock_profile(person, card=CARD, key=KEY, nonce=NONCE)
    body = MemberEnrolled(
        CARD,
        "purchase",
        "2026-03-06",
        "2027-03-06",
        Consent("1", False),
        profile,
        points=100,
        growth=58,
        lots=(NewLot(1, "point", "join"),),
    )
    postings = (
        Posting("@", accounts.points("#"), "point", "#1", 100),
        Posting("@", accounts.ISSUED_POINTS, "point", "", -100),
        Posting("@", accounts.growth("#"), "growth", "", 58),
        Posting("@", accounts.ISSUED_GROWTH, "growth", "", -58),
    )
    at, by = ledger.at(), By("02", "clerk")
    draft = Draft("keypad", "e1", Kind.MEMBER_ENROLLED, at, by, None, None, body, postings)
    outcome = ledger.commit(draft)
    assert isinstance(outcome, Durable)
    if keep_key:
        ledger.local.put_member_key(CARD, key=KEY, phone_digest=None)
    return f"{ledger.chain}:{outcome.entry.seq}"


def posted(hq: Headquarters, box: str) -> list[Post]:
    return [
        msgspec.json.decode(out.payload, type=Post)
        for out in hq.posts(1)
        if out.topic == f"mb1/{box}/down/log"
    ]


def test_a_member_of_one_shop_is_known_in_the_other_with_a_key_of_its_own(
    hq: Headquarters,
) -> None:
    shop, other = Sender(hq.office), Sender(hq.office, "0002", seed=8)
    member = enrol(shop)
    take(hq, shop.hello(), other.hello(), shop.batch(), other.batch())
    work_all(hq)
    (said,) = memberlist.members(hq.office)
    assert (said.id, said.card, said.points, said.growth) == (member, CARD, 100, 58)
    assert posted(hq, "0001") == []
    take(hq, other.hello())
    assert posted(hq, "0002") == [], "least data: the other shop did not ask"
    take(hq, other.ask(What.MEMBER, card=CARD))
    (post,) = posted(hq, "0002")
    signed = post.messages[0]
    snapshot = down_body(down_message(signed.message.encode()))
    assert isinstance(snapshot, MemberSnapshot) and snapshot.profile is not None
    key = seal.unseal(other.ledger.seed, b64decode(post.keys[0].sealed))
    assert open_profile(snapshot.profile, card=CARD, key=key).name == "李晓"


def test_a_key_that_comes_later_settles_the_case(hq: Headquarters) -> None:
    shop, other = Sender(hq.office), Sender(hq.office, "0002", seed=8)
    enrol(shop, keep_key=False)
    take(hq, shop.hello(), other.hello(), shop.batch(), other.batch())
    work_all(hq)
    assert [case.kind for case in report.cases(hq.office)] == ["key"]
    shop.ledger.local.put_member_key(CARD, key=b"\x09" * 32, phone_digest=None)
    take(hq, shop.batch())
    assert [case.kind for case in report.cases(hq.office)] == ["key"]
    shop.ledger.local.put_member_key(CARD, key=KEY, phone_digest=None)
    take(hq, shop.batch())
    assert report.cases(hq.office) == []
    work_all(hq)
    take(hq, other.hello(), other.ask(What.MEMBER, card=CARD))
    assert [key.sealed != "" for post in posted(hq, "0002") for key in post.keys][-1]


def test_a_refused_grant_is_a_case_and_comes_back_into_hq_s_hand(
    hq: Headquarters, tmp_path: Path
) -> None:
    import_cards(hq.office, cards_csv(tmp_path / "c.csv"))
    box = Sender(hq.office)
    take(hq, box.hello(), box.batch())
    work_all(hq)
    rows = hq.office.db.execute("SELECT text, signature FROM down ORDER BY n").fetchall()
    for text, signature in rows:
        at = box.ledger.at()
        why = "no room"
        draft = down_refused(at, message=text.encode(), signature=signature, why=why)
        assert isinstance(box.ledger.commit(draft), Durable)
    take(hq, box.batch())
    work_all(hq)
    assert {case.kind for case in report.cases(hq.office)} == {"refused"}
    back = dict(
        hq.office.db.execute(
            "SELECT unit, sum(amount) FROM balance WHERE holder = 'hq' AND lot <> '' GROUP BY unit"
        ).fetchall()
    )
    assert back == {"point": 770, "principal": 50000, "bonus": 2000}
    assert [member.points for member in memberlist.members(hq.office)] == [620, 150]


def test_a_card_that_was_lost_is_lost_in_a_new_chain_too(hq: Headquarters, tmp_path: Path) -> None:
    """Blocked cards come first in a new log; what is told of the member later says the same."""
    import_cards(hq.office, cards_csv(tmp_path / "c.csv"))
    set_status(hq.office, "8800000000018", "lost")
    box = Sender(hq.office)
    take(hq, box.hello(), box.batch())
    work_all(hq)
    said = [
        down_body(down_message(row[0].encode()))
        for row in hq.office.db.execute("SELECT text FROM down ORDER BY chain, n")
    ]
    told = [
        getattr(one, "status", "") or getattr(one, "reason", "")
        for one in said
        if getattr(one, "card", "") == "8800000000018"
    ]
    assert told == ["lost", "lost"]
