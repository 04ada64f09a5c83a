"""What headquarters told the shop: put up, answered once, taken off; the same after a rebuild."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from daemon.ledger import accounts, machine
from daemon.ledger.acts import notice
from daemon.ledger.bodies import DownRefused
from daemon.ledger.codec import hash_of
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.messages import Pack, PackActivate
from daemon.ledger.messages_shop import (
    ClerkMessage,
    ConfigChange,
    Content,
    GiftSent,
    Reservation,
    ReservedLine,
    Setting,
)
from daemon.ledger.notices import Notice
from daemon.ledger.records import Draft
from daemon.ledger.views import Durable, Refused
from tests.acts.till import Till
from tests.ledger.shop import message


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    till = Till(tmp_path)
    till.done("stock.received", lines=[{"sku": "CREAM", "qty": 5}])
    yield till
    till.close()


def keys(till: Till, kind: Notice) -> list[str]:
    return [row.key for row in till.store.books.notices(kind)]


def test_a_message_is_read_once_and_a_withdrawn_one_is_gone(till: Till) -> None:
    for name in ("m1", "m2", "m3"):
        till.down("clerk.message", ClerkMessage(name, "明天 9 点盘点"))
    till.down("clerk.message", ClerkMessage("m3"))
    assert keys(till, Notice.MESSAGE) == ["m1", "m2"]
    till.done("message.read", message="m1")
    assert keys(till, Notice.MESSAGE) == ["m2"]
    assert till.code("message.read", message="m1") == "not_allowed"
    till.again()
    assert keys(till, Notice.MESSAGE) == ["m2"]


def test_kept_goods_leave_the_shelf_and_come_back_once(till: Till) -> None:
    till.down("reservation", Reservation("r1", (ReservedLine("CREAM", 2),)))
    assert till.store.books.stock("CREAM") == 3
    till.done("reservation.ended", reservation="r1", outcome="cancelled")
    assert till.store.books.stock("CREAM") == 5
    assert keys(till, Notice.RESERVATION) == []
    assert till.code("reservation.ended", reservation="r1") == "not_allowed"
    assert till.code("reservation.ended", reservation="r9") == "not_allowed"


def test_headquarters_may_cancel_what_is_kept_but_not_what_was_collected(till: Till) -> None:
    lines = (ReservedLine("CREAM", 2),)
    till.down("reservation", Reservation("r1", lines))
    till.down("reservation", Reservation("r1", lines, cancelled=True))
    assert (till.store.books.stock("CREAM"), keys(till, Notice.RESERVATION)) == (5, [])
    data = message("reservation", Reservation("r1", lines, cancelled=True), n=99)
    late = machine.down_draft(till.facts.at(), message=data, signature="", chain=till.store.chain)
    assert isinstance(till.store.commit(late), Refused)


def test_what_nobody_collects_lapses_by_itself(till: Till) -> None:
    kept = Reservation("r1", (ReservedLine("CREAM", 2),), until="2026-03-07T00:00:00+08:00")
    till.down("reservation", kept)
    assert till.acts.lapse() == []
    till.later(days=2)
    assert [one.entry.kind for one in till.acts.lapse()] == [Kind.RESERVATION_ENDED]
    assert till.store.books.stock("CREAM") == 5
    assert till.acts.lapse() == []


def test_kept_goods_are_put_back_once_whoever_asks(till: Till) -> None:
    """Two tills that ask at once have both seen the notice; the books let one of them."""
    till.down("reservation", Reservation("r1", (ReservedLine("CREAM", 2),)))
    (row,) = till.store.books.notices(Notice.RESERVATION)
    outcomes = []
    for name in ("one", "two"):
        request = notice.EndReservationRequest(id=name, reservation="r1")
        draft = notice.end_reservation(request, row, till.facts.stamp(request))
        assert isinstance(draft, Draft)
        outcomes.append(till.store.commit(draft))
    assert [type(one) for one in outcomes] == [Durable, Refused]
    assert till.store.books.stock("CREAM") == 5


def test_a_setting_counts_until_another_comes_or_it_is_lifted(till: Till) -> None:
    for value in ("020-1", "020-2"):
        till.down("config.change", ConfigChange((Setting("shop.phone", value),)))
    (row,) = till.store.books.notices(Notice.SETTING)
    assert msgspec.json.decode(row.body) == {"key": "shop.phone", "value": "020-2"}
    till.down("config.change", ConfigChange((Setting("shop.phone", None),)))
    assert keys(till, Notice.SETTING) == []


def test_a_gift_that_was_sent_is_said_until_it_is_handed_over(till: Till) -> None:
    till.admit("M2", 800)
    till.done("points.redeemed", member="M2", rule="gift1", points=800, sku="GIFT1", from_="hq")
    (waiting,) = till.store.books.lots(accounts.waiting("M2"), Unit.PIECE)
    sent = GiftSent(waiting.lot, "M2", "GIFT1", "2026-03-06T11:00:00+08:00", "SF-1")
    till.down("gift.sent", sent)
    assert keys(till, Notice.GIFT) == [waiting.lot]
    till.done("entitlement.handed_over", member="M2", lot=waiting.lot)
    assert keys(till, Notice.GIFT) == []


def test_a_long_pack_is_asked_for_by_hash_and_its_bytes_stay_in_the_journal(till: Till) -> None:
    document = '{"pack":{"id":"zhenzi","version":8},"signature":{}}'
    ref = machine.pack_of(document)
    content = Content(hash_of(document.encode()), len(document))
    till.down("pack", Pack("", ref.id, ref.version, ref.hash, content))
    till.down("pack.activate", PackActivate(ref.id, ref.version, ref.hash))
    assert keys(till, Notice.PACK) == [content.hash]
    row = till.store.books.pack("zhenzi", 8)
    assert row is not None and (row.hash, row.document) == (ref.hash, "")
    for _ in range(2):
        draft = machine.pack_received(till.facts.at(), content=content.hash, document=document)
        assert isinstance(till.store.commit(draft), Durable)
    row = till.store.books.pack("zhenzi", 8)
    assert row is not None and row.document == document
    assert keys(till, Notice.PACK) == []


@pytest.mark.parametrize("lines", [(), (ReservedLine("CREAM", 0),), (ReservedLine("CREAM", -1),)])
def test_a_reservation_of_nothing_is_refused_with_why(
    till: Till, lines: tuple[ReservedLine, ...]
) -> None:
    data = message("reservation", Reservation("r1", lines), n=1)
    draft = machine.down_draft(till.facts.at(), message=data, signature="", chain=till.store.chain)
    assert isinstance(draft.body, DownRefused)
    assert "at least one" in draft.body.why
