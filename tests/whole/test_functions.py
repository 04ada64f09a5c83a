"""The function keys on the real box: what comes out of the printer, and what the journal holds."""

import re
from functools import partial

from tests.stage import Stage

CREAM, WANG = "6901234100044", "8800000000018"


def pressed(stage: Stage, *keys: str) -> None:
    stage.bench.keys(*keys)


def paper(stage: Stage, title: str, *keys: str) -> str:
    """Press keys; return the paper of that title that comes out."""
    before = len(stage.bench.receipts())
    stage.bench.keys(*keys)
    stage.until(lambda: len(stage.bench.receipts()) > before, f"{title} after {keys}")
    newest = stage.bench.receipts()[-1]
    assert title in newest["text"], newest["text"]
    assert newest["unknown_bytes"] == 0
    return str(newest["text"])


def kinds(stage: Stage, count: int = 6) -> list[str]:
    tail = stage.box("journal", "tail", "--count", str(count))["entries"]
    return [entry["kind"] for entry in tail]


def changed(stage: Stage, before: list[str]) -> bool:
    return bool(stage.bench.lines("clerk") != before)


def idle(stage: Stage) -> None:
    stage.bench.keys("CLEAR", "CLEAR")


def test_cash_moves_and_the_x_report_say_the_same(stage: Stage):
    paper(stage, "现金存入单", "/73", "50", "ENTER", "1")
    idle(stage)
    stage.bench.ask("scan", code=CREAM)
    stage.bench.keys("ENTER")
    assert "120.00" in paper(stage, "销售小票", "ENTER")
    x = paper(stage, "交班单(X)", "/76")
    assert "120.00" in x and "收银 02" in x
    drawer = 12000 + 5000 + opening_float(stage)
    assert f"{drawer // 100}.{drawer % 100:02d}" in x
    assert kinds(stage, 2) == ["cash.moved", "sale"]


def opening_float(stage: Stage) -> int:
    entries = stage.box("journal", "tail", "--count", "500")["entries"]
    return sum(one["body"].get("float_fen", 0) for one in entries if one["kind"] == "shift.opened")


def test_a_parked_basket_survives_the_power_and_comes_back(stage: Stage):
    idle(stage)
    stage.bench.ask("swipe", track2=WANG)
    stage.bench.ask("scan", code=CREAM)
    ticket = paper(stage, "挂单", "/0")
    assert "120.00" in ticket and WANG not in ticket
    stage.kill("box")
    stage.start_box()
    stage.bench.keys("/0")
    stage.until(lambda: "16-" in stage.bench.lines("clerk")[0], "the list of what is parked")
    stage.bench.keys("1", "ENTER")
    assert "王**" in paper(stage, "销售小票", "ENTER")
    stage.bench.keys("/0")
    stage.until(lambda: "E33" in "".join(stage.bench.lines("clerk")), "nothing to be parked")


def test_a_paper_comes_again_and_says_so(stage: Stage):
    idle(stage)
    again = paper(stage, "补打", "/8", "ENTER")
    assert "销售小票" in again and "王**" in again


def test_practice_counts_for_nothing_and_ends(stage: Stage):
    idle(stage)
    before = stage.box("status")
    opened = stage.bench.ask("drawer")["opened"]
    stage.bench.keys("/99")
    stage.until(lambda: "TRAINING" in stage.bench.lines("clerk")[0], "the lesson to begin")
    stage.until(lambda: "TRAINING" in stage.bench.lines("pole")[0], "the lesson on the pole")
    stage.until(lambda: stage.bench.ask("led")["digits"] == "0--", "the lesson on the LED")
    stage.bench.ask("scan", code=CREAM)
    stage.bench.keys("ENTER")
    stage.until(lambda: stage.bench.ask("led")["digits"] == "0-120.00", "the total on the LED")
    for display in ("pole", "clerk"):
        assert "TR" in "".join(stage.bench.lines(display)), "every display says so"
    text = paper(stage, "练习·无效", "ENTER")
    assert "销售小票" in text and text.count("练习·无效") == 2
    paper(stage, "练习·无效", "/77", "ENTER")
    stage.bench.keys("CLEAR", "CLEAR", "/98")
    stage.bench.ask("scan", code="2900000000018")
    stage.bench.keys("4321", "ENTER", "4321", "ENTER", "ENTER")  # replaces no box
    stage.bench.keys("CLEAR", "CLEAR", "/99")
    stage.until(lambda: "READY" in stage.bench.lines("clerk")[0], "the lesson to end")
    after = stage.box("status")
    assert (after["seq"], after["hash"]) == (before["seq"], before["hash"])
    assert stage.bench.ask("drawer")["opened"] == opened
    assert not (stage.bench_dir / "state" / "practice").exists()


def test_the_check_up_and_the_test_print_come_out_on_paper(stage: Stage):
    idle(stage)
    assert "中文打印测试" in paper(stage, "打印测试", "/93")
    checkup = paper(stage, "体检单", "/97")
    assert "journal" in checkup and "OK" in checkup


