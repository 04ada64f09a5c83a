"""Checks one pack and ends: `python -m daemon.packcheck`, started by the box (daemon/packs.py).

Canonical bytes of a pack on stdin. Exit code 0: the plain pack on stdout; 3: all that is wrong
with it, a JSON list of mistakes; anything else: a fault, and nothing is known of the pack.
"""

import contextlib
import os
import sys

import msgspec

from daemon.rules.checking import checked
from daemon.rules.document import DOCUMENT_BYTES_MAX, FILE
from daemon.rules.plain import plain_text

GOOD, WRONG = 0, 3  # 1 is how Python ends when something is broken
POLITE = 10  # niceness: a sale goes first


def main() -> int:
    with contextlib.suppress(OSError):  # the unit may forbid it; then it is as important as a sale
        os.nice(POLITE)
    pack = checked(sys.stdin.buffer.read(4 * DOCUMENT_BYTES_MAX), FILE)
    said = msgspec.json.encode(pack) if isinstance(pack, list) else plain_text(pack).encode()
    sys.stdout.buffer.write(said)
    return WRONG if isinstance(pack, list) else GOOD


if __name__ == "__main__":
    sys.exit(main())
