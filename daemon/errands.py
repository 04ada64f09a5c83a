"""Errands of the service menu: work beside the counter, whose result comes out on paper.

The check-up is a process of its own, the same command that a technician would type: what it loads
and how long it takes is no matter of the counter's.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from daemon.config import Config
from daemon.counter.codes import Ask
from daemon.counter.effects import DocumentKind, Errand, Listing
from daemon.counter.screens import Row
from daemon.desk import Desk
from daemon.entropy import Entropy, jitter
from daemon.ledger.store import Store
from daemon.spools import Spools

ERRAND_S_MAX = 120.0  # a check-up of a large journal takes 10 s; more is a medium that hangs
LINES_MAX = 60  # of one paper: half a metre
WRITTEN = "已写入配置,重启后生效 / written; holds from the next start"

log = logging.getLogger("memberbox.errands")


class Finding(msgspec.Struct, frozen=True):
    what: str
    level: str
    found: str
    fix: str = ""


class Checkup(msgspec.Struct, frozen=True):
    findings: tuple[Finding, ...] = ()


class Aside(msgspec.Struct, frozen=True):
    """What only errands need. `path`: of the config; `share`: where the profiles lie; `sys` and
    `dev`: where the kernel tells what is plugged in."""

    path: Path
    share: Path
    entropy: Entropy
    store: Store
    stick: Callable[[], Path | None]
    sys: Path = Path("/sys")
    dev: Path = Path("/dev")


class Errands:
    """Owned by the loop. One errand of a kind at a time: a key pressed twice is one wish."""

    def __init__(self, config: Config, aside: Aside, desk: Desk, spools: Spools) -> None:
        self._config = config
        self._aside = aside
        self._desk = desk
        self._spools = spools
        self._running: dict[Errand, asyncio.Task[None]] = {}

    def run(self, errand: Errand) -> None:
        if errand not in self._running:
            works = {Errand.CLAIM: self._claim, Errand.POINTS_FILE: self._points_file}
            work = works.get(errand, self._checkup)
            task = asyncio.get_running_loop().create_task(work())
            self._running[errand] = task
            task.add_done_callback(lambda _: self._running.pop(errand, None))

    @property
    def busy(self) -> bool:
        return bool(self._running)

    async def stop(self) -> None:
        running = tuple(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _checkup(self) -> None:
        said = await self._ask("doctor")
        try:
            findings = msgspec.json.decode(said, type=Checkup).findings
        except msgspec.DecodeError:
            findings = (Finding("doctor", "error", "the check-up did not come to an end"),)
        lines = [
            line
            for one in findings
            for line in (
                f"{one.level.upper()} {one.what}: {one.found}",
                one.fix and f"-> {one.fix}",
            )
            if line
        ]
        self._print("checkup", lines)

    async def _claim(self) -> None:
        from daemon import claiming

        sys, dev = self._aside.sys, self._aside.dev
        found = await asyncio.to_thread(
            claiming.unclaimed, self._config, self._aside.share, sys, dev
        )
        if not found:
            self._print("claim", ["没有新设备 / no new device is plugged in"])
            return
        self._print("claim", [*(one.what for one in found), *claiming.ASKED])
        claimed = await claiming.claim(
            found,
            ours=self._desk.in_card_range,
            share=self._aside.share,
            jitter=lambda: jitter(self._aside.entropy),
        )
        lines = claiming.lines_of(claimed, self._config)
        state = self._config.state_dir
        trouble = await asyncio.to_thread(claiming.write, self._aside.path, state, lines)
        done = f"未写入,请手工加入 / not written: {trouble}" if trouble else WRITTEN
        untouched = [f"? {one.found.what}" for one in claimed if one.kind is None]
        self._print("claim", [*(line for line in lines if line), *untouched, done])

    async def _points_file(self) -> None:
        """Write every card's points onto the stick, if there is one; else paper is all there is."""
        folder = self._aside.stick()
        if folder is None:
            return
        from daemon.pointscheck import checked, table

        rows = checked(self._aside.store, self._desk)
        name = f"points-{self._config.box.id}-{self._desk.now().date().isoformat()}.csv"
        try:
            await asyncio.to_thread(_write, folder / name, table(rows))
            done = f"{name}: {len(rows)}"
        except OSError as error:
            done = f"{name}: {error}"
        self._print("points_file", [done])

    async def _ask(self, command: str) -> bytes:
        """Return what a command of ours says; nothing when it does not end."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "daemon.cli", "--config", str(self._aside.path)),
            *(command, "--json"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(ERRAND_S_MAX):
                said, _ = await process.communicate()
                return said
        except TimeoutError:
            log.warning("%s did not end within %.0f s", command, ERRAND_S_MAX)
            return b""
        finally:
            if process.returncode is None:
                process.kill()

    def _print(self, topic: str, lines: Sequence[str]) -> None:
        rows = tuple(Row("", line) for line in lines[:LINES_MAX])
        self._spools.add(DocumentKind.SERVICE, topic, listing=Listing(Ask.TOLD, rows))


def _write(path: Path, text: str) -> None:
    """Replace a file as a whole; it is on the medium when this returns. Raises OSError."""
    new = path.with_suffix(".tmp")
    with new.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
