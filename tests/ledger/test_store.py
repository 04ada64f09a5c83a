"""The store of a box: what a commit means, who may open it, and when a chain ends."""

import sqlite3
import threading
from concurrent.futures import Future
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon import seal
from daemon.errors import StoreError
from daemon.ledger import accounts
from daemon.ledger.bodies import EpochOpened
from daemon.ledger.codec import decode, hash_of
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.local import Acknowledged
from daemon.ledger.records import ZERO_HASH, Chain, Draft, Head
from daemon.ledger.sheet import asked_key
from daemon.ledger.views import Durable, Outcome, Refused
from tests.ledger import shop
from tests.ledger.shop import open_store, sale, spend

POINTS = accounts.points(shop.MEMBER)


def committed(outcome: Outcome) -> Durable:
    assert isinstance(outcome, Durable), outcome
    return outcome


def refused(outcome: Outcome) -> str:
    assert isinstance(outcome, Refused), outcome
    return "; ".join(problem.what for problem in outcome.problems)


def test_the_first_start_opens_the_first_epoch(tmp_path: Path) -> None:
    store = open_store(tmp_path / "state", hardware="disk-1")
    assert store.chain == Chain("0018", 1)
    (first,) = store.read(1, 1, 10)
    entry = decode(first.data)
    assert (entry.kind, entry.seq, entry.prev) == (Kind.EPOCH_OPENED, 1, ZERO_HASH)
    opened = entry.body
    assert isinstance(opened, EpochOpened)
    assert (opened.reason, opened.hardware, opened.parent_epoch) == ("new", "disk-1", 0)
    assert opened.device_key == store.device_public.hex()
    assert store.head == Head(1, first.hash)
    store.close()


