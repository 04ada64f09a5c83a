"""What the clerk looks at follows from the config: words, codes of his own, or the customer's."""

import pytest

from daemon.clerkview import Sight, sight
from daemon.config import load
from tests.config.test_config import GOOD

DISPLAY = """
[[devices]]
name = "{name}"
kind = "line_display"
driver = "{driver}"
port = "/dev/serial/by-path/{name}"
role = "{role}"
"""
POLE, LED = ("pole", "cd5220"), ("led", "led8n")


@pytest.mark.parametrize(
    ("displays", "kiosk", "seen"),
    [
        ([], "", Sight.SHARED),
        ([(*LED, "customer")], "", Sight.SHARED),
        ([(*POLE, "customer"), (*LED, "customer")], "", Sight.SHARED),
        ([(*LED, "clerk")], "", Sight.CODES),
        ([(*LED, "clerk"), (*POLE, "customer")], "", Sight.CODES),
        ([(*LED, "customer"), (*POLE, "clerk")], "", Sight.WORDS),
        ([(*LED, "clerk")], '[kiosk]\nfaces = "both"\n', Sight.WORDS),
        ([(*LED, "clerk")], '[kiosk]\nfaces = "customer"\n', Sight.CODES),
    ],
)
def test_the_first_that_there_is(tmp_path, displays, kiosk, seen):
    tables = [DISPLAY.format(name=n, driver=d, role=r) for n, d, r in displays]
    path = tmp_path / "memberbox.toml"
    path.write_text("\n".join([GOOD, kiosk, *tables]), encoding="utf-8")
    assert sight(load(path)) is seen
