"""The yearly check of points is confirmed once, by two persons, and obeyed in every hand."""

import json
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random

import msgspec
import pytest

from daemon import seal
from daemon.clock import Reading
from daemon.ledger import accounts
from daemon.ledger.bodies import DownRefused, Moved, NewLot, PointsGranted
from daemon.ledger.codec import decode
from daemon.ledger.kinds import Kind
from daemon.ledger.machine import BY_BOX
from daemon.ledger.records import Draft, Posting
from daemon.ledger.views import Durable
from daemon.rules.cases import evaluate_case
from daemon.rules.document import parse
from daemon.sync.answering import answering_from
from daemon.sync.inbox import Inbox
from daemon.sync.mailroom import Mailroom, PostMail
from daemon.sync.wire import down
from hq import (
    audit,
    auditclear,
    auditcount,
    auditpaper,
    corrected,
    corrections,
    packs,
    report,
)
from hq.audit import AuditRefused
from hq.corrections import NotTwoPersons, Signed
from hq.headquarters import Headquarters
from hq.memberlist import members
from hq.store import Office, create
from tests.hq.auditing import (
    DAY,
    WHY,
    begun,
    books,
    check,
    classes,
    confirmed,
    earn,
    lapses,
    paper,
    settle,
    shops_under_check,
)
from tests.hq.office import Sender, take, work_all
from tests.rules.shop import CASES, PACKS
from tests.sync.memory import HandClock, SeededEntropy
from tests.sync.shops import CARD, OTHER, Shops


@pytest.fixture
def shops(tmp_path: Path) -> Shops:
    return shops_under_check(tmp_path)


# -- confirming --------------------------------------------------------------------------------


def test_confirmed_twice_is_confirmed_once_and_closed(shops: Shops, tmp_path: Path) -> None:
    office, member = shops.world.office, shops.member(CARD)
    one = begun(shops)
    done = confirmed(shops, one)
    before = books(office)
    again = confirmed(shops, done)
    assert again.state == audit.CONFIRMED and books(office) == before
    assert shops.in_all(CARD) == 0 and shops.points(shops.home, member) == 0
    (body,) = lapses(shops.home)
    assert (body.amount, body.due) == (620, f"{DAY}T00:00:00+08:00")
    assert body.reason == "积分核对 2026-03 (anna, bo)"
    assert shops.in_all(OTHER) == 150, "a card that is younger keeps what it has"
    assert auditclear.cleared(office, one)["cleared"] == auditclear.Clearing(1, 620, 620)
    with pytest.raises(AuditRefused, match="closed for changes"):
        audit.undo(office, operator="anna")
    with pytest.raises(AuditRefused, match="takes nothing more"):
        paper(shops, one, tmp_path, **{f"c{CARD}": 5})
    with pytest.raises(AuditRefused, match="is confirmed"):
        audit.start(office, operator="anna", day=DAY)


def test_a_confirmation_that_died_is_gone_on_with_by_whoever_comes(shops: Shops) -> None:
    check_all(shops)
    office, one = shops.world.office, begun(shops)

    class Died(Exception):
        pass

    def dies(done: int, of: int) -> None:
        raise Died

    with pytest.raises(Died):
        auditclear.confirm(office, one, operator="anna", second="bo", progress=dies, per_turn=1)
    shops.world.crash_hq()
    office = shops.world.office
    found = audit.latest(office)
    assert found is not None and found.state == audit.CONFIRMING
    assert len(corrected.listed(office, audit=one.id)) == 1
    shops.run(60)  # a serving headquarters comes by
    found = audit.latest(office)
    assert found is not None and found.state == audit.CONFIRMED
    settle(shops)
    assert [len(lapses(box)) for box in (shops.home, shops.other)] == [2, 0]
    assert (shops.in_all(CARD), shops.in_all(OTHER)) == (0, 0)


def check_all(shops: Shops) -> None:
    """Let the check clear every card."""
    pack = json.loads((PACKS / "zhenzi.json").read_text(encoding="utf-8"))
    pack["expiry"] = {"kind": "sweep", "month": 3, "day": 6, "who": "all", "confirm": "manual"}
    packs.publish(shops.world.office, json.dumps(pack | {"version": 8}))
    shops.run(20)


def test_who_may_redeem_what_stands_still_from_the_day_on(shops: Shops) -> None:
    office = shops.world.office
    for card, points in ((CARD, 180), (OTHER, 649)):
        earn(shops.home, shops.member(card), points)
    shops.run(20)
    one = begun(shops)

    def gifts() -> dict[str, tuple[str, ...]]:
        return {said.card: said.gifts for said in auditcount.cards(office, one)}

    assert gifts() == {CARD: ("gift1",), OTHER: ()}  # 800 points; 799 are not enough
    earn(shops.home, shops.member(OTHER), 1)
    confirmed(shops, one)
    dearer = json.loads((PACKS / "zhenzi.json").read_text(encoding="utf-8"))
    dearer["gifts"][0]["points"] = 5000
    packs.publish(office, json.dumps(dearer | {"version": 9}))
    shops.run(20)
    assert gifts() == {CARD: ("gift1",), OTHER: ()}


