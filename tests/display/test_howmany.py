"""A count with its noun: one mistake is no mistakes."""

import pytest

from daemon.display.reports import EN, ZH
from daemon.howmany import HowMany


@pytest.mark.parametrize(
    ("number", "noun", "said"),
    [
        (0, "entry", "0 entries"),
        (1, "entry", "1 entry"),
        (2, "day", "2 days"),
        (1, "MISTAKE", "1 MISTAKE"),
        (3, "MISTAKE", "3 MISTAKES"),
        (2, "box", "2 boxes"),
        (2, "batch", "2 batches"),
    ],
)
def test_a_noun_has_the_form_of_its_number(number, noun, said):
    assert format(HowMany(number), noun) == said


def test_without_a_noun_it_is_its_number():
    assert f"{HowMany(7)} {HowMany(7):3} {HowMany(1200):,}" == "7   7 1,200"


def test_words_that_have_no_such_forms_take_it_too():
    assert EN.sales.format(n=HowMany(1)) == "1 sale"
    assert ZH.sales.format(n=HowMany(1)) == ZH.sales.format(n=1)