def test_keys_are_for_the_daemon_alone_and_stay(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    public, phone = store.device_public, store.phone_key
    signature = store.sign("a/1", b"x")
    store.close()
    for name in ("device.key", "phone.key"):
        assert (tmp_path / "keys" / name).stat().st_mode & 0o777 == 0o600
    store = open_store(tmp_path, seed="other")
    assert (store.device_public, store.phone_key) == (public, phone)
    seal.verify(public, "a/1", b"x", signature)
    store.close()


def test_a_commit_is_durable_linked_and_seen_at_once(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    first = committed(store.commit(sale("a", lines=2)))
    second = committed(store.submit(sale("b")).result(timeout=5))
    assert (first.entry.seq, second.entry.seq) == (2, 3)
    assert second.entry.prev == first.hash
    assert store.head == Head(3, second.hash)
    stored = store.entry("0018.1:3")
    assert stored is not None
    assert (stored.hash, decode(stored.data)) == (second.hash, second.entry)
    assert hash_of(stored.data) == second.hash
    assert store.books.balance(POINTS, Unit.POINT) == 240
    assert store.books.watermark.seq == 3
    assert store.entry("0018.1:4") is None
    assert store.entry("0022.1:3") is None
    assert [row.seq for row in store.read(1, 2, 1)] == [2]
    assert store.chains() == [(Chain("0018", 1), store.head)]
    store.close()


def test_the_same_request_returns_the_first_result_for_ever(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    first = committed(store.commit(sale("a")))
    again = committed(store.commit(sale("a")))
    assert (again.entry, again.hash, again.again) == (first.entry, first.hash, True)
    assert "a was committed as entry 1:2" in refused(store.commit(sale("a", points=1)))
    other = msgspec.structs.replace(sale("a"), source="till-3")
    assert committed(store.commit(other)).entry.seq == 3
    store.close()
    store = open_store(tmp_path)
    assert committed(store.commit(sale("a"))).again
    assert store.head.seq == 3
    store.close()


def test_two_requests_whose_index_keys_collide_stay_two(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    committed(store.commit(sale("a")))
    store.close()
    with sqlite3.connect(tmp_path / "books.db") as connection:
        connection.execute("INSERT INTO asked VALUES (?, 2)", (asked_key("keypad", "b"),))
    connection.close()
    store = open_store(tmp_path)
    assert not committed(store.commit(sale("b"))).again
    assert store.books.watermark.seq == 3  # booked: from now on the index answers
    assert committed(store.commit(sale("b"))).again
    assert store.head.seq == 3
    store.close()


def test_what_a_chain_does_not_hold_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    entry = committed(store.commit(sale("a", points=100))).entry
    lot = f"0018.1:{entry.seq}:2"
    assert "holds 100" in refused(store.commit(spend("b", lot, 101)))
    assert store.head.seq == 2
    committed(store.commit(spend("c", lot, 60)))
    assert "holds 40" in refused(store.commit(spend("d", lot, 41)))
    committed(store.commit(spend("e", lot, 40)))
    assert store.books.lots(POINTS, Unit.POINT) == []
    assert store.books.balance(POINTS, Unit.POINT) == 0
    store.close()


def test_a_group_sees_itself_and_ends_as_one(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    lot = f"0018.1:{committed(store.commit(sale('a', points=100))).entry.seq}:2"
    drafts = [spend(f"s{n}", lot, 30) for n in range(8)]
    drafts += [sale("twice"), sale("twice"), sale("twice", points=1)]
    gate = threading.Event()

    def hold(durable: Durable) -> None:
        gate.wait(2)

    store.subscribe(hold)  # the writer stands while others gather
    holder = store.submit(sale("holder"))
    futures = [store.submit(draft) for draft in drafts]
    gate.set()
    committed(holder.result(timeout=5))
    outcomes = [future.result(timeout=5) for future in futures]
    assert sum(isinstance(outcome, Durable) for outcome in outcomes[:8]) == 3
    assert store.books.balance(POINTS, Unit.POINT) == 100 - 90 + 120 + 120
    first, second = committed(outcomes[8]), committed(outcomes[9])
    assert first.entry == second.entry
    assert {first.again, second.again} == {False, True}
    assert "with other content" in refused(outcomes[10])
    store.close()


def test_sixteen_clients_commit_at_once_and_the_chain_has_no_gap(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    outcomes: list[Outcome] = []

    def client(number: int) -> None:
        for n in range(12):
            draft = sale(f"{number}-{n}", lines=1)
            outcomes.append(store.commit(draft) if n % 2 else store.submit(draft).result(5))

    threads = [threading.Thread(target=client, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seqs = sorted(committed(outcome).entry.seq for outcome in outcomes)
    assert seqs == list(range(2, 2 + 16 * 12))
    assert store.books.balance(accounts.stock("CREAM"), Unit.PIECE) == -16 * 12
    store.close()


def test_the_business_date_never_goes_back(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    tomorrow = shop.at(shop.MORNING.replace(day=7))
    committed(store.commit(sale("a", when=tomorrow)))
    late = committed(store.commit(sale("b", when=shop.at())))
    assert late.entry.at.business_date == "2026-03-07"
    assert late.entry.at.wall == shop.at().wall
    assert store.books.business_date() == "2026-03-07"
    store.close()
    store = open_store(tmp_path)
    assert committed(store.commit(sale("c", when=shop.at()))).entry.at.business_date == "2026-03-07"
    store.close()


def test_subscribers_hear_of_every_entry_once_and_in_order(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    heard: list[int] = []

    def broken(durable: Durable) -> None:
        raise RuntimeError("a subscriber's own bug")

    store.subscribe(broken)
    store.subscribe(lambda durable: heard.append(durable.entry.seq))
    for name in ("a", "b", "a", "c"):
        store.submit(sale(name)).result(timeout=5)
    assert store.alive
    store.close()
    assert heard == [2, 3, 4]


def test_a_draft_given_up_before_it_was_taken_is_not_written(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    gate, entered = threading.Event(), threading.Event()

    def hold(durable: Durable) -> None:
        entered.set()
        gate.wait(2)

    store.subscribe(hold)
    first = store.submit(sale("a"))
    assert entered.wait(2)
    second: Future[Outcome] = store.submit(sale("b"))
    assert second.cancel()
    gate.set()
    committed(first.result(timeout=5))
    committed(store.commit(sale("c")))
    assert store.head.seq == 3
    store.close()


def test_one_process_holds_a_state_directory(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(StoreError, match="has it open"):
        open_store(tmp_path)
    store.close()
    open_store(tmp_path).close()


def test_a_state_directory_belongs_to_one_box(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    with pytest.raises(StoreError, match="belongs to box 0018, this is box 0022"):
        open_store(tmp_path, box="0022")
    open_store(tmp_path).close()


def test_other_hardware_ends_the_chain_and_the_next_holds_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path, hardware="disk-1")
    last = committed(store.commit(sale("a", points=100)))
    store.close()
    store = open_store(tmp_path, hardware="disk-2")
    assert store.chain == Chain("0018", 2)
    (first,) = store.read(2, 1, 5)
    entry = decode(first.data)
    assert entry.prev == last.hash
    opened = entry.body
    assert isinstance(opened, EpochOpened)
    assert (opened.reason, opened.parent_epoch, opened.parent_seq) == ("hardware", 1, 2)
    assert opened.parent_hash == last.hash
    assert store.books.balance(POINTS, Unit.POINT) == 0
    assert "holds 0" in refused(store.commit(spend("b", "0018.1:2:2", 1)))
    assert committed(store.commit(sale("a", points=100))).again  # one box, one memory of requests
    committed(store.commit(sale("c", points=7)))
    assert store.books.balance(POINTS, Unit.POINT) == 7
    store.close()
    store = open_store(tmp_path, hardware="disk-2")
    assert store.chain == Chain("0018", 2)
    assert [chain.epoch for chain, _ in store.chains()] == [1, 2]
    store.close()


def test_a_lost_device_key_ends_the_chain(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    (tmp_path / "keys" / "device.key").unlink()
    store = open_store(tmp_path, seed="other")
    assert store.chain == Chain("0018", 2)
    store.close()


@pytest.mark.parametrize(
    ("mark", "digest", "reason"), [(9, "f" * 64, "restore"), (2, "f" * 64, "fork")]
)
def test_a_chain_that_headquarters_knows_otherwise_ends(
    tmp_path: Path, mark: int, digest: str, reason: str
) -> None:
    store = open_store(tmp_path)
    committed(store.commit(sale("a")))
    store.local.put_acknowledged(Acknowledged(1, 1, mark, digest, b"{}", "sig"))
    store.close()
    store = open_store(tmp_path)
    assert store.chain == Chain("0018", 2)
    opened = decode(store.read(2, 1, 1)[0].data).body
    assert isinstance(opened, EpochOpened)
    assert opened.reason == reason
    store.close()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 2)), min_size=1, max_size=10))
def test_any_order_of_repeats_commits_each_request_once(asked: list[tuple[str, int]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        first: dict[str, int] = {}
        for name, points in asked:
            draft: Draft = sale(name, points=points)
            outcome = store.commit(draft)
            if name not in first:
                first[name] = points
                assert not committed(outcome).again
            elif first[name] == points:
                assert committed(outcome).again
            else:
                refused(outcome)
        assert store.head.seq == 1 + len(first)
        assert store.books.balance(POINTS, Unit.POINT) == sum(first.values())
        store.close()
