"""One process at a time writes a state directory. Readers (verify, journal show) need no lock."""

import fcntl
import os
from pathlib import Path

from daemon.errors import StoreError

FILE = "lock"
RESTORING = "restoring"  # a folder in the state directory while a restore is under way


class StateLock:
    """Held from now until release() or the end of the process."""

    def __init__(self, state_dir: Path) -> None:
        """Take the lock. Raises StoreError: another process has it, or there is no directory."""
        try:
            self._handle = os.open(state_dir / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise disk_error(state_dir, error) from error
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self._handle, 20, 0).decode(errors="replace").strip()
            os.close(self._handle)
            raise StoreError(
                str(state_dir),
                doing="opening the store",
                found=f"process {holder or '?'} has it open",
                fix="Stop the running box first (systemctl stop memberbox).",
                retry=True,
            ) from error
        except BaseException:
            os.close(self._handle)
            raise
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def check_whole(self, state_dir: Path) -> None:
        """Raise StoreError where a restore was cut off: half a box must not open."""
        if (state_dir / RESTORING).exists():
            raise StoreError(
                str(state_dir),
                doing="opening the store",
                found="a restore was begun here and did not end",
                fix="Do it again: memberbox restore FILE. It begins anew.",
                retry=False,
            )

    def release(self) -> None:
        os.close(self._handle)


def disk_error(state_dir: Path, error: OSError) -> StoreError:
    return StoreError(
        str(state_dir),
        doing="opening the store",
        found=str(error),
        fix="Check that the directory exists, is writable and belongs to the daemon's user.",
        retry=True,
    )
