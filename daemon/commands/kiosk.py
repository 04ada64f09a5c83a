"""`memberbox kiosk`: the browser on the HDMI screen: started, watched, and given up when it hangs.

It runs in a unit of its own (memberbox-kiosk.service), beside the box and as another user. It reads
the box's status.json for the page's address and for when the page was last heard. A browser whose
page is silent while the box lives is given up: systemd starts it anew. A box that is down is no
reason: the page goes on with its pictures and finds the box again.
"""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

import msgspec

from daemon import status
from daemon.commands.answer import Answer, Exit, unreachable
from daemon.notify import Notifier

LOOK_S = 1.0
BOX_STALE_S = 20.0  # the box writes its status every five seconds; older is a box that is down
START_WITHIN_S = 120.0  # a browser's first start on a slow card
SILENT_S = 45.0  # a page says that it lives every ten seconds
STOP_WITHIN_S = 5.0

CHROMIUM = ("chromium", "chromium-browser")  # Debian's name, and an older one of Raspberry Pi OS
CHROMIUM_FLAGS = (
    "--kiosk",
    "--ozone-platform=wayland",
    "--no-first-run",
    "--noerrdialogs",
    "--autoplay-policy=no-user-gesture-required",
    "--check-for-update-interval=31536000",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-features=Translate,MediaRouter",
    "--disable-infobars",
    "--disable-pinch",
    "--disable-session-crashed-bubble",
    "--disable-sync",
    "--password-store=basic",
)
# cage is the whole desktop: one window, full screen, no pointer to lose it with.
BROWSERS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "chromium": ("cage", "-s", "--", "{chromium}", *CHROMIUM_FLAGS, "{profile}", "{url}"),
        "cog": ("cage", "-s", "--", "cog", "--platform=wl", "{url}"),
    }
)


class KioskPart(msgspec.Struct, frozen=True):
    seen_age_s: float | None


class StatusPart(msgspec.Struct, frozen=True):
    """What is read of the box's status.json."""

    kiosk_url: str | None = None
    kiosk: KioskPart | None = None


class Look(msgspec.Struct, frozen=True):
    """The box as its file tells. `up`: the file is fresh; `silent_s`: since a page was heard."""

    url: str | None
    up: bool
    silent_s: float | None


class Watch:
    """Reads status.json; how old it is is told by when it last changed, not by any wall clock."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stamp: tuple[int, int] | None = None
        self._changed_s = float("-inf")
        self._said = StatusPart()

    def look(self, now_s: float) -> Look:
        with suppress(OSError, msgspec.DecodeError):
            found = self._file.stat()
            stamp = (found.st_ino, found.st_mtime_ns)
            if stamp != self._stamp:
                self._said = msgspec.json.decode(self._file.read_bytes(), type=StatusPart)
                self._stamp, self._changed_s = stamp, now_s
        age_s = now_s - self._changed_s
        said = self._said.kiosk
        heard = None if said is None or said.seen_age_s is None else said.seen_age_s + age_s
        return Look(self._said.kiosk_url, age_s < BOX_STALE_S, heard)


def hangs(look: Look, running_s: float) -> bool:
    """Return whether the browser is to be given up: the box lives, and its page says nothing."""
    if not look.up or running_s < START_WITHIN_S:
        return False
    return look.silent_s is None or look.silent_s > SILENT_S


def kiosk(run_dir: Path, browser: str) -> Answer:
    """Run the browser until SIGTERM, or until it ends or hangs."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    notifier, watch = Notifier(), Watch(run_dir / status.FILE)
    notifier.ready()
    shown: Screen | None = None
    try:
        while not stop.wait(LOOK_S if shown is not None else LOOK_S / 4):
            notifier.alive()
            now_s = time.monotonic()
            look = watch.look(now_s)
            if shown is not None and look.up and look.url not in (None, shown.url):
                shown.close()  # the box has another port now
                shown = None
            if shown is None:
                if look.url is not None:
                    shown = Screen(look.url, browser, now_s)
                    notifier.status(f"{browser} shows {look.url}")
            elif shown.process.poll() is not None:
                return unreachable(f"{browser} has ended with {shown.process.returncode}")
            elif hangs(look, now_s - shown.since_s):
                said = f"the page in {browser} says nothing any more; it is started anew"
                return Answer(Exit.NO, {"ok": False, "error": said}, [said])
    except FileNotFoundError as error:
        return unreachable(f"{error}. apt-get install cage xwayland seatd {browser}")
    finally:
        notifier.stopping()
        if shown is not None:
            shown.close()
    return Answer(Exit.YES, {"ok": True}, ())


class Screen:
    """A running browser with its compositor: one group of processes."""

    def __init__(self, url: str, browser: str, now_s: float) -> None:
        self.url = url
        self.since_s = now_s
        self.process = subprocess.Popen(  # noqa: S603 - the table above
            command(url, browser, os.environ), stdin=subprocess.DEVNULL, start_new_session=True
        )

    def close(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_WITHIN_S)


def command(url: str, browser: str, environ: Mapping[str, str]) -> list[str]:
    """Return what to run. Raises FileNotFoundError when a program is not there."""
    path = environ.get("PATH")
    chromium = next((name for name in CHROMIUM if shutil.which(name, path=path)), CHROMIUM[0])
    memory = environ.get("RUNTIME_DIRECTORY", "/run/memberbox-kiosk")  # never the card
    places = {
        "{chromium}": chromium,
        "{profile}": f"--user-data-dir={memory}/profile",
        "{url}": url,
    }
    words = [places.get(word, word) for word in BROWSERS[browser]]
    for program in (words[0], words[words.index("--") + 1]):
        if shutil.which(program, path=path) is None:
            raise FileNotFoundError(f"{program} is not installed")
    return words
