"""A whole chain of real processes on loopback: broker, headquarters, bench and box.

The demo plays on it, and so do the tests of the whole. Every process is started here and stopped
by its own handle; nothing is found by name.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from tests.brokers import Broker

ROOT = Path(__file__).resolve().parent.parent
PACK = ROOT / "config/packs/zhenzi.json"
READY_WITHIN_S = 60.0  # a cold start on a busy machine and disk; ready is normally under a second
STOP_WITHIN_S = 5.0


class StageError(Exception):
    """A process of the stage did not do what the play needs; says which and shows its words."""


class Bench:
    """One JSON object per line each way, on the bench's socket."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(READY_WITHIN_S)
        self._socket.connect(str(path))
        self._lines: IO[bytes] = self._socket.makefile("rb")

    def ask(self, do: str, **more: object):
        """Return the bench's answer to one request; raise StageError when it says not ok."""
        answer = self.try_ask(do, **more)
        if not answer.get("ok"):
            raise StageError(f"bench: {do} {more}: {answer}")
        return answer

    def try_ask(self, do: str, **more: object):
        """Return the bench's answer, ok or not."""
        self._socket.sendall(json.dumps({"do": do, **more}).encode() + b"\n")
        return json.loads(self._lines.readline())

    def keys(self, *keys: str) -> None:
        """Press keys of the keypad; digits may be given as one string (`"230", "ENTER"`)."""
        pressed: list[str] = []
        for key in keys:
            pressed += [key] if key in ("ENTER", "CLEAR") else list(key)
        self.ask("keys", keys=pressed)

    def receipts(self, device: str = "printer"):
        return self.ask("paper", device=device)["receipts"]

    def lines(self, device: str = "pole"):
        return self.ask(device)["lines"]

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


