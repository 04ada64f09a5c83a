"""The power goes in the middle of sales: nothing that was told is lost. See power.py.

A few cuts, one of the two controls, one image booted; `make power-cuts` does it by hundreds.
"""

import pytest

from tests.hil.power import HONEST, NO_SYNC, live, start_again
from tests.hil.power_left import among_sales, anywhere, judge

pytestmark = pytest.mark.hil

CUTS, CONTROL_CUTS = 20, 8
SALES, CONTROL_SALES = 10, 4
SEED = 20260306


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("power")


@pytest.fixture(scope="module")
def lived(folder):
    return live(folder, {HONEST: SALES, NO_SYNC: CONTROL_SALES})


def test_no_cut_takes_a_sale_that_was_told(lived, folder):
    verdict = judge(lived[0], anywhere(lived[0], CUTS, SEED), SEED)
    assert (verdict.lost, verdict.doubled, verdict.damaged) == ([], [], [])
    assert verdict.told > CUTS, "the cuts did not fall into sales"
    assert start_again(folder, verdict.images[-1:]) == []


def test_a_box_that_does_not_flush_is_caught(lived):
    verdict = judge(lived[1], among_sales(lived[1], CONTROL_CUTS, SEED), SEED)
    assert verdict.lost
