"""Frames of serial swipers, in any pieces, between noise."""

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from daemon.drivers.wire.magstripe import read_burst
from daemon.drivers.wire.magtek_serial import FRAME_BYTES_MAX, IDLE_MS, FrameDecoder
from daemon.drivers.wire.wedge import Burst
from daemon.events import CardRefused, CardSwiped, InputEvent

MEMBER = CardSwiped("8800000000018")
FRAMES = [
    b"\x02%A8800000000018^X?;8800000000018=?\r\x03",
    b";8800000000018=?\r",
    b"\x02;8800000000018=?\x03",
    b"%A1^X?\r;8800000000018=?\r+123?\r",
    b"\x02;8800000000018?\r\x03\x1b0",
]


def read(pieces: list[bytes], frames: FrameDecoder | None = None) -> list[InputEvent]:
    frames = frames or FrameDecoder()
    bursts: list[Burst] = []
    for piece in pieces:
        bursts += frames.feed(piece, 0)
    bursts += frames.idle(IDLE_MS)
    return [event for burst in bursts if (event := read_burst(burst)) is not None]


@given(st.sampled_from(FRAMES), st.lists(st.integers(0, 60), max_size=8))
def test_any_pieces_of_a_frame_are_the_same_swipe(frame, cuts):
    edges = [0, *sorted(min(cut, len(frame)) for cut in cuts), len(frame)]
    pieces = [frame[start:end] for start, end in itertools.pairwise(edges)]
    assert [event for event in read(pieces) if isinstance(event, CardSwiped)] == [MEMBER]


def test_byte_by_byte():
    for frame in FRAMES:
        assert MEMBER in read([bytes([byte]) for byte in frame])


def test_a_frame_with_its_end_needs_no_gap():
    assert [read_burst(burst) for burst in FrameDecoder().feed(FRAMES[0], 0)] == [MEMBER]


def test_without_end_it_waits_for_the_gap():
    frames = FrameDecoder()
    assert frames.feed(FRAMES[1], 10) == []
    assert frames.due_ms() == 10 + IDLE_MS
    assert frames.idle(9 + IDLE_MS) == []
    assert len(frames.idle(10 + IDLE_MS)) == 1
    assert frames.due_ms() is None


def test_two_frames_in_one_piece():
    assert read([FRAMES[0] + FRAMES[2]]) == [MEMBER, MEMBER]


def test_a_bad_track_and_half_a_frame_are_refused():
    assert read([b"\x02%E?\r\x03"]) == [CardRefused("E01")]
    assert read([b";88000000"]) == [CardRefused("E01")]


def test_a_frame_begins_at_its_start_whatever_was_before_it():
    assert read([b";880" + FRAMES[0]]) == [MEMBER]
    assert read([b"\x00\xff;3\x02" + FRAMES[2]]) == [MEMBER]


def test_noise_is_nothing():
    assert read([b"\x00\xff\x7f\x81\r"]) == []
    assert read([bytes(range(0x80, 0x100)) * 20]) == []


def test_too_much_is_thrown_away_and_the_next_frame_read():
    frames = FrameDecoder()
    assert read([b";1" * FRAME_BYTES_MAX], frames) == []
    assert read([FRAMES[1]], frames) == [MEMBER]
    assert read([b";1" * FRAME_BYTES_MAX + FRAMES[0]], frames) == [MEMBER]


def test_the_decoder_does_not_show_what_it_holds():
    frames = FrameDecoder()
    frames.feed(b";6222021234567890128", 0)
    assert "6222" not in repr(frames)


def test_no_bytes_stop_the_decoder():
    chance = random.Random(7)
    frames = FrameDecoder()
    for at_ms in range(0, 20_000 * 30, 30):
        for burst in frames.feed(chance.randbytes(chance.randrange(12)), at_ms):
            read_burst(burst)
        for burst in frames.idle(at_ms):
            read_burst(burst)
    frames.idle(10_000_000)
    assert read([FRAMES[0]], frames) == [MEMBER]
