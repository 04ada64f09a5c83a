"""`make demo`: a shop counter live, with a real broker and a real headquarters, on loopback.

`--once` plays the same day, checks what it shows and ends: exit code 0, or 1 with what is missing.
"""

import argparse
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

from tests.demo.chain import close_second, open_second, play_chain
from tests.demo.day import ACTS
from tests.demo.play import books, play, show
from tests.stage import ROOT, Stage, StageError

DIRECTORY = ROOT / ".demo"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="play, check, end")
    parser.add_argument("--dir", type=Path, default=DIRECTORY, help="where its files go")
    arguments = parser.parse_args()
    shutil.rmtree(arguments.dir, ignore_errors=True)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    started = time.monotonic()
    try:
        with Stage(arguments.dir) as stage:
            missing = _day(stage, stop)
            if not stop.is_set():
                missing += _chain(stage)
            _say(f"\n played in {time.monotonic() - started:.1f} s")
            if arguments.once:
                return _verdict(missing)
            assert stage.broker is not None, "it was started"
            stage.broker.start()
            _live(stage, stop)
    except StageError as error:
        _say(f"\n!! {error}")
        return 1
    return 0


def _day(stage: Stage, stop: threading.Event) -> list[str]:
    for words, step in (
        ("a broker (nats-server, MQTT on loopback)", stage.start_broker),
        ("headquarters' keys, the bench, the shop's goods and members", lambda: _found(stage)),
        ("headquarters", stage.start_hq),
        ("the box", stage.start_box),
        ("the box gets rules, goods and members from headquarters", stage.wait_for_goods),
    ):
        if stop.is_set():
            return ["stopped by hand"]
        began = time.monotonic()
        if sys.stdout.isatty():
            _say(f" .. {words}", end="")
        step()
        start = "\r" if sys.stdout.isatty() else ""
        _say(f"{start} ok {words} ({time.monotonic() - began:.1f} s)")
    missing: list[str] = []
    for act in ACTS:
        if stop.is_set():
            return ["stopped by hand"]
        seen = play(stage, act)
        missing += [f"{act.at} {text}" for text in seen.missing]
        for line in show(seen):
            _say(line)
    _say("\n" + "─" * 64 + "\n headquarters, a moment later")
    stage.until(stage.in_step, "headquarters to have the box's last entry")
    for line in books(stage):
        _say(line)
    return missing


def _chain(stage: Stage) -> list[str]:
    """Open a second shop, and play what two shops can do with one member."""
    _say("\n .. a second shop")
    chain = open_second(stage, str(stage.hq("status")["key"]))
    missing: list[str] = []
    try:
        shop = chain.second
        shop.until(lambda: bool(shop.box("status").get("pack")), "the second shop's rules")
        for said in play_chain(chain):
            if isinstance(said, list):
                missing += said
            else:
                _say(said)
    finally:
        close_second(chain)
    return missing


def _found(stage: Stage) -> None:
    key, token = stage.init_hq()
    stage.start_bench(key, token)
    stage.fill_hq()


def _live(stage: Stage, stop: threading.Event) -> None:
    config = stage.config.relative_to(Path.cwd()) if _below_here(stage) else None
    config = config or stage.config
    _say(f"""
 The counter goes on running; Ctrl-C ends it. What to look at next:
   headquarters' page   {stage.hq_page}
   the customer's page  {stage.box("status")["kiosk_url"]}
   the box              .venv/bin/memberbox --config {config} status
   any entry            .venv/bin/memberbox --config {config} journal show 5
   proof of the books   .venv/bin/memberbox --config {config} verify
   the bench            one JSON object a line on {stage.bench_dir / "bench.sock"}
   a swipe by hand      .venv/bin/python -m tests.demo.ask {stage.bench_dir / "bench.sock"} \\
                          '{{"do": "swipe", "track2": "8800000000018"}}'""")
    while not stop.wait(0.5):
        for name, process in stage.processes.items():
            if process.poll() is not None:
                raise StageError(f"{name} has ended by itself:\n{stage.words(name)[-2000:]}")
    _say("\n stopping ...")


def _below_here(stage: Stage) -> bool:
    return stage.config.is_relative_to(Path.cwd())


def _verdict(missing: list[str]) -> int:
    if missing:
        _say(" NOT as it should be:")
        for text in missing:
            _say(f"   {text}")
        return 1
    _say(" everything was seen as it should be.\n Look next: README.md, then `make demo` (live).")
    return 0


def _say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
