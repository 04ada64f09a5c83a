"""The December audit with real processes: a sale, the paper, a confirmation, the shop's books."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from daemon.clock import SystemClock
from tests.stage import Stage

WANG, CREAM = "8800000000018", "6901234100044"
TODAY = SystemClock(ZoneInfo("Asia/Shanghai")).read().wall.date().isoformat()
BY, BOTH = ("--by", "anna"), ("--by", "anna", "--second", "bo")


@pytest.fixture(scope="module")
def points(stage: Stage) -> int:
    """What the member has after a sale at the counter, as headquarters books it."""
    stage.bench.ask("swipe", track2=WANG)
    stage.bench.ask("scan", code=CREAM)
    stage.bench.keys("ENTER")
    stage.bench.keys("ENTER")
    stage.until(stage.in_step, "the sale at headquarters")
    stage.until(lambda: stage.hq("boxes")["boxes"]["0018"]["booked"] == entries(stage), "its books")
    return int(member(stage)["points"])


def entries(stage: Stage) -> int:
    return int(stage.box("status")["seq"])


def member(stage: Stage):
    return next(one for one in stage.hq("members")["members"] if one["card"] == WANG)


def test_a_member_is_answered_from_the_shops_own_entries(stage: Stage, points: int) -> None:
    answer = stage.hq("member", "statement", WANG)
    assert answer["ok"], answer
    said = answer["statement"]
    assert said["closing"] == said["now"] == points
    (last,) = [line for line in said["lines"] if line["kind"] == "sale"]
    assert (last["what"], last["shop"]) == ("earned", "0018")
    (receipt,) = [one for one in stage.bench.receipts() if last["receipt"] in one["text"]]
    assert f"+{last['amount']}" in receipt["text"]
    why = stage.hq("member", "explain", WANG, "--entry", last["entry"])["explained"]["told"]
    assert any(f"+{last['amount']}" in sentence for sentence in why[0]["why"]), why


def test_two_persons_put_a_member_right_and_the_shop_books_it(stage: Stage, points: int) -> None:
    alone = stage.hq(
        "member", "adjust", WANG, "-5", "--reason", "typed twice", *BY, "--second", "ANNA"
    )
    assert (alone["exit_code"], alone["ok"]) == (1, False)
    stage.hq("member", "adjust", WANG, "-5", "--reason", "typed twice", *BOTH)
    stage.until(lambda: member(stage)["points"] == points - 5, "the shop to take them")

    def state() -> str:
        found = stage.hq("member", "show", WANG)["member"]["corrections"]
        return str(found[0]["parts"][0]["state"])

    stage.until(lambda: state() == "done", "headquarters to know")
    stage.hq("member", "adjust", WANG, "5", "--reason", "it was once", *BOTH)
    stage.until(lambda: member(stage)["held"] == {"0018": points}, "the shop to have them")


def test_a_confirmed_check_reaches_a_shop_that_was_away(
    stage: Stage, points: int, tmp_path: Path
) -> None:
    stage.hq("audit", "start", *BY, "--day", TODAY)
    said = stage.hq("audit", "statements", "--card", WANG)["statements"][0]
    assert said["clears"] and said["total"]["closing"] == points
    paper = tmp_path / "paper.csv"
    paper.write_text(f"card,points\n{WANG},620\n8800000000998,5\n")
    wrong = stage.hq("audit", "import-paper", str(paper), *BY)
    assert [one["line"] for one in wrong["errors"]] == [3]
    paper.write_text(f"card,points\n{WANG},620\n")
    stage.hq("audit", "import-paper", str(paper), *BY)
    found = stage.hq("audit", "differences")["differences"]
    (mine,) = [one for one in found if one["card"] == WANG]
    assert mine["cls"] in ("older", "missing") and mine["by"] == 620 - points, mine["why"]
    stage.hq("audit", "decide", WANG, "box", "--reason", "the slip is here", *BY)
    stage.hq("audit", "decide", "not_on_paper", "box", "--reason", "new book", *BY)
    stage.stop("box")
    stage.kill("hq")
    first = stage.hq("audit", "confirm", *BOTH)
    again = stage.hq("audit", "confirm", *BOTH)
    assert (
        first["audit"]["state"] == "confirmed" and first["shown"]["came"] == again["shown"]["came"]
    )
    assert first["shown"]["came"]["cleared"]["pending"] > 0
    assert member(stage)["points"] == points, "the shop has not heard of it"
    stage.start_hq()
    stage.start_box()
    stage.until(lambda: member(stage)["points"] == 0, "the shop to let them lapse")
    lines = stage.hq("member", "statement", WANG)["statement"]["lines"]
    (lapsed,) = [line for line in lines if line["kind"] == "points.lapsed"]
    assert (lapsed["amount"], lapsed["shop"]) == (-points, "0018")
    entry = stage.box("journal", "show", lapsed["entry"].rpartition(":")[2])
    assert entry["body"]["due"].startswith(TODAY) and entry["body"]["amount"] == points
    assert stage.box("verify", "--full")["ok"]
    stage.bench.keys("CLEAR", "CLEAR")
    stage.bench.ask("swipe", track2=WANG)
    stage.until(lambda: "0018" in "\n".join(stage.bench.lines("clerk")), "the member's screen")
    shown = "\n".join(stage.bench.lines("pole") + stage.bench.lines("clerk"))
    assert f"{points}" not in shown
    stage.until(lambda: not stage.hq("audit", "show")["shown"]["open"], "every shop's answer")
