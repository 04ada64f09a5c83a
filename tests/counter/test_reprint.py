"""Papers again (`/8`), and what members ask: why so many points, and what became of them."""

from daemon.counter.effects import DocumentKind, Print
from daemon.counter.screens import RefusalShown
from daemon.ledger.ids import id_of
from tests.counter.clerk import Clerk
from tests.counter.test_day import CREAM


def printed(clerk: Clerk) -> list[Print]:
    return [effect for effect in clerk.took() if isinstance(effect, Print)]


def sold(card: str = "8800000000018") -> tuple[Clerk, str]:
    clerk = Clerk()
    clerk.swipes(card)
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER")
    clerk.took()
    return clerk, id_of(clerk.shop.journal[-1].entry)


def test_why_so_many_points_is_answered_for_the_last_receipt_or_a_number() -> None:
    clerk, sale = sold()
    clerk.keys("/8 * ENTER")
    assert printed(clerk) == [Print(DocumentKind.EXPLAINED, about=sale)]
    clerk.keys(f"/8 * {sale.rsplit(':')[-1]} ENTER")
    assert printed(clerk) == [Print(DocumentKind.EXPLAINED, about=sale)]
    clerk.keys("/8 * 99999 ENTER")
    assert clerk.sees(RefusalShown).code == "E34" and printed(clerk) == []


def test_a_cards_points_of_the_year_are_told_by_card_or_phone_and_to_no_stranger() -> None:
    clerk, _ = sold()
    clerk.keys("/8 + 13800000001 ENTER")
    assert printed(clerk) == [Print(DocumentKind.STATEMENT, about="M1")]
    clerk.keys("/8 +")
    clerk.swipes("8800000000018")
    assert printed(clerk) == [Print(DocumentKind.STATEMENT, about="M1")]
    clerk.keys("/8 + 13999999999 ENTER")
    assert clerk.sees(RefusalShown).code == "E23" and printed(clerk) == []
