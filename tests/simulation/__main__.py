"""`python -m tests.simulation`: many histories, or one in words. See docs/OPERATIONS.md."""

import argparse
import sys
import time
from collections import Counter

from tests.simulation.plan import STEPS, plan
from tests.simulation.run import Bench


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many histories")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="this one only, told in words")
    parser.add_argument("--steps", type=int, default=STEPS, help="events of a history")
    parser.add_argument("--keep-going", action="store_true", help="name every failing seed")
    parser.add_argument("--minutes", type=float, default=0, help="stop after so long; 0: never")
    asked = parser.parse_args()
    bench = Bench()
    try:
        return one(bench, asked) if asked.seed is not None else many(bench, asked)
    finally:
        bench.close()


def one(bench: Bench, asked: argparse.Namespace) -> int:
    told = bench.run(plan(asked.seed, asked.steps))
    print("\n".join(told.said))
    print(told.broken or "all held")
    return 1 if told.broken else 0


def many(bench: Bench, asked: argparse.Namespace) -> int:
    seen: Counter[str] = Counter()
    began = time.monotonic()
    done = failed = 0
    for seed in range(asked.first, asked.first + asked.seeds):
        if asked.minutes and time.monotonic() - began > 60 * asked.minutes:
            break
        try:
            told = bench.run(plan(seed, asked.steps))
        except KeyboardInterrupt:  # what was seen until now is told
            break
        done += 1
        seen.update(told.seen)
        if told.broken:
            failed += 1
            print(f"seed {seed}: {told.rule}: {told.broken}", flush=True)
            if not asked.keep_going:
                from tests.simulation.shrink import shrink

                for event_line in shrink(bench, plan(seed, asked.steps), told):
                    print(event_line)
                return 1
    took = time.monotonic() - began
    for what, count in sorted(seen.items()):
        print(f"{count:8d}  {what}")
    print(f"{done} seeds, {failed} failed, {took:.1f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
