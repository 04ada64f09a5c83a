"""The demo shop as headquarters imports it: products.csv, staff.csv, cards.csv.

Read from config/demo/demo-shop.json. An empty cell is "not given"; yes and no are true and false.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

DEMO_SHOP = Path(__file__).parents[2] / "config" / "demo" / "demo-shop.json"

PRODUCTS = (
    *("plu", "sku", "name", "short", "pole", "price_fen", "class", "category", "cost_fen", "key"),
    *("barcode", "member_price_fen", "swap_price_fen", "limit_per", "limit_qty", "limit_who"),
    *("unit", "scale_prefix", "scale_item", "scale_field", "exchange_group"),
    *("stock", "min", "max", "shop", "serial_first", "serial_last"),
)
STAFF = ("no", "name", "role", "title", "badge", "shop")
CARDS = (
    *("row", "id", "first", "last", "card", "name", "phone", "birthday", "joined", "term_ends"),
    *("status", "kind", "staff", "profile_complete", "points", "principal_fen", "bonus_fen"),
    "shop",
)
CARD_RANGE = {"first": "8800000000000", "last": "8800000099999"}

Fields = Mapping[str, object]


class DemoShop:
    """The shop of the JSON file; what it does not hold as expected raises TypeError."""

    def __init__(self, source: Path = DEMO_SHOP) -> None:
        self._all = _fields(json.loads(source.read_text(encoding="utf-8")))

    @property
    def chain(self) -> str:
        return str(self._all["chain"])

    @property
    def shop(self) -> Fields:
        return _fields(self._all["shop"])

    def rows(self, name: str) -> list[Fields]:
        """The records of a list of the file: products, other_stock, staff, members, tenders."""
        found = self._all[name]
        if not isinstance(found, list):
            raise TypeError(f"{name} is no list")
        return [_fields(row) for row in found]

    def write_csv(self, folder: Path) -> None:
        """Write the three files into folder."""
        number = str(self.shop["no"])
        products = [_product(row, number) for row in self.rows("products")]
        products += [_stock(row, number) for row in self.rows("other_stock")]
        staff = [{**row, "shop": number} for row in self.rows("staff")]
        cards: list[Fields] = [{"row": "range", "kind": "registered", "shop": number, **CARD_RANGE}]
        cards += [_member(row, number) for row in self.rows("members")]
        _write(folder / "products.csv", PRODUCTS, products)
        _write(folder / "staff.csv", STAFF, staff)
        _write(folder / "cards.csv", CARDS, cards)


def _product(row: Fields, shop: str) -> Fields:
    limit, scale = _fields(row.get("limit", {})), _fields(row.get("scale", {}))
    renamed = {
        "price_fen": row["price"],
        "cost_fen": row["cost"],
        "member_price_fen": row.get("member_price"),
        "swap_price_fen": row.get("swap_price"),
        "unit": row.get("unit", "piece"),
        "shop": shop,
    }
    limits = {f"limit_{name}": limit.get(name) for name in ("per", "qty", "who")}
    scales = {f"scale_{name}": scale.get(name) for name in ("prefix", "item", "field")}
    return {**row, **renamed, **limits, **scales}


def _stock(row: Fields, shop: str) -> Fields:
    serial = row.get("serial", ("", ""))
    assert isinstance(serial, list | tuple)
    return {
        **row,
        "class": row.get("class", "stock"),
        "key": False,
        "unit": row.get("unit", "piece"),
        "shop": shop,
        "serial_first": serial[0],
        "serial_last": serial[1],
    }


def _member(row: Fields, shop: str) -> Fields:
    return {
        "status": "active",
        "kind": "registered",
        "profile_complete": False,
        **row,
        "row": "member",
        "principal_fen": row["principal"],
        "bonus_fen": row.get("bonus", 0),
        "shop": shop,
    }


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[Fields]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        for row in rows:
            table.writerow([_cell(row.get(column)) for column in columns])


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _fields(value: object) -> Fields:
    if not isinstance(value, dict):
        raise TypeError(f"not a record: {value!r}")
    return value
