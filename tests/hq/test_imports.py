"""Imports: every mistake at once, nothing twice, and what boxes are told of it."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from daemon import seal
from daemon.ledger.codec import down_body, down_message
from daemon.ledger.messages import (
    CardBlocked,
    DownBody,
    HoldingGranted,
    MemberSnapshot,
    Products,
    StockOpened,
)
from daemon.ledger.profiles import open_profile
from daemon.sync.wire import LetterKind, Post, parse_letter
from hq import memberlist
from hq.cards import import_cards
from hq.headquarters import Headquarters
from hq.imports import import_products, import_staff
from tests.hq.office import Sender, new_office, take, work_all
from tests.hq.tables import CARDS, PRODUCTS, cards_csv, products_csv, staff_csv


@pytest.fixture
def hq(tmp_path: Path) -> Iterator[Headquarters]:
    office = new_office(tmp_path / "hq")
    yield Headquarters(office)
    office.close()


def told(hq: Headquarters, box: str = "0001") -> list[tuple[str, DownBody]]:
    """Return (kind, body) of everything written for the box's chain."""
    rows = hq.office.db.execute(
        "SELECT d.text FROM down AS d JOIN chain AS c ON c.id = d.chain WHERE c.box = ?"
        " ORDER BY d.n",
        (box,),
    )
    messages = [down_message(row[0].encode()) for row in rows]
    return [(message.kind, down_body(message)) for message in messages]


def begin(hq: Headquarters) -> Sender:
    """A box whose chain has begun."""
    box = Sender(hq.office)
    take(hq, box.hello(), box.batch())
    work_all(hq)
    return box


def test_a_new_chain_is_told_everything_in_its_order(hq: Headquarters, tmp_path: Path) -> None:
    import_products(hq.office, products_csv(tmp_path / "p.csv"))
    import_staff(hq.office, staff_csv(tmp_path / "s.csv"))
    import_cards(hq.office, cards_csv(tmp_path / "c.csv"))
    begin(hq)
    kinds = [kind for kind, _ in told(hq)]
    assert kinds == [
        "staff",
        "products",
        "card.ranges",
        "member.snapshot",
        "member.snapshot",
        "stock.opened",
        "holding.granted",
        "holding.granted",
    ]


def test_the_same_file_twice_changes_nothing(hq: Headquarters, tmp_path: Path) -> None:
    files = products_csv(tmp_path / "p.csv"), cards_csv(tmp_path / "c.csv")
    import_products(hq.office, files[0])
    import_cards(hq.office, files[1])
    begin(hq)
    before = len(told(hq))
    assert import_products(hq.office, files[0]).changed == 0
    assert import_cards(hq.office, files[1]).changed == 0
    work_all(hq)
    assert len(told(hq)) == before
    assert [member.points for member in memberlist.members(hq.office)] == [620, 150]


def test_a_changed_price_makes_one_message_with_one_product(
    hq: Headquarters, tmp_path: Path
) -> None:
    import_products(hq.office, products_csv(tmp_path / "p.csv"))
    begin(hq)
    before = len(told(hq))
    import_products(hq.office, products_csv(tmp_path / "p.csv", price=6900))
    work_all(hq)
    ((kind, body),) = told(hq)[before:]
    assert kind == "products" and isinstance(body, Products)
    assert [(product.sku, product.price_fen) for product in body.upsert] == [("ZZ-001", 6900)]


def test_a_lost_card_is_blocked_and_a_found_one_is_freed(hq: Headquarters, tmp_path: Path) -> None:
    import_cards(hq.office, cards_csv(tmp_path / "c.csv"))
    begin(hq)
    for status, reason in (("lost", "lost"), ("active", "")):
        before = len(told(hq))
        import_cards(hq.office, cards_csv(tmp_path / "c.csv", status=status))
        work_all(hq)
        assert told(hq)[before:] == [("card.blocked", CardBlocked("8800000000018", reason))]


def test_opening_balances_are_released_through_transit_once(
    hq: Headquarters, tmp_path: Path
) -> None:
    import_cards(hq.office, cards_csv(tmp_path / "c.csv"))
    assert _held(hq, "hq") == {"point": 770, "principal": 50000, "bonus": 2000}
    begin(hq)
    assert _held(hq, "hq") == {}
    assert _held(hq, "transit:0001.1") == {"point": 770, "principal": 50000, "bonus": 2000}
    grants = [body for _, body in told(hq) if isinstance(body, HoldingGranted)]
    lots = [(lot.lot, lot.unit, lot.amount, lot.granted) for g in grants for lot in g.lots]
    assert lots == [
        ("hq.1:1:1", "point", 620, "2025-05-05"),
        ("hq.1:2:1", "point", 150, "2025-08-02"),
        ("hq.1:2:2", "principal", 50000, "2025-08-02"),
        ("hq.1:2:3", "bonus", 2000, "2025-08-02"),
    ]
    everything = memberlist.members(hq.office)
    assert [(m.points, m.principal, m.bonus) for m in everything] == [
        (620, 0, 0),
        (150, 50000, 2000),
    ]


def _held(hq: Headquarters, holder: str) -> dict[str, int]:
    rows = hq.office.db.execute(
        "SELECT unit, sum(amount) FROM balance WHERE holder = ? AND lot <> '' AND amount <> 0"
        " GROUP BY unit",
        (holder,),
    )
    return dict(rows.fetchall())


