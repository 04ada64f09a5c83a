"""Batches as bytes: what is packed comes out, and nothing else is taken."""

from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from random import Random

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon import seal
from daemon.errors import SealError
from daemon.ledger.codec import canonical, hash_of
from daemon.ledger.records import Chain
from daemon.ledger.signed import DOMAIN_HEAD, head_statement
from daemon.sync import batch
from daemon.sync.batch import (
    BATCH_BYTES_MAX,
    RAW_BYTES_MAX,
    WARM_BYTES,
    BatchError,
    BatchFault,
    BrokenLink,
    Header,
    Run,
    Squeezer,
    check_links,
    check_signature,
    pack_run,
    parse_batch,
)
from daemon.sync.shipping import Shipping
from tests.ledger.shop import open_store, sale
from tests.sync.memory import MemoryLedger

HQ = seal.public_key(bytes(32))
SEED = b"\x07" * 32


def packed(ledger: MemoryLedger, first: int = 1) -> bytes:
    made = Shipping(ledger, hq_key=HQ).pack(1, first=first, last=ledger.head.seq)
    assert made is not None
    return made[0]


def ledger_of(entries: int, seed: int = 1) -> MemoryLedger:
    ledger = MemoryLedger("0001", Random(seed))
    for number in range(entries):
        ledger.sell(f"sale-{number}")
    return ledger


@given(st.integers(0, 30), st.integers(1, 31), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_what_is_packed_comes_out_byte_by_byte(entries: int, first: int, seed: int) -> None:
    ledger = ledger_of(entries, seed)
    first = min(first, ledger.head.seq)
    parsed = parse_batch(packed(ledger, first))
    check_signature(parsed.header, ledger.device_public)
    assert check_links(parsed) == [one.hash for one in ledger.entries[first - 1 :]]
    assert list(parsed.entries) == [one.data for one in ledger.entries[first - 1 :]]
    assert (parsed.header.first, parsed.header.last) == (first, ledger.head.seq)


def test_a_batch_stays_below_its_bound_and_goes_on_where_it_ended() -> None:
    """Text that does not compress: the batch takes fewer entries, and at least one."""
    random = Random(5)
    entries = [canonical({"noise": random.randbytes(3000).hex()}) for _ in range(60)]
    taken = 0
    while taken < len(entries):
        payload, last = pack(entries[taken:], taken + 1)
        assert len(payload) <= BATCH_BYTES_MAX
        assert last > taken
        assert list(parse_batch(payload).entries) == entries[taken:last]
        taken = last
    assert taken == len(entries)


def pack(entries: list[bytes], first: int) -> tuple[bytes, int]:
    def take(count: int) -> Run:
        run = entries[:count]
        last = first + len(run) - 1
        return Run(Chain("0001", 1), first, last, "0" * 64, hash_of(run[-1]), b"\n".join(run))

    packed = pack_run(
        take,
        len(entries),
        squeeze=Squeezer(),
        sign=lambda domain, data: seal.sign(SEED, domain, data),
        keys_of=lambda run: (),
    )
    assert packed is not None
    return packed


def test_memory_for_a_backlog_is_there_before_it_and_after_a_day_of_single_sales() -> None:
    squeeze = Squeezer(warm=True)
    before = squeeze.held_bytes
    for _ in range(300):
        squeeze(b"a sale alone" * 100)
    assert squeeze.held_bytes == before
    squeeze(Random(1).randbytes(WARM_BYTES))
    assert squeeze.held_bytes == before


def test_a_backlog_of_a_real_store_goes_up_entry_by_entry(tmp_path: Path) -> None:
    store = open_store(tmp_path / "state")
    for number in range(700):
        store.commit(sale(f"sale-{number}"))
    shipping = Shipping(store, hq_key=HQ)
    first, entries = 1, list[bytes]()
    while first <= store.head.seq:
        made = shipping.pack(1, first=first, last=store.head.seq)
        assert made is not None
        parsed = parse_batch(made[0])
        check_signature(parsed.header, store.device_public)
        check_links(parsed)
        entries += parsed.entries
        first = made[1] + 1
    assert entries == [one.data for one in store.read(1, 1, store.head.seq)]
    store.close()


def test_one_entry_that_is_larger_than_a_batch_travels_alone() -> None:
    data = canonical({"noise": Random(5).randbytes(90_000).hex()})
    payload, last = pack([data, data], 1)
    assert last == 1
    assert parse_batch(payload).entries == (data,)


def remade(payload: bytes, **changes: object) -> bytes:
    """Return the batch with another header (canonical), the frame as it was."""
    length = int.from_bytes(payload[:4], "big")
    header = msgspec.json.decode(payload[4 : 4 + length])
    header.update(changes)
    text = canonical(header)
    return len(text).to_bytes(4, "big") + text + payload[4 + length :]


def fault_of(payload: bytes) -> BatchFault:
    with pytest.raises(BatchError) as caught:
        parse_batch(payload)
    return caught.value.fault


def test_a_bomb_is_refused_before_it_is_opened() -> None:
    payload = packed(ledger_of(1))
    length = int.from_bytes(payload[:4], "big")
    bomb = zstandard.ZstdCompressor().compress(bytes(RAW_BYTES_MAX * 64))
    assert fault_of(payload[: 4 + length] + bomb) is BatchFault.FRAME
    assert fault_of(remade(payload, raw_bytes=RAW_BYTES_MAX + 1)) is BatchFault.FRAME
    no_size = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(1000))
    assert fault_of(payload[: 4 + length] + no_size) is BatchFault.FRAME


