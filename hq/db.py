"""What headquarters asks of its database. SQLite and PostgreSQL give it: hq/sqlite.py, postgres.py.

One SQL text serves both. It is PostgreSQL's, with `?` and `?1` for values; each engine brings what
the other's language lacks: SQLite is given greatest() and least(), PostgreSQL instr(), json_each()
and json_extract() over text, and `rowid`, the order of arrival, as a column.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol  # noqa: TID251  (what a row holds is said by its SQL)

from daemon.ledger.signed import Disks


class Rows(Protocol):
    """What a statement has found or done."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


@dataclass(frozen=True, slots=True)
class Table:
    """A table and those of its columns that rows are put into, with PostgreSQL's types."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]


class Db(Protocol):
    """One connection, of one thread. Raises StoreError when it cannot be reached, used or waited
    for; `retry` then says whether a later transaction may succeed."""

    @property
    def place(self) -> str:
        """Where it is, for people; no secret stands in it."""

    @property
    def written(self) -> int:
        """A number that is another after every change through this connection."""

    def execute(self, sql: str, values: Sequence[object] = (), /) -> Rows: ...
    def executemany(self, sql: str, rows: Iterable[Sequence[object]], /) -> object: ...

    def put(self, table: Table, rows: Iterable[Sequence[object]]) -> None:
        """Add many rows that are not there, at the speed of the engine's bulk load.

        They stream: nothing else may be asked of this connection while they are made.
        """

    def merge(
        self, table: Table, rows: Sequence[Sequence[object]], *, clash: str = "DO NOTHING"
    ) -> int:
        """Add many rows of which some may be there; return how many were written.

        `clash`: what ON CONFLICT does with those, and the key where it needs one.
        """

    def transaction(self) -> AbstractContextManager[None]:
        """Be the only writer: what is inside becomes durable at its end, or nothing does."""

    def storing(self, boxes: Iterable[str]) -> AbstractContextManager[None]:
        """The same, the only writer of what comes from these boxes; others may store beside."""

    def hold(self) -> bool:
        """Become the one that serves, as long as the connection lives; False: another is."""

    def durability(self) -> Disks:
        """Where a transaction that ends now is: on `one` disk, or on `two`."""

    def wipe(self) -> bool:
        """Overwrite what deleted rows were; False: somebody still reads them, later then."""

    def findings(self) -> list[tuple[str, str]]:
        """Look for damage and for settings that endanger what is stored: (found, what to do)."""

    def rows(self, table: Table) -> Iterator[Sequence[object]]:
        """Yield all rows of a table inside a transaction, however many they are."""

    def close(self) -> None: ...
