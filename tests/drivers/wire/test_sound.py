"""Beeps as the makers wrote them down, against the simulated printer and speaker."""

import pytest

from daemon.drivers.wire.sound import printer_beeps, tone
from tests.hardware_sim import speaker
from tests.hardware_sim.escpos import Printer


@pytest.mark.parametrize("template", ["1b42NN02", "1b284104003001NN02"])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_the_commands_are_those_of_the_makers(template, times):
    it = Printer()
    it.feed(printer_beeps(template, times))
    assert (it.beeps, it.unfinished.unknown_bytes) == ([times], 0)


def test_what_is_no_beep_is_refused():
    with pytest.raises(ValueError, match="hexadecimal"):
        printer_beeps("beep", 1)


@pytest.mark.parametrize("hz", [0, 2000])
def test_a_tone_is_an_event_of_the_kernel(hz):
    (event,) = speaker.EVENT.iter_unpack(tone(hz))
    assert event[2:] == (speaker.EV_SND, speaker.SND_TONE, hz)
