"""Whole histories: nothing below zero, replay equals live, and nobody's name on the disk."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger import accounts, machine
from daemon.ledger.balances import snapshot
from daemon.ledger.codec import decode
from daemon.ledger.kinds import Unit
from daemon.ledger.local import JobState
from daemon.ledger.messages import MemberSnapshot
from daemon.ledger.profiles import Person, lock_profile, phone_digest
from daemon.ledger.rebuild import rebuild
from daemon.ledger.verify import verify
from daemon.ledger.views import Durable
from tests.ledger.shop import CARD, MEMBER, at, message, open_store, sale, spend

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("sale"), st.integers(1, 3), st.integers(0, 9)),
        st.tuples(st.just("spend"), st.integers(2, 9), st.integers(1, 9)),
        st.tuples(st.just("reopen"), st.booleans(), st.just(0)),
    ),
    max_size=14,
)


def balances(folder: Path) -> dict[tuple[str, str, str, str], int]:
    with snapshot(folder / "books.db", "0018") as books:
        return dict(books.balances())


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_books_are_the_fold_of_the_journal_whatever_happens(
    steps: list[tuple[str, int, int]],
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        store = open_store(folder)
        held: dict[str, int] = {}
        for number, (what, one, two) in enumerate(steps):
            if what == "sale":
                outcome = store.commit(sale(f"n{number}", lines=one, points=two))
                assert isinstance(outcome, Durable)
                if two:
                    held[f"0018.1:{outcome.entry.seq}:{one + 1}"] = two
            elif what == "spend":
                lot = sorted(held)[one % len(held)] if held else "0018.1:9:9"
                outcome = store.commit(spend(f"n{number}", lot, two))
                assert isinstance(outcome, Durable) == (held.get(lot, 0) >= two)
                if isinstance(outcome, Durable):
                    held[lot] -= two
            else:
                store.close()
                if one:
                    rebuild(folder)
                store = open_store(folder)
            points = {
                row.lot: row.amount for row in store.books.lots(accounts.points(MEMBER), Unit.POINT)
            }
            assert points == {lot: amount for lot, amount in held.items() if amount}
        for stored in store.read(1, 1, 100):
            sums: dict[str, int] = {}
            for posting in decode(stored.data).postings:
                sums[posting.unit] = sums.get(posting.unit, 0) + posting.amount
            assert not any(sums.values())
        store.close()
        live = balances(folder)
        assert verify(folder, full=True).ok
        rebuild(folder)
        assert balances(folder) == live
        assert all(amount > 0 for (holder, _, _, lot), amount in live.items() if lot)


def test_no_name_and_no_phone_reaches_the_disk(tmp_path: Path) -> None:
    person = Person(phone="13800000001", name="王晓芸", birthday="1990-03-01")
    key = b"k" * 32
    store = open_store(tmp_path)
    profile = lock_profile(person, card=CARD, key=key, nonce=b"n" * 24)
    store.local.put_member_key(
        CARD, key=key, phone_digest=phone_digest(store.phone_key, person.phone)
    )
    body = MemberSnapshot(MEMBER, CARD, "active", "registered", "2025-05-05", profile=profile)
    store.commit(
        machine.down_draft(
            at(), message=message("member.snapshot", body), signature="", chain=store.chain
        )
    )
    assert store.books.member_by_phone_digest(phone_digest(store.phone_key, person.phone))
    store.close()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for secret in (person.phone, person.name, person.birthday):
                assert secret.encode() not in data, path
    assert b"kkkk" in (tmp_path / "local.db").read_bytes()
    store = open_store(tmp_path)
    store.local.forget_member_keys([CARD])
    assert store.local.member_key(CARD) is None
    store.close()
    assert b"kkkk" not in (tmp_path / "local.db").read_bytes()


def test_local_records_stay(tmp_path: Path) -> None:
    from daemon.ledger.local import Acknowledged, Letter

    store = open_store(tmp_path)
    local = store.local
    first = local.queue_job("0018.1:2", "sale")
    second = local.queue_job("0018.1:3", "sale", device="printer", n=2)
    local.set_job(first.job, JobState.CONFIRMED)
    local.set_job(second.job, JobState.UNSURE)
    local.put_letter(Letter(1, 5, b"{}", "sig"))
    local.put_letter(Letter(1, 6, b"{}", "sig"))
    ack = Acknowledged(1, 1, 0, "", b"{}", "sig")
    local.put_acknowledged(ack)
    local.park(3, "basket")
    local.put_fact("hq", "key")
    store.close()
    store = open_store(tmp_path)
    local = store.local
    (job,) = local.open_jobs()
    assert (job.entry, job.device, job.n, job.state) == ("0018.1:3", "printer", 2, JobState.UNSURE)
    assert [one.state for one in local.jobs_of("0018.1:2")] == [JobState.CONFIRMED]
    local.drop_done_jobs(keep=0)
    assert local.jobs_of("0018.1:2") == local.jobs_of("0018.1:4") == []
    assert local.open_jobs() == [job]
    local.drop_job(job.job)
    assert local.open_jobs() == []
    assert local.letter(1, 5) == Letter(1, 5, b"{}", "sig")
    local.drop_letters(1, up_to=5)
    assert local.letter(1, 5) is None
    assert local.letter(1, 6) is not None
    assert local.acknowledged(1) == local.last_acknowledged() == ack
    assert local.acknowledged(2) is None
    assert local.parked() == {3: "basket"}
    local.unpark(3)
    assert local.parked() == {}
    assert local.fact("hq") == "key"
    assert local.fact("software") == "test"
    assert local.fact("x") is None
    store.close()
