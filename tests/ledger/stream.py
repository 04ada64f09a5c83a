"""Sells until it is killed and says each sale once it is durable: python -m ... DIR ROUND."""

import sys
from pathlib import Path

from daemon.ledger.views import Durable
from tests.ledger.shop import open_store, sale


def main(folder: str, round_: str) -> None:
    store = open_store(Path(folder))
    for number in range(10_000):
        name = f"{round_}-{number}"
        outcome = store.commit(sale(name)) if number % 3 else store.submit(sale(name)).result()
        said = "durable" if isinstance(outcome, Durable) else "refused"
        sys.stdout.write(f"{name} {said}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
