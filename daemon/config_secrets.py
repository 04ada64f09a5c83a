"""Secrets of memberbox.toml: taken out of the file, kept as credentials, put back when it is read.

A technician writes them under [hq] of the one file that he copies. Provisioning moves them into
files of their own that only root reads (/etc/memberbox/credentials); systemd hands them to the
box's unit (LoadCredential=), in a folder in memory that nobody else sees.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from daemon.config_tables import Hq, Secret
from daemon.mistakes import ConfigProblem

FOLDER_VARIABLE = "CREDENTIALS_DIRECTORY"
PREFIX = "memberbox_"  # LoadCredential=memberbox:FOLDER names each file of the folder so
SECRET_BYTES_MAX = 4096
WORD_CHARS = 12  # what is shorter may stand elsewhere by chance, as a number or a word

# By key of [hq]: the name of the file that keeps it.
NAMES: Mapping[str, str] = MappingProxyType({"token": "hq_token", "password": "hq_password"})

_HEADER = re.compile(r"\s*\[\s*(?P<name>[^\[\]]+?)\s*\]\s*(#.*)?")
_BLANK = "# {key}: taken into the box's credentials"
_ALLOWED = 'one line {key} = "..." below [hq], and the secret nowhere else'


class Parted(msgspec.Struct, frozen=True):
    """A config without its secrets, and these by key of [hq]."""

    text: bytes
    secrets: Mapping[str, str]


def part(file: str, source: bytes) -> Parted | ConfigProblem:
    """Return a good config without its secrets, or why they cannot be taken out of it.

    Nothing else of the file changes: remarks and the order of lines are the technician's.
    """
    text = source.decode()
    table = tomllib.loads(text).get("hq", {})
    secrets = {key: str(table[key]) for key in NAMES if key in table}
    lines = text.splitlines(keepends=True)
    for key in secrets:
        lines = _without(key, lines)
    parted = "".join(lines)
    for key, secret in secrets.items():
        twice = len(secret) >= WORD_CHARS and secret in parted
        if twice or key in tomllib.loads(parted).get("hq", {}):
            allowed = _ALLOWED.format(key=key)
            return ConfigProblem(file, f"hq.{key}", None, allowed, found="cannot be taken out")
    return Parted(parted.encode(), secrets)


def _without(key: str, lines: list[str]) -> list[str]:
    inside = re.compile(rf"\s*[\"']?{key}[\"']?\s*=")
    outside = re.compile(rf"\s*hq\s*\.\s*{key}\s*=")
    kept, name = [], ""
    for line in lines:
        header = _HEADER.fullmatch(line.rstrip("\r\n"))
        if header is not None:
            name = header["name"]
        elif line.lstrip().startswith("[["):
            name = "[["
        if (name == "hq" and inside.match(line)) or (not name and outside.match(line)):
            end = line[len(line.rstrip("\r\n")) :]
            kept.append(_BLANK.format(key=key) + end)
        else:
            kept.append(line)
    return kept


def with_credentials(hq: Hq | None, environ: Mapping[str, str]) -> Hq | None:
    """Return [hq] with the secrets that systemd hands to this unit; the file's own go before."""
    folder = environ.get(FOLDER_VARIABLE, "")
    if hq is None or not folder:
        return hq
    return msgspec.structs.replace(
        hq,
        token=hq.token or _read(Path(folder), "token"),
        password=hq.password or _read(Path(folder), "password"),
    )


def _read(folder: Path, key: str) -> Secret | None:
    try:
        with (folder / f"{PREFIX}{NAMES[key]}").open("rb") as file:
            text = file.read(SECRET_BYTES_MAX).decode().strip()
    except (OSError, UnicodeDecodeError):
        return None
    return Secret(text) if text else None
