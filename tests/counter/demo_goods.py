"""What the demo shop sells, who serves there and how it is paid: read from its one document."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from daemon.ledger.messages import Limit, Product, ScaleCode, Staff

CONFIG = Path(__file__).parents[2] / "config"


@cache
def document() -> dict[str, list[dict[str, object]]]:
    loaded: dict[str, list[dict[str, object]]] = json.loads(
        (CONFIG / "demo" / "demo-shop.json").read_text()
    )
    return loaded


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the tender table."""

    key: str
    code: str
    name: str
    drawer: bool
    change: bool
    reference: bool
    earns: bool | None
    refundable: bool | None = None


def product_of(row: dict[str, object]) -> Product:
    scale, limit = row.get("scale"), row.get("limit")
    return Product(
        sku=str(row["sku"]),
        name=str(row["name"]),
        price_fen=whole(row["price"]),
        cls=str(row["class"]),
        short=str(row["short"]),
        pole=str(row["pole"]),
        plu=whole(row["plu"]),
        barcode=str(row["barcode"] or ""),
        member_price_fen=whole(row.get("member_price")),
        swap_price_fen=whole(row.get("swap_price")),
        unit=str(row.get("unit", "piece")),
        exchange_group=str(row.get("exchange_group", "")),
        scale=ScaleCode(str(scale["prefix"]), str(scale["item"]), str(scale["field"]))
        if isinstance(scale, dict)
        else None,
        limit=None if not isinstance(limit, dict) else Limit(limit["per"], limit["qty"], "card"),
    )


def whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


@cache
def by_plu() -> dict[int, Product]:
    products = [product_of(row) for row in document()["products"]]
    return {product.plu: product for product in products if product.plu is not None}


@cache
def without_code() -> tuple[Product, ...]:
    rows = document()["other_stock"]
    return tuple(Product(str(row["sku"]), str(row["name"])) for row in rows)


@cache
def by_barcode() -> dict[str, Product]:
    return {product.barcode: product for product in by_plu().values() if product.barcode}


@cache
def staff_here() -> dict[str, Staff]:
    rows = document()["staff"]
    return {
        str(row["no"]): Staff(
            str(row["no"]), str(row["name"]), str(row["role"]), badge=str(row["badge"])
        )
        for row in rows
    }


@cache
def tender_rows() -> tuple[Row, ...]:
    return tuple(
        Row(
            str(row["key"]),
            str(row["code"]),
            str(row["name"]),
            bool(row["drawer"]),
            bool(row["change"]),
            bool(row["reference"]),
            bool(row["earns"]),
        )
        for row in document()["tenders"]
    )
