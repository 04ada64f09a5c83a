"""kill -9 of brokers, headquarters and boxes in mid-flow: nothing is lost, nothing is doubled."""

from pathlib import Path

import pytest

from tests.brokers import mosquitto_binary
from tests.soak import broker


@pytest.mark.parametrize(("kind", "kills"), [("mosquitto", 3), ("nats", 2)])
def test_killed_in_mid_flow_nothing_is_lost_and_nothing_is_doubled(
    kind: str, kills: int, tmp_path: Path
) -> None:
    if kind == "mosquitto" and mosquitto_binary() is None:
        pytest.skip("no mosquitto here (Debian: mosquitto)")
    result = broker.run(tmp_path, kind, kills, seed=20260306)
    assert (result.lost, result.doubled, result.wrong) == ([], [], [])
    assert sum(result.kills.values()) == kills
    assert result.sales > 100, "the kills did not fall into sales"
