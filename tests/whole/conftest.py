"""One live chain for the tests of a file: broker, headquarters, bench and box, all real."""

import pytest

from tests.stage import Stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with Stage(tmp_path_factory.mktemp("stage")) as made:
        made.set_up()
        yield made
