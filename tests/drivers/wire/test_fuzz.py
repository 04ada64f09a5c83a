"""Every decoder of a reader, fed with what no manual says: MEMBERBOX_FUZZ_N inputs each, seeded.

No exception, no hang, nothing half as a card, and what is fed next is read.
"""

import random
from collections.abc import Callable

import pytest

from daemon.drivers.wire import rfid
from daemon.drivers.wire.barcode import clean
from daemon.drivers.wire.em_serial import EmDecoder, encode
from daemon.drivers.wire.frames import Frames, LineDecoder
from daemon.drivers.wire.hid_report import read_report
from daemon.drivers.wire.layouts import read_elsewhere
from daemon.drivers.wire.magstripe import is_bank_card, read_burst, read_swipe
from daemon.drivers.wire.magtek_serial import FrameDecoder
from daemon.drivers.wire.mountinfo import mounted_at
from daemon.drivers.wire.msr605 import Msr605Decoder
from daemon.drivers.wire.readings import CardReading, CodeReading, Habits, Reading
from daemon.drivers.wire.stripe import ALPHA, NUMERIC, decode, without_lrc
from daemon.drivers.wire.wedge import Burst
from daemon.drivers.wire.wedge_events import KeyTaker, Taker
from daemon.events import CardSwiped, CodeScanned
from tests.drivers.typing import SYN, card_taker, code_taker, feed, typed
from tests.drivers.wire.fuzzing import INPUTS, HangError, fuzz
from tests.hardware_sim.msr605 import Msr605

MEMBER = CardSwiped("8800000000018")
SWIPE = ";8800000000018=?"
BANK = ";6222020200112230=2512"
TRACKS = "%;+?=^BE0123456789 ABX\r\x1b\ufffd_<#"
ANSWER = b"\x1bs\x1b\x01\x1b\x02" + SWIPE.encode() + b"\x1b\x03?\x1c\x1b0"

# What is likely to mean something: else noise never gets past the first byte.
_CHUNKS: tuple[bytes, ...] = (
    *(ANSWER, b"\x1bs", b"\x1b\x02", b"?\x1c\x1b", b"\x1b0", b"\x02\x0a\x02"),
    *(encode("06008E6D5D"), SWIPE.encode(), b"\x02", b"\x03", b"\r", b";", b"?", b"%E?"),
)


def noise(chance: random.Random) -> bytes:
    parts = []
    for _ in range(chance.randrange(4)):
        known = chance.choice(_CHUNKS)
        cut = known[: chance.randrange(1, len(known) + 1)]
        parts.append(cut if chance.random() < 0.6 else chance.randbytes(chance.randrange(9)))
    return b"".join(parts)


def text_of(chance: random.Random, alphabet: str, length_max: int) -> str:
    return "".join(chance.choices(alphabet, k=chance.randrange(length_max)))


DECODERS: dict[str, tuple[Callable[[], Frames], bytes, str]] = {
    "magtek": (FrameDecoder, b"\x02" + SWIPE.encode() + b"\r\x03", SWIPE),
    "msr605": (lambda: Msr605Decoder(raw=False), ANSWER, SWIPE),
    "msr605_raw": (
        lambda: Msr605Decoder(raw=True),
        b"\x1bs\x1b\x01\x00\x1b\x02"
        + Msr605._track(";", SWIPE[1:-1], raw=True)
        + b"\x1b\x03\x00?\x1c\x1b0",
        SWIPE,
    ),
    "em": (EmDecoder, encode("06008E6D5D"), "06008E6D5D"),
    "lines": (LineDecoder, b"6901234100013\r", "6901234100013"),
}


@pytest.mark.parametrize("name", DECODERS)
def test_fuzz_serial_decoders(name):
    new, good, text = DECODERS[name]
    decoder = new()

    def one(chance, number):
        at_ms = number * 20
        for burst in decoder.feed(noise(chance), at_ms) + decoder.idle(at_ms):
            read_burst(burst)
        decoder.to_send()
        decoder.due_ms()

    fuzz(name, one)
    at_ms = INPUTS * 20 + 1000
    decoder.idle(at_ms)
    decoder.feed(bytes(1100), at_ms)  # ends whatever was begun
    decoder.idle(at_ms + 1000)
    bursts = decoder.feed(good, at_ms + 2000) + decoder.idle(at_ms + 3000)
    assert text in [burst.text.strip() for burst in bursts]