class Stage:
    """The processes and files of one play, all below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / "memberbox.toml"
        self.hq_dir = root / "hq"
        self.bench_dir = root / "bench"
        self.broker: Broker | None = None
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._bench: Bench | None = None
        self._said: dict[str, int] = {}  # how far the words of a process have been read
        self.hq_page = ""
        root.mkdir(parents=True, exist_ok=True)

    # -- the whole ----------------------------------------------------------------------------

    def set_up(self, pack: Path = PACK) -> None:
        """Start everything from nothing, in the order in which a chain is born."""
        self.start_broker()
        key, token = self.init_hq()
        self.start_bench(key, token)
        self.fill_hq(pack)
        self.start_hq()
        self.start_box()
        self.wait_for_goods()

    def close(self) -> None:
        for name in ("box", "bench", "hq"):
            self.stop(name)
        if self._bench is not None:
            self._bench.close()
            self._bench = None
        if self.broker is not None:
            self.broker.stop()

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the parts ----------------------------------------------------------------------------

    def start_broker(self) -> None:
        self.broker = Broker("nats")
        self.broker.start()

    def init_hq(self) -> tuple[str, str]:
        """Make headquarters; return its public key and the box's one-time token."""
        key = self.hq("init")["key"]
        token = self.hq("token", "0018")["token"]
        return str(key), str(token)

    def fill_hq(self, pack: Path = PACK) -> None:
        """Publish the rule pack and import what the bench wrote of the demo shop."""
        self.hq("pack", "publish", str(pack))
        for table in ("products", "staff", "cards"):
            self.hq("import", table, str(self.bench_dir / f"{table}.csv"))

    def start_bench(self, key: str, token: str) -> None:
        arguments = ["-m", "tests.hardware_sim", "--dir", str(self.bench_dir)]
        arguments += ["--config", str(self.config), "--mqtt", self.mqtt]
        arguments += ["--hq-key", key, "--hq-token", token]
        self._spawn("bench", [sys.executable, *arguments])
        self._wait_for_line("bench", "ready")

    def start_hq(self) -> str:
        """Start headquarters; return the address of its page."""
        command = [tool("memberbox-hq"), "--dir", str(self.hq_dir)]
        self._spawn("hq", [*command, "serve", "--mqtt", self.mqtt, "--http", "0"])
        line = self._wait_for_line("hq", "http://")
        self.hq_page = "http://" + line.split("http://", 1)[1].split()[0]
        return self.hq_page

    def start_box(self) -> None:
        self._spawn("box", [tool("memberbox"), "--config", str(self.config), "run"])
        self._wait_for_line("box", "ready")

    def kill(self, name: str) -> None:
        """kill -9, and wait for the corpse."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def stop(self, name: str) -> int | None:
        """Ask a process to end (SIGTERM); kill it when it does not. Return its exit code."""
        process = self.processes.pop(name, None)
        if process is None:
            return None
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    # -- talking ------------------------------------------------------------------------------

    @property
    def mqtt(self) -> str:
        assert self.broker is not None
        return self.broker.address

    @property
    def bench(self) -> Bench:
        if self._bench is None:
            self._bench = Bench(self.bench_dir / "bench.sock")
        return self._bench

    def hq(self, *arguments: str):
        return self._command([tool("memberbox-hq"), "--dir", str(self.hq_dir), *arguments])

    def box(self, *arguments: str):
        return self.box_with(self.config, *arguments)

    def box_with(self, config: Path, *arguments: str):
        """Ask a command under another config."""
        return self._command([tool("memberbox"), "--config", str(config), *arguments])

    def words(self, name: str) -> str:
        """Everything that a process has said so far."""
        return (self.root / f"{name}.log").read_text(errors="replace")

    def wait_for_goods(self) -> None:
        """Wait until the box has its pack and HQ has booked everything the box wrote."""
        self.until(
            lambda: bool(self.box("status").get("pack")) and self.in_step(),
            f"the box to get pack and goods from headquarters:\n{self.words('box')[-2000:]}",
        )

    def in_step(self) -> bool:
        """Tell whether HQ's mark is the box's own last entry."""
        mine = self.box("status")
        theirs = self.hq("status")["boxes"].get("0018", {})
        return (mine["seq"], mine["hash"]) == (theirs.get("mark"), theirs.get("hash"))

    def until(self, done: Callable[[], bool], what: str, within_s: float = READY_WITHIN_S) -> None:
        """Wait for a condition; raise StageError naming what did not come about."""
        deadline = time.monotonic() + within_s
        while not done():
            if time.monotonic() > deadline:
                raise StageError(f"waited {within_s:.0f} s for {what}")
            time.sleep(0.05)

    # -- plumbing -----------------------------------------------------------------------------

    def _spawn(self, name: str, command: Sequence[str]) -> None:
        assert name not in self.processes, f"{name} runs already"
        environment = {**os.environ, "MEMBERBOX_SHARE": str(ROOT / "config")}
        environment["PYTHONUNBUFFERED"] = "1"
        environment["PYTHONFAULTHANDLER"] = "1"  # who hangs says where, see below
        with (self.root / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=ROOT, env=environment
            )

    def _wait_for_line(self, name: str, text: str) -> str:
        """Return the newest line of a process that holds text, once it has ended."""
        start = time.monotonic()
        skip = self._said.get(name, 0)
        while time.monotonic() - start < READY_WITHIN_S:
            said = self.words(name)
            for line in said[skip:].splitlines(keepends=True):
                if text in line and line.endswith("\n"):
                    self._said[name] = len(said)
                    return line
            code = self.processes[name].poll()
            if code is not None:
                raise StageError(f"{name} ended with {code}:\n{said[skip:]}")
            time.sleep(0.02)
        self.processes[name].send_signal(signal.SIGABRT)
        self.processes[name].wait()
        raise StageError(f"{name} never said {text!r}:\n{self.words(name)[skip:]}")

    def _command(self, command: Sequence[str]):
        done = subprocess.run([*command, "--json"], capture_output=True, text=True, cwd=ROOT)
        if not done.stdout.strip():
            raise StageError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
        answer = json.loads(done.stdout)
        answer.setdefault("exit_code", done.returncode)
        return answer


def tool(name: str) -> str:
    """Return the path of one of our commands in the environment that runs us."""
    return str(Path(sys.executable).parent / name)
