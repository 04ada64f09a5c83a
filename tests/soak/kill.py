"""kill -9 of the real box at random instants during sales: `make soak-kill KILLS=2000`.

What a customer was told is what must be there: every receipt that came out of the printer names an
entry, and after the restart that entry stands in the journal, once, with the receipt's amount. Then
headquarters must come to the same head, and chain and books must verify. SIGTERM ends the kills and
has what was done so far looked at like the whole.
"""

import argparse
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.stage import Stage, StageError

SERVED_MOST = 4  # receipts in one life of the box; some lives end before the first
AHEAD = 3  # sales typed before the first of them is on paper: kills fall into every part of one
SALE_S = 0.015  # what a sale takes at a quiet bench, commit and receipt
LOOK_S = 0.002
CATCH_UP = 200  # kills: each leaves a slip or two waiting, and the spool keeps 2,000
TYPE_AGAIN_S = 1.0  # without a receipt: keys of a start may have been nobody's
WITHIN_S = 60.0  # no receipt at all: the box does not serve

_NUMBER = re.compile(r"单号 \d+-(\d+)")
_TOTAL = re.compile(r"合计 *(\d+\.\d\d)")


@dataclass(slots=True)
class Result:
    kills: int = 0
    receipts: int = 0
    sales: int = 0  # in the journal at the end
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unprinted: list[str] = field(default_factory=list)
    proof: dict[str, object] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        bad = self.lost or self.doubled or self.wrong or self.unprinted
        return not bad and bool(self.proof.get("ok"))


class Told:
    """What receipts have told customers: the amount of each sale."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.read = 0  # receipts so far, others than sales' too
        self.amounts: dict[int, str] = {}
        self.wrong: list[str] = []

    def look(self) -> int:
        """Read the receipts that have come out since; return how many there are."""
        receipts = self._stage.bench.ask("paper", since=self.read)["receipts"]
        self.read += len(receipts)
        for receipt in receipts:
            text = str(receipt["text"])
            number, total = _NUMBER.search(text), _TOTAL.search(text)
            if number is None or total is None or not receipt["cut"]:
                continue  # torn off by the kill: it told nobody anything whole
            seq, amount = int(number[1]), total[1]
            if self.amounts.setdefault(seq, amount) != amount:
                two = f"{self.amounts[seq]} and {amount}"
                self.wrong.append(f"two receipts of sale {seq}: {two}")
        return self.read


def run(
    stage: Stage,
    kills: int,
    seed: int,
    progress: Callable[[int], None] = lambda _: None,
    enough: Callable[[], bool] = lambda: False,
) -> Result:
    """Kill the box `kills` times in the middle of sales, or until it is enough; return what was
    found out.

    The stage must be set up. Raises StageError when the box does not come back.
    """
    chance = random.Random(seed)
    result = Result()
    told = Told(stage)
    for number in range(kills):
        _sell(stage, chance, told)
        stage.kill("box")
        result.kills += 1
        stage.start_box()
        progress(number + 1)
        if (number + 1) % CATCH_UP == 0:
            _print_all(stage)
        if enough():
            break
    _print_all(stage)
    told.look()
    stage.until(stage.in_step, "headquarters to come to the box's head", within_s=30)
    result.wrong += told.wrong
    result.receipts = len(told.amounts)
    _compare(stage, told.amounts, result)
    result.proof = stage.box("verify", "--full")
    return result


def _print_all(stage: Stage) -> None:
    """Wait as long as slips come out: a box that lives for a quarter of a second at a time, on a
    busy machine, has hundreds of them waiting in the end."""
    while waiting := stage.box("status")["spool"]:
        try:
            stage.until(partial(_fewer_wait, stage, waiting), "a slip to come out")
        except StageError as error:
            raise StageError(f"{error}: {stage.box('spool', 'list')}") from error


def _fewer_wait(stage: Stage, than: int) -> bool:
    waiting: int = stage.box("status")["spool"]
    return waiting < than


def _sell(stage: Stage, chance: random.Random, told: "Told") -> None:
    """Type sales until some receipts have come out, and stop somewhere within the next one.

    It goes by receipts, not by time: on a busy machine kills would fall before the first sale.
    """
    stage.until(lambda: bool(_press(stage, "CLEAR").get("ok")), "the keypad to be read")
    before, wanted, typed = told.read, chance.randint(0, SERVED_MOST), 0
    began = newest = time.monotonic()
    while (served := told.look() - before) < wanted:
        now = time.monotonic()
        if now > began + WITHIN_S:
            raise StageError(f"{served} receipts of {wanted} after {WITHIN_S:.0f} s of typing")
        if typed < served + AHEAD or now > newest + TYPE_AGAIN_S:
            _type(stage, chance)
            typed, newest = typed + 1, now
        else:
            time.sleep(LOOK_S)
    _type(stage, chance)
    time.sleep(chance.uniform(0.0, SALE_S))


def _type(stage: Stage, chance: random.Random) -> None:
    yuan = str(chance.randint(1, 99))
    for keys in ((*yuan, "+"), ("ENTER",), ("*", "2")):
        _press(stage, *keys)


def _press(stage: Stage, *keys: str) -> dict[str, object]:
    answer: dict[str, object] = stage.bench.try_ask("keys", keys=list(keys))
    return answer


def _compare(stage: Stage, told: dict[int, str], result: Result) -> None:
    last = stage.box("status")["seq"]
    entries = stage.box("journal", "tail", "--count", str(last))["entries"]
    ids = Counter((entry["source"], entry["id"]) for entry in entries)
    result.doubled = [f"{source} {id_}" for (source, id_), n in ids.items() if n > 1]
    sales = {entry["seq"]: entry for entry in entries if entry["kind"] == "sale"}
    result.sales = len(sales)
    result.unprinted = [f"sale {seq} has no receipt" for seq in sales if seq not in told]
    for seq, amount in told.items():
        sale = sales.get(seq)
        if sale is None:
            result.lost.append(f"receipt {seq} over {amount} has no entry")
            continue
        pay = sale["body"]["pay_fen"]
        if f"{pay // 100}.{pay % 100:02}" != amount:
            result.wrong.append(f"receipt {seq} says {amount}, its entry {pay} fen")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak-kill", description=__doc__)
    parser.add_argument("--kills", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="0: a fresh one")
    arguments = parser.parse_args()
    seed = arguments.seed or random.SystemRandom().randrange(1, 2**31)
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda which, _: stopped.append(which))
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder)) as stage:
        stage.set_up()
        try:
            result = run(
                stage, arguments.kills, seed, _progress(arguments.kills), lambda: bool(stopped)
            )
        except StageError as error:
            sys.stdout.write(f"\nsoak-kill: {error} (seed {seed})\n")
            return 1
    for problem in (*result.lost, *result.doubled, *result.wrong, *result.unprinted):
        sys.stdout.write(f"  {problem}\n")
    sys.stdout.write(
        f"\nsoak-kill: {result.kills} kills, {result.sales} sales, {result.receipts} receipts: "
        f"{len(result.lost)} lost, {len(result.doubled)} doubled, {len(result.wrong)} wrong, "
        f"{len(result.unprinted)} unprinted, "
        f"verify {'ok' if result.proof.get('ok') else result.proof}; seed {seed}\n"
    )
    return 0 if result.good else 1


def _progress(of: int) -> Callable[[int], None]:
    def tell(done: int) -> None:
        if done % 10 == 0 or done == of:
            sys.stdout.write(f"\r{done} of {of} kills")
            sys.stdout.flush()

    return tell


if __name__ == "__main__":
    raise SystemExit(main())
