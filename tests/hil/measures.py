"""P7 and P8 inside the arm64 guest, printed like rows of the bench: `make hil-full` ends with them.

Emulation makes everything slower alike, so a start is told in starts of a bare Python in the same
guest, in turn with it. Its limit is the quality table's 0.6 s in starts of a bare Python on this
host, by their processor time: that is their time on a machine that has nothing else to do.
Memory and threads are what they are; a bare Python's memory stands beside.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.million import million
from tests.bench.row import ROUNDS, Part
from tests.hil.counter import Counter
from tests.hil.image import image
from tests.hil.machine import Disks, blank, start
from tests.hil.programs import GuestError, run, why_not
from tests.hil.selling import (
    AS_THE_UNIT_DOES,
    CONFIG,
    STATE,
    UP_WITHIN_S,
    box_text,
    brought,
    devices,
    disks,
    hq_of,
    install,
    selling,
    stocked,
)
from tests.hil.selling import POLE as POLE_PORT
from tests.hil.states import BOX

READY_S, RSS_MIB, THREADS = 0.6, 52.0, 8.0  # the quality table
BOOKS_BYTES = 3 << 30  # the disk with the million; sparse
SETTLE_S, LOOK_S = 10, 20  # after a start: the last imports
STARTS = """
import os, signal, socket, statistics, subprocess, sys, tempfile, time
def bare():
    began = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-c", "pass"], check=True)
    return time.perf_counter() - began
def box():
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, 2) as notify:
        os.chmod(folder, 0o755)
        notify.bind(folder + "/notify")
        os.chmod(folder + "/notify", 0o777)
        notify.settimeout(600)
        told = {**os.environ, "NOTIFY_SOCKET": folder + "/notify"}
        with open("/tmp/box.log", "ab") as log:
            began = time.perf_counter()
            box = subprocess.Popen(sys.argv[2:], env=told, stdout=log, stderr=log)
        while b"READY=1" not in notify.recv(4096):
            pass
        took = time.perf_counter() - began
        box.send_signal(signal.SIGTERM)
        box.wait()
        return took
bare(), box()  # the first warm the disk cache
took = [(bare(), box()) for _ in range(int(sys.argv[1]))]
print(*map(statistics.median, zip(*took)))
"""
RESTS = """
import pathlib, subprocess, sys, time
(pid,) = (
    path.name
    for path in pathlib.Path("/proc").glob("[0-9]*")
    if (words := (path / "cmdline").read_bytes().split(b"\\0"))[-2:-1] == [b"run"]
    and any(word.endswith(b"/memberbox") for word in words)
)
bare = subprocess.Popen([sys.executable, "-I", "-c", "import time; time.sleep(1000)"])
def ticks():
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
def of(pid, name):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(line for line in text.splitlines() if line.startswith(name + ":")).split()[1]
before = ticks()
time.sleep(float(sys.argv[1]))
print(of(pid, "VmRSS"), of(bare.pid, "VmRSS"), of(pid, "Threads"), ticks() - before)
bare.kill()
"""


def main() -> int:
    if lacking := why_not():
        sys.stdout.write(f"measures: {lacking}\n")
        return 1
    try:
        parts = [*_starts(), *_rests()]
    except GuestError as error:
        sys.stdout.write(f"measures: {error}\n")
        return 1
    return 0 if all(part.good for part in parts) else 1


def _starts() -> Sequence[Part]:
    """P7: process start to READY=1 with a journal of a million entries."""
    with tempfile.TemporaryDirectory() as folder:
        disk = blank(Path(folder) / "books.img", BOOKS_BYTES)
        run(["mkfs.ext4", "-q", "-F", "-d", million(), disk])
        shelf = Disks(brought(Path(folder)), disk)
        with start(BOX.board, image(BOX.debian), shelf) as machine:
            machine.set_clock()
            install(machine)
            Counter(machine).plug_in()
            machine.run("mount", "/dev/vdc", STATE)
            machine.run("chown", "-R", "memberbox:memberbox", STATE)
            text = box_text(devices(POLE_PORT), hq_of(stocked()))
            machine.ask("system.write", path=CONFIG, text=text)
            command = ["python3", "-c", STARTS, str(ROUNDS), *AS_THE_UNIT_DOES, "run"]
            said = machine.run(*command, within_s=ROUNDS * UP_WITHIN_S)
    bare, took = map(float, said.split())
    here = statistics.median(_bare_here() for _ in range(ROUNDS))
    part = Part("P7.arm64_bare_starts", took / bare, READY_S / here)
    _say(f"P7.arm64 {took:.2f} s, a bare Python {bare:.3f} s there and {here:.4f} s here")
    _say(str(part))
    return [part]


def _rests() -> Sequence[Part]:
    """P8: memory and threads of the box at rest, all its devices there."""
    saved = selling()
    with (
        tempfile.TemporaryDirectory() as folder,
        saved.restore(disks(saved, Path(folder))) as machine,
    ):
        machine.set_clock()
        counter = Counter(machine)
        counter.plug_pole()
        counter.wait_for_devices("online", "pole")
        time.sleep(SETTLE_S)
        said = machine.run("python3", "-c", RESTS, str(LOOK_S))
    box, bare, threads, ticks = map(float, said.split())
    parts = (
        Part("P8.arm64_rss_mib", box / 1024, RSS_MIB),
        Part("P8.arm64_threads", threads, THREADS),
    )
    _say(f"P8.arm64 {box / bare:.2f} times a bare Python's {bare / 1024:.1f} MiB")
    _say(f"P8.arm64 {ticks * 10 / LOOK_S:.1f} ms/s of an emulated processor")
    for part in parts:
        _say(str(part))
    return parts


def _bare_here() -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-I", "-c", "pass"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
