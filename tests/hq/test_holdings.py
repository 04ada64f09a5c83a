"""Holdings across shops at headquarters: visitors, aliases, claims, adjustments, lost cards."""

import json
from pathlib import Path

import pytest

from daemon.errors import StoreError
from daemon.ledger import accounts
from daemon.ledger.acts import claims
from daemon.ledger.acts.moves import Moves, Stamp
from daemon.ledger.bodies import Advance, CardChanged, Claim, LotPart, Returned, Sale
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind, claim_unit
from daemon.ledger.machine import BY_BOX
from daemon.ledger.records import Draft, Posting
from daemon.ledger.requests import FREEZE, VOID
from daemon.ledger.views import Durable
from daemon.wanted import Wanted, What
from hq import adjusting, aliases, memberlist, report
from tests.ledger.shop import MORNING
from tests.sync.shops import CARD, OTHER, Shops, kinds
from tests.sync.world import Box

STRANGE = "8800000077777"


def earn(box: Box, member: str, points: int) -> str:
    """Grant points to a member or a card nobody knows, as a sale does; return the lot."""
    box.sell_for(
        Posting("@", accounts.points(member), "point", "#1", points),
        Posting("@", accounts.ISSUED_POINTS, "point", "", -points),
    )
    return f"{box.ledger.chain}:{box.ledger.head.seq}:1"


def listed(shops: Shops, card: str) -> list[memberlist.MemberSaid]:
    return [one for one in memberlist.members(shops.world.office) if one.card == card]


