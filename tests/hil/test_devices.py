"""The box at devices of a real kernel: usbcore, usbhid, usblp, ftdi_sio, udev. arm64.

The box runs as its unit runs it, without root; what it may open, the package's udev rules say.
"""

import json
import re
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from tests.hardware_sim.printer_status import Condition
from tests.hil.counter import EVERYTHING, NO_PAPER, PACE_S, TYPING, WAIT_S, WELL, Counter
from tests.hil.programs import GuestError
from tests.hil.selling import OVERRUN_SWIPER, POLE, PORTS, STATE
from tests.hil.wires import Drained

pytestmark = pytest.mark.hil

CLEANSER, CREAM = "6901234100013", "6901234100044"
POINTS = b"POINTS 620"  # what the pole says to CARD
REFUSED = b"-02-"  # and what it says to a bank card
CARD, OTHER_CARD = "8800000000018", "8800000000025"
ACCOUNT = "6222021234567890128"
BANK_CARD = f"%B{ACCOUNT}^LI/MEI^29122010000?;{ACCOUNT}=29122010000?"
AGAIN = b"-01-"  # and to one that it could not read
HAND_S = "0.5"
TRIES, TRY_S = 4, 60.0
SLIP_BYTES = 300  # a receipt has more; a question or a test line has less


def pay(counter: Counter) -> None:
    """One thing for cash, as fast as a hand goes from the scanner to the keypad.

    A guest that its host starves may lose keys: then a clerk begins anew, and so does this.
    """
    for _ in range(TRIES):
        before = counter.status()["seq"]
        counter.scan(CLEANSER)
        counter.machine.run("sleep", HAND_S)
        counter.status()  # by now the box has read it
        counter.keys("ENTER")
        counter.keys("100", "ENTER")
        if grown(counter, before):
            return
        counter.keys("CLEAR", "CLEAR", "CLEAR")
    raise GuestError("nothing could be sold")


def grown(counter: Counter, before: int) -> bool:
    """Wait for one more entry in the journal; return whether it came."""
    until_s = time.monotonic() + TRY_S
    while time.monotonic() < until_s:
        if counter.status()["seq"] > before:
            return True
    return False


def sell(counter: Counter) -> str:
    """One thing for cash; return the receipt."""
    pay(counter)
    return counter.paper(least_bytes=SLIP_BYTES)


def swipe(counter: Counter, pole: Drained, tracks: str, words: bytes) -> None:
    """Swipe, as often as the pole asks for it, until it shows these words."""
    read(pole, lambda: counter.swipe(tracks), words)


def read(pole: Drained, hand: Callable[[], None], words: bytes) -> None:
    for _ in range(TRIES):
        asked = pole.so_far().count(AGAIN)
        hand()
        with suppress(GuestError):  # nothing new is shown: it was lost unseen
            news = partial(answered, words=words, asked=asked)
            if words in pole.wait_for(news, TRY_S):
                return
    raise GuestError(f"never read: {pole.so_far()[-400:]!r}")


def answered(came: bytes, *, words: bytes, asked: int) -> bool:
    return words in came or came.count(AGAIN) > asked


def shows(pole: Drained, words: bytes) -> None:
    pole.wait_for(lambda came: words in came, WAIT_S)


def test_the_first_sale(counter):
    """What the printer gadget got is what the journal says, to the figure."""
    pole = counter.plug_pole()
    counter.wait_for_devices("online", "pole")
    receipt = sell(counter)
    number = re.search(r"#(\d+) ([0-9a-f]{6})", receipt)
    assert number is not None
    sale = json.loads(counter.machine.run("memberbox", "--json", "journal", "show", number[1]))
    assert (sale["kind"], sale["hash"][:6]) == ("sale", number[2])
    assert re.search(r"现金 +100\.00\n找零 +32\.00\n", receipt)
    assert [tender["amount_fen"] for tender in sale["body"]["tenders"]] == [6800]
    shows(pole, b"CHG")


def test_what_is_plugged_in_is_suggested(counter):
    """The lines that a technician copies name each port as the config does."""
    counter.plug_pole()
    counter.machine.ask("system.wait_for_path", path=POLE)
    said = json.loads(counter.machine.run("memberbox", "--json", "suggest"))
    found = {device["port"]: (device["kind"], device["profile"]) for device in said["devices"]}
    assert found == {
        PORTS["swiper"]: ("card_reader", "magtek-wedge"),
        PORTS["scanner"]: ("scanner", ""),
        PORTS["keypad"]: ("keypad", ""),
        PORTS["printer"]: ("receipt_printer", ""),
        POLE: ("line_display", ""),
    }


def test_a_swipe_goes_to_the_box_and_to_nobody_else(counter):
    """Neither the console nor another reader of the node gets one key of it."""
    pole = counter.plug_pole()
    counter.wait_for_devices("online", "pole")
    ports = [PORTS[name] for name in TYPING]
    counter.machine.ask("listening.open_all", ports=ports)
    counter.status()
    swipe(counter, pole, f";{CARD}?", POINTS)
    heard = counter.machine.ask("listening.heard")
    assert heard == {"console": "", **dict.fromkeys(ports, 0)}


