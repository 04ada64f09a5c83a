"""The numbered migrations of both engines: hq/schema (SQLite) and hq/schema/postgres.

A number means the same tables in both. PostgreSQL begins with the number that SQLite had when it
came; that script makes everything up to there.
"""

from importlib import resources

from daemon.errors import StoreError


def scripts(*below: str) -> dict[int, str]:
    """Return the scripts of a folder below hq/schema by number, in order."""
    folder = resources.files("hq").joinpath("schema", *below)
    found = {
        int(file.name.removesuffix(".sql")): file.read_text()
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    }
    return dict(sorted(found.items()))


def too_new(place: str, have: int, known: int) -> StoreError:
    """Return what to say of a database that a newer software has written."""
    return StoreError(
        place,
        doing="opening it",
        found=f"schema {have}, this software knows {known}",
        fix="Install the newer memberbox-hq that wrote it.",
        retry=False,
    )
