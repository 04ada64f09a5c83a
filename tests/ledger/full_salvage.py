"""Opens a box with a damaged journal on a disk with ever more room: python -m ... DIR.

As long as there is too little, everything stays as it was, and what is said tells what to do.
"""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from daemon.errors import StoreError
from daemon.ledger.epochs import SALVAGED_FACT
from daemon.ledger.files import DAMAGED_FACT
from daemon.ledger.local import FILE, Local
from daemon.ledger.medium import Medium
from daemon.ledger.store import Store
from daemon.ledger.verify import verify
from tests.ledger.shop import open_store, sale

STEP_BYTES = 40_000


def main(folder: str) -> None:
    disk = Path(folder)
    state = disk / "state"
    store = open_store(state)
    for number in range(150):
        store.commit(sale(f"a{number}"))
    store.local.put_member_key("88", key=b"k" * 32, phone_digest=None)
    store.close()
    journal = state / "journal.db"
    raw = journal.read_bytes()
    at = len(raw) * 3 // 4 // 1024 * 1024
    journal.write_bytes(raw[:at] + bytes(8 * 1024) + raw[at + 8 * 1024 :])
    damaged = _hash(journal)
    mark_damaged(state)
    refused, opened = 0, None
    for ballast in _ever_less(disk):
        opened = attempt(state)
        if opened is not None:
            break
        refused += 1
        assert _hash(journal) == damaged, "the damaged file is as it was"
        left = {one.name for one in state.iterdir()}
        assert not {name for name in left if "salvag" in name or "reading" in name}, left
        assert ballast.exists()
    assert opened is not None and refused > 5, refused
    assert opened.chain.epoch == 2
    assert opened.local.fact(SALVAGED_FACT) == "1"
    assert opened.local.member_key("88") is not None
    carried = len(opened.read(1, 1, 500))
    assert 50 < carried < 151, carried
    opened.close()
    (aside,) = state.glob("journal.damaged-*.db")
    assert _hash(aside) == damaged
    assert verify(state, full=True).ok
    sys.stdout.write(f"saved {carried} after {refused} refusals\n")


def mark_damaged(state: Path) -> None:
    with closing(Local(state / FILE, Medium())) as local:
        local.put_fact(DAMAGED_FACT, "page 200")


def attempt(state: Path) -> Store | None:
    try:
        return open_store(state)
    except StoreError as error:
        assert "Make room" in str(error), error
        return None


def _ever_less(disk: Path) -> Iterator[Path]:
    """Fill the disk; then give it free again, step by step."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            size = ballast.stat().st_size
        while size > 0:
            yield ballast
            size = max(0, size - STEP_BYTES)
            file.truncate(size)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main(*sys.argv[1:])
