"""Import of products and staff from CSV: all mistakes at once, or everything taken, once.

What is missing in a file stays as it is; opening stock is taken once for each box and article.
Cards and members: hq/cards.py.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from daemon.ledger.codec import canonical, hash_of
from daemon.ledger.messages import Limit, OpeningStock, Product, ScaleCode, Staff
from daemon.ledger.posting import POSTINGS_MAX
from daemon.sync.wire import BOX_SAID, is_box
from hq.columns import FEN_MAX, Column, Mistake, Row, digits, one_of, read_table, text, whole
from hq.store import Office

NAME_CHARS_MAX = 60  # two lines of a wide receipt
SERIALS_MAX = POSTINGS_MAX // 2  # of one line: each piece makes two postings
CLASSES = ("regular", "special", "swap", "gift", "stock", "sample", "tester")
YES = ("true", "yes", "1")
NO = ("false", "no", "0")
_SKU = re.compile(r"[A-Za-z0-9_.-]{1,32}")

_FEN = f"whole fen, 0 to {FEN_MAX}"
_FLAG = "true or false"
_IS_FEN = whole(0, FEN_MAX)
_IS_FLAG = one_of(*YES, *NO)
_BOX = f"a box id: {BOX_SAID}"

PRODUCTS = (
    Column("plu", "a whole number, 1 to 99999", whole(1, 99_999)),
    Column("sku", "letters, digits, . - _, at most 32", lambda s: bool(_SKU.fullmatch(s)), True),
    Column("name", f"text, at most {NAME_CHARS_MAX} characters", text(NAME_CHARS_MAX), True),
    Column("short", "text, at most 20 characters", text(20)),
    Column("pole", "ASCII, at most 20 characters", lambda s: s.isascii() and text(20)(s)),
    Column("price_fen", _FEN + ", or empty: not for sale", _IS_FEN),
    Column("class", "one of " + ", ".join(CLASSES), one_of(*CLASSES)),
    Column("category", "text, at most 20 characters", text(20)),
    Column("cost_fen", _FEN, _IS_FEN),
    Column("key", _FLAG, _IS_FLAG),
    Column("barcode", "6 to 18 digits", digits(6, 18)),
    Column("member_price_fen", _FEN, _IS_FEN),
    Column("swap_price_fen", _FEN, _IS_FEN),
    Column("limit_per", "receipt, day or month", one_of("receipt", "day", "month")),
    Column("limit_qty", "a whole number, 1 to 9999", whole(1, 9999)),
    Column("limit_who", "card", one_of("card")),
    Column("unit", "piece or g", one_of("piece", "g")),
    Column("scale_prefix", "2 digits", digits(2, 2)),
    Column("scale_item", "5 digits", digits(5, 5)),
    Column("scale_field", "price_fen", one_of("price_fen")),
    Column("exchange_group", "text, at most 20 characters", text(20)),
    Column("brand", "text, at most 20 characters", text(20), more=True),
    Column("department", "text, at most 20 characters", text(20), more=True),
    Column("stock", "a whole number, 0 to 10000000", whole(0, 10_000_000)),
    Column("min", "a whole number, 0 to 10000000", whole(0, 10_000_000)),
    Column("max", "a whole number, 0 to 10000000", whole(0, 10_000_000)),
    Column("shop", _BOX, is_box),
    Column("serial_first", "digits", digits(1, 20)),
    Column("serial_last", "digits", digits(1, 20)),
)
STAFF = (
    Column("no", "1 to 10 letters or digits", lambda s: s.isalnum() and len(s) <= 10, True),
    Column("name", "text, at most 20 characters", text(20), True),
    Column("role", "clerk, manager or technician", one_of("clerk", "manager", "technician"), True),
    Column("title", "text, at most 20 characters", text(20)),
    Column("badge", "6 to 18 digits", digits(6, 18)),
    Column("shop", _BOX + "; empty: every shop", is_box),
)


@dataclass(slots=True)
class Imported:
    """What came of an import. With mistakes nothing was taken."""

    rows: int = 0
    changed: int = 0
    mistakes: list[Mistake] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def import_products(office: Office, path: Path) -> Imported:
    """Take products and opening stock. Raises MemberboxError when the file is unreadable."""
    rows, mistakes = read_table(path, PRODUCTS)
    mistakes += twins(rows, ("sku", "plu", "barcode"))
    mistakes += [wrong for row in rows for wrong in _wrong_product(row)]
    mistakes += _taken_elsewhere(office, rows)
    result = Imported(len(rows), mistakes=mistakes)
    if mistakes:
        return result
    with office.transaction():
        for row in rows:
            product = _product(row)
            result.changed += put(office, "product", key=product.sku, shop="", record=product)
            result.changed += _open_stock(office, row)
        if result.changed:
            office.touch_directory()
    result.warnings = range_warnings(office)
    return result


def import_staff(office: Office, path: Path) -> Imported:
    """Take staff. Raises MemberboxError when the file is unreadable."""
    rows, mistakes = read_table(path, STAFF)
    mistakes += twins(rows, ("no", "badge"))
    result = Imported(len(rows), mistakes=mistakes)
    if mistakes:
        return result
    with office.transaction():
        for row in rows:
            cells = row.cells
            person = Staff(
                cells["no"], cells["name"], cells["role"], cells["title"], cells["badge"]
            )
            shop = cells["shop"]
            result.changed += put(office, "staff", key=person.no, shop=shop, record=person)
        if result.changed:
            office.touch_directory()
    return result


def twins(rows: Iterable[Row], columns: Iterable[str]) -> list[Mistake]:
    """Return a mistake for every value that stands twice in a column."""
    mistakes = []
    for column in columns:
        seen: dict[str, int] = {}
        for row in rows:
            value = row.cells[column]
            if value and value in seen:
                allowed = f"each {column} once; line {seen[value]} has it too"
                mistakes.append(Mistake(row.line, column, value, allowed))
            seen.setdefault(value, row.line)
    return mistakes


def put(office: Office, table: str, *, key: str, shop: str, record: Product | Staff) -> int:
    """Write a record of the directory; return 1 if it is new or another than before."""
    name = {"product": "sku", "staff": "no"}[table]
    body = canonical(record)
    digest = hash_of(body)
    cursor = office.db.execute(
        f"INSERT INTO {table} ({name}, shop, body, digest) VALUES (?, ?, ?, ?)"  # noqa: S608 - ours
        f" ON CONFLICT ({name}) DO UPDATE SET shop = excluded.shop, body = excluded.body,"
        " digest = excluded.digest"
        f" WHERE {table}.digest <> excluded.digest OR {table}.shop <> excluded.shop",
        (key, shop, body.decode(), digest),
    )
    return cursor.rowcount


def range_warnings(office: Office) -> list[str]:
    """Return a warning for every barcode that a card could also have: scanning takes the goods."""
    query = (
        "SELECT r.first, r.last, p.code, p.name FROM card_range AS r JOIN"
        " (SELECT json_extract(body, '$.barcode') AS code, json_extract(body, '$.name') AS name"
        " FROM product) AS p ON length(p.code) = length(r.first)"
        " AND p.code BETWEEN r.first AND r.last"
    )
    return [
        f"barcode {code} ({name}) lies in the card range {first}-{last}: "
        "a scan takes it as goods, a swipe as a card"
        for first, last, code, name in office.db.execute(query)
    ]


def number(value: str) -> int | None:
    """Return the number of a cell; None when it is empty."""
    return int(value) if value else None


def _wrong_product(row: Row) -> list[Mistake]:
    """Return mistakes that lie between columns."""
    cells = row.cells
    wrong = []
    limits = [cells[name] for name in ("limit_per", "limit_qty", "limit_who")]
    if any(limits) and not all(limits):
        wrong.append(Mistake(row.line, "limit_per", limits[0], "all three limit columns, or none"))
    scales = [cells[name] for name in ("scale_prefix", "scale_item", "scale_field")]
    if any(scales) and not all(scales):
        allowed = "all three scale columns, or none"
        wrong.append(Mistake(row.line, "scale_prefix", scales[0], allowed))
    if number(cells["stock"]) and not cells["shop"]:
        wrong.append(Mistake(row.line, "shop", "", "the box that has this stock"))
    low, high = number(cells["min"]), number(cells["max"])
    if low is not None and high is not None and low > high:
        wrong.append(Mistake(row.line, "max", cells["max"], f"at least min, {low}"))
    return wrong + _wrong_serials(row)


def _wrong_serials(row: Row) -> list[Mistake]:
    first, last = row.cells["serial_first"], row.cells["serial_last"]
    if not first and not last:
        return []
    stock = number(row.cells["stock"]) or 0
    if len(first) != len(last) or int(last or 0) - int(first or 0) + 1 != stock:
        allowed = f"numbers of one length that make {stock} pieces (stock)"
        return [Mistake(row.line, "serial_last", last, allowed)]
    if stock > SERIALS_MAX:
        return [Mistake(row.line, "stock", str(stock), f"at most {SERIALS_MAX} serial numbers")]
    return []


def _taken_elsewhere(office: Office, rows: Iterable[Row]) -> list[Mistake]:
    """Return a mistake for each plu and barcode that another article of the directory has."""
    taken: dict[tuple[str, str], str] = {}
    for sku, plu, barcode in office.db.execute(
        "SELECT sku, json_extract(body, '$.plu'), json_extract(body, '$.barcode') FROM product"
    ):
        taken["plu", str(plu)] = sku
        taken["barcode", str(barcode)] = sku
    coming = {row.cells["sku"] for row in rows}
    return [
        Mistake(row.line, column, row.cells[column], f"one that {other} does not have")
        for row in rows
        for column in ("plu", "barcode")
        if row.cells[column]
        and (other := taken.get((column, row.cells[column]), row.cells["sku"])) not in coming
    ]


def _product(row: Row) -> Product:
    cells = row.cells
    limit = scale = None
    if cells["limit_per"]:
        limit = Limit(cells["limit_per"], int(cells["limit_qty"]), cells["limit_who"])
    if cells["scale_prefix"]:
        scale = ScaleCode(cells["scale_prefix"], cells["scale_item"], cells["scale_field"])
    return Product(
        sku=cells["sku"],
        name=cells["name"],
        price_fen=number(cells["price_fen"]),
        cls=cells["class"] or "regular",
        short=cells["short"],
        pole=cells["pole"],
        plu=number(cells["plu"]),
        barcode=cells["barcode"],
        category=cells["category"],
        cost_fen=number(cells["cost_fen"]),
        member_price_fen=number(cells["member_price_fen"]),
        swap_price_fen=number(cells["swap_price_fen"]),
        unit=cells["unit"] or "piece",
        key=cells["key"] in YES,
        scale=scale,
        limit=limit,
        exchange_group=cells["exchange_group"],
        brand=cells["brand"],
        department=cells["department"],
        stock_min=number(cells["min"]),
        stock_max=number(cells["max"]),
    )


def _open_stock(office: Office, row: Row) -> int:
    cells: Mapping[str, str] = row.cells
    line = OpeningStock(
        cells["sku"], number(cells["stock"]) or 0, cells["serial_first"], cells["serial_last"]
    )
    if not line.qty:
        return 0
    cursor = office.db.execute(
        "INSERT INTO opening_stock (box, sku, qty, serial_first, serial_last)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (cells["shop"], line.sku, line.qty, line.serial_first, line.serial_last),
    )
    return cursor.rowcount