def test_each_fault_has_its_name() -> None:
    payload = packed(ledger_of(3))
    assert fault_of(b"") is BatchFault.SHORT
    assert fault_of(payload[:20]) is BatchFault.SHORT
    assert fault_of(payload[:-1]) is BatchFault.FRAME
    assert fault_of(payload + b"x") is BatchFault.FRAME
    assert fault_of(bytes(batch.LONE_BYTES_MAX + 1)) is BatchFault.SIZE
    assert fault_of(remade(payload, v=2)) is BatchFault.HEADER
    assert fault_of(remade(payload, first=0)) is BatchFault.RANGE
    assert fault_of(remade(payload, last=2)) is BatchFault.RANGE
    assert fault_of(remade(payload, head_hash="x" * 64)) is BatchFault.HEADER
    assert fault_of(payload.replace(b'{"box"', b'{ "box"', 1)) is BatchFault.HEADER


def test_a_forged_batch_is_refused() -> None:
    ledger, other = ledger_of(3), ledger_of(3, seed=2)
    parsed = parse_batch(packed(ledger))
    with pytest.raises(BatchError) as caught:
        check_signature(parsed.header, other.device_public)
    assert caught.value.fault is BatchFault.SIGNATURE


@pytest.mark.parametrize("field", ["box", "epoch", "first", "last", "hash_before", "head_hash"])
def test_every_part_of_the_head_is_signed(field: str) -> None:
    ledger = ledger_of(3)
    header = parse_batch(packed(ledger)).header
    wrong: dict[str, object] = {
        "box": "0002",
        "epoch": 2,
        "first": 2,
        "last": 9,
        "hash_before": "1" * 64,
        "head_hash": "1" * 64,
    }
    changed = msgspec.convert({**msgspec.to_builtins(header), field: wrong[field]}, Header)
    with pytest.raises(BatchError):
        check_signature(changed, ledger.device_public)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_moved_or_missing_entry_is_named(data: st.DataObject) -> None:
    ledger = ledger_of(6)
    entries = [one.data for one in ledger.entries]
    at = data.draw(st.integers(0, len(entries) - 1))
    how = data.draw(st.sampled_from(["flip", "drop", "swap"]))
    if how == "flip":
        spot = data.draw(st.integers(0, len(entries[at]) - 1))
        changed = bytearray(entries[at])
        changed[spot] ^= 0x01
        entries[at] = bytes(changed)
    elif how == "drop":
        entries[at] = entries[(at + 1) % len(entries)]
    else:
        other = (at + 1) % len(entries)
        entries[at], entries[other] = entries[other], entries[at]
    last = ledger.entries[-1]
    chain = Chain("0001", 1)
    statement = head_statement(chain, first=1, last=last.seq, before="0" * 64, head=last.hash)
    signature = ledger.sign(DOMAIN_HEAD, statement).hex()
    header = Header(1, "0001", 1, 1, last.seq, "0" * 64, last.hash, 1, (), signature)
    with pytest.raises(BrokenLink) as caught:
        check_links(batch.Batch(header, tuple(entries)))
    assert 1 <= caught.value.seq <= len(entries)
    if how == "flip":
        assert caught.value.seq in (at + 1, at + 2)


@given(st.binary(max_size=70), st.data())
def test_base64_has_one_spelling(data: bytes, drawn: st.DataObject) -> None:
    text = b64encode(data).decode()
    assert batch.unbase64(text) == data
    at = drawn.draw(st.integers(0, len(text)))
    other = text[:at] + drawn.draw(st.sampled_from("AQgw/+= \n")) + text[at + 1 :]
    if other != text:
        with suppress(SealError):
            assert batch.unbase64(other) != data


def test_bits_behind_the_end_of_base64_are_refused() -> None:
    assert batch.unbase64("QQ==") == b"A"
    for other in ("QR==", "QQ", "QQ=", "QQ===", " QQ==", "QQ==\n"):
        with pytest.raises(SealError):
            batch.unbase64(other)


def test_an_entry_nested_without_end_is_a_broken_link() -> None:
    """Changed on its way: it must not take the reader down."""
    ledger = ledger_of(2)
    parsed = parse_batch(packed(ledger))
    data = parsed.entries[1]
    cut = data.index(b'"body":') + len(b'"body":')
    bad = data[:cut] + b"[" * 50_000 + data[cut:]
    with pytest.raises(BrokenLink):
        check_links(batch.Batch(parsed.header, (parsed.entries[0], bad, parsed.entries[2])))
