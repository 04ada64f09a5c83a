"""The Range header, against the plainest reading of RFC 9110: the bytes that are asked for."""

import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.display.kiosk.ranges import Span, Unsatisfiable, span_of

FUZZ_N = int(os.environ.get("MEMBERBOX_FUZZ_N", "500"))
POSITIONS = st.integers(0, 40)


@settings(deadline=None, max_examples=200)
@given(size=st.integers(0, 30), first=POSITIONS, last=POSITIONS)
def test_from_and_to_are_the_bytes_between(size, first, last):
    data = bytes(range(size))
    span = span_of(f"bytes={first}-{last}", size)
    if last < first:
        assert span is None  # no valid range: the header is ignored
    elif first >= size:
        assert span == Unsatisfiable()
    else:
        wanted = data[first : last + 1]
        assert isinstance(span, Span)
        assert (data[span.first : span.last + 1], span.length) == (wanted, len(wanted))


@settings(deadline=None, max_examples=100)
@given(size=st.integers(0, 30), number=POSITIONS)
def test_open_ends_and_suffixes(size, number):
    data = bytes(range(size))
    for header, wanted in (
        (f"bytes={number}-", data[number:]),
        (f"bytes=-{number}", data[-number:] if number else b""),
    ):
        span = span_of(header, size)
        if isinstance(span, Span):
            assert data[span.first : span.last + 1] == wanted and span.length == len(wanted) > 0
        else:
            assert span == Unsatisfiable() and wanted == b""


@pytest.mark.parametrize(
    "header",
    [
        *(None, "", "bytes", "bytes=", "bytes=-", "bytes=0-1,4-5", "lines=0-1", "bytes=a-b"),
        *("bytes=0x1-2", "bytes=1-2-3", "bytes=+1-2", "bytes=１-２", f"bytes={'9' * 19}-"),
    ],
)
def test_what_is_no_single_range_is_ignored(header):
    assert span_of(header, 10) is None


def test_fuzz_of_the_header_never_leaves_the_file():
    draw = random.Random(7)
    for _ in range(FUZZ_N):
        header = "bytes=" + "".join(draw.choices("0123456789-, \t=ab", k=draw.randrange(12)))
        size = draw.choice((0, 1, 9, 1000))
        span = span_of(header, size)
        if isinstance(span, Span):
            assert 0 <= span.first <= span.last < size, header
