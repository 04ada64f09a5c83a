"""The playlist: what is good plays in its order and its time, what is wrong is named."""

import os
import random
import tomllib
from datetime import date, datetime, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.display.kiosk.folder import Folder
from daemon.display.playlist import Content, arranged, showing
from tests.kiosk.house import ROOT

FUZZ_N = int(os.environ.get("MEMBERBOX_FUZZ_N", "500"))
JPEG, WEBM = b"\xff\xd8\xff\xe0" + b"\0" * 12, b"\x1a\x45\xdf\xa3" + b"\0" * 12
FILES = (
    Content("a.jpg", "aa", 100, JPEG),
    Content("b.webm", "bb", 100, WEBM),
    Content("c.JPG", "cc", 100, JPEG),
)
NOON = datetime(2026, 3, 6, 12, 0, tzinfo=timezone.utc)


def plays(text: str, at: datetime = NOON) -> list[str]:
    return [item.url.removeprefix("/content/") for item in showing(list_of(text), at).items]


def list_of(text: str):
    return arranged(FILES, text.encode())


def test_without_a_file_everything_plays_by_name():
    playlist = arranged(reversed(FILES), None)
    assert [item.content.name for item in playlist.items] == ["a.jpg", "b.webm", "c.JPG"]
    assert [(item.kind, item.seconds) for item in playlist.items] == [
        ("image", 8.0),
        ("video", None),
        ("image", 8.0),
    ]


def test_order_seconds_and_repeats_are_as_written():
    text = 'seconds = 5\n[[items]]\nfile = "c.JPG"\n[[items]]\nfile = "a.jpg"\nseconds = 2.5\n'
    playlist = list_of(text + '[[items]]\nfile = "c.JPG"\n')
    assert [(item.content.hash, item.seconds) for item in playlist.items] == [
        ("cc", 5.0),
        ("aa", 2.5),
        ("cc", 5.0),
    ]


@pytest.mark.parametrize(
    ("day", "seen"), [("2026-03-05", []), ("2026-03-06", ["aa"]), ("2026-03-08", ["aa"])]
)
def test_first_and_last_day_both_count(day, seen):
    text = '[[items]]\nfile = "a.jpg"\nstarts = 2026-03-06\nends = 2026-03-08\n'
    at = datetime.combine(date.fromisoformat(day), NOON.timetz())
    assert plays(text, at) == seen
    assert plays(text, at.replace(day=9)) == []


@pytest.mark.parametrize(
    ("hours", "clock", "open_"),
    [
        ("09:00-22:00", "08:59", False),
        ("09:00-22:00", "09:00", True),
        ("09:00-22:00", "22:00", False),
        ("20:00-02:00", "23:30", True),
        ("20:00-02:00", "01:59", True),
        ("20:00-02:00", "02:00", False),
        ("18:00-24:00", "23:59", True),
        ("18:00-24:00", "00:00", False),
    ],
)
def test_business_hours_are_half_open_and_may_pass_midnight(hours, clock, open_):
    hour, minute = map(int, clock.split(":"))
    at = NOON.replace(hour=hour, minute=minute)
    show = showing(list_of(f'hours = "{hours}"\n'), at)
    assert (show.open, bool(show.items)) == (open_, open_)
    assert plays(f'[[items]]\nfile = "a.jpg"\nhours = "{hours}"\n', at) == ["aa"] * open_


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('[[items]]\nfile = "x.jpg"\n', "'x.jpg' is not in the folder"),
        ('[[items]]\nfile = "../a.jpg"\n', "is not in the folder"),
        ("[[items]]\nseconds = 3\n", "file None"),
        ('[[items]]\nfile = "a.jpg"\nseconds = 0\n', "seconds: 0; use 1 to 3600"),
        ('[[items]]\nfile = "a.jpg"\nstarts = "2026-03-01"\n', "without quotes"),
        ('[[items]]\nfile = "a.jpg"\nhours = "9-22"\n', '"09:00-22:00"'),
        ('[[items]]\nfile = "a.jpg"\nhours = "09:00-09:00"\n', '"09:00-22:00"'),
        ('[[items]]\nfile = "a.jpg"\nsecond = 3\n', "second: no such key"),
        ('[[items]]\nfile = "a.jpg"\nstarts = 2026-03-02\nends = 2026-03-01\n', "before it starts"),
        ('items = "a.jpg"\n', "write [[items]]"),
        ("items = [1]\n", "is no table"),
    ],
)
def test_a_mistake_is_named_and_leaves_out_what_it_stands_in(text, names):
    playlist = list_of(text)
    assert playlist.items == ()
    assert len(playlist.mistakes) == 1 and names in playlist.mistakes[0]
    good = list_of(text + '[[items]]\nfile = "c.JPG"\n') if "items]]" in text else None
    if good is not None:
        assert [item.content.hash for item in good.items] == ["cc"]


