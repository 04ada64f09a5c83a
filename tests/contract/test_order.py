"""What people did first is told first, and nobody waits long for it."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.drivers.order import HOLD_S, READING_S_MAX, Order
from daemon.events import (
    CardSwiped,
    CodeScanned,
    DeviceChanged,
    DeviceKind,
    DeviceState,
    KeyPressed,
)
from tests.contract.counter import counter, until
from tests.contract.rigs import RIGS
from tests.hardware_sim.wedges import Wedge

CARD, TEXT = CardSwiped("8800000000018"), ";8800000000018=?\r"


class Loop(asyncio.SelectorEventLoop):
    """A loop whose clock a test sets."""

    now_s = 100.0

    def time(self) -> float:
        return self.now_s

    def pass_s(self, seconds: float) -> None:
        self.now_s += seconds
        self.call_soon(self.stop)
        self.run_forever()


def played(steps):
    """Play (seconds, device, what) where what is begin, end or an event; return what was told."""
    loop, told = Loop(), []
    asyncio.set_event_loop(loop)

    async def make():
        return Order(lambda name, event: told.append((round(loop.now_s - 100, 3), name, event)))

    order = loop.run_until_complete(make())

    async def step(name, what):
        if what in ("begin", "end"):
            order.reading(name, open_=what == "begin")
        else:
            order.emit(name, what)

    for seconds, name, what in steps:
        loop.pass_s(seconds)
        loop.run_until_complete(step(name, what))
    loop.pass_s(HOLD_S)
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    return told


def test_a_key_after_a_swipe_waits_for_the_card_and_not_longer():
    key = KeyPressed("ENTER")
    told = played(
        [(0, "swiper", "begin"), (0.05, "keypad", key), (0.06, "swiper", CARD), (0, "x", "end")]
    )
    assert told == [(0.11, "swiper", CARD), (0.11, "keypad", key)]


def test_a_key_before_a_swipe_waits_for_nothing():
    key = KeyPressed("1")
    assert played([(0, "keypad", key), (0.01, "swiper", "begin")]) == [(0.0, "keypad", key)]


def test_a_reading_that_never_ends_delays_by_the_gap_at_most_and_then_not_at_all():
    keys = [KeyPressed(key) for key in "123"]
    told = played(
        [
            (0, "swiper", "begin"),
            (0.02, "keypad", keys[0]),
            (HOLD_S, "pole", "end"),
            (READING_S_MAX, "keypad", keys[1]),
            (0, "keypad", keys[2]),
        ]
    )
    assert [(name, event) for _, name, event in told] == [("keypad", key) for key in keys]
    assert told[0][0] <= 0.02 + HOLD_S + 0.001
    assert told[1][0] == told[2][0] == round(0.02 + HOLD_S + READING_S_MAX, 3)


def test_a_reading_that_was_nothing_lets_go_of_what_waited():
    key = KeyPressed("1")
    told = played([(0, "swiper", "begin"), (0.01, "keypad", key), (0.01, "swiper", "end")])
    assert told == [(0.02, "keypad", key)]


def test_two_readings_are_told_in_the_order_in_which_they_began():
    code = CodeScanned("6901234100013")
    told = played(
        [(0, "swiper", "begin"), (0.02, "scan", "begin"), (0.03, "scan", code), (0, "swiper", CARD)]
    )
    assert [event for _, _, event in told] == [CARD, code]


def test_states_of_devices_wait_for_nothing():
    changed = DeviceChanged("pole", DeviceKind.LINE_DISPLAY, DeviceState.ONLINE, "")
    assert played([(0, "swiper", "begin"), (0, "pole", changed)]) == [(0.0, "pole", changed)]


STEPS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.01, 0.12, 2.0]),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["begin", "end", "event"]),
    ),
    max_size=30,
)


JUMP_S = 2.0  # the longest step of the test's own clock: what is due in it is told at its end


@settings(deadline=None, max_examples=60)
@given(STEPS)
def test_nothing_is_lost_or_doubled_nor_late_nor_out_of_its_devices_order(steps):
    made_s: list[float] = []
    script, now_s = [], 0.0
    for seconds, name, what in steps:
        now_s += seconds
        script.append((seconds, name, KeyPressed(str(len(made_s))) if what == "event" else what))
        if what == "event":
            made_s.append(now_s)
    told = [(at_s, name, int(event.key)) for at_s, name, event in played(script)]
    assert sorted(number for _, _, number in told) == list(range(len(made_s)))
    for device in "abc":
        numbers = [number for _, name, number in told if name == device]
        assert numbers == sorted(numbers)
    for at_s, _, number in told:
        assert at_s <= made_s[number] + HOLD_S + JUMP_S + 0.001


@pytest.mark.parametrize("rig", ["swiper", "swiper_serial"])
def test_enter_pressed_right_after_a_swipe_comes_after_the_card(rig, tmp_path):
    """Real drivers, real pipes: the swipe ends by its gap, the key was pressed before that."""

    async def scenario():
        (tmp_path / "k").mkdir()
        swiper, keypad = RIGS[rig].make(tmp_path), Wedge("k", "keypad", tmp_path / "k" / "w")
        swiper.start()
        keypad.start()
        configs = (
            replace(RIGS[rig].config(swiper), name="swiper"),
            replace(RIGS["keypad"].config(keypad), name="keypad"),
        )
        async with counter(*configs) as box:
            await box.online("swiper")
            await box.online("keypad")
            for _ in range(3):
                box.told.clear()
                swipe = asyncio.create_task(swiped(swiper))
                await asyncio.sleep(0.03)
                await keypad.press(["1", "ENTER"])
                await until(lambda: len(box.events) == 3)
                assert box.events == [CARD, KeyPressed("1"), KeyPressed("ENTER")]
                await swipe
                await asyncio.sleep(0.1)
        swiper.stop()
        keypad.stop()

    asyncio.run(scenario())


async def swiped(swiper):
    if isinstance(swiper, Wedge):
        await swiper.type_text(TEXT)
    else:
        swiper._send(b";8800000000018=?")  # without ETX: the gap ends the frame
