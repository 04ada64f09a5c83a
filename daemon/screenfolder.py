"""The screen's folder, filled by headquarters: its files in, its former ones out.

What a person has put there stays. Blocking: not for the loop.
"""

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from daemon.display.kiosk.folder import PUT
from daemon.display.playlist import FILE


def lay_out(folder: Path, files: Mapping[str, Path], text: str) -> None:
    """Let the folder hold these files (name -> where the bytes are) and this playlist.toml.

    Each appears as a whole; what a person has put there stays. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = _put_before(folder)
    names = {*files, *([FILE] if text else [])}
    # Noted first: after a crash half-way the next time knows what is headquarters' own.
    _write(folder / PUT, json.dumps(sorted(before | names)))
    for name, source in files.items():
        _place(source, folder / name)
    if text:
        _write(folder / FILE, text)
    for name in before - names:
        (folder / name).unlink(missing_ok=True)
    if names:
        _write(folder / PUT, json.dumps(sorted(names)))
    else:
        (folder / PUT).unlink(missing_ok=True)  # what the config names plays again


def _put_before(folder: Path) -> set[str]:
    with suppress(OSError, ValueError):
        found = json.loads((folder / PUT).read_text(encoding="utf-8"))
        if isinstance(found, list):
            return {name for name in found if isinstance(name, str) and "/" not in name}
    return set()


def _place(source: Path, target: Path) -> None:
    """Give a file its name there; on the same disk it takes no more room."""
    with suppress(FileNotFoundError):
        if target.samefile(source):
            return
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        os.link(source, fresh)
    except OSError:  # another disk, or a FAT one
        shutil.copyfile(source, fresh)
    fresh.rename(target)


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.rename(path)