@pytest.mark.parametrize("text", ["[[items", "\xff\xfe", "a = 1\na = 2\n"])
def test_a_file_that_is_no_toml_is_named_and_the_pictures_play_on(text):
    playlist = arranged(FILES, text.encode("latin-1"))
    assert len(playlist.items) == 3
    assert "is no TOML" in playlist.mistakes[0]


@pytest.mark.parametrize(
    ("name", "head", "names"),
    [
        ("advert.pptx", b"PK\x03\x04", "is no picture and no video"),
        ("a.png", JPEG, "is no image/png inside"),
        ("empty.jpg", b"", "is empty"),
        ("cut.mp4", b"\0\0\0\x18", "is no video/mp4 inside"),
    ],
)
def test_a_bad_file_is_named_and_skipped(name, head, names):
    bad = Content(name, "dd", len(head), head)
    playlist = arranged((*FILES, bad), None)
    assert len(playlist.items) == 3
    assert [name in mistake and names in mistake for mistake in playlist.mistakes] == [True]


def test_what_a_demo_shows_is_good():
    folder = Folder(ROOT / "config" / "demo" / "playlist")
    look = folder.look()
    playlist = arranged((stored.content for stored in look.files), look.text)
    assert (playlist.mistakes, look.trouble) == ((), ())
    assert [item.kind for item in playlist.items] == ["image", "video", "image"]


def test_the_example_in_the_docs_is_one():
    from daemon.display import playlist as module

    assert module.__doc__ is not None
    text = module.__doc__.split("```")[1].removeprefix("toml")
    table = tomllib.loads(text)
    spring = Content("spring.jpg", "ee", 9, JPEG)
    found = arranged((spring,), text.encode())
    assert found.mistakes == () and [item.content.hash for item in found.items] == ["ee"]
    assert set(table) | {"items"} == {"hours", "seconds", "transition", "items"}


WORDS = st.sampled_from(["file", "seconds", "starts", "ends", "hours", "items", "transition", "x"])
VALUES = st.one_of(
    st.integers(-5, 5000),
    st.floats(),
    st.booleans(),
    st.sampled_from(['"a.jpg"', '"09:00-22:00"', '"fade"', "2026-03-01", "12:00:00", "[]", "{}"]),
)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.one_of(st.just("[[items]]"), st.tuples(WORDS, VALUES).map(lambda p: f"{p[0]} = {p[1]}")),
        max_size=8,
    )
)
def test_any_file_plays_or_is_told(lines):
    playlist = arranged(FILES, "\n".join(lines).lower().encode())
    for at in (NOON, NOON.replace(hour=3)):
        show = showing(playlist, at)
        assert all(item.url in {"/content/aa", "/content/bb", "/content/cc"} for item in show.items)
    assert playlist.items or playlist.mistakes or "items" in "".join(lines)


def test_fuzz_of_playlist_bytes():
    draw = random.Random(11)
    good = b'hours = "09:00-22:00"\n[[items]]\nfile = "a.jpg"\nseconds = 3\nstarts = 2026-03-01\n'
    for _ in range(FUZZ_N):
        text = bytearray(good)
        for _ in range(draw.randrange(1, 6)):
            text[draw.randrange(len(text))] = draw.randrange(256)
        playlist = arranged(FILES, bytes(text))
        assert {item.content.name for item in playlist.items} <= {"a.jpg", "b.webm", "c.JPG"}
