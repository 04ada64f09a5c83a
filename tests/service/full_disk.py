"""A box on a small disk that is full when it starts: python -m ... DISK WORK.

It comes up and says E18, sells as soon as there is room, without being touched, and loses nothing.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from daemon.ledger.verify import verify
from tests.acts.till import cash, line
from tests.service.box_config import ask, command
from tests.stage import Bench

WITHIN_S = 20.0


def main(disk_text: str, work_text: str) -> None:
    disk, work = Path(disk_text), Path(work_text)
    with Staged(work) as staged:
        config = staged.config(disk / "state")
        box = staged.start(config)
        staged.until(lambda: sell(config, work, "first"), "the first sale")
        fill(disk / "ballast")
        names = [f"over-{n}" for n in range(200)]  # what the log has room for is still sold
        refused = next(name for name in names if not sell(config, work, name))
        time.sleep(3)  # beats, lapses, status: none of them may end the box
        assert box.poll() is None
        (disk / "ballast").unlink()
        assert sell(config, work, refused), "the same sale, now that there is room"
        for stop in (signal.SIGKILL, signal.SIGTERM):
            box.send_signal(stop)
            box.wait(WITHIN_S)
            fill(disk / "ballast")
            box = staged.start(config)
            staged.until(lambda: "E18" in staged.clerk(), "E18 on the clerk's display")
            code, said = ask(config, "status")
            assert (code, said["store"]) == (0, "failed"), said
            assert "Make room" in str(said["notes"]), said
            assert not sell(config, work, f"refused-{stop}")
            staged.bench.keys("1", "8", "ENTER")
            time.sleep(0.3)
            assert "E18" in staged.clerk()
            (disk / "ballast").unlink()
            staged.until(lambda: ask(config, "status")[1].get("store") == "ok", "it to recover")
            assert sell(config, work, f"sold-{stop}")
            staged.until(lambda: "E18" not in staged.clerk(), "E18 to go away")
        box.terminate()
        box.wait(WITHIN_S)
        proof = verify(disk / "state", full=True)
        assert proof.ok, proof
    sys.stdout.write("recovered\n")


class Staged:
    """Bench and box."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._processes: list[subprocess.Popen[bytes]] = []
        self._log = (work / "log").open("ab")

    def __enter__(self) -> "Staged":
        bench = ["-m", "tests.hardware_sim", "--dir", str(self._work / "bench")]
        self._spawn([sys.executable, *bench, "--config", str(self._work / "out.toml")])
        self.until((self._work / "bench" / "bench.sock").exists, "the bench")
        self.bench = Bench(self._work / "bench" / "bench.sock")
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
        self._log.close()

    def config(self, state: Path) -> Path:
        """The bench's config, but the state is on the small disk."""
        path = self._work / "out.toml"
        self.until(path.exists, "the bench's config")
        text = path.read_text(encoding="utf-8")
        own = json.dumps(str(self._work / "bench" / "state"))
        assert own in text
        path.write_text(text.replace(own, json.dumps(str(state))), encoding="utf-8")
        return path

    def start(self, config: Path) -> subprocess.Popen[bytes]:
        return self._spawn(command(config, "run"))

    def clerk(self) -> str:
        return " ".join(self.bench.lines("clerk"))

    def until(self, done: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + WITHIN_S
        while not done():
            said = (self._work / "log").read_text(errors="replace")[-3000:]
            assert time.monotonic() < deadline, f"waited for {what}:\n{said}"
            time.sleep(0.1)

    def _spawn(self, words: list[str]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(words, stdout=self._log, stderr=self._log)
        self._processes.append(process)
        return process


def sell(config: Path, work: Path, name: str) -> bool:
    """Sell something by the API; tell whether it was taken."""
    request = {"id": name, "lines": [line(1, "TOY", 1000)], "tenders": cash(1000)}
    (work / "sale.json").write_text(json.dumps(request), encoding="utf-8")
    if ask(config, "status")[0]:
        return False  # nobody runs yet: an act would open the store itself
    return ask(config, "act", "sale", str(work / "sale.json"))[0] == 0


def fill(path: Path) -> None:
    try:
        with path.open("wb", buffering=0) as file:
            while file.write(bytes(1024)):
                pass
    except OSError:
        return


if __name__ == "__main__":
    main(*sys.argv[1:])
