"""What the books answer: members, catalogue, stock, shifts, packs, balances of then and now."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.ledger import accounts, machine
from daemon.ledger.bodies import Consent, MemberEnrolled, NewLot, Profile
from daemon.ledger.bookfile import BookFile
from daemon.ledger.codec import CodecError, canonical, decode, hash_of
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.medium import Medium
from daemon.ledger.messages import (
    CardBlocked,
    CardRange,
    CardRanges,
    GrantedLot,
    HoldingGranted,
    MemberSnapshot,
    OpeningStock,
    Pack,
    Product,
    Products,
    ScaleCode,
    Staff,
    StaffList,
    StockOpened,
)
from daemon.ledger.posting import check
from daemon.ledger.rebuild import rebuild
from daemon.ledger.records import Chain, Draft, PackRef, Posting
from daemon.ledger.store import Store
from daemon.ledger.verify import verify
from daemon.ledger.views import DownMark, Durable
from tests.ledger import shop
from tests.ledger.shop import CARD, CLERK, MEMBER, PACK, at, message, open_store, sale

POINTS = accounts.points(MEMBER)
CREAM = Product(sku="CREAM", name="嫩白防护隔离霜", price_fen=4800, plu=6, barcode="6901234100068")
SOAP = Product(
    sku="SOAP", name="手工皂", price_fen=28, unit="g", scale=ScaleCode("21", "00017", "price_fen")
)
PROFILE = Profile(cipher="Y2lwaGVy", nonce="bm9uY2U=")
SNAPSHOT = MemberSnapshot(
    MEMBER, CARD, "active", "registered", "2025-05-05", "2026-05-05", profile=PROFILE
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.close()
    assert verify(tmp_path, full=True).ok
    rebuild(tmp_path)
    assert verify(tmp_path, full=True).ok


def commit(store: Store, draft: Draft) -> Durable:
    outcome = store.commit(draft)
    assert isinstance(outcome, Durable), outcome
    return outcome


def apply(store: Store, kind: str, body: object, *, n: int = 1) -> Durable:
    data = message(kind, body, n=n)
    return commit(
        store, machine.down_draft(at(), message=data, signature="c2ln", chain=store.chain)
    )


def test_products_are_found_by_number_barcode_and_scale(store: Store) -> None:
    apply(store, "products", Products(upsert=(CREAM, SOAP)))
    books = store.books
    assert books.product("CREAM") == books.product_by_plu(6) == CREAM
    assert books.product_by_barcode("6901234100068") == CREAM
    assert books.scale_product("2100017003536") == SOAP
    assert books.scale_product("2100018003536") is None
    assert books.product_by_barcode("") is None
    dearer = Product(sku="CREAM", name="霜", price_fen=5000, plu=7)
    apply(store, "products", Products(upsert=(dearer,), retire=("SOAP",)), n=2)
    assert books.product_by_plu(6) is None
    assert books.product_by_plu(7) == dearer
    assert books.product_by_barcode("6901234100068") is None
    assert books.product("SOAP") is None
    assert books.product_count() == 1


def test_staff_by_number_and_badge(store: Store) -> None:
    mei = Staff("01", "李梅", "manager", "店长", "2900000000018")
    apply(store, "staff", StaffList(upsert=(mei, Staff("02", "陈静", "clerk"))))
    assert store.books.staff("01") == store.books.staff_by_badge("2900000000018") == mei
    assert store.books.staff_by_badge("") is None
    apply(store, "staff", StaffList(upsert=(), retire=("01",)), n=2)
    assert store.books.staff("01") is None


def test_members_and_their_cards(store: Store) -> None:
    apply(store, "member.snapshot", SNAPSHOT)
    row = store.books.member_by_card(CARD)
    assert row is not None
    assert row == store.books.member(MEMBER)
    assert (row.id, row.status, row.profile, row.term_ends) == (
        MEMBER,
        "active",
        PROFILE,
        "2026-05-05",
    )
    apply(store, "card.blocked", CardBlocked(CARD, "lost"), n=2)
    assert store.books.member_by_card(CARD) is not None
    assert store.books.card_status(CARD) == "lost"
    assert getattr(store.books.member(MEMBER), "status") == "lost"  # noqa: B009
    apply(store, "card.blocked", CardBlocked(CARD, ""), n=3)
    assert store.books.card_status(CARD) == "active"
    apply(store, "card.blocked", CardBlocked("8800000009999", "frozen"), n=4)
    assert store.books.card_status("8800000009999") == "frozen"
    assert store.books.member_by_card("8800000009999") is None
    assert store.books.card_status("1") == ""
    assert store.books.member_count() == 1


def test_a_member_is_found_by_the_digest_of_the_phone(store: Store) -> None:
    apply(store, "member.snapshot", SNAPSHOT)
    assert store.books.member_by_phone_digest(b"d" * 16) is None
    store.local.put_member_key(CARD, key=b"k" * 32, phone_digest=b"d" * 16)
    found = store.books.member_by_phone_digest(b"d" * 16)
    assert found is not None
    assert found.id == MEMBER
    assert store.local.member_key(CARD) == b"k" * 32


def test_card_ranges(store: Store) -> None:
    ours = CardRange("8800000000018", "8800000000999", "registered")
    apply(store, "card.ranges", CardRanges((ours,)))
    assert store.books.card_range("8800000000018") == ours
    assert store.books.card_range("8800000000999") == ours
    assert store.books.card_range("8800000001000") is None
    assert store.books.card_range("880000000050") is None
    other = CardRange("77", "78", "bearer")
    apply(store, "card.ranges", CardRanges((other,)), n=2)
    assert store.books.card_range("8800000000018") is None
    assert store.books.card_range("77") == other


def grant(lot: str, amount: int, unit: Unit = Unit.POINT, expires: str | None = None) -> GrantedLot:
    return GrantedLot(
        lot,
        getattr(accounts, str(unit) + ("s" if unit == "point" else ""))(MEMBER),
        unit,
        amount,
        "2025-06-01T00:00:00+08:00",
        "opening",
        expires,
    )


def test_a_granted_holding_comes_through_transit_and_can_be_spent(store: Store) -> None:
    lots = (
        grant("hq.1:5:1", 620, expires="2026-12-31T23:59:59+08:00"),
        grant("hq.1:5:2", 8850, Unit.PRINCIPAL),
    )
    entry = apply(store, "holding.granted", HoldingGranted(MEMBER, lots)).entry
    assert (entry.source, entry.id, entry.by.operator) == ("down:1", "1", "hq")
    assert {posting.holder for posting in entry.postings} == {"0018.1", "transit:0018.1"}
    (row,) = store.books.lots(POINTS, Unit.POINT)
    assert (row.lot, row.amount, row.expires) == ("hq.1:5:1", 620, "2026-12-31T23:59:59+08:00")
    assert store.books.balance(accounts.principal(MEMBER), Unit.PRINCIPAL) == 8850
    commit(store, shop.spend("a", "hq.1:5:1", 600))
    assert store.books.balance(POINTS, Unit.POINT) == 20
    assert store.books.held(POINTS, Unit.POINT, "hq.1:5:1") == 20


def test_a_message_that_cannot_be_applied_is_refused_and_its_value_goes_back(
    store: Store,
) -> None:
    entry = apply(store, "moon", {"x": 1}).entry
    assert entry.kind == Kind.DOWN_REFUSED
    assert getattr(entry.body, "why") == "unknown kind 'moon'"  # noqa: B009
    data = message("holding.granted", HoldingGranted(MEMBER, (grant("hq.1:9:1", 5),)), n=2)
    draft = machine.down_refused(at(), message=data, signature="c2ln", why="no such member")
    entry = commit(store, draft).entry
    assert {(one.holder, one.amount) for one in entry.postings} == {
        ("transit:0018.1", -5),
        ("transit:hq", 5),
    }
    assert store.books.down_mark(1) == DownMark(2, hash_of(data))
    assert store.books.down_mark(2) is None
    with pytest.raises(CodecError, match=r"message for chain 0022\.1"):
        machine.down_draft(
            at(),
            message=message("staff", StaffList(()), box="0022"),
            signature="",
            chain=store.chain,
        )
    negative = message("holding.granted", HoldingGranted(MEMBER, (grant("hq.1:9:2", -5),)), n=3)
    refused = machine.down_draft(at(), message=negative, signature="", chain=store.chain)
    assert refused.kind == Kind.DOWN_REFUSED
    assert refused.postings == ()


def test_stock_opens_with_serial_numbers_and_may_go_below_zero(store: Store) -> None:
    lines = (OpeningStock("CREAM", 40), OpeningStock("CARD", 3, "0098", "0100"))
    apply(store, "stock.opened", StockOpened(lines))
    assert store.books.stock("CREAM") == 40
    assert store.books.stock("CARD") == 3
    assert store.books.serial_in_stock("CARD", "0099")
    assert not store.books.serial_in_stock("CARD", "0101")
    commit(store, sale("a", lines=42))
    assert store.books.stock("CREAM") == -2
    wrong = message("stock.opened", StockOpened((OpeningStock("CARD", 5, "0098", "0100"),)), n=2)
    draft = machine.down_draft(at(), message=wrong, signature="", chain=store.chain)
    assert "do not make 5 pieces" in getattr(draft.body, "why")  # noqa: B009


def enrol(card: str, name: str, *, re: str | None = None) -> Draft:
    body = MemberEnrolled(
        card=card,
        channel="purchase" if re else "fee",
        joined="2026-03-06T10:17:00+08:00",
        term_ends="2027-03-06T00:00:00+08:00",
        consent=Consent("2026-01", False),
        profile=PROFILE,
        points=100,
        lots=(NewLot(1, Unit.POINT, "join"),),
    )
    moved = (
        Posting("@", accounts.points("#"), Unit.POINT, "#1", 100),
        Posting("@", accounts.ISSUED_POINTS, Unit.POINT, "", -100),
        Posting("@", accounts.stock("CARD"), Unit.PIECE, card, -1),
        Posting("@", accounts.given("CARD"), Unit.PIECE, "", 1),
    )
    return Draft("keypad", name, Kind.MEMBER_ENROLLED, at(), CLERK, PACK, re, body, moved)


def test_enrolling_makes_the_member_of_this_entry_once(store: Store) -> None:
    apply(store, "stock.opened", StockOpened((OpeningStock("CARD", 2, "0098", "0099"),)))
    sold = commit(store, sale("s", member="", points=0)).entry
    anonymous = store.books.last_anonymous_sale("02", "2026-03-06")
    assert anonymous is not None
    assert (anonymous.entry, anonymous.enrolled) == (f"0018.1:{sold.seq}", "")
    commit(store, sale("t"))
    enrolled = commit(store, enrol("0099", "e", re=anonymous.entry)).entry
    member = f"0018.1:{enrolled.seq}"
    row = store.books.member_by_card("0099")
    assert row is not None
    assert (row.id, row.kind, row.status) == (member, "registered", "active")
    assert store.books.balance(accounts.points(member), Unit.POINT) == 100
    assert not store.books.serial_in_stock("CARD", "0099")
    again = store.books.sale(anonymous.entry)
    assert again is not None
    assert again.enrolled == member
    assert store.books.last_anonymous_sale("03", "2026-03-06") is None
    assert store.books.last_anonymous_sale("02", "2026-03-07") is None
    outcome = store.commit(enrol("0099", "f"))
    assert not isinstance(outcome, Durable)  # the blank card is no more in stock


def test_a_balance_is_known_as_of_any_entry(store: Store) -> None:
    ids = []
    for n in range(5):
        ids.append(f"0018.1:{commit(store, sale(f's{n}', points=10 + n)).entry.seq}")
    sums = [store.books.balance_as_of(POINTS, Unit.POINT, one) for one in ids]
    assert sums == [10, 21, 33, 46, 60]
    assert store.books.balance_as_of(POINTS, Unit.POINT, "0018.1:1") == 0
    assert store.books.balance_as_of(accounts.stock("CREAM"), Unit.PIECE, ids[1]) == -2
    assert store.books.balance_as_of("points:nobody", Unit.POINT, ids[1]) == 0


def test_returnable_lines_are_held_one_by_one(store: Store) -> None:
    commit(store, sale("a", lines=3))
    line = accounts.returnable("0018.1:2:3")
    assert store.books.balance(line, Unit.RETURNABLE) == 1
    assert store.books.held(line, Unit.RETURNABLE, "0018.1:2:3") == 1
    assert store.books.balance(accounts.returnable("0018.1:2:4"), Unit.RETURNABLE) == 0
    assert store.books.balance(accounts.SOLD_LINES, Unit.RETURNABLE) == -3


def test_shift_day_and_pack(store: Store) -> None:
    books = store.books
    assert books.open_shift() is None
    assert books.active_pack() is None
    draft = machine.shift_opened(at(), by=CLERK, float_fen=30000, source="keypad", request="r")
    opened = commit(store, draft).entry
    shift = books.open_shift()
    assert shift is not None
    assert (shift.operator, shift.opened) == ("02", f"0018.1:{opened.seq}")
    assert books.balance(accounts.CASH_DRAWER, Unit.FEN) == 30000
    commit(store, sale("a"))
    commit(store, sale("b", member="", points=0, price_fen=500))
    totals = {
        (one.kind, one.tender): (one.count, one.amount_fen)
        for one in books.day_totals("2026-03-06")
    }
    assert totals == {("sale", ""): (2, 12500), ("sale", "cash"): (2, 12500)}
    document = json.dumps({"pack": {"id": "zhenzi", "version": 7}, "signature": {}})
    ref = PackRef("zhenzi", 7, hash_of(canonical({"id": "zhenzi", "version": 7})))
    apply(store, "pack", Pack(document))
    assert books.active_pack() is None
    commit(store, machine.pack_activated(at(), ref, request="down:1:2"))
    for row in (books.active_pack(), books.pack("zhenzi", 7)):
        assert row is not None
        assert (row.id, row.version, row.hash, row.document) == ("zhenzi", 7, ref.hash, document)
    assert books.pack("zhenzi", 8) is None
    broken = message("pack", Pack("{}"), n=2)
    draft = machine.down_draft(at(), message=broken, signature="", chain=store.chain)
    assert draft.kind == Kind.DOWN_REFUSED


def test_what_the_box_says_of_itself_is_in_order(store: Store) -> None:
    chain = Chain("0018", 1)
    moment = at(shop.MORNING + timedelta(minutes=1))
    for draft in (
        machine.box_started(moment, software="0.1.0", config="c" * 64),
        machine.clock_set(moment, offset_ms=-1500, by="hq"),
        machine.anchor(moment, ack=b"{}", signature="c2ln"),
    ):
        assert check(draft.postings, chain, lambda *_: 0) == []
        assert commit(store, draft).entry.by.role == "system"
    second = store.commit(machine.anchor(moment, ack=b'{"a":1}', signature="c2ln"))
    assert not isinstance(second, Durable)  # one anchor a business day


def test_books_take_an_entry_once_although_it_is_told_twice(tmp_path: Path) -> None:
    """As when books were healed from the journal while an entry was being told to them."""
    store = open_store(tmp_path / "box")
    told = [(outcome.entry, outcome.hash) for outcome in [commit(store, sale(n)) for n in "ab"]]
    first = store.read(1, 1, 1)[0]
    told.insert(0, (decode(first.data), first.hash))
    store.close()
    file = BookFile(tmp_path / "books.db", Medium(), "0018", lambda mark: told[mark.no :])
    file.load()
    file.follow(told[1:])
    assert file.held("0018.1", POINTS, Unit.POINT, "0018.1:2:2") == 120
    assert file.mark.no == 3
    file.close()


def test_lines_that_may_come_back_cost_no_account_each(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for name in "abc":
        commit(store, sale(name, lines=3))
    store.close()
    with sqlite3.connect(tmp_path / "books.db") as connection:
        assert connection.execute("SELECT count(*) FROM account").fetchone()[0] < 10
    connection.close()
