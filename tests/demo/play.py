"""Plays the acts on a stage and compares what people see with what they should see."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.demo.day import Act, Gesture
from tests.stage import Bench, Stage

SEEN_WITHIN_S = 4.0  # a printer at 32 columns takes a blink; a busy machine a second
SETTLED_S = 0.06  # 40 characters at 9600 baud take 42 ms
ABOVE = "─" * 64


@dataclass(frozen=True, slots=True)
class Seen:
    """What stood on paper and displays when an act was over."""

    act: Act
    receipt: dict[str, object] | None
    pole: list[str]
    clerk: list[str]
    missing: tuple[str, ...]


def play(stage: Stage, act: Act) -> Seen:
    """Do the gestures of an act; return what came of it."""
    bench = stage.bench
    before = len(bench.receipts())
    for gesture in act.gestures:
        _do(bench, gesture)
    deadline = time.monotonic() + SEEN_WITHIN_S
    poles: list[str] = []
    last: Seen | None = None  # a display on a slow line may still be on its way
    while True:
        seen = _look(bench, act, before, poles)
        if time.monotonic() > deadline or (not seen.missing and seen == last):
            return seen
        last = seen
        time.sleep(SETTLED_S)


def show(seen: Seen) -> Iterator[str]:
    """Return the lines that tell a person what happened."""
    yield f"\n{ABOVE}\n {seen.act.at}  {seen.act.title}"
    if seen.act.says:
        yield f"        {seen.act.says}"
    yield f"   keys {'  '.join(text for _, text in seen.act.gestures if _ != 'bank_swipe')}"
    for name, lines in (("customer", seen.pole), ("clerk", seen.clerk)):
        upper, lower = (*lines, "", "")[:2]
        yield f"   {name:>8} ┌{'─' * 20}┐"
        yield f"            │{upper:<20}│"
        yield f"            │{lower:<20}│"
        yield f"            └{'─' * 20}┘"
    if seen.receipt is not None:
        yield from (f"      ┆ {line}" for line in str(seen.receipt["text"]).splitlines())
        if seen.receipt["unknown_bytes"]:
            yield f"   !! the printer did not know {seen.receipt['unknown_bytes']} bytes"
    for text in seen.missing:
        yield f"   !! expected and not seen: {text}"


def _look(bench: Bench, act: Act, before: int, poles: list[str]) -> Seen:
    receipts = bench.receipts()
    new = receipts[before] if len(receipts) > before else None
    pole, clerk = bench.lines("pole"), bench.lines("clerk")
    poles.append("\n".join(pole))
    missing = [*_missing_on_paper(act, new)]
    missing += [f"pole: {text}" for text in act.pole if not any(text in seen for seen in poles)]
    missing += [f"clerk: {text}" for text in act.clerk if text not in "\n".join(clerk)]
    return Seen(act, new, pole, clerk, tuple(missing))


def _missing_on_paper(act: Act, receipt: dict[str, object] | None) -> Iterator[str]:
    if not act.paper:
        return
    if receipt is None or not receipt["cut"]:
        yield "paper: a receipt"
        return
    text = str(receipt["text"])
    yield from (f"paper: {wanted}" for wanted in act.paper if wanted not in text)
    if receipt["unknown_bytes"]:
        yield f"paper: bytes that the printer knows ({receipt['unknown_bytes']} unknown)"


def _do(bench: Bench, gesture: Gesture) -> None:
    kind, text = gesture
    if kind == "keys":
        bench.keys(*text.split())
    elif kind == "swipe":
        bench.ask("swipe", track2=text)
    elif kind == "bank_swipe":
        bench.ask("swipe", raw=text)
    else:
        bench.ask("scan", code=text)
    time.sleep(PAUSE_S[kind])


PAUSE_S = {
    "keys": 0.05,
    "scan": 0.2,  # a wedge's burst ends by a gap of 100 ms: people are slower than that
    "swipe": 0.25,
    "bank_swipe": 0.25,
}


def books(stage: Stage) -> Iterator[str]:
    """Return the lines that tell what headquarters has received, and what verify says."""
    mine = stage.box("status")
    boxes = stage.hq("status")["boxes"]
    theirs = boxes["0018"]
    yield f"   the box   epoch {mine['epoch']}  last entry {mine['seq']}  {str(mine['hash'])[:12]}"
    yield f"   HQ has    epoch {theirs['epoch']}  up to entry {theirs['mark']}  " + (
        f"{str(theirs['hash'])[:12]}  pack {theirs['pack']}"
    )
    members = stage.hq("members")["members"]
    for member in members:
        tail = str(member["card"])[-4:]
        yield f"     member ..{tail}  points {member['points']:>5}  level {member['level'] or '-'}"
    proof = stage.box("verify")
    verdict = "chain and books agree" if proof["ok"] else f"DAMAGE: {proof['bad']}"
    yield f"   verify    {proof['entries']} entries: {verdict}"
