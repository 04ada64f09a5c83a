"""The files the bench writes: the shop as headquarters imports it, the config the box reads."""

import csv
import json
import tomllib
from pathlib import Path

import pytest

from tests.hardware_sim_tests.outside import ROOT, BenchProcess

SHOP = json.loads((ROOT / "config" / "demo" / "demo-shop.json").read_text())
PRODUCTS = (
    "plu,sku,name,short,pole,price_fen,class,category,cost_fen,key,barcode,member_price_fen,"
    "swap_price_fen,limit_per,limit_qty,limit_who,unit,scale_prefix,scale_item,scale_field,"
    "exchange_group,stock,min,max,shop,serial_first,serial_last"
)
CARDS = (
    "row,id,first,last,card,name,phone,birthday,joined,term_ends,status,kind,staff,"
    "profile_complete,points,principal_fen,bonus_fen,shop"
)


@pytest.fixture(scope="module")
def folder(one_bench: BenchProcess) -> Path:
    return one_bench.folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_products(folder: Path) -> None:
    products = rows(folder / "products.csv")
    assert ",".join(products[0]) == PRODUCTS
    by_sku = {row["sku"]: row for row in products}
    assert len(by_sku) == len(products) == len(SHOP["products"]) + len(SHOP["other_stock"])
    assert {row["shop"] for row in products} == {"0018"}
    mask = by_sku["ZZ-009"]
    assert (mask["price_fen"], mask["member_price_fen"], mask["key"]) == ("4900", "3900", "true")
    assert (mask["limit_per"], mask["limit_qty"], mask["limit_who"]) == ("month", "5", "card")
    assert by_sku["ZZ-015"]["swap_price_fen"] == "990"
    soap = by_sku["SOAP"]
    assert (soap["unit"], soap["scale_item"], soap["scale_prefix"]) == ("g", "00020", "21")
    assert by_sku["BAG"]["barcode"] == ""
    card = by_sku["CARD"]
    assert (card["plu"], card["price_fen"], card["class"], card["unit"]) == (
        "",
        "",
        "stock",
        "piece",
    )
    assert (card["serial_first"], card["serial_last"]) == ("8800000001015", "8800000001054")
    assert by_sku["TESTER11"]["class"] == "tester"


def test_staff(folder: Path) -> None:
    staff = rows(folder / "staff.csv")
    assert list(staff[0]) == ["no", "name", "role", "title", "badge", "shop"]
    assert [row["no"] for row in staff] == ["01", "02", "03", "90"]
    assert staff[1]["name"] == "陈静"


def test_cards(folder: Path) -> None:
    cards = rows(folder / "cards.csv")
    assert ",".join(cards[0]) == CARDS
    assert [row["row"] for row in cards] == ["range"] + ["member"] * 7
    first = cards[0]
    assert (first["first"], first["last"]) == ("8800000000000", "8800000099999")
    assert first["kind"] == "registered"
    members = {row["id"]: row for row in cards[1:]}
    one = members["M1"]
    assert (one["card"], one["points"], one["status"]) == ("8800000000018", "620", "active")
    assert (one["kind"], one["profile_complete"], one["bonus_fen"]) == ("registered", "true", "0")
    assert members["M5"]["status"] == "lost"
    assert (members["M6"]["kind"], members["M6"]["staff"]) == ("staff", "02")
    assert (members["M3"]["name"], members["M3"]["birthday"]) == ("", "")
    assert members["M4"]["principal_fen"] == "50000"


def test_config_names_every_device_by_absolute_path(one_bench: BenchProcess, folder: Path) -> None:
    config = tomllib.loads((folder / "memberbox.toml").read_text(encoding="utf-8"))
    assert list(config) == ["box", "shop", "counter", "keypad", "kiosk", "tenders", "devices"]
    assert config["box"] == {
        "id": "0018",
        "state_dir": f"{folder}/state",
        "run_dir": f"{folder}/run",
        "clock_start": "2026-03-06T09:55:00+08:00",
    }
    assert config["shop"]["address"] == SHOP["shop"]["address"]
    assert config["counter"] == {"operator": "02", "guide": "02", "float_fen": 30000}
    codes = ["cash", "bank", "wechat", "stored_value", "points", "alipay", "mall", "voucher"]
    assert [tender["code"] for tender in config["tenders"]] == codes
    assert config["tenders"][1]["reference"] is True
    ports = {device["name"]: device.get("port") for device in config["devices"]}
    assert ports == {
        "swiper": f"pipe:{folder}/swiper",
        "scanner": f"pipe:{folder}/scanner",
        "keypad": f"pipe:{folder}/keypad",
        "swiper_serial": f"{folder}/tty/swiper_serial",
        "pole": f"{folder}/tty/pole",
        "clerk": f"{folder}/tty/clerk",
        "led": f"{folder}/tty/led",
        "printer": f"tcp:127.0.0.1:{one_bench.port()}",
        "printer_serial": f"{folder}/tty/printer_serial",
        "drawer": None,
        "stick": f"{folder}/stick",
    }
    for name in ("pole", "led", "printer_serial"):
        assert (folder / "tty" / name).is_char_device()


def test_config_goes_where_it_is_told_and_knows_headquarters(tmp_path: Path) -> None:
    config = tmp_path / "made" / "box.toml"
    more = ("--config", str(config), "--mqtt", "127.0.0.1:1883", "--hq-key", "ab12", "--hq-token")
    bench = BenchProcess(tmp_path / "d", *more, "t-1")
    known = tomllib.loads(config.read_text(encoding="utf-8"))
    assert known["hq"] == {"mqtt": "127.0.0.1:1883", "key": "ab12", "token": "t-1"}
    assert not (tmp_path / "d" / "memberbox.toml").exists()
    assert bench.close() == 0
