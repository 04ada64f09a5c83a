"""`memberbox support-bundle`: what an engineer far away needs, in one file; nothing of any person.

It holds what the box says of itself, the findings of the doctor, the machine's own figures, the
newest log lines, and of the journal only number, kind, time and hash of the newest entries: never a
body, a name, a phone number, a card, a key or a secret. Every text goes through `clean`, which puts
*** for what looks like one of these, so that a careless log line tells nothing either.
"""

import io
import os
import re
import subprocess
import tarfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

import msgspec

from daemon.commands.answer import Answer, Exit, unreachable
from daemon.commands.doctor import doctor
from daemon.commands.looking import open_journal, status
from daemon.commands.proving import check
from daemon.commands.suggest import suggest
from daemon.commands.vocabulary import vocabulary
from daemon.config import Config, last_good_path
from daemon.errors import StoreError
from daemon.howmany import HowMany
from daemon.ledger.codec import envelope
from daemon.mistakes import HIDDEN, is_secret
from daemon.release import BUILT, VERSION

ENTRIES = 200  # of the journal's end: what happened in the last hour
LOG_LINES = 2000
FILE_BYTES_MAX = 256 * 1024  # of one of the kernel's files
COMMAND_WITHIN_S = 10.0
# Whose they are, or who answers there: a person's, whatever else the table says.
PRIVATE_KEYS = frozenset(
    {"owner", "phone", "service_phone", "address", "user", "operator", "guide"}
)
PROC = ("cpuinfo", "meminfo", "mounts", "uptime", "loadavg", "diskstats", "version", "cmdline")
PROGRAMS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "log.txt": (
            "journalctl",
            "-u",
            "memberbox*",
            "-n",
            str(LOG_LINES),
            "--no-pager",
            "-o",
            "short",
        ),
        "kernel.txt": ("journalctl", "-k", "-n", str(LOG_LINES), "--no-pager", "-o", "short"),
        "unit.txt": ("systemctl", "show", "memberbox.service", "memberbox-kiosk.service"),
        "disks.txt": ("df", "-h"),
        "usb.txt": ("lsusb",),
    }
)

# A card, a phone, a barcode; a key or token; what stands in base64; an address of mail.
_TELLTALE = re.compile(
    r"(?<![\w.])\+?\d(?:[ -]?\d){6,}(?![\w.])|\b[0-9A-Fa-f]{16,}\b|[A-Za-z0-9+/]{32,}={0,2}|\S+@\S+"
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")  # names of people are written in Chinese here


def support_bundle(config: Config, path: Path, out: Path) -> Answer:
    """Write the bundle to `out`. What cannot be had is named in it and left out."""
    parts: dict[str, bytes] = {}
    missing: dict[str, str] = {}
    for name, make in _makers(config, path).items():
        try:
            parts[name] = clean(make()).encode("ascii", "replace")
        except (OSError, StoreError, ValueError, subprocess.SubprocessError) as error:
            missing[name] = type(error).__name__
    about = {"box": config.box.id, "software": VERSION, "built": f"{BUILT:%Y-%m-%d}"}
    manifest = {**about, "parts": sorted(parts), "left_out": missing}
    parts["manifest.json"] = msgspec.json.format(msgspec.json.encode(manifest))
    try:
        size = _write(out, parts)
    except OSError as error:
        return unreachable(f"{out}: {error.strerror}. Name a file in a folder with room.")
    data = {"ok": True, "file": str(out), "bytes": size, **manifest}
    left = f"; left out: {', '.join(missing)}" if missing else ""
    said = f"{out}: {size / 1000:.0f} kB, {HowMany(len(parts)):part}, nothing of any person{left}"
    return Answer(Exit.YES, data, [said])


def clean(text: str) -> str:
    """Return text without what may name a person or open anything."""
    return _NOT_ASCII.sub(HIDDEN, _TELLTALE.sub(HIDDEN, text))


def _makers(config: Config, path: Path) -> dict[str, Callable[[], str]]:
    makers: dict[str, Callable[[], str]] = {
        "status.json": lambda: _json(status(config).data),
        "doctor.json": lambda: _json(doctor(path).data),
        "check.json": lambda: _json(check(path, vocabulary()).data),
        "plugged.json": lambda: _json(suggest().data),
        "config.toml.txt": lambda: _config(path),
        "last-good.toml.txt": lambda: _config(last_good_path(path)),
        "journal.txt": lambda: "\n".join(_entries(config)),
        "files.txt": lambda: "\n".join(_files(config.state_dir)),
    }
    for name in PROC:
        makers[f"proc/{name}"] = lambda name=name: _file(Path("/proc") / name)  # type: ignore[misc]
    makers["os-release"] = lambda: _file(Path("/etc/os-release"))
    for name, command in PROGRAMS.items():
        makers[name] = lambda command=command: _said(command)  # type: ignore[misc]
    return makers


def _json(data: object) -> str:
    return msgspec.json.format(msgspec.json.encode(data)).decode()


def _config(path: Path) -> str:
    """Return the config's keys, and their values where these are nobody's and no secret."""
    return "\n".join(_lines(tomllib.loads(path.read_text("utf-8")), ""))


def _lines(value: object, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _lines(inner, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _lines(inner, f"{where}[{place}]")
    else:
        hidden = is_secret(where) or where.rpartition(".")[2] in PRIVATE_KEYS
        yield f"{where} = {HIDDEN if hidden else value}"


def _entries(config: Config) -> Iterator[str]:
    with open_journal(config) as journal:
        for epoch in journal.epochs():
            head = journal.head(epoch)
            yield f"epoch {epoch}: {HowMany(0 if head is None else head.seq):entry}"
        epoch = max(journal.epochs(), default=1)
        head = journal.head(epoch)
        first = 1 if head is None else max(1, head.seq - ENTRIES + 1)
        for one in journal.read(epoch, first, ENTRIES):
            seen = envelope(one.data)
            what = f"{seen.kind} {seen.source} {one.hash[:8]} {len(one.data)} bytes"
            yield f"{epoch}:{one.seq} {seen.at.wall} {seen.at.clock} {what}"


def _files(folder: Path) -> Iterator[str]:
    for place in sorted(folder.rglob("*")):
        with suppress(OSError):
            found = place.stat()
            name = place.relative_to(folder)
            yield f"{found.st_mode & 0o7777:04o} {found.st_uid} {found.st_size} {name}"


def _file(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(FILE_BYTES_MAX).decode("utf-8", "replace")


def _said(command: Sequence[str]) -> str:
    done = subprocess.run(  # noqa: S603 - the table above
        command,
        capture_output=True,
        check=False,
        timeout=COMMAND_WITHIN_S,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
    )
    return done.stdout.decode("utf-8", "replace")


def _write(out: Path, parts: Mapping[str, bytes]) -> int:
    fresh = out.with_name(f"{out.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as bundle:
        for name, data in sorted(parts.items()):
            about = tarfile.TarInfo(f"memberbox-support/{name}")
            about.size = len(data)
            bundle.addfile(about, io.BytesIO(data))
    fresh.replace(out)
    return out.stat().st_size
