"""kill -9 of the real box in the middle of sales: what a receipt said is what the journal holds."""

import pytest

from tests.soak import kill
from tests.stage import Stage

KILLS = 50


@pytest.mark.timeout(600)  # fifty starts, on a machine that may have other work
def test_fifty_kills_lose_and_double_nothing(stage: Stage):
    result = kill.run(stage, KILLS, seed=20260306)
    assert (result.lost, result.doubled, result.wrong, result.unprinted) == ([], [], [], [])
    assert result.proof["ok"], result.proof
    assert result.sales > KILLS, "the kills did not fall into sales"
