"""CSV tables that people make in a spreadsheet: read whole, and every mistake in them at once.

UTF-8 (with or without a mark) or GB18030, as Excel writes it in China. The first line names the
columns; an unknown or missing one is a mistake. Pure but for reading the file.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from daemon.errors import MemberboxError

FILE_BYTES_MAX = 256 * 1024 * 1024  # a million cards take 120 MB
MISTAKES_MAX = 1000  # of one run; who has more has the wrong file
FEN_MAX = 10**11


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong cell. `line` counts from 1, the line of names; 0: the whole file."""

    line: int
    column: str
    value: str
    allowed: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its number, and the text of each column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """What may stand in a column. `allowed` is the sentence a person reads.

    `more`: a table may leave the column out, and then its cells are empty.
    """

    name: str
    allowed: str
    fits: Callable[[str], bool]
    required: bool = False
    more: bool = False


def read_table(path: Path, columns: Sequence[Column]) -> tuple[list[Row], list[Mistake]]:
    """Return the rows that are right and every mistake. Raises MemberboxError (unreadable)."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        return [], [Mistake(reader.line_num, "", "", f"CSV as a spreadsheet writes it ({error})")]
    if not lines:
        return [], [Mistake(0, "", "", "a first line with " + ",".join(c.name for c in columns))]
    names = [name.strip() for name in lines[0][1]]
    mistakes = _wrong_names(names, columns)
    if mistakes:
        return [], mistakes
    rows: list[Row] = []
    absent = {column.name: "" for column in columns if column.more}
    for line, texts in lines[1:]:
        if not any(text.strip() for text in texts):
            continue
        if len(texts) != len(names):
            allowed = f"{len(names)} cells, this line has {len(texts)}"
            mistakes.append(Mistake(line, "", "", allowed))
            continue
        cells = dict(zip(names, (text.strip() for text in texts), strict=True))
        row = Row(line, {**absent, **cells})
        wrong = _wrong_cells(row, columns)
        mistakes += wrong
        if not wrong:
            rows.append(row)
        if len(mistakes) >= MISTAKES_MAX:
            break
    return rows, mistakes


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= FILE_BYTES_MAX else b""
    except OSError as error:
        raise _unreadable(path, str(error)) from error
    if size > FILE_BYTES_MAX:
        raise _unreadable(path, f"{size} bytes, at most {FILE_BYTES_MAX}")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable(path, "neither UTF-8 nor GB18030")


def _unreadable(path: Path, found: str) -> MemberboxError:
    return MemberboxError(
        str(path), doing="reading a table", found=found, fix="Save it as CSV, UTF-8.", retry=False
    )


def _wrong_names(names: Sequence[str], columns: Sequence[Column]) -> list[Mistake]:
    known = [column.name for column in columns]
    mistakes = [
        Mistake(1, name, name, "one of " + ",".join(known)) for name in names if name not in known
    ]
    mistakes += [
        Mistake(1, column.name, "", "this column has to be there")
        for column in columns
        if column.name not in names and not column.more
    ]
    mistakes += [
        Mistake(1, name, name, "each column once") for name in set(names) if names.count(name) > 1
    ]
    return mistakes


def _wrong_cells(row: Row, columns: Sequence[Column]) -> list[Mistake]:
    return [
        Mistake(row.line, column.name, row.cells[column.name], column.allowed)
        for column in columns
        if not _fits(row.cells[column.name], column)
    ]


def _fits(text: str, column: Column) -> bool:
    return (not column.required) if text == "" else column.fits(text)


def text(length: int) -> Callable[[str], bool]:
    """Fit printable text of at most `length` characters."""
    return lambda value: len(value) <= length and value.isprintable()


def whole(low: int, high: int) -> Callable[[str], bool]:
    """Fit a whole number in low..high."""
    return lambda value: _is_whole(value) and low <= int(value) <= high


def digits(low: int, high: int) -> Callable[[str], bool]:
    """Fit a number as printed on a card or package: low..high digits."""
    return lambda value: value.isascii() and value.isdigit() and low <= len(value) <= high


def one_of(*words: str) -> Callable[[str], bool]:
    return lambda value: value in words


def is_day(value: str) -> bool:
    """Fit YYYY-MM-DD."""
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def is_moment(value: str) -> bool:
    """Fit YYYY-MM-DD, or RFC 3339 with an offset."""
    if is_day(value):
        return True
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_whole(value: str) -> bool:
    digits_only = value[1:] if value[:1] == "-" else value
    return digits_only.isascii() and digits_only.isdigit() and len(digits_only) <= 15
