"""The demo shop's day, as the clerk keys it."""

from daemon.counter.effects import DocumentKind, OpenDrawer, Print
from daemon.counter.screens import BasketShown, Done, Idle, MemberPage, RefusalShown, TotalShown
from daemon.ledger import accounts
from daemon.ledger.bodies import MemberEnrolled, Sale
from daemon.ledger.kinds import Unit
from daemon.ledger.records import Posting
from tests.counter.clerk import Clerk

CREAM, CLEANSER, TRAVEL, HANDCREAM = (
    "6901234100044",
    "6901234100013",
    "6901234100167",
    "6901234100150",
)


def sale_of(clerk: Clerk) -> Sale:
    body = clerk.shop.journal[-1].entry.body
    assert isinstance(body, Sale)
    return body


def enrolment_of(clerk: Clerk) -> MemberEnrolled:
    body = clerk.shop.journal[-1].entry.body
    assert isinstance(body, MemberEnrolled)
    return body


def done_of(clerk: Clerk) -> Done:
    return clerk.sees(Done)


def postings_of(clerk: Clerk) -> set[tuple[str, str, str, int]]:
    entry = clerk.shop.journal[-1].entry
    assert {posting.holder for posting in entry.postings} == {"0018.1"}
    return {(one.account, one.unit, one.lot, one.amount) for one in entry.postings}


def test_1015_an_anonymous_sale_pays_cash_and_is_offered_membership() -> None:
    clerk = Clerk()
    clerk.scans(CLEANSER, CREAM)
    clerk.keys("ENTER 200 ENTER")
    done = done_of(clerk)
    assert (done.pay_fen, done.given_fen, done.change_fen, done.points) == (18800, 20000, 1200, 0)
    assert done.offer == "enrol_by_purchase"
    assert clerk.tells(Done).offer == ""
    sold = clerk.shop.journal[-1]
    assert [effect for effect in clerk.took() if isinstance(effect, Print | OpenDrawer)] == [
        Print(DocumentKind.SALE, sold),
        OpenDrawer(),
    ]


def test_1017_the_buyer_joins_by_that_purchase() -> None:
    clerk = Clerk()
    clerk.scans(CLEANSER, CREAM)
    clerk.keys("ENTER 200 ENTER")
    bought = clerk.shop.sales[-1].entry
    before = {sku: clerk.shop.stock(sku) for sku in ("CARD", "CREAM", "MAG", "BOOK")}
    clerk.keys("/2")
    clerk.swipes("8800000001015")
    clerk.keys("2 13800000007 ENTER 0007 ENTER 1 ENTER 0 ENTER")
    body = enrolment_of(clerk)
    assert (body.channel, body.fee_fen, body.points) == ("purchase", 0, 100)
    assert (body.consent.terms, body.consent.marketing) == ("ZZ-HY-2026-01", False)
    assert clerk.shop.journal[-1].entry.re == bought
    assert {sku: clerk.shop.stock(sku) - n for sku, n in before.items()} == dict.fromkeys(
        before, -1
    )
    member = "0018.1:2"
    assert {
        (accounts.points(member), "point", f"{member}:1", 100),
        ("stock:CARD", "piece", "8800000001015", -1),
        ("given:CREAM", "piece", "", 1),
    } < postings_of(clerk)
    assert done_of(clerk).points_after == 100
    assert DocumentKind.ENROLMENT in [
        effect.document for effect in clerk.took() if isinstance(effect, Print)
    ]


def test_1040_a_member_gets_member_price_and_swap_and_points() -> None:
    clerk = Clerk()
    clerk.swipes("8800000000018")
    assert (clerk.sees(MemberPage).member.shown, clerk.sees(MemberPage).member.points) == (
        "王**",
        620,
    )
    clerk.scans(CREAM, CLEANSER, TRAVEL, HANDCREAM)
    clerk.keys("ENTER")
    assert (clerk.tells(TotalShown).due_fen, clerk.tells(TotalShown).count) == (22790, 4)
    clerk.keys("230 ENTER")
    done = done_of(clerk)
    assert (done.pay_fen, done.change_fen, done.points, done.points_after) == (22790, 210, 188, 808)
    body = sale_of(clerk)
    assert (body.list_fen, body.list_fen - body.bill_fen) == (26200, 3410)
    assert [line.cls for line in body.lines] == ["regular", "regular", "special", "swap"]
    assert [(one.staff, one.share) for one in body.guides] == [("02", 10_000)]
    assert {
        ("cash:drawer", "fen", "", 22790),
        ("sales:goods", "fen", "", -22790),
        ("points:M1", "point", "0018.1:1:5", 188),
        ("issued:points", "point", "", -188),
        ("stock:ZZ-004", "piece", "", -1),
        ("sold:ZZ-004", "piece", "", 1),
        ("returnable:0018.1:1:1", "returnable", "0018.1:1:1", 1),
        ("sold-lines", "returnable", "", -4),
    } < postings_of(clerk)


def test_1040_the_card_may_come_last() -> None:
    clerk = Clerk()
    clerk.scans(CREAM, CLEANSER, TRAVEL, HANDCREAM)
    clerk.keys("ENTER")
    clerk.swipes("8800000000018")
    assert clerk.sees(TotalShown).due_fen == 22790
    clerk.keys("230 ENTER")
    assert done_of(clerk).points_after == 808


