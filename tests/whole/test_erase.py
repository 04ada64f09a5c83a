"""A member is erased: no file of any process holds the name or the key, then or after a restore."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.stage import Stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with Stage(tmp_path_factory.mktemp("erase")) as made:
        made.set_up()
        yield made


def said_in_the_shop(stage: Stage) -> list[str]:
    """Every name, phone and birthday of a member; the staff stand in the shop's own list."""
    rows = (stage.bench_dir / "cards.csv").read_text(encoding="utf-8").splitlines()
    head = rows[0].split(",")
    wanted = [head.index(name) for name in ("name", "phone", "birthday")]
    people = [row.split(",") for row in rows[1:] if ",staff," not in row]
    cells = [person[at] for person in people for at in wanted]
    return sorted({cell for cell in cells if cell})


def files_of(stage: Stage) -> list[Path]:
    places = [
        stage.bench_dir / "state",
        stage.bench_dir / "run",
        stage.hq_dir,
        stage.root / "b.mbb",
    ]
    found = [one for place in places for one in (place.rglob("*") if place.is_dir() else [place])]
    return [one for one in found if one.is_file()] + [stage.root / "box.log", stage.root / "hq.log"]


def holding(stage: Stage, secret: bytes) -> list[str]:
    return [one.name for one in files_of(stage) if secret in one.read_bytes()]


def key_of(stage: Stage, card: str) -> bytes:
    with closing(sqlite3.connect(stage.hq_dir / "hq.db")) as db:
        row = db.execute("SELECT key FROM member WHERE card = ?", (card,)).fetchone()
    return bytes(row[0])


def readable(stage: Stage) -> dict[str, bool]:
    """Cards whose key the box may use, and (False) those that it holds back."""
    with closing(sqlite3.connect(stage.bench_dir / "state" / "local.db")) as db:
        used = {card: True for (card,) in db.execute("SELECT card FROM member_key")}
        return used | {card: False for (card,) in db.execute("SELECT card FROM held_key")}


def a_member_without_value(stage: Stage) -> str:
    members = stage.hq("members")["members"]
    cards = readable(stage)
    free = [one["card"] for one in members if not one["principal"] and one["card"] in cards]
    return str(sorted(free)[0])


def test_an_erased_member_is_gone_from_every_file_and_stays_so_after_a_restore(stage: Stage):
    personal = said_in_the_shop(stage)
    assert len(personal) > 10
    card = a_member_without_value(stage)
    key = key_of(stage, card)
    assert "local.db" in "".join(holding(stage, key)) and "hq.db" in "".join(holding(stage, key))
    backup = stage.box("backup", str(stage.root / "b.mbb"))
    assert backup["ok"]
    for text in personal:
        assert holding(stage, text.encode()) == [], text
    assert stage.box("member", "erase", card, "--reason", "asked")["ok"]
    stage.until(lambda: stage.in_step() and holding(stage, key) == [], "the key to be forgotten")
    for text in personal:
        assert holding(stage, text.encode()) == [], text
    # the card of the box dies; what comes back is older than the erasure
    stage.stop("box")
    (stage.bench_dir / "state").rename(stage.root / "dead")
    back = stage.box("restore", str(stage.root / "b.mbb"))
    assert back["ok"] and back["keys_held"] > 1 and not back["goes_on"]
    assert set(readable(stage).values()) == {False}
    stage.kill("hq")  # headquarters cannot be reached: the box serves, and reads nobody's name
    stage.start_box()
    assert stage.box("status")["epoch"] == backup["epoch"] + 1
    assert set(readable(stage).values()) == {False}
    stage.start_hq()
    stage.until(
        lambda: stage.in_step() and False not in readable(stage).values(),
        "headquarters to say who was erased",
        within_s=40,
    )
    assert card not in readable(stage) and len(readable(stage)) > 1
    assert holding(stage, key) == []
    assert stage.box("verify", "--full")["ok"]
