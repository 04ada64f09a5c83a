"""A job that broke off at any byte, and the next one: what comes out is whole."""

from hypothesis import given
from hypothesis import strategies as st

from daemon.drivers.wire.dialect import Dialect
from daemon.drivers.wire.escpos import COMMAND_BYTES_MAX, document, end_of_frame
from daemon.drivers.wire.escpos import drawer_pulse as pulse
from daemon.paper import Align, Block, Cut, Feed, Qr, Text
from tests.hardware_sim.escpos import Printer

SLIP: tuple[Block, ...] = (
    Text("销售小票", Align.CENTRE, 2, 2, bold=True),
    Text("保湿面霜 120.00"),
    Feed(2),
    Qr("MB1|0018|412|" + "x" * 20, 5),
    Text("谢谢惠顾", Align.RIGHT),
    Cut(),
)
AGAIN = (Cut(), Text("*** 补打 ***"), *SLIP)
DIALECT = Dialect()


def printed_after(broken: bytes, *, ended: bool = True) -> Printer:
    printer = Printer(48)
    printer.feed(broken)
    printer.feed((end_of_frame() if ended else b"") + document(AGAIN, DIALECT))
    return printer


def is_whole(printer: Printer) -> bool:
    wanted = printed_after(b"").receipts[-1]
    last = printer.receipts[-1]
    return (last.text, last.unknown_bytes, last.cut) == (wanted.text, 0, True)


def test_after_a_break_at_any_byte_the_next_slip_is_whole_and_apart():
    data = document(SLIP, DIALECT)
    for length in range(len(data)):
        printer = printed_after(data[:length])
        assert is_whole(printer), length
        assert len(printer.receipts) <= 2
        torn = printer.receipts[0] if len(printer.receipts) == 2 else None
        assert torn is None or torn.cut  # what was begun is cut off
    assert not all(is_whole(printed_after(data[:n], ended=False)) for n in range(len(data)))


def test_the_end_of_a_frame_moves_no_paper_and_opens_no_drawer():
    printer = Printer(48)
    printer.feed(end_of_frame())
    assert (printer.unfinished.items, printer.unfinished.unknown_bytes) == ((), 0)
    for length in range(3):  # ESC, ESC p, ESC p m: no pulse was asked for yet
        broken = Printer(48)
        broken.feed(pulse(DIALECT)[:length] + end_of_frame())
        assert all(pulse.on_ms == 0 for pulse in broken.drawer_pulses)


@given(st.lists(st.sampled_from(SLIP), max_size=5), st.integers(0, 2000))
def test_no_command_of_ours_is_longer_than_what_ends_it(blocks, length):
    data = document(tuple(blocks), DIALECT)[:length]
    assert is_whole(printed_after(data))


def test_the_longest_qr_code_can_be_ended():
    longest = Qr("x" * 600), Qr("9" * 512), Qr("x" * 512)
    for block in longest:
        command = document((block,), DIALECT)
        for length in (len(command) - 9, len(command) // 2, 40):
            assert is_whole(printed_after(command[:length]))
    sizes = [len(part) for part in document(longest[1:], DIALECT).split(b"\x1d(k")]
    assert max(sizes) <= COMMAND_BYTES_MAX + 1
