"""`make bench`: the rows of the quality table that need no special host; also bench.json.

A line a part (id, value, limit, ratio, ok or short), then a line a row. Give ids to run only them.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from tests.bench import (
    commit,
    drain,
    inquiry,
    intake,
    pole,
    print_latency,
    proof,
    receipt,
    reports,
    resident,
    rules,
    start,
)
from tests.bench.row import Part
from tests.stage import ROOT

ROWS: Mapping[str, Callable[[], Sequence[Part]]] = MappingProxyType(
    {
        "P1": commit.durable_commit,
        "P2": commit.bytes_written,
        "P3": print_latency.first_byte,
        "P4": pole.pole,
        "P5": rules.evaluation,
        "P7": start.ready,
        "P8": resident.idle,
        "P9": drain.backlog,
        "P10": inquiry.against_an_empty_box,
        "P11": proof.rebuild_and_verify,
        "P12": intake.intake,
        "P13": receipt.encoding,
        "P14": reports.of_the_counter,
    }
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}")
    wanted = parser.parse_args().rows or list(ROWS)
    _say(f"load average {' '.join(f'{load:.2f}' for load in os.getloadavg())}")
    measured: dict[str, list[Part]] = {}
    for name in wanted:
        parts = list(ROWS[name]())
        measured[name] = parts
        for part in parts:
            _say(str(part))
        short = [part.id for part in parts if not part.good]
        _say(f"{name} {'short: ' + ' '.join(short) if short else 'ok'}")
    _say(f"load average {' '.join(f'{load:.2f}' for load in os.getloadavg())}")
    _keep(measured)
    return 0 if all(part.good for parts in measured.values() for part in parts) else 1


def _keep(measured: Mapping[str, Sequence[Part]]) -> None:
    rows = [
        {"id": part.id, "value": part.value, "limit": part.limit, "ratio": part.ratio}
        for parts in measured.values()
        for part in parts
    ]
    (ROOT / "bench.json").write_text(json.dumps(rows, indent=1) + "\n")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