def test_what_lies_with_two_shops_and_headquarters_is_cleared_in_every_hand(
    tmp_path: Path,
) -> None:
    shops = Shops(tmp_path)
    check(shops, "P8M")
    office, member = shops.world.office, shops.member(CARD)
    earn(shops.other, member, 40)
    shops.run(20)
    with office.transaction():
        corrections.adjust(office, member, 7, WHY)  # granted, and still here
    shops.other.disconnect()
    one = begun(shops)
    done = confirmed(shops, one)
    assert shops.in_all(CARD) == 40, "the other shop has not heard of it"
    assert auditclear.cleared(office, done)["cleared"].pending == 1
    shops.other.connect()
    settle(shops)
    assert shops.in_all(CARD) == 0
    assert auditclear.cleared(office, done)["cleared"].pending == 0
    assert report.cases(office) == []


def test_the_paper_is_right_only_if_two_persons_say_why(shops: Shops, tmp_path: Path) -> None:
    office, one = shops.world.office, begun(shops)
    paper(shops, one, tmp_path, **{f"c{OTHER}": 165, f"c{CARD}": 620})
    with pytest.raises(AuditRefused, match="1 difference not decided"):
        confirmed(shops, one)
    alone = Signed("because", "anna", "Anna")
    with pytest.raises(NotTwoPersons):
        auditpaper.decide(office, one, OTHER, "paper", alone, operator="anna")
    with pytest.raises(AuditRefused, match="agree"):
        auditpaper.decide(office, one, CARD, "paper", WHY, operator="anna")
    auditpaper.decide(office, one, OTHER, "paper", WHY, operator="anna")
    with pytest.raises(NotTwoPersons):
        auditclear.confirm(office, one, operator="anna", second="anna")
    confirmed(shops, one)
    assert shops.in_all(OTHER) == 165 and shops.points(shops.home, shops.member(OTHER)) == 165
    (put_right,) = [said for said in corrected.listed(office) if said.what == "adjusted"]
    assert (put_right.points, put_right.state, put_right.audit) == (15, "done", one.id)
    assert put_right.reason == "积分核对 2026-03: the clerk's book is right"


def test_a_card_that_loses_all_is_not_put_right_and_what_came_later_stays(
    shops: Shops, tmp_path: Path
) -> None:
    office, member = shops.world.office, shops.member(CARD)
    with office.transaction():
        corrections.adjust(office, member, 7, WHY)  # granted on the day after the check
    settle(shops)
    one = begun(shops, "2026-03-05")
    paper(shops, one, tmp_path, **{f"c{CARD}": 700, f"c{OTHER}": 150})
    auditpaper.decide(office, one, CARD, "paper", WHY, operator="anna")
    done = confirmed(shops, one)
    assert shops.in_all(CARD) == shops.points(shops.home, member) == 7
    assert auditclear.cleared(office, done).keys() == {"cleared"}
    assert report.cases(office) == []


def test_the_books_are_right_about_a_class_at_once(shops: Shops, tmp_path: Path) -> None:
    office, one = shops.world.office, begun(shops)
    paper(shops, one, tmp_path, **{f"c{CARD}": 620})
    assert classes(shops, one) == {OTHER: "not_on_paper"}
    done = auditpaper.decide_class(office, one, "not_on_paper", operator="anna", reason="new book")
    assert done == 1 and confirmed(shops, one).state == audit.CONFIRMED
    assert shops.in_all(OTHER) == 150


def test_before_its_day_nothing_is_confirmed(shops: Shops) -> None:
    one = begun(shops, "2026-12-15")
    with pytest.raises(AuditRefused, match="the check is on 2026-12-15"):
        confirmed(shops, one)
    assert shops.in_all(CARD) == 620


def test_a_shop_that_refuses_comes_back_on_the_work_list(shops: Shops) -> None:
    """A shop of an older software does not know the message."""
    office, member = shops.world.office, shops.member(CARD)
    one = begun(shops)
    signed = Signed("x", "anna", "bo", one.id)
    with office.transaction():
        bad = corrections.clear(office, member, day=DAY, due="someday", signed=signed)
    settle(shops)
    refused = [decode(stored.data).body for stored in shops.home.ledger.entries]
    (body,) = [body for body in refused if isinstance(body, DownRefused)]
    (said,) = corrected.listed(office, member=member)
    assert bad == said.id and said.state == "short"
    (part,) = said.parts
    assert (part.state, part.why) == ("refused", body.why) and "someday" in part.why
    assert {case.kind for case in report.cases(office)} == {"refused", "correction"}
    assert shops.in_all(CARD) == 620


