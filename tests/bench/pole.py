"""P4: from the last byte of a swipe to the first byte at the pole display, and at the HDMI page.

The whole chain runs; the cables of swiper and pole are this process's own, so that both ends are
timed by one clock. The card is a member's, and the screen is his page with the points; the HDMI
page's is the event with his masked name in it, read from the box's event stream.
"""

import os
import re
import select
import socket
import tempfile
import time
import tty
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.row import ROUNDS, Part, middle
from tests.hardware_sim import wedge
from tests.stage import Stage

CARD = ";8800000000018=?"
MASKED = "王**".encode()
SWIPES = 40  # of a round: its worst is what counts, which is stricter than the 99th percentile
QUIET_S = 0.12  # a frame at 9600 baud takes 50 ms; the line is idle after this
SEEN_WITHIN_S = 2.0
LIMIT_MS = 20.0


def pole() -> Sequence[Part]:
    """P4: the worst of each round, by a serial swiper (ETX) and by a wedge that ends in Enter."""
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder)) as stage:
        stage.set_up()
        stage.stop("box")
        swiper, glass = _line(), _line()
        fifo = Path(folder) / "wedge"
        os.mkfifo(fifo)
        text = stage.config.read_text()
        text = _at(text, "pole", glass[1])
        text = _at(text, "swiper_serial", swiper[1])
        text = _at(text, "swiper", f"pipe:{fifo}", 'profile = "magtek-wedge"')
        stage.config.write_text(text)
        keeper = os.open(fifo, os.O_RDWR)  # else the box finds nobody at the other end
        typed = b"".join(wedge.burst(wedge.text_strokes(CARD + "\r"), 0))
        stage.start_box()
        frame = b"\x02" + CARD.encode() + b"\r\x03"
        serial = _rounds(stage, glass[0], lambda: os.write(swiper[0], frame))
        keyed = _rounds(stage, glass[0], lambda: os.write(keeper, typed))
        shown = [max(_shown(stage, lambda: os.write(swiper[0], frame))) for _ in range(ROUNDS)]
        os.close(keeper)
    return [
        Part("P4.pole_serial_ms", middle(serial), LIMIT_MS),
        Part("P4.pole_wedge_ms", middle(keyed), LIMIT_MS),
        Part("P4.sse", middle(shown), LIMIT_MS),
    ]


def _rounds(stage: Stage, glass: int, swipe: Callable[[], int]) -> list[float]:
    return [max(_swipes(stage, glass, swipe)) for _ in range(ROUNDS)]


def _swipes(stage: Stage, glass: int, swipe: Callable[[], int]) -> list[float]:
    took = []
    for _ in range(SWIPES):
        stage.bench.keys("CLEAR", "CLEAR")
        _until_quiet(glass)
        began_s = time.perf_counter()
        swipe()
        ready, _, _ = select.select([glass], [], [], SEEN_WITHIN_S)
        took.append((time.perf_counter() - began_s) * 1000)
        assert ready, "a swipe that the pole does not show"
        _until_quiet(glass)
    return took


def _shown(stage: Stage, swipe: Callable[[], int]) -> list[float]:
    """Swipe with the event stream open, as a browser has it."""
    port = int(stage.box("status")["kiosk_url"].rsplit(":", 1)[1].strip("/"))
    took = []
    with socket.create_connection(("127.0.0.1", port), SEEN_WITHIN_S) as page:
        page.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        for _ in range(SWIPES):
            stage.bench.keys("CLEAR", "CLEAR")
            _until_quiet(page.fileno())
            began_s = ended_s = time.perf_counter()
            swipe()
            said = b""
            while MASKED not in said:  # a beat may come first
                said = page.recv(4096)
                ended_s = time.perf_counter()
            took.append((ended_s - began_s) * 1000)
    return took


def _until_quiet(glass: int) -> None:
    while select.select([glass], [], [], QUIET_S)[0]:
        os.read(glass, 4096)


def _line() -> tuple[int, str]:
    """Return our end of a line and the box's."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    return ours, os.ttyname(theirs)  # theirs stays open: an end nobody holds reads as an error


def _at(config: str, name: str, port: str, *more: str) -> str:
    """Return the config with one device at another port."""
    pattern = rf'(name = "{name}"\n(?:.+\n)*?)port = ".*"\n'
    lines = "\n".join((f'port = "{port}"', *more))
    changed, times = re.subn(pattern, lambda found: f"{found[1]}{lines}\n", config)
    assert times == 1, f"the bench's config has no {name}"
    return changed
