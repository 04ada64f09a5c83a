"""A clerk without a display: what a screen would show him lies on paper, once."""

from daemon.counter.codes import Ask
from daemon.counter.effects import Listing, Print
from daemon.counter.patience import HESITATES_MS
from daemon.counter.states import Asking
from daemon.display.listing import listing_slip
from daemon.paper import Text
from tests.counter.clerk import Clerk
from tests.counter.demo import DemoShop

WANG, CREAM, SOAP = "8800000000018", "6901234100044", "6901234100013"


def blind() -> Clerk:
    return Clerk(DemoShop(reads=False))


def lists(clerk: Clerk) -> list[Listing]:
    """Return what came out of the printer since the last asking."""
    return [one.listing for one in clerk.took() if isinstance(one, Print) and one.listing]


def words(listing: Listing, language: str = "zh_CN") -> str:
    paper = listing_slip(listing, language, 32)
    return "\n".join(block.text for block in paper if isinstance(block, Text))


def test_what_stands_beside_a_question_in_words_is_printed() -> None:
    clerk = blind()
    clerk.keys("/5")
    clerk.swipes(WANG)
    (listing,) = lists(clerk)
    assert listing.ask is Ask.CARD_SERVICE and "王**" in words(listing)
    assert "Member" in words(listing, "en")


def test_a_figure_is_read_on_the_led_and_needs_no_paper() -> None:
    clerk = blind()
    clerk.keys("/6 4 4 ENTER")
    state = clerk.counter.state
    assert isinstance(state, Asking) and dict(state.question.values)["stock"]
    assert lists(clerk) == []


def test_the_same_list_is_not_printed_again() -> None:
    clerk = blind()
    clerk.scans(CREAM, SOAP)
    clerk.keys("ENTER ENTER")
    clerk.took()
    clerk.keys("/3 1 ENTER")
    assert len(lists(clerk)) == 1
    clerk.keys("1 ENTER")
    state = clerk.counter.state
    assert isinstance(state, Asking) and state.question.ask is Ask.BACK_LINE
    assert lists(clerk) == []
    clerk.keys(".")
    assert len(lists(clerk)) == 1, "who has lost it asks for it"


def test_who_hesitates_at_a_choice_gets_it_on_paper_once() -> None:
    clerk = blind()
    clerk.keys("/7")
    clerk.waits(HESITATES_MS - 1)
    assert lists(clerk) == []
    clerk.waits(1)
    (listing,) = lists(clerk)
    assert "2 交班" in words(listing)
    clerk.waits(HESITATES_MS)
    assert lists(clerk) == []


def test_who_has_a_display_hesitates_without_paper() -> None:
    clerk = Clerk()
    clerk.keys("/7")
    clerk.waits(HESITATES_MS)
    assert lists(clerk) == []
