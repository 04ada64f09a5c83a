"""`memberbox-hq` as its users have it: the command in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[2]
READY_S = 20.0
END_S = 10.0
COMMAND = [sys.executable, "-m", "hq.cli"]


def run_hq(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command and return what it said."""
    return subprocess.run(
        [*COMMAND, "--dir", str(folder), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def ask_hq(folder: Path, *arguments: str) -> dict[str, object]:
    """Run one command with --json; it must be one object, and the answer yes."""
    done = run_hq(folder, "--json", *arguments)
    assert done.returncode == 0, (arguments, done.returncode, done.stdout, done.stderr)
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


class Serving:
    """A running `memberbox-hq serve`."""

    def __init__(self, folder: Path, broker: str, *more: str, log: Path | None = None) -> None:
        """`more`: options of serve; `log`: where its stderr goes."""
        self._more = more
        self._log = log
        self._folder = folder
        self._broker = broker
        self._process: subprocess.Popen[str] | None = None
        self.address = ""

    def start(self) -> "Serving":
        """Start it and wait until boxes can reach it."""
        self._process = process = self.begin()
        assert process.stdout is not None
        watchdog = threading.Timer(READY_S, process.kill)
        watchdog.start()
        line = process.stdout.readline()
        watchdog.cancel()
        assert line.startswith("ready http://"), f"not ready in {READY_S} s: {line!r}"
        self.address = line.split()[1]
        return self

    def begin(self) -> "subprocess.Popen[str]":
        """Start it; its broker may come later."""
        words = ("serve", "--mqtt", self._broker, *self._more)
        with Path(os.devnull if self._log is None else self._log).open("a") as errors:
            self._process = subprocess.Popen(
                [*COMMAND, "--dir", str(self._folder), *words],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
        return self._process

    @property
    def pid(self) -> int | None:
        """Its process, while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process is not None else None

    def kill(self) -> None:
        """kill -9, and wait for the corpse; nothing to do when it does not run."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait(END_S)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def end(self) -> int:
        """Ask it to end as systemd does; return its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(END_S)

    def __enter__(self) -> "Serving":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
