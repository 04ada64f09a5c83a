"""Power cuts by hundreds: `make power-cuts CUTS=200`, or `python -m tests.hil.power_cuts`.

An honest box and the two controls live in one guest, one after another. The honest one must lose
nothing at any cut; each control must be caught, else the test could not have seen a loss.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.hil.power import CARDS, HONEST, NO_BARRIER, NO_SYNC, SALES, Lived, live, start_again
from tests.hil.power_left import Verdict, among_sales, anywhere, judge
from tests.hil.programs import GuestError, why_not

CONTROL_CUTS = 20
CONTROL_SALES = 30


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hil.power_cuts", description=__doc__)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--sales", type=int, default=SALES, help="that each box is let tell")
    parser.add_argument("--boots", type=int, choices=range(1, len(CARDS) + 1), default=3,
                        help="images that the box itself starts on")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="0: a fresh one")
    asked = parser.parse_args()
    if lacking := why_not():
        sys.stdout.write(f"power-cuts: {lacking}\n")
        return 1
    seed = asked.seed or random.SystemRandom().randrange(1, 2**31)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        try:
            lived = live(
                folder, {HONEST: asked.sales, NO_SYNC: CONTROL_SALES, NO_BARRIER: CONTROL_SALES}
            )
            honest = judge(lived[0], anywhere(lived[0], asked.cuts, seed), seed, _progress)
            _say("honest", lived[0], honest)
            booted = honest.images[-asked.boots :]  # of the last cuts: they hold most
            wrong = start_again(folder, booted)
            controls = [judge(one, among_sales(one, CONTROL_CUTS, seed), seed) for one in lived[1:]]
        except GuestError as error:
            sys.stdout.write(f"\npower-cuts: {error} (seed {seed})\n")
            return 1
    for trial, one, verdict in zip((NO_SYNC, NO_BARRIER), lived[1:], controls, strict=True):
        _say(f"control {trial.name}", one, verdict)
    missed = [
        trial.name for trial, one in zip((NO_SYNC, NO_BARRIER), controls, strict=True) if one.good
    ]
    for problem in (*honest.lost, *honest.doubled, *honest.damaged, *wrong):
        sys.stdout.write(f"  {problem}\n")
    sys.stdout.write(
        f"\npower-cuts: {honest.cuts} cuts, {len(booted)} booted: "
        f"{len(honest.lost)} lost, {len(honest.doubled)} doubled, {len(honest.damaged)} damaged, "
        f"{len(wrong)} wrong after a start; controls "
        f"{f'NOT CAUGHT: {missed}' if missed else 'caught'}; seed {seed}\n"
    )
    few = len(booted) < asked.boots  # of a handful of cuts hardly any falls behind a sale
    return 0 if honest.good and not (wrong or missed or few) else 1


def _say(name: str, lived: Lived, verdict: Verdict) -> None:
    cut_off = len({one.partition(":")[0] for one in (*verdict.lost, *verdict.damaged)})
    sys.stdout.write(
        f"\n{name}: {lived.told} sales told, {lived.writes} writes, {lived.flushes} flushes; "
        f"{cut_off} of {verdict.cuts} cuts show a loss ({len(verdict.lost)} sales lost, "
        f"{len(verdict.damaged)} damages)\n"
    )
    sys.stdout.flush()


def _progress(done: int) -> None:
    sys.stdout.write(f"\r{done} cuts")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
