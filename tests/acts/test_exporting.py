"""The register and a member's own copy, by the command, beside a store that is at rest."""

import csv
import json
from pathlib import Path

import pytest

from daemon import cli
from tests.acts.test_command import CONFIG
from tests.acts.test_person import ADA, snapshot
from tests.acts.till import CARDS, Till, cash, line


@pytest.fixture
def config(tmp_path: Path) -> Path:
    till = Till(tmp_path / "state")
    snapshot(till)
    till.done(
        "sale",
        member="M1",
        card=CARDS["M1"],
        lines=[{**line(1, "TOY", 1000, qty=2, points=10), "name": "=玩具,大"}],
        tenders=cash(1000),
        points=10,
        guides=[{"staff": "02", "share": 10000}],
    )
    till.done("stock.adjusted", lines=[{"sku": "TOY", "qty": 1, "name": "玩具"}], reason="loss")
    till.later(days=1)
    till.done("cash.moved", way="out", amount_fen=1200, reason="water")
    till.close()
    file = tmp_path / "memberbox.toml"
    file.write_text(CONFIG.format(folder=tmp_path), encoding="utf-8")
    return file


def said(config: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = cli.main(["--config", str(config), *words])
    return code, capsys.readouterr().out


def test_json_lines_are_the_entries_themselves(config: Path, capsys) -> None:
    code, text = said(config, capsys, "journal", "export")
    entries = [json.loads(one) for one in text.splitlines()]
    assert code == 0
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    _, text = said(config, capsys, "journal", "export", "--json", "--first", "2", "--last", "3")
    assert [entry["seq"] for entry in json.loads(text)["entries"]] == [2, 3]
    _, text = said(config, capsys, "journal", "export", "--since", "2026-03-07")
    assert [json.loads(one)["kind"] for one in text.splitlines()] == ["cash.moved"]
    assert said(config, capsys, "journal", "export", "--first", "x")[0] == 2


def test_the_register_has_the_columns_of_the_paper_one(config: Path, capsys) -> None:
    out = config.parent / "register.csv"
    code, _ = said(config, capsys, "journal", "export", "--csv", "--out", str(out))
    assert code == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["类型"] for row in rows] == ["shift.opened", "sale", "stock.adjusted", "cash.moved"]
    sale = rows[1]
    assert sale["营业日"] == "2026-03-06"
    assert sale["会员卡号"] == CARDS["M1"]
    assert sale["品名"] == "'=玩具,大"  # no spreadsheet runs it
    assert (sale["数量"], sale["实付"], sale["付款方式"]) == ("2", "10.00", "cash 10.00")
    assert (sale["积分"], sale["库存"], sale["导购"]) == ("+10", "TOY -2", "02")
    assert (rows[2]["库存"], rows[2]["备注"]) == ("TOY -1", "loss")
    assert (rows[3]["实付"], rows[3]["备注"]) == ("-12.00", "water")
    assert ADA.name not in out.read_text(encoding="utf-8")


def test_a_member_takes_a_copy_and_is_erased(config: Path, capsys) -> None:
    card = CARDS["M1"]
    code, text = said(config, capsys, "member", "export", card, "--json")
    copy = json.loads(text)
    assert code == 0
    assert copy["person"]["name"] == ADA.name
    assert copy["balances"] == {"points (point)": 10}
    assert [one["kind"] for one in copy["entries"]] == ["down.applied", "sale"]
    assert said(config, capsys, "member", "export", "nobody")[0] == 1
    assert said(config, capsys, "member", "erase", card, "--reason", "asked")[0] == 0
    copy = json.loads(said(config, capsys, "member", "export", "M1", "--json")[1])
    assert (copy["erased"], copy["person"]) == (True, {})
    assert said(config, capsys, "member", "erase", card, "--reason", "asked")[0] == 0


def test_a_copy_knows_the_person_by_every_card(tmp_path: Path, capsys) -> None:
    """A new card locks the profile anew: the copy must open it under that one."""
    new, more = "8800000001015", "8800000001017"
    till = Till(tmp_path / "state")
    snapshot(till)
    till.done("card.replaced", card=CARDS["M1"], new=new)
    till.done("card.issued", card=new, new=more)
    till.close()
    file = tmp_path / "memberbox.toml"
    file.write_text(CONFIG.format(folder=tmp_path), encoding="utf-8")
    for card in (CARDS["M1"], new, more):
        copy = json.loads(said(file, capsys, "member", "export", card, "--json")[1])
        assert (copy["person"]["name"], copy["person"]["phone"]) == (ADA.name, ADA.phone)
        assert copy["cards"] == [CARDS["M1"], new, more]
