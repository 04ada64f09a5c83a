"""The power goes in the middle of sales: power_cuts.py and test_power.py let it go.

The real box runs in a guest. Its state directory lies on a disk with a volatile write cache
(nbd.py); every sale that it calls durable is noted in the disk's own history. Then the history is
cut, again and again: each image is recovered as a start would recover it, and must hold every sale
that was told, once, with chain and books in order. Some are booted: there the kernel's own journal
is replayed and the box itself starts.

Two controls show that it bites: a box that never flushes, and a file system whose barriers are off.
"""

import functools
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.hil import cache
from tests.hil.image import ARM64, image
from tests.hil.machine import ARM64_BOARD, Disks, Machine, blank, start
from tests.hil.nbd import Disk, Flushed, Happened, Told, Wrote
from tests.hil.programs import GuestError, run
from tests.hil.selling import VERSION, commit, package
from tests.hil.states import disk_of
from tests.hil.wires import connected

DISK_BYTES = 64 << 20
FLUSH_S = 0.05  # a slow card; longer than a word of the guest takes to us
SALES = 120  # every second one is large, so that there are checkpoints
START_WITHIN_S = 300.0  # a start under emulation takes ten; a busy machine takes longer
SELL_WITHIN_S = 600.0
LOOK_S = 0.1
CARDS = ("/dev/vdd", "/dev/vde", "/dev/vdf", "/dev/vdg")  # behind what every guest has
MEMBERBOX = "/opt/memberbox/bin/memberbox"
PYTHON = "/opt/memberbox/current/bin/python3"
CONFIG = """[box]
id = "0018"
state_dir = "{state}"
run_dir = "{run}"
clock_start = "2026-03-06T09:55:00+08:00"
[shop]
no = "0018"
name = "共康店"
chain = "珍姿"
address = ""
phone = ""
language = "zh_CN"
timezone = "Asia/Shanghai"
[counter]
operator = "02"
"""


@dataclass(frozen=True, slots=True)
class Trial:
    """How a box keeps its sales."""

    name: str
    mount: tuple[str, ...] = ()
    command: tuple[str, ...] = (MEMBERBOX,)


HONEST = Trial("honest")
NO_SYNC = Trial("no-sync", command=(PYTHON, "-m", "tests.hil.guest.careless"))
NO_BARRIER = Trial("no-barrier", mount=("-o", "nobarrier"))


@dataclass(frozen=True, slots=True)
class Lived:
    """What a disk went through, from its mount to the end of the sales."""

    base: bytes
    history: Sequence[Happened]

    @property
    def told(self) -> int:
        return sum(isinstance(one, Told) for one in self.history)

    @property
    def writes(self) -> int:
        return sum(isinstance(one, Wrote) for one in self.history)

    @property
    def flushes(self) -> int:
        return sum(isinstance(one, Flushed) for one in self.history)


# -- in the guest ----------------------------------------------------------------------------------


def live(folder: Path, trials: Mapping[Trial, int]) -> list[Lived]:
    """Boot one guest with a disk for each trial, and make so many sales on each in turn.

    Raises GuestError.
    """
    base = _formatted(folder / "base.raw")
    disks = []
    extra: list[str] = []
    for trial in trials:
        disks.append(Disk(base, folder / f"{trial.name}.nbd", flush_s=FLUSH_S))
        disks[-1].start()
        extra += _card(f"nbd+unix:///?socket={folder / trial.name}.nbd", trial.name)
    acks = folder / "acks.sock"
    extra += ["-chardev", f"socket,id=ack,path={acks},server=on,wait=off"]
    extra += ["-device", "virtserialport,chardev=ack,name=ack"]
    with _boot(folder, extra) as machine:
        listening = _Listening(acks)
        lived = [
            _sell(machine, (trial, device), disk, listening, sales)
            for (trial, sales), disk, device in zip(trials.items(), disks, CARDS, strict=False)
        ]
    for disk in disks:
        disk.close()
    return lived


def start_again(folder: Path, images: Sequence[tuple[bytes, Sequence[str]]]) -> list[str]:
    """Boot a guest on disks after a cut, start the box on each, and let it prove itself.

    With each image comes what had been told; return what is wrong. Raises GuestError.
    """
    extra: list[str] = []
    for number, (left, _) in enumerate(images):
        path = folder / f"cut-{number}.raw"
        path.write_bytes(left)
        extra += _card(str(path), f"cut-{number}")
    found = []
    with _boot(folder, extra) as machine:
        for number, (_, told) in enumerate(images):
            trial = Trial(f"cut-{number}")
            box = f"{MEMBERBOX} --config {_begin(machine, trial, CARDS[number])}"
            machine.ask("system.stop", name=trial.name)
            proof = machine.run("sh", "-c", f"{box} verify --full --json")
            tail = f"{box} journal tail --count 100000 --json > /tmp/tail"
            machine.run("sh", "-c", tail)
            sales = machine.run(PYTHON, "-c", _SALES).splitlines()
            found += [f"{trial.name}: {one}" for one in _wrong(proof, sales, told)]
    return found


