"""One file on the boot partition or a stick becomes the config: whole or not at all.

The power is cut after every single step, with every fate of what was not flushed.
"""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemon.commands import provision as commands
from daemon.commands.answer import Exit
from daemon.config import load
from daemon.provisioned import REPORT, VARIABLE, read
from tests.appliance.cutting import CutDisk, PowerCut

EXAMPLE = (Path(__file__).parents[2] / "config" / "memberbox.example.toml").read_text("utf-8")
TOKEN, PASSWORD = "0123456789abcdef0123456789abcdef", "geheim=#\\"
SECRETS = f'token = "{TOKEN}"\npassword = {json.dumps(PASSWORD)}   # of the broker\n'
HQ = "\n[hq]\n"


def text(**changes: str) -> str:
    made = EXAMPLE.replace(HQ, HQ + SECRETS)
    for old, new in changes.items():
        made = made.replace(f'{old} = "0018"', f'{old} = "{new}"', 1)
    return made


class Machine:
    """The files of one machine, below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.etc = root / "etc/memberbox"
        self.etc.mkdir(parents=True)
        self.boot = root / "boot/firmware/memberbox.toml"
        self.boot.parent.mkdir(parents=True)
        self.stick = root / "media/memberbox/memberbox.toml"
        self.stick.parent.mkdir(parents=True)

    @property
    def config(self) -> Path:
        return self.etc / "memberbox.toml"

    def run(self, disk: CutDisk | None = None) -> tuple[Exit, dict[str, object]]:
        answer = commands.provision(self.root, disk)
        return answer.code, dict(answer.data)

    def secrets(self) -> dict[str, str]:
        folder = self.etc / "credentials"
        return {one.name: one.read_text("utf-8") for one in folder.iterdir()}

    def everywhere(self) -> Iterator[tuple[Path, bytes]]:
        for path in self.root.rglob("*"):
            if path.is_file() and path.parent.name != "credentials":
                yield path, path.read_bytes()


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path / "root")


@pytest.mark.parametrize("place", ["boot", "stick"])
def test_a_good_file_is_in_place_and_its_secrets_are_nowhere_else(machine, place):
    source: Path = getattr(machine, place)
    source.write_text(text(), encoding="utf-8")
    assert machine.run()[0] is Exit.YES
    assert load(machine.config).box.id == "0018"
    assert machine.secrets() == {"hq_token": TOKEN, "hq_password": PASSWORD}
    for path, data in machine.everywhere():
        assert TOKEN.encode() not in data and PASSWORD.encode() not in data, path
    assert source.read_bytes() == machine.config.read_bytes()
    assert "# remarks" not in EXAMPLE and "everything a technician tells" in source.read_text(
        "utf-8"
    )
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in machine.etc.rglob("*")}
    assert modes["hq_token"] == 0o600 and modes["credentials"] == 0o700
    assert modes["memberbox.toml"] == 0o640
    assert machine.run()[1]["outcome"] == ("unchanged" if place == "boot" else "none")


def test_the_box_gets_its_secrets_from_the_credentials_of_its_unit(machine, tmp_path):
    machine.boot.write_text(text(), encoding="utf-8")
    machine.run()
    handed = tmp_path / "handed"  # LoadCredential=memberbox:/etc/memberbox/credentials
    handed.mkdir()
    for name, secret in machine.secrets().items():
        (handed / f"memberbox_{name}").write_text(secret, encoding="utf-8")
    hq = load(machine.config, environ={"CREDENTIALS_DIRECTORY": str(handed)}).hq
    assert hq is not None and hq.token is not None and hq.password is not None
    assert (hq.token.reveal(), hq.password.reveal()) == (TOKEN, PASSWORD)
    bare = load(machine.config, environ={}).hq
    assert bare is not None and bare.token is None


def test_every_mistake_is_told_at_once_and_nothing_changes(machine, monkeypatch):
    machine.boot.write_text(text(), encoding="utf-8")
    with umask(0o077):  # the unit's
        machine.run()
    before = machine.config.read_bytes()
    bad = text().replace("closing_hour = 4", "closing_hour = 9").replace("[counter]", "[conter]")
    bad = bad.replace('driver = "escpos"', 'driver = "escpoz"')
    machine.boot.write_text(bad, encoding="utf-8")
    code, said = machine.run()
    assert (code, said["outcome"]) == (Exit.NO, "refused")
    told = "\n".join(said["mistakes"])
    for piece in ("shop.closing_hour: 9", "from 0 to 6", "conter", "Nearest: counter", "escpoz"):
        assert piece in told
    assert TOKEN not in told
    assert machine.config.read_bytes() == before
    assert machine.boot.read_text("utf-8") == bad, "the technician mends what he wrote"
    monkeypatch.setenv(VARIABLE, str(machine.root / "run/memberbox-provision"))
    report = read()
    assert report is not None and report.mistakes == tuple(said["mistakes"])
    assert [one.name for one in report.devices] == ["pole"], "the printer has the mistake"
    told_to_box = machine.root / "run/memberbox-provision" / REPORT
    assert TOKEN not in told_to_box.read_text()
    assert stat.S_IMODE(told_to_box.stat().st_mode) == 0o644, "the box is another user"


@pytest.mark.parametrize(
    "spoilt", [b"", b"\xff\xfe", b"[box\n", b"x = " + b"[" * 5000, b"#" * (300 * 1024)]
)
def test_what_is_no_config_is_said_and_changes_nothing(machine, spoilt):
    machine.boot.write_bytes(spoilt)
    code, said = machine.run()
    assert code in (Exit.NO, Exit.WRONG_USE) and said["mistakes"]
    assert not machine.config.exists()


@pytest.mark.parametrize(
    "odd",
    [
        'hq = {{ key = "{key}", token = "{token}" }}\n',
        '[hq]\nkey = "{key}"\ntoken = """{token}"""\n# it was {token}\n',
        '[hq]\nkey = "{key}"\ntoken = """\\\n{token}"""\n',
    ],
)
def test_a_secret_that_cannot_be_taken_out_is_refused(machine, odd):
    start = EXAMPLE.index("[hq]")
    rest = EXAMPLE[EXAMPLE.index("[counter]") :]
    hq = odd.format(key="0" * 64, token=TOKEN)
    whole = EXAMPLE[:start] + hq + rest if odd.startswith("[") else hq + EXAMPLE[:start] + rest
    machine.boot.write_text(whole, encoding="utf-8")
    code, said = machine.run()
    assert code is Exit.NO and "hq.token" in said["mistakes"][0]
    assert TOKEN not in said["mistakes"][0]


@pytest.mark.parametrize("line", ["hq.token = '{0}'", '"hq".token="{0}"', ' hq . token = "{0}"'])
def test_a_secret_as_a_dotted_key_is_taken_out_or_refused(machine, line):
    start, rest = EXAMPLE.index("[hq]"), EXAMPLE[EXAMPLE.index("[counter]") :]
    hq = f'hq.key = "{"0" * 64}"\n{line.format(TOKEN)}\n'
    machine.boot.write_text(hq + EXAMPLE[:start] + rest, encoding="utf-8")
    code, _ = machine.run()
    clean = all(TOKEN.encode() not in data for _, data in machine.everywhere())
    assert clean if code is Exit.YES else not machine.config.exists()


def test_windows_line_ends_stay(machine):
    machine.boot.write_bytes(text().replace("\n", "\r\n").encode())
    assert machine.run()[0] is Exit.YES
    kept = machine.config.read_bytes()
    assert kept.count(b"\n") == kept.count(b"\r\n")


def test_a_box_with_books_does_not_become_another(machine):
    machine.boot.write_text(text(), encoding="utf-8")
    machine.run()
    (machine.root / "var/lib/memberbox").mkdir(parents=True)
    (machine.root / "var/lib/memberbox/journal.db").write_bytes(b"books")
    machine.boot.write_text(text(id="0019"), encoding="utf-8")
    code, said = machine.run()
    assert code is Exit.NO and "keeps the books of 0018" in said["mistakes"][0]
    assert load(machine.config).box.id == "0018"


def test_a_stick_is_for_the_first_time_only(machine):
    machine.boot.write_text(text(), encoding="utf-8")
    machine.run()
    machine.boot.unlink()
    machine.stick.write_text(text(id="0019"), encoding="utf-8")
    assert machine.run()[1]["outcome"] == "none"
    assert load(machine.config).box.id == "0018"


def test_what_a_person_changes_in_place_stays(machine):
    machine.boot.write_text(text(), encoding="utf-8")
    machine.run()
    mended = machine.config.read_text("utf-8").replace("020-0000 0018", "020-1")
    machine.config.write_text(mended, encoding="utf-8")
    assert machine.run()[1]["outcome"] == "unchanged"
    assert load(machine.config).shop.phone == "020-1"


def test_a_new_token_alone_is_taken(machine):
    machine.boot.write_text(text(), encoding="utf-8")
    machine.run()
    machine.boot.write_text(text().replace(TOKEN, "another-one-time-token"), encoding="utf-8")
    assert machine.run()[0] is Exit.YES
    assert machine.secrets()["hq_token"] == "another-one-time-token"
    assert b"another-one-time-token" not in machine.boot.read_bytes()


@pytest.mark.parametrize("place", ["boot", "stick"])
def test_a_power_cut_after_any_step_loses_nothing_and_the_next_start_ends_it(tmp_path, place):
    # Of data: gone, half, there; of names, the newest first: there, gone, all but the newest gone.
    fates = ((0, (0,)), (1, (0, 1)), (2, (1,)), (0, (0, 1)))
    steps = cuts = 0
    while True:
        steps += 1
        for number, fate in enumerate(fates):
            machine = Machine(tmp_path / f"{steps}-{number}")
            source: Path = getattr(machine, place)
            old = place == "boot"
            if old:  # a config that is replaced
                source.write_text(text(id="0017"), encoding="utf-8")
                machine.run(CutDisk())
            source.write_text(text(), encoding="utf-8")
            disk = CutDisk(steps, Fate(*fate))
            try:
                commands.provision(machine.root, disk)
            except PowerCut:
                cuts += 1
            else:
                assert cuts >= len(fates) * 20, "there are that many steps"
                return
            _whole(machine, source, old=old)
            machine.run(CutDisk())
            _ended(machine, source, disk.done)


class Fate:
    """What becomes of each thing that was not flushed; of names the last fate is for all older."""

    def __init__(self, data: int, names: tuple[int, ...]) -> None:
        self._data = data
        self._names = list(names)

    def __call__(self, fates: int) -> int:
        if fates == 3:
            return self._data
        return self._names.pop(0) if len(self._names) > 1 else self._names[0]


def _whole(machine: Machine, source: Path, *, old: bool) -> None:
    """What stands on the disk after a cut: the old or the new, whole; no secret is lost."""
    if machine.config.exists():
        assert load(machine.config).box.id in (("0017", "0018") if old else ("0018",))
    else:
        assert not old
    kept = machine.etc / "credentials" / "hq_token"
    in_file = TOKEN in source.read_text("utf-8")
    assert in_file or (kept.exists() and kept.read_text() == TOKEN)


def _ended(machine: Machine, source: Path, done: list[str]) -> None:
    assert load(machine.config).box.id == "0018", done
    assert machine.secrets() == {"hq_token": TOKEN, "hq_password": PASSWORD}, done
    for path, data in machine.everywhere():
        if not path.name.endswith(".new"):
            assert TOKEN.encode() not in data, (path, done)
    assert source.read_bytes() == machine.config.read_bytes(), done


def test_a_disk_that_takes_nothing_is_said(machine):
    machine.boot.write_text(text(), encoding="utf-8")
    code = commands.provision(machine.root, FullDisk()).code
    assert code is Exit.UNREACHABLE
    assert not machine.config.exists() and TOKEN in machine.boot.read_text("utf-8")
    assert machine.run()[0] is Exit.YES


class FullDisk(CutDisk):
    def write(self, path: Path, data: bytes, mode: int) -> None:
        raise OSError(28, "No space left on device")


def test_a_boot_partition_that_is_read_only_is_said_and_the_box_has_its_config(machine):
    machine.boot.write_text(text(), encoding="utf-8")
    code, said = _read_only(machine)
    assert code is Exit.YES and "yourself" in str(said["mistakes"])
    assert load(machine.config).box.id == "0018"
    assert machine.run()[1]["mistakes"] == ()  # it is writable again, and ended
    assert TOKEN not in machine.boot.read_text("utf-8")


def _read_only(machine: Machine) -> tuple[Exit, dict[str, object]]:
    class ReadOnlyBoot(CutDisk):
        def write(self, path: Path, data: bytes, mode: int) -> None:
            if path.is_relative_to(machine.boot.parent):
                raise OSError(30, "Read-only file system")
            super().write(path, data, mode)

    answer = commands.provision(machine.root, ReadOnlyBoot())
    return answer.code, dict(answer.data)
