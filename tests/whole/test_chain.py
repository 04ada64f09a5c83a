"""Two real shops and headquarters: what the demo shows of an evening, with nothing missing."""

from pathlib import Path

import pytest

from tests.demo.chain import close_second, open_second, play_chain
from tests.demo.day import ACTS
from tests.demo.play import play
from tests.stage import Stage

HANGS_S = 480  # a quiet machine plays it in half a minute; a loaded one must not be called hung
JOINED = 2  # the second act makes the member whom the evening is about


@pytest.mark.timeout(HANGS_S)
def test_value_is_spent_elsewhere_never_twice_and_packs_and_sticks_go_round(tmp_path: Path):
    with Stage(tmp_path) as stage:
        stage.set_up()
        for act in ACTS[:JOINED]:
            assert play(stage, act).missing == ()
        chain = open_second(stage, str(stage.hq("status")["key"]))
        try:
            shop = chain.second
            shop.until(lambda: bool(shop.box("status").get("pack")), "the second shop's rules")
            told = list(play_chain(chain))
        finally:
            close_second(chain)
        missing = [text for said in told if isinstance(said, list) for text in said]
        assert missing == []
        assert stage.hq("cases")["cases"] == []