def test_a_card_after_a_bank_card(counter):
    """The bank card is refused, the member's card after it is read; no byte of the first stays."""
    pole = counter.plug_pole()
    counter.wait_for_devices("online", "pole")
    swipe(counter, pole, BANK_CARD, REFUSED)
    counter.machine.run("sleep", HAND_S)
    swipe(counter, pole, f";{CARD}?", POINTS)
    places = (STATE, "/run/memberbox", "/tmp/box.log")
    kept = ["busybox", "grep", "-rlF", ACCOUNT, *places]
    assert counter.machine.ask("system.run", command=kept)["out"] == ""


def test_who_listens_hears_when_no_box_runs(counter):
    """The listeners do hear: they get the keys when nobody has grabbed the reader."""
    port = PORTS["scanner"]
    counter.machine.ask("system.stop", name="box")
    counter.machine.ask("listening.open_all", ports=[port])
    counter.scan("123")
    heard = counter.machine.ask("listening.heard")
    assert heard[port] > 0 and "123" in heard["console"]


@pytest.mark.parametrize("name", EVERYTHING)
def test_unplugged_and_plugged_in_again(counter, name):
    others = [other for other in EVERYTHING if other != name]
    counter.unplug(name)
    counter.wait_for_devices("offline", name)
    counter.wait_for_devices("online", *others)
    counter.plug(name)
    counter.wait_for_devices("online", name)
    assert "保湿洁面乳" in sell(counter)


def test_the_pole_is_pulled_and_comes_back(counter):
    pole = counter.plug_pole()
    counter.wait_for_devices("online", "pole")
    counter.machine.unplug("pole")
    counter.wait_for_devices("offline", "pole")
    assert "保湿洁面乳" in sell(counter), "it is missed by nobody else"
    counter.machine.ask("system.wait_for_path", path=POLE, gone=True)
    pole.close()


def test_a_hub_that_goes_takes_all_and_gives_all_back(counter):
    """All cables at once, and back in another order."""
    counter.unplug(*EVERYTHING)
    counter.wait_for_devices("offline", *EVERYTHING)
    counter.plug(*reversed(EVERYTHING))
    counter.wait_for_devices("online", *EVERYTHING)
    assert "保湿洁面乳" in sell(counter)


def wait_for_reason(counter: Counter, words: str) -> None:
    """Wait until the box says this of its printer; it asks every few seconds."""
    until_s = time.monotonic() + WAIT_S
    while words not in (reason := counter.status()["devices"]["printer"]["reason"]):
        if time.monotonic() > until_s:
            raise GuestError(f"the printer: {reason}")


def test_paper_out_by_the_printers_own_answer(counter):
    """DLE EOT says "no paper": the slip waits, the counter does not; then it prints by itself."""
    counter.says(Condition.PAPER_END)
    wait_for_reason(counter, "paper end")
    pay(counter)
    counter.wait_for(spool=1)
    assert counter.machine.ask("paper.waiting") < SLIP_BYTES
    counter.says()
    assert "保湿洁面乳" in counter.paper(least_bytes=SLIP_BYTES)
    counter.wait_for(spool=0)


def test_paper_out_by_the_port_status(counter):
    """A printer that answers nothing still has a wire for "no paper"."""
    counter.says_nothing()
    counter.machine.ask("paper.port_status", status=NO_PAPER)
    wait_for_reason(counter, "paper end")
    pay(counter)
    counter.wait_for(spool=1)
    counter.machine.ask("paper.port_status", status=WELL)
    assert "保湿洁面乳" in counter.paper(least_bytes=SLIP_BYTES)


def test_a_printer_that_takes_nothing_holds_up_nobody(counter):
    """Jammed: nobody reads at the other end. Swiper, scanner and keypad go on; then it prints."""
    counter.machine.ask("paper.jam", jammed=True)
    for _ in range(2):
        pay(counter)
    counter.machine.ask("paper.jam", jammed=False)
    counter.wait_for(spool=0)
    assert "保湿洁面乳" in counter.paper(least_bytes=SLIP_BYTES)


def test_keys_that_were_lost_make_no_card(counter):
    """SYN_DROPPED: what came in pieces is thrown away whole; the next swipe is a card again."""
    pole = counter.plug_pole()
    node = counter.machine.ask("uinput.plug", name="overrun swiper")
    counter.machine.run("ln", "-s", node, OVERRUN_SWIPER)
    counter.wait_for_devices("online", "second_swiper", "pole")
    counter.machine.ask("system.signal", name="box", number=signal.SIGSTOP)
    for _ in range(3):  # more than the kernel keeps for a reader that does not read
        counter.type_fast(f";{OTHER_CARD}?")
    counter.machine.ask("system.signal", name="box", number=signal.SIGCONT)
    assert "保湿洁面乳" in sell(counter)
    assert b"POINTS" not in pole.so_far()
    read(pole, lambda: counter.type_fast(f";{CARD}?", gap_s=PACE_S), POINTS)