# -- the worked case ---------------------------------------------------------------------------


class CaseClock(HandClock):
    """Stands where the case stands, and goes on a millisecond with each look."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self._start = datetime.fromisoformat(at)

    def read(self) -> Reading:
        self.mono_ms += 1
        return msgspec.structs.replace(super().read(), wall=self._start)


def test_the_worked_december_comes_out_in_the_shop_s_books(tmp_path: Path) -> None:
    """zhenzi-december: entries of a shop, an audit, its messages, the shop's books."""
    case = json.loads((CASES / "zhenzi-december.json").read_text(encoding="utf-8"))
    document = (PACKS / f"{case['pack']}.json").read_text(encoding="utf-8")
    answer = json.loads(json.dumps(evaluate_case(json.dumps(case), parse(document))))
    wanted = {name: said["points"] for name, said in answer["members"].items()}
    clock = CaseClock(case["events"][-1]["at"])
    office = create(tmp_path / "hq", clock=clock, entropy=SeededEntropy(Random(1)))
    hq = Headquarters(office)
    packs.publish(office, document)
    box = Sender(office)
    box.ledger.clock = clock
    for member in case["members"]:
        office.db.execute(
            "INSERT INTO member (id, card, home, chain, status, kind, joined, digest)"
            " VALUES (?, ?, '0001', 0, 'active', 'registered', ?, '')",
            (member["id"], member["card"], member["joined"]),
        )
        for lot in member["points"]:
            granted(box, member["id"], lot["amount"], lot["granted"])
    take(hq, box.hello(), box.batch())
    work_all(hq)
    assert {row[0]: row[1] for row in held(office)} == {"A": 520, "B": 430, "C": 77}
    one = audit.start(office, operator="anna")
    assert one.day == "2014-12-15"
    auditcount.count(office, one)
    found = audit.audit(office, one.id)
    assert found is not None
    auditclear.confirm(office, found, operator="anna", second="bo")
    take(hq, box.hello())
    obey(hq, box)
    take(hq, box.batch())
    work_all(hq)
    points = {name: box_points(box, name) for name in ("A", "B", "C")}
    assert points == {"A": 0, "B": 430, "C": 0}
    assert points == wanted
    assert {row[0]: row[1] for row in held(office)} == {"A": 0, "B": 430, "C": 0}
    lapsed = [decode(stored.data) for stored in box.ledger.entries]
    dues = [one.body.due for one in lapsed if isinstance(one.body, Moved)]
    assert dues == ["2014-12-15T00:00:00+08:00"] * 2
    corrections.pursue(office)
    assert {said.state for said in corrected.listed(office)} == {"done"}
    office.close()


def granted(box: Sender, member: str, points: int, at: str) -> None:
    """Let a shop grant points on a day of long ago, as its journal then said."""
    moved = (
        Posting("@", accounts.points(member), "point", "#1", points),
        Posting("@", accounts.ISSUED_POINTS, "point", "", -points),
    )
    ledger = box.ledger
    then = msgspec.structs.replace(ledger.at(), wall=at, business_date=at[:10])
    body = PointsGranted(member, points, "case", lots=(NewLot(1, "point", "case"),))
    kind = Kind.POINTS_GRANTED
    draft = Draft("case", f"{member} {at}", kind, then, BY_BOX, None, None, body, moved)
    assert isinstance(ledger.commit(draft), Durable)


def obey(hq: Headquarters, box: Sender) -> None:
    """Let the shop's own inbox take what headquarters sends."""
    inbox = Inbox(
        box.ledger.chain,
        hq_key=hq.office.public,
        books=box.ledger.books,
        letters=box.ledger.local,
        answering=answering_from(box.ledger),
    )
    mailroom = Mailroom(
        box.name,
        hq_key=hq.office.public,
        unseal=partial(seal.unseal, box.ledger.seed),
        phone_key=bytes(32),
        keys=box.ledger.local,
    )
    for out in hq.posts(1):
        if out.topic == down(box.name, "log"):
            mail = mailroom.open(out.topic, out.payload)
            assert isinstance(mail, PostMail)
            inbox.take(mail)
    while (draft := inbox.next(box.ledger.at())) is not None:
        while draft is not None:
            assert isinstance(box.ledger.commit(draft), Durable)
            draft = inbox.settled((), box.ledger.at())


def box_points(box: Sender, member: str) -> int:
    lots = box.ledger.books.lots(accounts.points(member), "point")
    return sum(lot.amount for lot in lots)


def held(office: Office) -> list[tuple[str, int]]:
    return [(said.id, said.points) for said in members(office)]
