"""What `memberbox doctor` asks the machine: its medium, its power, its watchdog, who may read what.

Everything is read from the kernel's own files; what a machine does not tell is left out.
"""

import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

import msgspec

from daemon.config import Config
from daemon.finding import Finding, Level
from daemon.hardware import disk_of

SECTOR_BYTES = 512  # of /sys/block/*/stat and */size, whatever the medium's own is
CYCLES = 500  # of erasing, that cheap TLC cards last; industrial ones last six times as many
AMPLIFICATION = 8  # a small card writes so many times what it is given
YEARS_WARN = 3.0
UPTIME_MIN_S = 3600.0  # before that, what a start writes is taken for what a day does
FLEETING = frozenset({"tmpfs", "ramfs", "overlay"})
WORN: Mapping[str, str] = MappingProxyType(
    {"0x02": "80 % of its spare blocks are used", "0x03": "its spare blocks are used up"}
)
LOW_NOW, LOW_ONCE = 0x1, 0x10000  # of get_throttled: under-voltage now, and since the start
OUR_SECRETS = ("keys/device.key", "keys/phone.key", "keys/recovery.key", "tls/own.key")


class Machine(msgspec.Struct, frozen=True):
    """Where the kernel's files lie; a test has its own."""

    sys: Path = Path("/sys")
    proc: Path = Path("/proc")
    dev: Path = Path("/dev")
    etc: Path = Path("/etc/memberbox")


def machine(config: Config, path: Path, where: Machine) -> Iterator[Finding]:
    """Yield what is found of the machine of the box whose config lies at path."""
    yield from _mounted(config.state_dir, where)
    yield from _wear(config.state_dir, where)
    yield from _power(where)
    yield from _watchdog(where)
    yield from _secrets(config, path, where)


def _mounted(folder: Path, where: Machine) -> Iterator[Finding]:
    """Tell of mounts that forget what they were told to keep."""
    found = _mount_of(folder, where)
    if found is None:
        return
    kind, options = found
    if kind in FLEETING:
        fix = "Put [box] state_dir on a disk: what is sold would be gone with the power."
        yield Finding("disk", "error", f"{folder} lies on {kind}, in memory", fix)
    elif {"nobarrier", "barrier=0"} & set(options.split(",")):
        fix = "Mount it with barriers: the last sales may be lost, and the books damaged."
        yield Finding("disk", "error", f"{folder} is mounted without barriers", fix)
    else:
        yield Finding("disk", "ok", f"{folder} on {kind}, with barriers")


def _mount_of(folder: Path, where: Machine) -> tuple[str, str] | None:
    """Return kind and options of the mount that a folder lies on; the deepest, the last one."""
    best: tuple[int, str, str] = (-1, "", "")
    for line in _read(where.proc / "self" / "mountinfo").splitlines():
        left, _, right = line.partition(" - ")
        fields, more = left.split(" "), right.split(" ")
        if len(fields) > 5 and len(more) > 2:
            place = Path(fields[4].replace("\\040", " "))
            if folder.is_relative_to(place) and len(place.parts) >= best[0]:
                best = (len(place.parts), more[0], f"{fields[5]},{more[2]}")
    return None if best[0] < 0 else best[1:]


def _wear(folder: Path, where: Machine) -> Iterator[Finding]:
    """Tell how worn the medium is, by its own word, else how long it may last at this rate."""
    disk = disk_of(folder, where.sys)
    if disk is None:
        return
    fix = "Back up, and put in a new card."
    worn = WORN.get(_read(disk / "device" / "pre_eol_info"))
    life = _read(disk / "device" / "life_time").split()
    if worn is not None:
        yield Finding("wear", "error" if "up" in worn else "warning", f"{disk.name}: {worn}", fix)
    elif life and life != ["0x00", "0x00"]:
        most = max(int(one, 16) for one in life) * 10
        level: Level = "error" if most > 100 else "warning" if most > 80 else "ok"
        found = f"{disk.name}: about {most} % of its life is used, it says"
        yield Finding("wear", level, found, "" if level == "ok" else fix)
    else:
        yield from _estimate(disk, where, fix)


