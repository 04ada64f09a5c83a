"""A worked entry of every kind, made by the real acts on a real store, as docs/LEDGER.md shows it.

`python -m tests.acts.worked` writes them into the document anew.
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from daemon.ledger import accounts, machine
from daemon.ledger.acts import mall
from daemon.ledger.acts.moves import Request
from daemon.ledger.bodies import (
    Consent,
    MallBilled,
    MemberEnrolled,
    NewLot,
    Profile,
    Sale,
    SaleLine,
    Tender,
    Welcome,
)
from daemon.ledger.codec import decode, hash_of
from daemon.ledger.handover import close_epoch
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.messages import (
    GrantedLot,
    HoldingGranted,
    Pack,
    Staff,
    StaffList,
)
from daemon.ledger.messages_shop import ClerkMessage, Content, Reservation, ReservedLine
from daemon.ledger.posting import HQ
from daemon.ledger.records import By, Draft, Entry, PackRef, Posting
from daemon.ledger.views import Durable
from tests.acts.test_person import snapshot
from tests.acts.till import CARDS, Till, cash, line, wechat
from tests.acts.worked_asked import given_back, judged, lent
from tests.acts.worked_hq import of_hq
from tests.ledger.shop import message

DOCUMENT = Path(__file__).parents[2] / "docs" / "LEDGER.md"
BLOCK = re.compile(r"```ledger (\S+)\n(.*?)```", re.DOTALL)
ROWS, ROWS_SHOWN = 20, 6  # a whole holding that moves has more than a reader needs
SALE_THAT_LENT = "sale.advance"  # no kind of its own
LONG = 40  # characters of a text that says nothing to a reader: keys, signatures, messages


def entries() -> dict[str, Entry]:
    """Return the first entry of each kind of a day with everything in it, and of a sale that lent
    points."""
    found: dict[str, Entry] = {}
    with tempfile.TemporaryDirectory() as folder:
        for entry in story(Path(folder)):
            lent = isinstance(entry.body, Sale) and entry.body.advance is not None
            found.setdefault(SALE_THAT_LENT if lent else entry.kind.value, entry)
    return found


def shown(entry: Entry) -> str:
    """Return an entry as the document prints it."""
    own = HQ if entry.box == HQ else f"{entry.box}.{entry.epoch}"
    head = [f"{entry.box}.{entry.epoch}:{entry.seq}", entry.at.wall[:16].replace("T", " ")]
    if entry.by.operator:
        head.append(f"by {entry.by.operator}")
    if entry.re:
        head.append(f"re {entry.re}")
    said = [f"{name} {_short(value)}" for name, value in _scalars(entry)]
    rows = [_row(posting, own) for posting in entry.postings]
    if len(rows) > ROWS:
        rows = [*rows[:ROWS_SHOWN], f"  ... and {len(rows) - ROWS_SHOWN} more of their like"]
    return "\n".join(one.rstrip() for one in ("  ".join(head), *_wrapped(said), *rows) if one)


def rewritten(document: str, found: dict[str, Entry]) -> str:
    """Return the document with every example as the books make it today."""
    return BLOCK.sub(lambda block: f"```ledger {block[1]}\n{shown(found[block[1]])}\n```", document)


def story(folder: Path) -> Iterator[Entry]:
    """Live the day on a store in the folder, which stays; yield its entries, then HQ's."""
    till = Till(folder)
    _begin(till)
    _goods(till)
    _value(till)
    _points(till)
    _cards(till)
    judged(till)
    given_back(till)
    lent(till)
    _mall(till)
    _notices(till)
    _end(till)
    for chain, head in till.store.chains():
        for seq in range(1, head.seq + 1):
            (stored,) = till.store.read(chain.epoch, seq, 1)
            yield decode(stored.data)
    till.close()
    yield from of_hq()


