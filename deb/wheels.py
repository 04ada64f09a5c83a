"""What a box needs of other people's libraries, for another machine than this one.

The closure of the project's own dependencies is walked over the metadata of the environment that
requirements.lock made; version and hashes come from the lock, so that a package holds exactly what
the tests ran with.
"""

import hashlib
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deb.programs import PackageError, run

PROJECT = "memberbox"
PYTHON = "3.11"  # Debian 12's and Raspberry Pi OS's own

# PyPI has no wheel of evdev for arm64; Debian's package is the same library, built there.
EVDEV = "python3-evdev"
EVDEV_SHA256: Mapping[str, str] = {
    "arm64": "dd3c5995de85d99f6a7fb36386abe0f059588d7c2e709eeea97636e3cc1aec82"
}


@dataclass(frozen=True, slots=True)
class Machine:
    """A kind of machine, by Debian's name."""

    name: str
    word: str  # as Python markers and wheels say it

    @property
    def platforms(self) -> tuple[str, ...]:
        """The wheels it takes, newest first: Debian 12 has glibc 2.36."""
        return tuple(f"{tag}_{self.word}" for tag in _GLIBC_TAGS)


_GLIBC_TAGS = ("manylinux_2_28", "manylinux_2_17", "manylinux2014", "manylinux_2_12", "manylinux1")
MACHINES: Mapping[str, Machine] = {
    "amd64": Machine("amd64", "x86_64"),
    "arm64": Machine("arm64", "aarch64"),
}


def needed(machine: Machine) -> list[str]:
    """Return the canonical names of every library that the project needs on `machine`, sorted."""
    environment = {
        "platform_machine": machine.word,
        "platform_system": "Linux",
        "sys_platform": "linux",
        "os_name": "posix",
        "python_version": PYTHON,
        "python_full_version": f"{PYTHON}.2",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    found: set[str] = set()
    waiting = [(PROJECT, frozenset[str]())]
    while waiting:
        name, extras = waiting.pop()
        for requirement in _requirements(name):
            if not _applies(requirement, environment, extras):
                continue
            wanted = canonicalize_name(requirement.name)
            if wanted not in found:
                found.add(wanted)
                waiting.append((wanted, frozenset(requirement.extras)))
    return sorted(found)


def _requirements(name: str) -> Iterator[Requirement]:
    for text in distribution(name).requires or ():
        yield Requirement(text)


def _applies(
    requirement: Requirement, environment: Mapping[str, str], extras: frozenset[str]
) -> bool:
    if requirement.marker is None:
        return True
    return any(
        requirement.marker.evaluate({**environment, "extra": extra}) for extra in (*extras, "")
    )


def locked(lock: Path, names: list[str]) -> str:
    """Return the lines of the lock file for `names`, with their hashes and without markers.

    Raises PackageError for a name that the lock does not hold.
    """
    blocks: dict[str, str] = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock.read_text(encoding="utf-8")):
        head = re.match(r"([A-Za-z0-9._-]+)==", block)
        if head:
            body = "\n".join(
                line for line in block.splitlines() if not line.lstrip().startswith("#")
            )
            blocks[canonicalize_name(head[1])] = re.sub(r" ;[^\\\n]*", " ", body, count=1)
    missing = [name for name in names if name not in blocks]
    if missing:
        raise PackageError(f"{lock.name} does not hold {', '.join(missing)}: run `make lock`")
    return "\n".join(blocks[name].rstrip("\\ \n") for name in names) + "\n"


def fetch(machine: Machine, lock: Path, wheels: Path, scratch: Path) -> None:
    """Put the wheels that `machine` needs into `wheels`; pip proves every hash.

    Raises PackageError.
    """
    wanted = scratch / f"wanted-{machine.name}.txt"
    wanted.write_text(locked(lock, needed(machine)), encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--require-hashes", "-r", str(wanted)]
    command += ["--implementation", "cp", "--python-version", PYTHON, "-d", str(wheels)]
    for abi in ("cp311", "abi3", "none"):
        command += ["--abi", abi]
    for platform in machine.platforms:
        command += ["--platform", platform]
    run(command, "pip could not fetch the wheels: is the package index reachable?")


def unpack(wheels: Path, site: Path) -> None:
    """Unpack every wheel of the folder into `site`, as an installer would; their scripts stay out.

    What only a developer reads (tests of libraries, headers) is left behind.
    """
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for member in sorted(archive.namelist()):
                inside = _inside(member)
                if inside is not None and not member.endswith("/"):
                    target = site / inside
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(archive.read(member))


def _inside(member: str) -> str | None:
    """Return where a wheel's file goes below site-packages; None: not for a box."""
    data = re.match(r"[^/]+\.data/(purelib|platlib)/(.*)", member)
    if data:
        return data[2]
    return None if re.match(r"[^/]+\.data/", member) else member


def debian_evdev(machine: Machine, site: Path, scratch: Path) -> None:
    """Put Debian's own evdev for `machine` into `site`. Raises PackageError.

    apt works in a folder of its own: this machine's packages and architectures stay as they are.
    """
    state = scratch / "apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    options = {
        "APT::Architecture": machine.name,
        "APT::Architectures": machine.name,
        "Dir::State::Lists": str(state / "lists"),
        "Dir::State::status": "/dev/null",
        "Dir::Cache": str(state / "cache"),
        "APT::Sandbox::User": "",
    }
    apt = ["apt-get", "-qq"]
    for key, value in options.items():
        apt += ["-o", f"{key}={value}"]
    advice = "apt could not fetch python3-evdev: is the package archive reachable?"
    run([*apt, "update"], advice)
    run([*apt, "download", EVDEV], advice, cwd=state)
    (archive,) = state.glob(f"{EVDEV}_*.deb")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != EVDEV_SHA256[machine.name]:
        raise PackageError(
            f"{archive.name} has the SHA-256 {digest}, not the one in deb/wheels.py: look at what "
            "Debian changed, then write the new one there"
        )
    root = scratch / "evdev"
    run(["dpkg-deb", "-x", str(archive), str(root)], "dpkg-deb could not unpack evdev")
    for found in (root / "usr/lib/python3/dist-packages").iterdir():
        run(["cp", "-r", str(found), str(site)], "could not copy evdev")
