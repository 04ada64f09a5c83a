"""`memberbox provision`: the one file that a technician copies becomes the box's config.

It lies on the boot partition, or on a stick while the box has no config yet. It is checked
completely; with a mistake nothing changes, and every mistake is told. A good one takes its place
whole or not at all; its secrets go into credentials, and where the technician put them they are
blanked. A power cut between any two steps leaves the old config or the new one, and the secret in
the file or in the credentials: the next start does what is left. The box starts after this has
ended (memberbox-provision.service), so it never sees half of it.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from daemon import config as configs
from daemon import config_secrets
from daemon.commands.answer import Answer, Exit
from daemon.commands.provision_disk import Disk, RealDisk, replace
from daemon.commands.vocabulary import share_dir, vocabulary
from daemon.config import Config, ConfigError
from daemon.config_rows import telling_devices
from daemon.devices import DeviceConfig
from daemon.drivers.assembly import problems as device_problems
from daemon.howmany import HowMany
from daemon.mistakes import ConfigProblem
from daemon.provisioned import REPORT, Provisioned, report_dir

NAME = "memberbox.toml"
ON_BOOT = (Path("boot/firmware") / NAME, Path("boot") / NAME)  # Raspberry Pi OS 12, and others
ON_STICKS = (f"media/*/{NAME}", f"media/*/*/{NAME}", f"mnt/*/{NAME}")
ETC = Path("etc/memberbox")
CREDENTIALS = "credentials"
RECORD = "provisioned.json"  # what was last applied: a file that a person changes here stays so
JOURNAL = Path("var/lib/memberbox/journal.db")
BEGUN, APPLIED, DONE = "begun", "applied", "done"
FOLDER_MODE, SECRET_MODE, CONFIG_MODE, SOURCE_MODE = 0o700, 0o600, 0o640, 0o644


class Record(msgspec.Struct, frozen=True):
    source: str
    sha256: str  # of the file without its secrets
    state: str  # begun, applied (its secrets may still stand in the file), done


class Failed(Exception):
    """The medium would not; the message says what a person can do."""


def provision(root: Path, disk: Disk | None = None) -> Answer:
    """Look for the file below `root` and apply it; exit code 0 also when there is nothing to do."""
    box = _Box(root, disk or RealDisk())
    source = box.source()
    if source is None:
        there = box.config.exists()
        said = "no new config" if there else f"no {NAME} on the boot partition or a stick"
        return _answer(Provisioned("none", "", said))
    try:
        told = box.take(source)
    except Failed as error:
        told = Provisioned("failed", str(source), str(error))
    except ConfigError as error:
        unreadable = "unreadable" if error.unreadable else "refused"
        said = f"{HowMany(len(error.problems)):mistake}; nothing was changed"
        lines = tuple(map(str, error.problems))
        told = Provisioned(unreadable, str(source), said, lines, usable_devices(source))
    box.report(told)
    return _answer(told)


class _Box:
    """One machine's files."""

    def __init__(self, root: Path, disk: Disk) -> None:
        self._root = root
        self._disk = disk
        self._etc = root / ETC
        self.config = self._etc / NAME

    def source(self) -> Path | None:
        """Return the file to take: of the boot partition, else of a stick if there is no config."""
        places = [self._root / place for place in ON_BOOT]
        begun = self._recorded()
        if begun is not None and begun.state != DONE:  # of a stick, it may be
            places.append(self._root / begun.source.lstrip("/"))
        if not self.config.exists():
            places += [path for pattern in ON_STICKS for path in sorted(self._root.glob(pattern))]
        return next((path for path in places if path.is_file()), None)

    def take(self, source: Path) -> Provisioned:
        """Check and apply; do what an earlier try has left. Raises ConfigError, Failed."""
        config = configs.load(source, vocabulary())
        problems = [*_devices(config, source), *self._other_box(config, source)]
        parted = config_secrets.part(str(source), source.read_bytes())
        if isinstance(parted, ConfigProblem):
            problems.append(parted)
        if problems or isinstance(parted, ConfigProblem):
            raise ConfigError(problems)
        digest = hashlib.sha256(parted.text).hexdigest()
        before = self._recorded()
        same = before is not None and before.sha256 == digest and before.state != BEGUN
        if not (same and self.config.exists()):
            self._record(source, digest, BEGUN)
            self._keep(parted.secrets)
            self._replace(self.config, parted.text, CONFIG_MODE)
        elif parted.secrets:
            self._keep(parted.secrets)
        elif before is not None and before.state == DONE:
            return Provisioned("unchanged", str(source), "the config is in place")
        if parted.secrets:
            self._record(source, digest, APPLIED)
            left = self._blank(source, parted)
            if left:
                return Provisioned("applied", str(source), f"in place; {left}", (left,))
        self._record(source, digest, DONE)
        return Provisioned("applied", str(source), f"in place as {self._inside(self.config)}")

    def report(self, told: Provisioned) -> None:
        """Tell the box, which shows and prints it; without a place for it the log has it."""
        folder = report_dir(os.environ, self._root)
        with suppress(OSError):
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            report = folder / REPORT
            report.write_bytes(msgspec.json.encode(told))
            report.chmod(SOURCE_MODE)  # the box reads it as another user; no secret is in it

    def _keep(self, secrets: Mapping[str, str]) -> None:
        """Write the secrets before the config: one without them would be a broken one."""
        for key, secret in secrets.items():
            place = self._etc / CREDENTIALS / config_secrets.NAMES[key]
            self._replace(place, secret.encode(), SECRET_MODE)

    def _blank(self, source: Path, parted: config_secrets.Parted) -> str:
        """Take the secrets out of the technician's file; return what he has to do himself."""
        if not parted.secrets:
            return ""
        try:
            replace(self._disk, source, parted.text, SOURCE_MODE)
        except OSError as error:
            keys = " and ".join(parted.secrets)
            return f"take {keys} out of {source} yourself: it cannot be written ({error.strerror})"
        return ""

    def _replace(self, path: Path, data: bytes, mode: int) -> None:
        try:
            replace(self._disk, path, data, mode)
        except OSError as error:
            raise _failed(path, error) from error

    def _record(self, source: Path, digest: str, state: str) -> None:
        record = Record(self._inside(source), digest, state)
        try:
            self._disk.make_folder(self._etc / CREDENTIALS, FOLDER_MODE)
        except OSError as error:
            raise _failed(self._etc, error) from error
        self._replace(self._etc / RECORD, msgspec.json.encode(record), CONFIG_MODE)

    def _recorded(self) -> Record | None:
        try:
            return msgspec.json.decode((self._etc / RECORD).read_bytes(), type=Record)
        except (OSError, msgspec.MsgspecError):
            return None

    def _other_box(self, config: Config, source: Path) -> Iterator[ConfigProblem]:
        """A machine that keeps the books of one box cannot become another."""
        with suppress(ConfigError):
            now = configs.load(self.config).box.id
            if now != config.box.id and (self._root / JOURNAL).exists():
                found = f"is another box: this machine keeps the books of {now}"
                yield ConfigProblem(str(source), "box.id", config.box.id, now, found=found)

    def _inside(self, path: Path) -> str:
        return f"/{path.relative_to(self._root)}"


def usable_devices(path: Path) -> tuple[DeviceConfig, ...]:
    """Return the printers and displays on which the mistakes of this file can be told."""
    named = telling_devices(path)
    return tuple(one for one in named if not device_problems((one,), share_dir()))


def _devices(config: Config, source: Path) -> Iterator[ConfigProblem]:
    for one in device_problems(config.devices, share_dir()):
        key = f"devices[{one.index}].{one.key}"
        yield ConfigProblem(str(source), key, one.value, one.allowed, found=one.what)


def _failed(path: Path, error: OSError) -> Failed:
    return Failed(
        f"{path}: {error.strerror}. Look at the disk; at the next start it is tried again."
    )


def _answer(told: Provisioned) -> Answer:
    codes = {"refused": Exit.NO, "unreadable": Exit.WRONG_USE, "failed": Exit.UNREACHABLE}
    code = codes.get(told.outcome, Exit.YES)
    data = {"ok": code is Exit.YES, **msgspec.structs.asdict(told)}
    lines: Sequence[str] = [*told.mistakes, f"{told.source or 'provision'}: {told.said}"]
    return Answer(code, data, lines)
