"""What signatures cover, and the QR code of a receipt."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon import seal
from daemon.errors import SealError
from daemon.ledger import signed
from daemon.ledger.codec import CodecError, encode, hash_of, is_canonical
from daemon.ledger.messages import Products
from daemon.ledger.records import Chain
from daemon.ledger.sealing import seal_draft
from tests.ledger import shop

SEED = bytes(range(32))
PUBLIC = seal.public_key(SEED)
CHAIN = Chain("0018", 1)
ENTRY = seal_draft(shop.sale("one"), CHAIN, seq=412, prev="f" * 64)
HASH = hash_of(encode(ENTRY))
ACK = signed.Ack(1, "0018", 1, 412, HASH, "one", "2026-03-06T10:00:00+08:00", 7, "e" * 64)


def test_every_statement_is_canonical_and_changes_with_every_field() -> None:
    head = signed.head_statement(CHAIN, first=1, last=5, before="0" * 64, head=HASH)
    assert head == (
        b'{"before":"%s","box":"0018","epoch":1,"first":1,"head":"%s","last":5}'
        % (b"0" * 64, HASH.encode())
    )
    statements = [
        head,
        signed.head_statement(CHAIN, first=2, last=5, before="0" * 64, head=HASH),
        signed.head_statement(Chain("0018", 2), first=1, last=5, before="0" * 64, head=HASH),
        signed.ack_statement(ACK),
        *(
            signed.ack_statement(msgspec.structs.replace(ACK, **{field: other}))
            for field, other in {
                "incarnation": 2,
                "box": "0022",
                "epoch": 2,
                "mark": 411,
                "hash": "0" * 64,
                "durability": "two",
                "at": "",
                "down_seq": 8,
                "down_hash": "0" * 64,
            }.items()
        ),
        signed.down_statement(shop.message("products", Products(upsert=()))),
        signed.down_statement(shop.message("products", Products(upsert=(), retire=("A",)))),
        signed.down_statement(shop.message("products", Products(upsert=()), n=2)),
        signed.receipt_statement(CHAIN, seq=1, entry_hash=HASH, paid_fen=1, points=1),
        signed.receipt_statement(CHAIN, seq=1, entry_hash=HASH, paid_fen=1, points=2),
    ]
    assert all(map(is_canonical, statements))
    assert len(set(statements)) == len(statements)


def test_an_acknowledgement_comes_back_from_its_statement() -> None:
    assert signed.parse_ack(signed.ack_statement(ACK)) == ACK
    with pytest.raises(CodecError):
        signed.parse_ack(b'{"mark":1}')


def test_a_signature_of_one_domain_is_none_of_another() -> None:
    statement = signed.ack_statement(ACK)
    signature = seal.sign(SEED, signed.DOMAIN_ACK, statement)
    seal.verify(PUBLIC, signed.DOMAIN_ACK, statement, signature)
    for domain in (signed.DOMAIN_HEAD, signed.DOMAIN_DOWN, signed.DOMAIN_RECEIPT):
        with pytest.raises(SealError):
            seal.verify(PUBLIC, domain, statement, signature)


def test_a_receipt_code_says_what_it_sums_up_and_verifies_against_its_entry() -> None:
    text = signed.receipt_code(ENTRY, HASH, SEED)
    assert text.startswith(f"MB1:0018.1:412:{HASH[:16]}:12000:120:")
    assert len(text) < 160
    code = signed.parse_receipt_code(text)
    assert (code.chain, code.seq, code.paid_fen, code.points) == ("0018.1", 412, 12000, 120)
    signed.verify_receipt_code(code, ENTRY, HASH, PUBLIC)


@pytest.mark.parametrize("change", [{"paid_fen": 11999}, {"points": 121}, {"seq": 413}])
def test_a_receipt_code_that_was_changed_does_not_verify(change: dict[str, int]) -> None:
    code = signed.parse_receipt_code(signed.receipt_code(ENTRY, HASH, SEED))
    with pytest.raises(SealError):
        signed.verify_receipt_code(msgspec.structs.replace(code, **change), ENTRY, HASH, PUBLIC)
    with pytest.raises(SealError):
        signed.verify_receipt_code(code, ENTRY, "0" * 64, PUBLIC)


@settings(max_examples=200, deadline=None)
@given(st.text("MB10:8.-_xé", max_size=40) | st.text(max_size=20))
def test_what_is_no_receipt_code_is_refused(text: str) -> None:
    with pytest.raises(CodecError):
        signed.parse_receipt_code(text)
