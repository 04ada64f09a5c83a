"""A disk that fails on demand: SQLite connections whose statements can be made to fail."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from daemon.ledger.medium import Medium


def fault(message: str, code: int, name: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(message)
    error.sqlite_errorcode = code
    error.sqlite_errorname = name
    return error


FULL = ("database or disk is full", sqlite3.SQLITE_FULL, "SQLITE_FULL")
FSYNC = ("disk I/O error", sqlite3.SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC")
READONLY = ("attempt to write a readonly database", sqlite3.SQLITE_READONLY, "SQLITE_READONLY")

Fault = tuple[str, int, str]


class FaultyMedium(Medium):
    """Fails the statements of one file that begin with a word, as often as told.

    `after`: the statement is carried out first, as when the disk answers too late.
    """

    def __init__(self, file: str = "journal.db") -> None:
        self.file = file
        self.word = ""
        self.left = 0
        self.after = False
        self.fault: Fault = FULL
        self.hit: list[str] = []
        self.during: Callable[[], None] | None = None

    def fail(self, word: str, fault: Fault, *, times: int = 1, after: bool = False) -> None:
        self.word, self.fault, self.left, self.after = word, fault, times, after

    def connect(self, path: Path, *, readonly: bool) -> sqlite3.Connection:
        if path.name != self.file:
            return super().connect(path, readonly=readonly)
        medium = self

        class Faulty(sqlite3.Connection):
            def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
                if not medium.left or not sql.startswith(medium.word):
                    return super().execute(sql, *values)  # type: ignore[arg-type]
                medium.left -= 1
                medium.hit.append(sql)
                if medium.after:
                    super().execute(sql, *values)  # type: ignore[arg-type]
                if medium.during is not None:
                    medium.during()
                raise fault(*medium.fault)

        mode = "ro" if readonly else "rwc"
        return sqlite3.connect(
            f"file:{quote(str(path))}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            factory=Faulty,
        )
