"""What nobody keyed: the clock that nobody vouches for, the printer's trouble; a second person."""

import pytest
from msgspec.structs import replace

from daemon.clock import ClockState
from daemon.counter.codes import Code
from daemon.counter.effects import Beep, Sound
from daemon.counter.patience import REFUSAL_MS
from daemon.counter.screens import Idle, RefusalShown, Step
from daemon.counter.states import Keying
from daemon.events import DeviceChanged, DeviceKind, DeviceState
from daemon.ledger.records import At
from tests.counter.clerk import Clerk
from tests.counter.demo import DemoShop

CREAM = "6901234100044"


class Untimed(DemoShop):
    """A shop whose clock is what the test says."""

    clock: ClockState = ClockState.ESTIMATED

    def at(self) -> At:
        return replace(super().at(), clock=self.clock)


@pytest.mark.parametrize("state", [ClockState.ESTIMATED, ClockState.UNKNOWN])
def test_a_clock_that_nobody_vouches_for_is_told_once_to_the_clerk_alone(
    state: ClockState,
) -> None:
    shop = Untimed()
    shop.clock = state
    clerk = Clerk(shop)
    clerk.waits(1000)
    assert clerk.sees_refusal(Code.CLOCK) and clerk.tells(Idle)
    assert Sound(Beep.ATTENTION) in clerk.took()
    clerk.waits(REFUSAL_MS - 1)
    assert clerk.sees_refusal(Code.CLOCK), "long enough to be read"
    clerk.waits(1)
    for _ in range(60):
        clerk.waits(1000)
        assert clerk.sees(Idle)


def test_it_holds_no_sale_up_and_comes_again_when_the_time_is_lost_again() -> None:
    shop = Untimed()
    clerk = Clerk(shop)
    clerk.waits(1000)
    clerk.scans(CREAM)
    assert isinstance(clerk.counter.state, Keying), "the next input means what it meant"
    clerk.waits(1000)
    assert isinstance(clerk.counter.state, Keying)
    clerk.keys("CLEAR CLEAR")
    shop.clock = ClockState.SYNCED
    clerk.waits(1000)
    assert clerk.sees(Idle)
    shop.clock = ClockState.ESTIMATED
    clerk.waits(1000)
    assert clerk.sees_refusal(Code.CLOCK)


def test_who_is_typing_is_not_told_in_the_middle() -> None:
    clerk = Clerk(Untimed())
    clerk.keys("1")
    clerk.waits(1000)
    assert clerk.sees(Step).typed == "1"


def test_a_clock_that_is_right_is_no_news() -> None:
    clerk = Clerk()
    clerk.waits(1000)
    assert clerk.sees(Idle)


def test_the_printers_trouble_stays_long_enough_to_be_read() -> None:
    clerk = Clerk()
    clerk.waits(3_600_000)
    clerk.does(DeviceChanged("p", DeviceKind.RECEIPT_PRINTER, DeviceState.OFFLINE, "open"))
    clerk.waits(REFUSAL_MS - 1)
    assert clerk.sees(RefusalShown).code == Code.PRINTER
    clerk.waits(1)
    assert clerk.sees(Idle)


# -- a second person is another person -------------------------------------------------------------

WITHOUT_RECEIPT = "/3 * 4 ENTER 16 ENTER ENTER 2"


@pytest.mark.parametrize(
    ("signed_on", "named", "code"),
    [
        ("02", "01", ""),
        ("01", "01", Code.MANAGER),
        ("", "01", Code.NOBODY_ON),
        ("02", "03", Code.MANAGER),
    ],
)
def test_a_manager_allows_nothing_to_himself(signed_on: str, named: str, code: str) -> None:
    shop = DemoShop()
    assert shop.shift is not None
    shop.shift = replace(shop.shift, operator=signed_on) if signed_on else None
    clerk = Clerk(shop)
    clerk.keys(f"{WITHOUT_RECEIPT} {named} ENTER")
    assert clerk.sees_refusal(code) if code else clerk.sees(Step).asks == "manager_pin"
