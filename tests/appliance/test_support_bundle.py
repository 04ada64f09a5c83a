"""The support bundle: much of the box, nothing of any person, no secret; its bytes are grepped."""

import csv
import tarfile
from pathlib import Path

import pytest

from daemon.commands.support_bundle import clean
from tests.stage import Stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with Stage(tmp_path_factory.mktemp("bundle")) as made:
        made.set_up()
        yield made


def secrets_of(stage: Stage) -> set[str]:
    """Every key and token of box and headquarters, as text."""
    found = set()
    for folder in (stage.bench_dir / "state" / "keys", stage.hq_dir / "keys"):
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix == ".key":
                data = path.read_bytes()
                found |= {data.hex(), data.decode("ascii", "replace").strip()}
    config = stage.config.read_text("utf-8")
    found |= {line.split('"')[1] for line in config.splitlines() if line.startswith("token")}
    return {one for one in found if len(one) >= 16}


def persons_of(stage: Stage) -> set[str]:
    """Every name, phone number, birthday and card of members, names and badges of staff."""
    found = set()
    for name, columns in (
        ("cards.csv", ("card", "name", "phone", "birthday")),
        ("staff.csv", ("name", "badge")),
    ):
        with (stage.bench_dir / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found |= {row[column] for column in columns if row.get(column)}
    return found


def test_it_tells_of_the_box_and_of_nobody(stage: Stage, tmp_path: Path):
    persons, secrets = persons_of(stage), secrets_of(stage)
    assert len(persons) > 20 and len(secrets) >= 3
    said = stage.box("support-bundle", str(tmp_path / "bundle.tar.gz"))
    assert said["ok"] and {"status.json", "doctor.json", "journal.txt"} <= set(said["parts"])
    assert (tmp_path / "bundle.tar.gz").stat().st_mode & 0o777 == 0o600
    with tarfile.open(tmp_path / "bundle.tar.gz") as bundle:
        opened = {one.name: bundle.extractfile(one) for one in bundle.getmembers()}
        texts = {name: file.read() for name, file in opened.items() if file is not None}
    assert set(said["parts"]) <= {name.removeprefix("memberbox-support/") for name in texts}
    for name, data in texts.items():
        for secret in persons | secrets:
            assert secret.encode() not in data, f"{name} tells {secret}"
    whole = b"\n".join(texts.values())
    assert b"epoch.opened" in whole and b"box.id = 0018" in whole and b'"findings"' in whole
    assert b"hq.token = ***" in whole and b"shop.phone = ***" in whole


def test_every_finding_of_a_running_box_that_is_not_well_says_what_to_do(stage: Stage):
    findings = stage.box("doctor")["findings"]
    seen = {one["what"] for one in findings}
    assert {"config", "space", "medium", "journal", "disk", "secrets", "clock", "queue"} <= seen
    assert {"watched", "box", "hq", "device"} <= seen
    assert [one for one in findings if one["level"] != "ok" and not one["fix"]] == []


@pytest.mark.parametrize(
    "telling",
    [
        "card 8800000000018 swiped",
        "call 138 0013 8000 now",
        "phone +8613800138000",
        "王小明 came",
        "key 00112233445566778899aabbccddeeff",
        "token dGhpcyBpcyBhIHNlY3JldCB0b2tlbiBvZiBvdXJz=",
        "mail a.b@example.org",
    ],
)
def test_what_looks_like_a_person_or_a_secret_is_put_out(telling):
    assert "***" in clean(telling)
    for word in telling.split():
        if any(char.isdigit() for char in word) or not word.isascii() or "@" in word:
            assert word not in clean(telling).replace("***", "")


@pytest.mark.parametrize(
    "plain", ["device printer offline: cover open", "2026-03-06T09:55:00.123+08:00", "1:4711 sale"]
)
def test_what_an_engineer_needs_stays(plain):
    assert clean(plain) == plain
