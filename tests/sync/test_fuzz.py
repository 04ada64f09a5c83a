"""Payloads that a stranger may send, each way: refused by type, no crash, nothing kept."""

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

from daemon import seal
from daemon.ledger.signed import Ack
from daemon.sync.batch import BatchError, check_links, check_signature, parse_batch
from daemon.sync.mailroom import AckMail, Mailroom, PostMail
from daemon.sync.shipping import Shipping
from daemon.sync.wire import LetterKind, WireError, down, seal_letter, up
from hq.headquarters import Headquarters
from hq.intake import Arrival
from hq.report import cases
from tests.hq.office import Sender, new_office
from tests.sync.memory import MemoryLedger
from tests.sync.test_inbox import HQ_KEY, Hq, hq_sign

INPUTS = int(os.environ.get("MEMBERBOX_FUZZ_N", "20000"))  # make fuzz sets it
WANTED = "MEMBERBOX_FUZZ_N" in os.environ  # somebody says how many, and gets as many
SEED = 20260306
DRAIN = 500


def dear(cost: int) -> int:
    """Return how many inputs a target gets of which one takes as long as `cost` others: in the
    suite its share, else as many as were asked for."""
    return INPUTS if WANTED else max(1, INPUTS // cost)


def mutants(random: Random, seeds: list[bytes], count: int) -> Iterator[bytes]:
    """Yield changed copies of good payloads: flips, cuts, inserts, joins, nonsense, nesting."""
    for _ in range(count):
        data = bytearray(random.choice(seeds))
        for _ in range(random.randint(1, 4)):
            spot = random.randrange(len(data) + 1)
            match random.randrange(8):
                case 0 if spot < len(data):
                    data[spot] ^= 1 << random.randrange(8)
                case 1:
                    del data[spot:]
                case 2:
                    data[spot:spot] = random.randbytes(random.randint(1, 12))
                case 3:
                    data += random.choice(seeds)
                case 4:
                    data = bytearray(random.randbytes(random.randint(0, 200)))
                case 5:
                    data[spot:spot] = random.choice([b"{", b"[", b'"', b"\\u0000"]) * 2000
                case 6:
                    data[: min(4, len(data))] = random.randbytes(min(4, len(data)))
                case _:
                    data[spot : spot + 3] = random.choice([b"-1", b"1e9", b"null", b"9" * 30])
        yield bytes(data)


def test_nothing_that_a_stranger_sends_up_is_taken(tmp_path: Path) -> None:
    """One flip in a million lands where zstd does not look: such a batch says what the box said."""
    random = Random(SEED)
    office = new_office(tmp_path / "hq")
    hq = Headquarters(office)
    box = Sender(office)
    box.sell(8)
    good = [box.hello(), box.batch(), box.state(online=True)]
    hq.take([box.hello()], mono_ms=1)
    seeds = [arrival.payload for arrival in good]
    topics = [up("0001", what) for what in ("hello", "journal", "state", "ask")]
    topics += ["mb1/0001/up", "mb1//up/hello", "x", "mb1/0001/down/log", "mb1/\u0000/up/state"]
    known = set(seeds)
    batch: list[Arrival] = []
    for payload in mutants(random, seeds, INPUTS):
        if payload in known:
            continue
        batch.append(Arrival(random.choice(topics), payload))
        if len(batch) == DRAIN:
            drained = hq.take(batch, mono_ms=1)
            assert len(drained.refusals) >= len(batch) - 1
            batch = []
    stored = [bytes(row[0]) for row in office.db.execute("SELECT data FROM entry ORDER BY seq")]
    assert stored in ([], [one.data for one in box.ledger.entries])
    assert cases(office) == []


def test_a_changed_batch_never_passes_for_the_box(tmp_path: Path) -> None:
    """Parsing alone may pass a flipped key or hash; signature and links do not."""
    random = Random(SEED + 1)
    ledger = MemoryLedger("0001", random)
    for number in range(8):
        ledger.sell(str(number))
    made = Shipping(ledger, hq_key=HQ_KEY).pack(1, first=1, last=9)
    assert made is not None
    entries = tuple(stored.data for stored in ledger.entries)
    for payload in mutants(random, [made[0]], INPUTS):
        try:
            parsed = parse_batch(payload)
            check_signature(parsed.header, ledger.device_public)
            check_links(parsed)
        except BatchError:
            continue
        assert parsed.entries == entries


def test_nothing_that_a_stranger_sends_down_is_taken() -> None:
    random = Random(SEED + 2)
    ledger = MemoryLedger("0001", random)
    mailroom = Mailroom(
        "0001",
        hq_key=HQ_KEY,
        unseal=lambda sealed: seal.unseal(ledger.seed, sealed),
        phone_key=bytes(32),
        keys=ledger.local,
    )
    ack = Ack(1, "0001", 1, 5, "a" * 64, "one", "2026-03-06T09:00:00.000+08:00", 0, "0" * 64)
    other = Ack(1, "0002", 1, 5, "a" * 64, "one", "2026-03-06T09:00:00.000+08:00", 0, "0" * 64)
    message = Hq().staff("01")
    post = f'{{"keys":[],"messages":[{{"message":{_text(message.message)},"signature":"'.encode()
    post += message.signature.encode() + b'"}]}'
    seeds = [seal_letter(LetterKind.ACK, ack, hq_sign), post]
    mailroom.open(down("0001", "ack"), seeds[0])
    mailroom.open(down("0001", "log"), seeds[1])
    stranger = Random(1).randbytes(32)
    forged = seal_letter(
        LetterKind.ACK, ack, lambda domain, data: seal.sign(stranger, domain, data)
    )
    misled = seal_letter(LetterKind.ACK, other, hq_sign)
    for payload in (forged, misled):
        assert _refused(mailroom, "ack", payload)
    for payload in mutants(random, seeds, INPUTS):
        what = random.choice(["ack", "log"])
        try:
            mail = mailroom.open(down("0001", what), payload)
        except WireError:
            continue
        # What still opens says exactly what HQ signed.
        match mail:
            case AckMail():
                assert mail.ack == ack
            case PostMail():
                assert all(read.text == message.message for read in mail.messages)
            case _:
                raise AssertionError(mail)
    assert ledger.local.keys == {}


def _text(message: str) -> str:
    return '"' + message.replace('"', '\\"') + '"'


def _refused(mailroom: Mailroom, what: str, payload: bytes) -> bool:
    try:
        mailroom.open(down("0001", what), payload)
    except WireError:
        return True
    return False
