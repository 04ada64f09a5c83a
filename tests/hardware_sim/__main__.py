"""`python -m tests.hardware_sim --dir DIR`: a whole simulated counter with a fault console.

Exit codes: 0 ended by SIGTERM or SIGINT, 2 wrong use or the folder is taken, 3 cannot listen.
"""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from tests.hardware_sim.bench import Bench, FolderTakenError
from tests.hardware_sim.box_config import Headquarters
from tests.hardware_sim.console import Console, PathTooLongError


def main() -> int:
    """Run until a signal says stop."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.hardware_sim", description="A simulated shop counter."
    )
    parser.add_argument("--dir", type=Path, required=True, help="where pipes, terminals, files go")
    parser.add_argument("--config", type=Path, help="box config to write; DIR/memberbox.toml")
    parser.add_argument("--mqtt", metavar="HOST:PORT", help="broker, for the box config")
    parser.add_argument("--hq-key", metavar="HEX", help="headquarters' key, for the box config")
    parser.add_argument("--hq-token", metavar="T", help="one-time token, for the box config")
    parser.add_argument("--every", action="store_true", help="also every other sort of device")
    given = parser.parse_args()
    folder = given.dir.absolute()
    config = given.config.absolute() if given.config else folder / "memberbox.toml"
    hq = Headquarters(given.mqtt, given.hq_key, given.hq_token)
    try:
        asyncio.run(_run(Bench(folder, every=given.every), config, hq))
    except (FolderTakenError, PathTooLongError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or folder}: {error.strerror or error}", file=sys.stderr)
        return 3
    return 0


async def _run(bench: Bench, config: Path, hq: Headquarters) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    console = Console(bench)
    bench.start()
    try:
        bench.write_files(config, hq)
        await console.start()
        print("ready", flush=True)
        await stop.wait()
    finally:
        await console.stop()
        bench.stop()


if __name__ == "__main__":
    raise SystemExit(main())
