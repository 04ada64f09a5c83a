"""Bank cards at the real box: `make soak-bank SWIPES=10000`, then a search for any byte of them.

Every account number and name holds a mark of this run. Afterwards every file that box, headquarters
and broker wrote is searched for the marks, and every MQTT message that a spy heard, also where they
are packed (zstd), in other encodings, as packed decimals. A member's card is swiped too and has to
be found: a search that finds nothing at all proves nothing.
"""

import argparse
import base64
import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import zstandard

from tests.stage import Stage, StageError
from tests.whole.spy import Spy

WEDGE_EVERY = 10  # a keyboard wedge needs its gap of 0.1 s after each; the serial one does not
MEMBER = "8800000000018"
BANKS = ("622202", "400000", "510000", "356600", "601100", "955880")
_ZSTD = b"\x28\xb5\x2f\xfd"


@dataclass(slots=True)
class Result:
    swipes: int = 0
    traces: list[str] = field(default_factory=list)
    files: int = 0
    messages: int = 0
    control: bool = False  # the member's card was found where it belongs

    @property
    def good(self) -> bool:
        return not self.traces and self.control and self.messages > 0


def run(
    stage: Stage, swipes: int, seed: int, progress: Callable[[int], None] = lambda _: None
) -> Result:
    """Swipe so many bank cards and search. The stage must be set up. Raises StageError."""
    chance = random.Random(seed)
    digits, name = f"{chance.randrange(10**7, 10**8)}", "".join(chance.choices("QXZVKJWH", k=8))
    result = Result()
    with Spy(stage.mqtt) as spy:
        stage.bench.ask("swipe", track2=MEMBER)
        for number in range(swipes):
            device = "swiper" if number % WEDGE_EVERY == 0 else "swiper_serial"
            stage.bench.ask("swipe", device=device, raw=_card(chance, digits, name))
            result.swipes += 1
            progress(number + 1)
        stage.until(lambda: "E02" in "".join(stage.bench.lines("clerk")), "the refusal")
        stage.bench.keys("CLEAR", "CLEAR", "18", "ENTER")
        stage.bench.ask("swipe", track2=MEMBER)
        stage.bench.keys("ENTER")
        stage.bench.keys("*2")
        stage.until(stage.in_step, "headquarters to be in step", 60)
        heard = spy.heard()
    result.messages = len(heard)
    for topic, payload in heard:
        result.traces += [f"MQTT {topic}: {how}" for how in traces(payload, digits, name)]
    for path in sorted(path for path in stage.root.rglob("*") if path.is_file()):
        data = path.read_bytes()
        result.files += 1
        result.traces += [f"{path}: {how}" for how in traces(data, digits, name)]
        result.control |= MEMBER.encode() in data and "state" in path.parts
    return result


def traces(data: bytes, digits: str, name: str) -> list[str]:
    """Return in which ways digits or name stand in data, also in what is packed in it."""
    found = [how for how, sign in _signs(digits, name) if sign in data]
    for match in re.finditer(re.escape(_ZSTD), data):
        try:
            plain = zstandard.ZstdDecompressor().decompressobj().decompress(data[match.start() :])
        except zstandard.ZstdError:
            continue
        found += [f"zstd, {how}" for how, sign in _signs(digits, name) if sign in plain]
    return found


def _signs(digits: str, name: str) -> Iterator[tuple[str, bytes]]:
    for what, text in (("number", digits), ("name", name)):
        plain = text.encode()
        yield f"{what} plain", plain
        yield f"{what} reversed", plain[::-1]
        yield f"{what} UTF-16", text.encode("utf-16-le")
        yield f"{what} hex", plain.hex().encode()
        for shift in range(3):
            whole = base64.b64encode(bytes(shift) + plain + bytes(3))
            yield f"{what} base64", whole[4 if shift else 0 : (shift + len(plain)) * 4 // 3 - 2]
    yield "number packed", bytes.fromhex(digits)
    yield "number packed", bytes.fromhex(f"0{digits}0")[1:-1]


def _card(chance: random.Random, digits: str, name: str) -> str:
    """Return the tracks of nobody's card: both, one, or both and a third."""
    serial = "".join(chance.choices("0123456789", k=chance.randrange(1, 5)))
    account = _with_check_digit(chance.choice(BANKS) + digits + serial)
    first = f"%B{account}^{name}/TEST^3012101{digits}000?"
    second = f";{account}=3012101{digits}0?"
    third = f"+99{account}=={digits}?"
    return chance.choice((first + second, second, first, first + second + third, first + second))


def _with_check_digit(number: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return f"{number}{-total % 10}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak-bank", description=__doc__)
    parser.add_argument("--swipes", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=0, help="0: a fresh one")
    arguments = parser.parse_args()
    seed = arguments.seed or random.SystemRandom().randrange(1, 2**31)
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder)) as stage:
        stage.set_up()
        try:
            result = run(stage, arguments.swipes, seed, _progress(arguments.swipes))
        except StageError as error:
            sys.stdout.write(f"\nsoak-bank: {error} (seed {seed})\n")
            return 1
    for trace in result.traces:
        sys.stdout.write(f"  {trace}\n")
    control = "" if result.control else ", NOT EVEN THE MEMBER'S CARD WAS FOUND"
    sys.stdout.write(
        f"\nsoak-bank: {result.swipes} swipes; {result.files} files and {result.messages} messages "
        f"searched: {len(result.traces)} traces{control}; seed {seed}\n"
    )
    return 0 if result.good else 1


def _progress(of: int) -> Callable[[int], None]:
    def tell(done: int) -> None:
        if done % 100 == 0 or done == of:
            sys.stdout.write(f"\r{done} of {of} swipes")
            sys.stdout.flush()

    return tell


if __name__ == "__main__":
    raise SystemExit(main())
