"""What a chain holds by headquarters' books while a turn of booking is under way."""

from dataclasses import dataclass

from hq.store import Office


@dataclass(frozen=True, slots=True)
class Balance:
    """What one chain holds, with what this turn has moved."""

    office: Office
    moved: dict[tuple[str, str, str, str], int]
    holder: str

    def __call__(self, account: str, unit: str, lot: str) -> int:
        key = (account, unit, lot, self.holder)
        row = self.office.db.execute(
            "SELECT amount FROM balance WHERE account = ? AND unit = ? AND lot = ? AND holder = ?",
            key,
        ).fetchone()
        return (0 if row is None else int(row[0])) + self.moved.get(key, 0)
