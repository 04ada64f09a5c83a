"""What the kiosk's unit starts, word for word: cage and Chromium on a screen that nobody sees.

Only the seat and the glass are missing: cage draws into memory. Chromium keeps its own sandbox
where the machine lets a user make namespaces.
"""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.commands.kiosk import command
from tests.kiosk.browser import installed
from tests.kiosk.test_command import UNIT, alone, children, heard
from tests.stage import Stage, tool

PROGRAM = "/opt/memberbox/bin/memberbox"
NOBODY = 65534
WITHOUT_A_SEAT = {  # wlroots' own words
    "WLR_BACKENDS": "headless",
    "WLR_RENDERER": "pixman",
    "WLR_LIBINPUT_NO_DEVICES": "1",
    "LIBSEAT_BACKEND": "noop",
}
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
KIB_OF = {"K": 1, "M": 1024, "G": 1024 * 1024}


def of_unit(key: str) -> list[str]:
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(f"{key}=") for line in lines if line.startswith(f"{key}=")]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the browser's user may enter, with its /run/memberbox-kiosk in it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        here = Path(made)
        here.chmod(0o711)
        (here / "ram").mkdir(mode=0o700)
        (here / "bin").mkdir()
        other: tuple[str, ...] = ()
        if os.geteuid() == 0:  # cage does not start as root, and neither does Chromium
            other = AS_NOBODY
            os.chown(here / "ram", NOBODY, NOBODY)
            script(here / "bin/cage", " ".join([*other, str(shutil.which("cage"))]))
        if subprocess.run([*other, "unshare", "--user", "true"], capture_output=True).returncode:
            script(here / "bin/chromium", f"{installed()} --no-sandbox")
        yield here


def script(path: Path, words: str) -> None:
    path.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    path.chmod(0o755)


@pytest.mark.skipif(installed() is None, reason="apt-get install chromium")
@pytest.mark.skipif(shutil.which("cage") is None, reason="apt-get install cage")
def test_the_units_own_words_show_the_customers_page(folder: Path) -> None:
    """A page is heard, by exactly the browser that the unit names, within the unit's memory."""
    ram = str(folder / "ram")
    given = dict(line.split("=", 1) for line in of_unit("Environment"))
    given = {name: value.replace("%t/memberbox-kiosk", ram) for name, value in given.items()}
    environment = {**os.environ, **given, "RUNTIME_DIRECTORY": ram, **WITHOUT_A_SEAT}
    environment["PATH"] = f"{folder}/bin:{os.environ['PATH']}"
    (said,) = of_unit("ExecStart")
    words = [given["MEMBERBOX_BROWSER"] if "$" in word else word for word in shlex.split(said)]
    assert words[0] == PROGRAM
    with Stage(folder / "stage") as stage:
        stage.config.write_text(alone(stage.root))
        stage.start_box()
        words = [tool("memberbox"), *words[1:], "--run-dir", str(stage.root / "run")]
        kiosk = subprocess.Popen(words, env=environment)
        try:
            stage.until(lambda: heard(stage), "the page to be heard")
            (cage,) = children(kiosk.pid)
            url = str(stage.box("status")["kiosk_url"])
            running = Path(f"/proc/{cage}/cmdline").read_text().rstrip("\0").split("\0")
            assert running[1:] == command(url, given["MEMBERBOX_BROWSER"], environment)[1:]
            (most,) = of_unit("MemoryHigh")
            assert 0 < held_kib(cage) < int(most[:-1]) * KIB_OF[most[-1]]
        finally:
            kiosk.send_signal(signal.SIGTERM)
            assert kiosk.wait(20) == 0


def held_kib(session: int) -> int:
    """Return what the processes of a session hold that no file on the card could give back."""
    held = 0
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(place.name)) != session:
                continue
            lines = (place / "smaps_rollup").read_text().splitlines()
        except OSError:  # it has ended
            continue
        names = ("Pss_Anon:", "Pss_Shmem:")
        held += sum(int(line.split()[1]) for line in lines if line.startswith(names))
    return held
