"""The part of the demo shop's day that the box can live through now, act by act.

An act presses keys, swipes and scans at the bench, and says what a person should then see: on the
customer's pole, on paper. `Act.wants` are texts that must stand there; the demo shows them, and
`demo-once` fails when one is missing.
"""

from dataclasses import dataclass, field
from typing import Literal

Gesture = tuple[Literal["keys", "swipe", "scan", "bank_swipe"], str]

CARD_M1 = "8800000000018"
CARD_M2 = "8800000000025"
CARD_M7 = "8800000000070"
CARD_LOST = "8800000000056"
CARD_BLANK = "8800000001015"
CARD_BLANK_FEE = "8800000001022"
TEST_BANK_CARD = "%B4111111111111111^TEST/CARD^3012101?;4111111111111111=3012101?"


@dataclass(frozen=True, slots=True)
class Act:
    at: str  # the hour of the worked day that it plays
    title: str
    gestures: tuple[Gesture, ...]
    paper: tuple[str, ...] = ()  # must stand on the one new receipt; empty: nothing is printed
    pole: tuple[str, ...] = ()  # must stand on the customer's display, now or in a moment
    clerk: tuple[str, ...] = ()  # must stand on the clerk's display
    says: str = field(default="")  # what a person may learn from it


def keys(*pressed: str) -> Gesture:
    return ("keys", " ".join(pressed))


ACTS: tuple[Act, ...] = (
    Act(
        at="10:15",
        title="a stranger buys two things for cash",
        gestures=(
            ("scan", "6901234100013"),
            ("scan", "6901234100044"),
            keys("ENTER"),
            keys("200", "ENTER"),
        ),
        paper=("保湿洁面乳", "保湿面霜", "188.00", "12.00"),
        pole=("CHG 12.00",),
        says="The scanner reads barcodes; 200 ENTER is cash given.",
    ),
    Act(
        at="10:17",
        title="the purchase makes her a member",
        gestures=(
            keys("/2"),
            ("swipe", CARD_BLANK),
            keys("2"),
            keys("13800000007", "ENTER"),
            keys("0007", "ENTER"),
            keys("1", "ENTER"),
            keys("0", "ENTER"),
        ),
        paper=("入会登记单", "1015", "100"),
        says="Over 150 yuan in one receipt: no fee, 100 points, four welcome items.",
    ),
    Act(
        at="10:40",
        title="member 王** buys at four kinds of price",
        gestures=(
            ("swipe", CARD_M1),
            ("scan", "6901234100044"),
            ("scan", "6901234100013"),
            keys("16", "ENTER"),
            ("scan", "6901234100150"),
            keys("ENTER"),
            keys("230", "ENTER"),
        ),
        paper=("王**", "0018", "227.90", "230.00", "2.10", "34.10", "本次积分", "+188", "808"),
        pole=("CHG 2.10",),
        says="Member price, and the hand cream for 9.90 since 188 yuan were bought at full price.",
    ),
    Act(
        at="11:05",
        title="王** only asks what she has",
        gestures=(("swipe", CARD_M1),),
        pole=("808",),
        says="A swipe with nothing scanned is an inquiry.",
    ),
    Act(
        at="11:40",
        title="another joins by paying the yearly fee",
        gestures=(
            keys("CLEAR", "CLEAR"),
            keys("/2"),
            ("swipe", CARD_BLANK_FEE),
            keys("1"),
            keys("13800000009", "ENTER"),
            keys("0009", "ENTER"),
            keys("1", "ENTER"),
            keys("1", "ENTER"),
            keys("50", "ENTER"),
        ),
        paper=("入会登记单", "1022", "48.00", "2.00"),
        says="The fee is a line of its own in the books, apart from goods.",
    ),
    Act(
        at="12:05",
        title="林* pays by phone; guide 03 served her, 02 stands at the till",
        gestures=(
            keys("*3", "ENTER"),
            keys("11", "ENTER"),
            ("swipe", CARD_M2),
            keys("ENTER"),
            keys("*2"),
        ),
        paper=("林*", "89.00", "微信", "+89", "901"),
        says="*2 is WeChat for the whole rest.",
    ),
    Act(
        at="14:05",
        title="a member without her card, and soap from the scale",
        gestures=(
            keys("2*"),
            keys("18", "ENTER"),
            ("scan", "2100020012637"),
            keys("13800000003", "ENTER"),
            keys("ENTER"),
            keys("50", "ENTER"),
        ),
        paper=("0032", "32.40", "17.60", "+32"),
        says="Found by phone; cash is rounded down to a jiao, never up.",
    ),
    Act(
        at="19:20",
        title="a lost card is refused",
        gestures=(("swipe", CARD_LOST),),
        clerk=("E03",),
        pole=("PLEASE WAIT",),
        says="The customer's display never says why.",
    ),
    Act(
        at="19:22",
        title="a bank card in the member swiper is refused, and leaves no trace",
        gestures=(keys("CLEAR", "CLEAR"), ("bank_swipe", TEST_BANK_CARD)),
        clerk=("E02",),
        says="No byte of it reaches disk, log or wire.",
    ),
)
