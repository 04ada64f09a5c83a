"""Headquarters' tests run on both engines: each on SQLite, and on a PostgreSQL of the session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hq.store import STORE_FILE
from tests.postgres import Server, binaries

ENGINES = ("sqlite", "postgres")
PROCESSES = ("test_cli",)  # these start processes: what is slow in them is no engine's
LIKE = "made"  # the database that others are copies of: its tables stand already


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for the whole session; each test has a database of its own."""
    if binaries() is None:
        pytest.skip("PostgreSQL is missing: tools/test-tools.sh installs it")
    from hq.postgres import Postgres

    with Server() as server:
        server.say(f"CREATE DATABASE {LIKE} TEMPLATE template0 ENCODING 'UTF8'")
        Postgres(server.address(LIKE)).close()
        yield server


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    name = metafunc.module.__name__.rpartition(".")[2]
    if name not in PROCESSES and metafunc.module.__dict__.get("engine") is None:
        metafunc.parametrize("engine", ENGINES, indirect=True)


@pytest.fixture(autouse=True)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Let the headquarters in `hq` of this test's folder stand on an engine."""
    name = str(getattr(request, "param", ENGINES[0]))
    if name == "sqlite":
        yield name
        return
    server: Server = request.getfixturevalue("postgres")
    address = server.database(LIKE)
    (tmp_path / "hq").mkdir()
    (tmp_path / "hq" / STORE_FILE).write_text(address)
    yield name
    server.drop(address)