def _begin(till: Till) -> None:
    at = till.facts.at()
    pack = PackRef("zhenzi", 7, "ab" * 32)
    for draft in (
        machine.box_started(at, software="0.1.0", config="cd" * 32),
        machine.clock_set(at, offset_ms=-1200, by="ntp"),
        machine.pack_activated(at, pack, request="1"),
        machine.anchor(at, ack=b'{"mark": 5}', signature="bm8="),
    ):
        assert isinstance(till.store.commit(draft), Durable)
    bad = GrantedLot("hq.1:1:1", "points:M9", "point", -5, "2026-01-01", "opening")
    data = message("holding.granted", HoldingGranted("M9", (bad,)), n=2)
    refused = machine.down_draft(at, message=data, signature="", chain=till.store.chain)
    assert isinstance(till.store.commit(refused), Durable)
    till._n = 2
    till.down("staff", StaffList((Staff("01", "周敏", "manager"), Staff("03", "吴倩", "clerk"))))
    till.admit("M2", 812)
    till.admit("M3")
    snapshot(till)
    assert isinstance(till.store.commit(joining(till)), Durable)


def joining(till: Till) -> Draft:
    card = "8800000001015"
    body = MemberEnrolled(
        card=card,
        channel="fee",
        joined="2026-03-06T10:00:00+08:00",
        term_ends="2027-03-06T10:00:00+08:00",
        consent=Consent("ZZ-2026-01", marketing=False),
        profile=Profile("bG9ja2Vk", "bm9uY2U="),
        fee_fen=4800,
        tenders=(Tender("cash", 4800),),
        points=100,
        welcome=(Welcome("CARD", 1),),
        lots=(NewLot(1, Unit.POINT, "join", amount=100),),
    )
    moved = (
        _own(accounts.CASH_DRAWER, Unit.FEN, 4800),
        _own(accounts.SALES_FEE, Unit.FEN, -4800),
        _own(accounts.stock("CARD"), Unit.PIECE, -1, card),
        _own(accounts.given("CARD"), Unit.PIECE, 1),
        _own(accounts.points("#"), Unit.POINT, 100, "#1"),
        _own(accounts.ISSUED_POINTS, Unit.POINT, -100),
    )
    by = By("02", "clerk")
    at = till.facts.at()
    return Draft("keypad", "join", Kind.MEMBER_ENROLLED, at, by, None, None, body, moved)


def _goods(till: Till) -> None:
    till.done(
        "stock.received",
        lines=[{"sku": "CREAM", "qty": 24, "batch": "B0301", "use_by": "2028-03-01"}],
        supplier="真子总部",
        document="S-1207",
    )
    till.done("stock.adjusted", lines=[{"sku": "CREAM", "qty": 1}], reason="tester")
    till.done("stock.counted", lines=[{"sku": "CREAM", "qty": 22}])
    till.done("stock.moved", lines=[{"sku": "CREAM", "qty": 2}], to="0019.1")
    goods = [
        line(1, "CREAM", 12000, points=120),
        line(2, "ZZ-001", 6800, points=68),
        line(3, "ZZ-016", 3000, at_list=4500),
        line(4, "ZZ-015", 990, at_list=2900),
    ]
    owed = [{"staff": "02", "amount_fen": 680}]
    till.done(
        "price.overridden",
        sku="ZZ-015",
        list_fen=2900,
        fen=990,
        reason="damaged box",
        staff="01",
    )
    bought = till.done(
        "sale", member="M1", lines=goods, tenders=cash(22790), points=188, commission=owed
    )
    till.done("return", sale=bought, lines=[{"n": 2, "qty": 1}], reason=1)
    till.done(
        "exchange",
        sale=bought,
        back=[{"n": 1, "qty": 1}],
        lines=[line(1, "ZZ-005", 16800, points=168)],
        tenders=cash(4800),
        points=168,
        reason=4,
    )
    some = till.done("sale", lines=[line(1, "ZZ-018", 3243)], tenders=cash(3240), rounding_fen=3)
    till.done("sale.claimed", sale=some, member="M2", lines=[32])
    gone = till.done("sale", lines=[line(1, "TOY", 1000)], tenders=cash(1000))
    till.done("sale.voided", sale=gone)
    till.done(
        "return.unreferenced",
        lines=[line(1, "TOY", 900)],
        tenders=cash(900),
        manager="01",
        reason=5,
    )


