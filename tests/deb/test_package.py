"""The package: the same in every build, installed without a network, upgraded, never losing books.

Tried in a bare Debian in a folder; under a real systemd it is tried elsewhere.
"""

import json
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from daemon.ledger.medium import latest_version
from tests.deb.house import House, why_not
from tests.deb.living import BOX, CONFIG, STATE, configure, entries, schema, sell, serve
from tests.deb.packages import changed, head, newer, of_commit, spoilt

FIRST, SECOND, BROKEN, MENDED = "1.0", "1.1", "1.2", "1.3"
ON_CARD = "/boot/firmware/memberbox.toml"
DATABASES = ("journal", "books", "local")
UNITS = ("memberbox.service", "memberbox-provision.service")
OLDEST = Path(__file__).parents[1] / "ledger/fixtures/state-1"
TIMEOUT_S = 600  # three packages are built and a Debian, from what is fetched

pytestmark = [
    pytest.mark.timeout(TIMEOUT_S),
    pytest.mark.skipif(why_not() != "", reason=why_not()),
]


@dataclass(frozen=True, slots=True)
class Made:
    first: Path
    again: Path
    arm64: Path
    house: House


@pytest.fixture(scope="module")
def out():
    with tempfile.TemporaryDirectory(prefix="packages-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def made(out):
    """Three packages and a Debian, two at a time: most of it is other programs' work."""
    commit = head()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(of_commit, commit, out / "first", "amd64", FIRST)
        house = pool.submit(House.build, out / "debian")
        again = pool.submit(of_commit, commit, out / "again", "amd64", FIRST)
        arm64 = pool.submit(of_commit, commit, out / "arm64", "arm64", FIRST)
        return Made(first.result(), again.result(), arm64.result(), house.result())


def names(package: Path) -> list[str]:
    said = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], capture_output=True, check=True)
    listing = subprocess.run(["tar", "-t"], input=said.stdout, capture_output=True, check=True)
    return listing.stdout.decode().splitlines()


def test_two_builds_are_one_file(made):
    assert made.again.read_bytes() == made.first.read_bytes()


def test_arm64_holds_what_runs_on_arm64(made, out):
    """Every compiled library in it is for that machine, and those that PyPI lacks are there."""
    tree = out / "arm64-tree"
    subprocess.run(["dpkg-deb", "-x", made.arm64, tree], check=True)
    libraries = sorted(tree.rglob("*.so*"))
    assert [path.name for path in libraries if not _is_aarch64(path)] == []
    modules = {f"{path.parent.name}.{path.name.partition('.')[0]}" for path in libraries}
    assert {"evdev._input", "msgspec._core", "zstandard.backend_c"} <= modules


def _is_aarch64(path: Path) -> bool:
    head = path.read_bytes()[:20]
    return head[:4] == b"\x7fELF" and int.from_bytes(head[18:20], "little") == 183


def test_the_package_holds_no_state_and_no_config(made):
    inside = names(made.first)
    assert not [name for name in inside if "/var/" in name or name.startswith("./etc/")]
    assert any(name.endswith("man1/memberbox.1.gz") for name in inside)
    assert any(name.endswith("bash-completion/completions/memberbox") for name in inside)


def test_the_life_of_an_installation(made, out):
    """Installed, begun, upgraded, a bad upgrade refused, mended, purged: the books stay."""
    house, first = made.house, made.first
    done = house.install(first)
    assert done.returncode == 0, done.stderr
    check = json.loads(house.run("memberbox", "--json", "check", "/nowhere.toml").stdout)
    assert check["ok"] is False
    house.write(ON_CARD, BOX)
    said = json.loads(house.must("memberbox", "--json", "provision"))
    assert said["outcome"] == "applied"
    _installed_as_a_whole(house)
    serve(house)
    began = entries(house)
    assert began[0]["kind"] == "epoch.opened"

    second = changed(first, out, FIRST, SECOND, newer)
    done = house.install(second)
    assert done.returncode == 0, done.stderr
    assert house.path("/opt/memberbox/current").readlink() == Path(f"releases/{SECOND}")
    serve(house)
    upgraded = entries(house)
    assert upgraded[: len(began)] == began and len(upgraded) > len(began)
    assert house.path(CONFIG).read_text("utf-8") == BOX

    done = house.install(changed(first, out, FIRST, BROKEN, spoilt))
    assert done.returncode != 0
    assert "table later already exists" in done.stderr + done.stdout
    assert "The release before it goes on" in done.stderr
    assert house.path("/opt/memberbox/current").readlink() == Path("kept")
    serve(house)
    old = entries(house)
    assert old[: len(upgraded)] == upgraded and len(old) > len(upgraded)

    mended = changed(second, out / "mended", SECOND, MENDED, lambda site: None)
    done = house.install(mended)
    assert done.returncode == 0, done.stderr
    assert house.path("/opt/memberbox/current").readlink() == Path(f"releases/{MENDED}")
    assert not house.path("/opt/memberbox/kept").exists()
    serve(house)
    assert entries(house)[: len(old)] == old

    house.must("dpkg", "--purge", "memberbox")
    assert house.path(f"{STATE}/journal.db").stat().st_size > 0
    assert house.path(CONFIG).read_text("utf-8") == BOX
    assert not house.path("/opt/memberbox/current").is_symlink()


def test_the_books_of_the_first_release_are_taken_over(made, out):
    """Its databases, with the first step of each schema: what it sold stays, and it sells on."""
    house = made.house.copy(out / "older")
    shutil.rmtree(house.path(STATE), ignore_errors=True)  # what a package before left, as it must
    done = house.install(made.first)
    assert done.returncode == 0, done.stderr
    configure(house)
    shutil.copytree(OLDEST, house.path(STATE), dirs_exist_ok=True)
    house.must("chown", "-R", "memberbox:memberbox", STATE)
    house.must("chmod", "-R", "go=", STATE)
    done = house.install(made.first)
    assert done.returncode == 0, done.stderr
    assert [schema(house, name) for name in DATABASES] == [1, 1, 1], "tried on copies"
    began = entries(house)
    assert [entry["kind"] for entry in began].count("sale") == 2
    sell(house, "after")
    assert entries(house)[: len(began)] == began
    for name in DATABASES:
        assert schema(house, name) == latest_version(name)
    assert house.path(CONFIG).read_text("utf-8") == BOX


def _installed_as_a_whole(house: House) -> None:
    """The units are enabled and whole, and what they need is there with the right owner."""
    for unit in UNITS:
        assert house.must("systemctl", "is-enabled", unit).strip() == "enabled"
    verified = house.run("systemd-analyze", "verify", *UNITS, "memberbox-stick@sda1.service")
    assert [line for line in verified.stderr.splitlines() if "memberbox" in line] == []
    owners = {
        "/etc/memberbox/credentials": "700 root root",
        "/etc/memberbox": "750 root memberbox",
        CONFIG: "640 root memberbox",
        STATE: "700 memberbox memberbox",
    }
    for place, expected in owners.items():
        assert house.must("stat", "-c", "%a %U %G", place).strip() == expected, place
    for place in ("udev/rules.d/60-memberbox.rules", "sysusers.d/memberbox.conf"):
        assert any((house.root / top / place).is_file() for top in ("lib", "usr/lib")), place
    groups = house.must("id", "-nG", "memberbox").split()
    assert {"input", "dialout", "lp"} <= set(groups), "the devices open to it"
