"""Books made at once, by several processes, are the books that followed entry by entry."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.errors import StoreError
from daemon.ledger import accounts, machine
from daemon.ledger.bodies import NewLot, Sale, Tender, Use
from daemon.ledger.books import Books
from daemon.ledger.brief import BriefSale, SaleInBrief, brief_sale
from daemon.ledger.codec import decode, encode
from daemon.ledger.files import Files
from daemon.ledger.journal import Journal
from daemon.ledger.kinds import Unit
from daemon.ledger.medium import Medium
from daemon.ledger.messages import GrantedLot, HoldingGranted
from daemon.ledger.parts import Advance, Unlisted
from daemon.ledger.projection import DayAdded, LotPut, SalePut, changes
from daemon.ledger.projection_shop import UnlistedPut, Used
from daemon.ledger.rebuild import rebuild
from daemon.ledger.records import Chain, Entry
from daemon.ledger.sealing import seal_draft
from daemon.ledger.sheet import BLOCK_BITS, Sheet
from daemon.ledger.store import Store
from daemon.ledger.verify import verify
from daemon.ledger.views import Durable, LotRow
from tests.acts import worked
from tests.bench import million
from tests.ledger import shop
from tests.ledger.shop import open_store, sale

POINTS = accounts.points(shop.MEMBER)
Rows = dict[str, list[tuple[object, ...]]]

# What stands beside an amount is what the lot's own row says, wherever it stands.
SAID_OTHERWISE = (
    "SELECT * FROM balance b LEFT JOIN lot l ON l.id = b.lot WHERE b.granted IS NOT NULL AND"
    " (b.granted, b.expires, b.source, b.value_fen)"
    " IS NOT (l.granted, l.expires, l.source, l.value_fen)"
)
BESIDE = ("granted", "expires", "source", "value_fen")

WAYS = ((1, 1000), (1, 3), (2, 7))  # processes, entries in a span


def rows(folder: Path) -> Rows:
    """Every row of the books. A balance of nothing may stand there or not."""
    found: Rows = {}
    with closing(sqlite3.connect(folder / "books.db")) as books:
        tables = books.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            what = "account, lot, amount" if table == "balance" else "*"
            lines = books.execute(f"SELECT {what} FROM {table}").fetchall()
            if table in ("balance", "block_sum"):
                lines = [line for line in lines if line[-1] != 0]
            found[table] = sorted(lines, key=repr)
        assert books.execute(SAID_OTHERWISE).fetchall() == []
    return found


def followed(folder: Path) -> Rows:
    """The rows of books that follow the journal from nothing, entry by entry."""
    (folder / "books.db").unlink(missing_ok=True)
    files = Files(folder, shop.BOX, Medium(), when="test")
    files.books.load()
    files.close()
    return rows(folder)


def test_books_of_every_kind_and_two_epochs_are_the_same_however_they_are_made(
    tmp_path: Path,
) -> None:
    for _ in worked.story(tmp_path):
        pass
    store = open_store(tmp_path, hardware="another")
    assert store.chain.epoch == 2
    store.commit(sale("x", lines=3))
    lived = store.head.seq
    store.close()
    live = rows(tmp_path)
    assert {name for name, lines in live.items() if lines} >= {"lot", "lot_name", "answer"}
    for processes, length in WAYS:
        total = rebuild(tmp_path, processes=processes, span_entries=length)
        assert (total,) == live["watermark"][0][4:5] and total > lived
        assert rows(tmp_path) == live, (processes, length)
    assert followed(tmp_path) == live
    assert verify(tmp_path, full=True).ok


def test_books_without_what_lots_are_beside_amounts_answer_as_made_anew_ones(
    tmp_path: Path,
) -> None:
    store = open_store(tmp_path)
    for name in "abc":
        store.commit(sale(name, when=shop.at(shop.MORNING + timedelta(minutes=ord(name)))))
    granted(store, "hq.1:5:1", expires="2026-12-31", n=1)
    store.close()
    with closing(sqlite3.connect(tmp_path / "books.db")) as books, books:
        assert len(beside(books)) == 3
        for column in BESIDE:
            books.execute(f"ALTER TABLE balance DROP COLUMN {column}")
        books.execute("PRAGMA user_version = 8")
    said, beside_of_some = held_and_beside(tmp_path)
    assert len(said) == 4
    assert beside_of_some == []
    store = open_store(tmp_path)
    store.commit(sale("d", points=70))
    for spent in (shop.spend("e", said[1].lot, 100), shop.spend("f", said[0].lot, 120)):
        assert isinstance(store.commit(spent), Durable)
    granted(store, said[0].lot, expires="2031-01-01", n=2)  # all of it had left, and comes home
    store.close()
    later, beside_of_some = held_and_beside(tmp_path)
    assert [row[-2:] for row in beside_of_some] == [("sale", 0)]
    assert [(row.lot, row.amount) for row in later if row.amount != 120] == [
        *((said[0].lot, 50), (said[1].lot, 20), ("0018.1:6:2", 70), ("hq.1:5:1", 50)),
    ]
    assert later[0] == replace(said[0], amount=50), "what it was granted as, it is"
    for processes, length in WAYS:
        rebuild(tmp_path, processes=processes, span_entries=length)
        assert held_and_beside(tmp_path)[0] == later, (processes, length)
        with closing(sqlite3.connect(tmp_path / "books.db")) as books:
            assert len(beside(books)) >= 3


def granted(store: Store, lot: str, *, expires: str, n: int) -> None:
    part = GrantedLot(lot, POINTS, Unit.POINT, 50, "2026-01-01", "hq", expires, value_fen=7)
    raw = shop.message("holding.granted", HoldingGranted(shop.MEMBER, (part,)), n=n)
    draft = machine.down_draft(shop.at(), message=raw, signature="c2ln", chain=store.chain)
    assert isinstance(store.commit(draft), Durable)


def held_and_beside(folder: Path) -> tuple[list[LotRow], list[tuple[object, ...]]]:
    """A member's lots, as all who ask are told them; and what stands beside amounts."""
    store = open_store(folder)
    lots = sorted(store.books.lots(POINTS, Unit.POINT), key=lambda row: row.lot)
    assert sorted(store.purses.of(shop.MEMBER), key=lambda row: row.lot) == lots
    ending = store.purses.ending(POINTS, "2027-01-01")
    assert ending == tuple(row for row in lots if row.expires == "2026-12-31")
    store.close()
    with closing(sqlite3.connect(folder / "books.db")) as books:
        return lots, beside(books)


