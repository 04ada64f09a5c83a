"""kill -9 in the middle of a frame, of displays and printer: after the restart all is whole."""

import time
from functools import partial

import pytest

from tests.stage import ROOT, Stage
from tests.whole.test_faults import receipt_of, sell

STUCK = ("pole", "clerk", "led", "printer")
SCREENS = 100  # of 48 bytes each: more than the 4096 that a line's kernel buffer takes
SLIPS = 6  # of 6 KB each, most of it the logo: more than both ends of the printer's line take
LOGO = ROOT / "config" / "demo" / "logo.png"


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A shop with a logo: what is cut off is most likely an image, which swallows what follows."""
    with Stage(tmp_path_factory.mktemp("stage")) as made:
        made.set_up()
        made.stop("box")
        config = made.config.read_text(encoding="utf-8")
        made.config.write_text(config.replace("[shop]\n", f'[shop]\nlogo = "{LOGO}"\n', 1))
        made.start_box()
        yield made


@pytest.fixture
def idle(stage: Stage):
    """What the displays show while nobody buys."""
    stage.bench.keys("CLEAR", "CLEAR")
    stage.until(lambda: any(stage.bench.lines("clerk")), "the idle screens")
    time.sleep(0.5)  # the last frames are on their way
    return {name: stage.bench.lines(name) for name in ("pole", "clerk")}


def test_no_half_frame_is_left_on_any_glass_or_paper(stage: Stage, idle):
    for name in STUCK:
        stage.bench.ask("fault", device=name, fault="stall")
    sold = [sell(stage) for _ in range(SLIPS)]
    for number in range(SCREENS):
        stage.bench.keys("1" if number % 2 else "CLEAR")
    stage.kill("box")
    for name in STUCK:
        stage.bench.ask("fault", device=name, fault="clear")
    stage.start_box()
    for name in idle:
        stage.until(partial(_shows, stage, name, idle[name]), f"the {name} to clear")
    for seq in sold:
        stage.until(partial(_printed, stage, seq), f"slip {seq}", 60)
    stage.until(lambda: stage.box("status")["spool"] == 0, "the spool to be empty", 60)
    for receipt in stage.bench.receipts():
        assert receipt["cut"]
        assert receipt["unknown_bytes"] == 0
        assert receipt["text"].count("单号") <= 1  # what was torn off is a paper of its own
    whole = [receipt_of(stage, seq) for seq in sold]
    assert all(text and "[picture" in text and "[QR" in text for text in whole)
    for name in ("pole", "clerk", "led"):
        assert stage.bench.ask(name)["unknown_bytes"] == 0


def _shows(stage: Stage, device: str, lines: object) -> bool:
    return bool(stage.bench.lines(device) == lines)


def _printed(stage: Stage, seq: int) -> bool:
    return receipt_of(stage, seq) is not None
