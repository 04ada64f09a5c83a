"""Other people's programs, and what is said when one of them fails."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


class PackageError(Exception):
    """The package cannot be built; the message says what a person can do."""


def run(
    command: list[str],
    failed: str,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Return what the program said on stdout. Raises PackageError: `failed`, and its stderr."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
    )
    if done.returncode:
        raise PackageError(f"{failed}:\n{done.stderr.strip()}")
    return done.stdout
