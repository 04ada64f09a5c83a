"""A memberbox.toml that is not taken: told on paper, on the displays and in the log; nothing sells.

The real box in a process of its own, a printer and a pole on TCP and a pty.
"""

import contextlib
import os
import pty
import signal
import socket
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.awaiting import paper, plugged_printers
from daemon.commands.provision import provision
from daemon.drivers.assembly import problems
from tests.appliance.cutting import CutDisk

SHARE = Path(__file__).parents[2] / "config"
EXAMPLE = (SHARE / "memberbox.example.toml").read_text("utf-8")
PATIENCE_S = 30.0
DEVICES = """
[[devices]]
name = "printer"
kind = "receipt_printer"
driver = "escpos"
port = "tcp:127.0.0.1:{port}"
columns = 32

[[devices]]
name = "pole"
kind = "line_display"
driver = "cd5220"
port = "{pole}"
baud = 9600
role = "clerk"
"""


class Ends:
    """The other ends of a printer and a pole: every byte that came, for ever read."""

    def __init__(self) -> None:
        self.paper = self.pole = b""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._master, slave = pty.openpty()
        tty.setraw(slave)
        self.node = os.ttyname(slave)
        for work in (self._printer, self._display):
            threading.Thread(target=work, daemon=True).start()

    def _printer(self) -> None:
        while True:
            connection, _ = self._server.accept()
            with contextlib.suppress(OSError):  # the box has ended in the middle of it
                while data := connection.recv(4096):
                    self.paper += data
                    if b"\x10\x04" in data:  # DLE EOT n: ready, nothing is wrong
                        connection.send(b"\x12" * data.count(b"\x10\x04"))

    def _display(self) -> None:
        while True:
            self.pole += os.read(self._master, 4096)


@pytest.fixture
def ends() -> Ends:
    return Ends()


class Service:
    """`memberbox run` as systemd starts it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.notify.bind(str(root / "notify"))
        self.log = root / "log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environ = {
            **os.environ,
            "NOTIFY_SOCKET": str(self.root / "notify"),
            "WATCHDOG_USEC": "30000000",
            "MEMBERBOX_CONFIG": str(self.root / "etc/memberbox/memberbox.toml"),
            "MEMBERBOX_PROVISION": str(self.root / "run/memberbox-provision"),
            "STATE_DIRECTORY": str(self.root / "state"),
            "RUNTIME_DIRECTORY": str(self.root / "run/memberbox"),
        }
        command = [sys.executable, "-m", "daemon.cli", "run"]
        self.process = subprocess.Popen(command, env=environ, stderr=self.log.open("ab"))

    def heard(self) -> str:
        said = b""
        while True:
            try:
                said += self.notify.recv(4096) + b"\n"
            except BlockingIOError:
                return said.decode()

    def end(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@pytest.fixture
def service(tmp_path) -> Iterator[Service]:
    for folder in ("etc/memberbox", "boot/firmware", "state"):
        (tmp_path / folder).mkdir(parents=True)
    made = Service(tmp_path)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.wait()
    made.notify.close()


def until(seen: Callable[[], bool], what: str, service: Service) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not seen():
        assert time.monotonic() < deadline, f"{what}:\n{service.log.read_text()[-2000:]}"
        time.sleep(0.05)


def config(ends: Ends, **changes: str) -> str:
    text = EXAMPLE[: EXAMPLE.index("# Devices.")]
    text = text.replace("# clock_start", "clock_start")  # else the clerk is told of the clock first
    text = text[: text.index("# Headquarters.")] + text[text.index("[counter]") :]
    for old, new in changes.items():
        text = text.replace(f"{old} = ", f"{new} = ", 1)
    return text + DEVICES.format(port=ends.port, pole=ends.node)


def test_the_first_file_has_mistakes_and_the_next_one_is_taken(service: Service, ends: Ends):
    boot = service.root / "boot/firmware/memberbox.toml"
    boot.write_text(config(ends, closing_hour="closing_our", float_fen="floot_fen"), "utf-8")
    provision(service.root, CutDisk())
    service.start()
    until(lambda: b"MISTAKES" in ends.pole, "the pole tells", service)
    until(lambda: b"floot_fen" in ends.paper, "the paper tells", service)
    until(lambda: "WATCHDOG=1" in service.heard(), "systemd lets it live", service)
    for piece in (b"closing_our", b"Nearest: closing_hour", b"counter.floot_fen"):
        assert piece in ends.paper.replace(b"\n", b"")
    assert "shop.closing_our" in service.log.read_text()
    assert not (service.root / "state/journal.db").exists()
    boot.write_text(config(ends), "utf-8")
    provision(service.root, CutDisk())
    assert service.process is not None
    assert service.process.wait(20) == 0, "systemd starts it with the good one"
    service.start()
    until((service.root / "state/journal.db").exists, "and its books begin", service)
    until(lambda: "READY=1" in service.heard(), "it serves", service)
    assert service.end() == 0


def test_without_any_file_it_says_so_and_waits(service: Service, ends: Ends):
    provision(service.root, CutDisk())
    service.start()
    until(lambda: "STATUS=there is no memberbox.toml yet" in service.heard(), "it says", service)
    assert service.end() == 0


def test_a_file_that_names_no_printer_is_told_on_whatever_printer_is_plugged_in(tmp_path: Path):
    for name in ("lp0", "lp1"):
        (tmp_path / "sys/class/usbmisc" / name).mkdir(parents=True)
        (tmp_path / "dev/usb").mkdir(parents=True, exist_ok=True)
        (tmp_path / "dev/usb" / name).touch()
    link = tmp_path / "dev/memberbox/printer-platform-usb-0:1.4"  # by 60-memberbox.rules
    link.parent.mkdir()
    link.symlink_to("../usb/lp1")
    found = plugged_printers(tmp_path / "sys", tmp_path / "dev")
    assert [one.port for one in found] == [f"usblp:{link}"]
    assert problems(found, SHARE) == []
    with_mistakes = paper(["shop.name: is missing. Use one line of text."], 32)
    assert "shop.name" in str(with_mistakes) and "boot" in str(with_mistakes)


def test_a_box_that_sells_goes_on_with_its_config_and_tells_of_the_bad_one(
    service: Service, ends: Ends
):
    boot = service.root / "boot/firmware/memberbox.toml"
    boot.write_text(config(ends), "utf-8")
    provision(service.root, CutDisk())
    boot.write_text(config(ends, closing_hour="closing_our"), "utf-8")
    provision(service.root, CutDisk())
    status = service.root / "run/memberbox/status.json"
    for times in (1, 2):
        service.start()
        until(lambda: b"CONFIG: SEE PAPER" in ends.pole, "the clerk is told", service)
        until(lambda: b"closing_our" in ends.paper.replace(b"\n", b""), "on paper", service)
        until(lambda: "closing_our" in status.read_text(), "and by status", service)
        assert service.end() == 0
        assert ends.paper.replace(b"\n", b"").count(b"closing_our") == 1, f"start {times}"
        ends.pole = b""
        status.unlink()
