"""`make fleet BOXES=1000`: the story of a fleet, with its figures on stdout as one JSON object."""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

import msgspec

from tests.bench.commit import bench_disk
from tests.fleet.play import Plan, play


def main() -> int:
    usual = Plan(boxes=1000)
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--boxes", type=int, default=usual.boxes)
    words.add_argument("--each", type=int, default=usual.each, help="sales of a box")
    words.add_argument("--over", type=float, default=usual.over_s, help="in so many seconds")
    words.add_argument("--pile", type=int, default=usual.pile, help="sales in the outage")
    words.add_argument("--away", type=float, default=usual.away_s, help="seconds")
    words.add_argument("--at-once", type=int, help="boxes that may send what has piled up")
    asked = words.parse_args()
    plan = Plan(
        asked.boxes,
        each=asked.each,
        over_s=asked.over,
        away_s=asked.away,
        pile=asked.pile,
        at_once=asked.at_once,
    )
    before = os.getloadavg()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # with all that was started
    with tempfile.TemporaryDirectory(dir=bench_disk()) as folder:
        Path(folder).chmod(0o755)  # the database's own user goes through it
        story = play(Path(folder), plan, lambda line: print(line, file=sys.stderr, flush=True))
    said = {"plan": plan, "load": [round(one, 1) for one in (*before, *os.getloadavg())]}
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode({**said, "story": story})))
    print()
    return 1 if story.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
