"""A picture in greys to the dots of a printer: made small enough, then black or white. No I/O.

A thermal head knows black and nothing. What is between is told by how many of the dots are black
(Floyd and Steinberg, 1976); a logo in pure black and white comes out dot for dot.
"""

from collections.abc import Sequence

from daemon.drivers.wire.raster import Bitmap

Greys = Sequence[Sequence[int]]
"""Rows of 0 (black) to 255 (white), all of one length, at least one of each."""

WHITE, HALF = 255, 128
ROWS_MAX = 240  # 30 mm of paper; what is higher is a poster


def dots_of(picture: Greys, dots_max: int) -> Bitmap:
    """Return picture as dots, made smaller until it is at most dots_max wide and ROWS_MAX high."""
    picture = fitted(picture, dots_max)
    return Bitmap(len(picture[0]), black_and_white(picture))


def fitted(picture: Greys, dots_max: int) -> Greys:
    """Return picture in its proportions; never larger than it is."""
    high, wide = len(picture), len(picture[0])
    to_wide, to_high = wide, high
    if to_wide > dots_max:
        to_wide, to_high = dots_max, max(1, high * dots_max // wide)
    if to_high > ROWS_MAX:
        to_wide, to_high = max(1, wide * ROWS_MAX // high), ROWS_MAX
    if (to_wide, to_high) == (wide, high):
        return picture
    columns = [(at * wide // to_wide, (at + 1) * wide // to_wide) for at in range(to_wide)]
    rows = []
    for at in range(to_high):
        band = picture[at * high // to_high : (at + 1) * high // to_high]
        sums = [sum(column) for column in zip(*band, strict=True)]
        rows.append([sum(sums[a:b]) // ((b - a) * len(band)) for a, b in columns])
    return rows


def black_and_white(picture: Greys) -> tuple[int, ...]:
    """Return rows of dots; what a dot is too dark or too light by goes to its neighbours."""
    wide = len(picture[0])
    owed = [0] * (wide + 2)  # in sixteenths, to this row; one more at either end
    rows = []
    for greys in picture:
        below, right, row = [0] * (wide + 2), 0, 0
        for at, grey in enumerate(greys):
            value = grey + (owed[at + 1] + right) // 16
            black = value < HALF
            row = row << 1 | black
            wrong = value if black else value - WHITE
            right = 7 * wrong
            below[at] += 3 * wrong
            below[at + 1] += 5 * wrong
            below[at + 2] += wrong
        owed = below
        rows.append(row)
    return tuple(rows)
