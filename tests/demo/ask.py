"""Ask the bench one thing: `python -m tests.demo.ask SOCKET '{"do": "pole"}'`."""

import socket
import sys


def main() -> int:
    if len(sys.argv) != 3:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    with socket.socket(socket.AF_UNIX) as bench:
        bench.connect(sys.argv[1])
        bench.sendall(sys.argv[2].encode() + b"\n")
        sys.stdout.write(bench.makefile().readline())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
