"""Finds its disk read-only, says so, and sells when it is writable again: python -m ... DIR."""

import subprocess
import sys
from pathlib import Path

from daemon.errors import StoreError
from daemon.ledger.verify import verify
from daemon.ledger.views import Durable
from tests.ledger.shop import open_store, sale


def main(folder: str) -> None:
    disk = Path(folder)
    store = open_store(disk / "state")
    assert isinstance(store.commit(sale("a")), Durable)
    store.close()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        open_store(disk / "state")
    except StoreError as error:
        said = str(error)
    else:
        raise AssertionError("a read-only disk was opened for sales")
    assert "writable" in said.lower(), said
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    store = open_store(disk / "state")
    assert store.chain.epoch == 1
    assert isinstance(store.commit(sale("b")), Durable)
    store.close()
    assert verify(disk / "state", full=True).ok
    sys.stdout.write("recovered\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
