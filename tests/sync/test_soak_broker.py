"""kill -9 of brokers, headquarters and boxes in mid-flow: nothing is lost, nothing is doubled."""

from pathlib import Path

import pytest

from tests.brokers import mosquitto_binary
from tests.postgres import binaries
from tests.soak import broker


@pytest.mark.parametrize(
    ("kind", "kills", "seed"),
    [
        ("mosquitto", 3, 20260306),
        ("nats", 2, 20260306),
        ("nats and postgresql", 4, 20260311),  # one of each falls
    ],
)
def test_killed_in_mid_flow_nothing_is_lost_and_nothing_is_doubled(
    kind: str, kills: int, seed: int, tmp_path: Path
) -> None:
    if kind == "mosquitto" and mosquitto_binary() is None:
        pytest.skip("no mosquitto here (Debian: mosquitto)")
    if "postgresql" in kind and binaries() is None:
        pytest.skip("no PostgreSQL here (Debian: postgresql)")
    result = broker.run(tmp_path, kind, kills, seed=seed)
    assert (result.lost, result.doubled, result.wrong) == ([], [], [])
    if kind == "nats and postgresql":
        assert set(result.kills) == {"postgresql", "box", "headquarters", "nats"}
    assert sum(result.kills.values()) == kills
    assert result.sales > 100, "the kills did not fall into sales"
