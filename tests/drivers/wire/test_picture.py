"""Pictures in greys as dots: proportions, darkness, and pure black and white as it was."""

from hypothesis import given
from hypothesis import strategies as st

from daemon.drivers.wire.picture import ROWS_MAX, black_and_white, dots_of, fitted

GREY = st.integers(0, 255)


@st.composite
def pictures(draw, pixel=GREY, side_max=40):
    wide, high = draw(st.integers(1, side_max)), draw(st.integers(1, side_max))
    row = st.lists(pixel, min_size=wide, max_size=wide)
    return draw(st.lists(row, min_size=high, max_size=high))


@given(pictures(st.sampled_from([0, 255])))
def test_black_and_white_stays_dot_for_dot(picture):
    wanted = tuple(sum((grey == 0) << at for at, grey in enumerate(reversed(r))) for r in picture)
    assert black_and_white(picture) == wanted


@given(GREY)
def test_a_grey_area_has_as_much_black_as_it_is_dark(grey):
    rows = black_and_white([[grey] * 48] * 48)
    black = sum(row.bit_count() for row in rows) / 48**2
    assert abs(black - (255 - grey) / 255) < 0.05


@given(pictures(), st.integers(1, 60))
def test_it_is_made_as_small_as_the_paper_and_never_larger(picture, dots):
    bitmap = dots_of(picture, dots)
    wide, high = len(picture[0]), len(picture)
    assert bitmap.wide == min(wide, dots)
    assert len(bitmap.rows) == (high if wide <= dots else max(1, high * dots // wide))
    assert all(0 <= row < 1 << bitmap.wide for row in bitmap.rows)


def test_what_is_too_high_is_made_smaller_both_ways():
    small = fitted([[0] * 100] * (ROWS_MAX * 4), 384)
    assert (len(small[0]), len(small)) == (25, ROWS_MAX)


@given(pictures(side_max=12), st.integers(1, 12))
def test_making_it_smaller_keeps_between_its_darkest_and_its_lightest(picture, dots):
    all_greys = [grey for row in picture for grey in row]
    small = [grey for row in fitted(picture, dots) for grey in row]
    assert min(all_greys) <= min(small) <= max(small) <= max(all_greys)
