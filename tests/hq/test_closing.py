"""The worked month on both engines: it adds up, stays as it was closed, and says how to go on."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hq import closing, closing_store, latecases, report
from hq.cli import main
from hq.closing_key import Key
from hq.store import Office
from tests.hq.closing_page import ACTS, DAYS, DOCUMENT, SEED, SHOPS, differences
from tests.hq.worked_month import BY, SECOND, Story, agree, live, owed, settlements

HANGS_S = 400.0  # it takes 4 s; on PostgreSQL, with much else at work, many times that


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    lived = live(tmp_path, shops=SHOPS, days=DAYS, acts=ACTS, seed=SEED)
    yield lived
    lived.month.shops.close()


def ask(office: Office, *words: str, code: int = 0) -> dict[str, object]:
    """Ask the command, in this process; it must end so."""
    from contextlib import redirect_stdout
    from io import StringIO

    with redirect_stdout(StringIO()) as said:
        assert main(["--dir", str(office.folder), "--json", *words]) == code, said.getvalue()
    found = json.loads(said.getvalue())
    assert isinstance(found, dict)
    return found


@pytest.mark.timeout(HANGS_S)
def test_the_worked_month(story: Story) -> None:
    office = story.month.shops.office
    for what in ("elsewhere", "of it another shop's goods", "lapsed", "refund", "void", "自动日结"):
        assert story.month.lived[what], f"nobody lived {what}: another seed"
    assert agree(story) == [], "the consolidation is the sum of the shops' own Z reports"
    assert owed(story) == [] and settlements(story) == []
    assert differences(DOCUMENT.read_text(encoding="utf-8"), story.pages) == [], (
        "write them anew: python -m tests.hq.closing_page"
    )
    _frozen(story, office)
    _late(story, office)
    _asked(story, office)
    _opened_again(story, office)


def _frozen(story: Story, office: Office) -> None:
    """Whoever was not whole was named; the rest agrees with its Z."""
    first, second = (closing_store.stored(office, one) for one in (story.first, story.second))
    states = {one.box: one for one in first.shops}
    assert [one.box for one in first.shops if one.state == "late"] == [story.late]
    assert "carry its stick" in states[story.late].why
    assert all(one.z_wrong == "" for one in (*first.shops, *second.shops))
    assert {one.state for one in second.shops} == {"whole"}
    refused = story.pages["refused"][0]
    assert f"--without {story.late}" in refused and "0001" not in refused
    assert closing.replay(office, story.first) == closing.replay(office, story.second) == []
    for (_, key), amount in closing_store.figures_of(office, story.first).items():
        if key.how == "closing":
            opened = closing_store.figures_of(office, story.second)
            assert opened["", key.called(f"{key.group}.opening")] == amount


def _late(story: Story, office: Office) -> None:
    """What came late has a page, and a line of its own in the next month."""
    assert report.cases(office) == []
    april = closing_store.figures_of(office, story.second)
    late = {key: amount for (of, key), amount in april.items() if of == "2026-03"}
    assert {key.shop for key in late if key.group != "point"} >= {story.late}
    kinds = [name for name in story.pages if name.startswith("late_")]
    assert {"late_sale", "late_spend", "late_return", "late_topup"} <= set(kinds)
    assert "Between owners: 甲公司 owes 乙公司 30.00 more." in story.pages["late_spend"]
    page = "\n".join(story.pages["late_sale"])
    for words in ("WHAT HAPPENED", "came here after", "goods.net", "stay as they are", "--book",
                  "month reopen 2026-03", "Z of 2026-03-31"):  # fmt: skip
        assert words in page
    latecases.find(office)  # sees that every chain is past April
    assert latecases.find(office) == 0, "nothing is looked at twice"


def _asked(story: Story, office: Office) -> None:
    """The command says the same: the month, where a figure comes from, a replay, the list."""
    shown = ask(office, "month", "show", "2026-03")
    figures = shown["figures"]
    assert isinstance(figures, list) and shown["closing"] is not None
    net = next(one for one in figures if (one["shop"], one["figure"]) == ("0001", "goods.net"))
    told = ask(office, "month", "explain", "2026-03", "goods.net", "--shop", "0001")
    assert told["ok"] and told["sum"] == net["amount"]
    for what in ("principal.closing", "point.closing"):
        told = ask(office, "month", "explain", "2026-04", what, "--shop", "0001")
        assert told["ok"] and told["opening"] and told["entries"]
    ask(office, "month", "explain", "2026-04", "point.opening", "--shop", "0001", code=1)
    pays = shown["settlement"]
    assert isinstance(pays, list) and sum(one["pays"] for one in pays) != 0
    by_owner = shown["net"]
    assert isinstance(by_owner, dict) and sum(by_owner.values()) == 0
    assert ask(office, "month", "replay", "2026-03")["ok"]
    assert len(ask(office, "month", "list")["closings"]) == 2  # type: ignore[arg-type]
    case = office.db.execute("SELECT min(work) FROM late_entry").fetchone()[0]
    assert ask(office, "case", str(case))["changes"]
    assert ask(office, "month", "close", "2026-03", "--by", BY, code=1)["ok"] is False
    assert ask(office, "owner", "0001", "丁公司", "--since", "2026-03", code=3)["ok"] is False
    assert ask(office, "owner", "0001", "丁公司", "--since", "2026-05")["ok"]


def _opened_again(story: Story, office: Office) -> None:
    """Only the last month, by two persons; closed anew it has what had come late in its own."""
    again = {"by": BY, "second": SECOND, "reason": "the line was repaired"}
    with pytest.raises(closing.NotYet, match="Open 2026-04 again first"):
        closing.reopen(office, "2026-03", **again)
    with pytest.raises(closing.NotYet, match="second person"):
        closing.reopen(office, "2026-04", **{**again, "second": BY.replace("07", " ０７")})
    before = closing_store.figures_of(office, story.second)
    for month in ("2026-04", "2026-03"):
        closing.reopen(office, month, **again)
    assert len(closing_store.closings(office)) == 2, "what was closed once is kept"
    closing.close(office, "2026-03", by=BY)
    closing.close(office, "2026-04", by=BY)
    whole = {
        number: closing_store.figures_of(office, one)
        for number, one in enumerate(closing_store.closings(office))
    }
    assert not any(late for late, _ in whole[3]), "nothing is late any more"
    key = Key(story.late, "goods.net")
    assert whole[1]["", key] == whole[0].get(("", key), 0) + before["2026-03", key]
    closed = {key: amount for (_, key), amount in before.items() if key.how == "closing"}
    assert closed == {k: amount for (_, k), amount in whole[3].items() if k.how == "closing"}