def test_profiles_travel_locked_and_their_keys_sealed_to_the_box(
    hq: Headquarters, tmp_path: Path
) -> None:
    import_cards(hq.office, cards_csv(tmp_path / "c.csv"))
    box = begin(hq)
    payloads = [out.payload for out in hq.posts(1) if out.topic.endswith("/down/log")]
    everything = b"".join(payloads)
    assert "王晓芸".encode() not in everything and b"13800000001" not in everything
    posts = [msgspec.json.decode(payload, type=Post) for payload in payloads]
    carried = {key.member: key for post in posts for key in post.keys}
    snapshot = next(body for _, body in told(hq) if isinstance(body, MemberSnapshot))
    key = seal.unseal(box.ledger.seed, b64decode(carried[snapshot.id].sealed))
    assert snapshot.profile is not None
    person = open_profile(snapshot.profile, card=snapshot.card, key=key)
    assert (person.name, person.phone) == ("王晓芸", "13800000001")


def test_stock_opens_at_its_shop_only_and_once(hq: Headquarters, tmp_path: Path) -> None:
    import_products(hq.office, products_csv(tmp_path / "p.csv", shop="0001"))
    begin(hq)
    other = Sender(hq.office, "0002", seed=8)
    take(hq, other.hello(), other.batch())
    work_all(hq)
    opened = [body for _, body in told(hq) if isinstance(body, StockOpened)]
    assert [(line.sku, line.qty) for body in opened for line in body.lines] == [
        ("CARD", 10),
        ("SOAP", 5000),
        ("ZZ-001", 36),
    ]
    assert [kind for kind, _ in told(hq, "0002")] == ["products"]


def test_all_mistakes_are_named_with_line_column_and_what_is_allowed(
    hq: Headquarters, tmp_path: Path
) -> None:
    row = ["1", "ZZ-001", "名", "", "", "6.80", "luxury", "", "", "maybe", *[""] * 17]
    row[16] = "litre"
    twin = ["2", "ZZ-001", "名", *[""] * 24]
    path = tmp_path / "p.csv"
    path.write_text("\n".join([PRODUCTS, ",".join(row), ",".join(twin), "x,y"]))
    done = import_products(hq.office, path)
    found = {(m.line, m.column) for m in done.mistakes}
    assert {(2, "price_fen"), (2, "class"), (2, "key"), (4, "")} <= found
    assert all(m.allowed for m in done.mistakes)
    assert hq.office.db.execute("SELECT count(*) FROM product").fetchone() == (0,)


def test_an_unknown_column_and_a_missing_one_are_both_named(
    hq: Headquarters, tmp_path: Path
) -> None:
    path = tmp_path / "c.csv"
    path.write_text(CARDS.replace("phone", "telephone") + "\n")
    found = {(m.line, m.column) for m in import_cards(hq.office, path).mistakes}
    assert found == {(1, "telephone"), (1, "phone")}


def test_a_barcode_in_a_card_range_is_warned_of(hq: Headquarters, tmp_path: Path) -> None:
    path = products_csv(tmp_path / "p.csv")
    path.write_text(path.read_text().replace("6901234100013", "8800000000999"))
    import_products(hq.office, path)
    done = import_cards(hq.office, cards_csv(tmp_path / "c.csv"))
    assert not done.mistakes
    assert ["8800000000999" in warning for warning in done.warnings] == [True]


def test_a_table_in_gb18030_is_read(hq: Headquarters, tmp_path: Path) -> None:
    path = staff_csv(tmp_path / "s.csv")
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    assert import_staff(hq.office, path).changed == 2
    body = hq.office.db.execute("SELECT body FROM staff WHERE no = '01'").fetchone()[0]
    assert "李梅" in body


def test_what_the_rules_ask_of_a_member_comes_with_him_and_stays(
    hq: Headquarters, tmp_path: Path
) -> None:
    """Segments, who brought him, card types by face value."""
    table = cards_csv(tmp_path / "c.csv")
    import_cards(hq.office, table)
    begin(hq)

    def facts(**more: str) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
        """Import the table once more, with columns that a table may leave out."""
        cards_csv(table)
        head, *lines = table.read_text(encoding="utf-8").splitlines()
        tail = "".join(f",{cell}" for cell in more.values())
        wider = [",".join([head, *more]), *(line + tail for line in lines)]
        table.write_text("\n".join(wider) + "\n", encoding="utf-8")
        result = import_cards(hq.office, table)
        assert not result.mistakes, result.mistakes
        hq.work()
        said = [body for _, body in told(hq) if isinstance(body, MemberSnapshot)]
        last = [one for one in said if one.card == "8800000000018"][-1]
        return last.tags, last.broker, last.benefits

    every = {"tags": "asleep vip", "broker": "B1", "benefits": "t5000 t2000"}
    assert facts(**every) == (("asleep", "vip"), "B1", ("t5000", "t2000"))
    assert facts() == (("asleep", "vip"), "B1", ("t5000", "t2000"))
    assert facts(tags="-", broker="B2") == ((), "B2", ("t5000", "t2000"))


def test_an_ack_says_what_the_box_has_not_heard(hq: Headquarters, tmp_path: Path) -> None:
    import_products(hq.office, products_csv(tmp_path / "p.csv"))
    box = begin(hq)
    letter = parse_letter(take(hq, box.state(online=True)).answers[0].payload)
    assert letter.kind is LetterKind.ACK
    assert '"down_seq":2' in letter.text