def _value(till: Till) -> None:
    filled = till.done(
        "topup", member="M2", amount_fen=30000, bonus_fen=3000, tenders=wechat(30000)
    )
    goods = [line(1, "ZZ-005", 16500, points=165)]
    till.done("sale", member="M2", lines=goods, value_fen=16500, points=165)
    till.done("value.refunded", topup=filled, basis="not_own_wish", manager="01")
    wrong = till.done("topup", member="M2", amount_fen=10000, tenders=wechat(10000))
    till.done("topup.voided", topup=wrong)
    soon = "2026-03-07T00:00:00+08:00"
    till.done(
        "topup",
        member="M3",
        amount_fen=1000,
        bonus_fen=200,
        bonus_expires=soon,
        tenders=wechat(1000),
    )


def _points(till: Till) -> None:
    soon = "2026-03-07T00:00:00+08:00"
    till.done("points.granted", member="M3", points=50, reason="festival", expires=soon)
    till.done("points.adjusted", member="M3", points=20, reason="complaint", manager="01")
    till.done("points.redeemed", member="M2", rule="gift1", points=800, sku="GIFT1", from_="hq")
    (waiting,) = till.store.books.lots(accounts.waiting("M2"), Unit.PIECE)
    till.done("entitlement.handed_over", member="M2", lot=waiting.lot)
    _rights(till, soon)
    till.done("points.transferred", member="M2", to="M3", amount=10, reason="family")
    till.done("points.frozen", member="M2", amount=12, reason="many sales in one day")
    till.done("points.unfrozen", member="M2", amount=5, reason="looked at")
    till.done("points.voided", member="M2", amount=7, reason="not the member's own purchases")
    till.done("coupon.issued", member="M3", coupon="tea", count=2, expires=soon)
    used = till.done("coupon.redeemed", member="M3", coupon="tea", reason="tea in the shop")
    till.done("coupon.restored", redeemed=used, reason="no tea left")
    till.later(days=1)
    kinds = {durable.entry.kind for durable in till.acts.lapse()}
    lapsed = {Kind.POINTS_LAPSED, Kind.VALUE_LAPSED, Kind.COUPON_LAPSED, Kind.ENTITLEMENT_LAPSED}
    assert kinds == lapsed


def _rights(till: Till, soon: str) -> None:
    """What waits for a member: a birthday gift with an end, and one that was not in stock."""
    birthday = {"rule": "birthday", "reason": "birthday"}
    till.done("entitlement.opened", member="M3", sku="TOY", qty=2, expires=soon, **birthday)
    till.done("entitlement.owed", member="M3", sku="GIFT1", name="礼品", **birthday)


def _cards(till: Till) -> None:
    till.done("member.updated", member="M1", name="林佳")
    till.done("consent.changed", member="M1", terms="ZZ-2026-01", marketing=False)
    till.done(
        "member.renewed",
        card="8800000001015",
        channel="fee",
        term_ends="2028-03-06T10:00:00+08:00",
        fee_fen=4800,
        tenders=cash(4800),
        points=100,
    )
    till.done("level.changed", member="M2", level="gold", reason="review", until="2028-03-06")
    till.done("card.issued", member="M2", new="8800000001017", reason="for the family")
    till.done("audit.confirmed", member="M3", period="2026-12", counted=70, auditor="总部 12")
    till.done("card.frozen", card=CARDS["M2"], reason="asked by headquarters")
    till.done("card.unfrozen", card=CARDS["M2"])
    till.done("card.lost", card=CARDS["M2"], reason="reported by phone")
    till.done("card.replaced", card=CARDS["M2"], new="8800000001016")
    till.done("card.closed", card="8800000001015", reason="asked by the member")
    till.done("member.erased", member="M1", reason="asked by the member")


