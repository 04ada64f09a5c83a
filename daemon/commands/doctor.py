"""`memberbox doctor`: looks the box over; every finding has a level and says what to do."""

import os
import shutil
import socket
import time
from collections.abc import Iterator
from datetime import timezone
from pathlib import Path
from typing import cast

import msgspec

from daemon import config as configs
from daemon import control
from daemon.clock import SystemClock
from daemon.commands.answer import Answer, Exit, Plain
from daemon.commands.doctor_link import certificates, queue
from daemon.commands.doctor_machine import Machine, machine
from daemon.commands.vocabulary import share_dir, vocabulary
from daemon.config import Config, ConfigError
from daemon.drivers.assembly import problems as device_problems
from daemon.errors import StoreError
from daemon.finding import Finding, Level, finding_of, printed, told
from daemon.howmany import HowMany
from daemon.ledger.verify import verify

FREE_MIB_WARN = 200  # a year of a busy shop's journal is 150 MiB
FREE_MIB_ERROR = 20
FLUSHES = 5
FLUSH_LIES_BELOW_S = 0.00002  # no medium that keeps what it is told is that fast
HQ_TIMEOUT_S = 2.0
PAGE_SILENT_S = 45.0  # a page says that it lives every ten seconds
HQ_AGE_WARN_S = 3 * 24 * 3600


def doctor(path: Path, where: Machine | None = None) -> Answer:
    """Look at config, state, medium, devices, rules and link of the box that path describes."""
    findings = [*_config(path)]
    try:
        config = configs.load(path, vocabulary())
    except ConfigError:
        return _answer(findings)
    findings += [*_permissions(config), *_space(config), *_medium(config), *_journal(config)]
    said = control.ask(config.run_dir, "status")
    running = None if said is None else cast(dict[str, object], msgspec.json.decode(said))
    findings += [*machine(config, path, where or Machine())]
    findings += [*_devices(config, running), *_box(running), *_screen(config, running)]
    now = SystemClock(timezone.utc).read().wall
    findings += [*_headquarters(config, running), *certificates(config, now)]
    if running is not None:
        findings += [*queue(config, running, now), *_watched(running)]
    return _answer(findings)


def _answer(findings: list[Finding]) -> Answer:
    bad = any(finding.level == "error" for finding in findings)
    data: Plain = {"ok": not bad, "findings": told(findings)}
    return Answer(Exit.NO if bad else Exit.YES, data, printed(findings))


def _config(path: Path) -> Iterator[Finding]:
    problems = configs.check(path, vocabulary())
    for problem in problems:
        yield Finding("config", "error", str(problem), "Correct it; memberbox check shows all.")
    if not problems:
        yield Finding("config", "ok", str(path))


def _permissions(config: Config) -> Iterator[Finding]:
    for folder in (config.state_dir, config.run_dir):
        if not folder.is_dir():
            yield Finding("folder", "warning", f"{folder} is not there yet", "Start the box once.")
        elif not os.access(folder, os.W_OK):
            fix = f"chown it to the user that runs the box (ls -ld {folder})."
            yield Finding("folder", "error", f"{folder} cannot be written", fix)


def _space(config: Config) -> Iterator[Finding]:
    if not config.state_dir.is_dir():
        return
    free = shutil.disk_usage(config.state_dir).free // 2**20
    level: Level = "ok" if free > FREE_MIB_WARN else "warning" if free > FREE_MIB_ERROR else "error"
    fix = "" if level == "ok" else "Free some space or put in a larger card; sales stop when full."
    yield Finding("space", level, f"{free} MiB free at {config.state_dir}", fix)


