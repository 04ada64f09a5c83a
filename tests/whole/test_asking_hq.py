"""Headquarters hangs: the counter says that it asks, hears its clerk meanwhile, and goes on."""

import os
import signal

import pytest

from tests.stage import Stage

STRANGE, WANG, CREAM = "8800000009999", "8800000000018", "6901234100044"


@pytest.fixture
def hanging(stage: Stage):
    """A headquarters that is there, and says nothing."""
    stage.bench.keys("CLEAR", "CLEAR")
    stage.until(stage.in_step, "headquarters to be in step")
    pid = stage.processes["hq"].pid
    os.kill(pid, signal.SIGSTOP)
    yield stage
    os.kill(pid, signal.SIGCONT)


def shows(stage: Stage, display: str, text: str) -> None:
    stage.until(lambda: text in "\n".join(stage.bench.lines(display)), f"{text} on {display}")


def test_every_display_says_that_headquarters_is_asked_and_then_goes_on(hanging: Stage):
    hanging.bench.ask("swipe", track2=STRANGE, wait=False)
    shows(hanging, "clerk", "ASKING HQ")
    digits_of_asking = ("00--", "-06-")  # the second when the answer is given up before we look
    hanging.until(
        lambda: hanging.bench.ask("led")["digits"] in digits_of_asking, "the LED to show the asking"
    )
    shows(hanging, "clerk", "E06")
    shows(hanging, "pole", "WELCOME")


def test_what_is_scanned_meanwhile_comes_after_it(hanging: Stage):
    hanging.bench.ask("swipe", track2=STRANGE, wait=False)
    shows(hanging, "clerk", "ASKING HQ")
    hanging.bench.ask("scan", code=CREAM, wait=False)
    hanging.bench.keys("ENTER")
    shows(hanging, "clerk", "DUE 120.00")


def test_another_card_does_not_wait_and_clear_asks_no_longer(hanging: Stage):
    hanging.bench.ask("swipe", track2=STRANGE, wait=False)
    shows(hanging, "clerk", "ASKING HQ")
    hanging.bench.ask("swipe", track2=WANG, wait=False)
    shows(hanging, "clerk", "0018")
    hanging.bench.keys("CLEAR")
    hanging.bench.ask("swipe", track2=STRANGE, wait=False)
    shows(hanging, "clerk", "ASKING HQ")
    hanging.bench.keys("CLEAR")
    shows(hanging, "clerk", "READY")


def test_a_late_answer_changes_nothing_on_the_counter(stage: Stage):
    shows(stage, "clerk", "READY")
    stage.bench.ask("swipe", track2=WANG)
    stage.until(stage.in_step, "headquarters to be in step again")
    shows(stage, "clerk", "0018")
    assert stage.box("verify")["ok"]
