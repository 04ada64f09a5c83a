"""Headquarters' tests run on both engines: each on SQLite, and on a PostgreSQL of the session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hq.store import STORE_FILE
from tests.postgres import Server, binaries

ENGINES = ("sqlite", "postgres")
ONCE = ("test_cli", "test_tables")  # what these look at is no engine's
LIKE = "made"  # the database that others are copies of: its tables stand already
SHARED = "shared"  # emptied for each test: that takes a hundredth of a new database's time
# What a test left: its connections, its rows, the numbers that it took.
_ALONE = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    f" WHERE datname = '{SHARED}' AND pid <> pg_backend_pid()"
)
_EMPTY = """DO $$ DECLARE one TEXT; BEGIN
    FOR one IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'schema_version'
    LOOP EXECUTE format('DELETE FROM %I', one); END LOOP;
    FOR one IN SELECT sequencename FROM pg_sequences
    LOOP PERFORM setval(one::regclass, 1, false); END LOOP;
    INSERT INTO meta VALUES ('wipe', '0');
END $$"""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for the whole session."""
    if binaries() is None:
        pytest.skip("PostgreSQL is missing: tools/test-tools.sh installs it")
    from hq.postgres import Postgres

    with Server() as server:
        server.say(f"CREATE DATABASE {LIKE} TEMPLATE template0 ENCODING 'UTF8'")
        Postgres(server.address(LIKE)).close()
        server.say(f"CREATE DATABASE {SHARED} TEMPLATE {LIKE}")
        yield server


@pytest.fixture
def address(postgres: Server) -> Iterator[str]:
    """A database of the test's own, its tables made."""
    made = postgres.database(LIKE)
    yield made
    postgres.drop(made)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    name = metafunc.module.__name__.rpartition(".")[2]
    if name not in ONCE and metafunc.module.__dict__.get("engine") is None:
        metafunc.parametrize("engine", ENGINES, indirect=True)


@pytest.fixture(autouse=True)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Let the headquarters in `hq` of this test's folder stand on an engine."""
    name = str(getattr(request, "param", ENGINES[0]))
    if name == "postgres":
        server: Server = request.getfixturevalue("postgres")
        server.say(_ALONE, SHARED)
        server.say(_EMPTY, SHARED)
        (tmp_path / "hq").mkdir()
        (tmp_path / "hq" / STORE_FILE).write_text(server.address(SHARED))
    return name
