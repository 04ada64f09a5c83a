"""`memberbox run`: config, loop, signals; the box itself is daemon/app.py."""

import asyncio
import gc
import hashlib
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from daemon import provisioned
from daemon.app import Box, Making
from daemon.clock import SystemClock
from daemon.commands.answer import Answer, Exit, unreachable, wrong_use
from daemon.commands.looking import last_wall
from daemon.commands.vocabulary import share_dir, vocabulary
from daemon.config import Config, ConfigError, check, last_good_path, load_or_last_good
from daemon.entropy import SystemEntropy
from daemon.errors import StoreError
from daemon.release import VERSION


def run(path: Path) -> Answer:
    """Run the box until SIGTERM or SIGINT."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s %(message)s"
    )
    log = logging.getLogger("memberbox.run")
    try:
        config, problems, last_good = load_or_last_good(path, last_good_path(path), vocabulary())
    except ConfigError as error:
        if "NOTIFY_SOCKET" not in os.environ:  # a person, who reads it here
            return wrong_use(str(error))
        asyncio.run(_await_config(path, error))
        return Answer(Exit.YES, {"ok": True}, ())
    mistakes = tuple(map(str, problems)) + _refused()
    for mistake in mistakes:
        log.error("%s", mistake)
    if last_good:
        log.error("RUNNING ON THE LAST GOOD CONFIG, not on %s", path)
    try:
        making = Making(VERSION, _hash_of(path), last_good, share_dir(), path, mistakes)
        asyncio.run(_serve(config, making))
    except StoreError as error:
        return unreachable(str(error))
    return Answer(Exit.YES, {"ok": True}, ())


def _refused() -> tuple[str, ...]:
    """Return what is wrong with the technician's file, where provisioning has not taken it."""
    told = provisioned.read()
    if told is None or not told.mistakes:
        return ()
    return (*told.mistakes, f"{told.source}: {told.said}")


async def _await_config(path: Path, error: ConfigError) -> None:
    """Say what is wrong until a good file is in place; systemd starts the box with it then."""
    from daemon.awaiting import Awaiting  # a box that has a config carries none of it
    from daemon.commands.provision import usable_devices

    told = provisioned.read()
    mistakes: tuple[str, ...] = ()
    devices = () if told is None else told.devices
    if told is not None and told.mistakes:
        mistakes = told.mistakes
    elif path.exists():
        mistakes, devices = tuple(map(str, error.problems)), usable_devices(path)
    words = vocabulary()
    awaiting = Awaiting(mistakes, devices, entropy=SystemEntropy(), share=share_dir())
    await awaiting.wait(_stopped(), lambda: not check(path, words))


def _stopped() -> asyncio.Event:
    """Return what SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _serve(config: Config, making: Making) -> None:
    stop = _stopped()
    config.run_dir.mkdir(parents=True, exist_ok=True)
    clock = SystemClock(ZoneInfo(config.shop.timezone), _start_of(config))
    box = await _box(
        lambda: Box(config, clock=clock, entropy=SystemEntropy(), making=making),
        config,
        clock,
        stop,
    )
    if box is None:
        return
    gc.freeze()  # what stands now stands for ever: collections need not walk it
    await box.run(stop)


async def _box(
    make: Callable[[], Box], config: Config, clock: SystemClock, stop: asyncio.Event
) -> Box | None:
    """Return the box once its disk takes bytes; None when it was stopped before."""
    while not stop.is_set():
        try:
            return make()
        except StoreError as error:
            from daemon.outage import Outage, is_out  # a healthy box carries none of it

            if not is_out(config.state_dir):
                raise
            await Outage(config, error, clock, SystemEntropy(), share_dir()).wait(stop)
    return None


def _start_of(config: Config) -> datetime | None:
    """Return where wall time starts in demo and tests: never before the last entry."""
    start = config.box.clock_start
    if start is None:
        return None
    last = None
    with suppress(StoreError):  # a journal that cannot be read is the store's business
        last = last_wall(config)
    return start if last is None else max(start, last)


def _hash_of(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
