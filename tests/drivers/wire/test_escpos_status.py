"""What a printer says, glued and cut in any way, against the simulated printer's tables."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.drivers.wire.escpos_status import (
    FINE,
    Answer,
    AutoStatus,
    Condition,
    Demultiplexer,
    FlowControl,
    Heard,
    InOrder,
    Unknown,
    ask,
    is_answer,
    learn,
    read_auto_status,
)
from tests.drivers.wire.fuzzing import fuzz
from tests.hardware_sim import printer_status as sim

MEANING = {
    sim.Condition.PAPER_END: "paper end",
    sim.Condition.COVER_OPEN: "cover open",
    sim.Condition.CUTTER_ERROR: "cutter",
    sim.Condition.HEAD_HOT: "too hot",
}


def learned(state: sim.State) -> Condition:
    known = FINE
    for question in (1, 2, 3, 4):
        known = learn(known, question, state.answer(question))
    return known


@pytest.mark.parametrize("condition", sim.Condition)
def test_each_condition_is_understood_by_question_and_by_itself(condition):
    state = sim.State(frozenset({condition}))
    for known in (learned(state), read_auto_status(AutoStatus(state.automatic()))):
        if condition in MEANING:
            assert MEANING[condition] in known.halted
            assert known.offline
        else:
            assert known.halted == ""
        assert known.paper_low or condition is not sim.Condition.NEAR_END


def test_a_fine_printer_is_fine():
    assert learned(sim.State()) == replace(FINE, drawer_high=False)
    assert FINE.halted == ""


def test_the_cover_is_told_before_the_paper():
    both = sim.State(frozenset({sim.Condition.COVER_OPEN, sim.Condition.PAPER_END}))
    assert "cover" in learned(both).halted


def test_the_drawer_pin_is_told_both_ways():
    shut, drawn = sim.State(), sim.State(frozenset({sim.Condition.DRAWER_OPEN}))
    for state, high in ((shut, False), (drawn, True)):
        assert learned(state).drawer_high is high
        assert read_auto_status(AutoStatus(state.automatic())).drawer_high is high
    assert FINE.drawer_high is None


def test_offline_without_a_cause_is_told_too():
    assert "offline" in learn(FINE, 1, 0x1A).halted


def test_questions_are_real_time_commands():
    assert [ask(question) for question in (1, 4)] == [b"\x10\x04\x01", b"\x10\x04\x04"]


@pytest.mark.parametrize("byte", [0x00, 0xFF, 0x11, 0x13, 0x10, 0x92])
def test_other_bytes_are_no_answers(byte):
    assert not is_answer(byte)


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


MESSAGES: list[tuple[bytes, Heard]] = [
    (b"\x12", Answer(0x12)),
    (b"\x72", Answer(0x72)),
    (b"\x1e", Answer(0x1E)),
    (b"\x14\x00\x00\x0f", AutoStatus(b"\x14\x00\x00\x0f")),
    (b"\x38\x00\x0c\x00", AutoStatus(b"\x38\x00\x0c\x00")),
    (b"\x11", FlowControl(True)),
    (b"\x13", FlowControl(False)),
    (b"\xff", Unknown(0xFF)),
    (b"\x00", InOrder(0x00)),
    (b"\x0f", InOrder(0x0F)),
]


@given(st.lists(st.sampled_from(MESSAGES), max_size=8), st.lists(st.integers(0, 30), max_size=6))
def test_glued_and_cut_messages_are_told_apart(messages, cuts):
    data = b"".join(data for data, _ in messages)
    demultiplexer = Demultiplexer()
    heard = [each for piece in pieces_of(data, cuts) for each in demultiplexer.feed(piece)]
    assert heard == [meaning for _, meaning in messages]


def test_flow_control_inside_automatic_status():
    heard = Demultiplexer().feed(b"\x14\x13\x00\x11\x00\x0f")
    assert heard == [FlowControl(False), FlowControl(True), AutoStatus(b"\x14\x00\x00\x0f")]


def test_a_broken_automatic_status_does_not_swallow_the_answer():
    assert Demultiplexer().feed(b"\x14\x00\x12")[-1] == Answer(0x12)


def test_fuzz_no_bytes_stop_the_demultiplexer():
    demultiplexer = Demultiplexer()

    def one(chance, _):
        for heard in demultiplexer.feed(chance.randbytes(chance.randrange(6))):
            if isinstance(heard, AutoStatus):
                read_auto_status(heard)
            if isinstance(heard, Answer):
                for question in (1, 2, 3, 4):
                    learn(FINE, question, heard.byte)

    fuzz("printer status", one)
    demultiplexer.feed(b"\xff\xff")
    assert demultiplexer.feed(b"\x12") == [Answer(0x12)]