def _estimate(disk: Path, where: Machine, fix: str) -> Iterator[Finding]:
    fields, size = _read(disk / "stat").split(), _read(disk / "size")
    uptime = float((_read(where.proc / "uptime").split() or ["0"])[0])
    if len(fields) < 7 or not size.isdecimal() or uptime < UPTIME_MIN_S:
        return
    day_bytes = int(fields[6]) * SECTOR_BYTES * 86400 / uptime
    lasts = int(size) * SECTOR_BYTES * CYCLES / AMPLIFICATION
    years = lasts / max(day_bytes, 1.0) / 365
    level: Level = "ok" if years > YEARS_WARN else "warning"  # it is an estimate
    at = "more than 50" if years > 50 else f"about {years:.1f}"
    found = f"{disk.name}: {day_bytes / 1e6:.0f} MB a day; a cheap card lasts {at} years so"
    yield Finding("wear", level, found, "" if level == "ok" else f"See what writes. {fix}")


def _power(where: Machine) -> Iterator[Finding]:
    """Tell of a power supply that is too weak: what corrupts cards and drops USB devices."""
    fix = "Use the supply that came with the machine, and a short thick cable."
    throttled = _read(where.sys / "devices/platform/soc/soc:firmware/get_throttled")
    low: str | None = None
    if throttled:
        bits = int(throttled, 16)
        low = "now" if bits & LOW_NOW else "since the start" if bits & LOW_ONCE else ""
    for name in (where.sys / "class" / "hwmon").glob("hwmon*/name"):
        if _read(name) == "rpi_volt":
            low = low or ("now" if _read(name.parent / "in0_lcrit_alarm") == "1" else "")
    if low:
        yield Finding("power", "error", f"under-voltage {low}", fix)
    elif low is not None:
        yield Finding("power", "ok", "no under-voltage")


def _watchdog(where: Machine) -> Iterator[Finding]:
    """Tell whether the hardware would start a machine anew whose kernel hangs."""
    fix = "RuntimeWatchdogSec=15s in /etc/systemd/system.conf, then restart the machine."
    nodes = sorted((where.sys / "class" / "watchdog").glob("watchdog*"))
    if not nodes:
        none = "A kernel that hangs stays so. On a Raspberry Pi: dtparam=watchdog=on in config.txt."
        yield Finding("watchdog", "warning", "this machine has no hardware watchdog", none)
        return
    states = {_read(node / "state") for node in nodes}
    if states == {""}:  # a kernel that does not tell
        yield Finding("watchdog", "ok", f"{nodes[0].name}; the kernel does not say if it is armed")
    elif "active" in states:
        yield Finding("watchdog", "ok", "the hardware watchdog is armed")
    else:
        yield Finding("watchdog", "warning", "the hardware watchdog is not armed", fix)


def _secrets(config: Config, path: Path, where: Machine) -> Iterator[Finding]:
    """Tell of secrets that others may read."""
    places = [config.state_dir / name for name in OUR_SECRETS]
    with suppress(OSError):
        places += sorted((where.etc / "credentials").iterdir())
    open_ = [place for place in places if _mode(place) & 0o077]
    for place in open_:
        yield Finding("secrets", "error", f"{place} can be read by others", f"chmod go= {place}")
    hq = config.hq
    told = hq is not None and (hq.token or hq.password) and _mode(path) & 0o007
    if told:
        fix = f"chmod o= {path}, or let memberbox provision take the secrets out."
        yield Finding("secrets", "warning", f"{path} holds secrets, and all may read it", fix)
    if not open_ and not told:
        yield Finding("secrets", "ok", "keys and credentials are the box's alone")


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
