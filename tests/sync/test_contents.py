"""Contents by hash: in parts, resumed after a cut, signed, spoilt by nobody."""

import shutil
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest

from daemon import seal
from daemon.ledger.codec import hash_of
from daemon.sync.content import PART_BYTES, pack_part, parse_part
from daemon.sync.contents import Contents
from daemon.sync.fetching import AGAIN_MS, PAUSE_MS, Fetching, Wanted
from daemon.sync.wire import LetterKind, Want, WireError, down, seal_letter, up
from hq import contents as at_hq
from hq.headquarters import Headquarters
from hq.intake import Arrival
from tests.hq.office import Sender, new_office
from tests.sync.test_inbox import HQ_KEY, hq_sign

FILM = Random(7).randbytes(3 * PART_BYTES + 17)
NAME = hash_of(FILM)


def part(offset: int, data: bytes = FILM, name: str = NAME) -> bytes:
    return pack_part(name, len(FILM), offset, data[offset : offset + PART_BYTES], hq_sign)


def test_parts_in_any_order_twice_and_over_a_restart_make_the_whole(tmp_path: Path) -> None:
    random = Random(3)
    offsets = list(range(0, len(FILM), PART_BYTES))
    contents = Contents(tmp_path)
    while contents.path(NAME) is None:
        come = contents.add(parse_part(part(random.choice(offsets)), HQ_KEY))
        assert come.whole == (contents.path(NAME) is not None)
        if random.randrange(4) == 0:
            contents = Contents(tmp_path)  # the power went
    path = contents.path(NAME)
    assert path is not None and path.read_bytes() == FILM
    assert contents.add(parse_part(part(0), HQ_KEY)).whole, "a late part changes nothing"


def test_bytes_that_are_not_what_they_are_called_are_thrown_away(tmp_path: Path) -> None:
    """A power cut may leave zeros in the middle of what was written before it."""
    contents = Contents(tmp_path)
    for offset in range(0, len(FILM) - PART_BYTES, PART_BYTES):
        contents.add(parse_part(part(offset), HQ_KEY))
    half = tmp_path / f"{NAME}.part"
    half.write_bytes(bytes(100) + half.read_bytes()[100:])
    last = contents.add(parse_part(part(contents.have(NAME)), HQ_KEY))
    assert (last.whole, last.have, contents.path(NAME)) == (False, 0, None)


def test_no_byte_of_a_part_can_be_changed(tmp_path: Path) -> None:
    whole = part(0)
    head = int.from_bytes(whole[:4], "big") + 4
    for spot in [*range(head), head, len(whole) - 1]:
        for bit in (1, 128):
            changed = bytearray(whole)
            changed[spot] ^= bit
            with pytest.raises(WireError):
                parse_part(bytes(changed), HQ_KEY)
    stranger = pack_part(NAME, len(FILM), 0, FILM[:9], lambda d, p: seal.sign(bytes(32), d, p))
    for payload in (stranger, whole[:-1], whole + b"x", b"", b"\xff" * 40):
        with pytest.raises(WireError):
            parse_part(payload, HQ_KEY)


def test_a_disk_that_is_nearly_full_is_left_to_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    come = Contents(tmp_path).add(parse_part(part(0), HQ_KEY))
    assert "too little room" in come.why and come.have == 0


def test_what_nobody_names_any_more_is_forgotten(tmp_path: Path) -> None:
    contents = Contents(tmp_path)
    contents.add(parse_part(part(0), HQ_KEY))
    contents.keep_only(frozenset({NAME}))
    assert contents.have(NAME) == PART_BYTES
    contents.keep_only(frozenset())
    assert contents.have(NAME) == 0


def test_one_part_at_a_time_is_asked_for_and_again_when_it_is_lost() -> None:
    fetching = Fetching()
    fetching.want([("a", 0), ("b", 5)])
    assert fetching.next(0, online=False) is None
    assert fetching.next(0, online=True) == Wanted("a", 0)
    assert fetching.next(AGAIN_MS - 1, online=True) is None
    assert fetching.next(AGAIN_MS, online=True) == Wanted("a", 0)
    assert fetching.next(2 * AGAIN_MS, online=True) is None, "it waits longer each time"
    fetching.came("a", 10, whole=False, why="", mono_ms=0)
    assert fetching.next(0, online=True) == Wanted("a", 10)
    fetching.came("a", 20, whole=True, why="", mono_ms=0)
    assert fetching.next(0, online=True) == Wanted("b", 5)
    fetching.came("zzz", 1, whole=True, why="", mono_ms=0)
    assert fetching.lacks == ("b",)
    fetching.came("b", 5, whole=False, why="no room", mono_ms=100)
    assert fetching.trouble == "no room"
    assert fetching.next(99 + PAUSE_MS, online=True) is None
    assert fetching.next(100 + PAUSE_MS, online=True) == Wanted("b", 5)
    fetching.want([])
    assert fetching.next(10**9, online=True) is None


def test_headquarters_hands_out_parts_to_boxes_it_knows(tmp_path: Path) -> None:
    office = new_office(tmp_path / "hq")
    hq, box = Headquarters(office), Sender(office)
    hq.take([box.hello()], mono_ms=1)
    made = at_hq.put_bytes(office, FILM)
    assert (made.hash, made.size) == (NAME, len(FILM))

    def wanted(name: str, offset: int, by: Sender = box) -> list[bytes]:
        want = Want(1, "0001", name, offset)
        letter = seal_letter(LetterKind.WANT, want, by.ledger.sign)
        answers = hq.take([Arrival(up("0001", "want"), letter)], mono_ms=1).answers
        return [one.payload for one in answers if one.topic == down("0001", "content")]

    contents = Contents(tmp_path / "box")
    while contents.path(NAME) is None:
        (payload,) = wanted(NAME, contents.have(NAME))
        contents.add(parse_part(payload, office.public))
    assert wanted("ab" * 32, 0) == []
    assert wanted("../keys/hq.key", 0) == []
    assert wanted(NAME, len(FILM)) == []
    assert wanted(NAME, 0, Sender(office, seed=9)) == [], "a stranger gets nothing"
