"""The processes of a fleet, told what to do together."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import quantiles

import msgspec

from tests.fleet.worker import Crew, Held, Said
from tests.hq.serving import ROOT

LOOK_S = 0.25
END_S = 20.0


class FleetError(Exception):
    """The fleet did not come where it should."""


class Fleet:
    """Boxes in some processes."""

    def __init__(self, folder: Path, crews: Sequence[Crew]) -> None:
        self._processes = [_started(folder / f"crew{at}", crew) for at, crew in enumerate(crews)]

    def tell(self, do: str, **more: object) -> list[Said]:
        return [msgspec.json.decode(line, type=Said) for line in self._tell(do, more)]

    def look(self, do: str = "look") -> Said:
        """Return where all boxes stand; `phase`: with all figures, and they begin anew."""
        said = self.tell(do)
        packs = {pack for one in said for pack in one.packs}
        return Said(
            sum(one.boxes for one in said),
            sum(one.online for one in said),
            sum(one.level for one in said),
            any(one.selling for one in said),
            sum(one.in_flight for one in said),
            sum(one.peak for one in said),
            sum(one.shipped for one in said),
            sum(one.made for one in said),
            {pack: sum(one.packs.get(pack, 0) for one in said) for pack in packs},
            {box: why for one in said for box, why in one.forked.items()},
            [age for one in said for age in one.ages_ms],
            sum(one.resident_mb for one in said),
        )

    def wait(
        self, good: Callable[[Said], bool], what: str, patience_s: float
    ) -> tuple[float, Said]:
        """Wait until the boxes stand as wanted; return how long that took. Raises FleetError."""
        began = time.monotonic()
        while not good(said := self.look()):
            if time.monotonic() - began > patience_s:
                raise FleetError(f"no {what} in {patience_s:.0f} s: {said}")
            time.sleep(LOOK_S)
        return time.monotonic() - began, said

    def end(self) -> dict[str, Held]:
        """Return what each box has; the processes end."""
        lines = self._tell("end", {})
        found: dict[str, Held] = {}
        for line in lines:
            found |= msgspec.json.decode(line, type=dict[str, Held])
        self.close()
        return found

    def close(self) -> None:
        for process in self._processes:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
        self._processes = []

    def _tell(self, do: str, more: Mapping[str, object]) -> list[bytes]:
        order = msgspec.json.encode({"do": do, **more}) + b"\n"
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(order)
            process.stdin.flush()
        lines = []
        for process in self._processes:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise FleetError(f"a process of the fleet has ended ({process.wait(END_S)})")
            lines.append(line)
        return lines


def middle_and_worst(ages_ms: Sequence[float]) -> tuple[float, float]:
    """Return p50 and p99."""
    if len(ages_ms) < 2:
        return (0.0, 0.0)
    cuts = quantiles(ages_ms, n=100)
    return cuts[49], cuts[98]


def _started(path: Path, crew: Crew) -> "subprocess.Popen[bytes]":
    path.write_bytes(msgspec.json.encode(crew))
    return subprocess.Popen(
        [sys.executable, "-m", "tests.fleet.worker", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
