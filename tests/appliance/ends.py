"""A box in a process of its own, and a broker with two doors: what a technician sets up."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from tests.brokers import HOST, free_port, mosquitto_binary
from tests.hq.serving import ROOT, ask_hq, run_hq
from tests.service.box_config import write_config

PATIENCE_S = 40.0
BOX, PASSWORD = "0001", "first-contact-only"
_CONF = """per_listener_settings true
listener {main} {host}
cafile {tls}/ca.pem
certfile {tls}/own.pem
keyfile {tls}/own.key
crlfile {tls}/crl.pem
require_certificate true
use_identity_as_username true
allow_anonymous false
acl_file {tls}/acl

listener {enrol} {host}
certfile {tls}/own.pem
keyfile {tls}/own.key
allow_anonymous false
password_file {tls}/passwords
acl_file {tls}/acl

persistence false
log_dest stderr
"""
_ACL = "user hq\ntopic readwrite mb1/#\npattern write mb1/%u/up/+\npattern read mb1/%u/down/+\n"


class TwoDoors:
    """A mosquitto as docs/OPERATIONS.md sets it up."""

    def __init__(self, folder: Path, hq: Path) -> None:
        binary, passwd = mosquitto_binary(), shutil.which("mosquitto_passwd")
        if binary is None or passwd is None:
            pytest.skip("no mosquitto here (Debian: mosquitto)")
        self.main, self.enrol = free_port(), free_port()
        self._tls, self._hq = folder / "tls", hq
        ask_hq(hq, "certificate", "broker", "--host", HOST, "--out", str(self._tls))
        subprocess.run([passwd, "-b", "-c", self._tls / "passwords", BOX, PASSWORD], check=True)
        (self._tls / "acl").write_text(_ACL)
        conf = _CONF.format(main=self.main, enrol=self.enrol, host=HOST, tls=self._tls)
        if os.geteuid() == 0:
            conf += "user root\n"
        (folder / "mosquitto.conf").write_text(conf)
        self._command = [binary, "-c", str(folder / "mosquitto.conf")]
        self._log = folder / "mosquitto.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, **environ: str) -> None:
        """Start it, or start it anew with what is revoked by now."""
        self.stop()
        revoked = ask_hq_any(self._hq, "certificate", "nobody", "--revoke")
        (self._tls / "crl.pem").write_bytes(Path(str(revoked["crl"])).read_bytes())
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stderr=log, env={**os.environ, **environ}
            )

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(10)


def ask_hq_any(folder: Path, *words: str) -> dict[str, object]:
    said: dict[str, object] = json.loads(run_hq(folder, "--json", *words).stdout)
    return said


class OneBox:
    """`memberbox run` with a config; its status and its files."""

    def __init__(self, folder: Path, hq_lines: str, **environ: str) -> None:
        """`environ`: what is set for it beside ours."""
        self._environ = environ
        self.config = write_config(folder, box=BOX)
        self.state, self.run_dir = folder / "state", folder / "run"
        text = self.config.read_text("utf-8") + hq_lines
        self.config.write_text(text, encoding="utf-8")
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environ = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
        command = [sys.executable, "-m", "daemon.cli", "--config", str(self.config), "run"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stderr=log, cwd=ROOT, env={**environ, **self._environ}
            )

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGTERM)
            process.wait(20)

    def status(self) -> dict[str, object]:
        try:
            said: dict[str, object] = json.loads((self.run_dir / "status.json").read_text())
        except (OSError, ValueError):
            return {}
        return said

    def certificate(self) -> x509.Certificate | None:
        path = self.state / "tls" / "own.pem"
        return x509.load_pem_x509_certificate(path.read_bytes()) if path.exists() else None

    def until(self, seen: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not seen():
            assert time.monotonic() < deadline, f"{what}: {self.status()}\n{self._tail()}"
            time.sleep(0.05)

    def at(self, port: int) -> bool:
        """Whether a connection of the box to this port stands, by the kernel's own table."""
        assert self._process is not None
        links = Path(f"/proc/{self._process.pid}/fd").glob("*")
        ours = {os.readlink(link) for link in links if os.path.islink(link)}
        rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
        there = f":{port:04X}"
        return any(
            row.split()[2].endswith(there)
            and row.split()[3] == "01"
            and f"socket:[{row.split()[9]}]" in ours
            for row in rows
        )

    def _tail(self) -> str:
        return self._log.read_text()[-3000:]


def hq_lines(hq: Path, *more: str) -> str:
    """Return what a technician's file says under [hq]: the command's own words."""
    lines = run_hq(hq, "token", BOX, "--toml").stdout
    return "\n" + lines.replace("[hq]\n", "[hq]\n" + "".join(f"{one}\n" for one in more))