_SALES = """import json
for one in json.load(open("/tmp/tail"))["entries"]:
    if one["kind"] == "sale":
        print(one["id"].removeprefix("till-"), f"{one['box']}.{one['epoch']}:{one['seq']}")
"""


class _Proof(msgspec.Struct, frozen=True):
    ok: bool


def _wrong(proof: str, sales: Sequence[str], told: Sequence[str]) -> list[str]:
    found = [] if msgspec.json.decode(proof, type=_Proof).ok else [f"verify: {proof}"]
    found += [f"{word} is lost" for word in told if word.rpartition(" ")[0] not in sales]
    numbers = [row.split()[0] for row in sales]
    return found + [f"sale {one} is doubled" for one in set(numbers) if numbers.count(one) > 1]


class _Listening:
    """Notes what the guest tells in the history of the disk that it sells on."""

    def __init__(self, path: Path) -> None:
        self._socket = connected(path)
        self._disk: Disk | None = None
        threading.Thread(target=self._listen, daemon=True).start()

    def note_in(self, disk: Disk | None) -> None:
        self._disk = disk

    def _listen(self) -> None:
        with self._socket, self._socket.makefile("rb") as lines:
            for line in lines:
                disk = self._disk
                if disk is not None and line.endswith(b"\n"):
                    disk.tell(line.decode().strip())


def _sell(
    machine: Machine, of: tuple[Trial, str], disk: Disk, listening: _Listening, sales: int
) -> Lived:
    trial, device = of
    _begin(machine, trial, device)
    listening.note_in(disk)
    control = f"/run/{trial.name}/control.sock"
    command = ["python3", "-m", "tests.hil.guest.till", control]
    machine.ask("system.start", name="till", command=command, env=_ENV)
    deadline = time.monotonic() + SELL_WITHIN_S
    while disk.told < sales:
        if time.monotonic() > deadline or not machine.ask("system.alive", name="till"):
            raise GuestError(f"{trial.name}: {machine.ask('system.read', path='/tmp/till.log')}")
        time.sleep(LOOK_S)
    history = tuple(disk.history)  # here the power goes
    listening.note_in(None)
    machine.ask("system.stop", name="till", number=9)
    machine.ask("system.stop", name=trial.name, number=9)
    return Lived(disk.base, history)


_ENV = {"PYTHONPATH": "/hil", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


def _begin(machine: Machine, trial: Trial, device: str) -> str:
    """Mount a trial's disk and start the box on it; return the path of its config."""
    mounted, config = f"/srv/{trial.name}", f"/etc/{trial.name}.toml"
    machine.run("mkdir", "-p", mounted)
    machine.run("mount", "-t", "ext4", *trial.mount, device, mounted)
    text = CONFIG.format(state=f"{mounted}/state", run=f"/run/{trial.name}")
    machine.ask("system.write", path=config, text=text)
    command = [*trial.command, "--config", config, "run"]
    machine.ask("system.start", name=trial.name, command=command, env=_ENV)
    try:
        machine.ask(
            "system.wait_for_path",
            START_WITHIN_S + 10,
            path=f"/run/{trial.name}/control.sock",
            limit_s=START_WITHIN_S,
        )
    except GuestError as error:
        said = machine.ask("system.read", path=f"/tmp/{trial.name}.log")
        raise GuestError(f"{trial.name}: {error}\n{said}") from None
    return config


def _boot(folder: Path, extra: Sequence[str]) -> Machine:
    disks = Disks(brought=str(_package()), written=blank(folder / "scratch.raw"))
    machine = start(ARM64_BOARD, image(ARM64), disks, extra=tuple(extra))
    try:
        machine.run("mkdir", "-p", "/opt")
        machine.run("mount", "-t", "ext4", "-o", "ro", "/dev/vdb", "/opt")
    except GuestError:
        machine.kill()
        raise
    return machine


@functools.cache  # one run tries one commit, whatever is committed meanwhile
def _package() -> Path:
    return cache.kept("opt", cache.key(commit()), _unpacked) / "opt.img"


def _unpacked(out: Path) -> None:
    """Make the disk that is /opt: our package as it lies on a box."""
    with tempfile.TemporaryDirectory() as scratch:
        run(["dpkg-deb", "-x", package("arm64"), scratch])
        opt = Path(scratch) / "opt"
        (opt / "memberbox/current").symlink_to(f"releases/{VERSION}")
        disk_of(opt, out / "opt.img")


def _card(address: str, name: str) -> list[str]:
    """Return the words for one more disk. They all have one serial number: after a cut it is still
    the same card, or the box would end its chain."""
    drive = f"file={address},format=raw,if=none,id={name},cache=writeback,discard=ignore"
    return ["-drive", drive, "-device", f"virtio-blk-pci,drive={name},serial=card"]


def _formatted(path: Path) -> bytes:
    with path.open("wb") as file:
        file.truncate(DISK_BYTES)
    run(["mkfs.ext4", "-q", "-F", "-m", "0", path])
    return path.read_bytes()