@pytest.mark.parametrize("size", [337, 509])
def test_fuzz_reports(size):
    def one(chance, _):
        data = bytearray(chance.randbytes(chance.choice((size, size, size, 6, 7, 100, 887))))
        if len(data) > 6 and chance.random() < 0.9:
            data[3:7] = bytes((chance.randrange(9), chance.randrange(40), 0, chance.randrange(7)))
            if chance.random() < 0.5:
                data[7:] = bytes(chance.choices(b";%?=0123456789", k=len(data) - 7))
        event = read_burst(read_report(bytes(data)).burst)
        if isinstance(event, CardSwiped):
            assert event.number.encode() in bytes(data).upper()

    fuzz(f"report {size}", one)


def test_fuzz_texts():
    numbers = rfid.parse("8H-10D lsb as 8H-10D")
    readings: list[Reading] = [
        CardReading(Habits()),
        CardReading(Habits(prefix="%", suffix="?", lrc=True)),
        CardReading(Habits(numbers=numbers)),
        CodeReading("0"),
    ]

    def one(chance, number):
        text = chance.choice(("", "", BANK)) + text_of(chance, TRACKS, 40)
        whole = chance.random() < 0.9
        for reading in readings:
            event = reading.read(Burst(text, whole), number)
            if isinstance(event, CardSwiped | CodeScanned):
                assert whole
                assert not is_bank_card(text)

    fuzz("texts", one)


def test_fuzz_stripes():
    def one(chance, number):
        without_lrc(text_of(chance, TRACKS, 40))
        decode(text_of(chance, "0001", 90), NUMERIC if number % 2 else ALPHA)

    fuzz("stripes", one)


def test_fuzz_layouts():
    fuzz("layouts", lambda chance, _: read_elsewhere(text_of(chance, TRACKS, 30)))


def test_fuzz_codes():
    def one(chance, _):
        assert len(clean(text_of(chance, "]CEdQ01230(17)\x1d/h:A", 30))) <= 256

    fuzz("codes", one)


def test_fuzz_tags():
    formats = list(rfid.FORMATS)

    def one(chance, _):
        text = text_of(chance, "0123456789ABCDEFx,", 15)
        reads = chance.choice(formats)
        uid = rfid.uid_of(text, reads, rfid.Order.MSB)
        if uid:
            assert rfid.write(uid, reads).replace(",", "") == text.replace(",", "")

    fuzz("tags", one)


@pytest.mark.parametrize("name", ["card", "code", "keys"])
def test_fuzz_wedges(name):
    """No run of events stops a taker, and after any of them the next swipe is read."""
    takers: dict[str, Callable[[], Taker]] = {
        "card": card_taker,
        "code": code_taker,
        "keys": lambda: KeyTaker({15: "CLEAR"}),
    }
    taker = takers[name]()
    codes = [*range(128), 28, 28, 42, 53, 56, 39]
    at_ms = 0

    def one(chance, _):
        nonlocal at_ms
        at_ms += chance.choice((0, 1, 35, 120, 6000))
        kind = chance.choice((0, 1, 1, 1, 4))
        code = chance.choice((0, 3)) if kind == 0 else chance.choice(codes)
        taker.feed(kind, code, chance.choice((0, 1, 1, 2)), at_ms)
        taker.idle(at_ms)

    fuzz(f"wedge {name}", one)
    for code in range(128):
        taker.feed(1, code, 0, at_ms)
    taker.feed(*SYN, at_ms)
    taker.idle(at_ms + 10_000)
    taker.reset()
    told = feed(taker, typed(SWIPE + "\r"), at_ms=at_ms + 20_000)
    assert told and "8800000000018" in "".join(getattr(event, "key", repr(event)) for event in told)


def test_fuzz_swipes_are_whole_or_refused():
    def one(chance, _):
        text = text_of(chance, TRACKS, 60)
        event = read_swipe(text)
        if isinstance(event, CardSwiped):
            assert event.number in text.upper()
            assert "?" in text or set(text) <= set("0123456789\r \x1b")  # ESC: a sensor
            assert not is_bank_card(text)

    fuzz("swipes", one)


def test_fuzz_mount_tables():
    def one(chance, _):
        table = text_of(chance, "36 8:1/\\040-\n", 80)
        folder = mounted_at(table, "8:1")
        assert folder is None or "8:1" in table

    fuzz("mount tables", one)


def test_the_fuzzer_names_the_input_that_crashes_or_hangs():
    def crashes(chance, number):
        assert number != 3

    def hangs(chance, number):
        while number == 5:
            pass

    with pytest.raises(AssertionError, match="it: input 3: AssertionError"):
        fuzz("it", crashes)
    with pytest.raises(AssertionError, match="it: input 5") as caught:
        fuzz("it", hangs, hang_s=0.05)
    assert isinstance(caught.value.__cause__, HangError)
    drawn: list[list[int]] = [[], []]
    for draws in drawn:

        def draw(chance, number, draws=draws):
            draws.append(chance.randrange(99))

        fuzz("it", draw, inputs=9)
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) > 1