def test_the_check_of_points_is_on_paper_and_all_of_it_on_the_stick(stage: Stage):
    idle(stage)
    stage.bench.ask("stick", insert=True)
    stage.until(lambda: stage.box("status")["devices"]["stick"]["state"] == "online", "the stick")
    before = len(stage.bench.receipts())
    stage.bench.keys("/79")
    stage.until(lambda: len(stage.bench.receipts()) >= before + 2, "the slip, and what was written")
    slip, written = (one["text"] for one in stage.bench.receipts()[before:])
    assert "积分核对单" in slip and "尾号 0018" in slip
    (path,) = (stage.bench_dir / "stick").glob("points-0018-*.csv")
    assert path.name in written
    table = path.read_text(encoding="utf-8-sig").splitlines()
    assert table[0] == "卡号,可用积分,核对日,清零"
    (wang,) = (row for row in table if row.startswith(WANG))
    assert wang.endswith("2026-12-15,是")
    assert any(row.endswith("否") for row in table) or len(table) == slip.count("尾号") + 1


def test_the_day_ends_with_what_was_counted(stage: Stage):
    idle(stage)
    stage.bench.keys("/72")
    stage.until(lambda: "93-" in stage.bench.lines("clerk")[0], "the count to be asked")
    stage.bench.keys("1", "ENTER")
    stage.until(lambda: "cash" not in stage.bench.lines("clerk")[1], "the next tender")
    while "93-" in stage.bench.lines("clerk")[0]:  # the others are not counted
        before = stage.bench.lines("clerk")
        stage.bench.keys("ENTER")
        stage.until(partial(changed, stage, before), "the next tender")
    text = paper(stage, "交班单", "ENTER")
    assert "短款" in text
    z = paper(stage, "日结单(Z)", "/77", "ENTER")
    assert "短款" in z and "240.00" in z
    assert kinds(stage, 2) == ["shift.closed", "day.closed"]
    assert stage.box("verify", "--full")["ok"]


def test_replacing_the_box_takes_a_manager_and_loses_nothing(stage: Stage):
    idle(stage)
    stage.until(stage.in_step, "headquarters to be in step")
    stage.bench.keys("/98")
    stage.bench.ask("scan", code="2900000000018")  # the manager's badge
    stage.until(lambda: "E37" in stage.bench.lines("clerk")[0], "who asks to be signed on")
    stage.bench.keys("CLEAR", "CLEAR", "/71", "02", "ENTER", "ENTER")
    stage.until(lambda: "shift.opened" in kinds(stage, 3), "somebody to be signed on")
    idle(stage)
    stage.until(stage.in_step, "headquarters to be in step")
    before = stage.box("status")
    stage.bench.keys("/98")
    stage.bench.ask("scan", code="2900000000018")
    stage.bench.keys("4321", "ENTER", "4321", "ENTER")
    stage.until(lambda: "04-" in stage.bench.lines("clerk")[0], "the last question")
    slip = paper(stage, "换机", "ENTER")
    assert "0018.1 -> 0018.2" in slip
    stage.until(lambda: stage.processes["box"].poll() is not None, "the box to end")
    assert stage.processes.pop("box").returncode == 0
    stage.start_box()
    after = stage.box("status")
    assert (before["epoch"], after["epoch"]) == (1, 2)
    stage.bench.ask("swipe", track2=WANG)
    assert "王**" in paper(stage, "会员查询单", "ENTER")
    stage.bench.keys("CLEAR", "CLEAR")
    stage.bench.keys("/98")
    stage.bench.ask("scan", code="2900000000018")
    stage.bench.keys("1111", "ENTER")
    stage.until(lambda: "E31" in "".join(stage.bench.lines("clerk")), "a wrong PIN to be refused")
    assert stage.box("verify", "--full")["ok"]


def on_another_day(stage: Stage, day: str) -> None:
    assert stage.stop("box") == 0
    text = re.sub(r"clock_start = .*", f'clock_start = "{day}T10:00:00+08:00"', text_of(stage))
    stage.config.write_text(text)
    stage.start_box()


def text_of(stage: Stage) -> str:
    return stage.config.read_text()


def test_a_forgotten_day_is_closed_at_the_next_start_and_its_baskets_go(stage: Stage):
    on_another_day(stage, "2026-03-08")
    stage.bench.ask("scan", code=CREAM)
    stage.bench.keys("ENTER")
    paper(stage, "销售小票", "ENTER")
    stage.bench.ask("scan", code=CREAM)
    paper(stage, "挂单", "/0")
    before = len(stage.bench.receipts())
    on_another_day(stage, "2026-03-09")
    stage.until(lambda: len(stage.bench.receipts()) > before, "自动日结 on paper")
    z = stage.bench.receipts()[-1]["text"]
    assert "自动日结" in z and "日结单(Z)" in z and "120.00" in z
    stage.bench.keys("/0")
    stage.until(lambda: "E33" in "".join(stage.bench.lines("clerk")), "nothing to be parked")
    stage.bench.keys("CLEAR", "CLEAR")
    stage.bench.ask("scan", code=CREAM)  # the first customer of the day
    stage.bench.keys("ENTER")
    assert "2026-03-09" in paper(stage, "销售小票", "ENTER")
