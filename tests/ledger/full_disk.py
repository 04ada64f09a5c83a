"""Sells until a small disk is full, frees some of it and sells on: python -m ... DIR."""

import sys
from pathlib import Path

from daemon.ledger.verify import verify
from daemon.ledger.views import Durable, Refused
from tests.ledger.shop import open_store, sale

BALLAST_BYTES = 150_000


def main(folder: str) -> None:
    disk = Path(folder)
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * BALLAST_BYTES)
    store = open_store(disk / "state")
    sold, refusal = 0, ""
    for number in range(2_000):
        outcome = store.commit(sale(f"a{number}"))
        if isinstance(outcome, Refused):
            refusal = outcome.problems[0].what
            break
        sold += 1
    assert sold > 20, sold
    assert "full" in refusal and "Make room" in refusal, refusal
    assert isinstance(store.commit(sale("b")), Refused)
    assert store.head.seq == 1 + sold
    ballast.unlink()
    outcome = store.commit(sale("b"))
    assert isinstance(outcome, Durable), outcome
    store.close()
    proof = verify(disk / "state", full=True)
    assert proof.ok and proof.entries == sold + 2, proof
    sys.stdout.write("recovered\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