def _mall(till: Till) -> None:
    """Two bills for the mall's till: one is paid, the other is forgotten."""
    sold = SaleLine(1, "ZZ-004", "保湿面霜", 1, 12000, 12000, "regular")
    sale = Sale((sold,), (Tender("mall", 12000),), 12000, 12000, 0, 12000)
    for name in ("bill-1", "bill-2"):
        at, by = till.facts.at(), till.facts.by()
        draft = Draft("keypad", name, Kind.MALL_BILLED, at, by, None, None, MallBilled(sale), ())
        billed = till.store.commit(draft)
        assert isinstance(billed, Durable)
        if name == "bill-1":
            stamp = till.facts.stamp(Request(id="slip"))
            paid = mall.paid(billed.entry, "778899", None, till.facts.balance, stamp)
            assert isinstance(paid, Draft)
            assert isinstance(till.store.commit(paid), Durable)
        else:
            lapsed = mall.lapsed(id_of(billed.entry), at)
            assert isinstance(till.store.commit(lapsed), Durable)
    assert [one.state for one in till.store.mall.of_day(at.business_date)] == ["paid", "lapsed"]
    assert till.store.mall.open() == []


def _notices(till: Till) -> None:
    """Headquarters has something to say, keeps goods for somebody, and sends a long pack."""
    till.down("clerk.message", ClerkMessage("m1", "明天 9 点盘点"))
    till.done("message.read", message="m1")
    till.done("visit.noted", card=CARDS["M1"])
    kept = Reservation("r1", (ReservedLine("CREAM", 2),), note="王女士")
    till.down("reservation", kept)
    till.done("reservation.ended", reservation="r1")
    document = '{"pack":{"id":"zhenzi","version":8},"signature":{}}'
    ref = machine.pack_of(document)
    content = Content(hash_of(document.encode()), len(document))
    till.down("pack", Pack("", ref.id, ref.version, ref.hash, content))
    received = machine.pack_received(till.facts.at(), content=content.hash, document=document)
    assert isinstance(till.store.commit(received), Durable)


def _end(till: Till) -> None:
    till.done("cash.moved", way="banked", amount_fen=20000, receiver="bank")
    till.done("drawer.opened", reason="change")
    till.done("commission.paid", paid=[{"staff": "02", "amount_fen": 100}], period="2026-03")
    _deposits(till)
    drawer = till.has(accounts.CASH_DRAWER)
    till.done("shift.closed", counted=[{"code": "cash", "fen": drawer - 50}])
    till.done("day.closed")
    close_epoch(till.store, till.facts.at())
    till.again()


def _deposits(till: Till) -> None:
    """One is bought for, the other is paid back."""
    goods = {"goods": "10 gift boxes", "tenders": cash(5000)}
    first = till.done("deposit.taken", amount_fen=5000, due="2026-03-20", **goods)
    second = till.done("deposit.taken", amount_fen=5000, **goods)
    tenders = [*wechat(7000), {"code": "deposit", "amount_fen": 5000}]
    sale = till.done("sale", lines=[line(1, "TOY", 12000)], tenders=tenders)
    till.done("deposit.applied", deposit=first, sale=sale)
    till.done("deposit.refunded", deposit=second, tenders=cash(5000), reason="not delivered")


def _own(account: str, unit: str, amount: int, lot: str = "") -> Posting:
    return Posting("@", account, unit, lot, amount)


def _scalars(entry: Entry) -> Iterator[tuple[str, object]]:
    body = entry.body
    for name in body.__struct_fields__:
        value = getattr(body, name)
        if isinstance(value, str | int | bool) and value not in ("", 0):
            yield name, value


def _short(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= LONG else text[:12] + "..."


def _wrapped(said: list[str]) -> Iterator[str]:
    text = ""
    for one in said:
        if len(text) + len(one) > 84:
            yield f"  {text}"
            text = ""
        text += (", " if text else "") + one
    if text:
        yield f"  {text}"


def _row(posting: Posting, own: str) -> str:
    holder = "" if posting.holder == own else posting.holder
    lot = f"lot {posting.lot}" if posting.lot else ""
    return f"  {posting.account:<26} {posting.unit:<11} {posting.amount:>+8} {lot:<26} {holder}"


if __name__ == "__main__":
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(rewritten(text, entries()), encoding="utf-8")
