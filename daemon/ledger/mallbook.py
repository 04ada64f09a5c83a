"""Bills that wait for the mall's till, as the books stand. Safe from any thread."""

from daemon.ledger.bookfile import BookFile
from daemon.ledger.ids import entry_id, parse_entry_id
from daemon.ledger.records import Chain
from daemon.ledger.views import MallBill

_ROWS = "SELECT no, business_date, pay_fen, state, slip, ended FROM mall_bill WHERE "


class MallBook:
    def __init__(self, file: BookFile, box: str) -> None:
        self._file = file
        self._box = box

    def bill(self, bill: str) -> MallBill | None:
        """Return a bill by its entry's id."""
        place = parse_entry_id(bill)
        with self._file.reading() as (_, booking):
            no = None if place is None else booking.number_of(place[0].epoch, place[1])
        found = [] if no is None else self._rows("no = ?", no)
        return found[0] if found else None

    def of_day(self, business_date: str) -> list[MallBill]:
        return self._rows("business_date = ? ORDER BY no", business_date)

    def open(self) -> list[MallBill]:
        return self._rows("state = 'open' ORDER BY no")

    def _rows(self, where: str, *values: str | int) -> list[MallBill]:
        with self._file.reading() as (connection, booking):
            rows = connection.execute(_ROWS + where, values).fetchall()

            def named(no: int) -> str:
                epoch, seq = booking.place_of(no)
                return entry_id(Chain(self._box, epoch), seq)

            return [
                MallBill(named(no), day, pay_fen, state, slip, named(ended) if ended else "")
                for no, day, pay_fen, state, slip, ended in rows
            ]
