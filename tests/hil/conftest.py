"""Guests for the tests: each test goes on from a saved one, and nothing it does stays."""

import tempfile
from pathlib import Path

import pytest

from tests.hil.counter import Counter
from tests.hil.programs import why_not
from tests.hil.selling import disks, selling

MAKING_S = 1200  # a cold build of everything, on a busy machine; two minutes on a quiet one


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.timeout(MAKING_S))
            item.add_marker(pytest.mark.skipif(why_not() != "", reason=why_not()))


@pytest.fixture(scope="session")
def saved_box():
    """The arm64 guest whose box sells, in a file."""
    return selling()


@pytest.fixture
def counter(saved_box):
    """A counter with its devices, at which nothing was sold yet."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _counter(saved_box, disks(saved_box, Path(folder)))


def _counter(saved, plugged_in):
    with saved.restore(plugged_in) as machine:
        yield Counter(machine)
