"""Reading a box's second copy: its files hold batches, sealed to us; intake does the rest."""

from pathlib import Path

from daemon.errors import SealError, StoreError
from daemon.sync.batch import BatchError, parse_batch
from daemon.sync.copied import SUFFIX, parted, read_plain
from daemon.sync.wire import up
from daemon.vault import read_header, recovery_for
from hq.intake import Arrival, Intake
from hq.progress import Progress, silent
from hq.store import Office

FILES_AT_ONCE = 50  # of one transaction


def take_copy(office: Office, folder: Path, progress: Progress = silent) -> tuple[int, list[str]]:
    """Store every entry of a second copy; return how many were new, and what was refused and why.

    The files are verified like anything that a box sends; twice changes nothing. Raises StoreError.
    """
    paths = sorted(folder.rglob(f"*{SUFFIX}"))
    if not paths:
        raise StoreError(
            str(folder),
            doing="reading a second copy",
            found=f"no file *{SUFFIX} there",
            fix="Give the folder memberbox-BOX of the stick.",
            retry=False,
        )
    intake, stored, refused = Intake(office), 0, []
    arrivals: list[Arrival] = []
    for path in paths:
        try:
            payload = _batch_in(office, path)
            header = parse_batch(payload).header
        except (SealError, BatchError, OSError) as error:
            refused.append(f"{path.name}: {error}")
            continue
        arrivals.append(Arrival(up(header.box, "journal"), payload, live=False))
    for start in range(0, len(arrivals), FILES_AT_ONCE):
        progress(start, len(arrivals))
        drained = intake.drain(arrivals[start : start + FILES_AT_ONCE])
        stored += drained.stored
        refused += [f"{one.topic}: {one.why}" for one in drained.refusals]
    return stored, refused


def _batch_in(office: Office, path: Path) -> bytes:
    """Return the batch of a file. Raises OSError, SealError."""
    with path.open("rb") as file:
        recovery = recovery_for(read_header(file), office.seed)
    return parted(read_plain(path, recovery))[0]
