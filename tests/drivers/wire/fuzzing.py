"""Runs one parser over many seeded inputs, and names the input that stops it.

Every input is made from the target's name and its own number: the same everywhere, at any number of
inputs. A crash is any exception. A hang is an input that burns HANG_CPU_S of this process's own
processor time, so that a busy machine is none.
"""

import os
import random
import signal
from collections.abc import Callable
from types import FrameType

INPUTS = int(os.environ.get("MEMBERBOX_FUZZ_N", "20000"))  # make fuzz sets it
HANG_CPU_S = 2.0  # one input takes some 20 us

OneInput = Callable[[random.Random, int], object]
"""Given its own chance and its number, feeds one input."""


class HangError(Exception):
    """An input did not come to an end."""


def fuzz(target: str, one: OneInput, *, inputs: int = INPUTS, hang_s: float = HANG_CPU_S) -> None:
    """Feed so many inputs; fails the test with the number of the first that crashes or hangs."""
    chance, number = random.Random(), 0
    before = signal.signal(signal.SIGVTALRM, _hung)
    try:
        for number in range(inputs):
            chance.seed(f"{target} {number}")
            signal.setitimer(signal.ITIMER_VIRTUAL, hang_s)
            one(chance, number)
    except Exception as error:
        raise AssertionError(f"{target}: input {number}: {type(error).__name__}") from error
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _hung(number: int, frame: FrameType | None) -> None:
    raise HangError
