"""After sales on the real box: exchange, late points, returns, refund, renewal; paper and books."""

from tests.stage import Stage
from tests.whole.test_functions import CREAM, WANG, idle, kinds, paper

LIP_RED, LIP_TAN, CLEANSER = "6901234100112", "6901234100129", "6901234100013"
LAPSED, MANAGER_BADGE = "8800000000070", "2900000000018"


def sold(stage: Stage, code: str, card: str = "", tender: str = "ENTER") -> str:
    """Sell one piece; return the number on its receipt."""
    idle(stage)
    if card:
        swiped(stage, card)
    scanned(stage, code)
    stage.bench.keys("ENTER")
    paper(stage, "销售小票", tender)
    newest = stage.box("journal", "tail", "--count", "1")["entries"][-1]
    idle(stage)
    return f"{newest['seq']:06d}"


def body(stage: Stage) -> dict[str, object]:
    found: dict[str, object] = stage.box("journal", "tail", "--count", "1")["entries"][-1]["body"]
    return found


def scanned(stage: Stage, code: str) -> None:
    """Scan, and wait until the clerk sees it: scanner and keypad are two devices."""
    before = stage.bench.lines("clerk")
    stage.bench.ask("scan", code=code)
    stage.until(lambda: bool(stage.bench.lines("clerk") != before), f"{code} to be read")


def swiped(stage: Stage, card: str) -> None:
    before = stage.bench.lines("clerk")
    stage.bench.ask("swipe", track2=card)
    stage.until(lambda: bool(stage.bench.lines("clerk") != before), f"{card} to be read")


def after_scan(stage: Stage, title: str, code: str, *keys: str) -> str:
    """Scan one thing at a step; return the paper that the keys after it bring."""
    scanned(stage, code)
    return paper(stage, title, *keys)


def manager(stage: Stage, title: str, *, first: bool = False) -> str:
    """Let the manager allow it; return the paper that follows."""
    scanned(stage, MANAGER_BADGE)
    if first:
        stage.bench.keys("4321", "ENTER")
    return paper(stage, title, "4321", "ENTER")


def test_another_shade_for_a_lipstick_moves_no_money(stage: Stage):
    number = sold(stage, LIP_RED, WANG, "*2")
    stage.bench.keys("/33", number, "ENTER", "ENTER", "1")
    slip = after_scan(stage, "换货单", LIP_TAN, "ENTER", "ENTER")
    assert "等价换货" in slip and "豆沙" in slip and "王**" in slip
    assert (body(stage)["net_fen"], body(stage)["points_net"]) == (0, 0)


def test_a_dearer_one_is_paid_at_the_total(stage: Stage):
    number = sold(stage, CLEANSER, WANG)
    stage.bench.keys("/33", number, "ENTER", "ENTER", "4")
    scanned(stage, CREAM)
    stage.bench.keys("ENTER")
    stage.until(lambda: "DUE 52.00" in stage.bench.lines("clerk")[0], "the difference")
    assert "52.00" in paper(stage, "换货单", "60", "ENTER")


def test_who_forgot_the_card_gets_the_points(stage: Stage):
    number = sold(stage, CREAM)
    stage.bench.keys("/32", number, "ENTER")
    before = len(stage.bench.receipts())
    stage.bench.ask("swipe", track2=WANG)
    stage.until(lambda: len(stage.bench.receipts()) > before, "the slip of late points")
    slip = stage.bench.receipts()[-1]["text"]
    assert "补积分单" in slip and "+120" in slip
    idle(stage)
    stage.bench.keys("/32", number, "ENTER")
    stage.until(lambda: "E30" in "".join(stage.bench.lines("clerk")), "once and no more")
    assert "EARNED" in " ".join(stage.bench.lines("clerk"))


def test_without_a_receipt_a_manager_allows_it(stage: Stage):
    idle(stage)
    stage.bench.keys("/3*")
    scanned(stage, CREAM)
    stage.bench.keys("ENTER", "2")
    slip = manager(stage, "退货单", first=True)
    assert "(无小票)" in slip and "120.00" in slip
    assert kinds(stage, 1) == ["return.unreferenced"]


def test_stored_value_is_paid_back_by_law(stage: Stage):
    idle(stage)
    swiped(stage, WANG)
    stage.bench.keys("/1", "300", "ENTER", "1")
    paper(stage, "储值充值凭证", "ENTER")
    idle(stage)
    swiped(stage, WANG)
    stage.bench.keys("/1*", "1", "ENTER")
    slip = manager(stage, "储值退款单")
    assert "退还全部本金" in slip and "300.00" in slip
    assert body(stage)["basis"] == "seven_days"


def test_who_lapsed_comes_back(stage: Stage):
    idle(stage)
    swiped(stage, LAPSED)
    stage.bench.keys("/2", "1")
    stage.until(lambda: "DUE 48.00" in stage.bench.lines("clerk")[0], "the fee")
    slip = paper(stage, "续会单", "*2")
    assert "2027-03-0" in slip and "孙**" in slip
    number = sold(stage, CREAM, LAPSED)
    entry = stage.box("journal", "show", str(int(number)))
    assert entry["body"]["points"] == 120


def test_a_lost_card_has_its_slip_and_the_books_are_sound(stage: Stage):
    idle(stage)
    swiped(stage, "8800000000025")
    idle(stage)
    stage.bench.keys("/5", "..8800000000025", "ENTER")
    assert "本店已停用" in paper(stage, "挂失单", "1")
    assert stage.box("verify", "--full")["ok"]
    stage.until(stage.in_step, "headquarters to have all of it")
