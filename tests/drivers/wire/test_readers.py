"""What readers send, by their manuals: stripes, reports, answers, tags; tables used both ways."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.drivers.wire import rfid
from daemon.drivers.wire.em_serial import EmDecoder, encode, is_frame
from daemon.drivers.wire.frames import IDLE_MS, LINE_BYTES_MAX, LineDecoder
from daemon.drivers.wire.hid_report import ENCRYPTED, STRANGE, read_report
from daemon.drivers.wire.layouts import LAYOUTS, advice, read_elsewhere
from daemon.drivers.wire.magstripe import read_burst, read_swipe
from daemon.drivers.wire.msr605 import ANSWER_BYTES_MAX, Msr605Decoder
from daemon.drivers.wire.readings import REPEAT_MS, CardReading, CodeReading, Habits
from daemon.drivers.wire.stripe import ALPHA, NUMERIC, decode, lrc, unpack, without_lrc
from daemon.drivers.wire.stripe import encode as encode_stripe
from daemon.drivers.wire.wedge import Burst
from daemon.events import CardRefused, CardSwiped, CodeScanned
from tests.drivers.typing import card_taker, feed, typed
from tests.hardware_sim.hid_swiper import HidSwiper
from tests.hardware_sim.msr605 import stripe_bits
from tests.hardware_sim.tag_reader import tag_frame

MEMBER = CardSwiped("8800000000018")
UNREADABLE, BANK = CardRefused("E01"), CardRefused("E02")
BANK_SWIPE = ";6222021234567890128=29122010000?"

# A published card and a reader's own: what it is, and how each format writes it.
EM = {
    "10H": "01026F6C3A",
    "10H-12D": "004335823930",
    "10H-13D": "0004335823930",
    "10H-14D": "00004335823930",
    "8H-10D": "0040856634",
    "6H-8D": "07302202",
    "6H-10D": "0007302202",
    "2H3D,4H5D": "111,27706",
    "4H5D,4H5D": "00623,27706",
}


@pytest.mark.parametrize(("reads", "text"), EM.items())
def test_published_tags_both_ways(reads, text):
    digits = rfid.FORMATS[reads].hex_digits
    assert rfid.uid_of(text, reads, rfid.Order.MSB) == "01026F6C3A"[-digits:]
    assert rfid.write("01026F6C3A", reads) == text
    assert rfid.uid_of(text.replace(",", ""), reads, rfid.Order.MSB)


def test_an_ic_card_in_both_orders_and_in_five_bytes():
    for text, reads, order in (
        ("0652147431", "8H-10D", rfid.Order.MSB),
        ("3891977766", "8H-10D", rfid.Order.LSB),
        ("166949742336", "8H00-12D", rfid.Order.MSB),
    ):
        assert rfid.uid_of(text, reads, order) == "26DEFAE7"
        found = rfid.fitting(text, "26DEFAE7")
        assert [(each.reads, each.order) for each in found] == [(reads, order)]
        assert rfid.card_number(text, found[0]) == "26DEFAE7"


def test_teaching_finds_how_the_chain_writes_too():
    (found,) = rfid.fitting("3891977766", "0652147431")
    assert str(found) == "8H-10D lsb as 8H-10D"
    assert rfid.parse(str(found)) == found
    assert rfid.card_number("3891977766", found) == "0652147431"
    assert rfid.fitting("3891977766", "1234567890") == []
    assert rfid.fitting("0007302202", "01026F6C3A")  # the reader gives six digits of ten
    assert str(rfid.parse("10H")) == "10H msb"


@pytest.mark.parametrize("text", ["", "8H-10D up", "9H", "8H-10D as 7H", "8H-10D lsb as"])
def test_what_is_no_setting_says_what_is(text):
    with pytest.raises(ValueError, match="8H-10D"):
        rfid.parse(text)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("9999999999", "8H-10D"),  # more than four bytes hold
        ("00408566340", "8H-10D"),
        ("004085663x", "8H-10D"),
        ("０040856634", "8H-10D"),
        ("166949742337", "8H00-12D"),  # does not end in 00
        ("", "10H"),
    ],
)
def test_what_a_reader_cannot_mean_is_nothing(text, reads):
    assert rfid.uid_of(text, reads, rfid.Order.LSB) == ""
    assert rfid.card_number(text, rfid.Numbers(reads)) == ""


def test_teaching_listens_to_anything_a_tag_may_be():
    raw = rfid.parse("raw")
    assert rfid.card_number("26defae7", raw) == "26DEFAE7"
    assert rfid.card_number("111,27706", raw) == "111,27706"
    assert rfid.card_number("hello", raw) == ""


@given(
    st.sampled_from(list(rfid.FORMATS)),
    st.sampled_from(list(rfid.Order)),
    st.binary(min_size=7, max_size=7),
)
def test_any_card_comes_back(reads, order, data):
    uid = data.hex().upper()[-rfid.FORMATS[reads].hex_digits :]
    if reads.endswith("12D"):
        uid = "7" + uid[1:-2] + "7" + uid[-1]  # twelve digits do not hold every five bytes
    shown = uid if order is rfid.Order.MSB else bytes.fromhex(uid)[::-1].hex().upper()
    assert rfid.uid_of(rfid.write(shown, reads), reads, order) == uid


def test_a_tag_that_lies_there_is_told_once_and_again_after_a_while():
    reading = CardReading(Habits())
    assert reading.read(Burst("0040856634"), 0) == CardSwiped("0040856634")
    assert reading.read(Burst("0040856634\n"), REPEAT_MS - 1) is None
    assert reading.read(Burst("0040856634"), 2 * REPEAT_MS - 2) is None
    assert reading.read(Burst("1140856634"), 2 * REPEAT_MS) == CardSwiped("1140856634")
    assert reading.read(Burst("1140856634"), 4 * REPEAT_MS) == CardSwiped("1140856634")


def test_a_reader_with_numbers_says_nothing_to_nothing():
    reading = CardReading(Habits(numbers=rfid.Numbers()))
    assert reading.read(Burst("\r\n"), 0) is None
    assert reading.trouble == ""


# -- serial tags -------------------------------------------------------------------------------


def test_the_frame_of_the_manual():
    frame = bytes.fromhex("020A0206008E6D5DB003")
    assert encode("06008E6D5D") == frame == tag_frame("06008E6D5D")
    assert is_frame(frame)


@given(st.binary(min_size=5, max_size=5), st.binary(max_size=6), st.integers(0, 16))
def test_tags_in_any_pieces_behind_any_noise(number, noise, cut):
    tags = EmDecoder()
    stream = noise + tag_frame(number.hex())
    bursts = tags.feed(stream[:cut], 0) + tags.feed(stream[cut:], 1)
    bursts += tags.feed(bytes(10), 2)  # noise may have begun a frame: what comes next ends it
    assert number.hex().upper() in [burst.text for burst in bursts]


@pytest.mark.parametrize("place", range(10))
def test_a_tag_with_a_wrong_byte_is_no_card(place):
    frame = bytearray(tag_frame("06008E6D5D"))
    frame[place] ^= 0x40
    assert EmDecoder().feed(bytes(frame) + bytes(10), 0) == []


def test_half_a_tag_is_forgotten():
    tags = EmDecoder()
    assert tags.due_ms() is None
    tags.feed(tag_frame("06008E6D5D")[:7], 0)
    assert tags.idle(IDLE_MS - 1) == []
    assert tags.due_ms() == IDLE_MS
    assert tags.idle(IDLE_MS) == []
    assert tags.due_ms() is None
    assert tags.to_send() == b""
    assert [burst.text for burst in tags.feed(tag_frame("0100000007"), 99)] == ["0100000007"]
    assert "0100" not in repr(tags)


# -- lines of scanners -------------------------------------------------------------------------


@given(st.lists(st.text("0123ABC会|", min_size=1, max_size=9), max_size=4), st.data())
def test_lines_in_any_pieces(codes, data):
    ends = st.sampled_from(["\r", "\n", "\r\n", "\x03"])
    stream = "".join(code + data.draw(ends) for code in codes).encode()
    cut = data.draw(st.integers(0, len(stream)))
    lines = LineDecoder()
    bursts = lines.feed(stream[:cut], 0) + lines.feed(stream[cut:], 1)
    assert [burst.text for burst in bursts] == codes


def test_a_line_without_end_ends_at_the_gap_and_noise_is_no_code():
    lines = LineDecoder()
    assert lines.feed(b"\x026901234100013", 0) == []
    assert lines.idle(IDLE_MS - 1) == []
    assert [burst.text for burst in lines.idle(IDLE_MS)] == ["6901234100013"]
    assert lines.idle(IDLE_MS) == []
    assert lines.feed(b"\xff\xfe\r\r", 0) == []
    assert lines.to_send() == b""
    (spoilt,) = lines.feed(b"1" * (LINE_BYTES_MAX * 2) + b"\r", 0)
    assert not spoilt.whole
    assert "LineDecoder(0 bytes)" in repr(lines)
    assert CodeReading().read(spoilt, 0) is None


# -- the stripe --------------------------------------------------------------------------------


def test_the_check_character_of_a_real_card():
    assert lrc(";0004048712?", NUMERIC) == "8"


@given(st.text("0123456789=<>:", max_size=37), st.booleans(), st.integers(0, 30))
def test_a_stripe_is_read_in_both_directions(data, backwards, zeros):
    bits = "0" * zeros + encode_stripe(f";{data}?", NUMERIC) + "0" * 9
    assert bits.strip("0") == stripe_bits(f";{data}?", 4).strip("0")
    assert decode(bits[::-1] if backwards else bits, NUMERIC) == f";{data}?"


@given(st.text("ABC 0123^/", max_size=40), st.integers(0, 200))
def test_a_wrong_bit_is_no_card(data, place):
    bits = encode_stripe(f"%{data}?", ALPHA)
    place %= len(bits)
    flipped = bits[:place] + "10"[int(bits[place])] + bits[place + 1 :]
    assert decode(bits, ALPHA) == f"%{data}?"
    assert decode(flipped, ALPHA) != f"%{data}?" or place >= len(bits) - 1


def test_what_is_no_stripe():
    assert decode("", NUMERIC) == decode("0" * 99, ALPHA) == decode("1" * 99, NUMERIC) == ""
    assert decode(encode_stripe(";12?", NUMERIC)[:-6], NUMERIC) == ""
    assert decode(encode_stripe(";12?", NUMERIC)[:-5] + "00001", NUMERIC) == ""
    assert unpack(b"\x80\x01") == "1000000000000001"


def test_check_characters_are_taken_off_and_wrong_ones_make_a_bad_track():
    t1, t2, t3 = "%A88^X?", ";8800000000018=?", ";99?"
    sent = t1 + lrc(t1, ALPHA) + "\r" + t2 + lrc(t2, NUMERIC) + "+99?" + lrc(t3, NUMERIC)
    assert without_lrc(sent) == "%A88^X?;8800000000018=?+99?"
    assert without_lrc(";88?0") == ";E?"
    assert without_lrc("x?") == "x?"
    assert without_lrc(";88") == ";88"
    taker = card_taker(Habits(lrc=True))
    assert feed(taker, typed(t2 + lrc(t2, NUMERIC) + "\r")) == [MEMBER]


def test_what_a_reader_puts_around_a_card():
    taker = card_taker(Habits(prefix="<<", suffix=">>"), ends_at_enter=True)
    assert feed(taker, typed("<<;8800000000018=?>>\r")) == [MEMBER]
    at_enter = card_taker(ends_at_enter=True)
    told = [at_enter.feed(*event, 0) for event in typed(";8800000000018=?\r")]
    assert MEMBER in told  # no gap was waited for


@pytest.mark.parametrize("start", "+#&!")
def test_the_sentinels_of_track_3_name_no_card(start):
    assert read_swipe(f";8800000000018=?{start}99?") == MEMBER
    assert read_swipe("@8800000000018=?") == MEMBER
    assert read_swipe(f"{start}8800000000018?") == UNREADABLE


# -- reader-writers ----------------------------------------------------------------------------


def msr(body: bytes, status: bytes = b"0") -> bytes:
    return b"\x1bs" + body + b"?\x1c\x1b" + status


DECODED = {
    msr(b"\x1b\x01\x1b\x02;8800000000018=?\x1b\x03"): MEMBER,
    msr(b"\x1b\x01%A8800000000018^X?\x1b\x02\x1b+\x1b\x03\x1b+"): MEMBER,
    msr(b"\x1b\x01\x1b\x02;8800000000018\x1b\x03"): MEMBER,
    msr(b"\x1b\x01\x1b\x02\x1b\x03"): UNREADABLE,
    msr(b"\x1b\x01\x1b\x02;88?\x1b\x03", b"1"): UNREADABLE,
    msr(b"\x1b\x01\x1b\x02;88?\x1b\x03", b"9"): UNREADABLE,
    msr(b"\x1b\x01\x1b\x02" + BANK_SWIPE.encode() + b"\x1b\x03"): BANK,
}


@pytest.mark.parametrize(("answer", "event"), DECODED.items())
def test_answers_in_any_pieces(answer, event):
    for cut in range(len(answer) + 1):
        decoder = Msr605Decoder(raw=False)
        assert decoder.to_send() == b"\x1ba\x1br"
        assert decoder.to_send() == b""
        bursts = decoder.feed(answer[:cut], 0) + decoder.feed(answer[cut:], 0)
        assert [read_burst(burst) for burst in bursts] == [event]
        assert decoder.to_send() == b"\x1br"
        assert decoder.due_ms() is None
        assert decoder.idle(9999) == []


def raw_track(number: int, bits: str) -> bytes:
    bits += "0" * (-len(bits) % 8)
    data = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    return bytes((0x1B, number, len(data))) + data


def test_raw_answers_are_decoded_here():
    t2 = raw_track(2, "000" + encode_stripe(";8800000000018=?", NUMERIC))
    blank = bytes((0x1B, 3, 0))
    for body, event in (
        (raw_track(1, "") + t2 + blank, MEMBER),
        (raw_track(1, "1101") + t2 + blank, MEMBER),  # track 1 cannot be read
        (raw_track(1, "") + raw_track(2, "") + blank, UNREADABLE),
        (t2, MEMBER),
    ):
        bursts = Msr605Decoder(raw=True).feed(b"\xff" + msr(body), 0)
        assert [read_burst(burst) for burst in bursts] == [event]


def test_an_answer_that_never_ends_is_thrown_away_and_the_reader_told_anew():
    decoder = Msr605Decoder(raw=False)
    decoder.to_send()
    assert decoder.feed(b"\x1bs" + b";1" * ANSWER_BYTES_MAX, 0) == []
    assert decoder.to_send() == b"\x1ba\x1br"
    assert "6222" not in repr(decoder)


# -- reports -----------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["magtek", "idtech"])
@pytest.mark.parametrize(
    ("tracks", "event"),
    [
        (";8800000000018=?", MEMBER),
        ("%A8800000000018^X?;8800000000018=8213?+99?", MEMBER),
        ("%E?;8800000000018=?", MEMBER),
        ("%E?;E?+E?", UNREADABLE),
        ("", UNREADABLE),
        (BANK_SWIPE, BANK),
    ],
)
def test_reports_of_both_layouts(layout, tracks, event, tmp_path):
    data = HidSwiper("it", tmp_path / "w", layout).report(tracks)
    assert len(data) == {"magtek": 337, "idtech": 509}[layout]
    report = read_report(data)
    assert read_burst(report.burst) == event
    assert report.trouble == ""
    assert "6222" not in repr(report)


def test_what_is_no_report_of_a_plain_reader(tmp_path):
    good = bytearray(HidSwiper("it", tmp_path / "w").report(";8800000000018=?"))
    other = bytearray(HidSwiper("it", tmp_path / "w", "idtech").report(";8800000000018=?"))
    assert read_report(bytes(887)).trouble == ENCRYPTED
    assert read_report(b"").trouble == read_report(bytes(100)).trouble == STRANGE
    for place, value, trouble in (
        (6, 0x83, ENCRYPTED),
        (6, 9, STRANGE),
        (4, 111, STRANGE),
        (117, 0x01, ENCRYPTED),
    ):
        data = bytes([*good[:place], value, *good[place + 1 :]])
        assert read_report(data).trouble == trouble
        assert read_burst(read_report(data).burst) == UNREADABLE
    pieces = bytes([0, 0, 0, 2, 2, 0, 0]) + b"12".ljust(110, b"0") + b"34".ljust(220, b"0")
    assert read_burst(read_report(pieces).burst) == UNREADABLE  # not the card 1234
    assert read_report(bytes([*other[:7], 1, 0, *other[9:]])).trouble == STRANGE
    assert read_report(bytes([*other[:7], 0xFF, 0xFF, *other[9:]])).trouble == STRANGE


# -- layouts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("tracks", [";8800000000018=2912?", BANK_SWIPE])
def test_a_reader_of_any_other_layout_is_named(layout, tracks):
    pressed = {char: us for us, char in LAYOUTS[layout].items()}
    seen = "".join(pressed[char] for char in tracks)
    event, names = read_elsewhere(seen)
    assert layout in names
    assert event == (BANK if tracks == BANK_SWIPE else UNREADABLE)
    assert layout in advice(names)
    taker = card_taker()
    assert feed(taker, typed(seen + "\r")) == [event]
    assert layout in taker.trouble
    assert "8800" not in taker.trouble


def test_noise_is_of_no_layout():
    assert read_elsewhere("hello") == (UNREADABLE, ())
    taker = card_taker()
    assert feed(taker, typed("hello\r")) == [UNREADABLE]
    assert taker.trouble == ""


@settings(max_examples=50)
@given(st.sampled_from(list(LAYOUTS)), st.text("0123456789", min_size=4, max_size=19))
def test_layouts_are_tables_of_positions(layout, digits):
    table = LAYOUTS[layout]
    assert len(table) == 2 * 47
    back = {char: us for us, char in table.items()}
    for char in digits + ";=?":
        assert table[back[char]] == char


def test_codes_and_pieces():
    reading = CodeReading("ZZ:")
    for text, event in (
        ("ZZ:8800000000018", MEMBER),
        ("ZZ:1", UNREADABLE),
        ("ZZ:" + "1" * 65, UNREADABLE),
        ("", None),
        (BANK_SWIPE, BANK),
        ("6901234100013", CodeScanned("6901234100013")),
    ):
        assert reading.read(Burst(text), 0) == event
