"""Sealed files: whole or refused, by every cut and every changed byte; codes that people type."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon import seal, vault
from daemon.errors import SealError

RECOVERY = bytes(range(16))
HQ_SEED = b"\x21" * 32
PIECE = 8  # small pieces: a short file has many


def made(plain: bytes, *, recovery: bytes = RECOVERY, nonce: bytes = b"n" * 16) -> bytes:
    header = vault.new_header(
        "backup",
        box="0018",
        about="entry 1:9",
        nonce=nonce,
        recovery=recovery,
        hq_key=seal.public_key(HQ_SEED),
    )
    pieces = vault.lock(header, recovery=recovery, chunks=[plain], piece_bytes=PIECE)
    return b"".join(pieces)


def opened(data: bytes, recovery: bytes = RECOVERY) -> bytes:
    return b"".join(vault.unlock(io.BytesIO(data), recovery))


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=40))
def test_what_was_locked_comes_back(plain: bytes) -> None:
    assert opened(made(plain)) == plain


def test_every_cut_and_every_changed_byte_is_found() -> None:
    plain = b"all that the box remembers"
    data = made(plain)
    for end in range(len(data)):
        with pytest.raises(SealError):
            opened(data[:end])
    for at in range(len(data)):
        with pytest.raises(SealError):
            opened(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
    with pytest.raises(SealError, match="follows the end"):
        opened(data + data[-1:])


def test_pieces_do_not_change_places_nor_files() -> None:
    one, two = made(b"a" * 16 + b"b"), made(b"c" * 16 + b"d", nonce=b"m" * 16)
    body = one.index(b"}\n") + 2
    length = vault.LENGTH_BYTES + PIECE + vault.TAG_BYTES
    first, second = one[body : body + length], one[body + length : body + 2 * length]
    swapped = one[:body] + second + first + one[body + 2 * length :]
    with pytest.raises(SealError):
        opened(swapped)
    other = two.index(b"}\n") + 2
    with pytest.raises(SealError):
        opened(one[:body] + two[other : other + length] + one[body + length :])
    with pytest.raises(SealError):  # an end put too early
        opened(one[: body + length])


def test_only_the_code_and_headquarters_open_it() -> None:
    data = made(b"x")
    with pytest.raises(SealError, match="not that of this file"):
        opened(data, b"y" * 16)
    header = vault.read_header(io.BytesIO(data))
    assert vault.recovery_for(header, HQ_SEED) == RECOVERY
    with pytest.raises(SealError, match="another headquarters"):
        vault.recovery_for(header, b"\x22" * 32)


@settings(deadline=None, max_examples=60)
@given(st.binary(min_size=16, max_size=16))
def test_a_code_is_read_as_people_write_it(recovery: bytes) -> None:
    code = vault.code_of(recovery)
    assert vault.parse_code(code) == recovery
    sloppy = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert vault.parse_code(sloppy) == recovery


@pytest.mark.parametrize("at", range(33))
def test_a_mistyped_code_is_said(at: int) -> None:
    code = vault.code_of(RECOVERY)
    if code[at] == "-":
        return
    other = "Q" if code[at] != "Q" else "R"
    with pytest.raises(SealError):
        vault.parse_code(code[:at] + other + code[at + 1 :])
    with pytest.raises(SealError, match="28"):
        vault.parse_code(code[:at])
