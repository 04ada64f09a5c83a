"""The very first release that was a package, upgraded by dpkg to this one. `make hil-full` runs it.

It is built of the checkout's own history, with the scripts that it had.
"""

import tempfile
from pathlib import Path

import pytest

from daemon.ledger.medium import latest_version
from tests.deb.house import House, why_not
from tests.deb.living import BOX, CONFIG, configure, entries, schema, sell
from tests.deb.packages import first_packaged, head, of_commit, schemas

OLD, NEW = "0.9", "1.0"

pytestmark = [
    pytest.mark.timeout(1200),
    pytest.mark.skipif(why_not() != "", reason=why_not()),
]


@pytest.fixture
def out():
    with tempfile.TemporaryDirectory(prefix="packages-") as folder:
        yield Path(folder)


def test_the_first_package_upgraded_to_this_one(out):
    """It sells before and after; entries and config stay, and the books get their new form."""
    new, old = head(), first_packaged()
    if schemas(old) == schemas(new):
        pytest.skip("this clone's history does not reach back: git fetch --unshallow")
    house = House.build(out / "debian")
    assert house.install(of_commit(old, out / "old", "amd64", OLD)).returncode == 0
    configure(house)
    sell(house, "before")
    began, books = entries(house), schema(house, "books")
    assert books < latest_version("books")
    done = house.install(of_commit(new, out / "new", "amd64", NEW))
    assert done.returncode == 0, done.stderr
    assert house.path("/opt/memberbox/current").readlink() == Path(f"releases/{NEW}")
    assert not house.path(f"/opt/memberbox/releases/{OLD}").exists()
    assert schema(house, "books") == books, "tried on a copy"
    sell(house, "after")
    assert schema(house, "books") == latest_version("books")
    upgraded = entries(house)
    assert upgraded[: len(began)] == began
    sold = [entry["id"] for entry in upgraded if entry["kind"] == "sale"]
    assert sold == ["before", "after"]
    assert house.path(CONFIG).read_text("utf-8") == BOX
