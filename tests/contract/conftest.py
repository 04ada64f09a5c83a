"""`pytest tests/contract --bench FILE`: the same promises, kept by real devices."""

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bench",
        metavar="FILE",
        type=Path,
        default=None,
        help="a memberbox.toml whose devices are plugged in here (memberbox suggest)",
    )
