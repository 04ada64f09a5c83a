"""A till in the guest that sells as fast as the box takes it: `python3 -m tests.hil.guest.till`.

Each sale that the box has called durable is told at once on the port `ack`, a line each: its
number, the entry, the entry's hash. Sales are of many sizes, so that the box's log is folded back
(checkpoints) every few seconds.
"""

import json
import os
import socket
import sys
from collections.abc import Iterator

from tests.hil.guest.port import device

ACK = "ack"
SOURCE = "till"
MANY_LINES = 90  # of every second sale: half of what a request may hold
NAME = "水漾保湿柔肤水 补水保湿爽肤水女 滋润型 200毫升 " * 3


def sale(number: int) -> dict[str, object]:
    """Return the request of a sale. Its id says which it is."""
    count = MANY_LINES if number % 2 == 0 else 1 + number % 4
    fen = 100 + number
    lines = [
        {"n": place, "sku": f"ZZ-{place:03}", "name": NAME, "cls": "regular", "qty": 1,
         "list_fen": fen, "paid_fen": fen}
        for place in range(1, count + 1)
    ]  # fmt: skip
    tenders = [{"code": "cash", "amount_fen": fen * count}]
    return {"id": f"till-{number}", "source": SOURCE, "lines": lines, "tenders": tenders}


def sell(control: str) -> Iterator[str]:
    """Yield a word for each sale, once the box has said that it is durable."""
    with socket.socket(socket.AF_UNIX) as box:
        box.connect(control)
        answers = box.makefile("rb")
        number = 0
        while True:
            number += 1
            asked = {"ask": "act", "kind": "sale", "request": sale(number)}
            box.sendall(json.dumps(asked, ensure_ascii=False).encode() + b"\n")
            answer = json.loads(answers.readline())
            if not answer.get("ok"):
                raise SystemExit(f"sale {number}: {answer}")
            yield f"{number} {answer['entry']} {answer['hash']}"


def main() -> None:
    port = os.open(device(ACK), os.O_WRONLY)
    for word in sell(sys.argv[1]):
        line = word.encode() + b"\n"
        while line:
            line = line[os.write(port, line) :]


if __name__ == "__main__":
    main()