def _medium(config: Config) -> Iterator[Finding]:
    """Time a few flushes: a medium that answers at once does not keep what it is told."""
    if not config.state_dir.is_dir() or not os.access(config.state_dir, os.W_OK):
        return
    probe = config.state_dir / ".doctor"
    try:
        with probe.open("wb", buffering=0) as file:
            took = []
            for _ in range(FLUSHES):
                file.write(b"\x00" * 4096)
                began = time.perf_counter()
                os.fdatasync(file.fileno())
                took.append(time.perf_counter() - began)
    except OSError as error:
        yield Finding("medium", "error", str(error), "Look at the card; sales would be refused.")
        return
    finally:
        probe.unlink(missing_ok=True)
    middle = sorted(took)[FLUSHES // 2]
    found = f"a flush takes {middle * 1000:.2f} ms"
    if middle < FLUSH_LIES_BELOW_S:
        fix = "It may lose the last sales at a power cut: use a medium that honours flushes."
        yield Finding("medium", "warning", f"{found}: faster than any real medium", fix)
    else:
        yield Finding("medium", "ok", found)


def _journal(config: Config) -> Iterator[Finding]:
    if not (config.state_dir / "journal.db").exists():
        yield Finding("journal", "warning", "there is none yet", "Start the box once.")
        return
    try:
        proof = verify(config.state_dir, full=False)
    except StoreError as error:
        yield Finding("journal", "error", str(error), "Keep everything and call your technician.")
        return
    for bad in proof.bad:
        found = f"entry {bad.epoch}:{bad.seq}: {bad.what}"
        yield Finding("journal", "error", found, "Keep everything and call your technician.")
    if proof.ok:
        found = f"{HowMany(proof.entries):entry}; the tail and the books agree"
        yield Finding("journal", "ok", found)


def _devices(config: Config, running: Plain | None) -> Iterator[Finding]:
    for problem in device_problems(config.devices, share_dir()):
        found = f"{config.devices[problem.index].name}: {problem.key}: {problem.what}"
        yield Finding("device", "error", found, problem.allowed)
    states = cast(dict[str, dict[str, str]], (running or {}).get("devices", {}))
    for name, said in states.items():
        if said["state"] == "online":
            yield Finding("device", "ok", f"{name} ({said['kind']})")
        else:
            fix = "Check cable and power; it is looked for all the time."
            yield Finding("device", "warning", f"{name}: {said['state']}: {said['reason']}", fix)


def _box(running: Plain | None) -> Iterator[Finding]:
    if running is None:
        fix = "systemctl start memberbox, or memberbox run to see why it ends."
        yield Finding("box", "error", "it is not running", fix)
        return
    yield Finding("box", "ok", f"running, last entry {running['seq']}")
    if running["clock"] != "synced":
        fix = "It takes money all the same; what lapses waits until the clock is set by network."
        yield Finding("clock", "warning", f"{running['clock']}", fix)
    else:
        yield Finding("clock", "ok", f"synced, business date {running['business_date']}")
    if running["pack"] is None:
        fix = "memberbox-hq pack publish FILE; until then list prices and no points."
        yield Finding("rules", "warning", "no rule pack is active", fix)
    yield from map(finding_of, cast(list[str], running.get("notes", [])))


def _watched(running: Plain) -> Iterator[Finding]:
    """Tell whether systemd starts a box anew that hangs."""
    seconds = cast(float | None, running.get("watchdog_s"))
    if seconds is None:
        fix = "Run it by its unit: systemctl enable --now memberbox."
        yield Finding("watched", "warning", "nobody starts this box anew when it hangs", fix)
    else:
        yield Finding("watched", "ok", f"systemd starts it anew after {seconds:.0f} s of silence")


def _screen(config: Config, running: Plain | None) -> Iterator[Finding]:
    """Look at the page on the HDMI screen: is it served, is it open, does it live?"""
    kiosk = config.kiosk
    if kiosk is None:
        return
    for key, path in (("logo", kiosk.logo), ("font", kiosk.font)):
        if path is not None and not os.access(path, os.R_OK):
            fix = f"Put the file there, or take {key} out of [kiosk]."
            yield Finding("screen", "warning", f"{key} {path} cannot be read", fix)
    said = cast(dict[str, float | None] | None, (running or {}).get("kiosk"))
    url = (running or {}).get("kiosk_url")
    if said is None or url is None:
        return  # not running, or a note says why
    age = said["seen_age_s"]
    if not said["pages"] or age is None or age > PAGE_SILENT_S:
        found = "no browser shows the page" if not said["pages"] else "the page says nothing"
        fix = f"systemctl restart memberbox-kiosk, or open {url} on this machine."
        yield Finding("screen", "warning", f"{found} ({url})", fix)
    else:
        playing = HowMany(cast(int, said["playing"]))
        found = f"{url} is shown, heard {age:.0f} s ago; {playing:thing} to play"
        yield Finding("screen", "ok", found)


def _headquarters(config: Config, running: Plain | None) -> Iterator[Finding]:
    if config.hq is None:
        yield Finding("hq", "warning", "no headquarters in the config", "Add a table [hq].")
        return
    try:
        if config.hq.mqtt:
            socket.create_connection((config.hq.host, config.hq.port), HQ_TIMEOUT_S).close()
    except OSError as error:
        fix = "Check network and address; the counter goes on without."
        yield Finding("hq", "warning", f"{config.hq.mqtt} cannot be reached: {error}", fix)
    if running is None:
        return
    age = cast(float | None, running["hq_age_s"])
    if age is None or age > HQ_AGE_WARN_S:
        heard = "never" if age is None else f"{HowMany(round(age / 86400)):day} ago"
        fix = "Bring the network back or carry a stick."
        yield Finding("hq", "warning", f"heard {heard}", fix)
    else:
        yield Finding("hq", "ok", f"heard {age:.0f} s ago")
