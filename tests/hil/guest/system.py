"""Files, processes and the clock of the guest."""

import signal
import subprocess
import time
from pathlib import Path

WAIT_S = 0.02


class System:
    """Programs run here are the guest's own; those that go on are known by a name."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def run(
        self, command: list[str], env: dict[str, str] | None = None, limit_s: float = 120
    ) -> dict[str, object]:
        """Run to the end; what it said goes back whole."""
        done = subprocess.run(command, capture_output=True, env=env, timeout=limit_s)
        said = [stream.decode(errors="replace") for stream in (done.stdout, done.stderr)]
        return {"code": done.returncode, "out": said[0], "err": said[1]}

    def start(self, name: str, command: list[str], env: dict[str, str] | None = None) -> int:
        """Start what goes on; its words go to /tmp/NAME.log. Return its number."""
        with Path(f"/tmp/{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env
            )
        return self._running[name].pid

    def stop(self, name: str, number: int = signal.SIGTERM, limit_s: float = 60) -> int:
        """Send a signal and wait for the end; return the exit code."""
        process = self._running.pop(name)
        process.send_signal(number)
        return process.wait(limit_s)

    def signal(self, name: str, number: int) -> None:
        self._running[name].send_signal(number)

    def alive(self, name: str) -> bool:
        return self._running[name].poll() is None

    def read(self, path: str) -> str:
        return Path(path).read_text(errors="replace")

    def write(self, path: str, text: str) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")

    def exists(self, path: str) -> bool:
        return Path(path).exists()

    def wait_for_path(self, path: str, gone: bool = False, limit_s: float = 90) -> float:
        """Wait until something is there, or is there no more; return the seconds it took."""
        began = time.monotonic()
        while Path(path).exists() is gone:
            if time.monotonic() > began + limit_s:
                raise TimeoutError(f"{path} is {'still' if gone else 'not'} there")
            time.sleep(WAIT_S)
        return time.monotonic() - began

    def set_clock(self, seconds: float) -> None:
        time.clock_settime(time.CLOCK_REALTIME, seconds)
