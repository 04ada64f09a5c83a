"""The recovery code of a box: kept beside its config, so that the same machine can restore itself.

Whoever has it reads every backup of this box. Headquarters finds it in any of them
(`memberbox-hq recovery FILE`); a person may write it down (`memberbox backup FILE --code`).
"""

import os
from contextlib import suppress
from pathlib import Path

from daemon.errors import SealError
from daemon.vault import code_of, parse_code


def code_path(config_path: Path, box: str) -> Path:
    """Return where the code of a box is kept: not in the state directory, which may be lost."""
    return config_path.with_name(f"memberbox-{box}.recovery")


def keep_code(path: Path, recovery: bytes) -> str:
    """Keep the code for this machine; return why it could not be kept, "" when it is."""
    if kept_code(path) == recovery:
        return ""
    draft = path.with_name(f".{path.name}.new")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{code_of(recovery)}\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        return f"{path}: {error.strerror}"
    return ""


def kept_code(path: Path) -> bytes | None:
    """Return the recovery key that is kept beside the config; None: there is none."""
    try:
        return parse_code(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError, SealError):
        return None
