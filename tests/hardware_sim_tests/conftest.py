"""One bench for each file of tests; faults are cleared between tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hardware_sim_tests.outside import BenchProcess

DEVICES = (
    *("swiper", "scanner", "keypad", "swiper_serial", "pole", "clerk", "led"),
    *("printer", "printer_serial"),
)


@pytest.fixture(scope="module")
def one_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BenchProcess]:
    folder: Path = tmp_path_factory.mktemp("b")
    bench = BenchProcess(folder)
    yield bench
    assert bench.close() == 0


@pytest.fixture
def bench(one_bench: BenchProcess) -> BenchProcess:
    for device in DEVICES:
        one_bench.fault(device, "clear")
    one_bench.ask("tear")
    return one_bench
