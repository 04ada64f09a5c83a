"""memberbox as it would be with SQLite's synchronous off: the control that a power cut must find.

The box asks for FULL, and its connections do not. The product has no such switch.
"""

import sqlite3
import sys
from functools import partial

ASKED = "PRAGMA synchronous"


class Careless(sqlite3.Connection):
    """Never flushes."""

    def execute(  # type: ignore[override] # its own is a stub's
        self, sql: str, values: tuple[object, ...] = ()
    ) -> sqlite3.Cursor:
        return super().execute(f"{ASKED} = OFF" if sql.startswith(ASKED) else sql, values)


def main() -> int:
    sqlite3.connect = partial(sqlite3.connect, factory=Careless)  # type: ignore[assignment]
    from daemon.cli import main as memberbox

    return int(memberbox(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
