"""What a power cut left, looked at as the next start does. See power.py."""

import random
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from daemon.clock import SystemClock
from daemon.commands.looking import open_journal
from daemon.commands.vocabulary import vocabulary
from daemon.config import Config, ConfigError, last_good_path, load_or_last_good
from daemon.entropy import SystemEntropy
from daemon.errors import StoreError
from daemon.ledger.records import Chain
from daemon.ledger.store import Store
from daemon.ledger.verify import verify
from daemon.release import VERSION
from tests.hil.cuts import Cutter
from tests.hil.guest.till import SOURCE
from tests.hil.nbd import Told
from tests.hil.power import CONFIG, Lived
from tests.hil.programs import GuestError, run

KEPT = 8  # images, of cuts evenly apart: some of them are booted
# What is looked at is thrown away at once: no real flushes, which are most of the time.
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
E2FSCK_MENDED = 1 | 2  # errors, but corrected; reboot


@dataclass(slots=True)
class Verdict:
    cuts: int = 0
    told: int = 0  # sales that the guest told, summed over the cuts
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    images: list[tuple[bytes, tuple[str, ...]]] = field(default_factory=list)  # to be booted

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.damaged)


def anywhere(lived: Lived, cuts: int, seed: int) -> list[int]:
    """Return random places of a history, from the mount on."""
    chance = random.Random(seed)
    return sorted(chance.randrange(1, len(lived.history) + 1) for _ in range(cuts))


def among_sales(lived: Lived, cuts: int, seed: int) -> list[int]:
    """Return random places behind the first sale that was told."""
    first = next(at for at, one in enumerate(lived.history, 1) if isinstance(one, Told))
    chance = random.Random(seed)
    return sorted(chance.randrange(first, len(lived.history) + 1) for _ in range(cuts))


def judge(
    lived: Lived,
    places: Sequence[int],
    seed: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Verdict:
    """Cut a history at rising places, and look at what each cut leaves."""
    chance = random.Random(seed)
    cutter = Cutter(lived.base, lived.history)
    verdict = Verdict()
    cuts = len(places)
    for at in places:
        left = cutter.cut(at, chance)
        verdict.cuts += 1
        verdict.told += len(left.told)
        with tempfile.TemporaryDirectory(dir=MEMORY) as scratch:
            _look(left.image, left.told, at, Path(scratch), verdict)
        if left.told and verdict.cuts % max(1, cuts // KEPT) == 0:
            verdict.images.append((left.image, left.told))
        progress(verdict.cuts)
    return verdict


def _look(image: bytes, told: Sequence[str], at: int, scratch: Path, verdict: Verdict) -> None:
    """Recover an image as the next start would, and hold it against what was told."""
    try:
        config = _recovered(image, scratch)
    except (GuestError, ConfigError) as error:
        verdict.damaged.append(f"cut {at}: {error}")
        return
    try:
        chain = _started(config)
        proof = verify(config.state_dir, full=True)
        entries = _entries(config)
    except StoreError as error:
        verdict.damaged.append(f"cut {at}: {error}")
        return
    if not proof.ok:
        verdict.damaged.append(f"cut {at}: {proof.bad[:3]}")
    if chain.epoch != 1:
        verdict.damaged.append(f"cut {at}: the box has begun epoch {chain.epoch}")
    verdict.lost += [f"cut {at}: {word}" for word in told if word not in entries]
    counted = Counter(word.split()[0] for word in entries)
    verdict.doubled += [f"cut {at}: sale {one}" for one, count in counted.items() if count > 1]
    if sorted(map(int, counted)) != list(range(1, len(counted) + 1)):
        verdict.damaged.append(f"cut {at}: a sale is missing between others")


def _started(config: Config) -> Chain:
    """Open the state as the box's start does, and close it; return the chain. Raises StoreError."""
    store = Store.open(
        config.state_dir,
        config.box.id,
        clock=SystemClock(ZoneInfo(config.shop.timezone), config.box.clock_start),
        entropy=SystemEntropy(),
        closing_hour=config.shop.closing_hour,
        software=VERSION,
        hardware="",  # that this machine is another one is no matter here
    )
    store.close()
    return store.chain


def _recovered(image: bytes, scratch: Path) -> Config:
    """Repair the file system as a boot does, take the state out of it; return a config for it."""
    disk, state = scratch / "cut.raw", scratch / "state"
    disk.write_bytes(image)
    repair(disk)
    run(["debugfs", "-R", f"rdump /state {scratch}", disk])
    disk.unlink()
    state.mkdir(exist_ok=True)  # a cut before the box had made it
    file = scratch / "memberbox.toml"
    file.write_text(CONFIG.format(state=state, run=scratch / "run"), encoding="utf-8")
    config, problems, _ = load_or_last_good(file, last_good_path(file), vocabulary())
    assert not problems, problems
    return config


def repair(disk: Path) -> None:
    """Replay the journal of ext4, as a boot does. Raises GuestError if more is wrong than that."""
    done = subprocess.run(["nice", "-n", "10", "/sbin/e2fsck", "-fp", disk], capture_output=True)
    if done.returncode & ~E2FSCK_MENDED:
        raise GuestError(f"e2fsck: {done.returncode}: {done.stdout.decode(errors='replace')}")


def _entries(config: Config) -> list[str]:
    """Return a word for each sale of the till, as the till told it."""
    words = []
    with open_journal(config) as journal:
        head = journal.head(1)
        for one in journal.read(1, 1, 0 if head is None else head.seq):
            entry = msgspec.json.decode(one.data, type=_Sale)
            if entry.source == SOURCE:
                number = entry.id.removeprefix("till-")
                words.append(f"{number} {entry.box}.{entry.epoch}:{entry.seq} {one.hash}")
    return words


class _Sale(msgspec.Struct, frozen=True):
    source: str
    id: str
    box: str
    epoch: int
    seq: int