def beside(books: sqlite3.Connection) -> list[tuple[object, ...]]:
    query = f"SELECT lot, {', '.join(BESIDE)} FROM balance WHERE granted IS NOT NULL"
    return books.execute(query).fetchall()


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two blocks of entries and a bit."""
    folder = tmp_path_factory.mktemp("long")
    with closing(Journal(folder / "journal.db", Medium())) as journal:
        made = million.entries("ab" * 32, count=2 * (1 << BLOCK_BITS) + 99, members=40)
        assert journal.write(1, list(made)) is None
    return folder


@pytest.fixture
def box(long: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(long, tmp_path / "box"))


def test_books_of_several_blocks_are_the_same_however_they_are_made(box: Path) -> None:
    expected = followed(box)
    for processes, length in ((1, 10_000), (2, 1500)):
        rebuild(box, processes=processes, span_entries=length)
        assert not (box / "journal.db-wal").exists(), "a process still had the journal open"
        assert rows(box) == expected, (processes, length)
    assert verify(box, processes=2, span_entries=999).ok


def test_a_balance_of_then_is_known_over_blocks(box: Path) -> None:
    rebuild(box, processes=1)
    own = Chain("0018", 1)
    sums = {(accounts.points(million.member_id(n)), "point"): [0] for n in range(6)}
    sums[accounts.CASH_DRAWER, "fen"] = [0]
    for entry in read(box):
        for (name, unit), so_far in sums.items():
            moved = [
                one.amount for one in entry.postings if (one.account, one.unit) == (name, unit)
            ]
            so_far.append(so_far[-1] + sum(moved))
    files = Files(box, shop.BOX, Medium(), when="test")
    books = Books(files.books, files.local, own)
    block = 1 << BLOCK_BITS
    for (name, unit), so_far in sums.items():
        for seq in (1, 60, block - 1, block, block + 1, 3000, 2 * block, 2 * block + 98):
            assert books.balance_as_of(name, unit, f"0018.1:{seq}") == so_far[seq], (name, seq)
    files.close()


def read(folder: Path) -> Iterator[Entry]:
    with closing(Journal(folder / "journal.db", Medium(), readonly=True)) as journal:
        for stored in journal.walk(1, 1):
            yield decode(stored.data)


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        *(('"sale"', '"moon"'), ('"0018"', '"0022"'), ('"re":null', '"re":7')),
        # More than 63 bits, and more than 64.
        *(('"amount":', f'"amount":{1 << 50}'), ('"pay_fen":', f'"pay_fen":{1 << 60}')),
    ],
)
def test_an_entry_that_cannot_be_booked_is_named(
    tmp_path: Path, processes: int, old: str, new: str
) -> None:
    eight_sales(tmp_path)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as journal, journal:
        change = "CAST(replace(CAST(data AS TEXT), ?, ?) AS BLOB)"
        query = f"UPDATE entry SET data = {change} WHERE id & 0xffffffff = 6"
        journal.execute(query, (old, new))
    with pytest.raises(StoreError, match=r"entry 1:6"):
        rebuild(tmp_path, processes=processes, span_entries=3)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_gap_ends_as_it_does_entry_by_entry(tmp_path: Path, processes: int) -> None:
    eight_sales(tmp_path)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as journal, journal:
        journal.execute("DELETE FROM entry WHERE id & 0xffffffff = 4")
    assert rebuild(tmp_path, processes=processes, span_entries=2) == 8
    made = rows(tmp_path)
    assert followed(tmp_path) == made


def eight_sales(folder: Path) -> None:
    store = open_store(folder)
    for name in "abcdefgh":
        store.commit(sale(name))
    store.close()


def test_what_a_killed_rebuild_left_is_no_hindrance(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.commit(sale("a"))
    store.close()
    live = rows(tmp_path)
    (tmp_path / "books.new").write_bytes(b"half of some books")
    (tmp_path / "books.db").unlink()
    assert rebuild(tmp_path) == 2
    assert rows(tmp_path) == live
    assert not (tmp_path / "books.new").exists()


SALES = st.builds(
    Sale,
    lines=st.just(()),
    tenders=st.lists(st.builds(Tender, st.sampled_from("ab"), st.integers(0, 9)), max_size=3).map(
        tuple
    ),
    list_fen=st.just(1),
    bill_fen=st.just(1),
    rounding_fen=st.just(0),
    pay_fen=st.integers(0, 99),
    member=st.sampled_from(["", "hq.1:7"]),
    card=st.sampled_from(["", "88"]),
    lots=st.lists(
        st.builds(
            NewLot,
            st.sampled_from([1, 2, 150]),
            st.just("point"),
            st.just("sale"),
            expires=st.sampled_from([None, "2027-01-01"]),
            topup=st.sampled_from(["", "0018.1:2"]),
            value_fen=st.integers(0, 1),
        ),
        max_size=2,
    ).map(tuple),
    uses=st.lists(
        st.builds(Use, st.sampled_from("xy"), st.integers(-2, 2), day=st.sampled_from(["", "d"])),
        max_size=2,
    ).map(tuple),
    later=st.lists(st.builds(Unlisted, st.integers(1, 3), st.sampled_from("cd")), max_size=2).map(
        tuple
    ),
    advance=st.none() | st.just(Advance(n=3, claim=4, amount=5)),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(SALES, min_size=1, max_size=3))
def test_a_sale_in_brief_does_what_the_projection_says_of_it(bodies: list[Sale]) -> None:
    whole, brief = (Sheet("0018", 5, {1: 1}) for _ in range(2))
    put: list[object] = []
    lots: list[LotPut] = []
    used: list[Used] = []
    later: list[tuple[str, int, int]] = []
    totals: dict[tuple[str, str, str], tuple[int, int]] = {}
    for seq, body in enumerate(bodies, start=6):
        entry = sealed(body, seq)
        whole.add(entry, "h")
        seen = brief_sale(encode(entry))
        assert seen is not None
        brief.add_sale(seen, "h")
        for change in changes(entry):
            match change:
                case SalePut(at, operator, member, pay_fen):
                    put += [seq, at, operator, member, pay_fen]
                case LotPut():
                    lots.append(change)
                case Used():
                    used.append(change)
                case UnlistedPut(code, n):
                    later.append((code, seq, n))
                case DayAdded(kind, tender, amount):
                    key = (entry.at.business_date, kind, tender)
                    count, so_far = totals.get(key, (0, 0))
                    totals[key] = (count + 1, so_far + amount)
                case _:
                    raise AssertionError(change)
    assert brief == whole
    assert whole.sales == put
    assert whole.totals == totals
    assert [row[1:] for row in whole.lots] == [
        (lot.granted, lot.expires, lot.source, lot.topup, lot.owner, lot.value_fen) for lot in lots
    ]
    assert [row[0] for row in whole.lots] == [
        (int(lot.lot.split(":")[1]) << 12) + int(lot.lot.split(":")[2]) for lot in lots
    ]
    rows_used = [values for query, values in whole.statements if "INTO used" in query]
    assert rows_used == [(one.member, one.day, one.what, one.amount) for one in used]
    assert [values for query, values in whole.statements if "INTO unlisted" in query] == later


def sealed(body: Sale, seq: int) -> Entry:
    return seal_draft(replace(sale("a"), body=body), Chain("0018", 1), seq=seq, prev="0" * 64)


def test_a_sale_in_brief_knows_every_field_of_a_sale_and_nothing_else() -> None:
    """Add a new field of Sale to SaleInBrief, as it stands in the bytes (msgspec.Raw)."""
    assert set(SaleInBrief.__struct_fields__) == set(Sale.__struct_fields__)
    assert set(BriefSale.__struct_fields__) == set(Entry.__struct_fields__)
    data = encode(sealed(sale("a").body, 6))  # type: ignore[arg-type]  # a sale has a sale's body
    assert brief_sale(data) is not None
    for old, new in (
        (b'"pay_fen":', b'"moon":1,"pay_fen":'),
        (b'"kind":"sale"', b'"kind":"return"'),
        (b'"v":1', b'"v":2'),
        (b'"re":null', b'"re":"0018.1:2"'),
    ):
        assert old in data
        assert brief_sale(data.replace(old, new)) is None
