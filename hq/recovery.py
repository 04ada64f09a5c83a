"""The recovery code of a box, found by headquarters in any of its backups."""

from pathlib import Path

from daemon.errors import SealError, StoreError
from daemon.vault import Header, code_of, read_header, recovery_for
from hq.store import Office


def recovery_code(office: Office, file: Path) -> tuple[Header, str]:
    """Return whose file it is and the code that opens it. Raises StoreError."""
    try:
        with file.open("rb") as opened:
            header = read_header(opened)
        return header, code_of(recovery_for(header, office.seed))
    except (OSError, SealError) as error:
        raise StoreError(
            str(file),
            doing="reading a backup",
            found=str(error),
            fix="Give a file that `memberbox backup` made on a box of this headquarters.",
            retry=False,
        ) from error
