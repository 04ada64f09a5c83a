"""The recovery code of a box: kept beside its config, so that the same machine can restore itself.

Whoever has it reads every backup of this box. Headquarters finds it in any of them
(`memberbox-hq recovery FILE`); a person may write it down (`memberbox backup FILE --code`).
"""

from pathlib import Path

from daemon import wholefile
from daemon.errors import SealError
from daemon.vault import code_of, parse_code


def code_path(config_path: Path, box: str) -> Path:
    """Return where the code of a box is kept: not in the state directory, which may be lost."""
    return config_path.with_name(f"memberbox-{box}.recovery")


def keep_code(path: Path, recovery: bytes) -> str:
    """Keep the code for this machine; return why it could not be kept, "" when it is."""
    if kept_code(path) == recovery:
        return ""
    try:
        wholefile.replace(path, f"{code_of(recovery)}\n".encode("ascii"))
    except OSError as error:
        return f"{path}: {error.strerror}"
    return ""


def kept_code(path: Path) -> bytes | None:
    """Return the recovery key that is kept beside the config; None: there is none."""
    try:
        return parse_code(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError, SealError):
        return None
