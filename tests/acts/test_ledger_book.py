"""docs/LEDGER.md tells the truth: every kind has an example, and the books make it so today."""

import pytest

from daemon.ledger.codec import decode, encode
from daemon.ledger.kinds import Kind
from daemon.ledger.posting import HELD_ACCOUNTS
from daemon.ledger.records import Entry
from tests.acts.worked import BLOCK, DOCUMENT, SALE_THAT_LENT, entries, rewritten

Worked = dict[str, Entry]


@pytest.fixture(scope="module")
def worked() -> Worked:
    return entries()


def test_the_examples_are_what_the_books_make(worked: Worked) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert rewritten(text, worked) == text, "python -m tests.acts.worked writes them anew"


def test_every_kind_has_an_example(worked: Worked) -> None:
    shown = [found[1] for found in BLOCK.finditer(DOCUMENT.read_text(encoding="utf-8"))]
    wanted = {*Kind, SALE_THAT_LENT}
    assert sorted(shown) == sorted(wanted)
    assert set(worked) == wanted


def test_every_example_balances_and_holds_in_lots_what_is_somebodys(worked: Worked) -> None:
    for kind, entry in worked.items():
        sums: dict[str, int] = {}
        for posting in entry.postings:
            sums[posting.unit] = sums.get(posting.unit, 0) + posting.amount
            assert posting.lot or not posting.account.startswith(HELD_ACCOUNTS), (kind, posting)
            assert posting.amount, kind
        assert not any(sums.values()), (kind, sums)


def test_every_example_is_an_entry_that_can_be_read_again(worked: Worked) -> None:
    for entry in worked.values():
        assert decode(encode(entry)) == entry


def test_the_statements_are_balances_of_these_accounts(worked: Worked) -> None:
    """The signs that the document explains: money and goods plus, income and debts minus."""
    topup = {one.account: one.amount for one in worked[Kind.TOPUP].postings}
    assert topup["tender:wechat"] > 0 > topup["owed:value"]
    sale = {one.account: one.amount for one in worked[Kind.SALE].postings}
    assert sale["cash:drawer"] > 0 > sale["sales:goods"]
    assert sale["commission:02"] < 0 < sale["commission-cost"]
    short = {one.account: one.amount for one in worked[Kind.SHIFT_CLOSED].postings}
    assert short["over:cash"] == 50
