"""Helper process of P2: commits sales until the files are in steady state, then as many measured.

Prints: sales, bytes written to disk per sale, mean bytes of an entry.
"""

import sys
from pathlib import Path

from tests.bench.commit import open_store
from tests.bench.sales import Till


def main() -> None:
    folder, lines, sales = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    store = open_store(folder / "state")
    till = Till(lines, "p2").drafts()
    for _ in range(sales):
        store.commit(next(till))
    first = store.head.seq + 1
    before = _written()
    for _ in range(sales):
        store.commit(next(till))
    written = _written() - before
    stored = store.read(store.chain.epoch, first, sales)
    length = sum(len(one.data) for one in stored) / len(stored)
    store.close()
    print(sales, written / sales, length)


def _written() -> int:
    for line in Path("/proc/self/io").read_text().splitlines():
        if line.startswith("write_bytes:"):
            return int(line.split()[1])
    raise AssertionError("the kernel does not count what a process writes")


if __name__ == "__main__":
    main()