def test_1405_by_phone_with_quantity_scale_code_rounding_and_another_guide() -> None:
    clerk = Clerk()
    clerk.keys("13800000003 ENTER * 3 ENTER 2 * 18 ENTER")
    clerk.scans("2100020012637")
    clerk.keys("ENTER 50 ENTER")
    body = sale_of(clerk)
    assert (body.bill_fen, body.rounding_fen, body.pay_fen, body.points) == (3243, 3, 3240, 32)
    assert [(line.sku, line.qty, line.paid_fen) for line in body.lines] == [
        ("ZZ-018", 2, 1980),
        ("SOAP", 45, 1263),
    ]
    assert [(one.staff, one.share) for one in body.guides] == [("03", 10_000)]
    assert {
        ("rounding:cash", "fen", "", 3),
        ("sales:goods", "fen", "", -3243),
        ("cash:drawer", "fen", "", 3240),
    } < postings_of(clerk)
    assert done_of(clerk).points_after == 32


def test_enrolment_by_fee_ends_at_a_total_of_its_own() -> None:
    clerk = Clerk()
    clerk.keys("/2")
    clerk.swipes("8800000001022")
    clerk.keys("1 13900000001 ENTER 0001 ENTER 1 ENTER 1 ENTER")
    assert clerk.sees(TotalShown).due_fen == 4800
    clerk.keys("*2")
    body = enrolment_of(clerk)
    assert (body.fee_fen, body.tenders[0].code, body.consent.marketing) == (4800, "wechat", True)
    assert {
        ("tender:wechat", "fen", "", 4800),
        ("sales:fee", "fen", "", -4800),
    } < postings_of(clerk)
    assert OpenDrawer() not in clerk.took()
    assert clerk.shop.member_by_phone("13900000001") is not None


def test_a_missing_welcome_item_is_owed_and_does_not_stop_the_enrolment() -> None:
    clerk = Clerk()
    clerk.shop.balance["stock:MAG", "piece", ""] = 0
    clerk.scans(CLEANSER, CREAM)
    clerk.keys("ENTER ENTER /2")
    clerk.swipes("8800000001022")
    clerk.keys("2 13900000001 ENTER 0001 ENTER 1 ENTER 1 ENTER")
    assert {item.sku: item.owed for item in enrolment_of(clerk).welcome} == {
        "CARD": False,
        "CREAM": False,
        "MAG": True,
        "BOOK": False,
    }
    assert clerk.shop.stock("MAG") == 0
    (lot,) = [lot for lot in enrolment_of(clerk).lots if lot.unit == Unit.PIECE]
    assert (lot.source, lot.amount) == ("owed:MAG", 1)
    waits = {key: n for key, n in clerk.shop.balance.items() if key[0].startswith("waiting:")}
    assert list(waits.values()) == [1], "it is promised to the member, as a lot"


def test_1920_and_1925_a_lost_card_is_refused_and_an_ended_term_pays_list_price() -> None:
    clerk = Clerk()
    clerk.swipes("8800000000056")
    assert clerk.clerk == RefusalShown("E03", {})
    clerk.swipes("8800000000070")
    assert clerk.clerk == RefusalShown("E05", {"date": "2025-12-10"})
    assert clerk.customer == RefusalShown("E05", {})
    clerk.keys(".")
    assert clerk.tells(MemberPage).balance_fen == 8850
    clerk.scans(TRAVEL)
    assert clerk.sees(BasketShown).quote.bill_fen == 4500
    assert [notice.code for notice in clerk.sees(BasketShown).notices] == ["E05"]
    clerk.keys("ENTER ENTER")
    assert sale_of(clerk).points == 0


def test_a_card_of_ours_that_is_unknown_here_earns_as_a_visitor() -> None:
    clerk = Clerk()
    clerk.swipes("8800000009999")
    assert clerk.customer == RefusalShown("E06", {})
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER")
    body = sale_of(clerk)
    assert (body.member, body.points) == ("card:8800000009999", 120)
    assert done_of(clerk).points_after is None


def test_the_next_item_clears_the_member_at_once() -> None:
    clerk = Clerk()
    clerk.swipes("8800000000018")
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER")
    assert done_of(clerk).member is not None
    clerk.scans(CLEANSER)
    assert clerk.tells(BasketShown).member is None
    clerk.keys("ENTER ENTER")
    assert sale_of(clerk).member == ""


def test_a_page_ends_after_half_a_minute_and_an_inquiry_after_two() -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER")
    clerk.waits(29_999)
    clerk.tells(Done)
    clerk.waits(1)
    assert clerk.customer == Idle()
    assert clerk.clerk == Idle()
    clerk.swipes("8800000000018")
    clerk.waits(120_000)
    assert clerk.customer == Idle()
    clerk.scans(CREAM)
    clerk.waits(3_600_000)
    clerk.tells(BasketShown)


def test_postings_name_no_holder_but_this_chain() -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER")
    first = clerk.shop.journal[-1].entry.postings[0]
    assert first == Posting("0018.1", "cash:drawer", "fen", "", 12000)


def test_points_that_are_owed_back_are_settled_from_the_next_sale() -> None:
    clerk = Clerk()
    owed = (accounts.claim("M1"), "claim:point", "0018.1:9:1")
    clerk.shop.balance[owed] = 48
    before = clerk.shop.points("M1")
    clerk.swipes("8800000000018")
    clerk.scans(CLEANSER)
    clerk.keys("ENTER 68 ENTER")
    assert sale_of(clerk).points == 68
    (settled,) = sale_of(clerk).settled
    assert (settled.claim, settled.amount) == ("0018.1:9:1", 48)
    assert clerk.shop.balance[owed] == 0
    assert clerk.shop.points("M1") - before == 20