def test_a_card_served_as_a_visitors_belongs_to_the_member_who_turns_up(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    earn(shops.other, accounts.visitor(STRANGE), 40)
    shops.run(20)
    (visitor,) = listed(shops, STRANGE)
    assert (visitor.status, visitor.points, visitor.id) == ("visitor", 40, f"card:{STRANGE}")
    member = shops.enrol(shops.home, STRANGE, 100)
    shops.run(30)
    (one,) = listed(shops, STRANGE)
    assert (one.id, one.points, one.held) == (member, 140, {"0001": 100, "0002": 40})
    assert kinds(shops.other).count("member.alias") == 1
    aliases.lift_alias(shops.world.office, f"card:{STRANGE}", by="M")
    shops.run(20)
    assert sorted(one.points for one in listed(shops, STRANGE)) == [40, 100], "as before"
    assert kinds(shops.other).count("member.alias") == 2
    assert shops.points(shops.other, f"card:{STRANGE}") == 40, "nothing was posted"


def test_two_members_are_merged_by_an_operator_and_never_in_a_circle(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    office = shops.world.office
    one, other = shops.member(CARD), shops.member(OTHER)
    aliases.put_alias(office, other, one, by="M")
    assert [said.points for said in listed(shops, CARD)] == [770]
    with pytest.raises(StoreError, match="chain of aliases"):
        aliases.put_alias(office, one, other, by="M")
    with pytest.raises(StoreError, match="no member"):
        aliases.put_alias(office, one, "nobody", by="M")


def test_a_lost_card_is_blocked_in_every_shop(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    ledger = shops.home.ledger
    body = CardChanged(CARD, shops.member(CARD), "reported")
    draft = Draft("till", "lost", Kind.CARD_LOST, ledger.at(), BY_BOX, None, None, body, ())
    assert isinstance(ledger.commit(draft), Durable)
    shops.home.courier.wake()
    shops.run(30)
    assert kinds(shops.other).count("card.blocked") == 1, "also where nobody follows the member"
    assert [one.status for one in listed(shops, CARD)] == ["lost"]
    adjusting.block(shops.world.office, CARD, "active")
    shops.run(30)
    assert kinds(shops.other).count("card.blocked") == 2


def owe(box: Box, member: str, amount: int, lot: str) -> None:
    """Open a claim, as a return does whose points are not here any more."""
    ledger = box.ledger
    body = Returned(
        (),
        0,
        0,
        0,
        member=member,
        claims=(Claim(1, "point", amount, (LotPart("point", lot, amount),)),),
    )
    owed = claim_unit("point")
    postings = (
        Posting("@", accounts.claim(member), owed, "#1", amount),
        Posting("@", accounts.CLAIMED, owed, "", -amount),
    )
    draft = Draft(
        "till",
        f"back-{ledger.head.seq}",
        Kind.RETURN,
        ledger.at(),
        BY_BOX,
        None,
        None,
        body,
        postings,
    )
    assert isinstance(ledger.commit(draft), Durable)
    box.courier.wake()


def lend(box: Box, member: str, amount: int) -> str:
    """Lend points above the holding, as the counter does while nobody answers; return the entry."""
    ledger = box.ledger
    body = Sale((), (), 0, 0, 0, 0, member=member, advance=Advance(1, 2, amount))
    moves = Moves(lambda *_: 0)
    claims.lend(moves, member, Advance(1, 2, amount))
    moves.take(accounts.points(member), "point", amount, "#1", to=accounts.spent("point"))
    stamp = Stamp("till", f"lent-{ledger.head.seq}", ledger.at(), BY_BOX, None, MORNING)
    done = ledger.commit(moves.draft(stamp, Kind.SALE, body))
    assert isinstance(done, Durable), done
    box.courier.wake()
    return id_of(done.entry)


def held(shops: Shops, account: str) -> dict[str, int]:
    rows = shops.world.office.db.execute(
        "SELECT holder, sum(amount) FROM balance WHERE account = ? AND amount <> 0 GROUP BY holder",
        (account,),
    )
    return dict(rows.fetchall())


def test_a_claim_is_settled_from_the_pool_and_the_rest_goes_to_one_shop(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    office, member = shops.world.office, shops.member(CARD)
    adjusting.take(office, member, "please.release", 30, reason="recall")
    shops.run(30)
    assert shops.pool() == 30
    owe(shops.other, member, 100, "hq.1:1:1")
    shops.sync(shops.other)
    assert shops.pool() == 0, "what lies in the pool pays first"
    assert held(shops, accounts.claim(member)) == {"0001.1": 70}, "the rest is one shop's"
    assert shops.in_all(CARD) == 590
    shops.sync(shops.home)
    assert held(shops, accounts.claim(member)) == {"0001.1": 70}, "it does not come back"
    assert report.cases(office) == []


def test_what_a_shop_lent_goes_to_headquarters_whole_like_a_returns_claim(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    office, member = shops.world.office, shops.member(CARD)
    adjusting.take(office, member, "please.release", 30, reason="recall")
    shops.run(30)
    before = shops.in_all(CARD)
    shops.other.disconnect()
    lent = lend(shops.other, member, 100)
    shops.run(10)
    assert held(shops, accounts.claim(member)) == {}, "nobody has heard of it"
    shops.sync(shops.other)
    assert shops.pool() == 0, "what lies in the pool pays first"
    assert held(shops, accounts.claim(member)) == {"0002.1": 70}, "the shop that lent has the rest"
    assert shops.in_all(CARD) == before - 30
    stands = office.db.execute("SELECT lot, stands FROM claim").fetchall()
    assert [(lot, json.loads(text)) for lot, text in stands] == [
        (f"{lent}:2", [{"unit": "point", "lot": f"{lent}:1", "amount": 100}])
    ]
    assert report.cases(office) == []


def test_what_headquarters_gives_goes_home_and_what_it_takes_is_asked_for(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    office, member = shops.world.office, shops.member(CARD)
    adjusting.give(office, member, 15, source="click", expires=None)
    shops.run(30)
    assert shops.points(shops.home, member) == 635
    done = adjusting.take(office, member, VOID, 700, reason="a fraud")
    assert (done.here, dict(done.asked), done.nowhere) == (0, {"0001": 635}, 65)
    shops.home.spend(member, 35)
    shops.run(30)
    assert shops.points(shops.home, member) == 0
    assert shops.in_all(CARD) == 0
    (row,) = office.db.execute("SELECT asked, done FROM please").fetchall()
    assert row[0] == 635 and row[1] in (600, 635), "min(asked, held), and HQ sees how much"
    assert report.cases(office) == []


def test_frozen_points_stay_the_members_and_may_be_let_go(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    office, member = shops.world.office, shops.member(CARD)
    adjusting.take(office, member, FREEZE, None, reason="fraud?")
    shops.run(30)
    assert shops.points(shops.home, member) == 0
    assert held(shops, accounts.frozen(member)) == {"0001.1": 620}
    adjusting.take(office, member, "please.unfreeze", 600, reason="no fraud")
    shops.run(30)
    assert shops.points(shops.home, member) == 600


def test_a_pack_says_how_much_of_what_a_shop_grants_goes_to_the_pool(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    member = shops.member(CARD)
    shops.roam(share=5000, keeps=600)
    earn(shops.home, member, 100)
    earn(shops.other, accounts.visitor(STRANGE), 41)
    shops.sync(shops.home)
    shops.sync(shops.other)
    assert shops.points(shops.other, accounts.visitor(STRANGE)) == 21, "a guest's half, floored"
    assert shops.points(shops.home, member) == 670, "the home shop keeps its share of 600 and more"
    assert shops.pool() == 70
    shops.sync(shops.home)
    shops.world.crash_box(shops.home)
    shops.sync(shops.home)
    assert shops.pool() == 70, "once"
    earn(shops.home, member, 10)
    shops.sync(shops.home)
    assert shops.pool() == 75


def test_points_of_a_visitors_card_are_spent_by_the_member_who_turned_up(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    earn(shops.other, accounts.visitor(STRANGE), 40)
    shops.run(20)
    member = shops.enrol(shops.home, STRANGE, 100)
    shops.run(30)
    for box, amount in ((shops.other, 30), (shops.home, 110)):
        shops.ask(box, Wanted(What.HOLDING, member=member, unit="point", amount=amount))
        assert shops.points(box, member) == (30 if box is shops.other else 110)
        box.spend(member, amount)
        shops.run(30)
    assert [one.points for one in listed(shops, STRANGE)] == [0]
    assert report.cases(shops.world.office) == []
