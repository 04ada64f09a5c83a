"""Errands of the service menu: work beside the counter, whose result comes out on paper.

Each runs as a process of its own, the same command that a technician would type: what it loads and
how long it takes is no matter of the counter's.
"""

import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from daemon.counter.codes import Ask
from daemon.counter.effects import DocumentKind, Errand, Listing
from daemon.counter.screens import Row
from daemon.spools import Spools

ERRAND_S_MAX = 120.0  # a check-up of a large journal takes 10 s; more is a medium that hangs
LINES_MAX = 60  # of one paper: half a metre

log = logging.getLogger("memberbox.errands")


class Finding(msgspec.Struct, frozen=True):
    what: str
    level: str
    found: str
    fix: str = ""


class Checkup(msgspec.Struct, frozen=True):
    findings: tuple[Finding, ...] = ()


class Errands:
    """Owned by the loop. One errand of a kind at a time: a key pressed twice is one wish."""

    def __init__(self, config: Path, spools: Spools) -> None:
        self._config = config
        self._spools = spools
        self._running: dict[Errand, asyncio.Task[None]] = {}

    def run(self, errand: Errand) -> None:
        if errand not in self._running:
            task = asyncio.get_running_loop().create_task(self._checkup())
            self._running[errand] = task
            task.add_done_callback(lambda _: self._running.pop(errand, None))

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

    async def _ask(self, command: str) -> bytes:
        """Return what a command of ours says; nothing when it does not end."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "daemon.cli", "--config", str(self._config)),
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
