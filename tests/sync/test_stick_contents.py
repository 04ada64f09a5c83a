"""Films and pictures on a stick: once for all shops, opened by those whose log names them."""

from functools import partial
from pathlib import Path
from random import Random

import pytest

from daemon import seal
from daemon.ledger.messages_shop import Playlist
from daemon.sync.contents import Contents
from daemon.sync.mailroom import Mailroom
from daemon.sync.stick import address, content_place, parse_name
from daemon.sync.stick_look import BoxKeys, look
from daemon.sync.stick_visit import Alone, Visit, Visited
from hq import contents as kept_at_hq
from hq import notices
from hq.stick_contents import Contents as Writer
from hq.stick_contents import ContentsSaid
from tests.sync.sticks import AT, MemoryShelf, collect, deliver
from tests.sync.test_stick import world
from tests.sync.test_stick_visits import agree
from tests.sync.world import Box, World

PART = 200_000


class Screen(Alone):
    """A box with a screen: what its playlist names and is not here is lacking."""

    def __init__(self, box: Box, contents: Contents, names: list[str]) -> None:
        super().__init__(box.courier)
        self._contents, self._names = contents, names

    def lacks(self) -> tuple[str, ...]:
        return tuple(name for name in self._names if self._contents.path(name) is None)


def plugged(box: Box, shelf: MemoryShelf, contents: Contents, names: list[str]) -> Visited:
    ledger = box.ledger
    mailroom = Mailroom(
        box.name,
        hq_key=box.hq_key,
        unseal=partial(seal.unseal, ledger.seed),
        phone_key=bytes(32),
        keys=ledger.local,
        contents=contents,
    )
    visit = Visit(
        ledger,
        shelf,
        Screen(box, contents, names),
        mailroom,
        cards=(ledger.local, ledger.books),
        hq_key=box.hq_key,
        entropy=box.entropy,
        at=AT,
        progress=lambda done, of: None,
    )
    return visit.both()


def filmed(folder: Path) -> tuple[World, MemoryShelf, list[str], bytes]:
    """Two shops in step, a playlist of two files on a stick; return the names, and the film."""
    shops, stick = world(folder), MemoryShelf()
    agree(shops, stick)
    film = Random(1).randbytes(3 * PART + 17)
    files = []
    for name, data in (("a.mp4", film), ("b.png", b"small")):
        (folder / name).write_bytes(data)
        files.append(kept_at_hq.put_file(shops.office, folder / name))
    notices.put(shops.office, notices.PLAYLIST, "screen", Playlist(tuple(files)))
    deliver(shops, stick)
    return shops, stick, [one.hash for one in files], film


def write(shops: World, stick: MemoryShelf) -> ContentsSaid:
    return Writer(shops.office, part_bytes=PART).deliver(stick, lambda done, of: None)


def films_on(stick: MemoryShelf) -> list[str]:
    return [name for name in stick.names() if name.endswith(".mbcontent")]


def test_a_film_goes_on_the_stick_once_and_comes_whole_to_every_shop(tmp_path: Path) -> None:
    shops, stick, names, film = filmed(tmp_path)
    assert write(shops, stick) == ContentsSaid(2, 2, 0)
    assert len(films_on(stick)) == 5 and all(parse_name(name) for name in films_on(stick))
    stick.writes.clear()
    assert write(shops, stick) == ContentsSaid(2, 0, 0) and stick.writes == []
    for number, box in enumerate(shops.boxes.values()):
        contents = Contents(tmp_path / f"box{number}")
        told = plugged(box, stick, contents, names)
        assert (told.contents, told.refused, told.trouble) == (2, (), "")
        path = contents.path(names[0])
        assert path is not None and path.read_bytes() == film
        assert plugged(box, stick, contents, names).contents == 0, "twice changes nothing"


def test_a_lost_stick_shows_no_film_and_does_not_say_which_it_is(tmp_path: Path) -> None:
    shops, stick, names, film = filmed(tmp_path)
    write(shops, stick)
    told = b"".join(name.encode() + data for name, data in stick.files.items())
    for name in names:
        assert name.encode() not in told and name[:16].encode() not in told
        assert bytes.fromhex(name) not in told
    assert film[:16] not in told and b"b.png" not in told


@pytest.mark.parametrize("part", [0, 1, 3])
def test_a_damaged_or_missing_part_is_named_and_the_next_stick_goes_on(
    part: int, tmp_path: Path
) -> None:
    shops, stick, names, film = filmed(tmp_path)
    write(shops, stick)
    box, contents = shops.boxes["0001"], Contents(tmp_path / "box")
    place = content_place(names[0])[0]
    name = f"{place}-{part + 1:05d}.mbcontent"
    bad = stick.copy()
    changed = bytearray(bad.files[name])
    changed[len(changed) // 2] ^= 1
    bad.files[name] = bytes(changed)
    told = plugged(box, bad, contents, names[:1])
    assert [one.file for one in told.refused] == [name] and told.contents == 0
    assert contents.path(names[0]) is None
    del bad.files[name]
    plugged(box, bad, contents, names[:1])
    assert plugged(box, stick, contents, names[:1]).contents == 1
    path = contents.path(names[0])
    assert path is not None and path.read_bytes() == film


def test_a_film_of_another_headquarters_is_refused(tmp_path: Path) -> None:
    """Whoever knows the hash can make a file of that name; only ours signs its parts."""
    shops, _, names, film = filmed(tmp_path)
    others = World(8, tmp_path / "others", boxes=1)
    (tmp_path / "film").write_bytes(film)
    kept_at_hq.put_file(others.office, tmp_path / "film")
    forged = MemoryShelf()
    Writer(others.office, part_bytes=PART).write(forged, names[0], len(film))
    contents = Contents(tmp_path / "box")
    told = plugged(shops.boxes["0001"], forged, contents, names)
    assert told.refused and told.contents == 0 and contents.have(names[0]) == 0


def test_what_no_log_names_any_more_is_taken_off_and_what_has_no_room_is_said(
    tmp_path: Path,
) -> None:
    shops, stick, _, film = filmed(tmp_path)
    stick.room_bytes = sum(map(len, stick.files.values())) + 100_000
    assert write(shops, stick) == ContentsSaid(2, 1, 1)
    assert len(films_on(stick)) == 1, "the small one came"
    stick.room_bytes = 1 << 30
    write(shops, stick)
    (tmp_path / "c.png").write_bytes(b"another")
    other = kept_at_hq.put_file(shops.office, tmp_path / "c.png")
    notices.put(shops.office, notices.PLAYLIST, "screen", Playlist((other,)))
    deliver(shops, stick)
    assert write(shops, stick) == ContentsSaid(1, 1, 0)
    assert len(films_on(stick)) == 1
    collect(shops, stick)
    mine = address(shops.boxes["0001"].ledger.device_public)
    assert any(name.startswith(mine) for name in stick.names()), "files of boxes are left alone"
    assert len(film) > PART


def test_what_is_on_a_stick_is_shown_to_the_box_that_looks(tmp_path: Path) -> None:
    shops, stick, _, _ = filmed(tmp_path)
    write(shops, stick)
    ledger = shops.boxes["0001"].ledger
    keys = BoxKeys(ledger.seed, ledger.recovery, shops.office.public)
    seen = look(stick, keys)
    down, up = seen.files
    assert (down.way, up.way, seen.others, seen.contents) == ("down", "up", 2, 5)
    assert 0 < up.first <= up.last == ledger.head.seq and down.last > 0
    bad = stick.copy()
    bad.files[up.file] = bad.files[up.file][:-1]
    assert [one.why != "" for one in look(bad, keys).files] == [False, True]
