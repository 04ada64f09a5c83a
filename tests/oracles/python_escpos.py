"""python-escpos against a printer at a TCP port: run as a process, since it changes logging.

python -m tests.oracles.python_escpos PORT print|status
"""

import json
import sys

from escpos.printer import Network
from PIL import Image

ANSWER_WITHIN_S = 5.0


def main(port: int, what: str) -> None:
    printer = Network("127.0.0.1", port, timeout=ANSWER_WITHIN_S)
    printer.open()
    if what == "print":
        show(printer)
        answer: dict[str, object] = {}
    else:
        answer = {"online": printer.is_online(), "paper": printer.paper_status()}
    printer.close()
    sys.stdout.write(json.dumps(answer) + "\n")


def show(printer: Network) -> None:
    """Print everything that a receipt has, as python-escpos encodes it."""
    printer._raw(b"\x1b@\x1c&")  # it never switches to Chinese by itself
    printer.set(align="center", bold=True, custom_size=True, width=2, height=2)
    printer.text("会员积分\n")
    printer._raw(b"\x1c.")
    printer.set(align="left", bold=False, custom_size=True, width=1, height=1, underline=1)
    printer.text("caf\u00e9 12.00\n")
    printer.set(underline=0)
    printer.qr("MB1|0018|412", native=True, size=4)
    picture = Image.new("1", (64, 16), 0)
    printer.image(picture, impl="bitImageRaster")
    printer.cashdraw([27, 112, 0, 25, 250])
    printer.cut(feed=False)


main(int(sys.argv[1]), sys.argv[2])
